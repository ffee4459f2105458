"""What a slot knows of the job that it has in hand."""

import hashlib
import signal
from enum import Enum, auto

from msgspec import Struct

from goq.adapters.files.spool import Spool
from goq.adapters.jobs.executor import Stopped
from goq.core.values.job import Claim, Job
from goq.core.values.result import Result
from goq.core.values.text import show_command, show_folder
from goq.roles.client.calls import Call
from goq.roles.said.saying import about_claim
from goq.roles.worker.delivery import NEVER, STREAM_EVERY_S, Delivery

FIRST_BEAT_S = 0.05


class Phase(Enum):
    """Where a slot is in its round."""

    ASKING = auto()
    BUSY = auto()  # something runs, or has ended and is not confirmed
    LEAVING = auto()
    GONE = auto()


class Label(Struct, frozen=True):
    """An attempt for whoever reads the log: its `name` for people, the rest for programs."""

    name: str
    about: dict[str, int | str]


def label(job: Job, claim: Claim) -> Label:
    """What to call the attempt."""
    command, folder = show_command(job.argv), show_folder(job.origin.folder)
    about = about_claim(claim) | {"command": command, "folder": folder}
    return Label(f"job {job.id}: '{command}' in '{folder}'", about)


class Work(Struct):
    """One attempt, from its delegation until its result is on its way. Times are monotonic.

    `number` is the executor's; `begun_s` counts from when the jobs before it had ended.
    """

    claim: Claim
    job: Job
    label: Label
    spool: Spool
    number: int
    begun_s: float = NEVER
    beat_at: float = NEVER
    stream_at: float = NEVER
    delivery: Delivery | None = None  # of an output that does not go with the result
    told: int = 0  # the signal that the server wanted it killed with
    lost: bool = False
    ended: bool = False
    beat: Call | None = None

    def begin(self, now_s: float) -> None:
        """Nothing runs before it any more."""
        self.begun_s = now_s
        self.beat_at = now_s + FIRST_BEAT_S
        self.stream_at = now_s + STREAM_EVERY_S

    def next_deadline(self) -> float:
        """When there is something to do about it, as long as it runs or is delivered."""
        due = self.stream_at if self.delivery is None else self.delivery.next_deadline()
        return due if self.beat or self.is_reporting else min(due, self.beat_at)

    @property
    def is_reporting(self) -> bool:
        """The result itself is on its way."""
        return self.delivery is not None and self.delivery.is_reporting

    def epitaph(self, stopped: Stopped) -> str:
        """The line that goes under the output of a job that did not end well; "" for one that did."""
        if stopped.problem:
            how = stopped.problem
        elif self.told:
            how = f"cancelled, ended by {_signal_name(stopped.signal)}" if stopped.signal else "cancelled"
        elif stopped.signal:
            how = f"ended by {_signal_name(stopped.signal)}"
        elif stopped.exit_code:
            how = f"exit status {stopped.exit_code}"
        else:
            return ""
        return f"goq: {self.label.name}: {how}"

    def result(self, stopped: Stopped, host: str, output: bytes) -> Result:
        """How the attempt ended, with an output that is short."""
        return Result(
            exit_code=stopped.exit_code,
            signal=stopped.signal,
            problem=stopped.problem,
            host=host,
            pid=stopped.pid,
            started_ns=stopped.started_ns,
            ended_ns=stopped.ended_ns,
            cpu_s=stopped.cpu_s,
            peak_kib=stopped.peak_kib,
            output=output,
            output_length=len(output),
            output_sha256=hashlib.sha256(output).digest(),
        )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
