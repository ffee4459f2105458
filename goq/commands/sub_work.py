"""What is to be run: one command, a list of them, or one command for each item of an array."""

import os

from msgspec import Struct

from goq.adapters.files.linelist import LineList
from goq.commands.command_lines import command_of, commands_in, read_lines
from goq.commands.sub_options import PIPE, Options
from goq.core.values.ids import Argv
from goq.core.values.items import BadItems, EachLine, Items, array_of, check
from goq.errors import BadCommand

LINES_FROM = "lines@"
NO_COMMAND = Argv(b"")


class Work(Struct, frozen=True):
    """The command of all jobs, with their items or lines; `at_once` of them may run at a time, 0 for all."""

    argv: Argv
    lines: LineList
    items: Items | None = None
    at_once: int = 0

    @property
    def count(self) -> int:
        """How many jobs that makes."""
        if self.lines.count:
            return self.lines.count
        return 1 if self.items is None else len(self.items)  # type: ignore[arg-type]  # lines, or numbers


def work_of(words: tuple[str, ...], options: Options, *, is_script: bool) -> Work:
    """What the words and options say. Raises BadCommand."""
    if words[0] == LINES_FROM and not is_script:
        return _list(words[1:], options)
    argv = command_of(words, by_shell=options.by_shell)
    if options.array is not None and options.each is not None:
        raise BadCommand(
            "--array and --each are two ways to say what differs; choose one. Nothing was queued."
        )
    if options.each is not None:
        return _each(options.each, argv, options)
    if options.placeholder is not None or options.colsep is not None:
        raise BadCommand("--placeholder and --colsep are for lines; say: goq sub --each FILE COMMAND {}")
    if options.array is None:
        return Work(argv, LineList())
    try:
        numbers, at_once = array_of(options.array)
    except BadItems as error:
        raise BadCommand(f"--array: {error}. Nothing was queued.") from error
    return Work(argv, LineList(), numbers, at_once)


def _list(files: tuple[str, ...], options: Options) -> Work:
    if options.array is not None or options.each is not None:
        raise BadCommand(
            "lines@ makes a job of each line already; leave --array and --each. Nothing was queued."
        )
    if options.is_piped and files == (PIPE,):
        raise BadCommand("-i - and lines@ - read the same pipe; name a file for one. Nothing was queued.")
    commands = commands_in(files, by_shell=options.by_shell)
    if commands.count > 1:
        return Work(NO_COMMAND, commands)
    _, (only,) = commands.piece(0)
    return Work(Argv(only), LineList())


def _each(name: str, argv: Argv, options: Options) -> Work:
    try:
        each = EachLine(options.placeholder or "{}", options.colsep or "", for_shell=options.by_shell)
    except BadItems as error:
        raise BadCommand(f"--each: {error}. Nothing was queued.") from error
    lines = LineList()
    for number, line in read_lines(name):
        if not line.strip():
            continue
        try:
            check(argv, line, each)
        except BadItems as error:
            raise BadCommand(f"{name}, line {number}: {error}. Nothing was queued.") from error
        lines.append(line)
    if not lines.count:
        raise BadCommand(f"--each {os.fspath(name)}: there is no line in it. Nothing was queued.")
    return Work(argv, lines, each)
