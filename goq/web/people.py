"""Who has what, who is next and why, and the limits."""

import asyncio
from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from goq.core.messages import LimitRow
from goq.core.values.cluster import Cluster, UserRow
from goq.views import maps
from goq.views.clocks import clock
from goq.views.numbers import count, percent
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.web import lately, questions
from goq.web.frame import Desk

_WEIGHT = "weight:"


class Person(NamedTuple):
    """A user, in numbers."""

    owner: str
    cpus: str
    bar: Markup
    weight: int
    gpus: int
    running: int
    waiting: int
    hours: str
    used: str
    waits_for: str


class Limit(NamedTuple):
    """A limit, and who set it."""

    name: str
    used: str
    is_full: bool
    by: str


async def people(desk: Desk, request: Request) -> Response:
    """The page."""
    paper, source = desk.paper(), desk.source
    cluster, limits, week = await asyncio.gather(
        source.shared("cluster", questions.cluster),
        source.shared("limits", questions.limits),
        source.shared("week", lately.week, lately.FRESH_S),
    )
    spent = lately.spent_by_owner(week)
    weights = {row.name.removeprefix(_WEIGHT): row.amount for row in limits if row.name.startswith(_WEIGHT)}
    return desk.answer(
        request,
        "people.html",
        "People",
        lead=_lead(cluster, weights, paper),
        people=[_person(each, cluster, weights, spent, paper) for each in cluster.users],
        hidden=cluster.hidden,
        limits=[_limit(row, paper) for row in limits],
    )


def _person(
    each: UserRow,
    cluster: Cluster,
    weights: dict[str, int],
    spent: dict[str, tuple[float, float]],
    paper: Paper,
) -> Person:
    given_s, used_s = spent.get(each.owner, (0.0, 0.0))
    all_ = cluster.cpus.all
    bar = maps.use(f"{each.cpus} of {all_} cpus", each.cpus, all_, 14) if all_ else ""
    waits = (
        words_of(each.reason, Named(str(each.reason_of), each.name, each.owner), paper).short
        if each.reason
        else ""
    )
    return Person(
        each.owner,
        f"{count(each.cpus)} of {count(all_)}" if all_ else count(each.cpus),
        Markup(bar),  # noqa: S704 - it escapes
        weights.get(each.owner, 1),
        each.gpus,
        each.running,
        each.waiting,
        count(round(given_s / 3600)),
        percent(used_s, given_s) if given_s else "-",
        waits,
    )


def _lead(cluster: Cluster, weights: dict[str, int], paper: Paper) -> str:
    """Who is next, and why."""
    if not cluster.users:
        return "Nobody has jobs here now."
    rule = "Who has the fewest cpus running, for their weight, is next."
    waiting = [each for each in cluster.users if each.waiting]
    if not waiting:
        return f"{rule} Nobody waits."
    ordered = sorted(waiting, key=lambda each: (each.cpus / max(1, weights.get(each.owner, 1)), each.owner))
    first = ordered[0]
    why = ""
    if first.reason is not None:
        words = words_of(first.reason, Named(str(first.reason_of), first.name, first.owner), paper)
        why = f", whose {first.name or first.reason_of} waits for this: {words.short}"
    return f"{rule} Of those who wait that is {first.owner} ({count(first.cpus)}){why}."


def _limit(row: LimitRow, paper: Paper) -> Limit:
    at = f", {clock(row.at_ns, paper)}" if row.at_ns else ""
    by = f"by {row.by}{at}" if row.by else at.lstrip(", ")
    drained = " (drained)" if row.name.startswith("node:") and not row.amount else ""
    why = f": {row.why}" if row.why else ""
    is_full = row.drawn >= row.amount and not row.name.startswith(_WEIGHT)
    return Limit(
        row.name, f"{count(row.drawn)} of {count(row.amount)}{drained}", is_full and not drained, f"{by}{why}"
    )
