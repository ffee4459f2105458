"""Shorthands for scenarios: who asks what, in the words of people and workers.

Everything goes through the loop, which audits every turn.
"""

from epochs import EPOCH
from ledger import Place
from loop import ONCE_ONLY, START_NS, WINDOW_S, Loop, jobs_in
from msgspec.structs import replace
from spokesman import Heard, worker
from submissions import submit_of

from goq.core.messages import (
    Cancel,
    Done,
    Goodbye,
    Observe,
    OutputChunk,
    Request,
    Returned,
    Snapshot,
    Submit,
    TakeSnapshot,
)
from goq.core.values.blobs import Blob, blob_of
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Job
from goq.core.values.result import SIGTERM, Result
from goq.core.values.terms import DEFAULT_TERMS, Terms
from goq.core.values.wishes import Wish
from goq.core.worker.talk import FinishedWork, Heartbeat, RequestForWork

__all__ = ["ONCE_ONLY", "START_NS", "WINDOW_S", "Rig", "claim", "reports_of", "submission", "worker"]


def submission(
    count: int = 1,
    terms: Terms = DEFAULT_TERMS,
    folder: bytes = b"/home/ann",
    to_come: int = 0,
    wishes: tuple[Wish, ...] = (),
) -> Submit:
    """Commands that can be told apart."""
    commands = (b"run\0%d" % at for at in range(count))
    submit = submit_of(
        *commands, folder=folder, environment=b"A=1", submitter="ann@host", terms=terms, to_come=to_come
    )
    return replace(submit, wishes=wishes)


def claim(job: int, attempt: int, name: str) -> Claim:
    """A claim as it would be delegated."""
    return Claim(EPOCH, JobId(job), attempt, WorkerId(name))


def reports_of(*claims: Claim, exit_code: int = 0) -> tuple[Done, ...]:
    """These attempts have ended so."""
    return tuple(Done(each, Result(exit_code=exit_code)) for each in claims)


class Rig(Loop):
    """One server's life, and everybody around it."""

    def submit(
        self, count: int = 1, *, requeue: bool = True, unique: str = "", folder: bytes = b"/home/ann"
    ) -> list[JobId]:
        """Queue so many jobs in one submission."""
        first = len(self.ledger.lives) + 1
        self.ask(submission(count, Terms(requeue, unique), folder))
        return [JobId(first + at) for at in range(count)]

    def has(self, data: bytes) -> Blob:
        """The name of a blob that is here as a whole."""
        blob = blob_of(data)
        self.ledger.blobs[blob] = data
        return blob

    def want_work(self, name: str, patience_s: float = 20.0, peer: int = 1) -> Request:
        """The worker of that name asks for work."""
        return self.send(RequestForWork(worker(name), patience_s), peer)

    def delegate(self, name: str) -> Claim:
        """The worker of that name asks for work and gets the oldest job."""
        return self.claim_in(self.answer_to(self.want_work(name)))

    def claims_in(self, answer: Heard) -> list[Claim]:
        """The claims on the jobs that an answer brings."""
        claims = [self.ledger.claim(job.id) for job in jobs_in(answer)]
        assert [job.attempts for job in jobs_in(answer)] == [claim.attempt for claim in claims]
        return claims

    def claim_in(self, answer: Heard) -> Claim:
        """The claim on the one job that an answer brings."""
        (claim,) = self.claims_in(answer)
        return claim

    def deal(self, name: str, count: int) -> list[Claim]:
        """The worker of that name, which has nothing, comes to hold so many jobs."""
        claims = self.claims_in(self.finish(self.delegate(name), wants=count))
        assert count == len(claims), "too few jobs wait"
        return claims

    def beat(self, claim: Claim, peer: int = 1, told: int = 0) -> Request:
        """The claim's worker says that it still runs the job, and what it was told."""
        return self.send(Heartbeat(claim, told), peer)

    def finish(self, *claims: Claim, exit_code: int = 0, wants: int = 0) -> Heard:
        """The claims' worker reports that the jobs have ended, and that it has whatever else it was given."""
        return self.tell(claims[0].worker, *claims, exit_code=exit_code, wants=wants)

    def tell(
        self,
        name: str,
        *claims: Claim,
        exit_code: int = 0,
        returned: tuple[Claim, ...] = (),
        kept: tuple[int, ...] | None = None,
        wants: int = 0,
    ) -> Heard:
        """The worker of that name reports, returns, says what it kept and wants more."""
        held = self.ledger.held_by_worker(WorkerId(name))
        gone = {each.job for each in (*claims, *returned)}
        has = [job for job in held if job not in gone] if kept is None else map(JobId, kept)
        reports = reports_of(*claims, exit_code=exit_code)
        return self.ask(
            FinishedWork(WorkerId(name), reports, tuple(map(Returned, returned)), tuple(has), wants)
        )

    def refuse(self, *claims: Claim, trouble: str = "folder", problem: str = "it is not there") -> Heard:
        """The claims' worker says that its host cannot start the jobs."""
        worker, gone = claims[0].worker, {each.job for each in claims}
        kept = tuple(job for job in self.ledger.held_by_worker(worker) if job not in gone)
        returned = tuple(Returned(each, trouble, problem) for each in claims)
        return self.ask(FinishedWork(worker, (), returned, kept))

    def chunk(self, claim: Claim, data: bytes = b"output") -> Heard:
        """The claim's worker sends a piece of output."""
        return self.ask(OutputChunk(claim, 0, data, bytes(32), bytes(32)))

    def cancel(self, job: int, signal: int = SIGTERM) -> Heard:
        """Somebody kills the job."""
        return self.ask(Cancel(JobId(job), signal))

    def observe(self, job: int, peer: int = 1) -> Request:
        """Somebody waits for the job's end."""
        return self.send(Observe(JobId(job)), peer)

    def goodbye(self, name: str) -> Heard:
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

    def waiting(self) -> list[JobId]:
        """The numbers of the jobs that wait, in the order in which they will run."""
        return list(self.state.waiting)

    def waiting_jobs(self) -> list[Job]:
        """The same as they are."""
        return [self.state.job(job) for job in self.waiting()]
