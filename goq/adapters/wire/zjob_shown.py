"""What people are shown, in the fields of a Zjob: rows of a snapshot, and what became of what they asked."""

from itertools import accumulate
from typing import assert_never

from msgspec.structs import replace

from goq.adapters.wire.zjob import (
    PROBLEM_LIMIT,
    Zjob,
    bounded_text,
    read_command,
    read_ended,
    read_folder,
    read_job,
    read_job_id,
    read_outputs,
    read_worker,
    write_ended,
    write_job,
    write_worker,
)
from goq.core.messages import (
    AckCancel,
    ArrayRow,
    CancelAnswer,
    FinishedRow,
    JobNotKnown,
    Refused,
    RunningRow,
    Snapshot,
)
from goq.core.messages.people import ROWS_EACH
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


def write_snapshot(z: Zjob, snapshot: Snapshot) -> None:
    z.out = [f"{key}={value}" for key, value in snapshot.counters.items()]
    z.folder = snapshot.outputs
    z.troubles = list(snapshot.troubles)
    write_arrays(z, snapshot.arrays)
    rows = z.init("jobs", len(snapshot.running) + len(snapshot.waiting) + len(snapshot.finished))
    for at, running in enumerate(snapshot.running):
        write_running_row(rows[at], running)
    for at, job in enumerate(snapshot.waiting, start=len(snapshot.running)):
        write_shown_job(rows[at], job, "waiting")
    for at, finished in enumerate(snapshot.finished, start=len(snapshot.running) + len(snapshot.waiting)):
        write_finished_row(rows[at], finished)


def read_snapshot(z: Zjob) -> Snapshot:
    counters = (line.partition("=") for line in z.out)
    if len(z.jobs) > 3 * ROWS_EACH:
        raise ValueError("too many rows")
    rows: dict[str, list[Zjob]] = {"running": [], "waiting": [], "ended": []}
    for row in z.jobs:
        rows[row.state if row.state in ("running", "waiting") else "ended"].append(row)
    return Snapshot(
        {key: int(value) if value.isdecimal() else value for key, _, value in counters},
        tuple(read_running_row(row) for row in rows["running"]),
        tuple(read_job(row) for row in rows["waiting"]),
        tuple(read_finished_row(row) for row in rows["ended"]),
        read_outputs(z),
        tuple(bounded_text(line, "a trouble", PROBLEM_LIMIT) for line in z.troubles),
        read_arrays(z),
    )
