"""Mistakes in roles/client/calls.py."""

from mistakes.fault import Fault

FILE = "roles/client/calls.py"
FAULTS = [
    Fault(
        "a dead connection is kept",
        FILE,
        "            self._socket.ways.another()  #",
        "            pass  #",
    ),
    Fault(
        "a worker never asks for a sign of life",
        FILE,
        '            self.ask(TakeSnapshot(0), lambda _: None, resend_s=float("inf"))',
        "            pass",
    ),
    Fault(
        "everybody asks for a sign of life",
        FILE,
        "elif sign is Sign.ASK and not any(",
        "elif sign is Sign.ASK or not any(",
    ),
    Fault(
        "a new connection gets no questions",
        FILE,
        "if is_new and not self._hang_ups:",
        "if False:",
    ),
    Fault(
        "a refusal of what nng has kept is believed",
        FILE,
        "(is_new or envelope.in_reply_to != call.nonces[-1])",
        "envelope.in_reply_to != call.nonces[-1]",
    ),
    Fault(
        "who is not wanted asks on and on",
        FILE,
        "if is_new and not self._hang_ups:",
        "if is_new:",
    ),
    Fault(
        "the loop sleeps through a silence",
        FILE,
        "return min(due_s, self._pulse.next_deadline()) if self._open else due_s",
        "return due_s",
    ),
    Fault(
        "whoever answers is believed",
        FILE,
        "if self._counts(call, envelope.epoch):",
        "if self._counts(call, envelope.epoch) or True:",
    ),
    Fault(
        "a look is for our queue only",
        FILE,
        "return isinstance(call.question, TakeSnapshot)",
        "return False",
    ),
    Fault(
        "the new queue is not asked at once",
        FILE,
        "            call.due_s = now_s  # it was",
        "            pass  # it was",
    ),
]
