"""What users wrote, as it is shown: on one line, safe for any terminal, and to be copied."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goq.core.values.ids import Argv, join_argv
from goq.core.values.text import printable, show_command, show_folder, show_text

words = st.lists(st.binary(max_size=20).map(lambda word: word.replace(b"\0", b"")), min_size=1, max_size=5)


def test_a_plain_command_is_shown_as_it_was_typed() -> None:
    """People look for it in the log."""
    assert "./simulate --seed 7" == show_command(Argv(b"./simulate\0--seed\x007"))
    assert "a/b:c,d%e+f@g --h=i_j" == show_command(Argv(b"a/b:c,d%e+f@g\0--h=i_j"))


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (b"bash\0-c\0echo no luck >&2; exit 3", "bash -c 'echo no luck >&2; exit 3'"),
        (b"echo\0it's", r"echo 'it'\''s'"),
        (b"echo\0", "echo ''"),
        (b"echo\0\0x", "echo '' x"),
        (b"A=1", "'A=1'"),
        (b"A=1\0b c", "'A=1' 'b c'"),
        (b"env\0A=1", "env A=1"),
        (b"./a=b", "./a=b"),
        (b"~/x\0*\0#", "'~/x' '*' '#'"),
        ("echo\0\u00e4\u2603\U0001f600".encode(), "echo '\u00e4\u2603\U0001f600'"),
        (b"echo\0\x1b[31mred\x1b[0m", r"echo $'\x1b[31mred\x1b[0m'"),
        (b"echo\0two\nlines\r\t", r"echo $'two\nlines\r\t'"),
        (b"echo\0\x07\x08\x7f\\'", r"echo $'\x07\x08\x7f\\\''"),
        (b"echo\0\xc2\x9b31m", r"echo $'\xc2\x9b31m'"),
        (b"echo\0\xe2\x80\xaetxt.exe", r"echo $'\xe2\x80\xaetxt.exe'"),
        (b"echo\0\xff\xfe", r"echo $'\xff\xfe'"),
    ],
)
def test_what_a_shell_would_not_leave_alone_is_quoted(argv: bytes, shown: str) -> None:
    """Whoever copies it means these words; and nobody can forge a line of the log, or drive a terminal."""
    assert shown == show_command(Argv(argv))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_whatever_a_command_is_made_of_it_is_one_printable_line(argv: bytes) -> None:
    """It can also be encoded anywhere."""
    for shown in (show_command(Argv(argv)), show_folder(argv)):
        assert shown.isprintable()
        shown.encode("utf-8")


@settings(deadline=None, max_examples=5)
@given(st.lists(words, min_size=200, max_size=200))
@example([[b"~"], [b"-n"], [b"!"], [b"A=1", b"$A"], [b"\xc3"], [b"\n", b"a\\'b"], [b"{a,b}", b"x\r"]])
def test_a_shell_has_the_same_words_of_what_is_shown(commands: list[list[bytes]]) -> None:
    """Byte for byte; bash, since the shell of POSIX has no way to write a control character."""
    lines = ["for_each() { printf '<%s>' \"$@\"; }; shopt -u expand_aliases"]
    lines += ["for_each " + show_command(join_argv(each), limit=10_000) for each in commands]
    done = subprocess.run(["bash"], input="\n".join(lines).encode(), capture_output=True, check=True)

    assert b"" == done.stderr
    assert b"".join(b"<%b>" % word for each in commands for word in each) == done.stdout


def test_a_long_command_is_cut() -> None:
    """A megabyte of arguments does not belong into a log."""
    shown = show_command(Argv(b"x" * 1_000_000))

    assert "x" * 200 + "..." == shown
    assert "x" * 200 == show_command(Argv(b"x" * 200))
    assert "xxxxx..." == show_command(Argv(b"x" * 6), limit=5)
    assert "a 'b c'..." == show_command(Argv(b"a\0b cd"), limit=5)


def test_names_are_shown_without_quotes() -> None:
    """They stand where no shell reads them."""
    assert "/home/ann smith" == show_folder(b"/home/ann smith")
    assert r"/x\n\xff" == show_folder(b"/x\n\xff")
    assert "abc..." == show_text(b"abcd", limit=3)
    assert r"two\nlines" == printable("two\nlines")
