"""What a slot knows of the job that it has in hand."""

import signal

from msgspec import Struct

from goq.adapters.executor import Stopped
from goq.adapters.spool import Spool
from goq.core.model import Claim, Job, Result
from goq.core.text import show_command, show_folder
from goq.roles.calls import Call
from goq.roles.delivery import Delivery


class Work(Struct):
    """One attempt, from its delegation until the server has its result. Times are monotonic."""

    claim: Claim
    job: Job
    spool: Spool
    delivery: Delivery
    beat_at: float
    pid: int = 0
    started_ns: int = 0
    told: int = 0  # the signal that the server wanted it killed with
    lost: bool = False
    beat: Call | None = None

    @property
    def name(self) -> str:
        """The job for people."""
        return (
            f"job {self.job.id}: '{show_command(self.job.argv)}' in '{show_folder(self.job.origin.folder)}'"
        )

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
        return f"goq: {self.name}: {how}"

    def result(self, stopped: Stopped, host: str) -> Result:
        """How the attempt ended, but for its output."""
        return Result(
            exit_code=stopped.exit_code,
            signal=stopped.signal,
            problem=stopped.problem,
            host=host,
            pid=self.pid,
            started_ns=self.started_ns or stopped.at_ns,
            ended_ns=stopped.at_ns,
            cpu_s=stopped.cpu_s,
            peak_kib=stopped.peak_kib,
        )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
