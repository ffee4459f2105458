"""The journal: what was committed is there, for one server at a time, and for nobody else to read."""

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from reports import tells
from submissions import submit_of

from adapters.ledgers import (
    ORIGIN,
    delegated,
    ended,
    finished,
    picture,
    ran,
    read,
    replayed,
    request,
    submitted,
    unstarted,
    waiting,
    waiting_in,
    write,
)
from goq.adapters.store.journal import Journal
from goq.adapters.store.tables import VERSION
from goq.core import messages as m
from goq.core.state.records import (
    CancelRequested,
    CountersReset,
    EpochBegun,
    JobRequeued,
    OutputReserved,
    OutputSaved,
    RangeEnded,
    Record,
)
from goq.core.state.state import RECENT_FINISHED, State
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import QUEUE_BYTES, Environment, Epoch, JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Ending
from goq.errors import JournalError

SHA = bytes(range(32))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture(name="journal")
def _journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder)
    yield journal
    journal.close()


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What another program sees in the database."""
    with sqlite3.connect(folder / "journal.sqlite") as db:
        found = db.execute(query).fetchall()
    db.close()
    return found


# --- what comes back -----------------------------------------------------------------------


def test_a_new_journal_tells_of_nothing(journal: Journal) -> None:
    """The first job of a new server is number 1."""
    state = replayed(journal)

    assert (QUEUE_BYTES, 0) == (len(state.epoch.queue), state.epoch.number)
    assert picture(State()) | {"epoch": state.epoch} == picture(state)


def test_each_journal_is_a_queue_of_its_own(tmp_path: Path) -> None:
    """Two servers in two folders must never be taken for one."""
    queues = set()
    for name in ("a", "b", "c"):
        journal = Journal(tmp_path / name)
        queues.add(replayed(journal).epoch.queue)
        journal.close()

    assert 3 == len(queues)


def test_an_epoch_that_has_begun_is_the_last_one_for_the_next_server(folder: Path) -> None:
    """Two starts that gave the same claim could not be told apart."""
    queue = read(folder).epoch.queue
    write(folder, [EpochBegun(Epoch(queue, 1), 7)])
    write(folder, [EpochBegun(Epoch(queue, 2), 8)])

    assert Epoch(queue, 2) == read(folder).epoch


def test_jobs_come_back_where_they_were(folder: Path) -> None:
    """Waiting, running, being killed, requeued: each of them goes on in its place."""
    write(
        folder,
        [submitted(1, 5)],
        [delegated(1), delegated(2), CancelRequested(JobId(2), 2, 9), delegated(3)],
        [CancelRequested(JobId(1), 15, 9)],
        [JobRequeued(Claim(EPOCH, JobId(3), 1, WorkerId("node7-1")), "worker lost", CountsAs.CRASH, 9)],
    )
    state = read(folder)

    assert [3, 4, 5] == waiting(state)
    assert {1: 15, 2: 2} == {job: run.kill_signal for job, run in state.running.items()}
    assert 1 == waiting_in(state)[0].attempts
    assert 1 == waiting_in(state)[0].crashes
    assert 6 == state.next_job


@pytest.mark.parametrize("at_once", [True, False])
def test_all_that_befell_a_job_counts_however_it_was_committed(folder: Path, at_once: bool) -> None:
    """A turn that took long may hold several lost workers of one job, and more of its story."""
    back = [
        JobRequeued(Claim(EPOCH, JobId(1), attempt, WorkerId("node7-1")), "why", counts_as, 9)
        for attempt, counts_as in ((1, CountsAs.CRASH), (2, CountsAs.CRASH), (3, CountsAs.NOTHING))
    ]
    story: list[Record] = [
        submitted(1),
        delegated(1, 1),
        back[0],
        delegated(1, 2),
        back[1],
        delegated(1, 3),
        back[2],
    ]
    write(folder, *([story] if at_once else [[record] for record in story]))
    (job,) = waiting_in(read(folder))

    assert (3, 2) == (job.attempts, job.crashes)


def test_a_finished_job_does_not_come_back_as_a_live_one(folder: Path) -> None:
    """It would run twice."""
    write(folder, [*ran(1), *ran(2, exit_code=3), submitted(3), unstarted(3)])
    state = read(folder)

    assert ([], {}) == (waiting(state), state.running)
    assert (2, 1) == (state.finished_count, state.cancelled_count)
    assert [(1, 0), (2, 3), (3, 143)] == [
        (job, row.ended.status) for job, row in state.recent_finished.items()
    ]


def test_jobs_that_failed_together_before_they_ran_have_ended(folder: Path) -> None:
    """In their place among all that ended; those around them go on."""
    ranges = ((JobId(2), JobId(5)), (JobId(6), JobId(8)))
    failed = RangeEnded(ranges, Ending.FINISHED, "no such folder", 5_000)
    story: list[Record] = [
        submitted(1, 3),
        submitted(4),
        submitted(5, 5),
        delegated(1),
        delegated(5),
        finished(5),
    ]
    write(folder, [*story, failed, CancelRequested(JobId(1), 2, 9), finished(1)])
    state = read(folder)

    assert [8, 9] == waiting(state)
    assert [5, 2, 3, 4, 6, 7, 1] == list(state.recent_finished)
    assert (7, 5) == (state.finished_count, state.failed_count)
    assert ({}, {125}) == (
        state.running,
        {state.recent_finished[job].ended.status for job in failed.jobs()},
    )
    journal = Journal(folder)
    known = [journal.ended(JobId(job)) for job in (3, 4, 7, 8)]
    journal.close()

    assert [*(failed.ended(JobId(job)) for job in (3, 4, 7)), None] == known


def test_job_numbers_go_on_after_the_last_one(folder: Path) -> None:
    """Also when no job is left: the number was printed, and names that job for ever."""
    write(folder, [submitted(1, 3)], [unstarted(job) for job in (1, 2, 3)])

    assert 4 == read(folder).next_job


def test_only_the_latest_finished_jobs_are_told(folder: Path) -> None:
    """A server's start must not take longer with every job that it ever ran."""
    many = RECENT_FINISHED + 50
    write(folder, [submitted(1, many), *(unstarted(job) for job in range(1, many + 1))])
    state = read(folder)

    assert list(range(51, many + 1)) == list(state.recent_finished)
    assert many == state.cancelled_count


def test_jobs_of_one_submission_share_their_environment(folder: Path) -> None:
    """A hundred thousand jobs of one shell must not hold as many copies of its variables."""
    write(folder, [submitted(1, 100)])
    state = read(folder)

    assert 1 == len({id(job.origin) for job in waiting_in(state)})


def test_an_environment_is_kept_once(folder: Path) -> None:
    """Environments are long, and nearly all submissions of a user have the same."""
    other = replace(ORIGIN, environment=Environment(b"LANG=C"))
    write(folder, [submitted(1), submitted(2)], [submitted(3, origin=other)])
    write(folder, [submitted(4), submitted(5, origin=other)])

    assert [(2,)] == rows(folder, "SELECT count(*) FROM environment")
    assert [ORIGIN, ORIGIN, other, ORIGIN, other] == [job.origin for job in waiting_in(read(folder))]


def test_an_environment_of_a_failed_batch_is_not_taken_for_kept(journal: Journal, folder: Path) -> None:
    """What was rolled back must be written again, or a job would come back without its variables."""
    fresh = replace(ORIGIN, environment=Environment(b"FRESH=1"))
    journal.commit([submitted(1)])
    with pytest.raises(sqlite3.IntegrityError):
        journal.commit([submitted(2, origin=fresh), submitted(1)])
    journal.commit([submitted(2, origin=fresh)])

    assert [ORIGIN, fresh] == [job.origin for job in waiting_in(replayed(journal))]


def test_a_batch_that_fails_in_the_middle_leaves_nothing_behind(journal: Journal) -> None:
    """All or none: half a batch would be a state that no dispatcher was ever in."""
    journal.commit([submitted(1)])
    before = picture(replayed(journal))
    with pytest.raises(sqlite3.IntegrityError):
        journal.commit([submitted(2), delegated(1), finished(1), submitted(1)])

    assert before == picture(replayed(journal))
    journal.commit([submitted(2)])
    assert [1, 2] == waiting(replayed(journal))


def test_an_empty_batch_is_nothing(journal: Journal, folder: Path) -> None:
    """Most turns of the loop decide nothing, and must not cost a sync."""
    before = (folder / "journal.sqlite-wal").stat().st_size
    journal.commit([])

    assert before == (folder / "journal.sqlite-wal").stat().st_size


# --- what is recalled ----------------------------------------------------------------------


def test_a_used_nonce_is_recalled_for_ever(folder: Path) -> None:
    """A client that sends again after a restart must get the number of the job that it has."""
    write(folder, [submitted(1, 3), submitted(4)])
    journal = Journal(folder)
    submit = submit_of(b"ls")
    recalled = [journal.recall(request(submit, number)) for number in (1, 4, 5)]
    journal.close()

    assert [m.AckSubmit(JobId(1), JobId(3)), m.AckSubmit(JobId(4), JobId(4)), ()] == recalled


@pytest.mark.parametrize("reset", [False, True])
def test_an_end_is_recalled_for_ever(folder: Path, reset: bool) -> None:
    """`goq wait` may come a year later, and `goq reset` is about the counters only."""
    write(folder, ran(1, exit_code=3, host="node7", problem="odd \u2603", cpu_s=0.25), [submitted(2)])
    if reset:
        write(folder, [CountersReset(9)])
    journal = Journal(folder)
    report = m.Done(Claim(EPOCH, JobId(1), 1, WorkerId("node7-1")), finished(1).ended.result)
    about = (
        m.Observe(JobId(1)),
        m.Cancel(JobId(1)),
        m.alone(report),
    )
    recalled = [journal.recall(request(question)) for question in about]
    unknown = [journal.recall(request(m.Observe(JobId(job)))) for job in (2, 99)]
    journal.close()

    assert [(ended(1, exit_code=3, host="node7", problem="odd \u2603", cpu_s=0.25),)] * 3 == recalled
    assert [(), ()] == unknown


def test_the_ends_of_all_jobs_in_a_report_are_recalled(journal: Journal) -> None:
    """Those that have ended, whatever the others do."""
    journal.commit([*ran(1, exit_code=1), submitted(2), *ran(3, exit_code=3)])
    claims = [Claim(EPOCH, JobId(job), 1, WorkerId("node7-1")) for job in (3, 2, 1, 9)]
    reports = tuple(m.Done(claim, finished(1).ended.result) for claim in claims)
    returned = (m.Returned(Claim(EPOCH, JobId(1), 1, WorkerId("node7-1"))),)
    recalled = journal.recall(request(tells(WorkerId("node7-1"), reports)))

    assert (ended(3, exit_code=3), ended(1, exit_code=1)) == recalled
    assert () == journal.recall(request(tells(WorkerId("node7-1"), (), returned)))


def test_nothing_else_is_looked_up(journal: Journal) -> None:
    """Only these questions can be about the past."""
    assert () == journal.recall(request(m.TakeSnapshot(1)))


def test_a_reset_is_remembered(folder: Path) -> None:
    """Counters begin again, also after a restart; what ended since counts."""
    write(folder, [*ran(1), CountersReset(9), *ran(2)])
    state = read(folder)

    assert (1, 0) == (state.finished_count, state.cancelled_count)
    assert [2] == list(state.recent_finished)
    assert 3 == state.next_job


# --- outputs -------------------------------------------------------------------------------


def test_a_short_output_is_kept_until_its_file_is_safe(folder: Path) -> None:
    """The worker has forgotten it as soon as the journal has it."""
    write(folder, ran(1, output=b"a\0b\xff", output_length=4, output_sha256=SHA), ran(2))
    journal = Journal(folder)
    kept = {job: journal.output(*job) for job in journal.unsaved_outputs()}
    journal.commit([OutputSaved(JobId(1))])
    left = journal.unsaved_outputs()
    journal.close()

    assert {(1, 1, 1): b"a\0b\xff"} == kept
    assert [] == left
    assert [(None,)] == rows(folder, "SELECT output FROM result WHERE job = 1")


def test_an_empty_output_is_an_output(folder: Path) -> None:
    """Its file is made all the same: somebody waits for it."""
    write(folder, ran(1, output_sha256=SHA))
    journal = Journal(folder)
    kept = [(job, journal.output(*job)) for job in journal.unsaved_outputs()]
    journal.close()

    assert [((1, 1, 1), b"")] == kept


def test_a_streamed_output_is_not_kept_here(folder: Path) -> None:
    """It went into its file before; without a digest there was none at all."""
    write(folder, ran(1, output_length=10**9, output_sha256=SHA), ran(2))
    journal = Journal(folder)
    kept = journal.unsaved_outputs()
    told = journal.ended(JobId(1))
    journal.close()

    assert [] == kept
    assert ended(1, output_length=10**9, output_sha256=SHA) == told


def test_where_outputs_begin_is_kept(folder: Path) -> None:
    """An output that is written again must not cover what was in its file before."""
    write(folder, [submitted(1, 2), OutputReserved(JobId(1), 10), OutputReserved(JobId(2), 7)])
    write(folder, [OutputReserved(JobId(1), 12)])
    journal = Journal(folder)
    starts = journal.output_starts()
    journal.close()

    assert {1: {1: 12}, 2: {1: 7}} == starts


# --- one server, and its eyes only ---------------------------------------------------------


def test_a_journal_has_one_server(journal: Journal, folder: Path) -> None:
    """Two would give out the same numbers; the second says who is first."""
    for _ in range(2):
        with pytest.raises(JournalError, match=rf"pid {os.getpid()} has the journal in .*GOQ_JOURNAL"):
            Journal(folder)


def test_a_closed_journal_is_free_for_the_next_server(folder: Path) -> None:
    """A restart must not have to wait for anything."""
    for job in (1, 2, 3):
        write(folder, [submitted(job)])

    assert [1, 2, 3] == waiting(read(folder))


def test_all_files_are_private_from_birth(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold commands and environments; a mode that is set afterwards comes too late."""
    births: list[int] = []
    really_open = os.open

    def watched(path: object, flags: int, mode: int = 0o777, **rest: object) -> int:
        fileno = really_open(path, flags, mode, **rest)  # type: ignore[arg-type]  # passed on
        if flags & os.O_CREAT:
            births.append(stat.S_IMODE(os.fstat(fileno).st_mode))
        return fileno

    monkeypatch.setattr(os, "open", watched)
    old_umask = os.umask(0)
    try:
        journal = Journal(folder)
        journal.commit([submitted(1)])
    finally:
        os.umask(old_umask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    journal.close()

    assert [0o600] * len(births) == births
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    names = ("journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal", "lock")
    assert dict.fromkeys(names, 0o600) == dict(sorted(modes.items()))


def test_the_file_says_what_it_is(folder: Path) -> None:
    """The header names the application and the version, for tools and for later releases."""
    write(folder, [submitted(1)])
    header = (folder / "journal.sqlite").read_bytes()[:100]

    assert b"goq1" == header[68:72]
    assert VERSION == int.from_bytes(header[60:64], "big")


def test_a_journal_of_a_newer_goq_is_left_alone(folder: Path) -> None:
    """An old server must not write into tables that it does not know."""
    write(folder, [submitted(1)])
    path = folder / "journal.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = hashlib.sha256(path.read_bytes()).digest()

    with pytest.raises(JournalError, match=r"is of version 99, .*upgrade goq"):
        Journal(folder)
    assert before == hashlib.sha256(path.read_bytes()).digest()
