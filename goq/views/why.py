"""Why a job does not run: the sentence, then the proof. Pure.

One line to a reason; on a terminal the machines, whose turn it is, and what would start at once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from goq.core.values.estimates import Estimate
from goq.core.values.reasons import PLACES, Explained, Machine, Turn, Whereabouts
from goq.core.values.room import CPUS, GPUS, MEMORY
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, line, rendered
from goq.views.numbers import about, count, duration, rate
from goq.views.paper import Paper
from goq.views.sentences import Named, amount, sentence_of, words_of
from goq.views.tables import Column, table
from goq.views.text import cells

MACHINES_SHOWN = 12
_GIB = 1024  # of MiB
NS = 10**9


def why_lines(job: Explained, paper: Paper, estimate: Estimate | None = None) -> Iterator[str]:
    """All that `goq why` says of one job, and when it may run, where that is known."""
    named = called(job)
    if job.where is not None:
        yield from _wrapped(f"{named.called} {where_words(job.where, named, paper)}.", "", paper)
        return
    for reason in job.reasons:
        yield from _wrapped(sentence_of(reason, named, paper), words_of(reason, named, paper).command, paper)
    is_proven = any(reason.code in _PROVEN for reason in job.reasons)
    if job.machines and is_proven:
        yield ""
        yield from machine_lines(job, paper)
    notes = list(_notes(job if is_proven else None, named, estimate, paper))
    if notes:
        yield ""
        yield from notes


_PROVEN = ("nowhere", "node", "room", "kept", "turn")


def called(job: Explained) -> Named:
    """Of an array it is the array that sentences are about, where several of its tasks wait."""
    is_array = job.array and job.waiting > 1
    return Named(
        str(job.array) if is_array else job.shown, job.name, job.owner, job.waiting if is_array else 0
    )


def where_words(where: Whereabouts, named: Named, paper: Paper) -> str:
    """What has become of a job that waits no more."""
    at = f"on {where.host}" if where.host else ""
    if where.state.is_live:
        attempt = f", attempt {where.attempt}" if where.attempt > 1 else ""
        if where.killed:
            return f"is being killed {at}{attempt}"
        if where.state is JobState.PAUSED:
            return f"is paused {at}{attempt}; goq resume {named.id} lets it go on"
        if where.back:
            return f"is being handed back by {where.host}, which is drained{attempt}"
        return f"runs {at} since {clock(where.since_ns, paper)}{attempt}{_silence(where)}"
    ran = (
        f" after {duration((where.ended_ns - where.since_ns) / NS)}"
        if where.attempt and where.since_ns
        else ""
    )
    problem = f": {where.problem}" if where.problem else ""
    return f"{_ended(where)}{ran}{' ' + at if at and where.attempt else ''}{problem}"


def _silence(where: Whereabouts) -> str:
    if not where.silent_s:
        return ""
    said = f"; nothing was heard of its worker for {duration(where.silent_s)}"
    return said if not where.left_s else f"{said}, and in {duration(where.left_s)} it counts as lost there"


def _ended(where: Whereabouts) -> str:
    match where.state:
        case JobState.DONE:
            return "ended well"
        case JobState.CANCELLED:
            return "was cancelled"
        case JobState.SKIPPED:
            return "was skipped"
        case JobState.LOST:
            return "is lost"
        case _:
            if where.signal:
                return f"was ended by signal {where.signal}"
            return f"ended with exit status {where.status}"


# --- machines ------------------------------------------------------------------------------------


class _Alike(NamedTuple):
    """What machines that are alike have in their row."""

    cpus: str
    memory: str
    gpus: str
    missing: str


_COLUMNS = (
    Column("MACHINE"),
    Column("CPUS FREE", is_right=True),
    Column("GIB FREE", is_right=True),
    Column("GPUS", is_right=True),
    Column("WHAT IS MISSING"),
)


def machine_lines(job: Explained, paper: Paper) -> Iterator[str]:
    """A table of what is free where, and what is missing there; those that are alike are one line."""
    alike: dict[_Alike, list[str]] = {}
    for machine in job.machines:
        alike.setdefault(_row(machine, job), []).append(machine.name)
    shown = list(alike.items())[:MACHINES_SHOWN] if paper.is_terminal else list(alike.items())
    rows = [(_names(names, paper), row.cpus, row.memory, row.gpus, row.missing) for row, names in shown]
    yield from table(_COLUMNS, rows, paper)
    more = job.hidden + sum(len(names) for _, names in list(alike.items())[len(shown) :])
    if more:
        yield rendered(line(Span(f"{count(more)} machines more:  goq workers", Ink.DIM)), paper)


def _names(names: Sequence[str], paper: Paper) -> str:
    names = list(dict.fromkeys(names))
    return (
        " ".join(names)
        if len(names) <= 3 or not paper.is_terminal
        else f"{names[0]} and {len(names) - 1} more"
    )


def _row(machine: Machine, job: Explained) -> _Alike:
    return _Alike(
        _of(machine, CPUS),
        _of(machine, MEMORY),
        _plain(machine.holds[GPUS], GPUS),
        missing_words(machine, job),
    )


def _of(machine: Machine, name: str) -> str:
    free, holds = machine.free[name], machine.holds[name]
    if free is None or holds is None:
        return "-"
    return f"{_plain(max(free, 0), name)} of {_plain(holds, name)}"


def _plain(much: int | None, name: str) -> str:
    if much is None:
        return "-"
    return count(round(much / _GIB)) if name == MEMORY else count(much)


def missing_words(machine: Machine, job: Explained) -> str:
    """What the job misses on that machine."""
    parts = [machine.trouble or ""]
    if machine.drained:
        is_said = machine.trouble and machine.trouble != "it is drained"
        parts = [f"drained: {machine.trouble}" if is_said else "drained"]
    if machine.small:
        has = ", ".join(amount(name, machine.holds[name] or 0) for name in machine.lacks)
        parts.append(f"too small: has {has}")
    elif PLACES in machine.lacks:
        parts.append("all its places are busy")
    else:
        parts.append(", ".join(amount(name, much) for name, much in machine.lacks.items()))
    if machine.keeps and not machine.small:
        whom = "it" if machine.keeps == job.job else str(machine.keeps)
        parts.append(f"what frees there is kept for {whom}")
    return "; ".join(filter(None, parts)) or "nothing"


# --- notes ---------------------------------------------------------------------------------------


def _notes(job: Explained | None, named: Named, estimate: Estimate | None, paper: Paper) -> Iterator[str]:
    if job and job.turn is not None:
        yield from _note("turn", turn_words(job.turn, named), paper)
    if estimate is not None:
        yield from _note("when", when_words(estimate), paper)
    for each in job.sooner if job else ():
        flag = f"-c {each.amount}" if each.name == CPUS else f"--mem {each.amount}M"
        yield from _note("sooner", f"goq alter {named.id} {flag}    would start now on {each.host}", paper)


def when_words(estimate: Estimate) -> str:
    """In what time, and what that is from."""
    left = about(duration(estimate.left_s))
    if not estimate.host:
        return f"{left}: {estimate.behind} ends then, at {rate(estimate.rate_per_s)}"
    jobs = "1 job runs" if estimate.jobs == 1 else f"{count(estimate.jobs)} jobs run"
    kind = "its kind" if estimate.jobs == 1 else "their kind"
    return f"{left}: {jobs} on {estimate.host}; 9 in 10 of {kind} end within {duration(estimate.within_s)}"


def turn_words(turn: Turn, named: Named) -> str:
    """Who goes before it, or why nobody does."""
    before = []
    if turn.higher:
        before.append(f"{_jobs(turn.higher)} of a higher priority")
    if turn.older:
        before.append(f"{_jobs(turn.older)} of {named.owner} {'is' if turn.older == 1 else 'are'} older")
    cpus = f"({count(turn.cpus)})"
    if not turn.fewest:
        before.append(f"others have fewer cpus than {named.owner} {cpus}")
    if before:
        return "; ".join(before)
    nothing = f"nothing goes before it: priority {turn.priority}"
    return (
        f"{nothing}, {named.owner} has the fewest cpus {cpus}"
        if turn.rivals
        else f"{nothing}, and nobody else waits"
    )


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of so many cells, broken between words only."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cells(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _jobs(number: int) -> str:
    return f"{count(number)} job{'' if number == 1 else 's'}"


def _note(head: str, text: str, paper: Paper) -> Iterator[str]:
    if not paper.is_terminal:
        yield f"{head}\t{printable(text)}"
        return
    for at, part in enumerate(wrapped(text, max(20, paper.width - 8))):
        yield rendered(line(Span(f"{head if not at else '':<8}", Ink.DIM), part), paper)


def _wrapped(sentence: str, command: str, paper: Paper) -> Iterator[str]:
    """A sentence, with the command behind it that helps, on a terminal in lines of its width."""
    if not paper.is_terminal:
        yield printable(sentence)
        return
    *before, last = wrapped(printable(sentence), paper.width)
    yield from before
    shown: Line = line(last)
    if command and len(last) + 3 + len(command) <= paper.width:
        shown = line(last, "   ", Span(command, Ink.DIM))
    yield rendered(shown, paper)
    if command and len(shown) == 1:
        yield rendered(line("  ", Span(command, Ink.DIM)), paper)
