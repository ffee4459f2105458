"""Mistakes in core/dispatch/workers.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/workers.py"
FAULTS = [
    Fault(
        "the same attempt of another epoch is taken for known",
        FILE,
        "(ended.epoch, ended.attempt) != (claim.epoch, claim.attempt)",
        "ended.attempt != claim.attempt",
    ),
    Fault(
        "a stale result is accepted when the job has ended",
        FILE,
        "if ended is None or (ended.epoch, ended.attempt) != (claim.epoch, claim.attempt):",
        "if ended is None:",
    ),
    Fault(
        "late results are not counted",
        FILE,
        "self._counts.stale_results += 1",
        "pass",
    ),
    Fault(
        "the dispatcher counts no other workers",
        FILE,
        "lanes.count(worker.host), len(self._state.jobs_of_worker))",
        "lanes.count(worker.host), 1)",
    ),
    Fault(
        "what is returned stays where it is",
        FILE,
        "            if running:\n                self._refusals.returned(",
        "            if running and returned.trouble:\n                self._refusals.returned(",
    ),
    Fault(
        "anybody may return a job",
        FILE,
        "running = self._state.held_by(returned.claim)",
        "running = self._state.running.get(returned.claim.job)",
    ),
    Fault(
        "the output of a stray is refused",
        FILE,
        "is None and not self._state.is_stray(chunk.claim):",
        "is None:",
    ),
    Fault(
        "a cancelled job whose delegation was lost runs until its lease ends",
        FILE,
        '                end(self._moves, running, HandedBack(), "never started", now, outcome)\n',
        "                pass\n",
    ),
    Fault(
        "repeated results are recorded as late",
        FILE,
        "        if self._state.held_by(claim) or claim in self._moves.heard:\n            return True\n",
        "        return self._state.held_by(claim) is not None\n",
    ),
    Fault(
        "a result is refused when it is told again, and its job is tried again",
        FILE,
        " or claim in self._moves.heard:",
        ":",
    ),
    Fault(
        "only what was heard is wanted",
        "core/dispatch/workers.py",
        "        if self._state.held_by(claim) or claim in self._moves.heard:",
        "        if claim in self._moves.heard:",
    ),
]
