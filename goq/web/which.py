"""Which submission or job an address means: /jobs/12 is a job, or all its submission where that is an array."""

from starlette.requests import Request

from goq.core.values.ids import JobId
from goq.core.values.pages import Rows
from goq.core.values.selectors import BadSelector, Number, Selector, Tasks, selector_of
from goq.core.values.shown import JobRow, SubmissionRow
from goq.errors import BadCommand, JobUnknown
from goq.web.frame import Desk


async def found(desk: Desk, word: str) -> SubmissionRow | JobRow:
    """An array, or a job. Raises BadCommand, JobUnknown."""
    selector = _selector(word)
    page = await _rows(desk, selector)
    if not page:
        raise JobUnknown(_number(selector), f"at {desk.source.config.address}")
    row = page[0]
    if isinstance(row, SubmissionRow) and row.job is not None:
        return row.job
    if isinstance(selector.parts[0], Number) and row.id == selector.parts[0].job:
        return row
    jobs = await _rows(desk, selector, by_job=True)
    return next(
        (job for job in jobs if job.id == _number(selector) or isinstance(selector.parts[0], Tasks)), row
    )


async def job_number(desk: Desk, request: Request) -> JobId:
    """The number of the job that the address names."""
    row = await found(desk, request.path_params["id"])
    if isinstance(row, SubmissionRow):
        raise BadCommand(f"{row.id} has {row.count} tasks; name one, as {row.id}.1")
    return JobId(row.id)


async def submission_of(desk: Desk, job: JobRow) -> SubmissionRow | None:
    """What the job was submitted with."""
    page = await _rows(desk, _selector(str(job.array or job.id)))
    return next((row for row in page if isinstance(row, SubmissionRow)), None)


async def _rows(
    desk: Desk, selector: Selector, *, by_job: bool = False
) -> tuple[SubmissionRow | JobRow, ...]:
    query = Rows(selector, desk.user, by_job=by_job, limit=1)
    page = await desk.source.shared(("rows", query), lambda client: client.rows(query))
    return page.jobs if by_job else page.rows


def _selector(word: str) -> Selector:
    try:
        selector = selector_of((word,))
    except BadSelector as error:
        raise BadCommand(str(error)) from error
    if not isinstance(selector.parts[0], Number | Tasks):
        raise BadCommand(f"'{word}' is no number of a job; /jobs?q={word} looks for it")
    return selector


def _number(selector: Selector) -> int:
    part = selector.parts[0]
    return part.job if isinstance(part, Number | Tasks) else 0
