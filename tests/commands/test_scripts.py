"""Options on the lines of a script, beside those that were typed."""

from pathlib import Path
from typing import Any

import pytest

from goq.commands.scripts import Script, read_script, with_its_options
from goq.commands.sub import command
from goq.core.values.blobs import BLOB_LIMIT
from goq.errors import BadCommand


def chosen(text: bytes, *typed: str) -> dict[str, Any]:
    """What a submission with that script, and these words before it, is made with."""
    context = command.make_context("sub", [*typed], help_option_names=["-h", "--help"])
    return with_its_options(Script("x.sh", text), dict(context.params), context)


def test_its_lines_say_what_was_not_typed() -> None:
    """Several options on a line, and several lines; quotes and comments as in a shell."""
    said = chosen(b"#!/bin/sh\n#GOQ --name fold --no-requeue\n\n# more\n#GOQ -C '/a b' # there\necho\n")

    assert ("fold", True, "/a b", None) == tuple(
        said[name] for name in ("name", "no_requeue", "folder", "unique")
    )


def test_what_is_typed_counts_more() -> None:
    """And what may be said several times adds up, what is typed last."""
    said = chosen(b"#GOQ --name fold -e A=1 --tag x\n#GOQ -e B=2\n", "--name", "bend", "-e", "A=3")

    assert ("bend", ("A=1", "B=2", "A=3"), ("x",)) == tuple(
        said[name] for name in ("name", "variables", "tags")
    )


@pytest.mark.parametrize(
    "text", [b"echo\n#GOQ --name x\n", b"#GOQX --name x\n", b" #GOQ --name x\n", b"##GOQ --name x"]
)
def test_other_lines_are_the_scripts_own(text: bytes) -> None:
    """A script may write another one, with lines of that kind."""
    assert chosen(text)["name"] is None


BAD_LINES = {
    b"#!/bin/sh\n#GOQ --name a\n#GOQ --cores 4\n": "x.sh, line 3: .*--cores",
    b"#GOQ --name\n": "x.sh, line 1: .*--name",
    b"#GOQ --name 'a\n": "x.sh, line 1: No closing quotation",
    b"#GOQ --name a b\n": "x.sh, line 1: 'b' is no option",
    b"#GOQ --script y.sh\n": "x.sh, line 1: --script cannot be said in a script",
    b"#GOQ --shell\n": "x.sh, line 1: --shell cannot be said in a script",
}


@pytest.mark.parametrize(("text", "why"), BAD_LINES.items())
def test_a_line_that_makes_no_sense_is_named(text: bytes, why: str) -> None:
    """With its file, since there are many."""
    with pytest.raises(
        BadCommand, match=rf"^{why}.*; '#GOQ --name fold -e SEED=7' is right. Nothing was queued\."
    ):
        chosen(text)


NO_SCRIPTS = {
    b"": "there is nothing in it",
    b"\n \n": "there is nothing in it",
    b"\x7fELF\0\0": "that is a program; goq sub FILE runs it",
    b"x" * (BLOB_LIMIT + 1): "a script holds 16777216 bytes at most",
}


@pytest.mark.parametrize(("text", "why"), NO_SCRIPTS.items(), ids=range(len(NO_SCRIPTS)))
def test_what_is_no_script_is_refused(tmp_path: Path, text: bytes, why: str) -> None:
    """It would be run by bash, and its user read strange things."""
    path = tmp_path / "x"
    path.write_bytes(text)
    with pytest.raises(BadCommand, match=why):
        read_script(str(path))


def test_the_longest_script_is_taken(tmp_path: Path) -> None:
    """With any bytes behind its first line."""
    text = b"#!/bin/sh\n\0\xff".ljust(BLOB_LIMIT)
    (tmp_path / "x").write_bytes(text)

    assert Script(str(tmp_path / "x"), text) == read_script(str(tmp_path / "x"))


def test_a_script_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(
        BadCommand, match=r"^--script .*/none: No such file or directory\. Nothing was queued\.$"
    ):
        read_script(f"{tmp_path}/none")
