"""Mistakes in core/dispatch/moves.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/moves.py"
FAULTS = [
    Fault(
        "who killed a job is forgotten",
        FILE,
        "signal, now.wall_ns, by)",
        "signal, now.wall_ns)",
    ),
    Fault(
        "a second kill with another signal is ignored",
        FILE,
        "if running.kill_signal not in (signal, SIGKILL):",
        "if not running.kill_signal:",
    ),
    Fault(
        "a kill is taken back by a gentler one",
        FILE,
        "if running.kill_signal not in (signal, SIGKILL):",
        "if running.kill_signal != signal:",
    ),
    Fault(
        "a kill that says the same is recorded again",
        FILE,
        "if running.kill_signal not in (signal, SIGKILL):",
        "if running.kill_signal != SIGKILL:",
    ),
    Fault(
        "of a list that is whole the beginning never runs",
        FILE,
        "        self.make_ready(live.first, live.end)\n",
        "        self.make_ready(JobId(live.end - 1), live.end)\n",
    ),
    Fault(
        "all attempts have one number",
        FILE,
        "job.attempts + 1",
        "job.attempts or 1",
    ),
    Fault(
        "observers do not hear of a cancellation",
        FILE,
        "for each in self.observers.take(ended.job):",
        "for each in self.observers.take(ended.job) if ended.ending is not Ending.CANCELLED else ():",
    ),
    Fault(
        "observers do not hear of the end",
        FILE,
        "for each in self.observers.take(ended.job):",
        "for each in self.observers.take(ended.job) if ended.ending is Ending.CANCELLED else ():",
    ),
    Fault(
        "the journal's first word is taken for all",
        FILE,
        "(ended for ended in past if ended.job == job)",
        "iter(past)",
    ),
    Fault(
        "who goes back again to a copy gives the same numbers",
        FILE,
        "LEAP * max(1, seen // LEAP - last.number // LEAP + 1)",
        "LEAP",
    ),
    Fault(
        "no number is left out",
        FILE,
        "birth.draw), JobId(first + leap)",
        "birth.draw), first",
    ),
    Fault(
        "what must not start twice does after going back",
        FILE,
        "        if ranges:\n",
        "        if not ranges:\n",
    ),
    Fault(
        "all that waits is lost by going back",
        FILE,
        "in self.state.submissions if not each.terms.requeue]",
        "in self.state.submissions]",
    ),
    Fault(
        "a killed trial was a start",
        FILE,
        "        if not running.kill_signal:\n            self.trouble.started(running.job.id)\n",
        "        self.trouble.started(running.job.id)\n",
    ),
    Fault(
        "an array stops one failure late",
        FILE,
        "0 < terms.max_fails <= live.failed",
        "0 < terms.max_fails < live.failed",
    ),
    Fault(
        "an array stops though it has no bound",
        FILE,
        "0 < terms.max_fails <= live.failed",
        "terms.max_fails <= live.failed",
    ),
    Fault(
        "tasks that cannot be started have not failed",
        FILE,
        "        if record.ending is not Ending.CANCELLED:\n            for first, end in record.ranges:\n                self.stop",
        "        if False:\n            for first, end in record.ranges:\n                self.stop",
    ),
    Fault(
        "what is released is not on record",
        "core/dispatch/moves.py",
        "        outcome.records.append(record)",
        '        if type(record).__name__ != "Released":\n            outcome.records.append(record)',
    ),
    Fault(
        "what waits again is not on record",
        "core/dispatch/moves.py",
        "        outcome.records.append(record)",
        '        if type(record).__name__ != "JobRequeued":\n            outcome.records.append(record)',
    ),
    Fault(
        "of what is released the first is ready",
        "core/dispatch/moves.py",
        "        self.emit(Released(ranges, by, now.wall_ns), outcome)\n        for first, end in ranges:",
        "        self.emit(Released(ranges, by, now.wall_ns), outcome)\n        for first, end in ranges[:1]:",
    ),
]
