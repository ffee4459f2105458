"""The journals that are kept in tests/data: one of each version, and that of this one is of today."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from stored import STORED, unpack

from adapters.ledgers import read
from goq.adapters.store.journal import Journal
from goq.adapters.store.tables import VERSION
from goq.core.values.ids import JobId
from goq.errors import JournalError


def tables_of(path: Path) -> list[tuple[str, str]]:
    """How its tables and indices were made."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()


def test_there_is_one_of_each_version() -> None:
    """A release must open what any before it has written."""
    assert list(range(1, VERSION + 1)) == sorted(STORED)


def test_that_of_this_version_is_of_today(tmp_path: Path) -> None:
    """Until the release its tables may change; from then on they must not, and the version does."""
    Journal(tmp_path / "new").close()
    stored = unpack(VERSION, tmp_path / "stored")

    assert tables_of(tmp_path / "new" / "journal.sqlite") == tables_of(stored), (
        f"the journal of version {VERSION} in tests/data is stale: say 'make journal', or, once the version is"
        " released, raise VERSION instead"
    )


@pytest.mark.parametrize("version", STORED)
def test_each_is_read(tmp_path: Path, version: int) -> None:
    """With all that was in it."""
    unpack(version, tmp_path / "stored")
    state = read(tmp_path / "stored")

    assert 23 == state.next_job
    assert [JobId(3)] == [*state.running]
    assert [4, 10, 12, 14, 19, 20, 21, 22] == sorted({live.first for live in state.submissions} - {3})
    assert 2 == len(state.deliveries)
    assert {(4, 5), (6, 9), (22, 23)} == {*state.held.ranges()}


@pytest.mark.parametrize("version", [VERSION + 1, 4711])
def test_one_of_a_foreign_version_is_refused_by_its_number(tmp_path: Path, version: int) -> None:
    """And is left as it is."""
    path = unpack(VERSION, tmp_path / "stored")
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(JournalError, match=rf"of version {version}\b.*up to {VERSION}\b"):
        Journal(tmp_path / "stored")

    assert before[100:] == path.read_bytes()[100:]


@pytest.mark.parametrize("is_marked", [True, False])
def test_what_is_no_journal_is_refused(tmp_path: Path, is_marked: bool) -> None:
    """Whatever other program has made a database of that name: nothing is written to it."""
    (tmp_path / "other").mkdir(mode=0o700)
    path = tmp_path / "other" / "journal.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE notes (text)")
        if is_marked:
            db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("PRAGMA application_id = 7")
        db.commit()
    with pytest.raises(JournalError, match="it is another program's"):
        Journal(tmp_path / "other")

    assert [("notes", "CREATE TABLE notes (text)")] == tables_of(path)
