"""Mistakes in core/dispatch/refusals.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/refusals.py"
FAULTS = [
    Fault(
        "trouble is no more than a job handed back",
        FILE,
        "            self._note(returned, running, now, outcome)\n",
        "",
    ),
    Fault(
        "a folder that is missing pauses the host",
        FILE,
        "        if returned.trouble == FOLDER_TROUBLE:\n            below",
        "        if False:\n            below",
    ),
    Fault(
        "the first host to be there speaks for all",
        FILE,
        "present if now.attended_s >= settled_s else set()",
        "present",
    ),
    Fault(
        "a host that has just come is never judged",
        FILE,
        "            self._judge_again.set(group, settled_s)\n",
        "            pass\n",
    ),
    Fault(
        "jobs that came after the refusals fail as well",
        FILE,
        "jobs = self._moves.lanes.take(group, below)",
        "jobs = self._moves.lanes.take(group, self._moves.state.next_job) if below else []",
    ),
    Fault(
        "all fail in one turn",
        FILE,
        "min(SLICE_JOBS, len(jobs))",
        "len(jobs)",
    ),
    Fault(
        "jobs fail only when nobody asks anything",
        FILE,
        "if not self._failing or now.attended_s < self._fail_at_s:",
        "if not self._failing or now.attended_s - asked_s < IDLE_S:",
    ),
    Fault(
        "a killed job fails once more",
        FILE,
        "waiting = filter(self._moves.state.waiting.__contains__, some)",
        "waiting = some",
    ),
    Fault(
        "people do not learn who refused",
        FILE,
        "for host, refusal in shut if refusal.below >= below",
        "for host, refusal in shut if refusal.below > below",
    ),
    Fault(
        "the loop sleeps while jobs are to be failed",
        FILE,
        "self._fail_at_s if self._failing else math.inf",
        "math.inf",
    ),
    Fault(
        "failing jobs have the machine for themselves",
        FILE,
        "(0.0 if is_idle else SLICE_EVERY_S)",
        "0.0",
    ),
]
