"""When a server forgets: at its leisure, though never never."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from epochs import EPOCH
from submissions import submitted_of

from goq.adapters.store import request as journal_request
from goq.adapters.store.clean import count_cleared
from goq.adapters.store.journal import Journal
from goq.core.state.records import JobDelegated, JobFinished, JobsSubmitted
from goq.core.values.ids import Environment, JobId, Nonce, WorkerId
from goq.core.values.job import Claim, Origin, Worker
from goq.core.values.result import Ended, Ending, Result
from goq.roles.server.retention import LOOK_EVERY_S, RETRY_S, STEP_EVERY_S, Retention, forget

ORIGIN = Origin(b"/", Environment(b""), "ann@head")
WORKER = Worker(WorkerId("w"), "node7", 99)
HOUR_NS = 3_600 * 10**9


def old_job(job: int, at_ns: int = 1) -> list[JobsSubmitted | JobDelegated | JobFinished]:
    """A job that has ended."""
    number = JobId(job)
    return [
        submitted_of(job, Nonce(b"%016d" % job), (b"true",), ORIGIN, at_ns=at_ns),
        JobDelegated(Claim(EPOCH, number, 1, WORKER.id), WORKER, at_ns),
        JobFinished(Ended(number, 1, Ending.FINISHED, Result()), at_ns),
    ]


class Told:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, text: str, event: str = "", /, **about: int | str) -> None:
        self.lines.append(text)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / ".goq"


@pytest.fixture(name="journal")
def _journal(folder: Path) -> Iterator[Journal]:
    """One of a server, with one old job, and one that ended just now."""
    with closing(Journal(folder)) as journal:
        journal.commit([*old_job(1), *old_job(2, time.time_ns())])
        yield journal


def turn_until_cleared(retention: Retention, folder: Path, count: int, *, idle: bool) -> None:
    """Turn as a server does, until so many jobs are forgotten."""
    deadline = time.monotonic() + 10
    while count_cleared(folder) != count:
        assert time.monotonic() < deadline
        time.sleep(max(0.0, min(0.05, retention.next_deadline() - time.monotonic())))
        retention.turn(idle=idle)


@pytest.mark.parametrize("idle", [True, False])
def test_what_is_old_is_forgotten(folder: Path, journal: Journal, *, idle: bool) -> None:
    """Also by a server that is never idle; and told, once."""
    said = Told()
    retention = Retention(journal, journal.path.parent, 3600, said)
    turn_until_cleared(retention, folder, 1, idle=idle)
    while not said.lines:
        retention.turn(idle=idle)

    assert ["forgot 1 jobs that had ended long ago."] == said.lines
    assert journal.ended(JobId(1)) is None
    assert journal.ended(JobId(2)) is not None


def test_with_nothing_set_all_is_kept(folder: Path, journal: Journal) -> None:
    """A journal is somebody's record; nobody loses it unasked."""
    retention = Retention(journal, journal.path.parent, 0, Told())
    for _ in range(20):
        retention.turn(idle=True)

    assert 0 == count_cleared(folder)
    assert 0 < retention.next_deadline() - time.monotonic() <= LOOK_EVERY_S


def test_a_busy_server_does_a_step_in_a_while_only(journal: Journal) -> None:
    """Whoever asks comes first."""
    said = Told()
    retention = Retention(journal, journal.path.parent, 3600, said)
    begin = time.monotonic()
    while not said.lines:
        assert time.monotonic() < begin + 20
        retention.turn(idle=False)

    assert time.monotonic() - begin >= 2 * STEP_EVERY_S  # to find it, to sweep it, to find no more


def test_a_step_is_followed_by_a_rest(journal: Journal) -> None:
    """A server with much to forget still hears at once who asks it something."""
    retention = Retention(journal, journal.path.parent, 3600, Told())
    before = time.monotonic()
    retention.turn(idle=True)

    assert retention.next_deadline() > before


def test_trouble_with_the_disk_is_said_and_tried_again(folder: Path, journal: Journal) -> None:
    """A full disk is no reason to stop, least of all for this."""
    said = Told()
    retention = Retention(journal, journal.path.parent, 3600, said)
    journal._db.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(folder / "journal.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        retention.turn(idle=True)

        assert "cannot forget old jobs" in said.lines[0]
        assert RETRY_S * 0.9 < retention.next_deadline() - time.monotonic() <= RETRY_S


# --- by hand -------------------------------------------------------------------------------


def test_a_journal_without_a_server_is_cleaned_at_once(folder: Path) -> None:
    """Nobody is there to be asked."""
    with closing(Journal(folder)) as journal:
        journal.commit([*old_job(1), *old_job(2, time.time_ns())])
    forget(folder, time.time_ns() - HOUR_NS)

    assert 1 == count_cleared(folder)
    assert not (folder / "clean").exists()


def test_a_server_is_asked_for_it(folder: Path, journal: Journal) -> None:
    """A journal has one writer; two people may ask at the same time."""
    retention = Retention(journal, journal.path.parent, 0, Told())
    moments = [time.time_ns() - HOUR_NS, time.time_ns() + HOUR_NS]
    askers = [threading.Thread(target=forget, args=(folder, moment)) for moment in moments]
    for asker in askers:
        asker.start()
    deadline = time.monotonic() + 20
    while any(asker.is_alive() for asker in askers):
        assert time.monotonic() < deadline
        time.sleep(0.01)
        retention.turn(idle=True)

    assert 2 == count_cleared(folder)
    assert journal_request.find(folder) is None


def test_another_one_s_request_is_not_taken_away(folder: Path, journal: Journal) -> None:
    """Who gives up takes back what he asked for, no more."""
    assert journal_request.place(folder, 5)
    assert not journal_request.place(folder, 6)
    journal_request.take_away(folder, 6)

    assert 5 == journal_request.find(folder)
    journal_request.take_away(folder, 5)

    assert journal_request.find(folder) is None
    assert journal_request.place(folder, 6)


def test_a_request_that_is_none_is_not_granted(folder: Path, journal: Journal) -> None:
    """Half a number must not forget half a journal."""
    (folder / "clean").write_text("all of it")
    retention = Retention(journal, journal.path.parent, 0, Told())
    for _ in range(5):
        retention.turn(idle=True)

    assert 0 == count_cleared(folder)
