"""When a job may run, from what was measured of what is before it; else nobody says. Pure."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from goq.core.values.cluster import Runs, WorkerRow
from goq.core.values.ids import JobId
from goq.core.values.moments import NS
from goq.core.values.reasons import NO_JOB, PLACES, Explained, Machine
from goq.core.values.room import CPUS, GPUS, MEMORY, Need
from goq.core.values.shown import SubmissionRow

LEAST_MEASURED = 5  # jobs of a kind that have ended well
KINDS_LIMIT = 20  # that are looked up
_FREED = frozenset((CPUS, GPUS, MEMORY, PLACES))


class Measured(Struct, frozen=True):
    """Of a kind of jobs, of which so many ended well: nine in ten ran no longer than that, and none longer than the most, in seconds."""

    jobs: int
    most_of_ten_s: float
    most_s: float


class Estimate(Struct, frozen=True):
    """In about so many seconds: `jobs` run on `host`, and of their kind nine in ten end within `within_s`.

    Or, without a host, the submission `behind` will have ended then, at `rate_per_s`.
    """

    left_s: float
    host: str = ""
    jobs: int = 0
    within_s: float = 0.0
    behind: JobId = NO_JOB
    rate_per_s: float = 0.0


def kind_of(run: Runs) -> JobId:
    """What a running job is of: its array, or itself."""
    return run.array or run.job


def keeper_of(job: Explained) -> Machine | None:
    """The machine that keeps room for the job, when what is missing there frees with jobs."""
    if len(job.reasons) != 1:
        return None
    keepers = (each for each in job.machines if each.keeps == job.job and not (each.small or each.drained))
    machine = next(keepers, None)
    return machine if machine and machine.lacks and machine.lacks.keys() <= _FREED else None


def runs_at(machine: Machine, rows: Iterable[WorkerRow]) -> tuple[Runs, ...]:
    """What runs there and ends by itself."""
    here = (row for row in rows if (row.host, row.pid) == (machine.name, machine.pid))
    return tuple(run for row in here for run in row.jobs if not run.paused)


def when_room(
    machine: Machine, need: Need, runs: Iterable[Runs], known: Mapping[JobId, Measured], now_ns: int
) -> Estimate | None:
    """When enough has come free there for that, if those whose kinds are measured free enough."""
    ends = [
        (left_s, run) for run in runs if (left_s := _left_s(run, known.get(kind_of(run)), now_ns)) is not None
    ]
    ends.sort(key=lambda each: each[0])
    needs = dict(need)
    lacks = {name: _to_free(machine, name, much, needs.get(name, 0)) for name, much in machine.lacks.items()}
    jobs, within_s = 0, 0.0
    for left_s, run in ends:
        jobs, within_s = jobs + 1, max(within_s, known[kind_of(run)].most_of_ten_s)
        for name, much in _frees(run):
            if name in lacks:
                lacks[name] -= much
        if all(much <= 0 for much in lacks.values()):
            return Estimate(left_s, machine.name, jobs, within_s)
    return None


def _to_free(machine: Machine, name: str, lack: int, needed: int) -> int:
    """How much has to come free. Where the machine has more than is needed, what frees first may go to others."""
    holds, free = machine.holds.get(name), machine.free.get(name)
    if holds is None or free is None or holds <= needed:
        return lack
    return max(lack, holds - max(0, free))


def _left_s(run: Runs, measured: Measured | None, now_ns: int) -> float | None:
    """None of what is not measured, or has run longer than anything that was."""
    if measured is None or measured.jobs < LEAST_MEASURED:
        return None
    ran_s = max(0.0, (now_ns - run.since_ns) / NS)
    ends_s = measured.most_of_ten_s if ran_s <= measured.most_of_ten_s else measured.most_s
    return ends_s - ran_s if ran_s <= ends_s else None


def _frees(run: Runs) -> tuple[tuple[str, int], ...]:
    return ((CPUS, run.cpus), (MEMORY, run.memory), (GPUS, len(run.gpus)), (PLACES, 1))


def behind_of(job: Explained) -> JobId:
    """The submission that it alone waits for; 0 for none."""
    if len(job.reasons) != 1 or job.reasons[0].code != "after" or len(job.reasons[0].jobs) != 1:
        return NO_JOB
    return JobId(job.reasons[0].jobs[0][0])


def when_ended(row: SubmissionRow) -> Estimate | None:
    """When all of a submission has ended, at its pace."""
    if row.left_s is None or not row.rate_per_s:
        return None
    return Estimate(row.left_s, behind=JobId(row.id), rate_per_s=row.rate_per_s)
