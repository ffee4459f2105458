"""How an attempt ended, and how a job did. Pure values, all frozen."""

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from goq.core.values.ids import NO_EPOCH, Epoch, JobId
from goq.core.values.states import JobState

OUT, ERR = 1, 2  # the streams of a job
STREAMS = {OUT: "out", ERR: "err"}
FOLDERS_FROM, FOLDER_JOBS = 1_000_000, 10_000  # from that number on, so many outputs are in a folder
Files = tuple[
    tuple[int, str], ...
]  # by stream, the paths of named ones; below the server's folder, or absolute

Starts = dict[JobId, dict[int, int]]  # where in its file a job's output begins, from that attempt on

OutputKey = tuple[JobId, int, int]  # job, attempt, stream

INLINE_OUTPUT_BYTES = 64 * 1024

CANCELLED_STATUS = 143  # as if by SIGTERM: of what was cancelled, however it ended then

UNKNOWN_STATUS = 255

DAMAGED_STATUS = 74  # of a job that ended well and whose output is not what it wrote; EX_IOERR

SIGTERM, SIGKILL = 15, 9

NOT_STARTED_STATUS = 125  # of a job whose folder is nowhere

TIME_STATUS, MEMORY_STATUS = 124, 137  # of a job that ended well although its time was up, or it had too much

FOLDER_TROUBLE, NODE_TROUBLE = "folder", "node"  # what the host of an attempt that never started lacks
BEGUN = "begun"  # in place of what it lacks: of an attempt that was started, and is handed back,
OUTLIVED = "lifetime"  # since the lifetime of its worker is over

# Why a job was ended that nobody asked to be: its time was up, it had more memory than it asked for,
# what it wrote could not be kept, or not be put into the file that it was for.
TIME, MEMORY, SPOOL, OUTPUT = "time", "memory", "spool", "output"
CAUSES = ("", TIME, MEMORY, SPOOL, OUTPUT)
OVERRUNS = (TIME, MEMORY)  # the job's own doing, on whichever host


def output_name(job: JobId, stream: int = OUT) -> str:
    """The file of what a job writes, in the server's folder for outputs, where its submitter named none."""
    if job < FOLDERS_FROM:
        return f"{STREAMS[stream]}.{job:05d}"
    return f"{job // FOLDER_JOBS}/{STREAMS[stream]}.{job}"


class Apart(Struct, frozen=True, gc=False):
    """What an attempt wrote into its second stream; `output` is all of it, or it was streamed before."""

    output: bytes
    length: int
    sha256: bytes

    @property
    def streamed(self) -> bool:
        """It went ahead in chunks."""
        return self.length > len(self.output)


class Result(Struct, frozen=True, gc=False):
    """How an attempt ended, and what it cost.

    `exit_code` counts when `signal` is 0. `problem` says why the command could not be
    started (`pid` is 0 then), why it was ended (`cause` is one of CAUSES then) or what has become of its
    output, and is empty otherwise. `output` is the whole output when it is short; a longer
    one (`output_length` > len(output)) was streamed before. `peak_kib` is the largest
    resident set of a process of the job, 0 when it is not known. `err` is what it wrote into its
    second stream, where that was wanted apart; `files` are those that have names of their own.
    """

    exit_code: int = 0
    signal: int = 0
    problem: str = ""
    host: str = ""
    pid: int = 0
    started_ns: int = 0
    ended_ns: int = 0
    cpu_s: float = 0.0
    peak_kib: int = 0
    output: bytes = b""
    output_length: int = 0
    output_sha256: bytes = b""
    cause: str = ""
    err: Apart | None = None
    files: Files = ()

    @property
    def status(self) -> int:
        """The exit status as a shell gives it: 128+n for a job that signal n ended."""
        return 128 + self.signal if self.signal else self.exit_code

    @property
    def streamed(self) -> bool:
        """The output went ahead in chunks, and is not in this value."""
        return self.output_length > len(self.output)

    @property
    def is_long(self) -> bool:
        """Some stream of it went ahead in chunks."""
        return self.streamed or (self.err is not None and self.err.streamed)

    @property
    def size(self) -> int:
        """How many bytes of output are in this value."""
        return len(self.output) + (len(self.err.output) if self.err else 0)

    def file(self, stream: int = OUT) -> str:
        """The name that the submitter gave the stream's file; "" where the rule has one for it."""
        return next((path for each, path in self.files if each == stream), "")

    @property
    def is_elsewhere(self) -> bool:
        """The output is in a file of the attempt's own host."""
        return bool(self.files) and self.file().startswith("/")

    @property
    def without_bytes(self) -> "Result":
        """The same without the outputs."""
        if not self.size:
            return self
        err = replace(self.err, output=b"") if self.err else None
        return replace(self, output=b"", err=err)


def damaged(result: Result, how: str) -> Result:
    """The result when the output is not what the job wrote: never a success."""
    problem = result.problem or f"its output was damaged: {how}"
    return replace(result, exit_code=result.exit_code if result.status else DAMAGED_STATUS, problem=problem)


class Reserved(Struct, frozen=True, gc=False):
    """Where an output is whose file has a name of its own; it leaves `end` as that file's, once it has ended."""

    key: OutputKey
    path: str
    start: int
    end: int | None = None


class Ending(Enum):
    """The kinds of final state."""

    FINISHED = "finished"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # what it waited for ended otherwise than it was to
    LOST = "lost"  # its worker vanished, and it must not or may not be run again


class Ended(Struct, frozen=True, gc=False):
    """The final state of a job, by the attempt of an epoch. Cancelled while it waited: attempt 0, of none."""

    job: JobId
    attempt: int
    ending: Ending
    result: Result
    epoch: Epoch = NO_EPOCH

    @property
    def status(self) -> int:
        """The exit status that `goq wait` gives."""
        if self.ending in (Ending.LOST, Ending.SKIPPED):
            return UNKNOWN_STATUS
        if self.ending is Ending.CANCELLED:
            return CANCELLED_STATUS
        return self.result.status

    @property
    def is_good(self) -> bool:
        """It came to its end, and to a good one."""
        return self.ending is Ending.FINISHED and self.result.status == 0

    @property
    def has_failed(self) -> bool:
        """It came to its end, and not to a good one."""
        return self.ending is Ending.FINISHED and self.result.status != 0

    @property
    def state(self) -> JobState:
        """Where it is for ever."""
        if self.ending is Ending.FINISHED:
            return JobState.FAILED if self.has_failed else JobState.DONE
        return JobState(self.ending.value)

    @property
    def words(self) -> str:
        """How it ended, for a sentence about the job."""
        match self.ending:
            case Ending.CANCELLED:
                return "was cancelled"
            case Ending.LOST:
                return "is lost"
            case Ending.SKIPPED:
                return "was skipped"
        if self.result.signal:
            return f"was ended by signal {self.result.signal}"
        return f"failed with exit status {self.status}" if self.status else "ended well"

    @property
    def is_bad(self) -> bool:
        """It ended, not to a good end, and nobody had asked for that."""
        return self.ending is Ending.LOST or self.has_failed

    @property
    def elapsed_s(self) -> float:
        """How long the last attempt ran, in seconds; 0 for a job that never did."""
        result = self.result
        return (result.ended_ns - result.started_ns) / 1e9 if self.attempt and result.started_ns else 0.0


def unstarted(ending: Ending, reason: str, ended_ns: int) -> Result:
    """How a job ended that was not running, and why."""
    exit_code = {Ending.FINISHED: NOT_STARTED_STATUS, Ending.SKIPPED: UNKNOWN_STATUS}.get(ending, 0)
    signal = SIGKILL if ending is Ending.LOST else 0
    return Result(exit_code, signal, reason, ended_ns=ended_ns)
