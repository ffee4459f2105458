"""What records are in a journal's tables: statements, each with its rows, in the order to run them.

Pure, and the one place that knows how a record is written: a store begins a transaction, runs
them, and commits. A batch of records may hold much of one job's story; what comes of it is what
its records say in their order. Nothing is read here: what a statement must look up, it does.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from typing import Any, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from goq.adapters.store import output_rows as outputs
from goq.adapters.store.rows_apart import (
    BLOB,
    CAME,
    DROP_BLOB,
    EPOCH,
    NO_WORKER,
    PAUSED,
    PIECE,
    SKIPPED,
    STRAY,
    UNMARK,
    Place,
    digest_of,
    item_rows,
    parts,
    place_row,
    rows_apart,
    stray_row,
)
from goq.adapters.store.rules import KEY, LIMIT, rule_row
from goq.adapters.store.statements import (
    CLOSE,
    ENDED,
    EVENT_COLUMNS,
    LATE_EVENT,
    NO_PART,
    NOT_HELD,
    PLACE,
    RESET,
    RESULT,
    STARTED,
    SUBMISSION,
)
from goq.core.state.records import (
    Altered,
    BlobAdded,
    BlobsDropped,
    CancelRequested,
    Checkpoint,
    CountersReset,
    EpochBegun,
    Held,
    HeldRestored,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    KeySet,
    LimitSet,
    OutputReserved,
    OutputSaved,
    PartRestored,
    PastRestored,
    Paused,
    QueueRestored,
    RangeEnded,
    Record,
    Released,
    ResultRefused,
    StrayEnded,
    SubmissionRestored,
)
from goq.core.state.submissions import NO_PAST
from goq.core.values.ids import JobId
from goq.core.values.items import items_text
from goq.core.values.job import NOBODY, By, Claim
from goq.core.values.ranges import runs
from goq.core.values.result import Result
from goq.core.values.room import grant_text
from goq.core.values.terms import terms_text

CANCEL_EVENT, HELD_EVENT, RELEASED_EVENT = "cancel requested", "held", "released"
ALTERED_EVENT, AGAIN_EVENT = "altered", "again"

Row = tuple[Any, ...]
Write = tuple[str, Sequence[Row]]  # a statement, and the rows to run it with

ENVIRONMENT = "INSERT INTO environment (sha256, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
_TERMS = "INSERT INTO terms (json) VALUES (?) ON CONFLICT DO NOTHING"
_ITEM = "INSERT INTO item VALUES (?, ?, ?)"
_HERE = "UPDATE submission SET here = here + ? WHERE nonce = ?"
_SIGNAL = "UPDATE live SET signal = ? WHERE job = ?"
_GRANTED = "INSERT INTO granted VALUES (?, ?, ?)"
_GONE = "DELETE FROM live WHERE job >= ? AND job < ?"
_HELD = "INSERT INTO held VALUES (?, ?)"
_RETRIED = "INSERT INTO retried VALUES (?, ?, ?)"
_PART = "INSERT INTO part VALUES (?, ?, ?)"
_EVENT = f"INSERT INTO event ({EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT = "UPDATE meta SET value = value + ? WHERE key = ?"
_ORDER = (
    *(ENVIRONMENT, EPOCH, SKIPPED, UNMARK, STRAY, _TERMS, BLOB, SUBMISSION),
    *(_ITEM, _RETRIED, _HERE, PIECE, CAME),
    *(PLACE, _GRANTED, _SIGNAL, PAUSED, STARTED, _GONE, _EVENT, LATE_EVENT, RESULT, ENDED, *CLOSE.values()),
    *(
        outputs.START,
        outputs.WRITTEN,
        outputs.SAVED,
        outputs.SAVED_APART,
        LIMIT,
        KEY,
        RESET,
        _COUNT,
        *DROP_BLOB,
    ),
)


class _Batch(Struct):
    """What is to be written in one transaction, by what is done with it, in the order of the records."""

    seq: int
    environments: Container[bytes]
    writes: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    interned: set[tuple[str, bytes | str]] = set()
    places: dict[JobId, Place] = {}
    signals: dict[JobId, int] = {}
    pauses: dict[JobId, bool] = {}
    started: list[JobId] = []
    gone: dict[str, list[JobId]] = {}  # by how
    gone_ranges: dict[str, list[tuple[JobId, JobId]]] = {}
    at_ns: int = 0  # of the latest start or end
    endings: dict[str, int] = {}
    holds: list[Write] = []  # in the order of the records


def rows(
    records: Iterable[Record], last_event: int, environments: Container[bytes] = ()
) -> tuple[list[Write], int]:
    """What to write for the records, and the number of the last event then.

    Environments with these digests are kept already. New ones are the first thing to be written.
    """
    writes: list[Write] = []
    for part in parts(records):
        some, last_event = _rows(part, last_event, environments)
        writes += some
    return writes, last_event


def _rows(
    records: Iterable[Record], last_event: int, environments: Container[bytes]
) -> tuple[list[Write], int]:
    batch = _Batch(last_event, environments)
    for record in records:
        _add(record, batch)
    writes = batch.writes
    if batch.places:
        writes[PLACE] = list(map(place_row, batch.places.values()))
    if batch.signals:
        writes[_SIGNAL] = [(signal, job) for job, signal in batch.signals.items()]
    if batch.pauses:  # of what was given in this batch as well
        writes[PAUSED] = [(on, job) for job, on in batch.pauses.items()]
    when = (batch.seq, batch.at_ns)
    if batch.started:
        writes[STARTED] = [(*run, *when) for run in runs(sorted(batch.started))]
    for how in batch.gone.keys() | batch.gone_ranges.keys():
        gone = [*runs(sorted(batch.gone.get(how, ()))), *batch.gone_ranges.get(how, ())]
        writes[_GONE] += gone
        writes[CLOSE[how]] = [(*run, *when) for run in gone]
    if batch.endings:
        writes[_COUNT] = [(count, f"{kind}_count") for kind, count in batch.endings.items()]
    ordered = [(statement, writes[statement]) for statement in _ORDER if statement in writes]
    return ordered + batch.holds, batch.seq


def _add(record: Record, batch: _Batch) -> None:
    match record:
        case JobDelegated():
            _add_delegated(record, batch)
        case JobFinished():
            _add_end(record, batch)
        case RangeEnded():
            _add_ends(record, batch)
        case JobsSubmitted():
            _add_submission(record, batch)
        case ItemsAdded(submission, first, lines):
            batch.writes[_ITEM] += item_rows(first, lines)
            batch.writes[_HERE].append((len(lines), submission))
        case BlobAdded() | BlobsDropped() | EpochBegun() | QueueRestored():
            for statement, row in rows_apart(record):
                batch.writes[statement].append(row)
        case JobRequeued():
            _add_requeued(record, batch)
        case CancelRequested(job, signal, at_ns, by):
            _add_signal(job, signal, batch)
            _happened(batch, (job, JobId(job + 1)), CANCEL_EVENT, at_ns, by=by, reason=str(signal))
        case Paused(job, on, at_ns, by):
            batch.pauses[job] = on
            _happened(batch, (job, JobId(job + 1)), "paused" if on else "resumed", at_ns, by=by, reason="")
        case ResultRefused(claim, status, at_ns):
            _event(batch, claim, "result refused", at_ns, reason=f"exit status {status}")
            batch.writes[LATE_EVENT].append(batch.writes[_EVENT].pop())
        case Held() | Released():
            _add_hold(record, batch)
        case Altered():
            _add_altered(record, batch)
        case KeySet() | LimitSet():
            batch.seq += isinstance(record, LimitSet)
            statement, row = rule_row(record, batch.seq)
            batch.writes[statement].append(row)
        case CountersReset():
            batch.endings.clear()
            batch.writes[RESET] = [(batch.seq,)]
        case StrayEnded():
            batch.writes[STRAY].append(stray_row(record))
        case OutputReserved():
            batch.writes[outputs.START].append(outputs.start_row(record))
        case OutputSaved():
            statement, row = outputs.saved_row(record)
            batch.writes[statement].append(row)
        case Checkpoint() | SubmissionRestored() | HeldRestored() | PartRestored() | PastRestored():
            raise AssertionError("made when a journal is read, never written")
        case _:
            assert_never(record)


def _add_delegated(record: JobDelegated, batch: _Batch) -> None:
    claim, worker = record.claim, record.worker
    more = batch.places[claim.job].more if claim.job in batch.places else NO_PAST
    more, granted = replace(more, not_before_ns=0), grant_text(record.grant).decode()
    batch.places[claim.job] = Place(claim, worker, record.at_ns, 0, more, granted)
    batch.started.append(claim.job)
    batch.at_ns = max(batch.at_ns, record.at_ns)
    if granted:
        batch.writes[_GRANTED].append((claim.job, claim.attempt, granted))
    _event(batch, claim, "delegated", record.at_ns, host=worker.host, pid=worker.pid)


def _add_hold(record: Held | Released, batch: _Batch) -> None:
    is_held, reason = isinstance(record, Held), record.reason if isinstance(record, Held) else ""
    statements, kind = ((_HELD,), HELD_EVENT) if is_held else (NOT_HELD, RELEASED_EVENT)
    batch.holds += ((statement, record.ranges[::-1]) for statement in statements)
    for run in record.ranges:
        _happened(batch, run, kind, record.at_ns, by=record.by, reason=reason)


def _add_submission(record: JobsSubmitted, batch: _Batch) -> None:
    what = record.submission
    origin = what.origin
    digest = digest_of(origin.environment)
    if digest not in batch.environments:
        _intern(ENVIRONMENT, (digest, origin.environment), batch)
    terms = terms_text(what.terms).decode() or None
    if terms is not None:
        _intern(_TERMS, (terms,), batch)
    for blob in record.lacks:
        batch.writes[BLOB].append((blob, 0))
    blobs = (origin.script or None, origin.stdin or None, len(record.lacks))
    here = what.count - record.to_come
    which = (what.first, what.count, what.count, here, what.nonce, what.at_ns, origin.folder, origin.physical)
    command = (what.argv or None, items_text(what.items) or None, what.has_lines)
    batch.seq += 1
    batch.writes[SUBMISSION].append((*which, digest, origin.submitter, terms, *blobs, *command, batch.seq))
    if what.terms.held:
        batch.holds.append((_HELD, [(what.first, what.end)]))
    if record.lines:
        batch.writes[_ITEM] += item_rows(what.first, record.lines)
    if record.again:
        _add_again(record, batch)


def _add_again(record: JobsSubmitted, batch: _Batch) -> None:
    what, at = record.submission, record.submission.first
    for first, end in record.again:
        batch.writes[_RETRIED].append((at, first, end))
        at = JobId(at + end - first)
    reason = f"of job {record.again[0][0]}"
    _happened(batch, (what.first, what.end), AGAIN_EVENT, what.at_ns, by=record.by, reason=reason)


def _intern(statement: str, row: Row, batch: _Batch) -> None:
    """Write what is kept once, whoever has it, once."""
    if (statement, row[0]) not in batch.interned:
        batch.interned.add((statement, row[0]))
        batch.writes[statement].append(row)


def _add_requeued(record: JobRequeued, batch: _Batch) -> None:
    claim = record.claim
    more = batch.places[claim.job].more if claim.job in batch.places else NO_PAST
    more = more.and_one_more(record.counts_as, record.not_before_ns, record.at_ns)
    batch.places[claim.job] = Place(claim, at_ns=record.at_ns, more=more)
    batch.signals.pop(claim.job, None)
    batch.pauses.pop(claim.job, None)
    result = record.result
    where = (result.host, result.pid) if result else ("", 0)
    _event(batch, claim, "requeued", record.at_ns, host=where[0], pid=where[1], reason=record.reason)
    if result:
        unsaved = None if result.is_elsewhere else record.output
        _add_result(batch, claim, None, result, unsaved, record.output_length)


def _add_signal(job: JobId, signal: int, batch: _Batch) -> None:
    if job in batch.places:
        batch.places[job].signal = signal
    else:
        batch.signals[job] = signal


def _add_end(record: JobFinished, batch: _Batch) -> None:
    ended, at_ns = record.ended, record.at_ns
    job, result, kind = ended.job, ended.result, ended.ending.value
    claim = Claim(ended.epoch, job, ended.attempt, NO_WORKER.id)
    _event(batch, claim, kind, at_ns, host=result.host, pid=result.pid, reason=result.problem)
    unsaved = result.output if result.output_sha256 and not result.streamed else None
    _add_result(batch, claim, kind, result, unsaved, result.output_length)
    batch.places.pop(job, None)
    batch.signals.pop(job, None)
    batch.pauses.pop(job, None)
    batch.gone.setdefault(ended.state.value, []).append(job)
    batch.at_ns = max(batch.at_ns, at_ns)
    _count(kind, 1, batch)
    if ended.has_failed:
        _count("failed", 1, batch)


def _add_result(
    batch: _Batch, claim: Claim, ending: str | None, result: Result, unsaved: bytes | None, length: int
) -> None:
    """How the attempt ended that the latest event is about, and what of its output is not in a file yet.

    In all it leaves so many bytes in that file.
    """
    how = (
        claim.job,
        claim.epoch.number,
        claim.attempt,
        ending,
        result.exit_code,
        result.signal,
        result.problem,
    )
    where = (result.host, result.pid, result.started_ns, result.ended_ns, result.cpu_s, result.peak_kib)
    output = (result.output_length, result.output_sha256, result.cause, batch.seq, unsaved)
    batch.writes[RESULT].append((*how, *where, *output))
    if result.files:
        batch.writes[outputs.WRITTEN] += outputs.written_rows(claim, result, length)


def _add_ends(record: RangeEnded, batch: _Batch) -> None:
    """Jobs that ended while they waited, all in one way."""
    one = record.ended(record.ranges[0][0])
    kind, result = one.ending.value, one.result
    for run in record.ranges:
        seq = _happened(batch, run, kind, record.at_ns, reason=record.reason, by=record.by)
        batch.writes[ENDED].append((*run, seq, kind, result.exit_code, result.signal, record.reason))
    batch.gone_ranges.setdefault(one.state.value, []).extend(record.ranges)
    batch.at_ns = max(batch.at_ns, record.at_ns)
    batch.holds += ((statement, record.ranges[::-1]) for statement in NOT_HELD)
    _count(kind, record.count, batch)
    if one.has_failed:
        _count("failed", record.count, batch)


def _add_altered(record: Altered, batch: _Batch) -> None:
    text = terms_text(record.terms).decode()
    batch.holds += ((statement, record.ranges[::-1]) for statement in NO_PART)
    batch.holds.append((_PART, [(*run, text) for run in record.ranges]))
    for run in record.ranges:
        _happened(batch, run, ALTERED_EVENT, record.at_ns, by=record.by, reason=text)


def _count(kind: str, jobs: int, batch: _Batch) -> None:
    batch.endings[kind] = batch.endings.get(kind, 0) + jobs


def _event(
    batch: _Batch, claim: Claim, kind: str, at_ns: int, *, host: str = "", pid: int = 0, reason: str = ""
) -> None:
    """Something that happened to an attempt."""
    batch.seq += 1
    what = (batch.seq, claim.job, claim.job + 1, kind, claim.epoch.number, claim.attempt, claim.worker)
    batch.writes[_EVENT].append((*what, host, pid, at_ns, "", reason))


def _happened(
    batch: _Batch, jobs: tuple[JobId, JobId], kind: str, at_ns: int, *, reason: str, by: By = NOBODY
) -> int:
    """Something that happened to a range of jobs, whatever their attempts; its number."""
    first, end = jobs
    seq = batch.seq + 1
    batch.seq += end - first
    batch.writes[_EVENT].append((seq, first, end, kind, 0, 0, "", by.host, by.pid, at_ns, by.owner, reason))
    return seq
