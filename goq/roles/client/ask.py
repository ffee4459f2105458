"""One question, one answer: what every command but serve and work needs."""

import math
import time
from collections.abc import Callable
from typing import Self

from msgspec.structs import replace

from goq.adapters.config import Config
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, AskAgain, Question, Snapshot, TakeSnapshot
from goq.core.values.ids import Nonce
from goq.core.waits.allegiance import Allegiance
from goq.roles.client.calls import Calls, OnAnswer
from goq.roles.client.contact import Contact, Patience
from goq.roles.client.line import granted, secret_in_time
from goq.roles.said.queues import tell
from goq.roles.said.saying import Say

__all__ = ["Observer", "ask", "ask_over", "connect", "secret_in_time"]
SLOW_S = 2.0  # by when workers that were started with a job have come
BEAT_S = 4.0  # at most: after three of them a silence is one
PATIENCE_S = 8.0  # for which whoever waits is not told of it: a server that is started again is soon back
PATIENCE_TIMES = 8  # the time-out, where that is shorter


def ask(config: Config, question: Question, nonce: Nonce | None = None) -> Answer:
    """Ask the server, and wait for its answer as long as Patience says.

    Raises ServerUnreachable when none comes, RequestRefused when the server says no.
    """
    with connect(config, Signer(secret_in_time(config, config.timeout_s))) as calls:
        return ask_over(calls, config, question, nonce)


def connect(config: Config, signer: Signer, allegiance: Allegiance | None = None) -> Calls:
    """A connection to the server of the settings, as soon as that is there."""
    way = config.way.address
    return Calls(way, signer, config.tls_pem, beat_s=config.heartbeat_s, allegiance=allegiance)


def ask_over(calls: Calls, config: Config, question: Question, nonce: Nonce | None = None) -> Answer:
    """The same, over a connection that is there for more than one question."""
    answers: list[Answer] = []
    calls.ask(question, answers.append, resend_s=float("inf"), nonce=nonce)
    patience = Patience(calls, config)
    while not answers:
        calls.wait(min(patience.left_s(), calls.next_deadline() - time.monotonic()))
        calls.turn()
    return granted(answers[0])


class Observer:
    """Asks what a server may take any time to answer, through restarts of it, over one connection.

    Raises as `ask` does when no server is there at first, or it would not speak to us; from then on
    nothing ends a wait. Only the queue that answered first may answer on; `say` hears of another one, and of a
    server that is gone or silent, and back.
    `snapshot` is what the server said first; `on_slow` hears, once, what it says when there is no
    answer after SLOW_S. While it waits, `beside` is called at least as often as it wants: it gives the monotonic
    second by which it wants to be called again.
    """

    beside: Callable[[], float] = staticmethod(lambda: math.inf)

    def __init__(self, config: Config, say: Say, on_slow: Callable[[Answer], None]) -> None:
        self._address, self._say, self._on_slow = config.address, say, on_slow
        self._slow_at = time.monotonic() + SLOW_S
        watchful = replace(config, heartbeat_s=min(config.heartbeat_s, BEAT_S))
        self._calls = connect(watchful, Signer(secret_in_time(config, config.timeout_s)))
        try:
            said = ask_over(self._calls, config, TakeSnapshot(0))
        except BaseException:
            self._calls.close()
            raise
        self._contact = Contact(
            self._calls, config, say, min(PATIENCE_S, PATIENCE_TIMES * config.timeout_s), once=True
        )
        self.snapshot = said if isinstance(said, Snapshot) else Snapshot()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def ask_beside(self, question: Question, on_answer: OnAnswer) -> None:
        """Ask something else while another question is waited with; whatever is answered, refusals too."""
        self._calls.ask(question, on_answer, resend_s=60.0)

    def ask(self, question: Question) -> Answer:
        """The answer that is not "nothing so far". Raises RequestRefused when the server says no."""
        answer = self.ask_until(question, math.inf)
        if answer is None:
            raise AssertionError("time has an end")
        return answer

    def ask_until(self, question: Question, until_s: float) -> Answer | None:
        """The same by that second of the monotonic clock; None when there is none by then."""
        answer: Answer = AskAgain()
        while isinstance(answer, AskAgain):
            answers: list[Answer] = []
            self._calls.ask(question, answers.append, resend_s=60.0)
            while not answers:
                if time.monotonic() >= until_s:
                    return None
                calls_s, contact_s = self._calls.next_deadline(), self._contact.next_deadline()
                due = min(calls_s, contact_s, self._slow_at, until_s, self.beside())
                self._calls.wait(due - time.monotonic())
                self._calls.turn()
                self._contact.turn()
                if time.monotonic() >= self._slow_at:
                    self._slow_at = float("inf")
                    self._calls.ask(TakeSnapshot(0), self._on_slow, resend_s=float("inf"))
                for news in self._calls.allegiance.take_news():
                    tell(news, self._address, self._say)
            answer = answers[0]
        return granted(answer)
