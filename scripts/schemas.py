"""Writes docs/json: a JSON Schema for each kind of what `--json` prints, of the values that it is made of.

python scripts/schemas.py           write them
python scripts/schemas.py --check   say which are not current
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from goq.commands.config import SettingRow
from goq.commands.limit import LimitShown
from goq.commands.whys import WhyRow
from goq.core.messages import KeyRow
from goq.core.values.documents import VERSION
from goq.core.values.failures import Whole
from goq.core.values.happenings import Happening
from goq.core.values.lives import Life
from goq.core.values.receipts import AgainRow, SubmittedRow
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.totals import Spent
from goq.views.cluster_rows import StatRow, WorkerShown

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TIME = {"type": "string", "format": "date-time"}

# kind: what a row is, and the command that prints it
KINDS: dict[str, tuple[type[Struct], str]] = {
    "config": (SettingRow, "goq config --json"),
    "keys": (KeyRow, "goq user list --json"),
    "jobs": (SubmissionRow, "goq list --json"),
    "limits": (LimitShown, "goq limit --json"),
    "life": (Life, "goq show JOB --json"),
    "retried": (AgainRow, "goq retry --json"),
    "spent": (Spent, "goq history --json"),
    "submitted": (SubmittedRow, "goq sub --json"),
    "tasks": (JobRow, "goq list --tasks --json"),
    "whole": (Whole, "goq show ARRAY --json"),
    "stat": (StatRow, "goq stat --json"),
    "why": (WhyRow, "goq why --json"),
    "workers": (WorkerShown, "goq workers --json"),
}
# The same of those that are printed as an object a line, without an envelope.
LINES: dict[str, tuple[type[Struct], str]] = {
    "event": (Happening, "goq events --json"),
}
# Beside the common ones, what an envelope may hold.
MORE: dict[str, dict[str, Any]] = {"config": {"file": {"type": ["string", "null"]}}}


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of all that is printed of that kind."""
    row, command = (KINDS | LINES)[kind]
    (reference,), parts = msgspec.json.schema_components([row])
    timed = {name: _timed(part) for name, part in parts.items()}
    common: dict[str, Any] = {"goq": {"const": VERSION}, "kind": {"const": kind}}
    whole = {"$schema": DIALECT, "title": command, "type": "object"}
    if kind in LINES:
        name = reference["$ref"].rpartition("/")[2]
        own = timed.pop(name)
        required = ["goq", "kind", *own.get("required", [])]
        return whole | {
            "description": own["description"],
            "properties": common | own["properties"],
            "required": required,
            "$defs": timed,
        }
    properties = common | {
        "at": TIME,
        "seq": {"type": "integer", "description": "The number of the latest event then."},
        "rows": {"type": "array", "items": reference},
        "next": {"type": ["string", "null"], "description": "What leads to the next rows, null for none."},
    }
    return whole | {
        "properties": properties | MORE.get(kind, {}),
        "required": ["goq", "kind", "rows"],
        "$defs": timed,
    }


def _timed(part: dict[str, Any]) -> dict[str, Any]:
    """The same with times as they are printed, and without defaults: what is None may be left out."""
    for name, each in part.get("properties", {}).items():
        each.pop("default", None)
        if name == "at" or name.endswith("_at"):
            may_be_null = any(choice == {"type": "null"} for choice in each.get("anyOf", ()))
            each.clear()
            each.update({"anyOf": [TIME, {"type": "null"}]} if may_be_null else TIME)
    return part


def texts() -> Iterator[tuple[Path, str]]:
    """Each file, and what is to be in it."""
    for kind in sorted(KINDS | LINES):
        yield FOLDER / f"{kind}.json", json.dumps(schema_of(kind), indent=2) + "\n"


def stale() -> list[str]:
    """What is not current, or is of no kind."""
    wanted = dict(texts())
    there = {path: path.read_text() for path in FOLDER.glob("*.json")}
    return sorted(path.name for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        for name in stale():
            print(f"docs/json/{name} is not current; say: python scripts/schemas.py")
        return bool(stale())
    FOLDER.mkdir(exist_ok=True)
    wanted = dict(texts())
    for path in set(FOLDER.glob("*.json")) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
