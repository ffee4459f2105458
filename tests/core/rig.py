"""Shorthands for scenarios: who asks what, in the words of people and workers.

Everything goes through the loop, which audits every turn.
"""

from ledger import Place
from loop import ONCE_ONLY, START_NS, WINDOW_S, Loop

from goq.core.messages import (
    Answer,
    Cancel,
    DelegateToWorker,
    FinishedWork,
    Goodbye,
    Heartbeat,
    Observe,
    OutputChunk,
    Request,
    RequestForWork,
    Snapshot,
    Submit,
    TakeSnapshot,
)
from goq.core.model import (
    DEFAULT_TERMS,
    SIGTERM,
    Argv,
    Claim,
    Environment,
    JobId,
    Result,
    Terms,
    Worker,
    WorkerId,
)

__all__ = ["ONCE_ONLY", "START_NS", "WINDOW_S", "Rig", "claim", "claim_in", "submission", "worker"]


def worker(name: str) -> Worker:
    """A worker that is always the same for one name."""
    return Worker(WorkerId(name), f"host-of-{name}", 1)


def submission(count: int = 1, terms: Terms = DEFAULT_TERMS) -> Submit:
    """Commands that can be told apart."""
    commands = tuple(Argv(b"run\0%d" % at) for at in range(count))
    return Submit(commands, b"/home/ann", Environment(b"A=1"), "ann@host", terms)


def claim(job: int, attempt: int, name: str) -> Claim:
    """A claim as it would be delegated."""
    return Claim(JobId(job), attempt, WorkerId(name))


def claim_in(answer: Answer | None) -> Claim:
    """The claim that an answer delegates."""
    assert isinstance(answer, DelegateToWorker), f"no job in {answer}"
    return answer.claim


class Rig(Loop):
    """One server's life, and everybody around it."""

    def submit(self, count: int = 1, *, requeue: bool = True, unique: str = "") -> list[JobId]:
        """Queue so many jobs in one submission."""
        first = len(self.ledger.lives) + 1
        self.ask(submission(count, Terms(requeue, unique)))
        return [JobId(first + at) for at in range(count)]

    def want_work(self, name: str, patience_s: float = 20.0, peer: int = 1) -> Request:
        """The worker of that name asks for work."""
        return self.send(RequestForWork(worker(name), patience_s), peer)

    def delegate(self, name: str) -> Claim:
        """The worker of that name asks for work and gets the oldest job."""
        return claim_in(self.answer_to(self.want_work(name)))

    def beat(self, claim: Claim, peer: int = 1, told: int = 0) -> Request:
        """The claim's worker says that it still runs the job, and what it was told."""
        return self.send(Heartbeat(claim, told), peer)

    def finish(self, claim: Claim, exit_code: int = 0, *, wants_next: bool = False) -> Answer | None:
        """The claim's worker reports that the job has ended."""
        return self.ask(FinishedWork(claim, Result(exit_code=exit_code), wants_next))

    def chunk(self, claim: Claim, data: bytes = b"output") -> Answer | None:
        """The claim's worker sends a piece of output."""
        return self.ask(OutputChunk(claim, 0, data))

    def cancel(self, job: int, signal: int = SIGTERM) -> Answer | None:
        """Somebody kills the job."""
        return self.ask(Cancel(JobId(job), signal))

    def observe(self, job: int, peer: int = 1) -> Request:
        """Somebody waits for the job's end."""
        return self.send(Observe(JobId(job)), peer)

    def goodbye(self, name: str) -> Answer | None:
        """The worker of that name leaves."""
        return self.ask(Goodbye(worker(name)))

    def snapshot(self, max_show: int = 100) -> Snapshot:
        """What the server says that it holds."""
        answer = self.ask(TakeSnapshot(max_show))
        assert isinstance(answer, Snapshot)
        return answer

    def where(self, job: int) -> Place:
        """The place of the job, as far as the records say."""
        return self.ledger.lives[JobId(job)].place

    def waiting(self) -> list[int]:
        """The jobs that wait, in the order in which they will run."""
        return [job.id for job in self.state.waiting.first(len(self.state.waiting))]
