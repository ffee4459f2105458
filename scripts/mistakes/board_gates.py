"""Mistakes in core/board/gates.py."""

from mistakes.fault import Fault

FILE = "core/board/gates.py"
FAULTS = [
    Fault(
        "a moment outlives the attempt that it let begin",
        FILE,
        "            self.forget(job, JobId(job + 1))  # what has been tried has had its moment\n",
        "            self._later.discard(job, JobId(job + 1))\n",
    ),
    Fault(
        "half a list is ready",
        FILE,
        "        if not live.is_whole:\n            return []\n",
        "",
    ),
    Fault(
        "what has ended is ready",
        FILE,
        "self._state.waiting.between(max(first, live.first), min(end, live.end))",
        "[(max(first, live.first), min(end, live.end))]",
    ),
    Fault(
        "what is held is ready",
        FILE,
        "for gate in (self._state.held, self._later, self.ending, self.changing):\n            if gate:",
        "for gate in (self._later, self.ending, self.changing):\n            if gate:",
    ),
    Fault(
        "what is about to be held is ready",
        FILE,
        "for gate in (self._state.held, self._later, self.ending, self.changing):\n            if gate:",
        "for gate in (self._state.held, self._later, self.ending):\n            if gate:",
    ),
    Fault(
        "what is about to end is ready",
        FILE,
        "for gate in (self._state.held, self._later, self.ending, self.changing):\n            if gate:",
        "for gate in (self._state.held, self._later, self.changing):\n            if gate:",
    ),
    Fault(
        "a moment that has not come is none",
        FILE,
        "for gate in (self._state.held, self._later, self.ending, self.changing):\n            if gate:",
        "for gate in (self._state.held, self.ending, self.changing):\n            if gate:",
    ),
    Fault(
        "moments are forgotten at a restart",
        FILE,
        "                if terms.not_before_ns:\n",
        "                if False:\n",
    ),
    Fault(
        "half a list is shown",
        FILE,
        "for part in coming.outside(start, stop))",
        "for part in [(start, stop)])",
    ),
    Fault(
        "a moment comes late when the clock is set",
        FILE,
        "min(LOOK_S, (self._next_moments[0] - now.wall_ns) / NS)",
        "(self._next_moments[0] - now.wall_ns) / NS",
    ),
    Fault(
        "the loop sleeps through a new moment",
        FILE,
        "        self._later.append(first, end)\n        self._look_s = -math.inf\n",
        "        self._later.append(first, end)\n",
    ),
    Fault(
        "jobs that have ended wait for their moment",
        FILE,
        "        for moment in self._moments.values():\n            moment.discard(first, end)\n",
        "",
    ),
    Fault(
        "a pause is over when the server starts anew",
        FILE,
        "                self._later.add(job)  # until `pause` says for how long\n",
        "                pass\n",
    ),
    Fault(
        "a clock that was set makes a pause longer",
        FILE,
        "min(max(0.0, left_s), asked_s)",
        "max(0.0, left_s)",
    ),
    Fault(
        "a pause begins anew with the server",
        FILE,
        "min(max(0.0, left_s), asked_s)",
        "asked_s",
    ),
]
