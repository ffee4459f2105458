"""Finds a part of what a job has written: in the journal as long as it is there alone, else in its file."""

import os
from pathlib import Path

from msgspec.structs import replace

from goq.adapters.files.below import open_below
from goq.adapters.reasons import reason_of
from goq.adapters.store.archive import Archive
from goq.adapters.store.queries_logs import Kept
from goq.core.values.ids import JobId
from goq.core.values.logs import GIVEN_UP, LENGTH_LIMIT, AskLog, LogPart
from goq.core.values.named import is_absolute
from goq.core.values.text import printable
from goq.errors import RequestRefused
from goq.roles.reader.eyes import Eyes


def log_part(archive: Archive, outputs: Path, ask: AskLog, eyes: Eyes) -> LogPart:
    """The part that is asked for. Raises JobUnknown, RequestRefused and TooSlow."""
    with archive.log_book() as book:
        job = book.job(JobId(ask.job))
        eyes.require(job.shown, job.origin.owner, job.terms.group)
        attempt = book.attempt(job.id, ask.attempt)
        kept = book.kept(job.id, attempt.number, ask.stream) if attempt.number else Kept("")
    if kept is None:
        raise RequestRefused(f"job {job.shown} has its errors with its output; --err names a file for them")
    task = job.task
    which = (task.array, task.number) if task and task.is_array else (0, 0)
    part = LogPart(job.id, attempt, kept.path, name=job.terms.name, array=which[0], item=which[1])
    return part if not kept.path or is_absolute(kept.path) else _filled(part, kept, outputs, ask)


def _filled(part: LogPart, kept: Kept, outputs: Path, ask: AskLog) -> LogPart:
    """The same with the bytes, as far as they are there."""
    if part.at.ending == GIVEN_UP:
        return replace(part, trouble="what it wrote was lost with its worker")
    fileno, trouble = -1, ""
    try:
        fileno = open_below(str(outputs), kept.path, os.O_RDONLY)
    except OSError as error:
        trouble = f"its file cannot be read at the server: {printable(kept.path)}: {reason_of(error)}"
    try:
        return _read(part, kept, fileno, ask, trouble)
    finally:
        if fileno >= 0:
            os.close(fileno)


def _read(part: LogPart, kept: Kept, fileno: int, ask: AskLog, trouble: str) -> LogPart:
    size = max(0, (os.fstat(fileno).st_size if fileno >= 0 else 0) - kept.start)
    in_file = min(size, kept.limit - kept.start) if kept.limit is not None else size
    # Nobody knows how long the output of a lost attempt was; of one that runs, the server does, if it was here then.
    if ask.upto == LENGTH_LIMIT:
        unsaid = in_file if part.at.ending or not kept.is_mixed else 0
    else:
        unsaid = in_file if part.at.ending else ask.upto
    length = unsaid if kept.length is None else kept.length
    offset = max(0, length + ask.offset) if ask.offset < 0 else ask.offset
    end = min(length, offset + ask.limit)
    beside_from = kept.total - len(kept.beside) if kept.beside else length
    data = b""
    if fileno >= 0 and offset < min(end, beside_from):
        data = os.pread(fileno, min(end, beside_from) - offset, kept.start + offset)
    if offset + len(data) >= beside_from:
        data += kept.beside[max(0, offset - beside_from) : max(0, end - beside_from)]
    if data or end <= offset or not part.at.ending:
        trouble = ""
    elif not trouble:
        trouble = f"its file at the server has been cut: {printable(kept.path)}"
    return replace(part, offset=offset, data=data, length=length, trouble=trouble)
