"""What `--json` prints is what its schema says: the schemas are current, and real output fits."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator
from system.cluster import Cluster

from goq.commands.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
OWN_FORM = {"audit"}  # whose report is of the journal, and older than the envelope


def _schemas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "scripts" / "schemas.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


SCHEMAS = _schemas()


def test_the_schemas_are_current() -> None:
    """They are made of the values that are printed: python scripts/schemas.py."""
    assert [] == SCHEMAS.stale()
    for path, _ in SCHEMAS.texts():
        Draft202012Validator.check_schema(json.loads(path.read_text()))


def fits(text: str) -> dict[str, Any]:
    """The object, if it is of a kind that is known, and as that says; nothing is in it that is not described."""
    shown: dict[str, Any] = json.loads(text)
    schema = SCHEMAS.schema_of(shown["kind"])
    closed = {**schema, "additionalProperties": False}
    for part in closed["$defs"].values():
        if part.get("type") == "object" and "properties" in part:
            part["additionalProperties"] = False
    Draft202012Validator(closed).validate(shown)
    return shown


def _prints(*words: str) -> Callable[[Cluster, int], str]:
    return lambda cluster, job: cluster.done(*(word.format(job=job) for word in words))


def waiting(cluster: Cluster) -> str:
    """Why two jobs wait: for another, and for a machine that is large enough."""
    first = cluster.submit("--hold", "true")
    others = [cluster.submit("--after", f"{first}", "true"), cluster.submit("-c", "4000", "true")]
    try:
        return "".join(cluster.done("why", "--json", f"{each}") for each in (first, *others))
    finally:
        cluster.done("kill", *map(str, (first, *others)))


def limited(cluster: Cluster, _job: int) -> str:
    """All limits, one, and none."""
    cluster.done("limit", "matlab", "4", "--why", "four seats")
    cluster.done("limit", "all", "9")
    return "".join(cluster.done("limit", "--json", *words) for words in ((), ("matlab",), ("idl",)))


# Each command that prints JSON, and how it is had to do so.
def _each(*commands: tuple[str, ...]) -> Callable[[Cluster, int], str]:
    return lambda cluster, job: "".join(_prints(*words)(cluster, job) for words in commands)


PRINTS: dict[str, Callable[[Cluster, int], str]] = {
    "config": _prints("config", "--json"),
    "events": _prints("events", "--json"),
    "history": _prints("history", "--json"),
    "limit": limited,
    "list": _each(("list", "--json"), ("list", "--tasks", "--json")),
    "show": _each(("show", "--json", "{job}"), ("show", "--json", "--history", "--env", "{job}")),
    "retry": _prints("retry", "--json", "{job}"),
    "sub": _prints("sub", "--json", "true"),
    "stat": _prints("stat", "--json"),
    "why": lambda cluster, job: cluster.done("why", "--json", f"{job}") + waiting(cluster),
    "workers": _prints("workers", "--json"),
}


def has_json(name: str) -> bool:
    command = cli.get_command(click.Context(cli), name)
    return command is not None and any("--json" in option.opts for option in command.params)


@pytest.mark.parametrize("name", [name for name in COMMANDS if has_json(name) and name not in OWN_FORM])
def test_what_is_printed_fits(working: Cluster, name: str) -> None:
    """Of each command that has --json, from a real server."""
    job = working.submit("--name", "fold", "--tag", "night", "sh", "-c", "exit 3")
    working.status(job)
    assert name in PRINTS, (
        f"say here how 'goq {name}' is had to print JSON, and its kind in scripts/schemas.py"
    )

    for line in PRINTS[name](working, job).splitlines():
        assert 1 == fits(line)["goq"]


def test_what_is_printed_of_an_array_fits(working: Cluster) -> None:
    """With failures, medians, and what waits behind it."""
    said = working.done("sub", "--name", "fold", "--array", "1-3", "sh", "-c", "test $GOQ_TASK_ID != 2")
    array = int(said.split("submitted array ")[1].split()[0])
    working.goq("wait", str(array))
    working.done("sub", "--hold", "--after", str(array), "-c", "2", "true")

    for words in (("show", f"{array}"), ("show", f"{array}.2"), ("list",), ("list", "--tasks")):
        assert fits(working.done(*words, "--json"))["rows"]


def test_what_was_spooled_fits_too(working: Cluster) -> None:
    """Without numbers."""
    said = working.done("sub", "--json", "--spool", "true", env={"GOQ_JSERV_PORT": "1"})

    assert [None] == [row["id"] for row in fits(said)["rows"]]


def test_a_schema_does_not_fit_everything() -> None:
    """One that did would tell nothing."""
    validator = Draft202012Validator(SCHEMAS.schema_of("submitted"))
    good = {"goq": 1, "kind": "submitted", "rows": [{"id": 1, "last": 2, "count": 2}]}

    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "rows": [{"id": "1", "last": 2, "count": 2}]})
    assert not validator.is_valid({**good, "kind": "retried"})
    assert not validator.is_valid({**good, "rows": [{"id": 1}]})
