"""Mistakes in adapters/jobs/reaper.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/reaper.py"
FAULTS = [
    Fault(
        "a job has had its shepherd's memory",
        FILE,
        "return peak_kib if peak_kib > self._own_peak_kib else 0",
        "return peak_kib",
    ),
    Fault(
        "no job's memory is known",
        FILE,
        "return peak_kib if peak_kib > self._own_peak_kib else 0",
        "return 0",
    ),
]
