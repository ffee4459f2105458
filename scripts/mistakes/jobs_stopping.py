"""Mistakes in adapters/jobs/stopping.py, and in how the time of a paused job is counted."""

from mistakes.fault import Fault

FILE = "adapters/jobs/stopping.py"
BOUNDS = "adapters/jobs/bounds.py"
SHEPHERD = "adapters/jobs/shepherd.py"
FAULTS = [
    Fault("one look is enough", FILE, "            if here == self._seen:\n", "            if True:\n"),
    Fault("what the job had stopped goes on", FILE, "if pid not in self._before", "if True"),
    Fault("nothing is stopped", FILE, "                signal_all(running, signal.SIGSTOP)\n", ""),
    Fault("what is stopped stays so", FILE, "signal.SIGCONT)", "0)"),
    Fault("the time goes on", BOUNDS, "            self._begun_s += now_s - self._paused_s\n", ""),
    Fault("what is paused is due", BOUNDS, "due_s if self._paused_s is None else NEVER", "due_s"),
    Fault("a warning comes again", BOUNDS, "self._signal, 0, NEVER", "self._signal, self._signal, NEVER"),
    Fault(
        "a paused job hears of no kill",
        SHEPHERD,
        "        if job.pause.is_on:  # what is stopped hears nothing\n",
        "        if False:\n",
    ),
    Fault("a job without a limit gets none", SHEPHERD, "        job.watch.allow(limit_s)\n", ""),
]
