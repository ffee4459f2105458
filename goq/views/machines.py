"""The workers as people see them: their state, how full they are, and what runs there. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from goq.core.values.cluster import Parts, Runs, WorkerRow, WorkerState
from goq.core.values.documents import iso
from goq.core.values.room import CPUS, GPUS, MEMORY
from goq.views import marks
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, line, rendered, spread
from goq.views.numbers import count, duration, size
from goq.views.paper import Paper
from goq.views.signs import MACHINES
from goq.views.strips import gpu_bar, machine_bar
from goq.views.tables import Cell, Column, Row, table

JOBS_SHOWN = 200
_BAR, _WIDE_BAR = 8, 16
_KIB, _GIB = 1024, 1024  # of bytes, of MiB
_NS = 10**9
_WORST = ("lost", "suspect", "draining", "drained", "ready")
_COLUMNS = (
    Column("NAME"),
    Column("STATE"),
    Column("CPUS"),
    Column("GPUS", yields=2),
    Column("GIB", is_right=True, yields=1),
)
_WHAT = Column("WHAT RUNS")
# Where there is room: how busy its machine is, whatever runs there, when it was heard of, and for how long it is there.
_STANDING = (
    Column("LOAD", is_right=True, yields=3),
    Column("SEEN", is_right=True),
    Column("UP", is_right=True, yields=4),
)
_PLACES = (
    Column("JOB", is_right=True),
    Column("NAME"),
    Column("USER", yields=1),
    Column("FOR", is_right=True),
    Column("CPUS", is_right=True),
    Column("BUSY", is_right=True),
    Column("GIB", is_right=True),
    Column("IN USE", is_right=True),
    Column("GPUS"),
)
NOBODY = "No worker is there.   goq work forever"


def worker_lines(rows: Sequence[WorkerRow], cpus: Parts, paper: Paper) -> Iterator[str]:
    """A row a worker, and what they have together."""
    if not rows:
        yield NOBODY
        return
    several = Counter(row.host for row in rows)
    standing = _STANDING if paper.is_wide or not paper.is_terminal else ()
    columns = (*_COLUMNS, *standing, _WHAT)
    yield from table(columns, (_row(row, several[row.host] > 1, paper) for row in rows), paper)
    if not paper.is_terminal:
        return
    machines = len({row.host for row in rows})
    parts = [f"{count(machines)} machine{'' if machines == 1 else 's'}"]
    if cpus.all:
        parts.append(f"{count(cpus.busy)} of {count(cpus.usable)} cpus busy")
    parts += [
        f"{count(much)} {word}" for much, word in ((cpus.kept, "kept"), (cpus.drained, "drained")) if much
    ]
    hint = line(Span("goq drain NAME", Ink.DIM))
    yield rendered(spread(line(", ".join(parts)), hint, paper.width), paper)


def place_lines(rows: Sequence[WorkerRow], paper: Paper) -> Iterator[str]:
    """The workers of one machine, with what is the matter and each job."""
    for row in rows:
        said = says(row, paper)
        if paper.is_terminal:
            head = line(Span(row.host, Ink.BOLD), f", pid {row.pid}  ", MACHINES[row.state].line)
            yield rendered(line(head, f"  {said}" if said else ""), paper)
            yield f"{_sums(row)}; {row.free} free place{'' if row.free == 1 else 's'}"
            if told := _machine_words(row, paper):
                yield told
        yield from table(_PLACES, (_place(each, paper) for each in row.jobs[:JOBS_SHOWN]), paper)
        hidden = row.running - min(len(row.jobs), JOBS_SHOWN)
        if hidden > 0:
            yield rendered(line(Span(f"{count(hidden)} more:  goq list -a --on {row.host}", Ink.DIM)), paper)


class Host(NamedTuple):
    """A machine by its workers, of which there are some."""

    name: str
    workers: Sequence[WorkerRow]

    @property
    def by_state(self) -> list[WorkerRow]:
        """Its workers, those first with which most is the matter."""
        return sorted(self.workers, key=lambda each: _WORST.index(each.state))

    @property
    def worst(self) -> WorkerRow:
        """The worker with which most is the matter."""
        return self.by_state[0]

    @property
    def state(self) -> WorkerState:
        """It is as that one."""
        return self.worst.state

    @property
    def is_out(self) -> bool:
        """It gets no jobs, since somebody wanted that."""
        return self.state in ("drained", "draining")

    @property
    def jobs(self) -> list[Runs]:
        """What runs there, as far as it is named."""
        return [job for worker in self.workers for job in worker.jobs]

    @property
    def running(self) -> int:
        """How many jobs run there."""
        return sum(worker.running for worker in self.workers)


def by_host(rows: Iterable[WorkerRow]) -> list[tuple[str, list[WorkerRow]]]:
    """The workers of each machine, by its name."""
    found: dict[str, list[WorkerRow]] = {}
    for row in rows:
        found.setdefault(row.host, []).append(row)
    return sorted(found.items())


def says(row: WorkerRow, paper: Paper) -> str:
    """What is the matter with a worker; "" when all is as it should be."""
    match row.state:
        case "suspect":
            given_up = f", given up in {duration(row.left_s)}" if row.left_s is not None else ""
            return f"silent for {duration(row.silent_s)}{given_up}"
        case "lost":
            return f"nothing was heard of it for {duration(row.silent_s)}"
        case "drained" | "draining":
            since = f", {clock(row.drained_ns, paper)}" if row.drained_ns else ""
            by = f"by {row.drained_by}{since}" if row.drained_by else ""
            left = f"{row.running} left" if row.state == "draining" else ""
            return ": ".join(filter(None, ["; ".join(filter(None, [left, by])), row.drained_why]))
    if row.trouble:
        return row.trouble
    if row.refused:
        return f"another worker has GPU {','.join(row.refused)}"
    if row.kept_for:
        return f"keeps room for {row.kept_for}"
    if row.offer.ends_ns:
        return f"ends in {duration(max(0.0, (row.offer.ends_ns - paper.now_ns) / _NS))}"
    return ""


def what_runs(jobs: Sequence[Runs], running: int) -> str:
    """How many of what: by name, or by number where there is none."""
    names = Counter(each.name or str(each.array or each.job) for each in jobs)
    parts = [
        name if number == 1 else f"{name} {marks.TIMES}{count(number)}" for name, number in names.items()
    ]
    if running > len(jobs):
        parts.append(f"{count(running - len(jobs))} more")
    return ", ".join(parts)


def parts_of(row: WorkerRow, name: str) -> Parts:
    """What a worker has of cpus, GPUs or memory; nothing, where there is no bound."""
    taken = row.taken.get(name, 0)
    has = {CPUS: row.offer.cpus, MEMORY: row.offer.memory, GPUS: len(row.offer.gpus) - len(row.refused)}[name]
    left = max(0, has - taken)
    if row.state in ("drained", "draining"):
        return Parts(taken, 0, 0, left)
    kept = min(left, row.kept_cpus) if name == CPUS else 0
    return Parts(taken, kept, left - kept, 0)


def _row(row: WorkerRow, has_brothers: bool, paper: Paper) -> Row:
    name = f"{row.host}:{row.pid}" if has_brothers else row.host
    what = says(row, paper)
    runs = what_runs(row.jobs, row.running)
    text = "; ".join(
        filter(None, [what, runs] if paper.is_wide or row.state == "draining" else [what or runs])
    )
    sign = MACHINES[row.state]
    has_room = paper.is_wide or not paper.is_terminal
    standing = _standing(row, paper) if has_room else ()
    return (name, Cell(sign.line, row.state), _cpus(row, paper), _gpus(row), _memory(row), *standing, text)


def _standing(row: WorkerRow, paper: Paper) -> tuple[Cell, Cell, Cell]:
    """The load of its machine, when it was heard of, and for how long it is there."""
    load = f"{row.load:.1f}" if row.load is not None else "?" if row.state in ("suspect", "lost") else "-"
    seen_ns, began = paper.now_ns - round(row.silent_s * _NS), row.started_ns
    up = duration((paper.now_ns - began) / _NS) if began else "-"
    return (
        Cell(line(load)),
        Cell(line(duration(int(row.silent_s))), iso(seen_ns)),
        Cell(line(up), iso(began) if began else "-"),
    )


def _machine_words(row: WorkerRow, paper: Paper) -> str:
    """How its machine is, and for how long it is there, as far as it has said."""
    parts = [
        *([f"load {row.load:.1f}"] if row.load is not None else []),
        *([f"{size(row.in_use_kib * _KIB)} in use"] if row.in_use_kib else []),
        *([f"up {duration((paper.now_ns - row.started_ns) / _NS)}"] if row.started_ns else []),
    ]
    return ", ".join(parts)


def _cpus(row: WorkerRow, paper: Paper) -> Cell:
    parts = parts_of(row, CPUS)
    if not parts.all:
        places = f"{row.running} of {row.running + row.free} places"
        return Cell(line(places), f"{row.taken.get(CPUS, 0)}/-")
    width = _WIDE_BAR if paper.is_wide else _BAR
    shown = f"{parts.busy}/{parts.all}"
    bar = machine_bar(parts.busy, parts.kept, parts.free, parts.drained, width)
    return Cell(line(bar, f" {shown:>5}"), shown)


def _gpus(row: WorkerRow) -> Cell:
    parts = parts_of(row, GPUS)
    if not parts.all:
        return Cell(line("-"))
    left = parts.all - parts.busy
    bar: Line = gpu_bar(parts.busy, left) if parts.all <= _BAR else line(f"{parts.busy}/{parts.all}")
    return Cell(bar, f"{parts.busy}/{parts.all}")


def _memory(row: WorkerRow) -> str:
    parts = parts_of(row, MEMORY)
    taken = count(round(parts.busy / _GIB))
    return f"{taken}/{count(round(parts.all / _GIB))}" if parts.all else "-"


def _sums(row: WorkerRow) -> str:
    """What of it is taken, in words."""
    parts = [
        f"{count(of.busy)} of {count(of.all)} {name}"
        for name, of in ((CPUS, parts_of(row, CPUS)), (GPUS, parts_of(row, GPUS)))
        if of.all
    ]
    memory = parts_of(row, MEMORY)
    if memory.all:
        parts.append(f"{memory.busy / _GIB:.1f} of {memory.all / _GIB:.1f} GiB")
    named = [f"{row.taken.get(name, 0)} of {much} {name}" for name, much in row.offer.named]
    return ", ".join([*parts, *named]) or "nothing is bounded"


def _place(each: Runs, paper: Paper) -> Row:
    for_s = max(0.0, (paper.now_ns - each.since_ns) / _NS)
    memory = f"{each.memory / _GIB:.1f}" if each.memory else "-"
    return (
        each.shown,
        each.name,
        each.owner,
        Cell(line(f"{duration(for_s)}{' paused' if each.paused else ''}"), f"{for_s:.0f}"),
        str(each.cpus),
        f"{each.busy:.1f}" if each.busy is not None else "-",
        memory,
        f"{each.resident_kib / _KIB / _GIB:.1f}" if each.busy is not None else "-",
        ",".join(each.gpus) or "-",
    )
