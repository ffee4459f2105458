"""The manual pages, made of the commands themselves, so that they cannot lag: roff as man(7) has it."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc

import click

from goq import __version__
from goq.commands.overview import Group
from goq.errors import BadCommand

_VERBATIM = "\b"  # click's mark of a paragraph whose lines stay as they are
_HEADING = re.compile(r"([A-Z][a-z]+):\Z").fullmatch
_ABOUT = """\
goq keeps a queue of commands and runs them on the machines of a small cluster. Every command has a page of its own, as
goq-sub(1), and tells of itself with '-h'. Settings are GOQ_* variables and lines of ~/.config/goq/config.toml; 'goq config'
shows them.
"""


class Manual:
    """The pages of a program with these commands, a group of them a section of the first page."""

    def __init__(self, cli: click.Group, groups: Mapping[str, Group]) -> None:
        self._cli, self._groups = cli, groups
        self._about = {name: text for group in groups.values() for name, (_, text) in group.items()}
        self._context = click.Context(cli, info_name="goq", **cli.context_settings)

    def page(self, name: str) -> str:
        """The page of a command, or for "" that of goq itself. Raises BadCommand when there is no such command."""
        if name and name not in self._about:
            raise BadCommand(f"there is no command '{name}', so it has no page; goq -h shows all commands")
        return "\n".join(self._of_command(name) if name else self._of_goq()) + "\n"

    def pages(self) -> Iterator[tuple[str, str]]:
        """The file name and the text of every page."""
        yield "goq.1", self.page("")
        for name in self._about:
            yield f"goq-{name}.1", self.page(name)

    def _of_goq(self) -> Iterator[str]:
        yield from _head("goq", "a queue and job manager for a small cluster")
        yield from (".SH SYNOPSIS", ".B goq", r"[\fIOPTION\fR]... \fICOMMAND\fR [\fIARGUMENT\fR]...")
        yield from (".SH DESCRIPTION", *_text(_ABOUT), ".SH COMMANDS")
        for title, group in self._groups.items():
            yield f'.SS "{_escaped(title)}"'
            for name, (_, text) in group.items():
                yield from (".TP", rf"\fBgoq\-{_escaped(name)}\fR(1)", _line(text))
        yield from (".SH OPTIONS", *_options(self._cli, self._context))

    def _of_command(self, name: str) -> Iterator[str]:
        command = self._cli.get_command(self._context, name)
        if command is None:
            raise AssertionError(f"{name} is in a group, and no command")
        context = click.Context(command, info_name=name, parent=self._context)
        words = " ".join(command.collect_usage_pieces(context))
        yield from _head(f"goq-{name}", self._about[name])
        yield from (".SH SYNOPSIS", rf".B goq {_escaped(name)}", _line(words))
        yield from (".SH DESCRIPTION", *_text(cleandoc(command.help or "")))
        yield from (".SH OPTIONS", *_options(command, context))
        yield from (".SH SEE ALSO", ".BR goq (1)")


def show(manual: Manual, words: list[str]) -> int:
    """`goq --man [COMMAND]`: on a terminal by man(1), else as it is; the exit code. Raises BadCommand."""
    if len(words) > 1:
        raise BadCommand("one page at a time: goq --man [COMMAND]")
    page = manual.page(*words or [""])
    if not sys.stdout.isatty():
        click.echo(page, nl=False)
        return 0
    reader = os.memfd_create("goq.1")
    os.write(reader, page.encode())
    os.lseek(reader, 0, os.SEEK_SET)
    os.dup2(reader, 0)
    try:
        os.execvp("man", ["man", "-l", "-"])  # noqa: S607 - that of the user's PATH
    except FileNotFoundError as error:
        raise BadCommand(
            f"man is not installed here; goq {' '.join([*words, '-h'])} tells the same"
        ) from error


def _head(title: str, what: str) -> Iterator[str]:
    yield f'.TH "{title.upper()}" "1" "" "goq {__version__}" "goq"'
    yield from (".ad l", ".nh")  # no gaps within a line, and no command in two parts
    yield from (".SH NAME", rf"{_escaped(title)} \- {_escaped(what)}")


def _text(text: str) -> Iterator[str]:
    """Paragraphs; what is to stay as it is, in lines; `Examples:` as a heading."""
    for paragraph in text.strip("\n").split("\n\n"):
        lines = [line.removeprefix(_VERBATIM) for line in paragraph.strip("\n").split("\n")]
        if not paragraph.lstrip().startswith(_VERBATIM):
            yield from (".PP", *map(_line, lines))
            continue
        lines = lines if lines[0].strip() else lines[1:]
        if heading := _HEADING(lines[0].strip()):
            yield f".SH {heading[1].upper()}"
            lines = lines[1:]
        yield from (".PP", ".nf", *map(_line, lines), ".fi")


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for param in command.get_params(context):
        if isinstance(param, click.Option) and (record := param.get_help_record(context)):
            yield from (".TP", rf"\fB{_escaped(record[0])}\fR", _line(record[1]))


def _line(text: str) -> str:
    """A line of text that is no request, whatever it begins with."""
    escaped = _escaped(text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    """What roff would take for its own; a dash stays one that can be copied into a shell, and so do quotes."""
    for plain, escaped in (
        ("\\", r"\e"),
        ("-", r"\-"),
        ("'", r"\(aq"),
        ("`", r"\(ga"),
        ("^", r"\(ha"),
        ("~", r"\(ti"),
    ):
        text = text.replace(plain, escaped)
    return text
