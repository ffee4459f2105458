"""What `goq list` tells of jobs that run and the journal does not know: what they use, and whether their workers are silent."""

from collections.abc import Iterator

from msgspec.structs import replace

from goq.api.client import Client
from goq.core.values.cluster import Runs, WorkerRow
from goq.core.values.ids import JobId
from goq.core.values.lives import KIB
from goq.core.values.shown import JobRow, Row, Used
from goq.core.values.states import JobState
from goq.views.numbers import duration

_ON = (JobState.RUNNING, JobState.PAUSED)


def with_running(client: Client, rows: list[Row]) -> list[Row]:
    """The rows with that: one question for all of them, none where none runs."""
    if not any(job and job.state in _ON for job in map(_job_of, rows)):
        return rows
    known = {runs.job: (worker, runs) for worker in client.workers() for runs in worker.jobs}
    return list(_told(rows, known))


def _told(rows: list[Row], known: dict[JobId, tuple[WorkerRow, Runs]]) -> Iterator[Row]:
    for row in rows:
        job = _job_of(row)
        worker, runs = known.get(JobId(job.id), (None, None)) if job and job.state in _ON else (None, None)
        if job is None or worker is None or runs is None or runs.attempt != job.attempt:
            yield row
            continue
        told = replace(job, used=_used(runs), problem=_silence(worker))
        yield told if isinstance(row, JobRow) else replace(row, job=told)


def _job_of(row: Row) -> JobRow | None:
    return row if isinstance(row, JobRow) else row.job


def _used(runs: Runs) -> Used | None:
    if runs.busy is None:
        return None
    return Used(mem_peak_bytes=runs.most_kib * KIB, mem_bytes=runs.resident_kib * KIB, cpus=runs.busy)


def _silence(worker: WorkerRow) -> str | None:
    if worker.state != "suspect":
        return None
    return f"nothing was heard of its worker for {duration(worker.silent_s)}"
