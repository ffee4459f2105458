"""One job: where it is or why it does not run, its log, its attempts, what it asked for and used. An array has its own page."""

import re
import shlex
from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from goq.api.estimated import estimate_of
from goq.core.values.estimates import Estimate
from goq.core.values.ids import JobId
from goq.core.values.lives import Life, LifeOf
from goq.core.values.reasons import Explained, Machine
from goq.core.values.room import CPUS, KEYED, TIME
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.errors import RequestRefused
from goq.views import maps
from goq.views.clocks import clock
from goq.views.lives import term_of
from goq.views.needs import needs_words
from goq.views.numbers import count, duration, percent, size, size_of
from goq.views.paper import Paper
from goq.views.sentences import Named, amount, amount_alone, words_of
from goq.views.strips import tally_words
from goq.views.why import missing_words, turn_words, when_words
from goq.web import attempts
from goq.web.array import array
from goq.web.frame import Desk, Told
from goq.web.log import log_of
from goq.web.rows import state_of_job
from goq.web.used import used_charts
from goq.web.which import found, submission_of

NS = 10**9
_WAITS = re.compile(r"\Awaits[^:]*: ")  # the state says so before


EVENTS_SHOWN = 20
_NO_PROOF: Told = {"machines": (), "needs": (), "notes": (), "sooner": (), "hidden": 0}


class Use(NamedTuple):
    """What was used of what was asked for."""

    name: str
    asked: str
    used: str
    bar: Markup
    note: str


class Sooner(NamedTuple):
    """What would start now."""

    text: str
    command: str


async def job(desk: Desk, request: Request) -> Response:
    """The page of a job, or of an array."""
    row = await found(desk, request.path_params["id"])
    if isinstance(row, SubmissionRow):
        return await array(desk, request, row)
    paper = desk.paper()
    wants_env = "env" in request.query_params
    life = await desk.source.ask(
        lambda client: client.life(LifeOf(row.id, lines=0, environment=wants_env, events=True))
    )
    waits = life.row.state in (JobState.WAITING, JobState.HELD)
    why = await desk.source.ask(lambda client: client.why(row.id)) if waits else None
    estimate = await desk.source.ask(lambda client: estimate_of(client, why, paper.now_ns)) if why else None
    log, no_log = await _log_of(desk, life)
    parent = await submission_of(desk, row) if row.array else None
    return desk.answer(
        request,
        "job.html",
        "Jobs",
        kind=f"{life.row.state.value} {len(life.attempts)}{' used' if life.curve else ''}",
        row=life.row,
        state=state_of_job(life.row, why.reasons[0] if why and why.reasons else None),
        lead=lead(life, why, paper),
        acts=acts_of(life.row),
        log=log,
        no_log=no_log,
        attempts=attempts.rows(life, paper),
        line=attempts.line(life, paper),
        submitted=clock(life.row.submitted_at, paper),
        until=clock(life.row.ended_at, paper) if life.row.ended_at else "now",
        charts=used_charts(life, paper),
        uses=uses(life.row, paper),
        command=printable(shlex.join(life.argv)),
        terms=terms(life, paper),
        waiters=life.waiters or (),
        events=so_far(life, paper),
        parent=parent,
        parent_words=tally_words(parent.counts.by_state) if parent else "",
        environment=sorted(life.environment.items()) if life.environment is not None else None,
        **(_proof(why, estimate) if why else _NO_PROOF),
    )


async def _log_of(desk: Desk, life: Life) -> tuple[Told | None, str]:
    """What it wrote last; or why that is not shown."""
    try:
        return (await log_of(desk, JobId(life.row.id)) if life.attempts else None), ""
    except RequestRefused as error:
        return None, str(error)


def lead(life: Life, why: Explained | None, paper: Paper) -> str:
    """The sentence behind the state."""
    row = life.row
    since = duration((paper.now_ns - row.since_at) / NS)
    if why is not None:
        named = Named(row.shown, row.name or "", row.owner)
        reasons = [_WAITS.sub("", words_of(reason, named, paper).long) for reason in why.reasons]
        return f"for {since}: {'; '.join(reasons)}." if reasons else f"for {since}."
    where = f" on {row.host}" if row.host else ""
    gpus = f", gpu {','.join(row.gpus)}" if row.gpus else ""
    if row.state.is_live:
        tries = f": attempt {row.attempt}" if (row.attempt or 1) > 1 else ""
        left = f", of {(row.retries or 0) + 1}" if tries and row.retries else ""
        return f"for {since}{where}{gpus}{tries}{left}."
    ran = f"after {duration(row.elapsed_s)}" if row.elapsed_s is not None else ""
    problem = f": {row.problem}" if row.problem else ""
    return f"{ran}{where}{gpus}, {clock(row.ended_at or row.since_at, paper)}{problem}.".lstrip(" ,")


def acts_of(row: JobRow) -> list[tuple[str, str, bool]]:
    """What may be done to it: the deed, the word, and whether it is asked for first."""
    match row.state:
        case JobState.WAITING:
            return [("hold", "Hold", False), ("alter", "Change what it needs", True), ("kill", "Kill", True)]
        case JobState.HELD:
            return [
                ("release", "Release", False),
                ("alter", "Change what it needs", True),
                ("kill", "Kill", True),
            ]
        case JobState.RUNNING:
            return [("pause", "Pause", False), ("kill", "Kill", True)]
        case JobState.PAUSED:
            return [("resume", "Resume", False), ("kill", "Kill", True)]
        case JobState.FAILED | JobState.LOST:
            return [("retry", "Retry", True)]
        case _:
            return []


def uses(row: JobRow, paper: Paper) -> list[Use]:
    """Cpus, memory and time, as far as something is known of them."""
    found = []
    used, needs = row.used if not row.state.is_live else None, row.needs  # of what runs there are curves
    ran_s = row.elapsed_s or (
        (paper.now_ns - row.started_at) / NS if row.started_at and row.state.is_live else 0
    )
    if used and used.cpu_s is not None and ran_s:
        cpus = used.cpu_s / ran_s
        bar = maps.use(f"{cpus:.1f} of {needs.cpus} cpus", cpus, needs.cpus)
        found.append(Use("cpus", count(needs.cpus), f"{cpus:.1f}", Markup(bar), percent(cpus, needs.cpus)))  # noqa: S704 - it escapes
    if used and used.mem_peak_bytes is not None:
        most = used.mem_peak_bytes
        asked = needs.mem_bytes or 0
        bar = maps.use(size_of(most, asked), most, asked) if asked else ""
        note = percent(most, asked) if asked else "no limit was asked for"
        found.append(Use("memory", size(asked) if asked else "-", size(most), Markup(bar), note))  # noqa: S704
    if ran_s and needs.time_s:
        bar = maps.use(f"{duration(ran_s)} of {duration(needs.time_s)}", ran_s, needs.time_s)
        left = (
            f"{duration(max(0, needs.time_s - ran_s))} left"
            if row.state.is_live
            else percent(ran_s, needs.time_s)
        )
        found.append(Use("time", duration(needs.time_s), duration(ran_s), Markup(bar), left))  # noqa: S704
    return found


def terms(life: Life, paper: Paper) -> list[tuple[str, str]]:
    """How it was submitted, in words."""
    row = life.row
    said = {
        "needs": needs_words(row.needs),
        "from": f"{life.submitter}, {clock(row.submitted_at, paper, with_seconds=True)}, in {life.folder}",
        "output": f"{row.output.host + ': ' if row.output and row.output.host else ''}{row.output.path}"
        if row.output
        else "",
    }
    asked = [term_of(*term) for term in life.terms.items() if term[0] not in _SHOWN_ELSEWHERE]
    return [(name, printable(text)) for name, text in (*said.items(), *asked) if text]


_SHOWN_ELSEWHERE = frozenset(
    ("cpus", "memory", "gpus", "resources", "licenses", "time_limit_s", "name", "held", "after", "out", "err")
)


def so_far(life: Life, paper: Paper) -> list[tuple[str, str]]:
    """What has happened to it: when, and what; the latest last."""
    found = [(clock(life.row.submitted_at, paper, with_seconds=True), f"submitted by {life.submitter}")]
    for each in (life.events or ())[-EVENTS_SHOWN:]:
        by = f" by {each.by}" if each.by else ""
        at = f" on {each.host}" if each.host else ""
        text = f": {each.text}" if each.text else ""
        found.append((clock(each.at, paper, with_seconds=True), f"{each.kind}{at}{by}{text}"))
    return found


class Cell(NamedTuple):
    """What a machine has of one thing that the job needs."""

    name: str
    is_enough: bool
    text: str


def _proof(why: Explained, estimate: Estimate | None) -> Told:
    """Machine by machine, its turn, when it may run, and what would start at once."""
    named = Named(why.shown, why.name, why.owner)
    need = [(name, much) for name, much in why.need if name not in (TIME, KEYED)]
    alike: dict[tuple[tuple[Cell, ...], str, bool], list[str]] = {}
    for each in why.machines:
        cells = tuple(_cell(each, name, much) for name, much in need)
        alike.setdefault((cells, _so(each, why), each.keeps == why.job), []).append(each.name)
    notes = [("turn", turn_words(why.turn, named))] if why.turn else []
    notes += [("when", when_words(estimate))] if estimate else []
    sooner = [
        Sooner(
            f"With {amount(each.name, each.amount)} it would start now on {each.host}.",
            f"goq alter {named.id} {'-c ' + str(each.amount) if each.name == CPUS else f'--mem {each.amount}M'}",
        )
        for each in why.sooner
    ]
    machines = [(", ".join(dict.fromkeys(names)), *what) for what, names in alike.items()]
    needs = [amount(name, much) for name, much in need]
    return {"machines": machines, "needs": needs, "notes": notes, "sooner": sooner, "hidden": why.hidden}


def _so(each: Machine, why: Explained) -> str:
    """What follows from the cells, and what they do not say."""
    if not each.small:
        return missing_words(each, why)
    return "; ".join(
        ["too small", *([f"drained: {each.trouble}" if each.trouble else "drained"] if each.drained else [])]
    )


def _cell(each: Machine, name: str, much: int) -> Cell:
    free, holds = each.free.get(name), each.holds.get(name)
    if holds is None:
        return Cell(name, is_enough=name in each.holds, text="any" if name in each.holds else "none")
    if holds < much:
        return Cell(name, is_enough=False, text=f"has {amount_alone(name, holds)}")
    left = max(0, free if free is not None else holds)
    return Cell(name, left >= much, f"{amount_alone(name, left)} of {amount_alone(name, holds)} free")
