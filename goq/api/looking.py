"""Looking jobs up, a page at a time."""

from collections.abc import Iterable

from msgspec.structs import replace

from goq.api.talks import Here, Talk, look
from goq.core.values.ids import JobId
from goq.core.values.pages import ROWS_LIMIT, Rows
from goq.core.values.ranges import Ranges, merged, runs
from goq.core.values.selectors import Selector
from goq.core.values.shown import JobRow


def rows_of(here: Here, query: Rows) -> Talk[tuple[tuple[JobRow, ...], Rows | None]]:
    """A page of jobs, and what to ask for the next one, None when there is none."""
    page = yield from look(here, query)
    return page.jobs, None if page.following is None else replace(query, after=page.following)


def query_of(here: Here, selector: Selector, since_s: float) -> Rows:
    """The jobs that a selector means, as the reader is asked for them."""
    states = selector.states
    return Rows(
        replace(selector, states=()),
        here.by.owner,
        "",
        states,
        since_s=since_s,
        by_job=True,
        limit=ROWS_LIMIT,
    )


def numbers_in_states(here: Here, selectors: Iterable[Selector], since_s: float) -> Talk[Ranges]:
    """The numbers of those jobs that are in the states of their selectors, in order and apart."""
    found: list[tuple[JobId, JobId]] = []
    for selector in selectors:
        query: Rows | None = query_of(here, selector, since_s)
        while query is not None:
            jobs, query = yield from rows_of(here, query)
            found += runs(JobId(job.id) for job in jobs)
    return merged(found) if found else ()
