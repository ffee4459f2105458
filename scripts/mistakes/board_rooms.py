"""Mistakes in core/board/rooms.py."""

from mistakes.fault import Fault

FILE = "core/board/rooms.py"
FAULTS = [
    Fault(
        "what is taken is free",
        FILE,
        "return self.holds(name) - self.taken[name]",
        "return self.holds(name)",
    ),
    Fault(
        "a GPU is given twice",
        FILE,
        "        left.subtract(gpu for grant in self.grants.values() for gpu in grant.gpus)\n",
        "",
    ),
    Fault(
        "GPUs of another worker are given",
        FILE,
        "if gpu not in self.refused]",
        "]",
    ),
    Fault(
        "GPUs of another worker are counted",
        FILE,
        "return sum(gpu not in self.refused for gpu in self.offer.gpus)",
        "return len(self.offer.gpus)",
    ),
    Fault(
        "after a restart all GPUs are free",
        FILE,
        "Grant(need_of(running.job.terms), running.job.gpus)",
        "Grant(need_of(running.job.terms))",
    ),
    Fault(
        "a worker that is gone keeps its GPUs",
        FILE,
        "if room and (room.grants or now_s - room.heard_s <= ABSENT_S):",
        "if room:",
    ),
    Fault(
        "a second worker takes the GPUs of the first",
        FILE,
        "if room and (room.grants or now_s - room.heard_s <= ABSENT_S):",
        "if room and room.grants:",
    ),
    Fault(
        "an offer that changes is not heard",
        FILE,
        "        room.offer = offer\n",
        "        room.offer = offer if room.offer is ANYTHING else room.offer\n",
    ),
]
