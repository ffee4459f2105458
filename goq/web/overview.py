"""The first page: what runs, what waits, what needs a hand, what runs where, and who has what."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, NeedsLook, UserRow
from goq.core.values.pages import Page, Rows
from goq.core.values.totals import steps_of
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.web import questions
from goq.web.cells import are_marked, drawn, legend_of, ranks_of
from goq.web.clock import midnight_ns
from goq.web.curves import STEP_S, begin_of, curves
from goq.web.frame import Desk
from goq.web.jobs import reasons_of, rows_in
from goq.web.looks import look_of
from goq.web.machines import all_machines
from goq.web.rows import row_of

GOES_ON = 8  # submissions
MACHINES_SHOWN = 60
NS = 10**9


async def overview(desk: Desk, request: Request) -> Response:
    """The page."""
    paper = desk.paper()
    source = desk.source
    goes_on = Rows(owner=desk.user, since_s=0, limit=GOES_ON)
    cluster, today, machines, page, totals = await asyncio.gather(
        source.shared("cluster", questions.cluster),
        source.shared("today", lambda client: questions.today(client, midnight_ns(paper.now_ns))),
        all_machines(desk),
        source.shared(("rows", goes_on), lambda client: client.rows(goes_on)),
        source.shared("totals", lambda client: questions.totals(client, begin_of(paper.now_ns), STEP_S)),
    )
    ranks = ranks_of(machines)
    url = desk.pages.url("/jobs/")
    return desk.answer(
        request,
        "overview.html",
        "Overview",
        cluster=cluster,
        today=today,
        failed=today.failed + today.lost,
        looks=[look_of(each, paper) for each in looks_at(cluster, page)],
        machines=[
            drawn(each, ranks, url, paper, has_marks=are_marked(machines))
            for each in machines[:MACHINES_SHOWN]
        ],
        hidden=max(0, len(machines) - MACHINES_SHOWN),
        legend=legend_of(ranks),
        curves=curves(steps_of(totals), totals[-1].waiting, totals[-1].running, paper),
        found=[
            row_of(row, reason, paper)
            for row, reason in zip(rows_in(page), await reasons_of(desk, page), strict=True)
        ],
        alive=len(page.rows) + page.more,
        users=[(user, _waits_for(user, paper)) for user in cluster.users],
        is_new=not (page.rows or today_has(today) or cluster.waiting or cluster.running),
    )


def looks_at(cluster: Cluster, page: Page) -> Sequence[NeedsLook]:
    """What needs a hand: what the server says, and failures in arrays that live."""
    known = {each.job for each in cluster.look if each.code == "failed"}
    failures = [
        NeedsLook("failed", job=row.id, name=row.name or "", jobs=row.counts.bad, total=row.count)  # type: ignore[arg-type]  # rows have plain numbers
        for row in page.rows
        if row.job is None and row.counts.bad and row.counts.live and row.id not in known
    ]
    return [*cluster.look, *failures]


def today_has(today: Today) -> int:
    """How many jobs have ended today."""
    return today.done + today.failed + today.cancelled + today.lost + today.skipped


def _waits_for(user: UserRow, paper: Paper) -> str:
    if user.reason is None:
        return ""
    named = Named(str(user.reason_of), user.name, user.owner)
    return words_of(user.reason, named, paper).short
