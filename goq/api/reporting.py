"""What a report tells, as the server knows it: for the command that writes one, and for the page that shows one."""

import time

from goq.api.client import Client
from goq.core.values.cluster import NAME
from goq.core.values.failures import Failures, FailuresOf
from goq.core.values.moments import NS
from goq.core.values.pages import Rows
from goq.core.values.selectors import Selector
from goq.core.values.states import JobState
from goq.core.values.totals import SpentOf, TotalsOf, curve_of
from goq.views.report import FAILED_SETS, Facts, Span
from goq.views.rows import program_of

STEPS = 360
_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


def span_of(begin_ns: int, end_ns: int) -> Span:
    """That time, in the shortest steps of which there are not too many."""
    return Span(begin_ns, end_ns, _step_s(end_ns - begin_ns))


def _step_s(span_ns: int) -> int:
    """The shortest step of which there are not too many."""
    return next((step for step in _STEPS_S if span_ns <= STEPS * step * NS), -(-span_ns // (STEPS * NS)))


def facts_of(client: Client, selector: Selector, span: Span) -> Facts:
    """What a report of the jobs that the selector means tells. Raises GoqError."""
    me = client.here.by.owner
    spent = client.spent(SpentOf(span.begin_ns, span.end_ns, selector, me, step_s=span.step_s))
    totals = client.totals(TotalsOf(span.begin_ns, span.step_s))
    curve = [
        each for each in curve_of(list(totals.steps), totals.waiting, totals.running) if each.at < span.end_ns
    ]
    cpus: dict[str, int] = {}
    for worker in client.workers():
        cpus[worker.host] = cpus.get(worker.host, 0) + (worker.offer.cpus or worker.running + worker.free)
    steps = [step for step in totals.steps if step.at < span.end_ns]
    failures = _failures(client, selector, me, span)
    named = client.stat().counters.get(NAME)
    return Facts(str(named or client.address), span, spent.rows, spent.busy, steps, curve, cpus, failures)


def _failures(client: Client, selector: Selector, me: str, span: Span) -> list[tuple[str, Failures]]:
    """What failed of the submissions that live, or have ended since."""
    bad = (JobState.FAILED, JobState.LOST)
    since_s = max(0.0, (time.time_ns() - span.begin_ns) / NS)
    page = client.rows(Rows(selector, me, states=bad, since_s=since_s, limit=FAILED_SETS))
    return [
        (
            f"{row.id} {row.name or program_of(row.argv)}",
            client.failures(FailuresOf(((row.id, row.id + row.count),))),
        )
        for row in page.rows
    ]
