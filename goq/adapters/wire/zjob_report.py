"""What workers say and are told, as it travels: the rows of reports and orders, in MessagePack.

They are many, and written and read for each few jobs, so these two have a form of their own. Places, epochs and
origins stand in it once, and rows name them by their number. What a reader finds must keep the bounds below.
"""

from sys import float_info
from typing import Annotated, Any, TypeVar

from msgspec import DecodeError, Meta, Struct, msgpack
from msgspec.structs import replace

from goq.adapters.wire.zjob import (
    NAME_LIMIT,
    PROBLEM_LIMIT,
    ROWS_LIMIT,
    SHA256_BYTES,
    SIGNAL_LIMIT,
    Zjob,
    check,
    checked_argv,
    checked_folder,
    read_queue,
    read_worker,
    read_worker_id,
    write_worker,
)
from goq.core.messages import (
    AGE_LIMIT_S,
    TESTIMONY,
    Batch,
    Done,
    Held,
    Orders,
    Report,
    Returned,
    Signal,
    Steer,
    Used,
)
from goq.core.values.beside import beside_text, read_beside
from goq.core.values.blobs import join_blobs, split_blobs
from goq.core.values.ids import DRAW_BITS, Environment, Epoch, JobId, QueueId, WorkerId
from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, Origin, Task
from goq.core.values.result import (
    BEGUN,
    CAUSES,
    FOLDER_TROUBLE,
    INLINE_OUTPUT_BYTES,
    NODE_TROUBLE,
    OUTLIVED,
    Result,
)
from goq.core.values.room import ANYTHING, NO_GRANT, grant_text, offer_text, read_grant, read_offer
from goq.core.values.terms import MOMENT_LIMIT_NS, read_terms, terms_text

PLACES_LIMIT = 4096  # of one worker
HELD_LIMIT = 65_536  # attempts that it has
EPOCHS_LIMIT = 1000
TROUBLES = ("", FOLDER_TROUBLE, NODE_TROUBLE, BEGUN, OUTLIVED)
_INT64 = 2**63 - 1

_Index = Annotated[int, Meta(ge=0, lt=HELD_LIMIT)]
_Above0 = Annotated[int, Meta(ge=1, le=_INT64)]
_From0 = Annotated[int, Meta(ge=0, le=_INT64)]
_Any = Annotated[int, Meta(ge=-_INT64 - 1, le=_INT64)]
_Signal = Annotated[int, Meta(ge=0, le=SIGNAL_LIMIT)]
_Moment = Annotated[int, Meta(ge=0, le=MOMENT_LIMIT_NS)]
_Seconds = Annotated[float, Meta(ge=0, le=float_info.max)]
_CpuSeconds = Annotated[float, Meta(ge=0, le=1e12)]
_Age = Annotated[float, Meta(ge=0, le=AGE_LIMIT_S)]
_Kib = Annotated[int, Meta(ge=0, le=2**50)]
_Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
_Host = Annotated[str, Meta(max_length=NAME_LIMIT + 1)]  # behind a sign, or none: that of the report
_Problem = Annotated[str, Meta(max_length=PROBLEM_LIMIT)]
_Draw = Annotated[int, Meta(ge=0, le=(1 << DRAW_BITS) - 1)]
_Wants = Annotated[int, Meta(ge=0, le=ROWS_LIMIT)]

_Claim = tuple[_Index, _Above0, _Above0, _Index]  # a place, a job, an attempt, an epoch
_Course = tuple[bool, bool, _Seconds, bool]
_Result = tuple[
    Annotated[int, Meta(ge=0, le=255)],
    _Signal,
    _Problem,
    _Host,
    _From0,
    _Moment,
    _Moment,
    _CpuSeconds,
    _Kib,
    bytes,
    _From0,
    Annotated[bytes, Meta(max_length=SHA256_BYTES)],
    Annotated[int, Meta(ge=0, lt=len(CAUSES))],
    bytes,
]
_Back = tuple[_Claim, Annotated[int, Meta(ge=0, lt=len(TROUBLES))], _Problem]
_Places = Annotated[tuple[_Name, ...], Meta(max_length=PLACES_LIMIT)]
_Epochs = Annotated[tuple[tuple[_Above0, _Draw], ...], Meta(max_length=EPOCHS_LIMIT)]
T = TypeVar("T")
_Rows = Annotated[tuple[T, ...], Meta(max_length=ROWS_LIMIT)]
_Many = Annotated[tuple[T, ...], Meta(max_length=HELD_LIMIT)]


class _Report(Struct, array_like=True, forbid_unknown_fields=True):
    """`held` are attempts with whether they are on; of those in `told` there is more to say."""

    serial: _From0
    places: _Places
    epochs: _Epochs
    held: _Many[tuple[_Index, _Above0, _Above0, _Index, bool]]
    told: _Many[tuple[_Index, _Signal, _Course]]
    ended: _Rows[tuple[_Claim, _Result]]
    returned: _Rows[_Back]
    wants: Annotated[tuple[tuple[_Index, _Wants], ...], Meta(max_length=PLACES_LIMIT)]
    patience_s: _Seconds
    load: _Seconds
    used: _Many[tuple[_Claim, _CpuSeconds, _Kib, _Age]]
    in_use_kib: _Kib
    started_ns: _From0


_Origin = tuple[bytes, bytes, _Name, bytes, bytes]
_Task = tuple[_Above0, _Any, _Any, _Any, _From0, bytes, bool]
_Job = tuple[_Above0, _Above0, _Index, bytes, _Any, _From0, bytes, _Task | None, bytes]


class _Orders(Struct, array_like=True, forbid_unknown_fields=True):
    places: _Places
    epochs: _Epochs
    refused: _Rows[_Claim]
    origins: _Rows[_Origin]
    run: _Many[tuple[_Index, _Index, _Many[_Job]]]  # for a place, of an origin
    signals: _Many[tuple[_Claim, _Signal, bool]]
    steer: _Many[tuple[_Claim, _Course]]
    leave: bool


_ENCODE = msgpack.Encoder().encode
_READ_REPORT = msgpack.Decoder(_Report).decode
_READ_ORDERS = msgpack.Decoder(_Orders).decode


class _Names:
    """Numbers for the places and epochs of a message, as it is written."""

    def __init__(self, worker: WorkerId) -> None:
        self._worker = worker
        self._places: dict[WorkerId, int] = {}
        self._epochs: dict[tuple[int, int], int] = {}

    def place(self, place: WorkerId) -> int:
        return self._places.setdefault(place, len(self._places))

    def epoch(self, epoch: Epoch) -> int:
        return self._epochs.setdefault((epoch.number, epoch.draw), len(self._epochs))

    def claim(self, claim: Claim) -> _Claim:
        return self.place(claim.worker), claim.job, claim.attempt, self.epoch(claim.epoch)

    def places(self) -> tuple[str, ...]:
        """What each place's id has behind that of its worker."""
        if not all(place.startswith(self._worker) for place in self._places):
            raise ValueError("a place is called after its worker")
        return tuple(place[len(self._worker) :] for place in self._places)

    def epochs(self) -> tuple[tuple[int, int], ...]:
        return tuple(self._epochs)


class _Known:
    """The places and epochs of a message, as it is read."""

    def __init__(self, worker: WorkerId, queue: QueueId, rows: _Report | _Orders) -> None:
        self.places = [WorkerId(worker + behind) for behind in rows.places]
        check(all(len(place) <= NAME_LIMIT for place in self.places), "too long an id of a place")
        self.epochs = [Epoch(queue, number, draw) for number, draw in rows.epochs]

    def claim(self, claim: _Claim) -> Claim:
        place, job, attempt, epoch = claim
        return Claim(self.epochs[epoch], JobId(job), attempt, self.places[place])


def _decoded(read: Any, value: bytes) -> Any:
    try:
        return read(value)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


# --- reports -------------------------------------------------------------------------------


def write_report(z: Zjob, report: Report) -> None:
    worker = report.worker
    write_worker(z, worker)
    z.offer = offer_text(report.offer)
    names = _Names(worker.id)
    held = [(*names.claim(each.claim), each.is_on) for each in report.held]
    told = [
        (at, each.told, _course_row(each.course))
        for at, each in enumerate(report.held)
        if each.told or each.course is not STRAIGHT_ON
    ]
    ended = [(names.claim(done.claim), _result_row(done.result, worker.host)) for done in report.ended]
    returned = [
        (names.claim(each.claim), TROUBLES.index(each.trouble), each.problem) for each in report.returned
    ]
    wants = [(names.place(place), count) for place, count in report.wants]
    used = [(names.claim(each.claim), each.cpu_s, each.resident_kib, each.age_s) for each in report.used]
    machine = (report.in_use_kib, report.started_ns)
    what = (held, told, ended, returned, wants, report.patience_s, report.load, used)
    z.value = _ENCODE((report.serial, names.places(), names.epochs(), *what, *machine))


def read_report(z: Zjob) -> Report:
    worker, offer = read_worker(z), read_offer(bytes(z.offer)) if z.offer else ANYTHING
    rows = _decoded(_READ_REPORT, bytes(z.value))
    claims = bool(rows.epochs)
    known = _Known(worker.id, read_queue(z) if claims else QueueId(b""), rows)
    try:
        report = Report(
            worker,
            rows.serial,
            offer,
            _read_held(rows, known),
            tuple(Done(known.claim(claim), _read_result(row, worker.host)) for claim, row in rows.ended),
            tuple(
                Returned(known.claim(claim), TROUBLES[trouble], problem)
                for claim, trouble, problem in rows.returned
            ),
            tuple((known.places[place], count) for place, count in rows.wants),
            rows.patience_s,
            rows.load,
            tuple(Used(known.claim(claim), *used) for claim, *used in rows.used),
            rows.in_use_kib,
            rows.started_ns,
        )
    except IndexError as error:
        raise ValueError("a row names what the message has not") from error
    _check_news(report)
    return report


def _read_held(rows: _Report, known: _Known) -> tuple[Held, ...]:
    places, epochs = known.places, known.epochs
    held = [
        Held(Claim(epochs[epoch], JobId(job), attempt, places[place]), is_on)
        for place, job, attempt, epoch, is_on in rows.held
    ]
    for at, told, course in rows.told:
        held[at] = replace(held[at], told=told, course=_read_course(course))
    return tuple(held)


def _check_news(report: Report) -> None:
    ended = report.ended
    check(len(ended) + len(report.returned) <= ROWS_LIMIT, "too many jobs at once")
    if report.serial == TESTIMONY:
        check(bool(ended) and not (report.held or report.returned or report.wants), "no testimony")
    is_alone = report.serial == TESTIMONY and len(ended) == 1
    check(
        is_alone or not any(done.result.is_long for done in ended),
        "a result whose output was streamed comes alone",
    )
    check(all(not each.problem for each in report.returned if not each.trouble), "a problem without trouble")


def _course_row(course: Course) -> _Course:
    return course.paused, course.back, course.time_limit_s, course.followed


def _read_course(course: _Course) -> Course:
    return Course(*course)


def _result_row(result: Result, host: str) -> _Result:
    beside = beside_text(result) if result.err or result.files else b""
    return (
        result.exit_code,
        result.signal,
        result.problem,
        "" if result.host == host else f"={result.host}",
        result.pid,
        result.started_ns,
        result.ended_ns,
        result.cpu_s,
        result.peak_kib,
        result.output,
        result.output_length,
        result.output_sha256,
        CAUSES.index(result.cause),
        beside,
    )


def _read_result(row: _Result, host: str) -> Result:
    exit_code, signal, problem, told, pid, started_ns, ended_ns, cpu_s, peak_kib = row[:9]
    output, length, sha256, cause, beside = row[9:]
    check(len(output) <= length, "an output is shorter than its bytes")
    check(len(output) <= 2 * INLINE_OUTPUT_BYTES, "such an output is streamed")
    check(len(sha256) in (0, SHA256_BYTES), "not a SHA-256")
    err, files = read_beside(beside) if beside else (None, ())
    how = (exit_code, signal, problem, told[1:] if told else host, pid, started_ns, ended_ns, cpu_s, peak_kib)
    return Result(*how, output, length, sha256, CAUSES[cause], err, files)


# --- orders --------------------------------------------------------------------------------


def write_orders(z: Zjob, orders: Orders) -> None:
    z.workerId = orders.worker
    names = _Names(orders.worker)
    refused = list(map(names.claim, orders.refused))
    origins: dict[Origin, int] = {}
    run = [
        (
            names.place(batch.place),
            origins.setdefault(batch.jobs[0].origin, len(origins)) if batch.jobs else 0,
            [_job_row(job, names) for job in batch.jobs],
        )
        for batch in orders.run
    ]
    signals = [(names.claim(each.claim), each.signal, each.lost) for each in orders.signals]
    steer = [(names.claim(each.claim), _course_row(each.course)) for each in orders.steer]
    where = list(map(_origin_row, origins))
    what = (refused, where, run, signals, steer, orders.leave)
    z.value = _ENCODE((names.places(), names.epochs(), *what))


def read_orders(z: Zjob) -> Orders:
    worker = read_worker_id(z)
    rows = _decoded(_READ_ORDERS, bytes(z.value))
    known = _Known(worker, read_queue(z), rows)
    check(all(jobs for _, _, jobs in rows.run), "a batch of nothing")
    origins = [_read_origin(*origin) for origin in rows.origins]
    try:
        return Orders(
            worker,
            tuple(map(known.claim, rows.refused)),
            tuple(
                Batch(known.places[place], tuple(_read_job(job, origins[origin], known) for job in jobs))
                for place, origin, jobs in rows.run
            ),
            tuple(Signal(known.claim(claim), signal, lost) for claim, signal, lost in rows.signals),
            tuple(Steer(known.claim(claim), _read_course(course)) for claim, course in rows.steer),
            rows.leave,
        )
    except IndexError as error:
        raise ValueError("a row names what the message has not") from error


def _origin_row(origin: Origin) -> _Origin:
    blobs = join_blobs(origin.script, origin.stdin) if origin.blobs else b""
    return origin.folder, origin.environment, origin.submitter, origin.physical, blobs


def _read_origin(folder: bytes, environment: bytes, submitter: str, physical: bytes, blobs: bytes) -> Origin:
    for path in (folder, physical) if physical else (folder,):
        checked_folder(path)
    return Origin(folder, Environment(environment), submitter, physical, *split_blobs(blobs))


def _job_row(job: Job, names: _Names) -> _Job:
    # What it was behind is over.
    terms = replace(job.terms, after=()) if job.terms.after else job.terms
    task = job.task
    told: _Task | None = None
    if task is not None:
        told = (task.array, task.number, task.first, task.last, task.step, task.line, task.is_array)
    grant = b"" if job.grant is NO_GRANT else grant_text(job.grant)
    past = job.submitted_ns, job.crashes
    return job.id, job.attempts, names.epoch(job.epoch), job.argv, *past, terms_text(terms), told, grant


def _read_job(row: _Job, origin: Origin, known: _Known) -> Job:
    job, attempt, epoch, argv, submitted_ns, crashes, terms, told, grant = row
    task = Task(JobId(told[0]), *told[1:]) if told else None
    past = (submitted_ns, attempt, crashes)
    own = read_grant(grant) if grant else NO_GRANT
    which = known.epochs[epoch]
    return Job(JobId(job), checked_argv(argv), origin, *past, read_terms(terms), which, task, own)
