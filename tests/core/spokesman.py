"""What places say, as reports of their workers, and orders as what the places are told: tests speak of places.

A place without a hyphen in its name is a worker of its own; "w5-1" and "w5-2" are places of one. Whatever a worker has
beside what a place speaks of it has been told all about.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from goq.core.dispatch.door import Dispatcher
from goq.core.messages import Answer, AskAgain, Done, Goodbye, Held, Orders, Question, Report, Returned
from goq.core.values.ids import JobId, WorkerId, worker_of
from goq.core.values.job import Claim, Job, Worker
from goq.core.values.room import ANYTHING, Offer
from goq.core.worker.talk import (
    AckFinished,
    CancelWip,
    CarryOn,
    DelegateToWorker,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    Saying,
    ShutdownWorker,
    Steer,
    Told,
)

Asked = Question | Saying
Heard = Any  # an answer, or what a place makes of orders; tests say which by comparing it


def worker(name: str) -> Worker:
    """A worker, or a place, that is always the same for one name; "a/1" and "a/2" are workers of one process."""
    return Worker(WorkerId(name), f"host-of-{worker_of(WorkerId(name.partition('/')[0]))}", 1)


class Spokesman:
    """Speaks for all workers, each of which counts its reports."""

    def __init__(self) -> None:
        self._serials: dict[WorkerId, int] = {}
        self._free: dict[WorkerId, dict[WorkerId, None]] = {}
        self._workers: dict[WorkerId, Worker] = {}
        self._offers: dict[WorkerId, Offer] = {}

    def question(self, asked: Asked, dispatcher: Dispatcher) -> Question:
        """What is asked, as it travels."""
        match asked:
            case RequestForWork(place, patience_s, offer):
                self._workers[place.id] = place
                self._offers[worker_of(place.id)] = offer
                self._free.setdefault(worker_of(place.id), {})[place.id] = None
                held = self._held(place.id, (), dispatcher)
                return self._report(place.id, held, patience_s=patience_s)
            case FinishedWork(place, done, returned, kept, wants):
                self._free.get(worker_of(place), {}).pop(place, None)
                told = {each.claim for rows in (done, returned) for each in rows}
                held = self._held(place, kept, dispatcher)
                held = tuple(each for each in held if each.claim not in told)
                return self._report(place, held, done, returned, wants=wants)
            case Heartbeat(claim, signal, course):
                self._free.get(worker_of(claim.worker), {}).pop(claim.worker, None)
                its = dispatcher.state.held_by_worker(claim.worker)
                kept = tuple(each.job.id for each in its if each.claim != claim)
                held = self._held(claim.worker, kept, dispatcher)
                return self._report(claim.worker, (*held, Held(claim, True, signal, course)))
            case Goodbye(worker, outlived):
                name = worker_of(worker.id)
                self._free.pop(name, None)
                return Goodbye(replace(worker, id=name), outlived, self._serials.get(name, 0))
            case _:
                return asked

    def _held(self, place: WorkerId, kept: Iterable[JobId], dispatcher: Dispatcher) -> tuple[Held, ...]:
        """These jobs of the place, and all of the other places of its worker."""
        name, running = worker_of(place), dispatcher.state.running
        others = [
            job
            for job, each in running.items()
            if worker_of(each.claim.worker) == name and each.claim.worker != place
        ]
        rows = []
        for job in dict.fromkeys([*others, *kept]):
            if job in running:
                course = dispatcher._moves.course_of(running[job])
                rows.append(Held(running[job].claim, told=running[job].kill_signal, course=course))
        return tuple(rows)

    def _report(
        self,
        place: WorkerId,
        held: tuple[Held, ...],
        done: tuple[Done, ...] = (),
        returned: tuple[Returned, ...] = (),
        wants: int = 0,
        patience_s: float = 3600.0,
    ) -> Report:
        name = worker_of(place)
        self._serials[name] = self._serials.get(name, 0) + 1
        wanted = dict.fromkeys(self._free.get(name, {}), 1) | ({place: wants} if wants else {})
        who = replace(self._workers.get(place, worker(place)), id=name)
        offer = self._offers.get(name, ANYTHING)
        what = (held, done, returned, tuple(wanted.items()), patience_s)
        return Report(who, self._serials[name], offer, *what)

    def heard(self, orders: Orders) -> None:
        """The worker has these."""
        for batch in orders.run:
            self._free.get(orders.worker, {}).pop(batch.place, None)


def told(asked: Asked, answer: Answer | None) -> Heard:
    """What the place is told that has asked."""
    if not isinstance(answer, Orders):
        return answer
    match asked:
        case RequestForWork(place):
            jobs = _jobs(answer, place.id)
            return DelegateToWorker(jobs) if jobs else ShutdownWorker() if answer.leave else AskAgain()
        case FinishedWork(place):
            refused, jobs = tuple(claim.job for claim in answer.refused), _jobs(answer, place)
            return ShutdownWorker() if answer.leave else AckFinished(refused, jobs)
        case Heartbeat(claim):
            return _of_beat(answer, claim)
        case _:
            return answer


def _jobs(orders: Orders, place: WorkerId) -> tuple[Job, ...]:
    return tuple(job for batch in orders.run if batch.place == place for job in batch.jobs)


def _of_beat(orders: Orders, claim: Claim) -> Told:
    for signal in orders.signals:
        if signal.claim == claim:
            return CancelWip(claim.job, signal.lost, signal.signal)
    for steer in orders.steer:
        if steer.claim == claim:
            return Steer(claim.job, steer.course)
    return CarryOn()
