"""A journal of an older version, as a server before this one left it: nothing is lost, and it goes on.

`tests/data/journal-v1` was written by goq when it knew version 1 only, `journal-v2` when it knew
version 2. They are never changed.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledgers import waiting_in
from goq.adapters.store.audit import prove
from goq.adapters.store.clean import Cleaning
from goq.adapters.store.journal import Journal
from goq.adapters.store.tables import VERSION
from goq.core.messages import AckSubmit, Observe, Request, Submit
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobRestored,
    JobsSubmitted,
    OutputSaved,
    Record,
    ResultRefused,
)
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, Handle, JobId, Nonce, WorkerId
from goq.core.values.job import DEFAULT_TERMS, Claim, Job, Origin, Terms, Worker
from goq.core.values.result import SIGKILL, SIGTERM, Ended, Ending, Result

STORED = Path(__file__).parents[1] / "data" / "journal-v1" / "journal.sqlite"
START_NS = 1_700_000_000_000_000_000
ANN = Origin(b"/home/ann", Environment(b"A=1\0PATH=/bin"), "ann@host")
BOB = Origin(b"/home/bob", Environment(b"B=2"), "bob@host")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A copy of the stored journal, to be upgraded."""
    folder = tmp_path / "journal"
    folder.mkdir(mode=0o700)
    shutil.copyfile(STORED, folder / "journal.sqlite")
    return folder


@pytest.fixture(name="journal")
def _journal(folder: Path) -> Iterator[Journal]:
    with closing(Journal(folder)) as journal:
        yield journal


def version_of(path: Path) -> int:
    """The version that is written in the file."""
    with closing(sqlite3.connect(path)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def replayed(journal: Journal) -> State:
    """The state that a server starts with."""
    state = State()
    for record in journal.replay():
        state.apply(record)
    return state


def ended(journal: Journal, job: int) -> tuple[int, Ending, int]:
    """The attempt, the ending and the status of a job that must have ended."""
    end = journal.ended(JobId(job))
    assert end is not None
    return end.attempt, end.ending, end.status


def asks(question: Submit | Observe, nonce: bytes) -> Request:
    """A request that the journal is asked about."""
    return Request(Handle(1, b""), Nonce(nonce), START_NS, question)


def test_the_stored_journal_is_of_version_1(folder: Path) -> None:
    """Otherwise these tests would say nothing."""
    assert 1 == version_of(folder / "journal.sqlite")


def test_a_journal_of_version_1_is_made_one_of_this_version(folder: Path) -> None:
    """The next server must not upgrade it again."""
    for _ in range(2):
        Journal(folder).close()

        assert VERSION == version_of(folder / "journal.sqlite")


def test_waiting_jobs_are_there_with_the_default_terms(journal: Journal) -> None:
    """One of them was given up once: who counted nothing knows of no crash."""
    expected = [
        Job(JobId(6), Argv(b"sleep\x00300"), BOB, START_NS + 2 * 10**9, attempts=1, crashes=0),
        Job(JobId(8), Argv(b"make\0check"), ANN, START_NS + 3 * 10**9),
    ]
    waiting = waiting_in(replayed(journal))

    assert expected == waiting
    assert [DEFAULT_TERMS] * 2 == [job.terms for job in waiting]


def test_a_running_job_is_there_with_its_claim(journal: Journal) -> None:
    """Its worker still runs it, and will claim it."""
    running = replayed(journal).running[JobId(7)]

    assert Claim(JobId(7), 2, WorkerId("w6")) == running.claim
    assert Worker(WorkerId("w6"), "node6", 106) == running.worker
    assert (Argv(b"make\0all"), ANN, 2, DEFAULT_TERMS) == (
        running.job.argv,
        running.job.origin,
        running.job.attempts,
        running.job.terms,
    )
    assert 0 == running.kill_signal


def test_a_job_that_was_to_be_killed_still_is(journal: Journal) -> None:
    """There was but one signal then."""
    assert SIGTERM == replayed(journal).running[JobId(5)].kill_signal
    assert [5, 7] == sorted(replayed(journal).running)


@pytest.mark.parametrize(
    ("job", "attempt", "ending", "status"),
    [
        (1, 1, Ending.FINISHED, 0),
        (2, 1, Ending.FINISHED, 0),
        (3, 1, Ending.FINISHED, 1),
        (4, 0, Ending.CANCELLED, 143),
        (9, 1, Ending.CANCELLED, 143),
    ],
)
def test_ended_jobs_have_the_ending_that_they_had(
    journal: Journal, job: int, attempt: int, ending: Ending, status: int
) -> None:
    """`goq wait` of an old job must not change its mind."""
    assert (attempt, ending, status) == ended(journal, job)


def test_a_result_has_kept_its_numbers(journal: Journal) -> None:
    """A column that was dropped must not have moved the others."""
    end = journal.ended(JobId(1))

    assert end is not None
    assert ("node1", 1001, START_NS, START_NS + 500_000_000) == (
        end.result.host,
        end.result.pid,
        end.result.started_ns,
        end.result.ended_ns,
    )
    assert (0.25, 2048, 4, 32) == (
        end.result.cpu_s,
        end.result.peak_kib,
        end.result.output_length,
        len(end.result.output_sha256),
    )


def test_counts_and_the_list_of_finished_jobs_are_there(journal: Journal) -> None:
    """No job was lost before there were lost jobs."""
    checkpoint = next(iter(journal.replay()))

    assert isinstance(checkpoint, Checkpoint)
    assert (10, 3, 2, 0) == (
        checkpoint.next_job,
        checkpoint.finished_count,
        checkpoint.cancelled_count,
        checkpoint.lost_count,
    )
    assert [1, 2, 3, 4, 9] == [row.ended.job for row in checkpoint.recent]


def test_an_output_that_was_not_saved_still_will_be(journal: Journal) -> None:
    """The server before died between the journal and the file."""
    assert [2] == journal.unsaved_outputs()
    assert b"two\n" == journal.output(JobId(2))
    assert {2: 7} == journal.output_starts()
    journal.commit([OutputSaved(JobId(2))])

    assert [] == journal.unsaved_outputs()


def test_an_old_submission_is_still_known(journal: Journal) -> None:
    """Its submitter may be asking yet."""
    again = Submit((), b"", Environment(b""), "")

    assert AckSubmit(JobId(4), JobId(6)) == journal.recall(asks(again, b"b" * 16))
    assert () == journal.recall(asks(again, b"z" * 16))


def test_an_upgraded_journal_can_be_written(folder: Path) -> None:
    """All that is new is kept beside what is old."""
    w6, w8 = WorkerId("w6"), Worker(WorkerId("w8"), "node8", 108)
    lost = Ended(JobId(10), 1, Ending.LOST, Result(problem="worker lost", signal=SIGKILL, ended_ns=START_NS))
    terms = Terms(requeue=False, unique="nightly")
    records: list[Record] = [
        JobsSubmitted(JobId(10), Nonce(b"e" * 16), (Argv(b"true"),), BOB, Terms(requeue=False), START_NS),
        JobsSubmitted(JobId(11), Nonce(b"f" * 16), (Argv(b"true"),), BOB, terms, START_NS),
        JobRequeued(Claim(JobId(7), 2, w6), "worker lost", crashed=True, at_ns=START_NS),
        CancelRequested(JobId(5), SIGKILL, START_NS),
        JobDelegated(Claim(JobId(10), 1, w8.id), w8, START_NS),
        JobFinished(lost, START_NS),
        ResultRefused(Claim(JobId(10), 1, w8.id), 0, START_NS),
    ]
    with closing(Journal(folder)) as journal:
        before = replayed(journal)
        journal.commit(records)
    for record in records:
        before.apply(record)
    with closing(Journal(folder)) as journal:
        after = replayed(journal)
        recalled = journal.recall(asks(Observe(JobId(10)), b"o" * 16))

    assert (lost,) == recalled
    assert waiting_in(before) == waiting_in(after)
    assert before.running == after.running
    assert before.recent_finished == after.recent_finished
    assert {"nightly": 11} == after.unique_jobs
    assert (12, 3, 2, 1) == (after.next_job, after.finished_count, after.cancelled_count, after.lost_count)


def test_the_story_is_read_job_by_job(journal: Journal) -> None:
    """A delegation and a kill follow the job that they are about."""
    told = [
        record.job.id if isinstance(record, JobRestored) else type(record).__name__
        for record in journal.replay()
    ]

    assert ["Checkpoint", 5, "JobDelegated", "CancelRequested", 6, 7, "JobDelegated", 8] == told


# --- version 2 -----------------------------------------------------------------------------


@pytest.fixture(name="second")
def _second(tmp_path: Path) -> Path:
    """A copy of the stored journal of version 2, upgraded."""
    folder = tmp_path / "second"
    folder.mkdir(mode=0o700)
    shutil.copyfile(STORED.parents[1] / "journal-v2" / "journal.sqlite", folder / "journal.sqlite")
    assert 2 == version_of(folder / "journal.sqlite")
    Journal(folder).close()
    return folder


def test_a_journal_of_version_2_is_made_one_of_this_version(second: Path) -> None:
    """It holds, and holds what it held."""
    proof = prove(second)
    with closing(Journal(second)) as journal:
        state = replayed(journal)

    assert VERSION == version_of(second / "journal.sqlite")
    assert [] == proof.violations
    assert {
        "jobs": 9,
        "finished": 3,
        "cancelled": 2,
        "lost": 1,
        "pending outputs": 1,
        "forgotten": 0,
    }.items() <= (proof.counts.items())
    assert [6, 7] == sorted(state.running)
    assert [8] == [job.id for job in waiting_in(state)]
    assert (10, 3, 2, 1) == (state.next_job, state.finished_count, state.cancelled_count, state.lost_count)


def test_a_journal_of_version_2_can_be_cleaned(second: Path) -> None:
    """It has grown for as long as there was no way to clean it."""
    cleaning = Cleaning(START_NS, START_NS)
    with closing(Journal(second)) as journal:
        while journal.clean(cleaning):
            continue

    assert 5 == cleaning.jobs
    assert [] == prove(second).violations
    assert {"jobs": 4, "forgotten": 5}.items() <= prove(second).counts.items()


def test_an_upgraded_journal_has_the_tables_of_a_new_one(second: Path, folder: Path, tmp_path: Path) -> None:
    """Whichever way it came to be, the same goq reads it."""
    Journal(folder).close()
    Journal(tmp_path / "new").close()

    assert shape_of(tmp_path / "new") == shape_of(second)
    assert shape_of(tmp_path / "new").keys() == shape_of(folder).keys()


def shape_of(folder: Path) -> dict[str, set[str]]:
    """The columns of each table and of each index."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")]
        return {
            name: {
                str(row[1:3])
                for pragma in ("table_info", "index_info")
                for row in db.execute(f"PRAGMA {pragma}({name})")
            }
            for name in names
        }
