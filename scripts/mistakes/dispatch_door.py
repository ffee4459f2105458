"""Mistakes in core/dispatch/door.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/door.py"
FAULTS = [
    Fault(
        "a worker that has vanished keeps what it had",
        FILE,
        "for worker in self._moves.leases.pop_due(now.attended_s) if now.has_heard else ():",
        "for worker in self._moves.leases.pop_due(-1.0):",
    ),
    Fault(
        "leases are judged before what came meanwhile is heard",
        FILE,
        " if now.has_heard else ()",
        "",
    ),
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
    Fault(
        "who may go on is not given anything", FILE, "        if self._may_go_on:\n", "        if False:\n"
    ),
    Fault(
        "the server never sleeps again",
        FILE,
        "        self._may_go_on = False\n        self._moves.match",
        "        self._moves.match",
    ),
]
