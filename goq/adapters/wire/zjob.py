"""How our values lie in the fields of a Zjob: one writer and one reader for each.

A reader checks what it reads against the bounds below and raises ValueError; whoever calls
it turns that into the peer's fault. Nothing here knows which message the Zjob is.
"""

import math
from typing import Any

from msgspec.structs import replace

from goq.adapters.wire.draws import DRAW_BYTES, WHOSE_BYTES, draw_bytes, read_draw
from goq.core.messages import Goodbye
from goq.core.values.beside import beside_text, read_beside
from goq.core.values.blobs import join_blobs, split_blobs
from goq.core.values.ids import NO_EPOCH, QUEUE_BYTES, Argv, Environment, Epoch, JobId, QueueId, WorkerId
from goq.core.values.job import NOBODY, By, Claim, Job, Origin, Task, Worker
from goq.core.values.result import CAUSES, OUTLIVED, Ended, Ending, Result
from goq.core.values.room import NO_GRANT, grant_text, read_grant
from goq.core.values.terms import Terms, read_terms, terms_text

# pycapnp has no types for the structs that it builds from a schema.
Zjob = Any

NAME_LIMIT = 256
FOLDER_LIMIT = 16 * 1024
COMMANDS_LIMIT = 100_000  # of a message
LIST_LIMIT = 10_000_000  # of a submission
SHA256_BYTES = 32
SERIAL_BYTES = 8
SIGNAL_LIMIT = 127
PROBLEM_LIMIT = 4096
ROWS_LIMIT = 1000  # of a worker's message, and of the answer to it


def check(claim: bool, complaint: str) -> None:
    """Raises ValueError with that complaint."""
    if not claim:
        raise ValueError(complaint)


def bounded_text(text: str, what: str, limit: int = NAME_LIMIT) -> str:
    """The text, if it is not longer than the limit."""
    check(len(text) <= limit, f"{what} is too long")
    return text


def read_job_id(z: Zjob) -> JobId:
    """The job that the message is about."""
    job = z.aboutjid
    check(job > 0, "a job id is a positive number")
    return JobId(job)


def read_seconds(seconds: float) -> float:
    """A duration: finite and not negative."""
    check(math.isfinite(seconds) and seconds >= 0, "a duration is finite and not negative")
    return seconds


def write_worker(z: Zjob, worker: Worker) -> None:
    z.workerId = worker.id
    z.host = worker.host
    z.pid = worker.pid


def read_worker(z: Zjob) -> Worker:
    return Worker(read_worker_id(z), bounded_text(z.host, "a host name"), z.pid)


def write_by(z: Zjob, by: By) -> None:
    """Who asks for it."""
    if by != NOBODY:
        z.owner = by.owner
        z.host = by.host
        z.pid = by.pid


def read_by(z: Zjob) -> By:
    return By(bounded_text(z.owner, "a user's name"), bounded_text(z.host, "a host name"), z.pid)


def read_worker_id(z: Zjob) -> WorkerId:
    """The id of the worker that the message is about."""
    worker = z.workerId
    check(0 < len(worker) <= NAME_LIMIT, "a worker needs an id")
    return WorkerId(worker)


def read_queue(z: Zjob) -> QueueId:
    """The queue of all claims in the message."""
    queue = bytes(z.queue)
    check(len(queue) in (WHOSE_BYTES, WHOSE_BYTES + DRAW_BYTES), "not the id of a queue")
    return QueueId(queue[:QUEUE_BYTES])


def write_claim(z: Zjob, claim: Claim) -> None:
    """A claim on the message's queue."""
    _write_claim_of(z, claim)
    z.workerId = claim.worker


def _write_claim_of(z: Zjob, claim: Claim) -> None:
    """A claim of the message's worker."""
    _write_attempt(z, claim.job, claim.attempt)
    write_epoch(z, claim.epoch)


def _write_attempt(z: Zjob, job: JobId, attempt: int) -> None:
    z.aboutjid = job
    z.attempt = attempt


def read_claim(z: Zjob) -> Claim:
    return read_claim_of(z, read_worker_id(z), read_queue(z))


def read_claim_of(z: Zjob, worker: WorkerId, queue: QueueId) -> Claim:
    """The claim of a row in a message of this worker about this queue."""
    attempt = z.attempt
    check(attempt > 0, "attempts count from 1")
    return Claim(_read_epoch(z, queue), read_job_id(z), attempt, worker)


def _read_epoch(z: Zjob, queue: QueueId) -> Epoch:
    """When an attempt was given."""
    check(z.epoch > 0, "epochs count from 1")
    told = bytes(z.queue)
    check(len(told) in (DRAW_BYTES, WHOSE_BYTES + DRAW_BYTES), "an attempt has a draw")
    return Epoch(queue, z.epoch, read_draw(told[-DRAW_BYTES:]))


def write_epoch(z: Zjob, epoch: Epoch) -> None:
    """When the attempt was given. Behind what the message, if it is one, says of who speaks."""
    z.epoch = epoch.number
    z.queue = bytes(z.queue) + draw_bytes(epoch)


def read_rows(z: Zjob) -> list[Zjob]:
    """The rows of a message of a worker, or of an answer to it."""
    rows = z.jobs
    check(len(rows) <= ROWS_LIMIT, "too many jobs at once")  # before they are read: they may be empty
    return list(rows)


def read_kept(z: Zjob) -> tuple[JobId, ...]:
    """Ids of jobs that the message names beside its rows."""
    check(len(z.kept) <= ROWS_LIMIT, "not a list of job ids")
    kept = tuple(z.kept)
    check(all(job > 0 for job in kept), "not a list of job ids")
    return kept


def write_goodbye(z: Zjob, bye: Goodbye) -> None:
    write_worker(z, bye.worker)
    z.value = bye.serial.to_bytes(SERIAL_BYTES, signed=True)
    if bye.outlived:
        z.trouble = OUTLIVED


def read_goodbye(z: Zjob) -> Goodbye:
    check(z.trouble in ("", OUTLIVED), "no such trouble")
    serial = int.from_bytes(bytes(z.value), signed=True)
    check(len(z.value) == SERIAL_BYTES and serial >= 0, "serials count from 1")
    return Goodbye(read_worker(z), outlived=bool(z.trouble), serial=serial)


def write_job(z: Zjob, job: Job, argv: bytes) -> None:
    """A job without its origin, and with so much of its command."""
    _write_attempt(z, job.id, job.attempts)
    z.commands = [argv]
    z.subtime = job.submitted_ns
    z.crashes = job.crashes
    # What it was behind is over.
    write_terms(z, replace(job.terms, after=()) if job.terms.after else job.terms)
    if job.task is not None:
        _write_task(z, job.task, job.id)
    if job.grant is not NO_GRANT:
        z.grant = grant_text(job.grant)


def _write_task(z: Zjob, task: Task, job: JobId) -> None:
    z.arrayid = task.array
    z.taskLast = task.last
    if task.is_array:  # of a list the rest follows from that
        z.taskNumber = task.number
        z.taskFirst = task.first
        z.taskStep = task.step
        if task.line:
            z.line = task.line
    elif task.number != job - task.array + 1:  # of a list some of which is run again
        z.taskNumber = task.number


def _read_task(z: Zjob, job: JobId) -> Task | None:
    array = z.arrayid
    if not array:
        return None
    step = z.taskStep
    check(array > 0 and step >= 0, "no task of an array")
    if not step:
        return Task(JobId(array), z.taskNumber or job - array + 1, 1, z.taskLast, is_array=False)
    return Task(JobId(array), z.taskNumber, z.taskFirst, z.taskLast, step, bytes(z.line))


def read_lines(z: Zjob) -> tuple[bytes, ...]:
    """Lines of a list, or commands."""
    lines = z.commands
    check(len(lines) <= COMMANDS_LIMIT, "too many lines in a message")
    return tuple(map(bytes, lines))


def checked_argv(argv: bytes) -> Argv:
    """A command, which has a program."""
    check(bool(argv) and argv[0] != 0, "a command needs a program")
    return Argv(argv)


def read_command(z: Zjob) -> Argv:
    """The one command of a row."""
    check(len(z.commands) == 1, "not one command")
    return checked_argv(bytes(z.commands[0]))


def read_folder(z: Zjob) -> bytes:
    """An absolute path."""
    return checked_folder(bytes(z.folder))


def read_outputs(z: Zjob) -> bytes:
    """The folder for outputs, or b"" where it is not told."""
    return checked_folder(bytes(z.folder)) if z.folder else b""


def checked_folder(folder: bytes) -> bytes:
    """The path, if it may be that of a job's folder."""
    check(folder.startswith(b"/") and b"\0" not in folder, "a job's folder is an absolute path")
    check(len(folder) <= FOLDER_LIMIT, "a job's folder has too long a path")
    return folder


def write_origin(z: Zjob, origin: Origin) -> None:
    z.folder = origin.folder
    z.environment = origin.environment
    z.submitaddr = origin.submitter
    if origin.physical:
        z.physical = origin.physical
    if origin.script or origin.stdin:
        z.blobs = join_blobs(origin.script, origin.stdin)


def read_origin(z: Zjob) -> Origin:
    submitter = bounded_text(z.submitaddr, "a submitter's name")
    physical = bytes(z.physical)
    if physical:
        checked_folder(physical)
    environment = Environment(bytes(z.environment))
    return Origin(read_folder(z), environment, submitter, physical, *split_blobs(bytes(z.blobs)))


def write_terms(z: Zjob, terms: Terms) -> None:
    text = terms_text(terms)
    if text:
        z.terms = text


def read_signal(number: int) -> int:
    """A signal's number, or 0 for none."""
    check(0 <= number <= SIGNAL_LIMIT, "no such signal")
    return number


def read_job(z: Zjob) -> Job:
    """A row of a snapshot, with an origin of its own. It is nobody's claim."""
    return _read_job(z, read_origin(z), NO_EPOCH)


def _read_job(z: Zjob, origin: Origin, epoch: Epoch) -> Job:
    argv, terms = read_command(z), read_terms(bytes(z.terms))
    grant = read_grant(bytes(z.grant)) if z.grant else NO_GRANT
    job, past = read_job_id(z), (z.subtime, z.attempt, z.crashes)
    return Job(job, argv, origin, *past, terms, epoch, _read_task(z, job), grant)


def write_result(z: Zjob, result: Result) -> None:
    z.exitStatus = result.exit_code
    z.signal = result.signal
    z.err = result.problem
    z.host = result.host
    z.pid = result.pid
    z.stm = result.started_ns
    z.etm = result.ended_ns
    z.elapsec = max(0, result.ended_ns - result.started_ns) // 1_000_000_000
    z.cpuSeconds = result.cpu_s
    z.peakKib = result.peak_kib
    z.output = result.output
    z.outputLength = result.output_length
    z.outputSha256 = result.output_sha256
    if result.cause:
        z.cause = CAUSES.index(result.cause)
    if result.err or result.files:
        z.value = beside_text(result)


def read_result(z: Zjob) -> Result:
    exit_code, signal = z.exitStatus, z.signal
    output, length, sha256 = bytes(z.output), z.outputLength, bytes(z.outputSha256)
    check(0 <= exit_code <= 255 and 0 <= signal <= SIGNAL_LIMIT, "no such exit status or signal")
    check(length >= len(output), "an output is shorter than its bytes")
    check(len(sha256) in (0, SHA256_BYTES), "not a SHA-256")
    check(z.cause < len(CAUSES), "no such cause")
    err, files = read_beside(bytes(z.value)) if z.value else (None, ())
    return Result(
        exit_code=exit_code,
        signal=signal,
        problem=bounded_text(z.err, "a problem", PROBLEM_LIMIT),
        host=bounded_text(z.host, "a host name"),
        pid=z.pid,
        started_ns=z.stm,
        ended_ns=z.etm,
        cpu_s=read_seconds(z.cpuSeconds),
        peak_kib=z.peakKib,
        output=output,
        output_length=length,
        output_sha256=sha256,
        cause=CAUSES[z.cause],
        err=err,
        files=files,
    )


def write_ended(z: Zjob, ended: Ended) -> None:
    """A final state, without the output: a field that is set twice leaves its first value's room in the frame."""
    write_result(z, ended.result.without_bytes)
    _write_attempt(z, ended.job, ended.attempt)
    z.cancelled = ended.ending is Ending.CANCELLED
    z.state = ended.ending.value


def read_ended(z: Zjob) -> Ended:
    check(z.attempt >= 0, "attempts count from 1")
    return Ended(read_job_id(z), z.attempt, Ending(z.state), read_result(z))
