"""A script that is taken along at submission, with options on its own lines.

The #GOQ lines are those before its first line that is neither empty nor a comment.
"""

import os
import shlex
from typing import Any

import click
from click.core import ParameterSource
from msgspec import Struct

from goq.core.values.blobs import BLOB_LIMIT
from goq.core.values.text import show_text
from goq.errors import BadCommand

STANDARD_INPUT = "-"
_MARK = b"#GOQ"
_OF_THE_SHELL = {"script", "by_shell"}  # options that no line can set


class Script(Struct, frozen=True):
    """Its text, and what messages call it."""

    name: str
    text: bytes


def read_script(name: str) -> Script:
    """The script in that file, or on the standard input. Raises BadCommand."""
    try:
        with click.open_file(name, "rb") as file:
            text = file.read(BLOB_LIMIT + 1)
    except OSError as error:
        raise BadCommand(f"--script {name}: {error.strerror}. Nothing was queued.") from error
    if not text.strip():
        raise BadCommand(f"--script {name}: there is nothing in it. Nothing was queued.")
    if len(text) > BLOB_LIMIT:
        raise BadCommand(
            f"--script {name}: a script holds {BLOB_LIMIT} bytes at most; goq sub FILE leaves it where it is."
            " Nothing was queued."
        )
    if b"\0" in text.partition(b"\n")[0]:
        raise BadCommand(f"--script {name}: that is a program; goq sub FILE runs it. Nothing was queued.")
    return Script("script" if name == STANDARD_INPUT else name, text)


def with_its_options(script: Script, typed: dict[str, Any], context: click.Context) -> dict[str, Any]:
    """What was typed, and what the script says where nothing was; what may be said twice adds up.

    Raises BadCommand, which names file and line.
    """
    chosen = dict(typed)
    said: dict[str, Any] = {}
    for number, words in _lines(script):
        for name, value in _chosen(f"{script.name}, line {number}", words, context.command).items():
            said[name] = said.get(name, ()) + value if isinstance(value, tuple) else value
    for name, value in said.items():
        if isinstance(value, tuple):
            chosen[name] = value + typed[name]
        elif context.get_parameter_source(name) is ParameterSource.DEFAULT:
            chosen[name] = value
    return chosen


def _lines(script: Script) -> list[tuple[int, list[str]]]:
    """The words of each #GOQ line."""
    found = []
    for number, line in enumerate(script.text.split(b"\n"), start=1):
        if line.strip() and not line.startswith(b"#"):
            break
        mark, *rest = line.split(None, 1) or [b""]
        if mark == _MARK:
            try:
                found.append((number, shlex.split(os.fsdecode(b"".join(rest)), comments=True)))
            except ValueError as error:
                raise _bad(f"{script.name}, line {number}", str(error)) from error
    return found


def _chosen(where: str, words: list[str], command: click.Command) -> dict[str, Any]:
    try:
        line = command.make_context("sub", words)
    except click.UsageError as error:
        raise _bad(where, error.format_message().rstrip(".")) from error
    if line.params["words"]:
        raise _bad(where, f"'{show_text(os.fsencode(line.params['words'][0]))}' is no option")
    sources = {name: line.get_parameter_source(name) for name in line.params}
    chosen = {
        name: line.params[name] for name, source in sources.items() if source is ParameterSource.COMMANDLINE
    }
    if unfit := _OF_THE_SHELL & chosen.keys():
        raise _bad(where, f"--{min(unfit).removeprefix('by_')} cannot be said in a script")
    return chosen


def _bad(where: str, why: str) -> BadCommand:
    return BadCommand(f"{where}: {why}; '#GOQ --name fold -e SEED=7' is right. Nothing was queued.")
