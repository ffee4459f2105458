"""Questions on their way to the server, and the answers to them. Both worker and client use it.

A question stays open until its answer comes: it is sent again when the connection is new, and
when it has waited long. Each time it is signed anew with the time and, but for a submission,
with a new nonce, so that the server can refuse every frame that it has seen. While only such are
open that the server may answer late, it is asked for a sign of life now and then.
"""

import os
import time
from collections.abc import Callable
from typing import Self

from goq.adapters.wire.codec import behind, decode, encode
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import ClientSocket
from goq.adapters.wire.transport_ways import Ways
from goq.core.messages import (
    Answer,
    News,
    Observe,
    ObserveEach,
    Question,
    Refused,
    Report,
    Submit,
    TakeSnapshot,
)
from goq.core.values.ids import NO_EPOCH, NONCE_BYTES, Epoch, Nonce
from goq.core.waits.allegiance import Allegiance
from goq.core.waits.pulse import Pulse, Sign
from goq.errors import BadMessage

OnAnswer = Callable[[Answer], None]
SHORTEST_BEAT_S, LONGEST_BEAT_S = 0.5, 10.0  # whatever the heartbeat of a job is
HANG_UP_S = 2.0  # a server keeps strangers for longer, unless there is a crowd of them
PARKED = (Observe, ObserveEach, Report, News)  # to these the server may say nothing for long


def new_nonce() -> Nonce:
    """128 random bits."""
    return Nonce(os.urandom(NONCE_BYTES))


class Call:
    """One open question."""

    def __init__(
        self, question: Question, on_answer: OnAnswer, resend_s: float, nonce: Nonce, wanted: Epoch
    ) -> None:
        self.question = question
        self.wanted = wanted
        self.asked = NO_EPOCH  # whom it was for, when it was sent last
        self.on_answer = on_answer
        self.resend_s = resend_s
        self.nonces = [nonce]
        self.due_s = 0.0


class Calls:
    """All open questions of one process over one connection.

    `allegiance` says whose answers count; without one, those of the queue that answers first.
    """

    def __init__(
        self,
        address: str,
        signer: Signer,
        tls_pem: str = "",
        *,
        beat_s: float = LONGEST_BEAT_S,
        allegiance: Allegiance | None = None,
    ) -> None:
        self._socket = ClientSocket(address, tls_pem)
        self._signer = signer
        self._open: dict[Nonce, Call] = {}
        self._number = 0
        self._pulse = Pulse(min(max(SHORTEST_BEAT_S, beat_s), LONGEST_BEAT_S))
        self.has_connected = False
        self._is_heard = self._is_silent = False  # over the connection that is there, and now
        self._connected_s = 0.0
        self._hang_ups = 0  # connections in succession that ended before the server had said anything
        self.is_hung_up_on = False
        self.foreign_answers = 0
        self.allegiance = allegiance or Allegiance(lambda: True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """A connection to the server is up."""
        return self._socket.ways.is_connected

    @property
    def is_well(self) -> bool:
        """A connection is up, and the server speaks over it."""
        return self.connected and self._is_heard and not self._is_silent

    @property
    def ways(self) -> Ways:
        """How the server is reached, and why it is not."""
        return self._socket.ways

    def filenos(self) -> tuple[int, int]:
        """Readable when `turn` has something to do."""
        return self._socket.filenos()

    def close(self) -> None:
        """Give up all open questions."""
        self._open.clear()
        self._socket.close()

    def ask(
        self,
        question: Question,
        on_answer: OnAnswer,
        *,
        resend_s: float,
        nonce: Nonce | None = None,
        wanted: Epoch = NO_EPOCH,
    ) -> Call:
        """Send a question; `on_answer` is called from `turn`, once. Sent again after `resend_s`.

        A question with claims wants the answer of their queue, in the epoch of the latest or after it.
        """
        if not self._open:
            self._pulse.begin(time.monotonic())
        call = Call(question, on_answer, resend_s, nonce or new_nonce(), wanted)
        self._open[call.nonces[0]] = call
        if self.connected:
            self._send(call)
        return call

    def cancel(self, call: Call) -> None:
        """Its answer is of no interest any more."""
        for nonce in call.nonces:
            self._open.pop(nonce, None)

    def wake(self) -> None:
        """End the sleep of whoever waits; for other threads."""
        self._socket.wake()

    def wait(self, timeout_s: float) -> None:
        """Sleep until there may be something for `turn`."""
        self._socket.wait(timeout_s)

    def refresh(self) -> None:
        """Nobody has asked anything for a while: how connections fared meanwhile says nothing of the server."""
        self.turn()
        self.ways.forget_failures()
        self._hang_ups = self.foreign_answers = 0
        self.is_hung_up_on = False
        self._connected_s = time.monotonic()

    def turn(self) -> None:
        """Take in what has come: answers, and news of the connection."""
        frames = []  # before the news, so that we know of the connection that brought them
        while received := self._socket.receive():
            frames.append(received[1])
        is_new = False
        for _, connected in self._socket.take_news():
            is_new = connected
            if connected:
                self._begin(time.monotonic())
            elif not self._is_heard:
                self._hang_ups += 1
                self.is_hung_up_on |= time.monotonic() - self._connected_s >= HANG_UP_S
        for frame in frames:
            self._take(frame, is_new=is_new)
        if is_new and not self._hang_ups:
            self._send_all_again()
        now = time.monotonic()
        self._feel_pulse(now)
        for call in set(self._open.values()):
            if self.connected and call.due_s <= now:
                self._send_again(call)

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted; a connection that comes or goes wakes too."""
        if not self.connected:
            return float("inf")  # nothing can be sent, however long it has been due
        due_s = min((call.due_s for call in self._open.values()), default=float("inf"))
        return min(due_s, self._pulse.next_deadline()) if self._open else due_s

    def _take(self, frame: bytes, *, is_new: bool) -> None:
        try:
            envelope = decode(*self._signer.open_both(frame))
        except BadMessage:
            self.foreign_answers += 1
            return
        self._is_heard, self._is_silent = True, False
        self._hang_ups = 0
        self.is_hung_up_on = False
        self._pulse.heard(time.monotonic())
        call = self._open.get(envelope.in_reply_to)
        if call is None or isinstance(envelope.message, Question):
            return
        if isinstance(envelope.message, Refused) and (is_new or envelope.in_reply_to != call.nonces[-1]):
            # A newer sending is on its way; nng may keep the older for a server that has just started.
            return
        if self._counts(call, envelope.epoch):
            self.cancel(call)
            call.on_answer(envelope.message)

    def _counts(self, call: Call, speaker: Epoch) -> bool:
        """Whether the answer is from whom we listen to. What gives no orders may come from anybody."""
        now_s = time.monotonic()
        if self.allegiance.counts(call.wanted, call.asked, speaker, now_s):
            return True
        if not call.wanted.queue and speaker.queue == self.allegiance.queue != call.asked.queue:
            call.due_s = now_s  # it was for a queue that is not ours any more
        return isinstance(call.question, TakeSnapshot)

    def _begin(self, now_s: float) -> None:
        """A connection is new."""
        self.has_connected = True
        self._is_heard = self._is_silent = False
        self._connected_s = now_s
        self._pulse.begin(now_s)
        if self._hang_ups:  # whoever does not want us must not be asked for ever
            for call in self._open.values():
                call.due_s = now_s + min(self._hang_ups, LONGEST_BEAT_S)

    def _feel_pulse(self, now_s: float) -> None:
        """See to it that a connection that has died in silence is noticed, and replaced."""
        if not self._open or not self.connected:
            return
        sign = self._pulse.turn(now_s)
        if sign is Sign.GIVE_UP:
            self._is_silent = True
            self._socket.ways.another()  # what the old one still brings is welcome until that is there
        elif sign is Sign.ASK and not any(
            not isinstance(call.question, PARKED) for call in self._open.values()
        ):
            self.ask(TakeSnapshot(0), lambda _: None, resend_s=float("inf"))

    def _send_all_again(self) -> None:
        for call in set(self._open.values()):
            self._send_again(call)

    def _send_again(self, call: Call) -> None:
        if not isinstance(call.question, Submit):
            # The answer to an older sending may still come, and is as good; but not for ever.
            for old in call.nonces[:-4]:
                self._open.pop(old, None)
            call.nonces = [*call.nonces[-4:], new_nonce()]
            self._open[call.nonces[-1]] = call
        self._send(call)

    def _send(self, call: Call) -> None:
        self._number = (self._number + 1) % (1 << 31)
        call.due_s = time.monotonic() + call.resend_s
        call.asked = self._addressee(call)
        payload = encode(call.question, call.nonces[-1], b"", time.time_ns(), call.asked)
        data = behind(call.question)
        frame = self._signer.seal_head(payload, len(data)) if data else self._signer.seal(payload)
        if not self._socket.send(self._number, frame, data):
            call.due_s = time.monotonic() + 0.01

    def _addressee(self, call: Call) -> Epoch:
        return NO_EPOCH if isinstance(call.question, TakeSnapshot) else self.allegiance.addressee(call.wanted)
