"""Machines as rows of cells: a block a kind of job, a mark a cpu, gpus below. Pure.

The workers of a host are one machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from markupsafe import Markup

from goq.core.values.cluster import Runs, WorkerRow
from goq.core.values.room import CPUS, GPUS, MEMORY, MIB
from goq.core.values.text import printable
from goq.views import maps, signs
from goq.views.clocks import clock
from goq.views.machines import Host, by_host
from goq.views.maps import Block
from goq.views.marks import TIMES
from goq.views.numbers import ago, count, duration, size
from goq.views.paper import Paper
from goq.views.sentences import amount
from goq.views.style import user_fill
from goq.views.svg import Entry, legend
from goq.web.rows import Shown, shown_sign

_GPU_HEIGHT = 20
_NS = 10**9
MARKED = 12  # machines; of more, marks would be most of the page


class Machine(Host):
    """A machine by its workers, which there are."""

    __slots__ = ()

    @property
    def shown(self) -> Shown:
        """The same as a sign."""
        return shown_sign(signs.MACHINES[self.state])

    @property
    def cpus(self) -> int:
        """How many it offers, 0 where it says nothing."""
        return sum(worker.offer.cpus for worker in self.workers)

    @property
    def busy(self) -> int:
        """How many of them are given out."""
        return sum(worker.taken.get(CPUS, 0) for worker in self.workers)

    @property
    def memory(self) -> int:
        """In MiB, 0 where it says nothing."""
        return sum(worker.offer.memory for worker in self.workers)

    @property
    def memory_taken(self) -> int:
        """In MiB."""
        return sum(worker.taken.get(MEMORY, 0) for worker in self.workers)

    @property
    def gpus(self) -> list[str]:
        """Those that jobs may have."""
        return [gpu for worker in self.workers for gpu in worker.offer.gpus if gpu not in worker.refused]

    @property
    def kept_for(self) -> int:
        """The job that room is kept for, 0 for none."""
        return max(worker.kept_for for worker in self.workers)

    @property
    def silent_s(self) -> float:
        """Since the last word of the worker that was heard of longest ago."""
        return max(worker.silent_s for worker in self.workers)

    @property
    def seen(self) -> str:
        """The same as people say it."""
        return ago(self.silent_s)

    @property
    def load(self) -> str:
        """How many processes run or are to run there, on average over a minute; "" where nobody says."""
        loads = [worker.load for worker in self.workers if worker.load is not None]
        return f"{max(loads):.1f}" if loads else ""

    @property
    def in_use_kib(self) -> int:
        """Its memory that nobody could have now, 0 where nobody says."""
        return max(worker.in_use_kib for worker in self.workers)

    def up(self, paper: Paper) -> str:
        """For how long the first of its workers is there; "" where nobody says."""
        began = [worker.started_ns for worker in self.workers if worker.started_ns]
        return duration((paper.now_ns - min(began)) / _NS) if began else ""

    @property
    def offers(self) -> str:
        """What it has, in words."""
        parts = [
            amount(CPUS, self.cpus) if self.cpus else "any cpus",
            *([size(self.memory * MIB)] if self.memory else []),
            *([amount(GPUS, len(self.gpus))] if self.gpus else []),
            *(f"{name}={much}" for worker in self.workers for name, much in worker.offer.named),
        ]
        return ", ".join(parts)

    @property
    def sides(self) -> list[str]:
        """What is given out, in words."""
        of = f" of {count(self.cpus)}" if self.cpus else ""
        memory = f"{_gib(self.memory_taken)} of {_gib(self.memory)} GiB" if self.memory else ""
        return [f"{count(self.busy)}{of} cpus", *([memory] if memory else [])]

    def note(self, paper: Paper) -> str:
        """What else there is to say of it."""
        worker = self.worst
        if worker.drained_by or worker.drained_why:
            at = f", {clock(worker.drained_ns, paper)}" if worker.drained_ns else ""
            why = f": {worker.drained_why}" if worker.drained_why else ""
            return f"by {worker.drained_by}{at}{why}"
        if self.state in ("suspect", "lost"):
            left = f", given up in {duration(worker.left_s)}" if worker.left_s else ""
            return f"silent for {duration(worker.silent_s)}{left}"
        if self.kept_for:
            return f"keeps room for {self.kept_for}"
        return next((each.trouble for each in self.workers if each.trouble), "")


class Drawn(NamedTuple):
    """A machine, and its pictures."""

    machine: Machine
    note: str
    cells: Markup
    gpus: Markup
    up: str


def machines_of(rows: Iterable[WorkerRow]) -> list[Machine]:
    """All machines, by name."""
    return [Machine(*each) for each in by_host(rows)]


def ranks_of(machines: Iterable[Machine], others: AbstractSet[str] = frozenset()) -> dict[str, int]:
    """Which colour each owner has, of those whose jobs run and of others: by their names, so that it stays."""
    owners = others | {job.owner for machine in machines for job in machine.jobs}
    return {owner: rank for rank, owner in enumerate(sorted(owners))}


def are_marked(machines: Sequence[Machine]) -> bool:
    """There is room for a mark a cpu."""
    return len(machines) <= MARKED


def legend_of(ranks: Mapping[str, int]) -> Markup:
    """Whose the colours are."""
    users = [Entry(user_fill(rank), owner) for owner, rank in ranks.items() if user_fill(rank) != "f-rest"]
    rest = [Entry("f-rest", "others")] if len(users) < len(ranks) else []
    entries = [
        *users,
        *rest,
        Entry("f-kept", "kept for a big job"),
        Entry("f-free", "free or out of service"),
    ]
    return Markup(legend(entries))  # noqa: S704 - it escapes


def drawn(
    machine: Machine,
    ranks: Mapping[str, int],
    url: str,
    paper: Paper,
    height: int = 26,
    *,
    has_marks: bool = True,
) -> Drawn:
    """The pictures of a machine. `url` is what the address of a job begins with."""
    total = machine.cpus or machine.busy or 1
    blocks = list(_blocks(machine, ranks, url))
    free = total - machine.busy
    if machine.is_out and free > 0:
        blocks.append(Block("out of service", free, "f-free"))
    elif kept := min(free, sum(worker.kept_cpus for worker in machine.workers)):
        blocks.append(Block(f"{count(kept)} kept for {machine.kept_for}", kept, "f-kept"))
    suspect = machine.state in ("suspect", "lost")
    cells = maps.machine(
        f"cpus of {machine.name}", blocks, total, height, is_suspect=suspect, has_marks=has_marks
    )
    gpus = _gpus(machine, ranks, url) if machine.gpus else ""
    return Drawn(machine, machine.note(paper), Markup(cells), Markup(gpus), machine.up(paper))  # noqa: S704 - they escape


def _blocks(machine: Machine, ranks: Mapping[str, int], url: str) -> Iterable[Block]:
    kinds: dict[tuple[str, str], list[Runs]] = {}
    for job in machine.jobs:
        kinds.setdefault((str(job.array or job.job), job.owner), []).append(job)
    for (which, owner), jobs in kinds.items():
        name, each = printable(jobs[0].name) or which, amount(CPUS, jobs[0].cpus)
        many = f" {TIMES}{count(len(jobs))}" if len(jobs) > 1 else ""
        title = f"{name} of {owner}: " + (f"{count(len(jobs))} {TIMES} {each}" if many else each)
        href = url + (which if many else jobs[0].shown)
        yield Block(f"{name}{many}", sum(job.cpus for job in jobs), user_fill(ranks[owner]), title, href)


def _gpus(machine: Machine, ranks: Mapping[str, int], url: str) -> str:
    holders = {gpu: job for job in machine.jobs for gpu in job.gpus}
    blocks = []
    for gpu in machine.gpus:
        job = holders.get(gpu)
        if job is None:
            blocks.append(Block(f"gpu {gpu}", 1, "f-free"))
        else:
            title = f"gpu {gpu}: {job.name or job.shown} of {job.owner}"
            blocks.append(
                Block(f"gpu {gpu} {job.shown}", 1, user_fill(ranks[job.owner]), title, url + job.shown)
            )
    return maps.machine(f"gpus of {machine.name}", blocks, len(machine.gpus), _GPU_HEIGHT)


def _gib(mib: int) -> str:
    return count(round(mib * MIB / 2**30))
