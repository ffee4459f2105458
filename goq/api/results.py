"""How a job ended, as programs and people read it."""

from msgspec import Struct

from goq.core.values.result import OUT, Ended
from goq.core.values.states import JobState


class Result(Struct, frozen=True):
    """How a job ended.

    `job` is its number and `state` one of done, failed, cancelled, lost and skipped. `status` is what `goq wait`
    exits with: 0 only for done; 128+n when signal n ended it, 124 when its time was up, 137 when it had too much memory,
    143 when it was cancelled, 255 when it was lost or skipped. `exit_code` and `signal` are the last attempt's own. `cause` is
    why goq ended it: "time", "memory", "spool", "output", or "". `problem` is a sentence about that, or "".

    Of the last attempt, which is number `attempt`, 0 if there was none: `host` and `pid`; `started_at` and `ended_at` in
    seconds since 1970, `started_at` 0.0 if it never started; `elapsed_s` and `cpu_s` in seconds, `memory_bytes` the most that
    a process of it had, 0 if that is not known; `output_bytes` and `output_sha256` (hexadecimal, "" for none) of what it wrote.
    """

    job: int
    state: str
    status: int
    exit_code: int = 0
    signal: int = 0
    cause: str = ""
    problem: str = ""
    attempt: int = 0
    host: str = ""
    pid: int = 0
    started_at: float = 0.0
    ended_at: float = 0.0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    memory_bytes: int = 0
    output_bytes: int = 0
    output_sha256: str = ""
    output_file: str = ""

    @property
    def is_good(self) -> bool:
        """It ended well."""
        return self.status == 0

    @property
    def has_failed(self) -> bool:
        """It failed, or was lost: it ended badly, and nobody had asked for that."""
        return self.state in (JobState.FAILED.value, JobState.LOST.value)


def result_of(ended: Ended) -> Result:
    """The same as the core has it."""
    result = ended.result
    return Result(
        ended.job,
        ended.state.value,
        ended.status,
        result.exit_code,
        result.signal,
        result.cause,
        result.problem,
        ended.attempt,
        result.host,
        result.pid,
        result.started_ns / 1e9,
        result.ended_ns / 1e9,
        ended.elapsed_s,
        result.cpu_s,
        result.peak_kib * 1024,
        result.output_length,
        result.output_sha256.hex(),
        result.file(OUT),
    )
