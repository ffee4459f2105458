"""What a queue's records say of each job, kept by somebody who knows nothing of how the core keeps it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from goq.core.state.records import (
    Altered,
    CancelRequested,
    Held,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    LimitSet,
    RangeEnded,
    Record,
    Released,
)
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.job import Claim, Submission, Worker
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ending
from goq.core.values.room import ANYTHING, Grant, Offer
from goq.core.values.terms import After, Terms

Process = tuple[str, int]
LONGEST_BACKOFF_S = 3600.0


@dataclass
class Life:
    """One job."""

    id: JobId
    what: Submission
    terms: Terms
    place: Literal["waiting", "running", "ended"] = "waiting"
    attempts: int = 0
    crashes: int = 0
    failures: int = 0
    held: bool = False
    claim: Claim | None = None
    worker: Worker | None = None
    grant: Grant = field(default_factory=Grant)
    killed: bool = False
    is_well: bool = False  # how it ended
    not_before_s: float = 0.0  # attended: the end of a backoff

    @property
    def owner(self) -> str:
        return self.what.origin.submitter.partition("@")[0]

    @property
    def is_harmful(self) -> bool:
        """It is not to share a place: it must not be lost with others, or was lost before."""
        return self.crashes > 0 or not self.terms.requeue

    def need(self) -> Counter[str]:
        """What it takes of its worker."""
        return Counter({"cpus": self.terms.cpus, "gpus": self.terms.gpus})


def numbers(ranges: Ranges) -> Iterator[JobId]:
    """Each of these."""
    return (JobId(job) for first, end in ranges for job in range(first, end))


class Book:
    """All jobs, limits and offers. Seconds are attended."""

    def __init__(self) -> None:
        self.lives: dict[JobId, Life] = {}
        self.limits: dict[str, int] = {}
        self.offers: dict[Process, Offer] = {}
        self.now = Now(0.0, 0)

    # --- what is on record ---------------------------------------------------------------

    def enter(self, record: Record) -> None:
        """One more record."""
        match record:
            case JobsSubmitted(what):
                for job in range(what.first, what.end):
                    self.lives[JobId(job)] = Life(JobId(job), what, what.terms, held=what.terms.held)
                if what.terms.at_once:
                    self.limits[f"array:{what.first}"] = what.terms.at_once
            case JobDelegated(claim, worker, _, grant):
                life = self.lives[claim.job]
                life.place, life.claim, life.worker, life.grant = "running", claim, worker, grant
                life.attempts += 1
            case JobRequeued(claim, _, counts_as):
                self._requeued(self.lives[claim.job], counts_as)
            case CancelRequested(job):
                self.lives[job].killed = True
            case JobFinished(ended):
                self._ended(ended.job, is_well=ended.ending is Ending.FINISHED and ended.status == 0)
            case RangeEnded(ranges):
                for job in numbers(ranges):
                    self._ended(job, is_well=False)
            case Held(ranges) | Released(ranges):
                for job in numbers(ranges):
                    self.lives[job].held = isinstance(record, Held)
            case Altered(ranges, terms):
                for job in numbers(ranges):
                    self.lives[job].terms = terms
            case LimitSet(name, amount):
                self.limits.pop(name, None)
                if amount is not None:
                    self.limits[name] = amount

    def _requeued(self, life: Life, counts_as: CountsAs) -> None:
        life.place, life.claim, life.worker, life.killed = "waiting", None, None, False
        life.crashes += counts_as is CountsAs.CRASH
        if counts_as in (CountsAs.FAILURE, CountsAs.RERUN):
            doublings = life.failures if counts_as is CountsAs.FAILURE else 0
            backoff_s = min(life.terms.backoff_s * 2**doublings, LONGEST_BACKOFF_S)
            life.not_before_s = self.now.attended_s + backoff_s
        life.failures += counts_as is CountsAs.FAILURE

    def _ended(self, job: JobId, *, is_well: bool) -> None:
        life = self.lives[job]
        life.place, life.is_well, life.claim, life.worker, life.held = "ended", is_well, None, None, False

    # --- what follows from it ------------------------------------------------------------

    def in_place(self, place: str) -> list[Life]:
        """The jobs that are there, by their numbers."""
        return [life for life in self.lives.values() if life.place == place]

    def is_ready(self, life: Life) -> bool:
        """It waits, and nothing but its turn keeps it."""
        if life.place != "waiting" or life.held or life.not_before_s > self.now.attended_s:
            return False
        return all(self.is_met(after, life) for after in life.terms.after)

    def is_met(self, after: After, life: Life) -> bool:
        """What the job waits for has ended, and as it was to."""
        watched = [self.lives[job] for job in numbers(after.jobs)]
        if after.each:
            watched = [watched[life.id - life.what.first]]
        if any(each.place != "ended" for each in watched):
            return False
        if after.when == "ok":
            return all(each.is_well for each in watched)
        bad = {each.what.first for each in watched if not each.is_well}
        return after.when == "any" or bad == {each.what.first for each in watched}

    def ready(self) -> list[Life]:
        """All that is ready, by number."""
        return [life for life in self.lives.values() if self.is_ready(life)]

    def places(self) -> dict[WorkerId, Life]:
        """One job of each place that runs something: those of one place need the same."""
        return {life.worker.id: life for life in self.in_place("running") if life.worker}

    def taken(self, process: Process) -> Counter[str]:
        """What the places of a worker have."""
        taken: Counter[str] = Counter()
        for life in self.places().values():
            if life.worker and (life.worker.host, life.worker.pid) == process:
                taken.update(life.need())
        return taken

    def fits(self, life: Life, process: Process) -> bool:
        """The worker has room for it now."""
        offer, taken = self.offers.get(process, ANYTHING), self.taken(process)
        free = {"cpus": (offer.cpus or 10**9) - taken["cpus"], "gpus": len(offer.gpus) - taken["gpus"]}
        # Of an offer that is not known yet, what runs may have more than it is taken to be.
        return all(amount <= free[name] for name, amount in life.need().items() if amount)

    def draws(self, life: Life) -> Counter[str]:
        """What it draws of what may be limited."""
        array = life.what.first if life.what.items else life.id
        tags = {f"tag:{tag}": 1 for tag in life.terms.tags}
        return Counter({"all": 1, f"user:{life.owner}": life.terms.cpus, f"array:{array}": 1, **tags})

    def drawn(self) -> Counter[str]:
        """What is drawn by all that runs."""
        drawn: Counter[str] = Counter()
        for life in self.places().values():
            drawn.update(self.draws(life))
        return drawn

    def is_allowed(self, life: Life, host: str) -> bool:
        """No limit forbids that it starts there."""
        drawn = self.drawn()
        at_host = sum(each.worker is not None and each.worker.host == host for each in self.places().values())
        if at_host >= self.limits.get(f"node:{host}", 10**9):
            return False
        draws = self.draws(life).items()
        return all(drawn[name] + n <= self.limits[name] for name, n in draws if name in self.limits)

    def share(self, owner: str) -> float:
        """The largest part of what there is that the owner has, over his weight."""
        used: Counter[str] = Counter()
        for life in self.places().values():
            if life.owner == owner:
                used.update(life.need())
        totals = {
            "cpus": sum(offer.cpus for offer in self.offers.values()),
            "gpus": sum(len(offer.gpus) for offer in self.offers.values()),
        }
        parts = [used[name] / total for name, total in totals.items() if total]
        return max(parts, default=0.0) / self.limits.get(f"weight:{owner}", 1)
