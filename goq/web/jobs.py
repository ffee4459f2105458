"""The list: what is alive, or has ended lately; an array is one row."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from goq.core.messages.looks import REASONS_ASKED
from goq.core.values.ids import JobId
from goq.core.values.pages import COUNTED, Page
from goq.core.values.reasons import Reason
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.views import signs
from goq.views.numbers import count
from goq.web.asked import MINE, NEVER, Asked, asked_of
from goq.web.frame import Desk
from goq.web.rows import row_of

COUNTED_ROWS = 200  # so many submissions are counted by their states
_CHIPS = (JobState.RUNNING, JobState.WAITING, JobState.HELD, JobState.FAILED, JobState.DONE)


class Chip(NamedTuple):
    """A way to narrow the list."""

    href: str
    text: str
    mark: str = ""
    is_current: bool = False


class Link(NamedTuple):
    """Where to go from here."""

    href: str
    text: str


async def jobs(desk: Desk, request: Request) -> Response:
    """The page."""
    asked = asked_of(request.query_params)
    if asked.words.isdecimal() and not asked.state:
        return RedirectResponse(f"{desk.pages.url('/jobs/')}{asked.words}", 303)
    page = await page_of(desk, asked)
    reasons = await reasons_of(desk, page)
    found = [row_of(row, reason, desk.paper()) for row, reason in zip(rows_in(page), reasons, strict=True)]
    whole = (
        page
        if not asked.state and not asked.after
        else await page_of(desk, asked.with_state(""), COUNTED_ROWS)
    )
    if asked.state == NEVER:
        found = [row for row in found if row.state.word == NEVER]
    return desk.answer(
        request,
        "jobs.html",
        "Jobs",
        asked=asked,
        chips=_chips(desk, asked, whole, await reasons_of(desk, whole)),
        found=found,
        caption=_caption(asked, page),
        nothing=_nothing(asked),
        links=_links(desk, asked, page),
        command=asked.command,
    )


async def page_of(desk: Desk, asked: Asked, limit: int = 0) -> Page:
    """The rows that are asked for."""
    query = asked.rows(desk.user) if not limit else asked.rows(desk.user, limit)
    return await desk.source.shared(("rows", query), lambda client: client.rows(query))


def rows_in(page: Page) -> Sequence[SubmissionRow | JobRow]:
    """Those of either kind."""
    return page.rows or page.jobs


async def reasons_of(desk: Desk, page: Page) -> list[Reason | None]:
    """Why what waits of each row does; None where nothing waits."""
    return await reasons_of_rows(desk, rows_in(page))


async def reasons_of_rows(desk: Desk, rows: Sequence[SubmissionRow | JobRow]) -> list[Reason | None]:
    """The same of rows."""
    waiting = [row for row in rows if _waits(row)][:REASONS_ASKED]
    if not waiting:
        return [None] * len(rows)
    ranges = tuple((JobId(row.id), JobId(row.id + _size(row))) for row in waiting)
    shown = await desk.source.shared(("reasons", ranges), lambda client: client.reasons(ranges))
    found = {row.id: reason for row, reason in zip(waiting, shown, strict=True)}
    return [found.get(row.id) for row in rows]


def _size(row: SubmissionRow | JobRow) -> int:
    return row.count if isinstance(row, SubmissionRow) else 1


def _waits(row: SubmissionRow | JobRow) -> bool:
    if isinstance(row, SubmissionRow):
        return bool(row.counts.waiting + row.counts.held)
    return row.state in (JobState.WAITING, JobState.HELD)


def _chips(desk: Desk, asked: Asked, whole: Page, reasons: Sequence[Reason | None]) -> list[Chip]:
    def chip(state: str, text: str, number: str, mark: str = "") -> Chip:
        query = asked.with_state(state).query
        href = desk.pages.url("/jobs") + (f"?{query}" if query else "")
        return Chip(href, f"{text} {number}".strip(), mark, asked.state == state)

    is_whole = whole.following is None
    rows = rows_in(whole)
    never = sum(reason is not None and reason.code == "nowhere" for reason in reasons)
    number = {state: _number(rows, state) if is_whole else "" for state in _CHIPS}
    made = [chip("", "all", count(len(rows)) if is_whole else "")]
    for state in _CHIPS:
        made.append(chip(state.value, state.value, number[state], signs.sign_of(state).mark))
        if state is JobState.HELD and (never or asked.state == NEVER):
            made.append(chip(NEVER, NEVER, count(never), signs.NEVER.mark))
    mine = sum(row.owner == desk.user for row in rows)
    return [*made, chip(MINE, MINE, count(mine) if is_whole else "")]


def _number(rows: Sequence[SubmissionRow | JobRow], state: JobState) -> str:
    """How many submissions are there, and of failed ones how many tasks of arrays beside."""
    if state is not JobState.FAILED:
        return count(sum(_has(row, state) for row in rows))
    alone = sum(_has(row, state) for row in rows if not _is_array(row))
    tasks = sum(row.counts.bad for row in rows if isinstance(row, SubmissionRow) and _is_array(row))
    return " + ".join(
        [*([count(alone)] if alone or not tasks else []), *([f"{count(tasks)} tasks"] if tasks else [])]
    )


def _is_array(row: SubmissionRow | JobRow) -> bool:
    return isinstance(row, SubmissionRow) and row.job is None


def _has(row: SubmissionRow | JobRow, state: JobState) -> bool:
    states = {state, JobState.LOST} if state is JobState.FAILED else {state}
    if isinstance(row, SubmissionRow):
        return any(row.counts.by_state[each] for each in states)
    return row.state in states


def _caption(asked: Asked, page: Page) -> str:
    shown = len(rows_in(page))
    of = f" of {_counted(shown + page.more)}" if page.more else ""
    if asked.tasks:
        return f"{count(shown)}{of} jobs"
    what = "submissions alive, or ended in the last hour" if "since:" not in asked.words else "submissions"
    return f"{count(shown)}{of} {what}; an array is one row"


def _counted(number: int) -> str:
    return f"more than {count(COUNTED)}" if number > COUNTED else count(number)


def _nothing(asked: Asked) -> str:
    if asked.words or asked.state:
        return "Nothing like that is alive, or has ended in the last hour. since:7d looks further back."
    return "Nothing waits, nothing runs."


def _links(desk: Desk, asked: Asked, page: Page) -> list[Link]:
    links = []
    address = desk.pages.url("/jobs")
    if page.following is not None:
        following = Asked(asked.words, asked.state, asked.tasks, page.following.text)
        links.append(
            Link(
                f"{address}?{following.query}", f"the next of {_counted(page.more)}" if page.more else "more"
            )
        )
    if page.older and "since:" not in asked.words:
        older = Asked(f"{asked.words} since:7d".strip(), asked.state, asked.tasks)
        links.append(Link(f"{address}?{older.query}", f"{_counted(page.older)} older"))
    return links
