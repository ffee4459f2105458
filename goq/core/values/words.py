"""A line of a `lines@` file as words: what the shell of POSIX would give a program, where it needs no shell.

Pure. Blanks and tabs part words. '...' is left alone; in "..." a backslash takes the meaning from
$ ` " and \\ only; elsewhere from any byte. A # at the start of a word begins a comment. All other
bytes stand for themselves, but for what nobody means literally, unquoted: it is refused.

- Refused: < > | & ; ( ) ` and * , a $ that begins an expansion, a ~ that begins a word, a first word
  FOO=1 or ! : a program that got these would fail or, worse, would not.
- Literal: all that is quoted, also $ and ` in "...", which is most often for a shell to come, as in
  sh -c "echo $GOQ_JOB_ID"; ? [ ] { } , which a shell too leaves alone where no file matches (URLs, x[3], {}); a $ before
  anything else; ~ # ! and = further on. Byte 13 is no blank: the one at a line's end is the reader's.
"""

import re

_MAY_MEAN_MORE = re.compile(
    rb"""["'\\$`<>|&;()*#~!\r\v\f]"""
).search  # else words are what lies between blanks
_FIRST = re.compile(rb"[ \t]*([A-Za-z_]\w*\+?=[^ \t]*|!(?![^ \t]))").match
_PIECE = re.compile(
    rb"""
      (?P<blank>[ \t]+)
    | (?P<plain>[^ \t'"\\$`<>|&;()*\#~]+)
    | '(?P<single>[^']*)'
    | "(?P<double>[^"\\]*(?:\\.[^"\\]*)*)"
    | \\(?P<escaped>.)
    | (?P<shells>\$(?:\w+|[{([@*\#?$!'"-]) | [`<>|&;()*])
    | (?P<start>[\#~])
    | (?P<dollar>\$)
    | (?P<open>['"\\])
    """,
    re.VERBOSE | re.DOTALL,
).finditer
_UNESCAPED = re.compile(rb'\\([$`"\\])').sub
_NO_PROGRAMS_NAME = re.compile(rb"[\s;|&<>()$`*'\"]").search
_SETS_A_VARIABLE = re.compile(rb"[A-Za-z_]\w*=").match
_SHELLS_OWN = frozenset(
    b"cd export source exec eval set unset ulimit umask alias module if for while until case function".split()
)


class NotPlain(ValueError):
    """The line is no plain words; says why."""


class NeedsShell(NotPlain):
    """Only a shell gives something in the line the meaning that its writer had in mind."""

    def __init__(self, piece: bytes) -> None:
        super().__init__(f"only a shell gives {piece.decode('utf-8', 'backslashreplace')} its meaning")


def split_line(line: bytes) -> list[bytes]:
    """The words of a line; none of one that is empty or a comment.

    Raises NeedsShell, or NotPlain when a quotation or the line does not end.
    """
    if _MAY_MEAN_MORE(line):
        _check_first(line)
        return _split_with_care(line)
    if b"=" in line:
        _check_first(line)
    return line.split()


def hint_for(argv: list[bytes]) -> str:
    """What whoever typed a command that is no program is likely to want instead; "" for no idea."""
    if len(argv) == 1 and _NO_PROGRAMS_NAME(argv[0]):
        return "it is one word; --shell runs it by a shell"
    if argv[0] in _SHELLS_OWN:
        return "only shells know that word; --shell 'LINE' runs a line by one"
    if _SETS_A_VARIABLE(argv[0]):
        return "a variable is set by 'env' before it"
    return ""


def _check_first(line: bytes) -> None:
    if first := _FIRST(line):
        raise NeedsShell(first[1])


def _split_with_care(line: bytes) -> list[bytes]:
    words: list[bytes] = []
    word: bytes | None = None
    for piece in _PIECE(line):
        kind, text = piece.lastgroup, piece[piece.lastindex or 0]
        if kind == "blank":
            if word is not None:
                words.append(word)
            word = None
        elif kind == "start" and word is None:
            if text == b"#":
                break
            raise NeedsShell(text)
        else:
            word = (word or b"") + _meaning(kind, text)
    return words if word is None else [*words, word]


def _meaning(kind: str | None, text: bytes) -> bytes:
    """What a piece puts into its word."""
    if kind == "shells":
        raise NeedsShell(text)
    if kind == "open":
        raise NotPlain("a line cannot go on in the next one" if text == b"\\" else "No closing quotation")
    if kind == "double":
        return _UNESCAPED(rb"\1", text)
    return text
