"""Mistakes in when a job may run."""

from mistakes.fault import Fault

FILE = "core/values/estimates.py"
FAULTS = [
    Fault(
        "who ends last is waited for first",
        FILE,
        "ends.sort(key=lambda each: each[0])",
        "ends.sort(key=lambda each: -each[0])",
    ),
    Fault(
        "one end is enough",
        FILE,
        "if all(much <= 0 for much in lacks.values()):",
        "if any(much <= 0 for much in lacks.values()):",
    ),
    Fault(
        "what few have shown is known",
        FILE,
        "measured is None or measured.jobs < LEAST_MEASURED",
        "measured is None",
    ),
    Fault(
        "who has run for long ends now",
        FILE,
        "if ran_s <= measured.most_of_ten_s else measured.most_s",
        "if True else 0.0",
    ),
    Fault(
        "what has run longer than all ends in the past",
        FILE,
        "return ends_s - ran_s if ran_s <= ends_s else None",
        "return ends_s - ran_s",
    ),
    Fault("what is paused ends", FILE, "for run in row.jobs if not run.paused", "for run in row.jobs"),
    Fault(
        "another worker's jobs free room",
        FILE,
        "if (row.host, row.pid) == (machine.name, machine.pid)",
        "if row.host == machine.name",
    ),
    Fault("room that is kept for others counts", FILE, "if each.keeps == job.job and not", "if not"),
    Fault("a drained machine gets jobs", FILE, "not (each.small or each.drained)", "not each.small"),
    Fault("licences free with jobs of that machine", FILE, " and machine.lacks.keys() <= _FREED", ""),
    Fault(
        "what else keeps it does not count",
        FILE,
        "    if len(job.reasons) != 1:\n",
        "    if not job.reasons:\n",
    ),
    Fault("whatever it is behind ends with the first", FILE, " or len(job.reasons[0].jobs) != 1:", ":"),
    Fault("what frees first is never another's", FILE, "or holds <= needed:", "or True:"),
]
