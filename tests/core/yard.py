"""Workers, jobs and limits around a real placement, and how it looks to somebody who looks at every job."""

from collections import Counter
from dataclasses import dataclass, field

from epochs import EPOCH

from goq.core.board.gates import Gates
from goq.core.board.lanes import Lanes
from goq.core.board.limits import Limits
from goq.core.board.placement import Placement
from goq.core.board.rooms import Rooms, process_of
from goq.core.state.records import JobDelegated, JobFinished, JobsSubmitted, LimitSet, Record
from goq.core.state.running import RunningJob
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, JobId, Nonce, WorkerId
from goq.core.values.items import Numbers
from goq.core.values.job import NOBODY, Claim, Job, Origin, Submission, Worker
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.room import CPUS, GPUS, MEMORY, PINNED, Offer, need_of
from goq.core.values.terms import Terms


def place(name: str, number: int) -> Worker:
    """One place of the worker of a host, as n1; n1+2 is another worker there, with the process id 2."""
    host, _, pid = name.partition("+")
    return Worker(WorkerId(f"{name}/{number}"), host, int(pid or 1))


@dataclass
class Yard:
    """One board, built anew whenever somebody wants."""

    state: State = field(default_factory=State)
    offers: dict[str, Offer] = field(default_factory=dict)
    now_s: int = 0  # of the wall clock

    def __post_init__(self) -> None:
        self.build()

    def build(self) -> None:
        """As after a restart."""
        self.limits = Limits(self.state)
        self.lanes = Lanes(self.state, Gates(self.state), self.limits)
        self.rooms = Rooms(self.state)
        self.placement = Placement(self.state, self.lanes, self.rooms, self.limits)
        self.pass_time(0)
        for host, offer in self.offers.items():
            self.rooms.hear(place(host, 0), offer, 0.0)

    def pass_time(self, seconds: int) -> None:
        """The wall clock goes on."""
        self.now_s += seconds
        self.rooms.clock.now_ns = self.now_s * 10**9

    def apply(self, record: Record) -> None:
        self.state.apply(record)

    def offer(self, host: str, offer: Offer) -> None:
        """The worker of the host says what it has."""
        self.offers[host] = offer
        self.rooms.hear(place(host, 0), offer, 0.0)

    def submit(self, count: int = 1, owner: str = "ann", **asked: object) -> list[JobId]:
        """So many jobs as one array, or one job."""
        first = self.state.next_job
        origin = Origin(b"/home", Environment(b""), f"{owner}@head")
        items = Numbers(((1, count, 1),)) if count > 1 else None
        what = (first, count, Nonce(b"%d" % first), Argv(b"run"), origin, Terms(**asked), 0)  # type: ignore[arg-type]
        self.apply(JobsSubmitted(Submission(*what, items)))
        live = self.state.submissions[first]
        self.lanes.append(live, live.first, live.end)
        return [JobId(first + at) for at in range(count)]

    def ask(self, host: str, number: int = 0) -> Job | None:
        """A place asks, and gets what it is given."""
        worker = place(host, number)
        job = self.placement.pick(worker)
        return self.give(worker, job) if job else None

    def give(self, worker: Worker, job: Job) -> Job:
        """The place starts the job."""
        self.lanes.remove(job)
        grant = self.placement.start(worker, job)
        self.apply(JobDelegated(Claim(EPOCH, job.id, 1, worker.id), worker, 0, grant))
        return self.state.running[job.id].job

    def end(self, job: JobId) -> None:
        """The job has ended well."""
        worker = self.state.running[job].worker
        self.apply(JobFinished(Ended(job, 1, Ending.FINISHED, Result()), 0))
        if worker.id not in self.state.jobs_of_worker:
            self.placement.end(worker.id)

    def limit(self, name: str, amount: int | None) -> None:
        """Somebody sets a limit."""
        self.apply(LimitSet(name, amount, "", NOBODY, 0))
        self.placement.limits_changed()

    # --- by looking at everything ------------------------------------------------------------

    def at(self, name: str) -> list[RunningJob]:
        """What runs at that worker."""
        process = process_of(place(name, 0))
        return [each for each in self.state.running.values() if process_of(each.worker) == process]

    def taken(self, name: str) -> Counter[str]:
        """What runs at the worker takes so much; of the cpus that it pins to, what runs at any worker of its host."""
        taken: Counter[str] = Counter()
        for each in self.at(name):
            taken.update(dict(need_of(each.job.terms)))
        del taken["time"]
        host, pins = place(name, 0).host, {*self.offers[name].pin_ids()}
        on = [each for each in self.state.running.values() if each.worker.host == host]
        taken[PINNED] = len(pins & {cpu for each in on for cpu in each.job.grant.cpus})
        return taken

    def drawn(self) -> Counter[str]:
        """So much is drawn of whatever can be limited."""
        drawn: Counter[str] = Counter()
        for each in self.state.running.values():
            drawn.update(self.draws(each.job))
        return drawn

    def draws(self, job: Job) -> dict[str, int]:
        """What the job draws while it runs, limited or not."""
        owner, array = job.origin.submitter.partition("@")[0], job.task.array if job.task else job.id
        tags = {f"tag:{tag}": 1 for tag in job.terms.tags}
        return {
            "all": 1,
            f"user:{owner}": job.terms.cpus,
            f"array:{array}": 1,
            **tags,
            **dict(job.terms.licenses),
        }

    def allowed(self, job: Job) -> bool:
        """No limit forbids it."""
        drawn, limits = self.drawn(), self.state.limits
        return all(drawn[name] + n <= limits[name] for name, n in self.draws(job).items() if name in limits)

    def fits(self, job: Job, host: str) -> bool:
        """There is room for it, and time."""
        taken, offer, need = self.taken(host), self.offers[host], dict(need_of(job.terms))
        time_s, left_s = need.pop("time", 0), offer.ends_ns // 10**9 - self.now_s
        is_long_enough = not offer.ends_ns or (left_s > 0 and time_s <= left_s)
        return is_long_enough and all(taken[name] + need[name] <= offer.amount(name) for name in need)

    def could_hold(self, job: Job, host: str) -> bool:
        """There would be room for it, and time, if nothing ran, and the host takes jobs."""
        offer, need = self.offers[host], dict(need_of(job.terms))
        time_s, left_s = need.pop("time", 0), offer.ends_ns // 10**9 - self.now_s
        is_long_enough = not offer.ends_ns or (left_s > 0 and time_s <= left_s)
        is_drained = self.state.limits.get(f"node:{place(host, 0).host}") == 0
        return is_long_enough and not is_drained and all(need[name] <= offer.amount(name) for name in need)

    def share(self, owner: str) -> float:
        """The largest part of what there is that the owner's jobs have."""
        used: Counter[str] = Counter()
        for each in self.state.running.values():
            if each.job.origin.submitter == f"{owner}@head":
                used.update(dict(need_of(each.job.terms)))
        shared = used.keys() & {CPUS, MEMORY, GPUS}
        totals = {name: sum(offer.amount(name) for offer in self.offers.values()) for name in shared}
        weight = self.state.limits.get(f"weight:{owner}", 1)
        return max((used[name] / (totals[name] or 1) for name in totals), default=0.0) / weight

    def ranked(self) -> list[Job]:
        """All that waits and no limit forbids, in the order in which they are to run."""
        waiting = [self.state.job(job) for job in self.state.waiting]
        shares = {job.origin.submitter: self.share(job.origin.submitter.partition("@")[0]) for job in waiting}
        allowed = filter(self.allowed, waiting)
        return sorted(allowed, key=lambda job: (-job.terms.priority, shares[job.origin.submitter], job.id))
