"""Workers and the cluster as programs read them. Pure."""

from msgspec import Struct

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, NeedsLook, Parts, Runs, WorkerRow
from goq.core.values.room import CPUS, MEMORY, MIB
from goq.core.values.shown import ReasonRow, Used
from goq.core.values.stamps import At
from goq.views.paper import Paper
from goq.views.reasons import reason_row
from goq.views.sentences import Named
from goq.views.stat import look_of, needs_of

_NS, KIB = 10**9, 1024


class Amounts(Struct, frozen=True):
    """What a worker offers, or what of that is used; absent is what has no bound, or what nobody uses."""

    cpus: int | None = None
    mem_bytes: int | None = None
    gpus: tuple[str, ...] | None = None
    resources: dict[str, int] | None = None


class RunsRow(Struct, frozen=True):
    """A job that a worker has."""

    id: int
    shown: str
    owner: str
    started_at: At
    attempt: int
    cpus: int
    name: str | None = None
    array: int | None = None
    mem_bytes: int | None = None
    gpus: tuple[str, ...] | None = None
    paused: bool | None = None
    used: Used | None = None


class WorkerShown(Struct, frozen=True):
    """A worker process. It has `running` jobs, of which `jobs` are named, and `free` places. Others have its `refused` GPUs.

    It is there since `started_at`; the `load` is the average of its machine over a minute, which has `in_use_bytes` of memory in use.
    """

    name: str
    host: str
    pid: int
    state: str
    offers: Amounts
    used: Amounts
    running: int
    free: int
    seen_at: At
    jobs: tuple[RunsRow, ...]
    refused: tuple[str, ...] | None = None
    trouble: str | None = None
    kept_for: int | None = None
    drained_by: str | None = None
    drained_why: str | None = None
    drained_at: At | None = None
    ends_at: At | None = None
    left_s: float | None = None
    started_at: At | None = None
    load: float | None = None
    in_use_bytes: int | None = None


class UserShown(Struct, frozen=True):
    """What somebody's jobs have, and what most of those wait for that wait."""

    owner: str
    cpus: int
    gpus: int
    running: int
    waiting: int
    reason: ReasonRow | None = None


class LookShown(Struct, frozen=True):
    """Something that needs a hand, in words, and a command that tells more."""

    code: str
    text: str
    command: str | None = None


class JobsShown(Struct, frozen=True):
    """How many there are; `held` are among `waiting`, `paused` among `running`. The others ended since midnight."""

    waiting: int
    held: int
    running: int
    paused: int
    done: int | None = None
    failed: int | None = None
    lost: int | None = None
    cancelled: int | None = None
    skipped: int | None = None


class StatRow(Struct, frozen=True):
    """The cluster."""

    name: str
    address: str
    started_at: At
    jobs: JobsShown
    workers: int
    cpus: Parts
    gpus: Parts
    mem_bytes: Parts
    users: tuple[UserShown, ...]
    look: tuple[LookShown, ...]


def worker_row(row: WorkerRow, now_ns: int) -> WorkerShown:
    """One worker, at that moment."""
    offer, taken = row.offer, row.taken
    named = {name: taken[name] for name, _ in offer.named if name in taken}
    return WorkerShown(
        row.host,
        row.host,
        row.pid,
        row.state,
        Amounts(
            offer.cpus or None, offer.memory * MIB or None, offer.gpus or None, dict(offer.named) or None
        ),
        Amounts(taken.get(CPUS), taken.get(MEMORY, 0) * MIB or None, row.gpus or None, named or None),
        row.running,
        row.free,
        now_ns - round(row.silent_s * _NS),
        tuple(map(_runs, row.jobs)),
        row.refused or None,
        row.trouble or None,
        row.kept_for or None,
        row.drained_by or None,
        row.drained_why or None,
        row.drained_ns or None,
        offer.ends_ns or None,
        row.left_s,
        row.started_ns or None,
        row.load,
        row.in_use_kib * KIB or None,
    )


def stat_row(cluster: Cluster, today: Today | None, paper: Paper) -> StatRow:
    """The cluster, and what ended since midnight."""
    live = (cluster.waiting, cluster.held, cluster.running, cluster.paused)
    ended = (today.done, today.failed, today.lost, today.cancelled, today.skipped) if today else ()
    memory = cluster.memory
    users = tuple(
        UserShown(
            *(row.owner, row.cpus, row.gpus, row.running, row.waiting),
            reason=reason_row(row.reason, Named(str(row.reason_of), row.name, row.owner), paper)
            if row.reason
            else None,
        )
        for row in cluster.users
    )
    return StatRow(
        cluster.name,
        cluster.address,
        cluster.started_ns,
        JobsShown(*live, *ended),
        cluster.workers,
        cluster.cpus,
        cluster.gpus,
        Parts(*(part * MIB for part in (memory.busy, memory.kept, memory.free, memory.drained))),
        users,
        tuple(_look(each, paper) for each in needs_of(cluster, today)),
    )


def _look(each: NeedsLook, paper: Paper) -> LookShown:
    shown, command = look_of(each, paper)
    return LookShown(each.code, "".join(span.text for span in shown[1:]).strip(), command or None)


def _runs(each: Runs) -> RunsRow:
    return RunsRow(
        *(each.job, each.shown, each.owner, each.since_ns, each.attempt, each.cpus),
        name=each.name or None,
        array=each.array or None,
        mem_bytes=each.memory * MIB or None,
        gpus=each.gpus or None,
        paused=each.paused or None,
        used=_used(each),
    )


def _used(each: Runs) -> Used | None:
    if each.busy is None:
        return None
    return Used(mem_peak_bytes=each.most_kib * KIB, mem_bytes=each.resident_kib * KIB, cpus=each.busy)
