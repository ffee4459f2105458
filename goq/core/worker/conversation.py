"""One worker's conversation with its server: what its places say becomes reports, and orders are passed on to them.

Pure. One question at a time is open, and soon after it is answered the next follows. What a place was given it has
until the server knows what came of it: each report names all of that, so that an answer that is lost is given again.
"""

from collections import OrderedDict
from collections.abc import Iterable

from msgspec import Struct, field

from goq.core.messages import (
    AGE_LIMIT_S,
    AckGoodbye,
    Answer,
    AskAgain,
    Done,
    Goodbye,
    Held,
    Orders,
    Refused,
    Report,
    Returned,
    Used,
)
from goq.core.values.ids import NO_EPOCH, Epoch, JobId, WorkerId
from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, Worker
from goq.core.values.result import BEGUN, OUTLIVED
from goq.core.values.room import ANYTHING, Offer
from goq.core.worker import talk
from goq.core.worker.rules import LONGEST_PATIENCE_S, MEMORY, NEVER, OPEN_S, REFUSED_PAUSE_S

NEWS_BYTES = 1024 * 1024  # of outputs in one report, before the last place's
NEWS_ROWS = 500  # the same of attempts

Passed = tuple[WorkerId, int, talk.Told]  # to a place: the answer to its question of that number


class Has(Struct, eq=False):
    """An attempt that a place has, and what the server wants of it. `beat` is the place's open heartbeat, 0 if none."""

    is_on: bool = False
    told: int = 0
    course: Course = STRAIGHT_ON
    beat: int = 0


class Place(Struct, eq=False):
    """What a place has, and has open; numbers are those of its questions, 0 for none."""

    has: dict[Claim, Has] = field(default_factory=dict)
    want: int = 0
    want_until_s: float = NEVER
    tell: int = 0
    told: talk.FinishedWork | None = None
    bye: int = 0
    outlived: bool = False
    is_gone: bool = False


class Sampled(Struct, frozen=True):
    """What an attempt had used at that second."""

    claim: Claim
    at_s: float
    cpu_s: float
    resident_kib: int


class Sent(Struct, frozen=True):
    """The report that is open, and whose words are in it."""

    report: Report
    told: dict[WorkerId, int]
    wants: dict[WorkerId, int]
    byes: dict[WorkerId, int]


class Conversation:
    """Of one worker process. Times are those of the agents' clock.

    After a refusal it is silent for `pause_s`: not longer than from one sign of life to the next, since it has leases.
    """

    def __init__(
        self,
        worker: Worker,
        places: Iterable[WorkerId],
        offer: Offer = ANYTHING,
        started_ns: int = 0,
        pause_s: float = REFUSED_PAUSE_S,
    ) -> None:
        self.is_over = False  # the server knows that the worker has left
        self._worker = worker
        self._offer = offer
        self._places = {place: Place() for place in places}
        self._serial = 0
        self._sent: Sent | None = None
        self._is_leaving = self._said_goodbye = False
        self._due_s = NEVER  # when there is more to say than the open report says
        self._not_before_s, self._pause_s = 0.0, pause_s
        self._back: list[Returned] = []  # what came for a place that does not want it
        self._back_sent = 0
        self._seen: OrderedDict[Claim, None] = OrderedDict()  # what the places were given
        self._passed: list[Passed] = []
        self._load, self._in_use_kib, self._started_ns = 0.0, 0, started_ns
        self._samples: dict[Claim, Sampled] = {}  # that are to be told
        self._sampled_s: dict[Claim, float] = {}  # of what is here, the latest one that was

    # --- what was seen -----------------------------------------------------------------------

    def saw(self, load: float, in_use_kib: int, samples: Iterable[Sampled]) -> None:
        """So it is with the machine, and with what runs here: the next report tells what is new of that."""
        self._load, self._in_use_kib = load, in_use_kib
        told_s, self._sampled_s = self._sampled_s, {}
        for sample in samples:
            self._sampled_s[sample.claim] = sample.at_s
            if told_s.get(sample.claim) != sample.at_s:
                self._samples[sample.claim] = sample

    def _take_samples(self, held: set[Claim], now_s: float) -> tuple[Used, ...]:
        samples, self._samples = self._samples, {}
        return tuple(
            Used(each.claim, each.cpu_s, each.resident_kib, min(max(0.0, now_s - each.at_s), AGE_LIMIT_S))
            for each in samples.values()
            if each.claim in held
        )

    # --- what places say -------------------------------------------------------------------

    def ask(self, name: WorkerId, number: int, question: talk.Saying, now_s: float) -> None:
        """A place has something to say; it is answered through `take_passed`."""
        place = self._places[name]
        match question:
            case talk.RequestForWork(_, patience_s):
                if self._is_leaving:
                    self._pass(name, number, talk.ShutdownWorker())
                    return
                place.want, place.want_until_s = number, now_s + patience_s
                self._due_s = 0.0
            case talk.FinishedWork():
                place.tell, place.told = number, question
                self._due_s = 0.0
            case talk.Heartbeat():
                self._hear_beat(name, number, question)
            case Goodbye():
                place.bye, place.outlived = number, question.outlived
                place.want = 0
                self._due_s = 0.0

    def drop(self, name: WorkerId, number: int) -> None:
        """The place wants no answer to that any more."""
        place = self._places[name]
        if place.want == number:
            place.want = 0
            self._due_s = 0.0
        for has in place.has.values():
            if has.beat == number:
                has.beat = 0

    def settled(self, claim: Claim) -> None:
        """The server knows what came of the attempt, in another way: its output was long."""
        self._places[claim.worker].has.pop(claim, None)

    def gone(self, name: WorkerId) -> None:
        """The place has come to its end."""
        place = self._places[name]
        if not place.is_gone:
            place.is_gone, place.want = True, 0
            self._due_s = 0.0

    def _hear_beat(self, name: WorkerId, number: int, beat: talk.Heartbeat) -> None:
        """The job is on: the place learns what is wanted of it and it does not know."""
        has, claim = self._places[name].has.get(beat.claim), beat.claim
        if has is None:
            self._pass(name, number, talk.CancelWip(claim.job, lost=True))
            return
        if not has.is_on:
            self._due_s = 0.0
        has.is_on, has.beat = True, number
        self._tell_wanted(name, claim, has, beat.told, beat.course)

    def _tell_wanted(self, name: WorkerId, claim: Claim, has: Has, told: int, course: Course) -> None:
        if has.told not in (0, told):
            self._answer_beat(name, has, talk.CancelWip(claim.job, lost=False, signal=has.told))
        elif has.course != course:
            self._answer_beat(name, has, talk.Steer(claim.job, has.course))

    def _answer_beat(self, name: WorkerId, has: Has, answer: talk.Told) -> None:
        number, has.beat = has.beat, 0
        if number:
            self._pass(name, number, answer)

    def _pass(self, name: WorkerId, number: int, answer: talk.Told) -> None:
        self._passed.append((name, number, answer))

    def take_passed(self) -> list[Passed]:
        """What places are told, since the last time."""
        passed, self._passed = self._passed, []
        return passed

    # --- what is asked -----------------------------------------------------------------------

    def is_due(self, now_s: float) -> bool:
        """`next_question` has one: it takes the place of the one that is open."""
        return now_s >= self.next_deadline()

    def next_deadline(self) -> float:
        """The second from which on `is_due` may be so by itself."""
        is_waiting = self._sent is not None and self._sent.report.is_news and not self._has_left
        if self.is_over or self._said_goodbye or is_waiting:
            return NEVER
        return max(self._due_s, self._not_before_s)

    @property
    def _has_left(self) -> bool:
        """All places are through."""
        return all(place.is_gone or place.bye for place in self._places.values())

    def next_question(self, now_s: float) -> tuple[Report | Goodbye, Epoch]:
        """What to ask the server now, and whose answer alone counts, in that epoch or later."""
        self._due_s = NEVER
        if self._has_left:
            self._said_goodbye, self._sent = True, None
            outlived = any(place.outlived for place in self._places.values())
            return Goodbye(self._worker, outlived, self._serial), self._wanted(self._all())
        self._sent = self._draft(now_s)
        return self._sent.report, self._wanted(self._sent.report.claims())

    def _all(self) -> list[Claim]:
        return [claim for place in self._places.values() for claim in place.has]

    def _wanted(self, claims: list[Claim]) -> Epoch:
        return max((claim.epoch for claim in claims), key=lambda epoch: epoch.number, default=NO_EPOCH)

    def _draft(self, now_s: float) -> Sent:
        ended: list[Done] = []
        returned: list[Returned] = list(self._back[:NEWS_ROWS])
        self._back_sent = len(returned)
        sent_told: dict[WorkerId, int] = {}
        byes: dict[WorkerId, int] = {}
        size, patience_s = 0, LONGEST_PATIENCE_S
        for name, place in self._places.items():
            if place.told is not None and size < NEWS_BYTES and len(ended) + len(returned) < NEWS_ROWS:
                ended += place.told.reports
                returned += place.told.returned
                size += sum(done.result.size for done in place.told.reports)
                sent_told[name] = place.tell
            elif place.bye:
                why = OUTLIVED if place.outlived else BEGUN
                returned += [Returned(claim, why, "handed back") for claim in place.has]
                byes[name] = place.bye
        wants = self._wants(sent_told)
        for name in wants:
            patience_s = min(patience_s, self._places[name].want_until_s - now_s)
        named = {each.claim for each in ended} | {each.claim for each in returned}
        held = [
            Held(claim, has.is_on, has.told, has.course)
            for place in self._places.values()
            for claim, has in place.has.items()
            if claim not in named
        ]
        if any(place.told is not None and name not in sent_told for name, place in self._places.items()):
            self._due_s = 0.0
        self._serial += 1
        what = (tuple(held), tuple(ended), tuple(returned), tuple(wants.items()), max(0.0, patience_s))
        used = self._take_samples({each.claim for each in held}, now_s) if self._samples else ()
        machine = (self._load, used, self._in_use_kib, self._started_ns)
        report = Report(self._worker, self._serial, self._offer, *what, *machine)
        return Sent(report, sent_told, {name: self._places[name].want for name in wants}, byes)

    def _wants(self, told: dict[WorkerId, int]) -> dict[WorkerId, int]:
        """How many jobs each place wants: one that is free, one that tells something so many as it says."""
        wants = {}
        for name, place in self._places.items():
            if place.want:
                wants[name] = 1
            elif name in told and place.told is not None and place.told.wants:
                wants[name] = place.told.wants
        return wants

    # --- what comes of it ----------------------------------------------------------------------

    def answered(self, answer: Answer, now_s: float) -> None:
        """The answer to the open question has come."""
        sent, self._sent = self._sent, None
        # News may come at any moment, and need no other question before them.
        is_at_work = any(place.has for place in self._places.values())
        self._due_s = min(self._due_s, now_s + (OPEN_S if is_at_work else 0.0))
        match answer:
            case AckGoodbye():
                self.is_over = True
                for name, place in self._places.items():
                    if place.bye:
                        self._pass(name, place.bye, AckGoodbye())
            case Orders() if sent is not None:
                self._obey(answer, sent, now_s)
            case Refused() if sent is not None:
                self._not_before_s = now_s + self._pause_s
                self._refuse(answer, sent)
            case _:
                self._said_goodbye = False
                self._not_before_s = now_s + self._pause_s

    def _refuse(self, answer: Refused, sent: Sent) -> None:
        for name, number in sent.told.items():
            self._places[name].tell, self._places[name].told = 0, None
            self._pass(name, number, answer)
        for name, number in sent.wants.items():
            if number and self._places[name].want == number:
                self._places[name].want = 0
                self._pass(name, number, answer)

    def _obey(self, orders: Orders, sent: Sent, now_s: float) -> None:
        del self._back[: self._back_sent]
        gone = [done.claim for done in sent.report.ended] + [each.claim for each in sent.report.returned]
        for claim in gone:
            self._places[claim.worker].has.pop(claim, None)
        self._is_leaving |= orders.leave
        self._hand_out(orders, sent)
        for signal in orders.signals:
            self._signal(signal.claim, signal.signal, lost=signal.lost)
        for steer in orders.steer:
            has = self._places[steer.claim.worker].has.get(steer.claim)
            if has is not None:
                has.course = steer.course
                self._answer_beat(steer.claim.worker, has, talk.Steer(steer.claim.job, steer.course))
        for name, number in sent.byes.items():
            self._pass(name, number, AckGoodbye())
            self._places[name].bye, self._places[name].is_gone = 0, True
        for name, place in self._places.items():
            if place.want and self._is_leaving:
                self._answer_want(name, place, talk.ShutdownWorker())
            elif place.want and place.want_until_s <= now_s:
                self._answer_want(name, place, AskAgain())

    def _hand_out(self, orders: Orders, sent: Sent) -> None:
        """New jobs go to the places that they are for; what these do not want goes back."""
        new: dict[WorkerId, list[Job]] = {}
        for batch in orders.run:
            place = self._places[batch.place]
            for job in batch.jobs:
                claim = Claim(job.epoch, job.id, job.attempts, batch.place)
                if claim not in place.has:
                    new.setdefault(batch.place, []).append(job)
        refused: dict[WorkerId, list[JobId]] = {}
        for claim in orders.refused:
            refused.setdefault(claim.worker, []).append(claim.job)
        for name, number in sent.told.items():
            place = self._places[name]
            place.tell, place.told = 0, None
            more = self._take(name, place, new.pop(name, []))
            self._pass(name, number, talk.AckFinished(tuple(refused.get(name, ())), more))
        for name, jobs in new.items():
            place = self._places[name]
            if place.want:
                self._answer_want(name, place, talk.DelegateToWorker(self._take(name, place, jobs)))
                continue
            for job in jobs:
                claim = Claim(job.epoch, job.id, job.attempts, name)
                self._due_s = 0.0
                is_known = claim in self._seen
                self._back.append(Returned(claim, BEGUN, "handed back") if is_known else Returned(claim))

    def _take(self, name: WorkerId, place: Place, jobs: list[Job]) -> tuple[Job, ...]:
        for job in jobs:
            claim = Claim(job.epoch, job.id, job.attempts, name)
            place.has[claim] = Has(course=Course(time_limit_s=job.terms.time_limit_s))
            self._seen[claim] = None
        while len(self._seen) > MEMORY:
            self._seen.popitem(last=False)
        return tuple(jobs)

    def _answer_want(self, name: WorkerId, place: Place, answer: talk.Told) -> None:
        number, place.want = place.want, 0
        self._pass(name, number, answer)

    def _signal(self, claim: Claim, signal: int, *, lost: bool) -> None:
        place = self._places[claim.worker]
        has = place.has.get(claim)
        if has is None:
            return
        has.told = has.told if lost else signal
        self._answer_beat(claim.worker, has, talk.CancelWip(claim.job, lost=lost, signal=signal))
        if lost:  # and said of no more
            del place.has[claim]
