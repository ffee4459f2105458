"""Mistakes in core/state/waiting.py."""

from mistakes.fault import Fault

FILE = "core/state/waiting.py"
FAULTS = [
    Fault(
        "a job that comes back goes to the front",
        FILE,
        "self._jobs[job.id] = job\n        heapq.heappush(self._order, job.id)",
        "self._jobs[job.id] = job\n"
        "        self._order.insert(0, job.id) if job.attempts else self._order.append(job.id)",
    ),
    Fault(
        "a job that comes back goes to the end",
        FILE,
        "self._jobs[job.id] = job\n        heapq.heappush(self._order, job.id)",
        "self._jobs[job.id] = job\n        self._order.append(job.id)",
    ),
    Fault(
        "jobs that were shown are forgotten",
        FILE,
        "        for job in jobs:\n            heapq.heappush(self._order, job.id)\n",
        "",
    ),
    Fault(
        "a job that came back is shown twice",
        FILE,
        "while self._order and self._order[0] == job.id:",
        "if self._order:",
    ),
    Fault(
        "the youngest job runs first",
        FILE,
        "return self._jobs[self._order[0]]",
        "return self._jobs[max(self._jobs)]",
    ),
    Fault(
        "a removed job is met again",
        FILE,
        "while self._order[0] not in self._jobs:",
        "if self._order[0] not in self._jobs:",
    ),
]
