"""Mistakes in core/dispatch/ends.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/ends.py"
FAULTS = [
    Fault(
        "kills are not looked at",
        FILE,
        "killed=is_killed)",
        "killed=False)",
    ),
    Fault(
        "a kill ends a job by another signal",
        FILE,
        "signal=running.kill_signal or SIGKILL",
        "signal=SIGKILL",
    ),
    Fault(
        "poison is not named",
        FILE,
        "more or why",
        "why",
    ),
    Fault(
        "it does not wait before another attempt",
        FILE,
        "        moves.gates.pause(claim.job, now.attended_s + again.backoff_s)\n",
        "        moves.gates.pause(claim.job, now.attended_s)\n",
    ),
    Fault(
        "after a restart it does not wait",
        FILE,
        "0 if again.held else at_ns + round(again.backoff_s * NS)",
        "0",
    ),
    Fault(
        "after a restart it waits too long",
        FILE,
        "round(again.backoff_s * NS)",
        "round(2 * again.backoff_s * NS)",
    ),
    Fault(
        "what is held is not",
        FILE,
        "        _hold(moves, claim.job, why if again.held else REMOVED, now, outcome)\n",
        "        moves.gates.pause(claim.job, now.attended_s)\n",
    ),
    Fault(
        "results that are told twice are refused",
        FILE,
        "    moves.hear(claim)\n",
        "",
    ),
    Fault(
        "no failure ends an array",
        FILE,
        "    if job.terms.max_fails or moves.state.parts:\n",
        "    if False:\n",
    ),
    Fault(
        "failures that stay are counted from one",
        FILE,
        "running.past.failures, again",
        "0, again",
    ),
    Fault(
        "a worker says where outputs are",
        FILE,
        "            if running.files or result.err or result.files:\n",
        "            if running.files or result.err:\n",
    ),
    Fault(
        "errors are kept that nobody wanted apart",
        FILE,
        "    if not result.file(ERR) or is_absolute(result.file(ERR)):\n",
        "    if is_absolute(result.file(ERR)):\n",
    ),
    Fault(
        "an output is kept that is at its own host",
        FILE,
        "if result.is_elsewhere else result",
        "if result.err else result",
    ),
]
