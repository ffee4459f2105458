"""Who asks may ask that: what is refused before it is decided, and in whose name the rest is done. Pure.

Who somebody is his key says, whatever the question says. The rights themselves are in core/values/rights.py.
"""

from functools import lru_cache

from msgspec.structs import replace

from goq.core.dispatch.decision import Counts, Note, Outcome
from goq.core.messages import (
    AddBlob,
    AddItems,
    AskReasons,
    AskUse,
    AskWaiting,
    AskWhy,
    Cancel,
    CancelEach,
    Change,
    Done,
    FetchBlob,
    Follow,
    Goodbye,
    ImmolateWorkers,
    Look,
    Mean,
    News,
    Observe,
    ObserveEach,
    OutputChunk,
    Question,
    Refused,
    Reply,
    Report,
    Request,
    Reset,
    Retry,
    SetKey,
    SetLimit,
    ShowCluster,
    ShowKeys,
    ShowLimits,
    ShowWorkers,
    ShutdownServer,
    Submit,
    TakeSnapshot,
)
from goq.core.state.state import State
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.job import By, Claim, Worker
from goq.core.values.limit_names import ARRAY, HEALTH, NODE
from goq.core.values.rights import HEAD, Deed, may_change, not_yours, refusal
from goq.core.values.room import Offer
from goq.core.values.who import Role, Who

NOTE_EVERY_S = 60.0  # of one key: whoever asks again and again shall not fill the log
_HOLDERS_LIMIT = 1000
DEEDS: dict[type, Deed] = {
    Submit: Deed.SUBMIT,
    AddItems: Deed.SUBMIT,
    AddBlob: Deed.SUBMIT,
    Retry: Deed.SUBMIT,
    Cancel: Deed.CHANGE,
    CancelEach: Deed.CHANGE,
    Change: Deed.CHANGE,
    SetLimit: Deed.RULE,  # but see deed_of
    Report: Deed.WORK,
    OutputChunk: Deed.WORK,
    FetchBlob: Deed.WORK,
    Goodbye: Deed.WORK,
    Observe: Deed.SEE,
    ObserveEach: Deed.SEE,
    TakeSnapshot: Deed.SEE,  # but see deed_of
    ShowLimits: Deed.SEE,
    ShowWorkers: Deed.SEE,
    ShowCluster: Deed.SEE,
    AskWhy: Deed.SEE,
    AskReasons: Deed.SEE,
    AskUse: Deed.SEE,
    AskWaiting: Deed.SEE,
    Mean: Deed.SEE,
    Look: Deed.SEE,
    News: Deed.SEE,
    Follow: Deed.SEE,  # how long an output is; what is in it the reader knows, and who may read that
    ShutdownServer: Deed.RULE,
    ImmolateWorkers: Deed.RULE,
    Reset: Deed.RULE,
    SetKey: Deed.RULE,
    ShowKeys: Deed.RULE,
}


def deed_of(who: Who, question: Question) -> Deed:
    """What they want to do by that question."""
    if isinstance(question, TakeSnapshot) and question.max_show == 0:
        return Deed.GREET  # how workers and clients ask who is there
    if isinstance(question, SetLimit):
        if question.name.startswith(ARRAY):
            return Deed.CHANGE  # how many of its tasks run at a time
        if question.by.owner == HEALTH and question.name == f"{NODE}{who.name}":
            return Deed.DRAIN
    return DEEDS[type(question)]


class Guard:
    """Stands before all decisions."""

    def __init__(self, state: State, counts: Counts) -> None:
        self._state = state
        self._counts = counts
        self._noted: dict[str, float] = {}

    def admit(self, request: Request, now: Now, outcome: Outcome) -> Request | None:
        """The request as it counts; None when it is refused."""
        who, question = request.who, request.question
        if who.is_administrator:
            return request
        why = _lack(who, question) or self._breach(who, question)
        if not why:
            return replace(request, question=attributed(who, question))
        outcome.notes += self.denied(who, type(question).__name__, why, now)
        outcome.replies.append(Reply(request.handle, request.nonce, Refused(why)))
        return None

    def denied(self, who: Who, what: str, why: str, now: Now) -> tuple[Note, ...]:
        """Count it; and the line that the log is to have of it, if it is to have another one."""
        self._counts.denied += 1
        if now.attended_s - self._noted.get(who.holder, -NOTE_EVERY_S) < NOTE_EVERY_S:
            return ()
        if len(self._noted) >= _HOLDERS_LIMIT:
            self._noted.clear()
        self._noted[who.holder] = now.attended_s
        text = f"refused to {who.role} '{who.name}': {what}: {why}."
        return (Note(text, "denied", {"holder": who.holder, "question": what}),)

    def _breach(self, who: Who, question: Question) -> str:
        """Why they may not do it with that; "" when they may."""
        match question:
            case Cancel(job):
                return self._not_theirs(who, (job,))
            case CancelEach(jobs):
                return self._not_theirs(who, jobs)
            case SetLimit(name) if name.startswith(ARRAY):
                return self._not_theirs(who, _numbered(name))
            case AddItems(nonce) | AddBlob(nonce):
                delivery = self._state.deliveries.get(nonce)
                is_theirs = delivery is None or may_change(who, delivery.origin.owner)
                return (
                    "" if is_theirs else f"that submission is {delivery.origin.owner}'s" if delivery else ""
                )
            case Report(worker) as report:
                places = [place for place, _ in report.wants]
                used = [each.claim for each in report.used]
                return self._forged(who, [worker.id, *places], report.claims() + used)
            case OutputChunk(claim):
                return self._forged(who, [], [claim])
            case Goodbye(worker):
                return self._forged(who, [worker.id], [])
            case _:
                return ""

    def _not_theirs(self, who: Who, jobs: tuple[JobId, ...]) -> str:
        for job in jobs:
            live = self._state.submissions.get(job)
            if live is not None and not may_change(who, live.origin.owner):
                return not_yours(who, str(job), live.origin.owner)
        return ""

    def _forged(self, who: Who, workers: list[WorkerId], claims: list[Claim]) -> str:
        """A worker is called by its key, so nobody speaks for a worker of others, or of their jobs."""
        names = workers + [claim.worker for claim in claims]
        if not all(name.startswith(f"{who.holder}:") for name in names):
            return f"{who.role} '{who.name}' may speak for workers with that key only; {HEAD}"
        if who.role is Role.USER and any(map(self._state.is_stray, claims)):
            return "that was given after a copy of the queue was made; only a node's key tells of such a job"
        return ""


def _lack(who: Who, question: Question) -> str:
    """Why they have no right to that; with a key that counts no more who has nothing left is told so."""
    is_idle = who.is_retired and isinstance(question, Report) and not question.claims()
    return refusal(who, Deed.SUBMIT if is_idle else deed_of(who, question))


def attributed(who: Who, question: Question) -> Question:
    """The question with what the key says in place of what its holder says of himself."""
    if isinstance(question, Report):
        worker = _worker_of(who, question.worker)
        ended = question.ended and tuple(_done_at(worker.host, done) for done in question.ended)
        return replace(question, worker=worker, offer=_offer_of(who, question.offer), ended=ended)
    if isinstance(question, Goodbye):
        return replace(question, worker=_worker_of(who, question.worker))
    if who.role is not Role.USER:
        return question
    match question:
        case Submit():
            host = question.submitter.rpartition("@")[2]
            submitter, terms = f"{who.name}@{host}", replace(question.terms, keyed=True, again_of=JobId(0))
            return replace(question, submitter=submitter, terms=terms)
        case Change() | Cancel() | CancelEach() | Retry() | SetLimit():
            return replace(question, by=By(who.name, question.by.host, question.by.pid))
        case Mean():
            return replace(question, owner=who.name)
        case _:
            return question


@lru_cache(maxsize=1000)
def _worker_of(who: Who, worker: Worker) -> Worker:
    return replace(worker, host=who.host(worker.host))


@lru_cache(maxsize=1000)
def _offer_of(who: Who, offer: Offer) -> Offer:
    """With a user's key a worker has that user's jobs, with a node's everybody's; the same value for the same offer."""
    return replace(offer, owner=who.name if who.role is Role.USER else "", is_root=False)


def _done_at(host: str, done: Done) -> Done:
    """It has ended at the machine that the key names."""
    return replace(done, result=replace(done.result, host=host))


def _numbered(name: str) -> tuple[JobId, ...]:
    number = name.removeprefix(ARRAY)
    return (JobId(int(number)),) if number.isascii() and number.isdecimal() and len(number) < 17 else ()
