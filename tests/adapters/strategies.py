"""Hypothesis strategies for every message that keeps to the bounds of the protocol."""

from functools import partial

from epochs import EPOCH, QUEUE
from hypothesis import strategies as st
from msgspec.structs import replace
from submissions import submit_of

from goq.adapters.wire.zjob import ROWS_LIMIT
from goq.adapters.wire.zjob_shown import SHOWN_BYTES
from goq.core import messages as m
from goq.core.messages.keys import KeyDeed
from goq.core.values.blobs import FETCH_BYTES, NO_BLOB, PIECE_BYTES, Blob, blob_of
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release, Resume
from goq.core.values.cluster import Cluster, NeedsLook, Parts, UserRow
from goq.core.values.ids import NONCE_BYTES, Argv, Environment, Epoch, JobId, Nonce, WorkerId, join_argv
from goq.core.values.items import NUMBER_LIMIT, EachLine, Numbers
from goq.core.values.job import By, Claim, Course, Job, Origin, Worker
from goq.core.values.logs import Phase, Stand
from goq.core.values.reasons import (
    RANK,
    Again,
    Explained,
    HeldBy,
    Lack,
    LimitMet,
    Machine,
    Reason,
    Sooner,
    Turn,
    Whereabouts,
)
from goq.core.values.result import CAUSES, ERR, OUT, Apart, Ended, Ending, Result
from goq.core.values.room import ANYTHING, NO_GRANT, Grant, Offer
from goq.core.values.selectors import Jobs, Named, Number, Selector, Tagged, selector_of
from goq.core.values.states import JobState
from goq.core.values.terms import LABEL_LIMIT, MOMENT_LIMIT_NS, NAME_LIMIT, PATH_LIMIT, TAGS_LIMIT, Terms
from goq.core.values.uses import Step, Use
from goq.core.values.who import Role
from goq.core.values.wishes import Wish

INT64_MAX = 2**63 - 1
SELECTORS = [
    selector_of(["12", "12-20", "3.4-7", "fold*", "tag:night", "user:ann"]),
    selector_of([], ["held,waiting"], "ann"),
]

int64s = st.integers(-INT64_MAX - 1, INT64_MAX)
counts = st.integers(0, INT64_MAX)
seconds = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
texts = partial(st.text, st.characters(codec="utf-8", exclude_characters="\0"))
nonces = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES).map(Nonce)
digests = st.binary(min_size=32, max_size=32)

job_ids = st.integers(1, INT64_MAX).map(JobId)
worker_ids = texts(min_size=1, max_size=256).map(WorkerId)
workers = st.builds(Worker, worker_ids, texts(max_size=256), int64s)
bys = st.builds(By, texts(max_size=256), texts(max_size=256), int64s)
holders = st.sampled_from([Role.USER, Role.NODE])
holder_names = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.@-]{0,30}\Z")
attempts = st.integers(1, INT64_MAX)
epochs = st.integers(1, INT64_MAX).map(lambda number: Epoch(QUEUE, number))
claims = st.builds(Claim, epochs, job_ids, attempts, worker_ids)
bytes_without_nul = st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"_"))
programs = bytes_without_nul.filter(bool)
argvs = st.builds(lambda program, words: join_argv([program, *words]), programs, st.lists(bytes_without_nul))
folders = bytes_without_nul.map(lambda name: b"/" + name)
environments = st.binary(max_size=100).map(Environment)
maybe_folders = st.just(b"") | folders
blobs = st.binary(min_size=1, max_size=100).map(blob_of)
maybe_blobs = st.just(NO_BLOB) | blobs
origins = st.builds(
    Origin, folders, environments, texts(max_size=256), maybe_folders, maybe_blobs, maybe_blobs
)
labels = st.text("aé7_.", max_size=LABEL_LIMIT - 1).map(lambda text: f"{text}x")
tags = st.lists(labels, max_size=TAGS_LIMIT).map(tuple)
names = st.just("") | labels
terms = st.builds(
    Terms,
    st.booleans(),
    texts(max_size=NAME_LIMIT),
    st.integers(0, 0o777),
    names,
    tags,
    texts(max_size=PATH_LIMIT),
)


moments = st.integers(0, MOMENT_LIMIT_NS)


@st.composite
def results(
    draw: st.DrawFn, outputs: st.SearchStrategy[bytes] | None = None, *, whole: bool = False
) -> Result:
    """How an attempt ended: with its whole output, or with the length of one that went ahead."""
    output = draw(st.binary(max_size=200) if outputs is None else outputs)
    is_apart, apart = draw(st.booleans()), draw(st.binary(max_size=200) if outputs is None else outputs)
    longest = len(apart) if whole else INT64_MAX // 2
    return Result(
        exit_code=draw(st.integers(0, 255)),
        signal=draw(st.integers(0, 127)),
        problem=draw(texts(max_size=4096)),
        host=draw(texts(max_size=256)),
        pid=draw(st.integers(0, INT64_MAX)),
        started_ns=draw(moments),
        ended_ns=draw(moments),
        cpu_s=draw(st.floats(0, 1e12)),
        peak_kib=draw(st.integers(0, 2**50)),
        output=output,
        output_length=draw(st.integers(len(output), len(output) if whole else INT64_MAX)),
        output_sha256=draw(
            st.sampled_from((0, 32)).flatmap(lambda size: st.binary(min_size=size, max_size=size))
        ),
        cause=draw(st.sampled_from(CAUSES)),
        err=Apart(apart, draw(st.integers(len(apart), longest)), bytes(32)) if is_apart else None,
        files=draw(st.sampled_from(((), ((1, "a/b.out"),), ((1, "/x"), (2, "y"))))),
    )


endeds = st.builds(Ended, job_ids, counts, st.sampled_from(Ending), results(st.just(b"")))

# A snapshot shows jobs without their environments.
shown_terms = st.builds(Terms, name=names)
# And cuts long commands and folders, which these are not.
shown_origins = st.builds(Origin, folders, st.just(Environment(b"")), texts(max_size=256))
short_argvs = argvs.filter(lambda argv: len(argv) <= SHOWN_BYTES)
shown_jobs = st.builds(Job, job_ids, short_argvs, shown_origins, int64s, int64s, counts, shown_terms)
running_rows = st.builds(
    m.RunningRow, shown_jobs, workers, int64s, st.booleans(), st.booleans(), st.booleans()
)
shown_ends = endeds.map(lambda ended: replace(ended, result=replace(ended.result, problem="")))
finished_rows = st.builds(m.FinishedRow, short_argvs, folders, shown_ends)
counters = st.dictionaries(
    st.text("abcdefgXYZ", min_size=1, max_size=20), counts | st.just("192.0.2.7") | st.just("")
)


job_lists = st.lists(job_ids, max_size=4).map(tuple)
selectors = st.sampled_from(SELECTORS)
troubles = st.just(("", "")) | st.tuples(
    st.sampled_from(["folder", "node", "begun", "lifetime"]), texts(max_size=4096)
)
courses = st.builds(Course, st.booleans(), st.booleans(), seconds, st.booleans())
changes = st.one_of(
    st.builds(Kill, st.integers(1, 127)),
    st.sampled_from([Hold(), Release(), Pause(), Resume()]),
    st.builds(lambda terms: Alter(("priority", "name"), terms), terms),
)


def claims_of(worker: WorkerId) -> st.SearchStrategy[Claim]:
    """Those of some of its places."""
    places = st.sampled_from(["", "-0", "-63"]).map(lambda behind: WorkerId(f"{worker}{behind}"))
    return st.builds(Claim, epochs, job_ids, attempts, places)


kibs, short = st.integers(0, 2**50), st.floats(0, m.AGE_LIMIT_S)


@st.composite
def reports(draw: st.DrawFn) -> m.Report:
    """All that a worker says, or a testimony about a result that was streamed."""
    worker = draw(
        st.builds(Worker, texts(min_size=1, max_size=200).map(WorkerId), texts(max_size=256), int64s)
    )
    its = claims_of(worker.id)
    if draw(st.booleans()):
        return m.Report(worker, 0, ended=(m.Done(draw(its), draw(results())),))
    held = draw(st.lists(st.builds(m.Held, its, st.booleans(), st.integers(0, 127), courses), max_size=3))
    ended = draw(st.lists(st.builds(m.Done, its, results(whole=True)), max_size=3))
    returned = tuple(m.Returned(draw(its), *why) for why in draw(st.lists(troubles, max_size=3)))
    wants = draw(st.lists(st.tuples(its, st.integers(0, ROWS_LIMIT)), max_size=3))
    used = draw(st.lists(st.builds(m.Used, its, short, kibs, short), max_size=2))
    return m.Report(
        worker,
        draw(st.integers(1, INT64_MAX)),
        draw(offers),
        tuple(held),
        tuple(ended),
        returned,
        tuple((claim.worker, count) for claim, count in wants),
        *(draw(seconds), draw(seconds), tuple(used), draw(kibs), draw(counts)),
    )


@st.composite
def orders(draw: st.DrawFn) -> m.Orders:
    """All that a worker is told."""
    worker = draw(texts(min_size=1, max_size=200).map(WorkerId))
    its = claims_of(worker)
    batches = [m.Batch(draw(its).worker, jobs) for jobs in draw(st.lists(hands(min_size=1), max_size=2))]
    return m.Orders(
        worker,
        tuple(draw(st.lists(its, max_size=3))),
        tuple(batches),
        tuple(draw(st.lists(st.builds(m.Signal, its, st.integers(0, 127), st.booleans()), max_size=2))),
        tuple(draw(st.lists(st.builds(m.Steer, its, courses), max_size=2))),
        draw(st.booleans()),
    )


@st.composite
def hands(draw: st.DrawFn, min_size: int = 0) -> tuple[Job, ...]:
    """Jobs of one origin, each with its history and terms."""
    origin = draw(origins)
    what = (argvs, st.just(origin), int64s, attempts, counts, terms, epochs)
    job = st.builds(Job, job_ids, *what, st.none(), grants)
    return tuple(draw(st.lists(job, min_size=min_size, max_size=4)))


ranges = st.tuples(job_ids, job_ids)


def _few(rows: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(rows, max_size=3).map(tuple)


amounts = st.integers(0, 2**53)
limit_names = st.from_regex(r"\A[a-z:é]{1,300}\Z")
gpus = st.lists(st.from_regex(r"\A[A-Za-z0-9_.:/-]{1,64}\Z"), max_size=4).map(tuple)
cpus = st.integers(0, 4096)
boots = st.text(max_size=64)
offers = st.just(ANYTHING) | st.builds(
    Offer,
    amounts,
    amounts,
    gpus,
    _few(st.tuples(labels, amounts)),
    _few(st.tuples(cpus, cpus)),
    boots,
    moments,
)
grants = st.just(NO_GRANT) | st.builds(Grant, gpus, _few(cpus), boots, gpus)
limit_rows = st.builds(m.LimitRow, limit_names, amounts, int64s, texts(), texts(), int64s)
worker_rows = st.builds(
    m.WorkerRow,
    *(texts(), int64s, offers, int64s, int64s, st.dictionaries(labels, int64s, max_size=3)),
    *(gpus, gpus, st.floats(0, 1e9), texts()),
    started_ns=int64s,
    load=st.none() | st.floats(0, 1e6),
    in_use_kib=int64s,
)
_steps = st.lists(st.integers(0, 10**6), min_size=2, max_size=8, unique=True).map(sorted)
numbers = _steps.map(lambda ends: Numbers(tuple(zip(ends[::2], ends[1::2], [1] * 9, strict=False))))
each_lines = st.builds(EachLine, st.sampled_from(["{}", "@@", "%"]), st.sampled_from(["", ","]))


parts = (
    st.integers(1, 10**15 - 1).map(lambda job: Number(JobId(job)))
    | labels.map(Named)
    | labels.map(Tagged)
    | st.integers(1, 10**6).map(lambda job: Jobs(JobId(job), JobId(job + 9)))
)
selectors = st.builds(Selector, st.lists(parts, min_size=1, max_size=3).map(tuple))
whens = st.sampled_from(["any", "ok", "fail"])
wishes = st.lists(st.builds(Wish, selectors, whens, st.booleans(), st.booleans()), max_size=2).map(tuple)


@st.composite
def submits(draw: st.DrawFn) -> m.Submit:
    """One command, a list of them, an array, or a command for each of some lines."""
    where = (draw(folders), draw(environments), draw(texts(max_size=256)))
    asked = draw(st.builds(Terms, st.booleans(), umask=st.integers(0, 0o777)))
    one = m.Submit(draw(argvs), *where, asked, draw(maybe_folders), draw(maybe_blobs), wishes=draw(wishes))
    one = replace(one, stdin=draw(maybe_blobs))
    to_come = draw(st.integers(0, 9_999_990))
    match draw(st.sampled_from(["one", "list", "array", "each"])):
        case "list":
            lines = draw(st.lists(argvs, min_size=1 if to_come else 2, max_size=5))
            return replace(one, argv=Argv(b""), lines=tuple(lines), to_come=to_come)
        case "array":
            return replace(one, items=draw(numbers))
        case "each":
            texts_of = draw(st.lists(bytes_without_nul, min_size=1, max_size=5))
            return replace(one, items=draw(each_lines), lines=tuple(texts_of), to_come=to_come)
        case _:
            return one


@st.composite
def blob_pieces(draw: st.DrawFn, most: int) -> tuple[Blob, int, bytes, bytes]:
    """The last piece of a blob of some of them: where it is, its digest and its bytes."""
    count, data = draw(st.integers(0, 8)), draw(st.binary(min_size=1, max_size=200))
    size = count * most + len(data)
    return Blob(bytes(32) + size.to_bytes(8)), count * most, draw(digests), data


stands = st.builds(
    Stand,
    st.integers(1, NUMBER_LIMIT),
    st.integers(0, 2**31),
    st.sampled_from(Phase),
    st.integers(0, 2**62),
    st.sampled_from([OUT, ERR]),
)
questions: dict[type, st.SearchStrategy[m.Question]] = {
    m.Submit: submits(),
    m.AddItems: st.builds(m.AddItems, nonces, counts, st.lists(argvs, min_size=1, max_size=5).map(tuple)),
    m.Report: reports(),
    m.AddBlob: st.builds(lambda nonce, piece: m.AddBlob(nonce, *piece), nonces, blob_pieces(PIECE_BYTES)),
    m.FetchBlob: blob_pieces(FETCH_BYTES).map(lambda piece: m.FetchBlob(*piece[:2])),
    m.OutputChunk: st.builds(
        m.OutputChunk,
        claims,
        counts,
        st.binary(min_size=1, max_size=300),
        digests,
        digests,
        st.sampled_from((1, 2)),
    ),
    m.Goodbye: st.builds(m.Goodbye, workers, st.booleans(), counts),
    m.Cancel: st.builds(m.Cancel, job_ids, st.integers(1, 127), bys),
    m.Observe: st.builds(m.Observe, job_ids),
    m.CancelEach: st.builds(m.CancelEach, job_lists.filter(bool), st.integers(1, 127), bys),
    m.Change: st.builds(m.Change, selectors, changes, bys, st.integers(0, 200)),
    m.ObserveEach: st.builds(m.ObserveEach, job_lists.filter(bool)),
    m.TakeSnapshot: st.builds(m.TakeSnapshot, int64s),
    m.ShutdownServer: st.just(m.ShutdownServer()),
    m.ImmolateWorkers: st.just(m.ImmolateWorkers()),
    m.Reset: st.just(m.Reset()),
    m.SetLimit: st.builds(
        m.SetLimit, limit_names, st.none() | amounts, texts(max_size=1000), bys, st.booleans()
    ),
    m.Look: st.builds(m.Look, st.binary(min_size=1, max_size=300)),
    m.News: st.builds(m.News, counts),
    m.Follow: st.builds(m.Follow, st.lists(stands, min_size=1, max_size=3).map(tuple)),
    m.ShowLimits: st.just(m.ShowLimits()),
    m.ShowWorkers: st.just(m.ShowWorkers()),
    m.ShowCluster: st.just(m.ShowCluster()),
    m.AskWhy: st.builds(m.AskWhy, _few(ranges).filter(bool)),
    m.AskReasons: st.builds(m.AskReasons, _few(ranges)),
    m.AskWaiting: st.just(m.AskWaiting()),
    m.AskUse: st.builds(m.AskUse, job_ids),
    m.Mean: st.builds(m.Mean, st.sampled_from(SELECTORS), texts(max_size=200), st.floats(0, 1000)),
    m.Retry: st.builds(
        m.Retry,
        st.sampled_from([each for each in SELECTORS if not each.is_live_only]),
        bys,
        st.booleans(),
        st.booleans(),
        st.sampled_from([(), ("name", "held")]),
        terms,
        st.floats(0, 1000),
    ),
    m.SetKey: st.builds(m.SetKey, holders, holder_names, st.sampled_from(KeyDeed), bys, st.booleans()),
    m.ShowKeys: st.builds(m.ShowKeys, holders),
}

retried_rows = st.builds(
    m.RetriedRow,
    job_ids,
    int64s,
    _few(ranges),
    job_ids,
    texts(max_size=100),
    st.booleans(),
)
cancel_answers = st.one_of(
    st.builds(m.AckCancel, job_ids, st.booleans()),
    st.builds(m.JobNotKnown, job_ids),
    st.builds(m.Refused, st.text(max_size=20)),
)
reasons = st.builds(
    Reason,
    st.sampled_from(RANK),
    int64s,
    _few(ranges),
    lack=st.none() | st.builds(Lack, texts(max_size=20), int64s, int64s, _few(texts(max_size=20))),
    limit=st.none() | st.builds(LimitMet, texts(max_size=20), int64s, int64s, int64s),
    hold=st.none() | st.builds(HeldBy, texts(max_size=20), int64s, texts(max_size=20)),
    again=st.none() | st.builds(Again, int64s, int64s, int64s, st.none() | int64s),
)
wheres = st.builds(Whereabouts, st.sampled_from(JobState), texts(max_size=20), int64s, int64s)
amounts_here = st.dictionaries(texts(max_size=20), st.none() | int64s, max_size=3)
machines = st.builds(Machine, texts(max_size=20), int64s, amounts_here, amounts_here)
explained = st.builds(
    Explained,
    job_ids,
    texts(max_size=20),
    reasons=_few(reasons),
    where=st.none() | wheres,
    machines=_few(machines),
    turn=st.none() | st.builds(Turn, int64s, int64s, int64s, int64s, st.booleans()),
    sooner=_few(st.builds(Sooner, texts(max_size=20), int64s, texts(max_size=20))),
)
steps = st.builds(Step, int64s, seconds, int64s)
uses = st.builds(
    Use, *(job_ids, counts, int64s, int64s, seconds, seconds, int64s, int64s, int64s), steps=_few(steps)
)
amounts_of_all = st.builds(Parts, int64s, int64s, int64s, int64s)
clusters = st.builds(
    Cluster,
    *(texts(max_size=40), texts(max_size=40), int64s, int64s, int64s, int64s, int64s, int64s),
    *(amounts_of_all, amounts_of_all, amounts_of_all),
    users=_few(st.builds(UserRow, texts(max_size=9), int64s, int64s, int64s, int64s, st.none() | reasons)),
    look=_few(
        st.builds(NeedsLook, st.sampled_from(["silent", "disk", "failed"]), texts(max_size=9), seconds)
    ),
)

answers: dict[type, st.SearchStrategy[m.Answer]] = {
    m.Shown: st.builds(m.Shown, st.binary(min_size=1, max_size=300)),
    m.Happened: st.builds(m.Happened, counts),
    m.Followed: st.builds(m.Followed, st.lists(stands, max_size=3).map(tuple)),
    m.AckLimit: st.builds(m.AckLimit, int64s),
    m.LimitsShown: st.builds(m.LimitsShown, _few(limit_rows)),
    m.WorkersShown: st.builds(m.WorkersShown, _few(worker_rows)),
    m.Why: st.builds(m.Why, explained),
    m.ClusterShown: st.builds(m.ClusterShown, clusters),
    m.WaitingShown: st.builds(
        m.WaitingShown, int64s, int64s, st.dictionaries(texts(max_size=9), int64s, max_size=3)
    ),
    m.UseShown: st.builds(m.UseShown, st.none() | uses),
    m.ReasonsShown: st.builds(m.ReasonsShown, _few(st.none() | reasons)),
    m.Meant: st.builds(m.Meant, _few(ranges)),
    m.Retried: st.builds(m.Retried, st.lists(retried_rows, max_size=3).map(tuple)),
    m.AckSubmit: st.builds(
        m.AckSubmit,
        *(job_ids, job_ids, st.booleans(), maybe_folders, st.integers(0, 10_000_000), st.booleans()),
        *(blobs, st.integers(0, 2**24)),
    ),
    m.Orders: orders(),
    m.AskAgain: st.just(m.AskAgain()),
    m.BlobPiece: blob_pieces(FETCH_BYTES).map(lambda piece: m.BlobPiece(*piece)),
    m.AckOutput: st.builds(m.AckOutput, counts, st.booleans(), st.sampled_from((1, 2))),
    m.AckGoodbye: st.just(m.AckGoodbye()),
    m.AckCancel: st.builds(m.AckCancel, job_ids, st.booleans()),
    m.JobFinishedNotice: st.builds(m.JobFinishedNotice, endeds),
    m.JobNotKnown: st.builds(m.JobNotKnown, job_ids),
    m.AckCancelEach: st.builds(m.AckCancelEach, _few(cancel_answers)),
    m.AckChange: st.builds(m.AckChange, *[counts] * 7, st.booleans(), counts),
    m.JobsFinishedNotice: st.builds(m.JobsFinishedNotice, _few(endeds)),
    m.Snapshot: st.builds(
        m.Snapshot, counters, _few(running_rows), _few(shown_jobs), _few(finished_rows), maybe_folders
    ),
    m.AckKey: st.builds(m.AckKey, counts, counts, texts(max_size=64)),
    m.KeysShown: st.builds(
        m.KeysShown,
        _few(st.builds(m.KeyRow, holder_names, counts, st.booleans(), texts(max_size=256), counts, counts)),
    ),
    m.AckShutdownServer: st.just(m.AckShutdownServer()),
    m.AckImmolate: st.builds(m.AckImmolate, int64s),
    m.AckReset: st.just(m.AckReset()),
    m.RejectBadSignature: st.just(m.RejectBadSignature()),
    m.Refused: st.builds(m.Refused, texts(max_size=4096)),
}


# One ordinary value of each kind, to be bent by tests.
WORKER = Worker(WorkerId("node7-4711-1"), "node7", 4711)
CLAIM = Claim(EPOCH, JobId(5), 2, WORKER.id)
RESULT = Result(
    exit_code=3, host="node7", pid=99, started_ns=1, ended_ns=2, cpu_s=0.5, peak_kib=900,
    output=b"hello\n", output_length=6, output_sha256=bytes(32),
)  # fmt: skip
ORIGIN = Origin(b"/home/ann", Environment(b"HOME=/home/ann\0LANG=C"), "ann@head")
SUBMIT = submit_of(
    b"ls\0-l", b"pwd", folder=ORIGIN.folder, environment=ORIGIN.environment, submitter=ORIGIN.submitter
)
JOB = Job(JobId(5), Argv(b"ls\0-l"), ORIGIN, 1_700_000_000_000_000_000, 2, epoch=EPOCH)
