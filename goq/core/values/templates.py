"""Names of output files, as people write them: text with fields that each job fills in for itself. Pure.

A relative one lies below the server's folder for outputs, and nothing that is filled in leads out of
it; an absolute one is a file of the job's own host.
"""

import re
from functools import lru_cache
from itertools import takewhile

from msgspec import Struct

from goq.core.values.text import show_text

FIELDS = ("id", "array", "task", "name", "user", "host", "attempt")
OWN_FIELDS = frozenset(("id", "task"))  # that differ from one job of a submission to the other
KNOWN = " ".join(f"{{{field}}}" for field in FIELDS)
DEPTH_LIMIT = 10  # of folders
PART_BYTES = 240  # of a file's name, and of each of its folders'
_SHOWN = 60  # bytes of a field that nobody knows
STRAYS = "strays"  # the folder of what a copy of a queue knows nothing of
_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_ODD = re.compile(r"[^\w.@%+=,-]")
_OF_THE_RULE = re.compile(rf"(?:\d+/)?out\.\d+|{STRAYS}(?:/.*)?")


class BadTemplate(ValueError):
    """What is wrong with it, for people."""


class Template(Struct, frozen=True):
    """Folders, the last of them the file's own name; each is text and `{fields}` by turns, from text on."""

    parts: tuple[tuple[str, ...], ...]
    is_absolute: bool

    @property
    def fields(self) -> frozenset[str]:
        """Those that are in it."""
        return frozenset(field for part in self.parts for field in part[1::2])

    @property
    def beginning(self) -> str:
        """The path up to the first part with a field in it."""
        plain = takewhile(lambda part: len(part) == 1, self.parts)
        return "/".join(part[0] for part in plain)

    def fill(self, values: dict[str, str]) -> str:
        """The path of a file. Fields without a value stay in it as they are written."""
        path = "/".join(_filled(part, values) for part in self.parts)
        return f"/{path}" if self.is_absolute else path


@lru_cache(maxsize=1000)
def read_template(text: str) -> Template:
    """What somebody wrote. Raises BadTemplate."""
    if not text or not text.isprintable():
        raise BadTemplate("that is no name for a file; logs/{id}.out is one")
    is_absolute = text.startswith("/")
    parts: list[list[str]] = [[""]]
    for piece in _PIECE.findall(text):
        if piece[0] == "{" and piece[-1] == "}" and piece != "{}" and len(piece) > 1:
            _add_field(parts[-1], piece)
        elif piece in ("{", "}", "{}"):
            raise BadTemplate(
                f"a brace that is meant as one is doubled: {{{{ or }}}}; known fields are {KNOWN}"
            )
        else:
            first, *others = (piece[0] if piece in ("{{", "}}") else piece).split("/")
            parts[-1][-1] += first
            parts += [[other] for other in others]
    kept = [tuple(part) for part in parts if part not in ([""], ["."])]
    _check(kept, parts[-1], is_absolute=is_absolute)
    return Template(tuple(kept), is_absolute)


def _add_field(part: list[str], piece: str) -> None:
    if piece[1:-1] not in FIELDS:
        raise BadTemplate(f"there is no field {show_text(piece.encode(), _SHOWN)}; known are {KNOWN}")
    part += [piece[1:-1], ""]


def _check(parts: list[tuple[str, ...]], last: list[str], *, is_absolute: bool) -> None:
    if last in ([""], ["."], [".."]):
        raise BadTemplate("it names a folder; a name of a file goes behind that, as {id}.out")
    if len(parts) > DEPTH_LIMIT or any(len("".join(part[::2]).encode()) > PART_BYTES for part in parts):
        raise BadTemplate(f"{DEPTH_LIMIT} folders of {PART_BYTES} bytes each are the most")
    if is_absolute:
        return
    if any(part[0].startswith("..") for part in parts):
        raise BadTemplate("it leaves the server's folder for outputs; logs/{id}.out lies below that")
    if any(part[0].startswith(".") for part in parts):
        raise BadTemplate("a name there begins with no dot; logs/{id}.out is right")
    template = Template(tuple(parts), is_absolute=False)
    numbers = dict.fromkeys(("id", "array", "task", "attempt"), "1")
    if is_of_the_rule(template.fill(numbers)) and parts != [("out.", "id", "")]:
        raise BadTemplate(
            f"out.NUMBER and {STRAYS}/ are names of outputs that nobody named; logs/{{id}}.out is right"
        )


def is_of_the_rule(path: str) -> bool:
    """A path that the output of some job without a template has."""
    return _OF_THE_RULE.fullmatch(path) is not None


def _filled(part: tuple[str, ...], values: dict[str, str]) -> str:
    """One name, with values that are harmless in one, and not too long."""
    words = list(part)
    for at in range(1, len(part), 2):
        field = part[at]
        words[at] = (
            _harmless(values[field], is_first=not any(words[:at])) if field in values else f"{{{field}}}"
        )
    name = "".join(words)
    if len(name) * 4 > PART_BYTES:
        name = name.encode()[:PART_BYTES].decode(errors="ignore")
    return name


def _harmless(value: str, *, is_first: bool) -> str:
    """The value without what leads elsewhere, hides a file, or is trouble in a shell."""
    value = _ODD.sub("_", value)
    if not value or (is_first and value[0] in ".-"):
        return f"_{value[1:]}"
    return value
