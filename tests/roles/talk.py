"""A client and a server for tests that take turns over a real socket."""

import math
from collections.abc import Callable

from adapters.until import wait_until
from ports import free_address

from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, Question
from goq.roles.client.calls import Call, Calls
from roles.counter import ID, Asked, Counter

NEVER = math.inf


class Talk:
    """A client and a server that take turns, and the answers that the client has got."""

    def __init__(self) -> None:
        self.address = free_address()
        self.calls = Calls(self.address, Signer(ID))
        self.counter = Counter(self.address)
        self.answers: list[Answer] = []

    def ask(self, question: Question, resend_s: float = NEVER) -> Call:
        """Ask, and keep the answer."""
        return self.calls.ask(question, self.answers.append, resend_s=resend_s)

    def until(self, claim: Callable[[], bool], what: str) -> None:
        """Let both have turns until something is true."""

        def turn() -> bool:
            self.counter.look()
            self.calls.turn()
            return claim()

        wait_until(turn, what)

    def asked(self, count: int) -> list[Asked]:
        """Wait until the server was asked so many times in all."""
        self.until(lambda: len(self.counter.asked) >= count, f"question number {count}")
        assert count == len(self.counter.asked)
        return self.counter.asked

    def answered(self, *answers: Answer) -> None:
        """Wait until the client has exactly these answers."""
        self.until(lambda: len(self.answers) >= len(answers), f"answer number {len(answers)}")
        assert [*answers] == self.answers

    def restart(self) -> None:
        """The server goes, and another one comes."""
        self.counter.close()
        self.until_noticed()
        self.counter = Counter(self.address)
        self.until(lambda: self.calls.connected, "a new connection")

    def until_noticed(self) -> None:
        """Wait until the client knows that its server is gone."""

        def turn() -> bool:
            self.calls.turn()
            return not self.calls.connected

        wait_until(turn, "the end of the connection")

    def close(self) -> None:
        """Both are gone."""
        self.calls.close()
        self.counter.close()
