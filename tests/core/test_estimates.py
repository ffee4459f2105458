"""When a job may run: only from what was measured of what is before it, else nobody says."""

import pytest
from msgspec.structs import replace

from goq.core.values.cluster import Runs, WorkerRow
from goq.core.values.estimates import (
    LEAST_MEASURED,
    Estimate,
    Measured,
    behind_of,
    keeper_of,
    runs_at,
    when_ended,
    when_room,
)
from goq.core.values.ids import JobId
from goq.core.values.reasons import Explained, Machine, Reason
from goq.core.values.room import Offer
from goq.core.values.shown import Counts, Needs, SubmissionRow
from goq.core.values.states import JobState

NS = 10**9
NOW = 1_000_000 * NS
FOLD, SWEEP = JobId(100), JobId(200)
KNOWN = {FOLD: Measured(9, 180.0, 600.0), SWEEP: Measured(LEAST_MEASURED, 20.0, 30.0)}


def run(job: int, ran_s: float, array: JobId = FOLD, cpus: int = 1, memory: int = 0) -> Runs:
    since_ns = NOW - round(ran_s * NS)
    return Runs(JobId(job), str(job), "fold", "ann", since_ns, array, cpus=cpus, memory=memory)


def machine(keeps: int = 7, **lacks: int) -> Machine:
    return Machine("n14", 1, {"cpus": 4}, {"cpus": 0}, lacks, keeps=JobId(keeps))


def when(lacking: Machine, *runs: Runs) -> Estimate | None:
    return when_room(lacking, (("cpus", 4),), runs, KNOWN, NOW)


def test_room_is_there_when_enough_have_ended_that_end_first() -> None:
    """Nine in ten have ended by then; what they have together is enough."""
    runs = (run(101, 100), run(102, 10), run(103, 150), run(104, 0, SWEEP))

    assert Estimate(20.0, "n14", 1, 20.0) == when(machine(cpus=1), *runs)
    assert Estimate(30.0, "n14", 2, 180.0) == when(machine(cpus=2), *runs)
    assert Estimate(80.0, "n14", 3, 180.0) == when(machine(cpus=3), *runs)
    assert None is when(machine(cpus=5), *runs), "they have not so many"
    assert Estimate(20.0, "n14", 1, 20.0) == when(machine(places=1), *runs)


def test_where_there_is_more_than_is_needed_what_frees_first_may_go_to_others() -> None:
    """So all that run there now have to end."""
    runs = (run(101, 100), run(102, 10), run(103, 150), run(104, 0, SWEEP))
    lacking = machine(cpus=2)

    assert Estimate(170.0, "n14", 4, 180.0) == when_room(lacking, (("cpus", 2),), runs, KNOWN, NOW)
    assert None is when_room(lacking, (("cpus", 2),), runs[1:], KNOWN, NOW), "one of them is not measured"
    assert Estimate(30.0, "n14", 2, 180.0) == when_room(lacking, (("cpus", 4),), runs, KNOWN, NOW)


def test_all_that_is_missing_has_to_come_free() -> None:
    """Memory too."""
    runs = (run(101, 170), run(102, 100, memory=4096))

    assert Estimate(80.0, "n14", 2, 180.0) == when(machine(cpus=1, memory=4000), *runs)


def test_what_is_not_measured_says_nothing() -> None:
    """Another kind, one of which too few have ended, one that has run longer than all of its kind."""
    few = {FOLD: replace(KNOWN[FOLD], jobs=LEAST_MEASURED - 1)}

    assert None is when(machine(cpus=1), run(301, 10, JobId(300)))
    assert None is when_room(machine(cpus=1), (("cpus", 4),), [run(101, 10)], few, NOW)
    assert None is when(machine(cpus=1), run(101, 601))
    assert Estimate(200.0, "n14", 1, 180.0) == when(machine(cpus=1), run(101, 400)), "the tenth ends at last"


@pytest.mark.parametrize(
    "other",
    [
        {"keeps": JobId(8)},
        {"small": True},
        {"drained": True},
        {"lacks": {}},
        {"lacks": {"cpus": 1, "matlab": 1}},
    ],
)
def test_room_has_to_be_kept_for_it(other: dict[str, object]) -> None:
    """Elsewhere what frees goes to others; and what frees with no job is nobody's to foretell."""
    job = Explained(JobId(7), "7", reasons=(Reason("room"),), machines=(machine(cpus=1),))
    assert job.machines[0] is keeper_of(job)
    assert None is keeper_of(replace(job, machines=(replace(job.machines[0], **other),)))

    assert None is keeper_of(replace(job, reasons=(Reason("room"), Reason("limit"))))


def test_what_runs_there_and_goes_on() -> None:
    """Of the one worker; what is paused ends at no time."""
    there = WorkerRow(
        "n14", 1, Offer(4), 2, 0, {}, (), (), 0.0, "", jobs=(run(1, 1), replace(run(2, 1), paused=True))
    )
    others = (replace(there, pid=2), replace(there, host="n15"))

    assert (run(1, 1),) == runs_at(machine(), (there, *others))


def test_behind_one_submission_it_runs_when_that_has_ended() -> None:
    """At the pace of the latest; where there is none, nobody says."""
    reason = Reason("after", jobs=((JobId(100), JobId(160)),))
    job = Explained(JobId(7), "7", reasons=(reason,))
    needs = Needs(1)
    row = SubmissionRow(
        100, 60, "ann", JobState.RUNNING, Counts(), 0, 0, (), "/x", needs, rate_per_s=0.5, left_s=80.0
    )

    assert FOLD == behind_of(job)
    assert Estimate(80.0, behind=FOLD, rate_per_s=0.5) == when_ended(row)
    assert None is when_ended(replace(row, rate_per_s=None, left_s=None))
    assert 0 == behind_of(replace(job, reasons=(reason, Reason("held"))))
    assert 0 == behind_of(
        replace(job, reasons=(replace(reason, jobs=((JobId(1), JobId(2)), (JobId(5), JobId(6)))),))
    )
    assert 0 == behind_of(replace(job, reasons=(Reason("until"),)))
