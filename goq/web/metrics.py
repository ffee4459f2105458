"""What a monitoring system reads: numbers of the queue in OpenMetrics text. Pure.

No label has a job's number or name, and none has more values than there are machines, limits, or USERS_LIMIT users.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from math import inf
from typing import Literal, NamedTuple

from goq.core.messages import LimitRow, WaitingShown
from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, Parts, UserRow, WorkerRow
from goq.core.values.flows import BOUNDS_S, COMMIT_BOUNDS_S, Flow, Timed
from goq.core.values.limit_names import ARRAY
from goq.core.values.room import CPUS, MIB

KIND = "application/openmetrics-text; version=1.0.0; charset=utf-8"
USERS_LIMIT = 50
_OTHERS = "other"
_DROPPED = {
    "droppedBadSigCount": "signature",
    "badNonceCount": "nonce",
    "badMessageCount": "nonsense",
    "staleResultCount": "stale",
}
_LOOKS = ("found", "refused", "late", "lost")
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]


class Family(NamedTuple):
    """One metric: a name without its suffix, what it is, and a sample for each set of labels."""

    name: str
    kind: Literal["gauge", "counter", "info", "histogram"]
    help: str
    samples: Samples
    unit: str = ""
    since_s: float = 0.0  # of the clock, when it began at 0
    timed: Timed | None = None
    bounds_s: tuple[float, ...] = BOUNDS_S


class Known(NamedTuple):
    """What numbers are made of. The `flow` is what went through since `goq web` was asked first, at `flows_since_s`."""

    version: str
    cluster: Cluster
    workers: Iterable[WorkerRow]
    limits: Iterable[LimitRow]
    counters: Mapping[str, int | str]
    today: Today
    waiting: WaitingShown
    flow: Flow
    flows_since_s: float
    now_ns: int


def text(known: Known) -> str:
    """All metrics."""
    return "".join(line + "\n" for family in _families(known) for line in _lines(family)) + "# EOF\n"


def _lines(family: Family) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {family.help}"
    suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
    for labels, value in family.samples:
        yield _line(family.name + suffix, labels, value)
        if family.since_s:
            yield _line(f"{family.name}_created", labels, family.since_s)
    if family.timed:
        yield from _timed_lines(family.name, family.timed, family.bounds_s)
        yield _line(f"{family.name}_created", {}, family.since_s)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{name}="{each.translate(_ESCAPED)}"' for name, each in labels.items())
    return f"{name}{f'{{{inside}}}' if inside else ''} {value:.15g}"


def _timed_lines(name: str, timed: Timed, bounds_s: tuple[float, ...]) -> Iterator[str]:
    """How many took at most so long."""
    for bound, many in zip((*bounds_s, inf), accumulate(timed.counts), strict=True):
        yield _line(f"{name}_bucket", {"le": "+Inf" if bound == inf else str(float(bound))}, many)
    yield _line(f"{name}_count", {}, sum(timed.counts))
    yield _line(f"{name}_sum", {}, timed.sum_s)


def _families(known: Known) -> Iterator[Family]:
    cluster, today = known.cluster, known.today
    yield Family("goq_build", "info", "The goq that answers.", [({"version": known.version}, 1)])
    started: Samples = [({}, cluster.started_ns / 10**9)]
    yield Family("goq_server_start_time_seconds", "gauge", "When the server began.", started, "seconds")
    yield Family("goq_jobs", "gauge", "Jobs that are alive, by state.", _by_state(cluster))
    ended = list(_ended(known.counters))
    yield Family("goq_jobs_ended", "counter", "Jobs that have ended since the last reset.", ended)
    yield from _of_waiting(known)
    yield from _of_flow(known)
    dropped = [({"reason": name}, _number(known.counters, key)) for key, name in _DROPPED.items()]
    yield Family("goq_messages_dropped", "counter", "Messages that the server did not take.", dropped)
    yield Family("goq_cpus", "gauge", "Cpus of all machines, by state.", _parts(cluster.cpus))
    yield Family("goq_gpus", "gauge", "GPUs of all machines, by state.", _parts(cluster.gpus))
    yield Family(
        "goq_memory_bytes", "gauge", "Memory of all machines, by state.", _parts(cluster.memory, MIB), "bytes"
    )
    yield from _of_workers(list(known.workers))
    yield from _of_users(cluster.users)
    limits = [row for row in known.limits if not row.name.startswith(ARRAY)]
    yield Family(
        "goq_limit", "gauge", "Limits that are set.", [({"limit": row.name}, row.amount) for row in limits]
    )
    used = [({"limit": row.name}, row.drawn) for row in limits]
    yield Family("goq_limit_used", "gauge", "How much of them is in use.", used)
    journal: Samples = [({}, today.journal_bytes)]
    yield Family("goq_journal_bytes", "gauge", "What the journal has on its disk.", journal, "bytes")
    yield Family(
        "goq_journal_free_bytes", "gauge", "What is left of that disk.", [({}, today.free_bytes)], "bytes"
    )
    yield from _of_server(cluster)


def _of_server(cluster: Cluster) -> Iterator[Family]:
    """What it counts since it began."""
    since_s = cluster.started_ns / 10**9
    looks = [({"result": result}, cluster.looks.get(result, 0)) for result in _LOOKS]
    help_ = "Looks into the journal, by what came of them."
    yield Family("goq_reader_queries", "counter", help_, looks, since_s=since_s)
    help_ = "What it took to put decisions on the disk."
    commits = cluster.commits
    yield Family("goq_commit_seconds", "histogram", help_, (), "seconds", since_s, commits, COMMIT_BOUNDS_S)


def _of_waiting(known: Known) -> Iterator[Family]:
    waiting = known.waiting
    yield Family("goq_jobs_ready", "gauge", "Jobs that only wait for their turn.", [({}, waiting.ready)])
    reasons = [({"reason": code}, count) for code, count in sorted(waiting.reasons.items())]
    yield Family("goq_jobs_waiting", "gauge", "Jobs that wait, by what keeps them longest.", reasons)
    since_s = max(0.0, (known.now_ns - waiting.since_ns) / 10**9) if waiting.since_ns else 0.0
    help_ = "Since the first job came of those that only wait for their turn."
    yield Family("goq_jobs_oldest_wait_seconds", "gauge", help_, [({}, since_s)], "seconds")


def _of_flow(known: Known) -> Iterator[Family]:
    """Counted since goq web was asked first."""
    flow, since_s = known.flow, known.flows_since_s
    came: Samples = [({}, flow.submitted)]
    yield Family("goq_jobs_submitted", "counter", "Jobs that came.", came, since_s=since_s)
    yield Family("goq_attempts", "counter", "Attempts that began.", [({}, flow.attempts)], since_s=since_s)
    back = [({"reason": why}, flow.requeued.get(why, 0)) for why in ("retry", "worker_lost", "handed_back")]
    yield Family("goq_requeues", "counter", "Attempts after which a job waits again.", back, since_s=since_s)
    for name, help_, timed in (
        ("goq_job_wait_seconds", "From its submission to the first attempt at a job.", flow.waited),
        ("goq_job_run_seconds", "What attempts took that ended.", flow.ran),
    ):
        yield Family(name, "histogram", help_, (), "seconds", since_s, timed)
    wrote: Samples = [({}, flow.output_bytes)]
    yield Family("goq_output_bytes", "counter", "What jobs that ended wrote.", wrote, "bytes", since_s)


def _by_state(cluster: Cluster) -> list[tuple[Labels, float]]:
    counts = {
        "running": cluster.running - cluster.paused,
        "paused": cluster.paused,
        "waiting": cluster.waiting - cluster.held,
        "held": cluster.held,
    }
    return [({"state": state}, number) for state, number in counts.items()]


def _ended(counters: Mapping[str, int | str]) -> Iterator[tuple[Labels, float]]:
    failed = _number(counters, "failedJobsCount")
    yield {"ending": "done"}, _number(counters, "finishedJobsCount") - failed
    yield {"ending": "failed"}, failed
    yield {"ending": "cancelled"}, _number(counters, "cancelledJobCount")
    yield {"ending": "lost"}, _number(counters, "lostJobCount")
    yield {"ending": "skipped"}, _number(counters, "skippedJobCount")


def _number(counters: Mapping[str, int | str], key: str) -> int:
    value = counters.get(key, 0)
    return value if isinstance(value, int) else 0


def _parts(parts: Parts, unit: int = 1) -> list[tuple[Labels, float]]:
    said = {"busy": parts.busy, "kept": parts.kept, "free": parts.free, "drained": parts.drained}
    return [({"state": state}, much * unit) for state, much in said.items()]


def _of_workers(workers: list[WorkerRow]) -> Iterator[Family]:
    states = dict.fromkeys(("ready", "draining", "drained", "suspect", "lost"), 0)
    silent: dict[str, float] = {}
    cpus: dict[tuple[str, str], int] = {}
    for row in workers:
        states[row.state] += 1
        silent[row.host] = max(silent.get(row.host, 0.0), row.silent_s)
        busy = row.taken.get(CPUS, 0)
        for state, much in (("busy", busy), ("free", max(0, row.offer.cpus - busy))):
            cpus[row.host, state] = cpus.get((row.host, state), 0) + much
    counts = [({"state": state}, number) for state, number in states.items()]
    yield Family("goq_workers", "gauge", "Worker processes, by state.", counts)
    seconds = [({"worker": host}, since_s) for host, since_s in silent.items()]
    yield Family(
        "goq_worker_silent_seconds", "gauge", "Since the last word of a machine.", seconds, "seconds"
    )
    rows = [({"worker": host, "state": state}, much) for (host, state), much in cpus.items()]
    yield Family("goq_worker_cpus", "gauge", "Cpus of a machine, by state.", rows)


def _of_users(users: Iterable[UserRow]) -> Iterator[Family]:
    sums: dict[str, list[int]] = {}
    for row in sorted(users, key=lambda row: (-row.cpus, row.owner)):
        owner = row.owner if len(sums) < USERS_LIMIT else _OTHERS
        known = sums.setdefault(owner, [0, 0, 0])
        for place, much in enumerate((row.cpus, row.running, row.waiting)):
            known[place] += much
    cpus = [({"user": owner}, each[0]) for owner, each in sums.items()]
    yield Family("goq_user_cpus", "gauge", "Cpus that a user's jobs have.", cpus)
    jobs = [
        ({"user": owner, "state": state}, each[place])
        for owner, each in sums.items()
        for place, state in ((1, "running"), (2, "waiting"))
    ]
    yield Family("goq_user_jobs", "gauge", "Jobs of a user that are alive, by state.", jobs)
