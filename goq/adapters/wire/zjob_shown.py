"""What people are shown, in the fields of a Zjob: rows of a snapshot, and what became of what they asked."""

from itertools import accumulate
from typing import assert_never

from msgspec.structs import replace

from goq.adapters.wire.zjob import (
    Zjob,
    bounded_text,
    read_command,
    read_ended,
    read_folder,
    read_job,
    read_job_id,
    read_worker,
    write_ended,
    write_job,
    write_worker,
)
from goq.core.messages import AckCancel, ArrayRow, CancelAnswer, FinishedRow, JobNotKnown, Refused, RunningRow
from goq.core.values.job import Job
from goq.core.values.terms import Tags, Terms

SHOWN_TAGS_BYTES = 100
SHOWN_BYTES = 220  # of a command or folder in a snapshot, so that three thousand rows fit a frame


def write_cancel_answer(z: Zjob, answer: CancelAnswer) -> None:
    """A row: what became of a job that was to be cancelled."""
    match answer:
        case AckCancel(job, was_running):
            z.aboutjid = job
            z.state = "running" if was_running else "cancelled"
        case JobNotKnown(job):
            z.aboutjid = job
            z.state = "unknown"
        case Refused(reason):
            z.err = reason
            z.state = "refused"
        case _:
            assert_never(answer)


def read_cancel_answer(z: Zjob) -> CancelAnswer:
    """The row that `write_cancel_answer` wrote."""
    match z.state:
        case "running" | "cancelled":
            return AckCancel(read_job_id(z), z.state == "running")
        case "unknown":
            return JobNotKnown(read_job_id(z))
        case "refused":
            return Refused(bounded_text(z.err, "a reason", 4096))
        case _:
            raise ValueError("nothing that becomes of a job")


def write_shown_job(z: Zjob, job: Job, state: str) -> None:
    """A job as a snapshot shows it: without its environment, of its terms name and tags, and of long things the beginning."""
    z.state = state
    terms = Terms(name=job.terms.name, tags=_first_of(job.terms.tags), held=job.terms.held)
    write_job(z, replace(job, terms=terms), job.argv[:SHOWN_BYTES])
    z.folder = job.origin.folder[:SHOWN_BYTES]
    z.submitaddr = job.origin.submitter


def _first_of(tags: Tags) -> Tags:
    """So many of them as have room in a row."""
    lengths = accumulate(len(tag.encode()) for tag in tags)
    return tuple(tag for tag, length in zip(tags, lengths, strict=True) if length <= SHOWN_TAGS_BYTES)


def write_arrays(z: Zjob, arrays: tuple[ArrayRow, ...]) -> None:
    if arrays:
        z.counts = [number for row in arrays for number in (row.first, row.count, row.ended)]


def read_arrays(z: Zjob) -> tuple[ArrayRow, ...]:
    numbers = list(z.counts)
    if len(numbers) % 3 or any(number < 0 for number in numbers):
        raise ValueError("not the counts of arrays")
    return tuple(map(ArrayRow, numbers[::3], numbers[1::3], numbers[2::3]))


def write_running_row(z: Zjob, row: RunningRow) -> None:
    write_shown_job(z, row.job, "running")
    write_worker(z, row.worker)
    z.delegatetm = row.started_ns
    z.cancelled = row.cancelling
    z.suspect = row.suspect
    z.paused = row.paused


def read_running_row(z: Zjob) -> RunningRow:
    return RunningRow(read_job(z), read_worker(z), z.delegatetm, z.cancelled, z.suspect, z.paused)


def write_finished_row(z: Zjob, row: FinishedRow) -> None:
    result = row.ended.result
    write_ended(z, replace(row.ended, result=replace(result, problem=result.problem[:SHOWN_BYTES])))
    z.commands = [row.argv[:SHOWN_BYTES]]
    z.folder = row.folder[:SHOWN_BYTES]


def read_finished_row(z: Zjob) -> FinishedRow:
    return FinishedRow(read_command(z), read_folder(z), read_ended(z))
