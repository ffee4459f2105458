"""One afternoon in the same cluster as in all pictures: three users, six machines, an array of 10,000 with 37 failed."""

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, NeedsLook, Parts, Runs, UserRow, WorkerRow
from goq.core.values.failures import FailureGroup, Failures
from goq.core.values.ids import JobId
from goq.core.values.pages import Page
from goq.core.values.reasons import HeldBy, Lack, Reason
from goq.core.values.room import Offer
from goq.core.values.shown import Counts, JobRow, Needs, SubmissionRow
from goq.core.values.states import JobState
from goq.top.seen import Scope, Seen
from goq.top.state import State
from goq.views.paper import Paper

NS = 10**9
NOW = 1_795_789_930 * NS  # 14:32:10 UTC
PAPER = Paper(80, is_terminal=True, has_color=True, now_ns=NOW)


def ago(*, h: int = 0, m: int = 0, s: int = 0) -> int:
    return NOW - (h * 3600 + m * 60 + s) * NS


def runs(name: str, owner: str, many: int, cpus: int, first: int, array: int = 0) -> tuple[Runs, ...]:
    return tuple(
        Runs(JobId(first + at), str(first + at), name, owner, ago(m=5), JobId(array), cpus=cpus)
        for at in range(many)
    )


def worker(host: str, cpus: int, jobs: tuple[Runs, ...] = (), **more: object) -> WorkerRow:
    taken = {"cpus": sum(job.cpus for job in jobs)}
    what = {"gpus": (), "refused": (), "silent_s": 1.0, "trouble": "", **more}
    offer = Offer(cpus=cpus, gpus=tuple(str(at) for at in range(4 if what["gpus"] else 0)))
    return WorkerRow(host, 100, offer, len(jobs), 0, taken, jobs=jobs, **what)  # type: ignore[arg-type]  # as they are named


FOLD = 4211
WORKERS = (
    worker(
        "g21",
        24,
        runs("train", "bob", 4, 5, 14211) + runs("fold", "ann", 4, 1, 4300, FOLD),
        gpus=("0", "1", "2", "3"),
    ),
    worker(
        "g22",
        24,
        runs("train", "bob", 4, 5, 14215) + runs("sweep", "cy", 4, 1, 14253),
        gpus=("0", "1", "2", "3"),
        state="suspect",
        silent_s=42.0,
        left_s=18.0,
    ),
    worker("n11", 32, runs("fold", "ann", 32, 1, 4400, FOLD)),
    worker(
        "n12",
        32,
        runs("notebook", "bob", 1, 4, 14853)
        + runs("fold", "ann", 6, 1, 4500, FOLD)
        + runs("sweep", "cy", 22, 1, 14300),
    ),
    worker("n13", 32, state="drained", drained_by="ann", drained_ns=ago(m=34), drained_why="disk swap"),
    worker(
        "n14",
        64,
        runs("fold", "ann", 30, 1, 4600, FOLD) + runs("sweep", "cy", 14, 1, 14330),
        kept_for=JobId(14252),
        kept_cpus=20,
    ),
)


def array(number: int, name: str, owner: str, at_ns: int, counts: Counts, **more: object) -> SubmissionRow:
    return SubmissionRow(
        number,
        counts.size,
        owner,
        counts.state,
        counts,
        at_ns,
        at_ns,
        ("python", f"{name}.py", "{item}"),
        "/data",
        Needs(1, 2 << 30),
        array=True,
        name=name,
        started_at=at_ns,
        **more,  # type: ignore[arg-type]  # as they are named
    )


def single(number: int, name: str, owner: str, state: JobState, at_ns: int, **more: object) -> SubmissionRow:
    needs = more.pop("needs", Needs(1))
    job = JobRow(number, owner, state, at_ns, at_ns, needs, name=name, **more)  # type: ignore[arg-type]  # as they are named
    counts = Counts(**{state.value: 1})
    return SubmissionRow(
        number, 1, owner, state, counts, at_ns, at_ns, (name,), "/data", job.needs, name=name, job=job
    )


ROWS = (
    array(
        14253,
        "sweep",
        "cy",
        ago(m=48),
        Counts(running=40, waiting=348, done=212),
        left_s=1800.0,
        rate_per_s=13 / 60,
    ),
    array(14211, "train", "bob", ago(h=5, m=12), Counts(running=8, waiting=20, done=12), left_s=27_390.0),
    array(
        FOLD,
        "fold",
        "ann",
        ago(h=2, m=37),
        Counts(running=72, waiting=3479, done=6412, failed=37),
        left_s=5240.0,
        rate_per_s=41 / 60,
    ),
    single(
        14853,
        "notebook",
        "bob",
        JobState.RUNNING,
        ago(h=2, m=4),
        host="n12",
        attempt=1,
        needs=Needs(4, 16 << 30),
    ),
    single(14252, "assembly", "cy", JobState.WAITING, ago(m=26), needs=Needs(48, 400 << 30)),
    single(14855, "tune8", "bob", JobState.WAITING, ago(m=31), needs=Needs(1, gpus=8)),
    single(14856, "clean", "cy", JobState.HELD, ago(m=18)),
    single(14858, "convert", "bob", JobState.FAILED, ago(m=14), status=3, elapsed_s=12.0, host="n12"),
)
REASONS = {
    14252: Reason(
        "room",
        lack=Lack("cpus", 48, 20, ("n14",)),
        need=(("cpus", 48), ("memory", 400 << 10)),
        hosts=("n14",),
    ),
    14855: Reason("nowhere", lack=Lack("gpus", 8, 4, ("g21", "g22"))),
    14856: Reason("held", hold=HeldBy("cy", ago(m=18))),
}
LOOK = (
    NeedsLook("silent", worker="g22", silent_s=42.0, left_s=18.0, jobs=8),
    NeedsLook("nowhere", job=JobId(14855), name="tune8", reason=REASONS[14855]),
    NeedsLook("failed", job=JobId(FOLD), name="fold", jobs=37, total=10_000),
)
USERS = (UserRow("ann", 72, 0, 72, 3481), UserRow("bob", 44, 8, 9, 21), UserRow("cy", 40, 0, 40, 351))
CLUSTER = Cluster(
    "lab",
    "tcp://head:1776",
    ago(h=100),
    3853,
    1,
    121,
    0,
    6,
    Parts(156, 20, 0, 32),
    Parts(8, 0, 0, 0),
    Parts(520, 0, 760, 0),
    USERS,
    look=LOOK,
)
TODAY = Today(6637, 30, 0, 10, 0, 1 << 20, 1 << 40, 1 << 41)
FAILURES = Failures(
    1,
    37,
    6449,
    3551,
    (
        FailureGroup(
            31, JobState.FAILED, 137, ((6188, 6340),), "memory", items=((6188, 6340),), mem_peak_bytes=2 << 30
        ),
        FailureGroup(
            4, JobState.FAILED, 1, ((12, 12),), items=((12, 12), (77, 77)), last_words="ValueError: no chain"
        ),
    ),
    array=FOLD,
)


def seen(**changes: object) -> Seen:
    """All of it, but for what is changed."""
    what: dict[str, object] = {
        "at_ns": NOW,
        "scope": Scope("ann"),
        "cluster": CLUSTER,
        "workers": WORKERS,
        "page": Page(1, ROWS),
        "reasons": REASONS,
        "today": TODAY,
        **changes,
    }
    return Seen(**what)  # type: ignore[arg-type]  # as they are named


def state(**changes: object) -> State:
    """The same on a screen, of ann."""
    return State(seen(**changes), "ann", "head")
