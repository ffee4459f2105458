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
        "        left.subtract(gpu for taken in self.places.values() for gpu in taken.grant.gpus)\n",
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
        "Taken(taken_by(running.job.need), running.job.grant)",
        "Taken(taken_by(running.job.need))",
    ),
    Fault(
        "a worker that is gone keeps its GPUs",
        FILE,
        "if room and (room.places or now_s - room.heard_s <= ABSENT_S):",
        "if room:",
    ),
    Fault(
        "a second worker takes the GPUs of the first",
        FILE,
        "if room and (room.places or now_s - room.heard_s <= ABSENT_S):",
        "if room and room.places:",
    ),
    Fault(
        "an offer that changes is not heard",
        FILE,
        "        room.offer = offer\n",
        "        room.offer = offer if room.offer is ANYTHING else room.offer\n",
    ),
    Fault(
        "a life has no end",
        FILE,
        "return (ends_ns - self.clock.now_ns) / 1e9 if ends_ns else math.inf",
        "return math.inf",
    ),
    Fault(
        "who does not say how long it lives is dead",
        FILE,
        "/ 1e9 if ends_ns else math.inf",
        "/ 1e9",
    ),
    Fault(
        "a worker whose life is over gets jobs",
        FILE,
        "return self.offer.ends_ns != 0 and self.left_s <= 0",
        "return False",
    ),
    Fault(
        "time is taken",
        FILE,
        "Taken(taken_by(need), room.grant(need))",
        "Taken(need, room.grant(need))",
    ),
    Fault(
        "a GPU of another boot is the same",
        FILE,
        "        boot = (worker.host, offer.boot)\n",
        '        boot = (worker.host, "")\n',
    ),
    Fault(
        "a GPU that several may have is nobody's else",
        FILE,
        "self.offer.gpus.count(gpu) > 1)",
        "self.offer.gpus.count(gpu) > 9)",
    ),
    Fault(
        "a cpu is in two pinned grants",
        FILE,
        "for cpu in self.offer.pin_ids() if cpu not in self.pinned]",
        "for cpu in self.offer.pin_ids()]",
    ),
    Fault(
        "workers of one host pin to the same cpus",
        FILE,
        "        room.pinned = self._pinned[boot]\n",
        "        room.pinned = self._pinned[boot[0] + str(worker.pid), boot[1]]\n",
    ),
    Fault(
        "a cpu is pinned for ever",
        FILE,
        "difference_update(taken.grant.cpus)",
        "difference_update(())",
    ),
    Fault(
        "after a restart nothing is pinned",
        FILE,
        "                self._pinned[boot].update(taken.grant.cpus)\n",
        "",
    ),
    Fault(
        "a pinned job is given all cpus",
        FILE,
        "tuple(self.free_cpus()[:cpus])",
        "tuple(self.free_cpus())",
    ),
    Fault(
        "who has gone without a word offers everything",
        FILE,
        "if (room.places or (room.is_known and not room.is_lost)) and",
        "if True and",
    ),
    Fault(
        "who goes takes the room of another worker of the process along",
        FILE,
        "        if not room.places and not room.is_known:\n",
        "        if not room.places:\n",
    ),
    Fault(
        "who goes is still there",
        FILE,
        "            room.said_by.discard(worker.id)\n",
        "",
    ),
    Fault("all workers that were ever lost are remembered", FILE, "len(self._lost) > LOST_LIMIT", "False"),
    Fault(
        "who was lost and is back counts as lost",
        FILE,
        "            del self._lost[process]\n",
        "",
    ),
    Fault("what lost workers had is shared", FILE, "room.is_known and not room.is_lost", "room.is_known"),
]
