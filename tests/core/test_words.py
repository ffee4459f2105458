"""The words of a line: those that a real shell has of it, where it needs no shell."""

import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goq.core.values.words import NeedsShell, NotPlain, hint_for, split_line

_SCRIPT = rb"""set -f; LC_ALL=C
words() { for word; do printf '<%s>' "$word"; done; echo; }
"""

# What lines are made of, with all that has a meaning anywhere. { } ? [ ] stay out of it: shells differ there.
_PIECES = st.sampled_from(
    [*b"ab \t\t  '\"\\\\#~!=$-/.,:%\r\v\f*>;&|(`\xe9\x85", *b'  \'\'""""\\\\\\\\##']
).map(lambda byte: bytes([byte]))
_LINES = st.lists(_PIECES, max_size=14).map(b"".join)
_MAY_EXPAND = re.compile(rb"[$](?:\w|[-{(@*#?$!])|`").search


def words_of_sh(lines: list[bytes]) -> list[list[bytes]]:
    """What the shell of this system gives a program of each line."""
    script = _SCRIPT + b"".join(b"words %b\n" % line for line in lines)
    done = subprocess.run(["sh"], input=script, capture_output=True, check=True)
    assert b"" == done.stderr
    return [
        row.removeprefix(b"<").removesuffix(b">").split(b"><") if row else [] for row in _rows(done.stdout)
    ]


def _rows(printed: bytes) -> list[bytes]:
    return printed.split(b"\n")[:-1]


@settings(deadline=None, max_examples=60)
@given(st.lists(_LINES, min_size=40, max_size=40))
@example([rb'"\$5" "\a" "\\" "\`" "$" "it\"s"', rb"a\ #b a#b 'a '#b \#c", b"a b # it's", b'$ $/ $. $: "$/"'])
@example(
    [b"a\\~ a~ b=~ '~' \\~", b"''", b"'' \"\"", b"a''b\"\"c", b"#", b" \t# x", b"a\rb\r c", b"!x x! ! a"]
)
def test_every_line_that_is_taken_has_the_words_that_sh_has(lines: list[bytes]) -> None:
    """'As a shell would', byte for byte."""
    taken: list[tuple[bytes, list[bytes]]] = []
    for line in lines:
        if b'"' in line and _MAY_EXPAND(line):
            continue  # in "..." too it is left as it stands: most often it is for another shell
        try:
            taken.append((line, split_line(line)))
        except NotPlain:
            continue  # the tests below say what may be refused
    expected = words_of_sh([line for line, _ in taken])

    assert expected == [words for _, words in taken]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"# a comment", []),
        (b"", []),
        (b" \t ", []),
        (b"run a # and why", [b"run", b"a"]),
        (b"run a#1 '#2' \\#3", [b"run", b"a#1", b"#2", b"#3"]),
        (rb'pay "\$5" "\n" "\"" "\\" "\`"', [b"pay", b"$5", rb"\n", b'"', b"\\", b"`"]),
        (rb"pay \$5 '$5' 5$ $ $/ $. '$(x)'", [b"pay", b"$5", b"$5", b"5$", b"$", b"$/", b"$.", b"$(x)"]),
        (
            b'sh -c "echo $1 $(date) `id` > $HOME" job 5',
            [b"sh", b"-c", b"echo $1 $(date) `id` > $HOME", b"job", b"5"],
        ),
        (b"get http://h/?a=1 x[3] {a,b} {} [", [b"get", b"http://h/?a=1", b"x[3]", b"{a,b}", b"{}", b"["]),
        (b"find . ! -name x~ -o HEAD~3", [b"find", b".", b"!", b"-name", b"x~", b"-o", b"HEAD~3"]),
        (b"run --x=1 B=2", [b"run", b"--x=1", b"B=2"]),
        (b"'A=1' x", [b"A=1", b"x"]),
        (b"expr 2 '*' 3 '>' \\; \\& \\| \\(", [b"expr", b"2", b"*", b"3", b">", b";", b"&", b"|", b"("]),
        (b"a\rb \x0b \x0c c", [b"a\rb", b"\x0b", b"\x0c", b"c"]),
        (b"caf\xe9 \xff\xfe", [b"caf\xe9", b"\xff\xfe"]),
    ],
)
def test_what_is_harmless_is_left_as_it_stands(line: bytes, words: list[bytes]) -> None:
    """Quotes, comments, and bytes that a shell leaves alone as well."""
    assert words == split_line(line)


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        *[
            (b"run a %b b" % sign, sign.decode())
            for sign in (b">", b"<", b"|", b"&", b";", b"(", b")", b"*", b"`")
        ],
        *[(b"run a%bb" % sign, sign.decode()) for sign in (b">", b"<", b"|", b"&", b";", b"*")],
        (b"run > out", ">"),
        (b"run 2>&1", ">"),
        (b"cd /x && run", "&"),
        (b"run $(date)", "$("),
        (b"run $HOME/x", "$HOME"),
        (b"run ${HOME}", "${"),
        (b"run $1 $@", "$1"),
        (b"run $((1+1))", "$("),
        (b"run $'a\\n'", "$'"),
        (b"run ~/x", "~"),
        (b"~/bin/run", "~"),
        (b"run a'b'*", "*"),
        (b"A=1 run", "A=1"),
        (b"  _a1=x", "_a1=x"),
        (b"PATH+=:/x run", "PATH+=:/x"),
        (b"A='a b' run", "A='a"),
        (b"! run", "!"),
        (b"!", "!"),
    ],
)
def test_what_nobody_means_literally_is_refused_by_name(line: bytes, piece: str) -> None:
    """A program that got it would fail, or do something else than its user thinks."""
    with pytest.raises(NeedsShell, match="only a shell") as refusal:
        split_line(line)

    assert f"only a shell gives {piece} its meaning" == str(refusal.value)


@pytest.mark.parametrize("line", [b"run 'a", b'run "a', b"run \"a'", b'run "a\\"', b"it's", b'"', b"'"])
def test_a_quotation_that_does_not_end_is_told(line: bytes) -> None:
    """A shell would read on in the next line; here that is another job."""
    with pytest.raises(NotPlain, match="No closing quotation"):
        split_line(line)


@pytest.mark.parametrize("line", [b"run \\", b"\\", b"run a\\\\\\"])
def test_a_line_that_goes_on_in_the_next_is_told(line: bytes) -> None:
    """So would it here."""
    with pytest.raises(NotPlain, match="cannot go on"):
        split_line(line)


def test_a_long_line_takes_no_long_time() -> None:
    """As long as a line may be, and made to be looked at closely."""
    for unit in (b"'a' ", b'"\\$" ', b"\\a", b'"a', b"#"):
        line = b"x" + unit * (128 * 1024 // len(unit))
        words = split_line(line if line.count(b'"') % 2 == 0 else line + b'"')

        assert words[0].startswith(b"x")


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        ([b"sleep 3; echo hi"], "it is one word; --shell runs it by a shell"),
        ([b"a>b"], "it is one word; --shell runs it by a shell"),
        ([b"./run 5"], "it is one word; --shell runs it by a shell"),
        ([b"cd", b"/tmp"], "only shells know that word; --shell 'LINE' runs a line by one"),
        ([b"A=1", b"./run"], "a variable is set by 'env' before it"),
        ([b"no-such-program"], ""),
        ([b"no such program", b"x"], ""),
        ([b"./a=b"], ""),
    ],
)
def test_who_meant_a_shell_is_told(argv: list[bytes], hint: str) -> None:
    """'command not found' alone leaves him where he was."""
    assert hint == hint_for(argv)
