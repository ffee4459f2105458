"""What `--json` prints: one envelope for all, and the one place that turns values into their JSON form. Pure.

Within `"goq": 1` fields are added, never changed or dropped. What is None is left out, times are ISO 8601 in UTC. No
text is cut, no number rounded.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from msgspec import Struct, json

from goq.core.values.moments import NS, date_of

VERSION = 1
_DAY_S = 86400
_ENCODE = json.Encoder().encode


def document(kind: str, at_ns: int, seq: int, rows: Iterable[Struct], following: str | None = None) -> bytes:
    """The rows as one JSON text, with its line end: as the queue was when `seq` was its latest event.

    `following` is what leads to the next rows, None when there are none.
    """
    whole = {"goq": VERSION, "kind": kind, "at": iso(at_ns), "seq": seq, "rows": [plain(row) for row in rows]}
    return _ENCODE({**whole, "next": following}) + b"\n"


def line_of(kind: str, row: Struct) -> bytes:
    """One row as a line of its own, for what goes on and on."""
    return _ENCODE({"goq": VERSION, "kind": kind, **plain(row)}) + b"\n"


def plain(row: Struct) -> dict[str, Any]:
    """The row as JSON has it."""
    return {
        name: _plain(value, is_time=name == "at" or name.endswith("_at"))
        for name in row.__struct_fields__
        if (value := getattr(row, name)) is not None
    }


def _plain(value: Any, *, is_time: bool = False) -> Any:
    match value:
        case int() if is_time:
            return iso(value)
        case Struct():
            return plain(value)
        case Enum():
            return value.value
        case tuple() | list():
            return [_plain(each) for each in value]
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case _:
            return value


def iso(at_ns: int) -> str:
    """`2026-11-26T14:32:10.114Z`: in UTC, with as many digits of a second as it takes, three at least."""
    at_s, rest_ns = divmod(at_ns, NS)
    days, second = divmod(at_s, _DAY_S)
    year, month, day = date_of(days)
    digits = f"{rest_ns:09}".rstrip("0").ljust(3, "0")
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}.{digits}Z"
