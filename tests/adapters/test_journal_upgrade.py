"""A journal of an older version is brought up to this one, step by step; one of a newer is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from goq.adapters.store import file
from goq.adapters.store.journal import Journal
from goq.adapters.store.tables import VERSION
from goq.errors import JournalError


def version_of(folder: Path) -> int:
    """The version that is written in the file."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def tables_of(folder: Path) -> set[str]:
    """The names of its tables."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def grow(monkeypatch: pytest.MonkeyPatch, steps: list[str]) -> None:
    """Let goq know as many versions more as there are steps."""
    monkeypatch.setattr(file, "VERSION", VERSION + len(steps))
    monkeypatch.setattr(file, "UPGRADES", dict(enumerate(steps, start=VERSION)))


def test_each_step_is_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that ran twice would fail, or do harm."""
    Journal(tmp_path).close()
    grow(monkeypatch, ["CREATE TABLE one (x);", "CREATE TABLE two (x); DROP TABLE one;"])
    for _ in range(2):
        Journal(tmp_path).close()

        assert VERSION + 2 == version_of(tmp_path)
        assert "two" in tables_of(tmp_path)
        assert "one" not in tables_of(tmp_path)


def test_a_step_that_fails_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a step would be no version at all."""
    Journal(tmp_path).close()
    grow(monkeypatch, ["CREATE TABLE one (x);", "CREATE TABLE two (x); INSERT INTO nowhere VALUES (1);"])
    with pytest.raises(JournalError, match="nowhere"):
        Journal(tmp_path)

    assert VERSION + 1 == version_of(tmp_path)
    assert "one" in tables_of(tmp_path)
    assert "two" not in tables_of(tmp_path)


def test_a_journal_of_a_newer_goq_is_refused_by_its_number(tmp_path: Path) -> None:
    """What a newer goq has written, this one cannot know."""
    Journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(JournalError, match=rf"of version {VERSION + 1}\b.*up to {VERSION}\b"):
        Journal(tmp_path)

    assert VERSION + 1 == version_of(tmp_path)
