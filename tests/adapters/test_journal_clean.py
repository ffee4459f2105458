"""Forgetting: what ended long ago goes, whole; all else stays, and is proved as before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from submissions import submit_of, submitted_of

from adapters.ledgers import (
    WORKER,
    delegated,
    ended,
    finished,
    picture,
    ran,
    replayed,
    request,
    submitted,
    unstarted,
    waiting_in,
)
from goq.adapters.store import clean as journal_clean
from goq.adapters.store.audit import back_up, life_of, prove
from goq.adapters.store.clean import count_cleared, count_old
from goq.adapters.store.journal import Journal
from goq.adapters.store.port import DAY_NS, NONCE_DAYS, Cleaning
from goq.core.dispatch.decision import Asked
from goq.core.messages import AckSubmit, Observe
from goq.core.state.records import (
    BlobAdded,
    CountersReset,
    JobFinished,
    OutputReserved,
    OutputSaved,
    Record,
    ResultRefused,
)
from goq.core.values.blobs import blob_of
from goq.core.values.ids import Environment, JobId, Nonce
from goq.core.values.job import Claim, Origin
from goq.core.values.result import Ending
from goq.core.values.terms import Terms
from goq.errors import JobUnknown

LATE = 10**15  # after all that `ledgers` dates
BOB = Origin(b"/home/bob", Environment(b"B=2"), "bob@head")
TABLES = (
    "submission",
    "item",
    "live",
    "event",
    "result",
    "ended",
    "output",
    "environment",
    "terms",
    "blob",
    "piece",
)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / ".goq"


@pytest.fixture(name="journal")
def _journal(folder: Path) -> Iterator[Journal]:
    with closing(Journal(folder)) as journal:
        yield journal


def clean(journal: Journal, before_ns: int = LATE, now_ns: int = LATE) -> int:
    """Forget all that is to be forgotten; how many jobs that were."""
    cleaning = Cleaning(before_ns, now_ns)
    while journal.clean(cleaning):
        continue
    return cleaning.jobs


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table has, where it has any."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        counts = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    return {table: count for table, count in counts.items() if count}


def ranges(folder: Path, table: str) -> list[tuple[int, int]]:
    """What is cleared, or being swept."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        return [tuple(row) for row in db.execute(f"SELECT first, next FROM {table} ORDER BY first")]


def all_ended(first: int, count: int, origin: Origin = BOB) -> list[Record]:
    """A submission whose jobs have all run."""
    jobs = range(first, first + count)
    return [
        submitted(first, count, origin),
        *(delegated(job) for job in jobs),
        *(finished(job) for job in jobs),
    ]


def test_no_row_is_left_of_what_is_forgotten(folder: Path, journal: Journal) -> None:
    """A journal that keeps a bit of each job grows for ever all the same."""
    journal.commit([*ran(1), OutputReserved(JobId(1), 7), *all_ended(2, 3)])

    assert 4 == clean(journal)
    assert {} == rows(folder)
    assert [(1, 5)] == ranges(folder, "cleared")
    assert [] == ranges(folder, "sweeping")
    assert 4 == count_cleared(folder)


def test_what_ended_lately_stays(folder: Path, journal: Journal) -> None:
    """The moment is when the server wrote the end down, not what a worker's clock said of it."""
    early, late = ended(1, ended_ns=LATE), ended(2, ended_ns=1)
    journal.commit([submitted(1), submitted(2), delegated(1), delegated(2)])
    journal.commit([JobFinished(early, 5_000), JobFinished(late, 7_000)])

    assert 0 == clean(journal, 5_000)
    assert 1 == count_old(folder, 5_001) == clean(journal, 5_001)
    assert journal.ended(JobId(1)) is None
    assert late == journal.ended(JobId(2))
    assert [] == prove(folder).violations


@pytest.mark.parametrize("last", [[], [delegated(3)], [delegated(3), JobFinished(ended(3), LATE)]])
def test_a_submission_stays_whole_until_its_last_job_ended_long_ago(
    folder: Path, journal: Journal, last: list[Record]
) -> None:
    """Its jobs share what only the submission knows."""
    journal.commit([submitted(1, 3), delegated(1), finished(1), delegated(2), finished(2), *last])
    before = rows(folder)

    assert 0 == count_old(folder, LATE) == clean(journal)
    assert before == rows(folder)


def test_an_output_that_is_not_in_its_file_keeps_its_job(folder: Path, journal: Journal) -> None:
    """It is nowhere else."""
    journal.commit(ran(1, output=b"hello", output_length=5, output_sha256=b"x" * 32))

    assert 0 == clean(journal)
    journal.commit([OutputSaved(JobId(1))])

    assert 1 == clean(journal)


def test_an_environment_stays_while_a_submission_uses_it(folder: Path, journal: Journal) -> None:
    """And the journal does not believe one to be there that has gone."""
    journal.commit([submitted(1, 1, BOB), *ran(2)])

    assert 1 == clean(journal)
    assert 1 == rows(folder)["environment"]
    assert BOB == waiting_in(replayed(journal))[0].origin
    journal.commit([delegated(1), finished(1)])
    clean(journal)
    journal.commit([submitted(3, 1, BOB)])

    assert BOB == waiting_in(replayed(journal))[0].origin


def test_what_was_in_a_forgotten_environment_is_in_no_file_and_no_backup(
    folder: Path, journal: Journal
) -> None:
    """Tokens lie in environments, and backups last longer than jobs."""
    secret = b"TOKEN=" + bytes(range(65, 91)) * 400  # more than a page
    short = b"SHORT=kept-out-of-sight"
    for first, environment in ((1, secret), (2, short)):
        journal.commit(all_ended(first, 1, Origin(b"/home/ann", Environment(environment), "ann@head")))
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (folder / "journal.sqlite").read_bytes()
    assert 2 == clean(journal)
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    back_up(folder, folder / "backup")
    files = [folder / name for name in ("journal.sqlite", "journal.sqlite-wal", "backup")]
    after = [each.read_bytes() for each in files]

    assert all(each in before for each in (secret[-900:], short))
    assert not any(each in kept for kept in after for each in (secret[-900:], secret[:900], short))
    assert {0o600} == {each.stat().st_mode & 0o777 for each in files}


def test_a_job_number_is_never_given_again(folder: Path, journal: Journal) -> None:
    """Also when all is forgotten: outputs and people remember it."""
    journal.commit(ran(1) + ran(2))
    clean(journal)

    assert 3 == replayed(journal).next_job
    journal.commit([submitted(3)])

    assert 4 == replayed(journal).next_job


def test_counters_stay(journal: Journal) -> None:
    """They count what was done, not what is remembered."""
    journal.commit(ran(1) + ran(2))
    clean(journal)
    state = replayed(journal)

    assert 2 == state.finished_count
    assert [] == list(state.recent_finished)


def test_a_forgotten_submission_that_comes_again_makes_no_jobs(journal: Journal) -> None:
    """Spooled somewhere, and sent again by a machine that was off for months."""
    journal.commit(all_ended(1, 3))
    again = request(submit_of(b"ls"), 1)
    clean(journal, now_ns=LATE)

    assert AckSubmit(JobId(1), JobId(3)) == journal.recall(again)


def test_a_nonce_is_remembered_for_a_year(journal: Journal) -> None:
    """For ever would be a journal that grows for ever."""
    year = NONCE_DAYS * DAY_NS
    first = request(submit_of(b"ls"), 1)
    journal.commit(ran(1) + ran(2))
    clean(journal, LATE, year + 1_002)  # job 1 was submitted at 1001, job 2 at 1002

    assert journal.recall(first) == ()
    assert AckSubmit(JobId(2), JobId(2)) == journal.recall(request(first.question, 2))


def test_a_result_that_is_refused_after_its_job_was_forgotten_leaves_no_trace(
    folder: Path, journal: Journal
) -> None:
    """An audit would ask whose it is."""
    journal.commit(ran(1))
    clean(journal)
    journal.commit([ResultRefused(Claim(EPOCH, JobId(1), 1, WORKER.id), 0, LATE)])

    assert {} == rows(folder)
    assert [] == prove(folder).violations


def test_results_after_a_cleaning_are_still_the_latest(journal: Journal) -> None:
    """The numbers of events begin again when all are gone; a reset before must not hide them."""
    journal.commit([*ran(1), CountersReset(4_000)])
    clean(journal)
    journal.commit(ran(2))

    assert [2] == list(replayed(journal).recent_finished)


def test_nobody_knows_a_forgotten_job(folder: Path, journal: Journal) -> None:
    """As if it had never been."""
    journal.commit(ran(1))
    clean(journal)

    assert journal.recall(request(Observe(JobId(1)))) == ()
    with pytest.raises(JobUnknown):
        life_of(folder, JobId(1))


def test_ranges_that_touch_become_one(folder: Path, journal: Journal) -> None:
    """A journal that is cleaned daily for years must not keep a row for each day."""
    journal.commit([*ran(1), submitted(2), *ran(3), *ran(4), submitted(5), *ran(6)])
    clean(journal)

    assert [(1, 2), (3, 5), (6, 7)] == ranges(folder, "cleared")
    journal.commit([delegated(2), finished(2), delegated(5), finished(5)])
    clean(journal)

    assert [(1, 7)] == ranges(folder, "cleared")


# --- in pieces -----------------------------------------------------------------------------


@pytest.fixture(name="small_steps")
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_clean, "STEP_JOBS", 4)
    monkeypatch.setattr(journal_clean, "STEP_SUBMISSIONS", 2)


@pytest.mark.usefixtures("small_steps")
def test_each_step_leaves_a_journal_that_holds_and_goes_on_elsewhere(folder: Path) -> None:
    """Killed between any two steps, the next server sees a true journal, and can finish the work."""
    story = [*all_ended(1, 11), submitted(12), *ran(13), *all_ended(14, 3), *ran(17)]
    with closing(Journal(folder)) as journal:
        journal.commit(story)
        before = picture(replayed(journal))
    steps = 0
    cleaning = Cleaning(LATE, LATE)
    more = True
    while more:
        steps += 1
        with closing(Journal(folder)) as journal:
            more = journal.clean(cleaning)
            now = picture(replayed(journal))

            assert [] == prove(folder).violations
            assert {key: before[key] for key in ("next_job", "waiting", "running", "counts")} == {
                key: now[key] for key in ("next_job", "waiting", "running", "counts")
            }
    assert steps > 5
    assert [(1, 12), (13, 18)] == ranges(folder, "cleared")
    assert {"submission": 1, "environment": 1} == rows(folder)


@pytest.mark.usefixtures("small_steps")
def test_a_step_touches_few_jobs(folder: Path, journal: Journal) -> None:
    """Whoever waits for an answer waits for one step at most."""
    journal.commit(all_ended(1, 11) + all_ended(12, 2) + all_ended(14, 2) + all_ended(16, 2))
    cleaning = Cleaning(LATE, LATE)
    seen = [17]
    while journal.clean(cleaning):
        seen.append(rows(folder).get("result", 0))

    assert max(before - after for before, after in pairwise(seen)) <= 4
    assert 0 == seen[-1]


@pytest.mark.usefixtures("small_steps")
def test_jobs_that_are_being_swept_are_not_held_against_their_outputs(folder: Path, journal: Journal) -> None:
    """Their files may be gone: the user has cleaned up too."""
    journal.commit(all_ended(1, 11))
    cleaning = Cleaning(LATE, LATE)
    journal.clean(cleaning)
    journal.clean(cleaning)

    assert {"event": 14, "result": 7} == rows(folder)
    assert [] == prove(folder).outputs
    assert 0 == prove(folder).counts["jobs"]
    assert 11 == prove(folder).counts["forgotten"]


def test_what_was_left_half_swept_is_swept_later(folder: Path) -> None:
    """A server that was killed in the middle of it; the next cleaning begins with that."""
    with closing(Journal(folder)) as journal:
        journal.commit(all_ended(1, 2 * journal_clean.STEP_JOBS))
        first = Cleaning(LATE, LATE)
        journal.clean(first)
        journal.clean(first)
    with closing(Journal(folder)) as journal:
        assert journal_clean.STEP_JOBS == rows(folder)["result"]
        assert 0 == clean(journal, before_ns=0)
    assert {} == rows(folder)


def test_a_large_submission_does_not_hold_up_the_next(journal: Journal) -> None:
    """One that is larger than a step is looked at alone."""
    many = 2 * journal_clean.STEP_JOBS
    journal.commit([submitted_of(1, Nonce(b"m" * 16), (b"true",) * many, BOB), *ran(many + 1)])

    assert 1 == clean(journal)


# --- the audit -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "job", "sql"),
    [
        ("missing submission", 3, "DELETE FROM submission WHERE first = 3"),
        ("missing submission", 1, "DELETE FROM cleared"),
        ("missing submission", 2, "UPDATE cleared SET next = 2"),
        ("missing job", 6, "DELETE FROM item WHERE first = 5"),
        ("job of two submissions", 3, "UPDATE cleared SET next = 4"),
        (
            "job of two submissions",
            1,
            (
                "INSERT INTO submission VALUES (1, 1, 1, 1, x'00', 1, x'', x'', 1, '', NULL, NULL, NULL, 0, x'41', NULL, 0, 1,"
                " 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL)"
            ),
        ),
        ("stray job", 1, "INSERT INTO event VALUES (99, 1, 2, 'delegated', 1, 1, '', '', 0, 9, '', '')"),
        ("stray job", 2, "INSERT INTO event VALUES (99, 2, 4, 'finished', 0, 0, '', '', 0, 9, '', 'x')"),
    ],
)
def test_what_is_lost_from_a_cleaned_journal_is_told_from_what_was_forgotten(
    folder: Path, law: str, job: int, sql: str
) -> None:
    """A cleaning must not be an excuse."""
    with closing(Journal(folder)) as journal:
        journal.commit(ran(1) + ran(2) + [submitted(3), submitted(4), submitted(5, 2)])
        clean(journal)
    assert [] == prove(folder).violations
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        db.executescript(sql)

    assert (law, job) in {(each.law, each.job) for each in prove(folder).violations}


def test_a_range_that_ended_at_once_is_cut_where_a_part_of_it_is_forgotten(
    folder: Path, journal: Journal
) -> None:
    """A hundred submissions may fail in one moment; each is forgotten by itself, the others keep their ends."""
    failed = unstarted(2, 9, Ending.FINISHED, "no such folder", 5_000)
    journal.commit([submitted(1, 3), submitted(4, 3), submitted(7, 4)])
    journal.commit([failed, *(delegated(job) for job in (1, 10)), finished(1), JobFinished(ended(10), LATE)])
    assert [] == prove(folder).violations
    before = [row for row in replayed(journal).recent_finished.items() if row[0] > 6]
    assert 6 == clean(journal)

    assert [(1, 7)] == ranges(folder, "cleared")
    assert [] == prove(folder).violations
    assert before == list(replayed(journal).recent_finished.items())
    assert [(7, 10)] == ranges(folder, "ended")
    assert [None, "no such folder"] == [
        kept and kept.result.problem for kept in (journal.ended(JobId(6)), journal.ended(JobId(7)))
    ]
    assert "finished" == life_of(folder, JobId(8)).events[0].kind


def test_what_lies_between_two_ends_of_a_range_may_be_forgotten_alone(folder: Path, journal: Journal) -> None:
    """The submission in the middle is the old one."""
    journal.commit([submitted(1), submitted(2), submitted(3)])
    journal.commit([unstarted(1, 3, Ending.FINISHED, "gone", 5_000)])
    with closing(sqlite3.connect(folder / "journal.sqlite")) as db:
        db.execute("UPDATE submission SET at_ns = ? WHERE first <> 2", (LATE,))
        db.commit()

    assert 1 == clean(journal)
    assert [(1, 2), (3, 4)] == ranges(folder, "ended")
    assert [] == prove(folder).violations
    assert [1, 3] == list(replayed(journal).recent_finished)


def test_equal_terms_are_kept_once_and_no_longer_than_they_are_used(folder: Path, journal: Journal) -> None:
    """As environments are."""
    asked = [submitted(job, terms=Terms(umask=0o007)) for job in (1, 2)]
    journal.commit([*asked, submitted(3), *(delegated(job) for job in (1, 3)), finished(1), finished(3)])
    assert 1 == rows(folder)["terms"]
    assert 2 == clean(journal)

    assert 1 == rows(folder)["terms"]
    assert [Terms(umask=0o007)] == [job.terms for job in waiting_in(replayed(journal))]
    journal.commit([delegated(2), finished(2)])
    clean(journal)

    assert {} == rows(folder)


def test_equal_scripts_are_kept_once_and_no_longer_than_they_are_used(folder: Path, journal: Journal) -> None:
    """As environments are: who retries a job that has ended needs its script."""
    text = b"#!/bin/sh\n"
    script = blob_of(text)
    first, second = (submitted(job, 1, replace(BOB, script=script)) for job in (1, 2))
    brought = BlobAdded(script, 0, text, (JobId(1),))
    journal.commit([replace(first, lacks=(script,)), brought, second])
    journal.commit([submitted(3, 1, BOB), *(delegated(job) for job in (1, 3)), finished(1), finished(3)])
    assert 2 == clean(journal)

    assert 1 == rows(folder)["blob"] == rows(folder)["piece"]
    assert [script] == [job.origin.script for job in waiting_in(replayed(journal))]
    journal.commit([delegated(2), finished(2)])
    assert {script} == journal.gone(Asked(blobs=(script,))).blobs
    assert 1 == clean(journal)
    assert not {"blob", "piece"} & rows(folder).keys()
