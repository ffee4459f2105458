"""Mistakes in what is kept of what running jobs use."""

from mistakes.fault import Fault

FILE, WORKERS = "core/board/uses.py", "core/dispatch/workers.py"
FAULTS = [
    Fault(
        "an old look is a new one",
        FILE,
        "        if past_s <= 0:\n            return\n",
        "        past_s = past_s or 1\n",
    ),
    Fault(
        "cpus are those since the beginning",
        FILE,
        "step.cpu_s - self._now.cpu_s) / past_s",
        "step.cpu_s) / past_s",
    ),
    Fault("the most memory is that of now", FILE, "if step.resident_kib >= self._most_kib:", "if True:"),
    Fault(
        "a step has the memory of its end",
        FILE,
        "self._kib[-1] = max(self._kib[-1], step.resident_kib)",
        "self._kib[-1] = step.resident_kib",
    ),
    Fault("steps stay as short as they were", FILE, "        self._every *= 2\n", ""),
    Fault(
        "the last step begins anew when steps grow",
        FILE,
        "self._in_last += self._every if count % 2 == 0 else 0",
        "self._in_last = 1",
    ),
    Fault(
        "of two steps the first is kept",
        FILE,
        "self._at_ns = self._at_ns[1::2] +",
        "self._at_ns = self._at_ns[: count - 1 : 2] +",
    ),
    Fault(
        "the last of an odd number is lost",
        FILE,
        "slice(count - 1, count) if count % 2 else slice(0, 0)",
        "slice(0, 0)",
    ),
    Fault("a job has as many steps as it has looks", FILE, "if len(curve) > self._each:", "if False:"),
    Fault("all have as many steps as they like", FILE, "while self.steps > self._in_all:", "while False:"),
    Fault(
        "who has few steps gives some up",
        FILE,
        "            if len(curve) > share:\n",
        "            if len(curve) > 1:\n",
    ),
    Fault(
        "steps of what is over count", FILE, "            self.steps -= len(curve)\n", "            pass\n"
    ),
    Fault(
        "another attempt goes on with the curve",
        FILE,
        "if curve is None or curve.claim != running.claim:",
        "if curve is None:",
    ),
    Fault(
        "what an earlier attempt used is shown",
        FILE,
        "if curve and len(curve) and curve.claim == running.claim",
        "if curve and len(curve)",
    ),
    Fault("steps are shown that nobody wants", FILE, "strict=True) if steps else ()", "strict=True)"),
    Fault(
        "what ended jobs used is kept",
        "core/dispatch/moves.py",
        "            self.uses.drop(job)\n",
        "            pass\n",
    ),
    Fault(
        "a look is of when it was told",
        WORKERS,
        "at_ns = now.wall_ns - round(used.age_s * NS)",
        "at_ns = now.wall_ns",
    ),
    Fault(
        "the load of who is silent is known",
        "core/dispatch/machines.py",
        'state not in ("suspect", "lost") else None',
        "state else None",
    ),
]
