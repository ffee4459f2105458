"""The audit of jobs that wait for others: who started too early, or against what was asked for."""

from pathlib import Path

import pytest

from adapters.test_journal_audit import broken, delegated, edit, ended, submitted
from goq.adapters.store.audit import prove
from goq.adapters.store.journal import Journal
from goq.core.state.records import JobFinished, RangeEnded, Record
from goq.core.values.ids import JobId
from goq.core.values.result import Ending, Result
from goq.core.values.terms import After, Terms, When


def behind(first: int, end: int, when: When = "any", *, each: bool = False) -> Terms:
    return Terms(after=(After(((JobId(first), JobId(end)),), when, each),))


def finished(job: int, exit_code: int = 0) -> JobFinished:
    return ended(job, 1, Ending.FINISHED, Result(exit_code))


def skipped(job: int) -> RangeEnded:
    return RangeEnded(((JobId(job), JobId(job + 1)),), Ending.SKIPPED, "why", 9)


# Of 1 to 3 the second fails, and so the second of 4 to 6, that are behind them, is skipped. 7 waits for
# these in any case, 8 for a failure, 9 for good ends that there are not, 10 for a good one.
STORY: list[Record] = [
    submitted(1, 3),
    submitted(4, 3, behind(1, 4, "ok", each=True)),
    submitted(7, 1, behind(4, 7)),
    submitted(8, 1, behind(1, 4, "fail")),
    submitted(9, 1, behind(1, 4, "ok")),
    submitted(10, 1, behind(4, 5, "ok")),
    delegated(1, 1),
    delegated(2, 1),
    finished(1),
    delegated(4, 1),
    finished(2, 3),
    skipped(5),
    skipped(9),
    delegated(3, 1),
    finished(3),
    finished(4),
    *(record for job in (8, 10, 6) for record in (delegated(job, 1), finished(job))),
    delegated(7, 1),
]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / ".goq")
    journal.commit(STORY)
    journal.close()
    return tmp_path / ".goq"


def test_a_true_journal_holds(folder: Path) -> None:
    """An audit that cries wolf is switched off."""
    proof = prove(folder)

    assert [] == proof.violations
    assert 2 == proof.counts["skipped"]


EARLY = "UPDATE event SET seq = -job WHERE kind = 'delegated' AND job = "


@pytest.mark.parametrize(
    ("law", "job", "sql"),
    [
        ("started too early", 7, f"{EARLY} 7"),
        ("started too early", 8, f"{EARLY} 8"),
        ("started too early", 6, f"{EARLY} 6"),
        ("started too early", 7, "UPDATE result SET ending = NULL WHERE job = 6"),
        ("started too early", 6, "UPDATE result SET ending = NULL WHERE job = 3"),
        ("started too early", 7, "DELETE FROM ended WHERE first = 5"),
        ("started too early", 7, "UPDATE ended SET seq = 99 WHERE first = 5"),
        ("started against its wish", 10, "UPDATE result SET exit_code = 1 WHERE job = 4"),
        ("started against its wish", 10, "UPDATE result SET ending = 'lost' WHERE job = 4"),
        ("started against its wish", 4, "UPDATE result SET signal = 9 WHERE job = 1"),
        ("started against its wish", 8, "UPDATE result SET exit_code = 0 WHERE job = 2"),
        ("behind a later job", 7, "UPDATE terms SET json = replace(json, '[[4,7]]', '[[4,9]]')"),
    ],
)
def test_a_journal_that_breaks_a_law_is_refuted(folder: Path, law: str, job: int, sql: str) -> None:
    """A law that sees nothing proves nothing."""
    edit(folder, sql)

    assert (law, job) in broken(prove(folder))


def test_what_was_kept_may_start(folder: Path) -> None:
    """A person has released it."""
    edit(
        folder,
        "UPDATE terms SET json = replace(json, '}', ',\"keep\":true}'); UPDATE result SET exit_code = 1",
    )

    assert not {law for law, _ in broken(prove(folder)) if law.startswith("started")}


def test_what_is_forgotten_had_ended(folder: Path) -> None:
    """The journal is cleaned, and who waited for it long ago is not to blame."""
    edit(
        folder,
        "DELETE FROM result WHERE job < 4; DELETE FROM event WHERE job < 4; DELETE FROM item WHERE first < 4;"
        " DELETE FROM submission WHERE first < 4; INSERT INTO cleared VALUES (1, 4)",
    )

    assert [] == prove(folder).violations
