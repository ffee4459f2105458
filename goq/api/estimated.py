"""What is asked to say when a job may run: what runs before it, and how long its kind took."""

from goq.api.client import Client
from goq.api.person import user_name
from goq.core.values.estimates import (
    KINDS_LIMIT,
    Estimate,
    Measured,
    behind_of,
    keeper_of,
    kind_of,
    runs_at,
    when_ended,
    when_room,
)
from goq.core.values.failures import Medians, MediansOf
from goq.core.values.ids import JobId
from goq.core.values.pages import Rows
from goq.core.values.reasons import Explained
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.shown import SubmissionRow


def estimate_of(client: Client, job: Explained, now_ns: int) -> Estimate | None:
    """When it may run, if that follows from what was measured."""
    if behind := behind_of(job):
        row = _submission(client, behind)
        return when_ended(row) if row and row.id == behind else None
    machine = keeper_of(job)
    if machine is None:
        return None
    runs = runs_at(machine, client.workers())
    kinds = list(dict.fromkeys(map(kind_of, runs)))[:KINDS_LIMIT]
    known = {kind: found for kind in kinds if (found := _measured(client, kind)) is not None}
    return when_room(machine, job.need, runs, known, now_ns)


def _measured(client: Client, kind: JobId) -> Measured | None:
    """What the others of a submission took, of which there are several."""
    row = _submission(client, kind)
    if row is None or row.count == 1:
        return None
    found: Medians = client.medians(MediansOf(((row.id, row.id + row.count),)))
    return Measured(found.jobs, found.run_s.most_of_ten, found.run_s.most) if found.run_s else None


def _submission(client: Client, first: JobId) -> SubmissionRow | None:
    selector = Selector((Jobs(first, JobId(first + 1)),))
    rows = client.rows(Rows(selector, user_name(), limit=1)).rows
    row = rows[0] if rows else None
    return row if isinstance(row, SubmissionRow) else None
