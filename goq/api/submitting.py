"""A submission as it travels, of what a program says."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from goq.adapters.files.linelist import LineList
from goq.api.options import SubmitOptions, require_known, terms_of, wishes_of
from goq.api.parcel import Array, Command, Lines, Packer, Parcel, Word
from goq.api.place import current_umask, folder_of
from goq.api.variables import environment_of
from goq.core.messages import Submit
from goq.core.values.blobs import BLOB_LIMIT, blob_of
from goq.core.values.ids import Argv, join_argv
from goq.core.values.items import BadItems, EachLine, Items, array_of, check
from goq.core.values.named import check_names, names_any
from goq.core.values.templates import BadTemplate
from goq.errors import BadCommand

NO_COMMAND = Argv(b"")


def parcel_of(
    packer: Packer, command: Command, array: Array | None, each: Lines | None, options: SubmitOptions
) -> Parcel:
    """One command, or one for each number or line. Raises BadCommand."""
    text = options.get("script", b"")
    script = text.encode() if isinstance(text, str) else text
    argv = argv_of([*(["script"] if script else []), *_words(command, options)])
    items, lines, at_once = _items(argv, array, each, for_shell=options.get("shell", False))
    parcel = _parcel(packer, argv, lines, options)
    parcel.shared = replace(
        parcel.shared,
        items=items,
        terms=replace(parcel.shared.terms, at_once=at_once),
        script=blob_of(script),
    )
    parcel.luggage = {
        blob: data for blob, data in ((parcel.shared.script, script), *parcel.luggage.items()) if blob
    }
    return _checked(parcel)


def parcel_of_commands(packer: Packer, commands: Iterable[Command], options: SubmitOptions) -> Parcel:
    """A job for each command. Raises BadCommand."""
    lines = LineList(argv_of(_words(command, options)) for command in commands)
    if not lines.count:
        raise BadCommand("no commands are there to be submitted")
    if lines.count > 1:
        return _checked(_parcel(packer, NO_COMMAND, lines, options))
    _, (only,) = lines.piece(0)
    return _checked(_parcel(packer, Argv(only), LineList(), options))


def _parcel(packer: Packer, argv: Argv, lines: LineList, options: SubmitOptions) -> Parcel:
    require_known(options, SubmitOptions)
    _, terms = terms_of(options)
    folder, physical = folder_of(options.get("folder"))
    settings = tuple(f"{name}={value}" for name, value in options.get("env", {}).items())
    environment = environment_of(packer.secret, settings, is_clean=options.get("clean_env"))
    data = options.get("input", b"")
    if len(data) > BLOB_LIMIT:
        raise BadCommand(
            f"input: {len(data)} bytes are more than {BLOB_LIMIT}; put them into a file, for stdin"
        )
    shared = Submit(
        argv,
        folder,
        environment,
        packer.submitter,
        replace(terms, umask=current_umask()),
        physical,
        wishes=wishes_of(options),
        stdin=blob_of(data),
    )
    return Parcel(shared, lines, {shared.stdin: data} if data else {})


def _checked(parcel: Parcel) -> Parcel:
    terms, count = parcel.shared.terms, parcel.count
    if terms.unique and count > 1:
        raise BadCommand("unique is for one job, and these are several; nothing was submitted")
    if names_any(terms):
        try:
            check_names(terms, count)
        except BadTemplate as error:
            raise BadCommand(f"{error}; nothing was submitted") from error
    parcel.check()
    return parcel


def _items(
    argv: Argv, array: Array | None, each: Lines | None, *, for_shell: bool
) -> tuple[Items | None, LineList, int]:
    """What makes several jobs of the command, and how many of them may run at a time, 0 for all."""
    if array is not None and each is not None:
        raise BadCommand("array and each are two ways to say what differs; choose one")
    try:
        if array is not None:
            numbers, at_once = array_of(_ranges(array) if isinstance(array, range) else array)
            return numbers, LineList(), at_once
        if each is None:
            return None, LineList(), 0
        columns = EachLine("{}", "", for_shell=for_shell)
        lines = LineList(line if isinstance(line, bytes) else os.fsencode(line) for line in each)
        for number in range(lines.pieces):
            for line in lines.piece(number)[1]:
                check(argv, line, columns)
    except BadItems as error:
        raise BadCommand(f"{error}; nothing was submitted") from error
    if not lines.count:
        raise BadCommand("each: there is no line in it; nothing was submitted")
    return columns, lines, 0


def _ranges(array: range) -> str:
    if not array:
        raise BadCommand("array: that range is empty; nothing was submitted")
    numbers = array if array.step > 0 else array[::-1]
    return f"{numbers[0]}-{numbers[-1]}:{numbers.step}"


def _words(command: Command, options: Mapping[str, Any]) -> list[Word]:
    by_shell = options.get("shell", False)
    if isinstance(command, str) and by_shell:
        return ["bash" if _is_here("bash") else "sh", "-c", command]
    if isinstance(command, str | bytes) or by_shell:
        raise BadCommand(
            "a command is a list of words, as ['./sim', '--seed', '7'], or one text with shell=True"
        )
    return list(command)


def argv_of(words: Sequence[Word]) -> Argv:
    """Words as they travel. Raises BadCommand."""
    encoded = [os.fsencode(word) for word in words]
    if not encoded or not encoded[0]:
        raise BadCommand(
            "cowardly refusing to submit an empty job; say what to run, as ['./sim', '--seed', '7']"
        )
    argv = join_argv(encoded)
    if argv.count(b"\0") >= len(encoded):
        raise BadCommand("the command holds a NUL byte, which no program can be given")
    return argv


def _is_here(program: str) -> bool:
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in os.get_exec_path())
