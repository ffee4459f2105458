"""How an attempt ended, in a line under its output and in its result."""

import hashlib
import signal

from goq.core.values.result import Result
from goq.core.worker.events import Stopped
from goq.core.worker.instructions import Collect


def epitaph(collect: Collect) -> str:
    """The line that goes under the output of a job that did not end well; "" for one that did."""
    how = collect.how
    if how.problem:
        words = how.problem
    elif collect.told:
        words = f"cancelled, ended by {_signal_name(how.signal)}" if how.signal else "cancelled"
    elif how.signal:
        words = f"ended by {_signal_name(how.signal)}"
    elif how.exit_code:
        words = f"exit status {how.exit_code}"
    else:
        return ""
    return f"goq: {collect.name}: {words}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def result_of(how: Stopped, host: str, output: bytes) -> Result:
    """How the attempt ended, with an output that is short."""
    return Result(
        exit_code=how.exit_code,
        signal=how.signal,
        problem=how.problem,
        host=host,
        pid=how.pid,
        started_ns=how.started_ns,
        ended_ns=how.ended_ns,
        cpu_s=how.cpu_s,
        peak_kib=how.peak_kib,
        output=output,
        output_length=len(output),
        output_sha256=hashlib.sha256(output).digest(),
        cause=how.cause,
    )


def killed_before(number: int, at_ns: int) -> Stopped:
    """The end of an attempt that was killed by that signal before it could begin."""
    return Stopped(0, at_ns, 0, number, "", at_ns, 0.0, 0)
