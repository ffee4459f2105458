"""Machines as rows of cells: a cell a cpu, whose letters name the job that has it. Pure.

The workers of a host are one machine. Where there are more cpus than room, a cell is several.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from goq.core.values.cluster import WorkerRow
from goq.core.values.room import CPUS
from goq.core.values.text import printable
from goq.views import marks
from goq.views.lines import Ink, Line, Span, line
from goq.views.machines import Host, by_host, says, what_runs
from goq.views.numbers import count
from goq.views.paper import Paper
from goq.views.signs import MACHINES
from goq.views.strips import gpu_bar, shares
from goq.views.tables import Column, laid_out
from goq.views.text import cells

ROOM, WIDE_ROOM = 32, 64  # cells of a machine
GPU_CELLS = 8


class Machine(Host):
    """A host, and its workers, of which there are some."""

    __slots__ = ()

    @property
    def cpus(self) -> int:
        """How many it has; where that has no bound, how many jobs it takes."""
        return sum(_has(worker) for worker in self.workers)

    @property
    def busy(self) -> int:
        """How many of them are given out."""
        return sum(_busy(worker) for worker in self.workers)

    def note(self, paper: Paper) -> str:
        """What is the matter with it, and what runs there."""
        said = next(filter(None, (says(worker, paper) for worker in self.by_state)), "")
        runs = what_runs(self.jobs, self.running)
        return "; ".join(filter(None, (said, runs))) if paper.is_wide else said or runs


def _has(worker: WorkerRow) -> int:
    return worker.offer.cpus or worker.running + worker.free


def _busy(worker: WorkerRow) -> int:
    return worker.taken.get(CPUS, 0) if worker.offer.cpus else worker.running


def machines_of(rows: Iterable[WorkerRow]) -> list[Machine]:
    """All machines, by name."""
    return [Machine(*each) for each in by_host(rows)]


def scale_of(machines: Sequence[Machine], room: int) -> int:
    """How many cpus a cell is, so that all have room."""
    return max([1, *(-(-machine.cpus // room) for machine in machines)])


def machine_lines(machines: Sequence[Machine], owner: str, paper: Paper, scale: int) -> list[Line]:
    """The header, and a line a machine, with so many cpus to a cell. `owner`'s jobs are bold."""
    head = f"CPUS, {scale} a cell" if scale > 1 else "CPUS"
    columns = [Column("MACHINE"), Column(head), Column("GPU", yields=1), Column("WHAT RUNS")]
    has_gpus = any(worker.offer.gpus for machine in machines for worker in machine.workers)
    rows = [
        [_named(machine), cpu_cells(machine, owner, scale), _gpus(machine), line(machine.note(paper))]
        for machine in machines
    ]
    if not has_gpus:
        del columns[2]
        rows = [[*row[:2], *row[3:]] for row in rows]
    return laid_out(columns, rows, paper.width)


def _named(machine: Machine) -> Line:
    sign = MACHINES[machine.state]
    mark = Span(" ") if machine.state == "ready" else Span(sign.mark, sign.ink)
    return line(mark, " ", machine.name)


def _gpus(machine: Machine) -> Line:
    busy = sum(len(worker.gpus) for worker in machine.workers)
    all_ = sum(len(worker.offer.gpus) - len(worker.refused) for worker in machine.workers)
    if all_ > GPU_CELLS:
        return line(f"{busy}/{all_}")
    return gpu_bar(busy, max(0, all_ - busy))


class _Block(NamedTuple):
    """Cpus that are alike."""

    name: str
    cpus: int
    ink: Ink


def cpu_cells(machine: Machine, owner: str, scale: int) -> Line:
    """The cpus of a machine, so many to a cell: `fold▪▪▪▪▪▪sweep▪▪╍╍╍╍`."""
    blocks = _blocks(machine, owner)
    free = max(0, machine.cpus - machine.busy)
    parts = [*(block.cpus for block in blocks), free]
    given = shares(parts, -(-sum(parts) // scale))
    spans = [
        Span(lettered(block.name, many), block.ink)
        for block, many in zip(blocks, given[:-1], strict=True)
        if many
    ]
    return line(*spans, _rest(machine, given[-1]))


def _rest(machine: Machine, many: int) -> Span:
    if machine.is_out:
        return Span(marks.DRAINED * many, Ink.DIM)
    if any(worker.kept_for for worker in machine.workers):
        return Span(marks.KEPT * many, Ink.MAGENTA)
    return Span(marks.FREE * many, Ink.DIM)


def _blocks(machine: Machine, owner: str) -> list[_Block]:
    kinds: dict[tuple[str, str], int] = {}
    has_cpus = any(worker.offer.cpus for worker in machine.workers)
    for job in machine.jobs:
        kind = (printable(job.name) or str(job.array or job.job), job.owner)
        kinds[kind] = kinds.get(kind, 0) + (job.cpus if has_cpus else 1)
    hidden = machine.busy - sum(kinds.values())
    mine = {True: Ink.BOLD, False: Ink.PLAIN}
    blocks = [_Block(name, cpus, mine[whose == owner]) for (name, whose), cpus in kinds.items()]
    return [*blocks, _Block("", hidden, Ink.PLAIN)] if hidden > 0 else blocks


def lettered(name: str, many: int) -> str:
    """So many cells: the name and marks behind it, or where that is too long its first letter in each."""
    if cells(name) <= many:
        return name + marks.CPU * (many - cells(name))
    first = name[0]
    return first * many if cells(first) == 1 else marks.CPU * many


def machines_words(machines: Sequence[Machine]) -> str:
    """How many they are."""
    return f"{count(len(machines))} machine{'' if len(machines) == 1 else 's'}"
