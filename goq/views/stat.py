"""How the cluster is, on one screen: numbers, bars, who has what, and what needs a hand. Pure."""

from collections.abc import Iterator

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, NeedsLook, Parts, UserRow
from goq.core.values.limit_names import ARRAY
from goq.core.values.room import MIB
from goq.views import marks
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, cut_line, line, rendered, spread
from goq.views.numbers import count, duration, size
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.views.strips import machine_bar
from goq.views.tables import Cell, Column, Row, table

LOOK_SHOWN = 5
USERS_SHOWN = 12
FULL_SHARE, FULL_BYTES = 0.05, 1 << 30  # so little room on the journal's disk is told
_BAR, _BESIDE_BAR = 36, 44
_GIB = 1024  # of MiB
_NS = 10**9
_COLUMNS = (
    Column("USER"),
    Column("CPUS", is_right=True),
    Column("GPUS", is_right=True, yields=1),
    Column("RUNNING", is_right=True),
    Column("WAITING", is_right=True),
    Column("MOST WAIT FOR"),
)
FIRST_JOB = "goq sub bash -c 'echo hello'"
FIRST_WORKER = "goq work forever -j 8"


def stat_lines(cluster: Cluster, today: Today | None, paper: Paper) -> Iterator[str]:
    """All of it. `today`: what has ended since midnight, where that is known."""
    up_s = max(0.0, (paper.now_ns - cluster.started_ns) / _NS)
    name = cluster.name or cluster.address
    head = line(Span(name, Ink.BOLD), f"  {cluster.address}  up {duration(up_s)}")
    yield rendered(spread(head, line(clock(paper.now_ns, paper, with_seconds=True)), paper.width), paper)
    yield ""
    needs = needs_of(cluster, today)
    if not (cluster.running or cluster.waiting) and not needs:
        yield from _hinted("Nothing waits, nothing runs.", FIRST_JOB, paper)
        if not cluster.workers:
            yield from _no_workers(cluster, paper)
        return
    yield rendered(_jobs(cluster, today), paper)
    yield from (rendered(bar, paper) for bar in _bars(cluster, paper))
    if cluster.users:
        yield ""
        yield from table(_COLUMNS, (_user(row, paper) for row in cluster.users[:USERS_SHOWN]), paper)
    hidden = cluster.hidden + len(cluster.users[USERS_SHOWN:])
    if hidden:
        yield rendered(line(Span(f"{count(hidden)} users more:  goq stat --json", Ink.DIM)), paper)
    yield ""
    yield from look_lines(needs, cluster, paper)


def look_lines(needs: list[NeedsLook], cluster: Cluster, paper: Paper) -> Iterator[str]:
    """What needs a hand, or that nothing does."""
    if not needs:
        yield "All is well."
    for each in needs[:LOOK_SHOWN]:
        if each.code == "no_workers":
            yield from _no_workers(cluster, paper)
            continue
        shown, command = look_of(each, paper)
        whole = spread(shown, line(Span(command, Ink.DIM)), paper.width) if command else shown
        yield rendered(cut_line(whole, paper.width), paper)
    if len(needs) > LOOK_SHOWN:
        yield rendered(line(Span(f"{len(needs) - LOOK_SHOWN} things more:  goq stat --json", Ink.DIM)), paper)


def look_of(each: NeedsLook, paper: Paper) -> tuple[Line, str]:
    """One thing that needs a hand as a line, and the command that tells more."""
    named = f"{each.job} {each.name}".rstrip()
    match each.code:
        case "silent":
            later = f"; its {_jobs_of(each.jobs)} go to others in {duration(each.left_s or 0)}"
            said = f"{each.worker} is silent for {duration(each.silent_s)}{later if each.jobs else ''}"
            return _marked(marks.SUSPECT, said, Ink.LOOK), f"goq workers {each.worker}"
        case "lost":
            said = f"{each.worker} is lost: nothing was heard of it for {duration(each.silent_s)}"
            return _marked(marks.FAILED, said, Ink.FAILED), f"goq workers {each.worker}"
        case "disk":
            return _marked(
                marks.NEVER, f"the disk of the journal has {size(each.free_bytes)} left", Ink.LOOK
            ), ""
        case "nowhere":
            short = words_of(each.reason, Named(str(each.job)), paper).short if each.reason else ""
            said = f"{named} can run nowhere: {short}"
            return _marked(marks.NEVER, said, Ink.LOOK), f"goq why {each.job}"
        case "closed":
            return _marked(
                marks.NEVER, f"the limit {each.name} is 0: nothing of it starts", Ink.LOOK
            ), "goq limit"
        case "failed":
            said = f"{count(each.jobs)} of {count(each.total)} in {named} failed"
            return _marked(marks.FAILED, said, Ink.FAILED), f"goq why {each.job}"
        case "no_workers":
            said = f"no machine works here; {_jobs_of(each.jobs)} wait"
            return _marked(marks.NEVER, said, Ink.LOOK), FIRST_WORKER
        case _:
            return _marked(marks.NEVER, each.text, Ink.LOOK), "goq workers"


def needs_of(cluster: Cluster, today: Today | None) -> list[NeedsLook]:
    """All that needs a hand."""
    return [*_disk(today), *cluster.look]


def _jobs_of(number: int) -> str:
    return f"{count(number)} job{'' if number == 1 else 's'}"


def _marked(mark: str, said: str, ink: Ink) -> Line:
    return line(Span(mark, ink), f" {said}")


def _disk(today: Today | None) -> Iterator[NeedsLook]:
    if today and (today.free_bytes < FULL_BYTES or today.free_bytes < FULL_SHARE * today.disk_bytes):
        yield NeedsLook("disk", free_bytes=today.free_bytes)


def _no_workers(cluster: Cluster, paper: Paper) -> Iterator[str]:
    jobs = "; jobs wait." if cluster.waiting else "."
    said = line(Span(marks.NEVER, Ink.LOOK), f" No machine works here{jobs}")
    yield rendered(line(said, "   ", Span(FIRST_WORKER, Ink.DIM)), paper)


def _hinted(said: str, command: str, paper: Paper) -> Iterator[str]:
    yield rendered(line(said, "   ", Span(command, Ink.DIM)), paper)


def _jobs(cluster: Cluster, today: Today | None) -> Line:
    held = f", {count(cluster.held)} of them held" if cluster.held else ""
    paused = f", {count(cluster.paused)} of them paused" if cluster.paused else ""
    parts: list[Line] = [
        line(Span("jobs  ", Ink.DIM), f"{marks.RUNNING} {count(cluster.running)} running{paused}"),
        line(f"   {marks.WAITING} {count(cluster.waiting)} waiting{held}"),
    ]
    if today:
        failed = today.failed + today.lost
        ink = Ink.FAILED if failed else Ink.PLAIN
        parts.append(line("   since midnight ", Span(marks.DONE, Ink.GREEN), f" {count(today.done)}  "))
        parts.append(line(Span(f"{marks.FAILED} {count(failed)}", ink)))
    return line(*parts)


def _bars(cluster: Cluster, paper: Paper) -> Iterator[Line]:
    width = max(_BAR, paper.width - _BESIDE_BAR) if paper.is_wide else _BAR
    for head, parts, unit in (
        ("cpus", cluster.cpus, 1),
        ("gpus", cluster.gpus, 1),
        ("mem", cluster.memory, _GIB),
    ):
        if parts.all:
            bar = machine_bar(parts.busy, parts.kept, parts.free, parts.drained, width)
            yield line(Span(f"{head:<6}", Ink.DIM), bar, f"  {_busy(head, parts, unit)}")


def _busy(head: str, parts: Parts, unit: int) -> str:
    """`156 of 176 busy, 20 kept`; of memory what was asked for."""
    has = parts.all if head == "mem" else parts.usable
    of = f"{count(round(parts.busy / unit))} of {count(round(has / unit))}"
    if head == "mem":
        return (
            f"{of} GiB asked"
            if parts.all >= unit
            else f"{size(parts.busy * MIB)} of {size(parts.all * MIB)} asked"
        )
    kept = f", {count(parts.kept)} kept" if parts.kept else ""
    return f"{of} busy{kept}"


def _user(row: UserRow, paper: Paper) -> Row:
    waits = ""
    if row.reason:
        named = Named(str(row.reason_of), row.name, row.owner)
        waits = words_of(row.reason, named, paper).short
        if row.reason.limit and row.reason.limit.name.startswith(ARRAY):
            waits = f"their own limit: {row.name or row.reason_of} {waits}"
    gpus = count(row.gpus) if row.gpus else "-"
    return (row.owner, count(row.cpus), gpus, count(row.running), count(row.waiting), Cell(line(waits)))
