"""The audit of grants: GPUs and pinned cpus of a host are one job's own at a time."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.test_audit_behind import finished
from adapters.test_journal_audit import broken, claim, edit, submitted
from goq.adapters.store.audit import prove
from goq.adapters.store.journal import Journal
from goq.core.state.records import JobDelegated, JobRequeued, Record
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker
from goq.core.values.room import Grant


def given(job: int, grant: Grant, attempt: int = 1, host: str = "n1") -> JobDelegated:
    worker = Worker(WorkerId(f"w{job}"), host, 9)
    return JobDelegated(replace(claim(job, attempt), worker=worker.id), worker, 100, grant)


def gpus(*ids: str, shared: tuple[str, ...] = (), boot: str = "b1") -> Grant:
    return Grant(ids, (), boot, shared)


# 1 and 2 have a GPU each, 3 the one of 2 once it is over, 4 the same of another host, 5 of an earlier boot;
# 6 and 7 share one; 8 is pinned, comes back, and 9 has its cpus then, and 10 others.
STORY: list[Record] = [
    submitted(1, 10),
    given(1, gpus("0", "2")),
    given(2, gpus("1")),
    finished(2),
    given(3, gpus("1")),
    given(4, gpus("1"), host="n2"),
    given(5, gpus("1", boot="b0")),
    given(6, gpus("9", shared=("9",))),
    given(7, gpus("9", shared=("9",))),
    finished(7),
    given(8, Grant((), (4, 5), "b1")),
    JobRequeued(claim(8, 1), "back", CountsAs.NOTHING, 200),
    given(9, Grant((), (5,), "b1")),
    finished(9),
    given(8, Grant((), (4, 5), "b1"), 2),
    given(10, Grant((), (6, 7), "b1")),
]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / ".goq")
    journal.commit(STORY)
    journal.close()
    return tmp_path / ".goq"


def test_a_true_journal_holds(folder: Path) -> None:
    """What is one's own after another is not two's at a time."""
    assert [] == prove(folder).violations


def grant(job: int, what: str) -> str:
    return (
        f"UPDATE granted SET what = '{what}' WHERE job = {job};"
        f"UPDATE live SET granted = '{what}' WHERE job = {job}"
    )


@pytest.mark.parametrize(
    ("law", "job", "sql"),
    [
        ("granted twice", 3, grant(3, '{"gpus":["2"],"boot":"b1"}')),
        ("granted twice", 5, grant(5, '{"gpus":["1"],"boot":"b1"}')),
        ("granted twice", 4, "UPDATE event SET host = 'n1' WHERE kind = 'delegated' AND job = 4"),
        (
            "granted twice",
            7,
            grant(7, '{"gpus":["9"],"boot":"b1"}') + ";" + grant(6, '{"gpus":["9"],"boot":"b1"}'),
        ),
        ("granted twice", 10, grant(10, '{"cpus":[5],"boot":"b1"}')),
        ("grant of nobody", 10, "UPDATE live SET granted = '' WHERE job = 10"),
        ("grant of nobody", 10, "DELETE FROM granted WHERE job = 10"),
        ("grant of nobody", 1, "INSERT INTO granted VALUES (1, 7, '{}')"),
    ],
)
def test_a_journal_that_breaks_a_law_is_refuted(folder: Path, law: str, job: int, sql: str) -> None:
    """Whoever it is that had it first."""
    edit(folder, sql)

    assert {(law, job)} == broken(prove(folder))
