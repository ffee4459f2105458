"""What fuzzing begins with, besides the seeds that are kept: messages, and days in a server's life.

Made anew from today's messages, so that a message is fuzzed as soon as it stands here.
"""

from itertools import count

from adapters.strategies import CLAIM, JOB, RESULT, SUBMIT, WORKER
from epochs import EPOCH
from msgspec.structs import replace
from reports import asks, beats, tells
from submissions import submit_of

from fuzzing.targets import BEHIND, Event, PeerGone, Restart, Said, TimePasses, written
from goq.adapters.wire.codec import encode
from goq.core import messages as m
from goq.core.messages.keys import KeyDeed
from goq.core.values.changes import Alter, Hold, Kill
from goq.core.values.ids import Environment, Epoch, JobId, WorkerId
from goq.core.values.job import By, Claim, Job, Origin, Worker
from goq.core.values.limit_names import HEALTH
from goq.core.values.result import FOLDER_TROUBLE, SIGKILL, Ended, Ending
from goq.core.values.selectors import Number, Selector
from goq.core.values.terms import Terms
from goq.core.values.who import Role

NONCE = bytes(range(16))
SENT_NS = 1_700_000_000_000_000_000  # when the clock of a dialogue starts
W1, W2 = Worker(WorkerId("w1"), "node1", 11), Worker(WorkerId("w2"), "node2", 22)
ENDED = Ended(JobId(5), 1, Ending.CANCELLED, replace(RESULT, output=b""))
SHOWN = Job(JobId(5), JOB.argv, Origin(b"/", Environment(b""), "ann@head"), 1)


def w1(job: int) -> Claim:
    """The first worker's first attempt at a job."""
    return Claim(EPOCH, JobId(job), 1, W1.id)


QUESTIONS: list[m.Question] = [
    SUBMIT,
    m.Report(W1, 7, held=(m.Held(w1(7), is_on=True),), ended=(m.Done(w1(8), RESULT),), wants=((W1.id, 5),)),
    m.OutputChunk(CLAIM, 6, BEHIND, bytes(32), bytes(32)),
    m.Goodbye(WORKER),
    m.Cancel(JobId(3)),
    m.Observe(JobId(3)),
    m.TakeSnapshot(10),
    m.ShutdownServer(),
    m.ImmolateWorkers(),
    m.Reset(),
]
ANSWERS: list[m.Answer] = [
    m.AckSubmit(JobId(1), JobId(9), existed=True),
    m.Orders(W1.id, (w1(3),), (m.Batch(W1.id, (JOB, JOB)),), (m.Signal(w1(4), SIGKILL, lost=True),)),
    m.AckOutput(100),
    m.AckCancel(JobId(3), was_running=True),
    m.JobFinishedNotice(ENDED),
    m.Snapshot(
        {"runQlen": 1, "jservIP": "192.0.2.7"},
        (m.RunningRow(SHOWN, WORKER, 1, True),),
        (SHOWN,) * 2,
        (m.FinishedRow(JOB.argv, b"/home/ann", ENDED),),
    ),
    m.AckImmolate(3),
    m.Refused("no"),
]


def submission(commands: int = 1, terms: Terms | None = None) -> m.Submit:
    """Short commands, so that the bytes that matter are soon found."""
    return submit_of(*[b"ls"] * commands, terms=terms or SUBMIT.terms)


def done(*claims: Claim, wants: int = 4, kept: tuple[Claim, ...] = ()) -> m.Report:
    """A report of claims of one worker."""
    ends = tuple(m.Done(claim, replace(RESULT, problem="")) for claim in claims)
    return tells(claims[0].worker, ends, (), tuple(map(m.Held, kept)), wants)


def returned(*claims: Claim) -> m.Report:
    """Claims of one worker that it will not run."""
    return tells(claims[0].worker, (), tuple(map(m.Returned, claims)))


def troubled(trouble: str, *claims: Claim) -> m.Report:
    """Claims of one worker that cannot be started at its host."""
    return tells(claims[0].worker, (), tuple(m.Returned(each, trouble, "no") for each in claims))


J1W1, J2W2, J1W2 = (
    Claim(EPOCH, JobId(1), 1, W1.id),
    Claim(EPOCH, JobId(2), 1, W2.id),
    Claim(EPOCH, JobId(1), 2, W2.id),
)

DAYS: dict[str, list[m.Question | Event]] = {
    "ordinary": [
        asks(W1), submission(2), m.Observe(JobId(2)), beats(J1W1),
        m.OutputChunk(J1W1, 0, BEHIND, bytes(32), bytes(32)), done(J1W1), m.TakeSnapshot(9),
        done(Claim(EPOCH, JobId(2), 1, W1.id)),
    ],
    "killed": [
        submission(3), asks(W1), beats(J1W1), m.Cancel(JobId(1)), m.Cancel(JobId(3)),
        beats(J1W1, 15), m.Cancel(JobId(1), SIGKILL), done(J1W1), m.Observe(JobId(1)), m.Cancel(JobId(1)),
    ],
    "a worker is lost": [
        submission(1), asks(W1), beats(J1W1), PeerGone(1), TimePasses(61),
        asks(W2), done(J1W1), beats(J1W2), done(J1W2), beats(J1W1),
    ],
    "a restart": [
        submission(2), asks(W1), Restart(), beats(J1W1), asks(W2),
        done(J1W1), Restart(), done(J1W1), m.TakeSnapshot(3), beats(J2W2), TimePasses(30), Restart(),
    ],
    "terms": [
        submission(1, Terms(requeue=False, unique="k")), submission(1, Terms(unique="k")),
        asks(W1), TimePasses(90), done(J1W1), submission(1, Terms(unique="k")),
    ],
    "hands": [
        submission(12), asks(W1), done(J1W1, wants=9), m.TakeSnapshot(9),
        done(w1(2), w1(3)), m.Cancel(JobId(5)), beats(w1(5)), done(w1(4), wants=2, kept=(w1(5),)),
        returned(w1(5), w1(6)), asks(W1), asks(W2), m.Goodbye(W1),
    ],
    "lost hands": [
        submission(9), asks(W1), done(J1W1, wants=9), m.ImmolateWorkers(), TimePasses(61),
        done(w1(2), w1(3)), asks(W2), Restart(), asks(W1), returned(w1(2)),
    ],
    "the keeper": [
        submission(1), asks(W1), asks(W2), m.ImmolateWorkers(), m.Reset(),
        done(J1W1), m.Goodbye(W1), m.Goodbye(W2), m.TakeSnapshot(-1), m.ShutdownServer(),
    ],
}  # fmt: skip


ROOT, ANN, BOB, N1, OLD = range(5)  # as in people.SPEAKERS
LATER = Epoch(EPOCH.queue, EPOCH.number + 1)  # that of the first server that they meet
WA, WB, WN, WR = (
    Worker(WorkerId(f"{name}w"), "there", 7) for name in ("user:ann:", "user:bob:", "node:n1:", "")
)
BY, HEALTHY = By("ann", "head", 7), By(HEALTH, "n1", 7)
FIRST = Selector((Number(JobId(1)),))


def have(worker: Worker, job: int, attempt: int = 1) -> Claim:
    """That worker's attempt at a job."""
    return Claim(LATER, JobId(job), attempt, worker.id)


PEOPLES_DAYS: dict[str, list[tuple[int, m.Question] | Event]] = {
    "each his own": [
        (ANN, submission(2)), (BOB, submission(1)), (N1, asks(WN)), (ANN, asks(WA)), (BOB, asks(WB)),
        (BOB, m.Observe(JobId(1))), (N1, done(have(WN, 1))), (BOB, m.TakeSnapshot(9)), (ANN, m.Observe(JobId(1))),
    ],
    "others' jobs": [
        (ANN, submission(2)), (BOB, m.Cancel(JobId(1))), (BOB, m.CancelEach((JobId(2),))),
        (BOB, m.Change(FIRST, Hold(), BY)), (BOB, m.Change(Selector(user="ann"), Kill(), BY)),
        (BOB, m.Retry(FIRST, BY)), (BOB, m.SetLimit("array:1", 0, "", BY)), (ANN, m.Change(FIRST, Kill(), BY)),
        (BOB, m.AskWhy(((JobId(1), JobId(3)),))), (BOB, m.Change(FIRST, Alter(("priority",), Terms(priority=-1)), BY)),
    ],
    "others' workers": [
        (ANN, submission(2)), (N1, asks(WN)), (BOB, done(have(WN, 1))), (BOB, returned(have(WN, 1))),
        (BOB, m.Goodbye(WN)), (BOB, beats(have(WN, 1))), (OLD, asks(WA)), (BOB, m.AskUse(JobId(1))),
        (N1, troubled(FOLDER_TROUBLE, have(WN, 1))), (BOB, m.TakeSnapshot(5)), (BOB, m.ShowCluster()),
        (BOB, m.ShowWorkers()), (BOB, m.AskReasons(((JobId(1), JobId(3)),))),
    ],
    "rule": [
        (BOB, m.ShutdownServer()), (N1, m.Reset()), (OLD, m.ImmolateWorkers()), (BOB, m.SetLimit("all", 0, "", BY)),
        (BOB, m.SetKey(Role.USER, "ann", KeyDeed.REMOVE, BY)), (N1, submission(1)), (N1, m.SetLimit("node:n1", 0, "", HEALTHY)),
        (ANN, submission(1)), (ROOT, m.SetKey(Role.USER, "ann", KeyDeed.REMOVE, BY)), (ANN, asks(WA)), Restart(),
        (N1, asks(WN)), (ROOT, submission(1)), (ROOT, asks(WR)),
    ],
    "a user's worker": [
        (ANN, submission(2)), (BOB, asks(WB)), (BOB, submission(1)), (BOB, asks(WB)), (ROOT, asks(WR)), TimePasses(30),
    ],
    "behind others": [
        (ANN, submission(1)), (BOB, submission(1, Terms(unique="k"))), (ANN, submission(1, Terms(unique="k"))),
        (N1, asks(WN)), TimePasses(61), (BOB, m.ObserveEach((JobId(1), JobId(2)))), (ANN, m.Cancel(JobId(1))),
        (BOB, m.Mean(FIRST, "ann")), (BOB, m.FetchBlob(SUBMIT.script, 0)), (BOB, m.AskWaiting()),
    ],
}  # fmt: skip


def frames() -> dict[str, bytes]:
    """Each message, by its name."""
    questions = {type(each).__name__: encode(each, NONCE, b"", SENT_NS, EPOCH) for each in QUESTIONS}
    return questions | {type(each).__name__: encode(each, b"", NONCE, SENT_NS, EPOCH) for each in ANSWERS}


def dialogues() -> dict[str, bytes]:
    """Each day, by its name."""
    return {name: written(_events(day)) for name, day in DAYS.items()}


def _events(day: list[m.Question | Event]) -> list[Event]:
    nonces = (b"%016d" % number for number in count())
    return [
        Said(1, encode(each, next(nonces), b"", SENT_NS, EPOCH)) if isinstance(each, m.Question) else each
        for each in day
    ]


def conversations() -> dict[str, bytes]:
    """Each day of several people, by its name."""
    return {name: written(_spoken(day)) for name, day in PEOPLES_DAYS.items()}


def _spoken(day: list[tuple[int, m.Question] | Event]) -> list[Event]:
    nonces = (b"%016d" % number for number in count(900))
    return [
        Said(each[0], encode(each[1], next(nonces), b"", SENT_NS, EPOCH)) if isinstance(each, tuple) else each
        for each in day
    ]


BEGINNINGS = {"frame": frames(), "dialogue": dialogues(), "people": conversations()}
