"""What the journal's tests share: records to write, and what a journal says when it is read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from epochs import EPOCH
from submissions import submitted_of

from goq.adapters.store.journal import Journal
from goq.adapters.store.port import Store
from goq.core.messages import Question, Request
from goq.core.state.records import ItemsAdded, JobDelegated, JobFinished, JobsSubmitted, RangeEnded, Record
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import Environment, Handle, JobId, Nonce, WorkerId
from goq.core.values.job import Claim, Job, Origin, Worker
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.terms import DEFAULT_TERMS, Terms

ORIGIN = Origin(b"/home/ann", Environment(b"HOME=/home/ann\0ODD=\xff\xfe"), "ann@head")
WORKER = Worker(WorkerId("node7-1"), "node7", 4711)


def nonce(number: int) -> Nonce:
    """A nonce that can be told apart."""
    return Nonce(b"%016d" % number)


def submitted(
    first: int, count: int = 1, origin: Origin = ORIGIN, to_come: int = 0, terms: Terms = DEFAULT_TERMS
) -> JobsSubmitted:
    """A submission whose nonce is made of its first job's number."""
    commands = tuple(b"run\0\xff%d" % (first + at) for at in range(count))
    return submitted_of(first, nonce(first), commands, origin, terms, 1_000 + first, to_come)


def listed(first: int, count: int, to_come: int, origin: Origin = ORIGIN) -> JobsSubmitted:
    """The beginning of a list, of which more is to come."""
    return submitted(first, count, origin, to_come)


def added(first: int, at: int, count: int) -> ItemsAdded:
    """So many commands more of the list that begins with `first`: those of the jobs from `at` on."""
    return ItemsAdded(nonce(first), JobId(at), tuple(b"run\0\xff%d" % (at + each) for each in range(count)))


def delegated(job: int, attempt: int = 1, worker: Worker = WORKER) -> JobDelegated:
    """The job given to a worker."""
    return JobDelegated(Claim(EPOCH, JobId(job), attempt, worker.id), worker, 2_000 + job)


def ended(job: int, attempt: int = 1, *, cancelled: bool = False, **result: Any) -> Ended:
    """A final state."""
    return Ended(JobId(job), attempt, Ending.CANCELLED if cancelled else Ending.FINISHED, Result(**result))


def finished(job: int, attempt: int = 1, *, cancelled: bool = False, **result: Any) -> JobFinished:
    """The record of the final state that an attempt led to."""
    return JobFinished(ended(job, attempt, cancelled=cancelled, **result), 3_000 + job)


def unstarted(
    first: int, last: int = 0, ending: Ending = Ending.CANCELLED, reason: str = "", at_ns: int = 0
) -> RangeEnded:
    """The record of jobs that ended while they waited."""
    here = ((JobId(first), JobId((last or first) + 1)),)
    return RangeEnded(here, ending, reason, at_ns or 3_000 + first)


def ran(job: int, **result: Any) -> list[Record]:
    """A job's whole life."""
    return [submitted(job), delegated(job), finished(job, **result)]


def request(question: Question, number: int = 0) -> Request:
    """A question as the server gets it."""
    return Request(Handle(1, b"header"), nonce(number), 0, question)


def write(folder: Path, *batches: Iterable[Record]) -> None:
    """Have a server commit these batches, and stop."""
    journal = Journal(folder)
    for batch in batches:
        journal.commit(list(batch))
    journal.close()


def replayed(journal: Store) -> State:
    """The state that the journal tells."""
    state = State()
    for record in journal.replay():
        state.apply(record)
    return state


def read(folder: Path) -> State:
    """The state that the next server begins with."""
    journal = Journal(folder)
    try:
        return replayed(journal)
    finally:
        journal.close()


def waiting_in(state: State) -> list[Job]:
    """The jobs that wait, by number."""
    coming = state.deliveries.values()
    return [state.job(job) for job in state.waiting if not any(job in each for each in coming)]


def picture(state: State) -> dict[str, object]:
    """All that a state must have in common with the one that wrote it; used nonces are recalled elsewhere."""
    return {
        "epoch": state.epoch,
        "next_job": state.next_job,
        "waiting": waiting_in(state),
        "submissions": sorted(map(_told, state.submissions), key=str),
        "running": sorted(state.running.items()),
        "jobs_of_worker": sorted(state.jobs_of_worker.items()),
        "recent_finished": list(state.recent_finished.items()),
        "counts": (state.finished_count, state.failed_count, state.cancelled_count, state.lost_count),
        "skipped": state.skipped_count,
        "blobs": (
            sorted((blob, each.here) for blob, each in state.blobs.arriving.items()),
            state.blobs.users,
        ),
        "arriving": [state.blobs.arriving[blob] for blob in sorted(state.blobs.arriving)],
    }


def _told(live: Live) -> tuple[object, ...]:
    """A live submission, and what has become of it."""
    return live.submission, live.left, _lines(live), list(live.bad or ()), live.lacks


def _lines(live: Live) -> list[bytes]:
    return [] if live.lines is None else list(live.lines)


def waiting(state: State) -> list[int]:
    """The numbers of the jobs that wait."""
    return [job.id for job in waiting_in(state)]
