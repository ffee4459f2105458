"""The first two lines: how the cluster is, and what needs a hand, or that the server is away. Pure."""

from goq.core.values.cluster import NeedsLook, Parts
from goq.top.seen import Seen, Told, is_away
from goq.views import marks
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, spread
from goq.views.numbers import count, duration, size
from goq.views.paper import Paper
from goq.views.stat import needs_of
from goq.views.strips import machine_bar

NS = 10**9
_BAR, _LEAST_BAR = 48, 4
GAP = "   "


def head_line(seen: Seen, is_frozen: bool, paper: Paper) -> Line:
    """`goq top  lab  ▸121 ·3,853 ✓6,637 ✗40  cpus ━━━━━━━━━━╍// 156/176  gpus 8/8`."""
    cluster = seen.cluster
    left = line(
        Span("goq top", Ink.DIM), "  ", Span(cluster.name or cluster.address, Ink.BOLD), "  ", _jobs(seen)
    )
    gpus = line(f"  gpus {_of(cluster.gpus)}") if cluster.gpus.all else ()
    right = _moment(seen, is_frozen, paper)
    if not cluster.cpus.all:
        return (
            spread(line(left, gpus), right, paper.width) if right else cut_line(line(left, gpus), paper.width)
        )
    cpus = f" {_of(cluster.cpus)}"
    room = (
        paper.width
        - sum(map(line_cells, (left, gpus, right)))
        - len("  cpus ")
        - len(cpus)
        - (2 if right else 0)
    )
    parts = cluster.cpus
    bar = (
        machine_bar(parts.busy, parts.kept, parts.free, parts.drained, min(_BAR, room))
        if room >= _LEAST_BAR
        else ()
    )
    shown = line(left, "  cpus ", bar, cpus if bar else cpus.lstrip(), gpus)
    return spread(shown, right, paper.width) if right else cut_line(shown, paper.width)


def _jobs(seen: Seen) -> Line:
    cluster, today = seen.cluster, seen.today
    parts = [line(f"{marks.RUNNING}{count(cluster.running)} {marks.WAITING}{count(cluster.waiting)}")]
    if today:
        bad = today.failed + today.lost
        parts.append(line(" ", Span(marks.DONE, Ink.GREEN), count(today.done)))
        parts.append(line(" ", Span(f"{marks.FAILED}{count(bad)}", Ink.FAILED if bad else Ink.PLAIN)))
    return line(*parts)


def _of(parts: Parts) -> str:
    """Without what is drained, which nobody gets."""
    return f"{count(parts.busy)}/{count(parts.all - parts.drained)}"


def _moment(seen: Seen, is_frozen: bool, paper: Paper) -> Line:
    at = clock(seen.at_ns, paper, with_seconds=True)
    if is_frozen:
        return line(Span(f"frozen at {at}", Ink.LOOK))
    return line(clock(paper.now_ns, paper, with_seconds=True)) if paper.is_wide else ()


def look_line(seen: Seen, told: Told, server: str, paper: Paper) -> Line:
    """What needs a hand, as much of it as there is room for; before all, that nobody answers."""
    if is_away(told, paper.now_ns):
        return cut_line(line(Span(away_words(seen, told, server, paper), Ink.LOOK)), paper.width)
    if told.trouble:
        return cut_line(line(Span(f"{marks.NEVER} {told.trouble}", Ink.LOOK)), paper.width)
    shown: Line = ()
    needs = [_look(each) for each in needs_of(seen.cluster, seen.today) if each.code != "no_workers"]
    for at, each in enumerate(needs):
        longer = line(shown, GAP, each) if shown else each
        more = f"{GAP}{len(needs) - at - 1} more" if at + 1 < len(needs) else ""
        if shown and line_cells(longer) + len(more) > paper.width:
            return cut_line(line(shown, Span(f"{GAP}{len(needs) - at} more", Ink.DIM)), paper.width)
        shown = longer
    return cut_line(shown, paper.width)


def away_words(seen: Seen, told: Told, server: str, paper: Paper) -> str:
    """`? no word from head for 12s; what you see is of 14:31:58`."""
    silent = duration((paper.now_ns - told.heard_ns) // NS)
    at = clock(seen.at_ns, paper, with_seconds=True)
    return f"{marks.SUSPECT} no word from {server} for {silent}; what you see is of {at}"


def _look(each: NeedsLook) -> Line:
    """In so few words that several fit."""
    called = f"{each.job} {each.name}".rstrip()
    match each.code:
        case "silent":
            return _marked(marks.SUSPECT, f"{each.worker} silent for {duration(each.silent_s)}", Ink.LOOK)
        case "lost":
            return _marked(marks.FAILED, f"{each.worker} lost", Ink.FAILED)
        case "disk":
            return _marked(marks.NEVER, f"the journal's disk has {size(each.free_bytes)} left", Ink.LOOK)
        case "nowhere":
            return _marked(marks.NEVER, f"{each.job} can run nowhere", Ink.LOOK)
        case "closed":
            return _marked(marks.NEVER, f"the limit {each.name} is 0", Ink.LOOK)
        case "failed":
            return _marked(marks.FAILED, f"{count(each.jobs)} failed in {called}", Ink.FAILED)
        case _:
            return _marked(marks.NEVER, each.text, Ink.LOOK)


def _marked(mark: str, said: str, ink: Ink) -> Line:
    return line(Span(mark, ink), f" {said}")
