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
        "the worker of a cancelled job hears of it at its next heartbeat only",
        FILE,
        "            for parked in self.beats.take(job):\n"
        "                outcome.replies.append(parked.reply(CancelWip(job, lost=False, signal=signal)))\n",
        "",
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
        "a worker whose heartbeat is open is told the wrong signal",
        FILE,
        "lost=False, signal=signal)",
        "lost=False)",
    ),
    Fault(
        "of a list that is whole the beginning never runs",
        FILE,
        "        self.make_ready(live.first, live.end)\n",
        "        self.make_ready(JobId(live.end - 1), live.end)\n",
    ),
    Fault(
        "a list is given up though it has become whole",
        FILE,
        "            self.deliveries.drop(nonce)\n            self._open",
        "            self._open",
    ),
    Fault(
        "one job a turn, however many workers wait",
        FILE,
        "while self.idle and (pair := self._pair()):",
        "if self.idle and (pair := self._pair()):",
    ),
    Fault(
        "all attempts have one number",
        FILE,
        "job.attempts + 1",
        "job.attempts or 1",
    ),
    Fault(
        "two workers of one id get two jobs",
        FILE,
        "busy = worker.id in self.state.jobs_of_worker",
        "busy = False",
    ),
    Fault(
        "a delegation starts no lease",
        FILE,
        "        self.leases.set(job.id, now.attended_s + self.rules.lease_s)\n"
        "        return self.state.running",
        "        return self.state.running",
    ),
    Fault(
        "the lease is not dropped at the end",
        FILE,
        "self.leases.drop(job)",
        "pass",
    ),
    Fault(
        "the open heartbeat of a lost job hangs",
        FILE,
        "outcome.replies += [parked.reply(CancelWip(job, lost=True)) for parked in self.beats.take(job)]",
        "self.beats.take(job)",
    ),
    Fault(
        "observers do not hear of a cancellation",
        FILE,
        "for each in self.observers.take(ended.job)]",
        "for each in self.observers.take(ended.job) if ended.ending is not Ending.CANCELLED]",
    ),
    Fault(
        "observers do not hear of the end",
        FILE,
        "for each in self.observers.take(ended.job)]",
        "for each in self.observers.take(ended.job) if ended.ending is Ending.CANCELLED]",
    ),
    Fault(
        "the next worker inherits the suspicion",
        FILE,
        "self.suspects.discard(job)",
        "pass",
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
