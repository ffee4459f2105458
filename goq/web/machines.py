"""The machines: what runs where, and one of them."""

import asyncio
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from goq.core.values.cluster import Runs
from goq.core.values.room import MIB
from goq.views.numbers import count, duration, percent, size, size_of
from goq.views.paper import Paper
from goq.web import lately, questions
from goq.web.cells import Machine, are_marked, drawn, legend_of, machines_of, ranks_of
from goq.web.frame import Desk

NS, KIB = 10**9, 1024
JOBS_SHOWN = 100
_TALL = 30


class RunsRow(NamedTuple):
    """A job that runs on a machine."""

    shown: str
    name: str
    owner: str
    length: str
    takes: str
    busy: str
    memory: str


async def all_machines(desk: Desk) -> list[Machine]:
    """Those that are there."""
    return machines_of(await desk.source.shared("workers", questions.workers))


async def machines(desk: Desk, request: Request) -> Response:
    """The page of all of them."""
    found, today = await asyncio.gather(
        all_machines(desk), desk.source.shared("today by machine", lately.today, lately.FRESH_S)
    )
    ranks, paper = ranks_of(found), desk.paper()
    ended = lately.ended_by_host(today)
    url = desk.pages.url("/jobs/")
    return desk.answer(
        request,
        "machines.html",
        "Machines",
        machines=[drawn(each, ranks, url, paper, has_marks=are_marked(found)) for each in found],
        legend=legend_of(ranks),
        lead=_lead(found),
        ended={each.name: ended.get(each.name, lately.Ended()) for each in found},
        more="" if today.is_all else "more than ",
    )


async def machine(desk: Desk, request: Request) -> Response:
    """The page of one."""
    name = request.path_params["name"]
    found = await all_machines(desk)
    one = next((each for each in found if each.name == name), None)
    if one is None:
        return desk.problem(request, "There is no such machine", f"no worker of '{name}' is there", 404)
    before = await desk.source.shared(
        ("hours", name), lambda client: lately.hours(client, name), lately.FRESH_S
    )
    paper = desk.paper()
    ranks = ranks_of(found, {each.owner for each in before.busy})
    jobs = [_runs(job, paper) for job in sorted(one.jobs, key=lambda job: job.since_ns)[:JOBS_SHOWN]]
    return desk.answer(
        request,
        "machine.html",
        "Machines",
        one=drawn(one, ranks, desk.pages.url("/jobs/"), paper, _TALL),
        legend=legend_of({owner: ranks[owner] for owner in {job.owner for job in one.jobs}}),
        before=lately.drawn(before, one.name, one.cpus, ranks, paper) if before.is_all else "",
        before_legend=legend_of({owner: ranks[owner] for owner in {each.owner for each in before.busy}}),
        jobs=jobs,
        taken=size(one.memory_taken * MIB),
        memory=size(one.memory * MIB) if one.memory else "",
        in_use=_in_use(one),
    )


def _in_use(one: Machine) -> str:
    """The memory that its jobs have, and that is in use there at all, as far as that is known."""
    by_jobs = sum(job.resident_kib for job in one.jobs) * KIB
    parts = [
        *([f"{size(by_jobs)} in use by jobs"] if by_jobs else []),
        *([f"{size(one.in_use_kib * KIB)} by all that runs there"] if one.in_use_kib else []),
    ]
    return "".join(f", {part}" for part in parts)


def _runs(job: Runs, paper: Paper) -> RunsRow:
    takes = [
        f"{count(job.cpus)} cpus" if job.cpus != 1 else "1 cpu",
        *([size(job.memory * MIB)] if job.memory else []),
    ]
    gpus = [f"gpu {','.join(job.gpus)}"] if job.gpus else []
    return RunsRow(
        *(job.shown, job.name, job.owner, duration((paper.now_ns - job.since_ns) / NS)),
        ", ".join(takes + gpus),
        *_used(job),
    )


def _used(job: Runs) -> tuple[str, str]:
    """Of its cpus, and of its memory; "" while nobody has looked."""
    if job.busy is None:
        return "", ""
    has = job.resident_kib * KIB
    return percent(job.busy, job.cpus), size_of(has, job.memory * MIB) if job.memory else size(has)


def _lead(found: list[Machine]) -> str:
    if not found:
        return "No machine works for this queue."
    serving = [each for each in found if not each.is_out]
    busy, all_ = sum(each.busy for each in found), sum(each.cpus for each in serving)
    drained = sum(each.cpus for each in found if each.is_out)
    what = f"{count(len(found))} machine{'' if len(found) == 1 else 's'}: {count(busy)} of {count(all_)} cpus in service are busy"
    return what + (f"; {count(drained)} are drained." if drained else ".")
