"""One job of a run that was kept: what it, the server and its workers said of it, amid what was done to them."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from faults.timeline import NAME, stamp
from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.ids import JobId

_AROUND = timedelta(seconds=6)  # so long before the first attempt, and after the last
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})?")
_CONTACT = re.compile(r"\(trying on\)|is there again|listening for jobs|looking for work|\bsignal\b")
_LONGEST = 200
_EVENTS = (
    "SELECT at_ns, kind, attempt, worker, pid, reason FROM event WHERE job <= ? AND next > ? ORDER BY seq"
)

Line = tuple[datetime, str]


def explain(room: Path, job: int) -> str:
    """All lines of that time, in order: ** is of the job itself, -- what was done to whom."""
    journal = next(room.glob("head*/.goq/journal.sqlite"), None)
    if journal is None or not (room / NAME).exists():
        raise LookupError(f"{room} is no room of a run that was kept: it lacks a journal, or {NAME}")
    database = sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)
    try:
        own = [*_events(database, job), *_log_of_job(database, job, room)]
    finally:
        database.close()
    if not own:
        raise LookupError(f"job {job} has not been begun")
    first, last = min(own)[0] - _AROUND, max(own)[0] + _AROUND
    others = [*_faults(room), *_logs(room, job)]
    lines = sorted([*own, *(line for line in others if first <= line[0] <= last)], key=lambda line: line[0])
    return "\n".join(f"{_clock(at)} {text[:_LONGEST]}" for at, text in lines)


def _events(database: sqlite3.Connection, job: int) -> Iterator[Line]:
    for at_ns, kind, attempt, worker, pid, reason in database.execute(_EVENTS, (job, job)):
        who = f" {worker} pid {pid}" if worker else ""
        yield _time(stamp(at_ns)), f"** journal: attempt {attempt} {kind}{who} {reason}"


def _log_of_job(database: sqlite3.Connection, job: int, room: Path) -> Iterator[Line]:
    """The job's own words, whose times count from the start of the machine."""
    known = SubmissionReader(database).job(JobId(job))
    if known is None:
        raise LookupError(f"job {job} is not in the journal")
    words = (room / NAME).read_text().split(maxsplit=3)
    began = _time(" ".join(words[:2])) - timedelta(seconds=float(words[2]))
    path = room / "joblogs" / known.argv.split(b"\0")[2].decode()
    at = began
    for line in path.read_text().splitlines() if path.exists() else ():
        more = line.split()[3:]
        at = began + timedelta(seconds=float(more[0])) if more else at  # an overlap is seen at a start
        yield at, f"** the job: {line}"


def _faults(room: Path) -> Iterator[Line]:
    for line in (room / NAME).read_text().splitlines():
        day, hour, _, text = line.split(maxsplit=3)
        yield _time(f"{day} {hour}"), f"-- {text}"


def _logs(room: Path, job: int) -> Iterator[Line]:
    """What servers and workers said of the job, and of each other."""
    named = re.compile(rf"\bjob {job}\b")
    for path in sorted(room.glob("*.log")):
        for line in path.read_text("utf-8", "replace").splitlines() if path.name != NAME else ():
            at = _STAMP.match(line)
            if at and (named.search(line) or _CONTACT.search(line)):
                yield _time(at[0]), f"{path.stem}: {line.partition('] ')[2]}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(at: datetime) -> str:
    """Logs tell whole seconds, and stand at the beginning of theirs."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}" if at.microsecond else f"{at:%H:%M:%S}    "
