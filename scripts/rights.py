"""Writes the tables of docs/security.md that say who may do what, of the rights themselves and of what the tests of a lab try.

python scripts/rights.py           write them
python scripts/rights.py --check   say whether they are current
python scripts/rights.py --tests   the test of each cell, a line each
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from goq.core.dispatch.guard import DEEDS, deed_of
from goq.core.messages import AddBlob, AddItems, Retry, SetLimit, TakeSnapshot
from goq.core.values.job import By
from goq.core.values.limit_names import ARRAY, HEALTH, NODE
from goq.core.values.rights import Deed, may, may_change, may_read, may_run
from goq.core.values.who import ADMINISTRATOR, Role, Who

PLACE = Path(__file__).resolve().parent.parent / "docs" / "security.md"
BEGIN = "<!-- python scripts/rights.py writes what is between these two lines -->"
END = "<!-- until here -->"
LAB = "tests/system/test_lab.py"
CELLS = "tests/core/test_rights.py::test_every_cell_of_the_table_is_what_the_rights_say"
UNHEARD = "tests/system/test_forgeries.py::test_no_message_of_a_stranger_is_heard"

YES, NO, OWN, SEEN, END_ALONE = "yes", "no", "own", "seen", "its end"
OTHER = "else"
_USER, _NODE = Who(Role.USER, "ann", 1), Who(Role.NODE, "n1", 1)
_REMOVED = Who(Role.USER, "ann", 1, is_retired=True)
SPEAKERS: dict[str, Who | None] = {
    "stranger": None,
    "user": _USER,
    "node": _NODE,
    "removed user": _REMOVED,
    "administrator": ADMINISTRATOR,
}
_OF_ONES_OWN = frozenset({AddItems, AddBlob, Retry})  # of submissions, which are somebody's
_NODES_BY = By(HEALTH, "n1", 1)


class Thing(Struct, frozen=True):
    """A file or a process that its owner and root alone get at: what its test calls it, and what people do."""

    name: str
    what: str


FILES = (
    Thing("cluster-id", "the cluster id, in GOQ_HOME of the head"),
    Thing("private-key", "`tls-key.pem`, there"),
    Thing("journal", "the journal"),
    Thing("outputs", "the server's folder for outputs, to write in it"),
    Thing("output", "the output of a job, and its folder"),
    Thing("user-key", "`goqkey` of a user"),
    Thing("node-key", "`goqkey` of a node"),
    Thing("node-spool", "the spool of a node"),
    Thing("user-spool", "the spool of a user's own worker"),
    Thing("tmpdir", "TMPDIR of a job"),
    Thing("script", "a script that was taken along, at a node"),
)
PROCESSES = (
    Thing("server", "the server"),
    Thing("worker", "the worker of a node"),
    Thing("shepherd", "what starts a user's job there"),
    Thing("user-worker", "a user's own worker"),
    Thing("job", "a job"),
)
COLUMNS = (
    "a stranger",
    "another user",
    "a thief of a node's key",
    "a removed user",
    "its owner",
    "root there",
)
IDS = {
    "a stranger": "stranger",
    "another user": "user",
    "a thief of a node's key": "thief",
    "a removed user": "removed",
    "its owner": "owner",
    "root there": "root",
}


def word(who: Who | None, deed: Deed, kind: type | None = None) -> str:
    """What stands in a cell of a message."""
    if who is None or not may(who, deed):
        return NO
    if who.is_retired and deed is Deed.WORK:
        return END_ALONE
    limits = {Deed.CHANGE: may_change, Deed.READ: may_read, Deed.WORK: may_run}
    limit = may_change if kind in _OF_ONES_OWN else limits.get(deed)
    if limit and not limit(who, OTHER):
        return OWN
    return SEEN if deed is Deed.SEE and not may_read(who, OTHER) else YES


def rows() -> Iterator[tuple[str, Deed, dict[str, str]]]:
    """Each kind of message, what it is to do by the rights, and a cell for each who sends it."""
    for kind in sorted(DEEDS, key=lambda kind: (list(Deed).index(DEEDS[kind]), kind.__name__)):
        yield _row(kind.__name__, DEEDS[kind], kind)
        if kind is TakeSnapshot:
            yield _row("TakeSnapshot, of counters alone", deed_of(_USER, TakeSnapshot(0)))
        if kind is SetLimit:
            one_s = SetLimit(f"{ARRAY}1", 1, "", _NODES_BY)
            yield _row("SetLimit, of an array's tasks", deed_of(_USER, one_s))
            itself = SetLimit(f"{NODE}n1", 0, "", _NODES_BY)
            yield _row("SetLimit, of a node that is not well", deed_of(_NODE, itself))
    yield _row("what a job was given, and writes", Deed.READ)


def _row(name: str, deed: Deed, kind: type | None = None) -> tuple[str, Deed, dict[str, str]]:
    return name, deed, {speaker: word(who, deed, kind) for speaker, who in SPEAKERS.items()}


def text() -> str:
    """What is between the marks."""
    lines = [f"| message | is to | {' | '.join(SPEAKERS)} |", "|---" * (len(SPEAKERS) + 2) + "|"]
    lines += [f"| {_named(name)} | {deed} | {' | '.join(cells.values())} |" for name, deed, cells in rows()]
    lines += ["", *_things("file", FILES), "", *_things("process", PROCESSES)]
    return "\n".join(lines)


def _named(name: str) -> str:
    kind, comma, rest = name.partition(",")
    return f"`{kind}`{comma}{rest}" if kind.isidentifier() else name


def _things(kind: str, things: tuple[Thing, ...]) -> list[str]:
    lines = [f"| {kind} | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    return lines + [f"| {each.what} | {' | '.join(map(reach, COLUMNS))} |" for each in things]


def reach(column: str) -> str:
    """Whether who is in that column gets at what others do not."""
    return YES if column in COLUMNS[-2:] else NO


def tests() -> Iterator[str]:
    """Of each cell the test that tries it, by the name that pytest gives it."""
    yield from (f"{UNHEARD}[{role}]" for role in (Role.ADMINISTRATOR, Role.USER))
    yield from (f"{CELLS}[{speaker}]" for speaker, who in SPEAKERS.items() if who is not None)
    for test, things in (("test_a_file", FILES), ("test_a_process", PROCESSES)):
        for each in things:
            yield from (f"{LAB}::{test}[{each.name}-{IDS[column]}]" for column in COLUMNS)


def with_tables(page: str) -> str:
    """The page with the tables as they are to be."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text()}\n\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Write, check, or list."""
    if "--tests" in sys.argv[1:]:
        print("\n".join(tests()))
        return
    page = PLACE.read_text()
    made = with_tables(page)
    if "--check" not in sys.argv[1:]:
        PLACE.write_text(made)
    elif made != page:
        sys.exit(f"{PLACE.name} is not current: python scripts/rights.py")


if __name__ == "__main__":
    main()
