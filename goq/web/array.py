"""An array, or a list: how far it is, what failed and why, what those took that ended well, and a map of all tasks."""

import asyncio
import shlex
from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from goq.core.values.failures import FailureGroup, Failures, FailuresOf, MediansOf
from goq.core.values.ranges import span
from goq.core.values.shown import SubmissionRow
from goq.core.values.squares import SquaresOf
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.views import maps, signs
from goq.views.clocks import clock
from goq.views.failures import again_words
from goq.views.needs import needs_words
from goq.views.numbers import about, count, rate, size_of
from goq.views.paper import Paper
from goq.views.strips import tally_words
from goq.web.frame import Desk
from goq.web.jobs import reasons_of_rows
from goq.web.rows import Shown, shown_sign, shown_state, waits_words
from goq.web.spreads import spread_charts

NS = 10**9
_SHOWN_RANGES = 6


class Group(NamedTuple):
    """Jobs that failed alike."""

    number: str
    how: Shown
    which: str
    href: str
    where: str
    words: str
    is_said: bool  # by the jobs themselves


async def array(desk: Desk, request: Request, row: SubmissionRow) -> Response:
    """The page."""
    paper, source = desk.paper(), desk.source
    ranges = ((row.id, row.id + row.count),)
    failures, medians, squares, (reason,) = await asyncio.gather(
        source.shared(("failures", row.id), lambda client: client.failures(FailuresOf(ranges))),
        source.shared(("medians", row.id), lambda client: client.medians(MediansOf(ranges))),
        source.shared(("squares", row.id), lambda client: client.look(SquaresOf(row.id))),
        reasons_of_rows(desk, [row]),
    )
    counts = row.counts.by_state
    url = desk.pages.url("/jobs/")
    many = [each.by_state for each in squares.squares]
    drawn_map = maps.square_map(tally_words(counts), many, squares.each, row.count)
    return desk.answer(
        request,
        "array.html",
        "Jobs",
        row=row,
        state=shown_state(row.counts.state),
        lead=_lead(row),
        pace=_pace(row, paper),
        bad=_bad(row),
        strip=Markup(maps.strip(counts, 22)),  # noqa: S704 - it escapes
        legend=Markup(maps.strip_legend(counts)),  # noqa: S704 - it escapes
        waits=waits_words(row, reason, paper),
        acts=_acts(row),
        groups=[_group(each, row, url) for each in failures.groups],
        commands=_commands(row, failures),
        charts=spread_charts(row, medians),
        map=Markup(drawn_map),  # noqa: S704 - it escapes
        each=squares.each,
        has_map=bool(squares.squares),
        command=printable(shlex.join(row.argv)),
        said=_said(row, paper),
        after=[
            (after, ", ".join(span(*ids) for ids in after.ids[:_SHOWN_RANGES])) for after in row.after or ()
        ],
        tasks=f"{desk.pages.url('/jobs')}?q={row.id}&tasks=1",
    )


def _lead(row: SubmissionRow) -> str:
    ended = row.count - row.counts.live
    return f"{count(ended)} of {count(row.count)} tasks have ended"


def _pace(row: SubmissionRow, paper: Paper) -> str:
    """When the last ends, as far as the pace of the latest says."""
    if not row.rate_per_s or row.left_s is None:
        return ""
    at = about(clock(paper.now_ns + int(row.left_s * NS), paper))
    return f" At {rate(row.rate_per_s)} the last ends at {at}."


def _bad(row: SubmissionRow) -> str:
    return f"{count(row.counts.bad)} of them badly" if row.counts.bad else ""


def _acts(row: SubmissionRow) -> list[tuple[str, str, bool]]:
    counts = row.counts
    found = []
    if counts.bad:
        found.append(("retry", f"Retry the {count(counts.bad)} failed", True))
    if counts.waiting:
        found.append(("hold", "Hold", False))
    if counts.held:
        found.append(("release", "Release", False))
    if counts.running:
        found.append(("pause", "Pause", False))
    if counts.paused:
        found.append(("resume", "Resume", False))
    if counts.live:
        found += [("alter", "Change priority, limits", True), ("kill", "Kill what is left", True)]
    return found


def _group(each: FailureGroup, row: SubmissionRow, url: str) -> Group:
    ranges = each.items or each.ids
    shown = ",".join(span(*ids) for ids in ranges[:_SHOWN_RANGES]) + (
        ",…" if len(ranges) > _SHOWN_RANGES else ""
    )
    first = f"{row.id}.{each.items[0][0]}" if each.items else str(each.ids[0][0])
    where = ", ".join(each.hosts) if len(each.hosts) <= 3 else f"{count(len(each.hosts))} machines"
    how = (
        shown_state(JobState.LOST)
        if each.state is JobState.LOST
        else shown_sign(signs.sign_of_failure(each.status, each.signal or 0, each.cause or ""))
    )
    used = each.mem_peak_bytes
    words, is_said = each.last_words or "", bool(each.last_words)
    if each.cause == "memory" and used and row.needs.mem_bytes:
        words, is_said = f"used {size_of(used, row.needs.mem_bytes)} asked", False
    elif each.state is JobState.LOST or not words:
        words, is_said = each.problem or words, False
    return Group(count(each.count), how, f"[{shown}]", url + first, where, words, is_said)


def _commands(row: SubmissionRow, failures: Failures) -> list[str]:
    again = again_words(failures, row.needs.mem_bytes or 0, str(row.id))
    return [f"goq why {row.id}", *([again] if again else [])]


def _said(row: SubmissionRow, paper: Paper) -> list[tuple[str, str]]:
    said = {
        "each needs": needs_words(row.needs),
        "at once": count(row.at_once) if row.at_once else "",
        "priority": str(row.priority) if row.priority else "",
        "tags": ", ".join(row.tags or ()),
        "from": f"{row.owner}, {clock(row.submitted_at, paper, with_seconds=True)}, in {row.folder}",
        "began": clock(row.started_at, paper, with_seconds=True) if row.started_at else "",
        "ended": clock(row.ended_at, paper, with_seconds=True) if row.ended_at else "",
        "output": row.output or "",
        "again of": str(row.again_of) if row.again_of else "",
    }
    return [(name, text) for name, text in said.items() if text]
