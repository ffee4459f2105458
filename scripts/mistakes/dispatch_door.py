"""Mistakes in core/dispatch/door.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/door.py"
FAULTS = [
    Fault(
        "lives of workers stand still",
        FILE,
        "        self._moves.rooms.clock.now_ns = now.wall_ns\n        refusal",
        "        refusal",
    ),
    Fault(
        "a list of which nothing is heard after a restart is waited for for ever",
        FILE,
        "        for submission in self.state.deliveries:\n            self._moves.expect(submission, now)\n",
        "",
    ),
    Fault(
        "nobody wakes for a list that is late",
        FILE,
        "self._moves.deliveries.next()",
        "self._moves.leases.next()",
    ),
    Fault(
        "of an old list the journal is not asked",
        FILE,
        "                return submission not in self.state.recent_submissions",
        "                return False",
    ),
    Fault(
        "a queue obeys what is meant for another one",
        FILE,
        "refusal = self.copies.misdirection(request, outcome)",
        "pass",
    ),
    Fault(
        "a start is like any other",
        FILE,
        "epoch = Epoch(last.queue, last.number + 1, birth.draw)",
        "epoch = Epoch(last.queue, last.number + 1)",
    ),
    Fault(
        "two servers in succession begin the same epoch",
        FILE,
        "last.number + 1",
        "last.number or 1",
    ),
    Fault(
        "nothing is matched after a goodbye",
        FILE,
        "            self._moves.match(now, outcome)\n            if self",
        "            if not isinstance(request.question, Goodbye):\n"
        "                self._moves.match(now, outcome)\n"
        "            if self",
    ),
    Fault(
        "nothing is matched after a submission",
        FILE,
        "            self._moves.match(now, outcome)\n            if self",
        "            if not isinstance(request.question, Submit):\n"
        "                self._moves.match(now, outcome)\n"
        "            if self",
    ),
    Fault(
        "nothing is matched when a lease ends",
        FILE,
        "        self._moves.match(now, outcome)\n        if self.state.blobs",
        "        if self.state.blobs",
    ),
    Fault(
        "the journal is not asked about repeated results",
        FILE,
        "return any(self.state.is_past(report.claim.job) for report in reports)",
        "return False",
    ),
    Fault(
        "running jobs have no lease after a restart",
        FILE,
        "self._moves.leases.set(job, now.attended_s + self._moves.rules.lease_s)",
        "pass",
    ),
    Fault(
        "a worker whose connection closed gets jobs",
        FILE,
        "for lot in (self._moves.idle, self._moves.beats, self._moves.observers):",
        "for lot in (self._moves.beats, self._moves.observers):",
    ),
    Fault(
        "the heartbeat of a closed connection stays",
        FILE,
        "for lot in (self._moves.idle, self._moves.beats, self._moves.observers):",
        "for lot in (self._moves.idle, self._moves.observers):",
    ),
    Fault(
        "the observer of a closed connection stays",
        FILE,
        "for lot in (self._moves.idle, self._moves.beats, self._moves.observers):",
        "for lot in (self._moves.idle, self._moves.beats):",
    ),
    Fault(
        "a closed connection makes nobody suspect",
        FILE,
        "self._moves.suspects |= self._moves.beats.keys_of(peer)",
        "pass",
    ),
    Fault(
        "one closed connection makes all suspect",
        FILE,
        "self._moves.suspects |= self._moves.beats.keys_of(peer)",
        "self._moves.suspects |= set(self._moves.beats.keys())",
    ),
    Fault(
        "the journal is asked about the first result only",
        FILE,
        "for report in reports)",
        "for report in reports[:1])",
    ),
    Fault(
        "a job goes on to the next slot of a frozen process",
        FILE,
        "self._moves.send_away(\n"
        "                list(filter(running.worker.is_beside, self._moves.idle.keys())), AskAgain(), outcome\n"
        "            )",
        "pass",
    ),
    Fault(
        "a lost worker is no crash",
        FILE,
        "end(self._moves, running, WorkerLost(), ",
        "end(self._moves, running, Unstarted(), ",
    ),
    Fault(
        "after a restart nobody is tried again",
        FILE,
        "        self._moves.gates.resume(now)\n",
        "",
    ),
    Fault(
        "an input is kept for ever after the last job that read it",
        FILE,
        "            if self.state.blobs.useless:\n                self._moves.drop_blobs(outcome)\n        elif",
        "        elif",
    ),
]
