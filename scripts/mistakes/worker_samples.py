"""Mistakes in what a worker says of what its jobs use."""

from mistakes.fault import Fault

FILE, USED, USE = "core/worker/conversation.py", "web/used.py", "views/use.py"
FAULTS = [
    Fault("a look is told again and again", FILE, "if told_s.get(sample.claim) != sample.at_s:", "if True:"),
    Fault("what has ended is told of", FILE, "            if each.claim in held\n", ""),
    Fault(
        "looks are told once more",
        FILE,
        "samples, self._samples = self._samples, {}",
        "samples = dict(self._samples)",
    ),
    Fault(
        "an age may be below 0",
        FILE,
        "min(max(0.0, now_s - each.at_s), AGE_LIMIT_S)",
        "min(now_s - each.at_s, AGE_LIMIT_S)",
    ),
    Fault(
        "an age has no end",
        FILE,
        "min(max(0.0, now_s - each.at_s), AGE_LIMIT_S)",
        "max(0.0, now_s - each.at_s)",
    ),
    Fault(
        "a curve ends at its last look",
        USED,
        "while at < len(points) - 1 and points[at].at < here_ns:",
        "while at < len(points) and points[at].at < here_ns:",
    ),
    Fault(
        "a step is of the look before it", USED, "points[at].at < here_ns:", "points[at + 1].at <= here_ns:"
    ),
    Fault(
        "cpus are divided by the time that has gone since",
        USE,
        "(used.at - row.started_at) / _NS if used.at",
        "(used.cpu_s) / _NS if used.at",
    ),
    Fault(
        "the most was always just now",
        USE,
        "or size(used.mem_bytes) == size(used.mem_peak_bytes)",
        "or used.mem_bytes",
    ),
]
