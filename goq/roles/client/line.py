"""One connection to the server that any number of threads ask over, without a thread of its own.

Of those who wait for answers one drives the connection: it sleeps at the socket, and rings whose answer
has come. The others sleep each at a bell of their own. Who drives and has its answer hands over to the next.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from goq.adapters.clusterid import find_secret, require_secret
from goq.adapters.config import Config
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, AskAgain, Question, Refused, TakeSnapshot
from goq.core.values.ids import Nonce
from goq.errors import GoqError, RequestRefused, ServerUnreachable, TimeUp
from goq.roles.client.calls import Call, Calls
from goq.roles.client.contact import Contact, Patience
from goq.roles.said.queues import tell
from goq.roles.said.saying import Say

BEAT_S = 4.0  # at most: after three of them a silence is one
PATIENCE_S = 8.0  # for which whoever waits is not told of it: a server that is started again is soon back
PATIENCE_TIMES = 8  # the time-out, where that is shorter
RESEND_S = 60.0  # what may be answered late, in case that it was lost
_LOOK_EVERY_S = 0.02
_LONGEST_S = 3600.0


def secret_in_time(config: Config, within_s: float) -> str:
    """The cluster id in force, given a moment for a server that is just starting to make it.

    Raises BadSetting when there is none after that time.
    """
    deadline = time.monotonic() + within_s
    while (found := find_secret(config)) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return found or require_secret(config)


def calls_of(config: Config, signer: Signer) -> Calls:
    """A connection to the server of the settings, as soon as that is there."""
    return Calls(config.way.address, signer, config.tls_pem, beat_s=min(config.heartbeat_s, BEAT_S))


class Asked(Struct, frozen=True):
    """A question to be asked, with a nonce where it is more than this asking of it.

    With `by_s` its answer may take any time, through restarts of the server, up to that second of the monotonic
    clock; without, it is waited for as Patience says.
    """

    question: Question
    nonce: Nonce | None = None
    by_s: float | None = None


def granted(answer: Answer) -> Answer:
    """The answer. Raises RequestRefused when it is a no."""
    if isinstance(answer, Refused):
        raise RequestRefused(answer.reason)
    return answer


class _Asker:
    """Who waits for an answer."""

    __slots__ = ("answer", "bell", "call", "calls")

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.answer: Answer | None = None
        self.call: Call | None = None
        self.bell = threading.Lock()
        self.bell.acquire()

    def ring(self) -> None:
        """Have it look; once is enough."""
        with suppress(RuntimeError):  # it was rung before
            self.bell.release()

    def hear(self, answer: Answer) -> None:
        self.answer = answer
        self.ring()


class Line:
    """Made by the first question, and anew after one that nobody answered over a connection.

    `say` hears of a server that is gone or silent, and back, while somebody waits for what may take any time.
    """

    def __init__(self, config: Config, say: Say | None = None) -> None:
        self.config = config
        self._say = say
        self._mutex = threading.Lock()  # of all below, and of what `calls` does but for its sleep
        self._calls: Calls | None = None
        self._askers: dict[_Asker, None] = {}
        self._driver: _Asker | None = None
        self._due_s = math.inf  # when who drives wakes
        self._secret = ""
        self._signer: Signer | None = None
        self._is_closed = False
        self._pid = os.getpid()

    @property
    def secret(self) -> str:
        """The secret of the cluster. Raises BadSetting when there is none."""
        if not self._secret:
            self._secret = secret_in_time(self.config, self.config.timeout_s)
        return self._secret

    @property
    def signer(self) -> Signer:
        """What signs with it. Raises BadSetting when there is none."""
        if self._signer is None:
            self._signer = Signer(self.secret)
        return self._signer

    def close(self) -> None:
        """End the connection; who waits for an answer hears that."""
        with self._mutex:
            self._is_closed = True
            for asker in self._askers:
                asker.ring()
            if self._calls is not None and self._askers:
                self._calls.wake()  # the last of them ends it
            else:
                self._drop()

    def answer(self, asked: Asked) -> Answer:
        """The answer. Raises TimeUp when its time is, and as `ask`."""
        if asked.by_s is None:
            return self.ask(asked.question, asked.nonce)
        answer = self.ask_until(asked.question, asked.by_s)
        if answer is None:
            raise TimeUp("the time is up")
        return answer

    def ask(self, question: Question, nonce: Nonce | None = None) -> Answer:
        """The answer, for which it waits as long as Patience says.

        Raises ServerUnreachable when none comes, RequestRefused when the server says no.
        """
        with self._asked(question, math.inf, nonce) as asker:
            patience = Patience(asker.calls, self.config)
            while asker.answer is None:
                self._turn(asker, time.monotonic() + patience.left_s())
            return granted(asker.answer)

    def ask_until(self, question: Question, until_s: float = math.inf) -> Answer | None:
        """The answer that is not "nothing so far", through restarts of the server; None when there is none by then.

        `until_s` is of the monotonic clock. Raises as `ask` when there is no server at first, or it says no.
        """
        if self._calls is None or not self._calls.has_connected:
            self.ask(TakeSnapshot(0))
        while True:
            with self._asked(question, RESEND_S) as asker:
                contact = self._attend(asker.calls)
                while asker.answer is None:
                    if time.monotonic() >= until_s:
                        return None
                    self._turn(asker, until_s, contact)
            if not isinstance(asker.answer, AskAgain):
                return granted(asker.answer)

    def glance(self, question: Question, within_s: float) -> Answer | None:
        """The answer if it is here by then; None for whatever reason. Raises BadSetting."""
        until_s = time.monotonic() + within_s
        if find_secret(self.config) is None:
            return None
        with self._asked(question, math.inf) as asker:
            while asker.answer is None and time.monotonic() < until_s:
                self._turn(asker, until_s)
            return asker.answer

    def attend(self, begin: Callable[[Calls], None], is_done: Callable[[], bool], within_s: float) -> None:
        """Let something that asks for itself begin, and go on until it is done, or for so long."""
        until_s = time.monotonic() + within_s
        with self._present() as asker:
            with self._mutex:
                begin(asker.calls)
            while not is_done() and time.monotonic() < until_s:
                self._turn(asker, min(until_s, time.monotonic() + _LOOK_EVERY_S))

    @contextmanager
    def _asked(self, question: Question, resend_s: float, nonce: Nonce | None = None) -> Iterator[_Asker]:
        with self._present() as asker:
            with self._mutex:
                calls = asker.calls
                asker.call = calls.ask(question, asker.hear, resend_s=resend_s, nonce=nonce)
                if self._driver is not None and calls.next_deadline() < self._due_s:
                    calls.wake()
            yield asker

    @contextmanager
    def _present(self) -> Iterator[_Asker]:
        """Be among those who wait."""
        signer = self.signer  # which may take its time
        with self._mutex:
            asker = _Asker(self._connected(signer))
            self._askers[asker] = None
        try:
            yield asker
        except ServerUnreachable:
            with self._mutex:
                if len(self._askers) == 1 and asker.calls.ways.is_settled:
                    self._drop()  # else it goes on dialling: amid that nng closes nothing for good
            raise
        finally:
            self._leave(asker)

    def _connected(self, signer: Signer) -> Calls:
        if self._is_closed:
            raise GoqError("this client was closed; make another one")
        if self._pid != os.getpid():
            raise GoqError(
                "this client was made before a fork, over which no connection goes; make another one in a process that"
                " was not forked from one with a connection (multiprocessing: 'spawn' or 'forkserver')"
            )
        if self._calls is None:
            self._calls = calls_of(self.config, signer)
        elif not self._askers:
            self._calls.refresh()
        return self._calls

    def _leave(self, asker: _Asker) -> None:
        with self._mutex:
            del self._askers[asker]
            if asker.call is not None:
                asker.calls.cancel(asker.call)
            if self._driver is asker:
                self._driver = None
                for heir in self._askers:
                    heir.ring()
                    break
            if self._is_closed and not self._askers:
                self._drop()

    def _drop(self) -> None:
        if self._calls is not None:
            self._calls.close()
            self._calls = None

    def _turn(self, asker: _Asker, until_s: float, contact: Contact | None = None) -> None:
        """Sleep until there may be an answer, or that second; at the socket if nobody else does."""
        calls = asker.calls
        with self._mutex:
            if self._is_closed:
                raise GoqError("this client was closed while it waited for an answer")
            self._driver = self._driver or asker
            drives = self._driver is asker
            if drives:
                contact_s = contact.next_deadline() if contact else math.inf
                until_s = self._due_s = min(until_s, calls.next_deadline(), contact_s)
        left_s = min(max(0.0, until_s - time.monotonic()), _LONGEST_S)
        if not drives:
            asker.bell.acquire(timeout=left_s)
            return
        calls.wait(left_s)
        with self._mutex:
            if self._is_closed:
                return
            calls.turn()
            if contact is not None:
                self._tell(calls, contact)

    def _attend(self, calls: Calls) -> Contact | None:
        """Who says what is the matter with the server, to somebody who wants to know."""
        if self._say is None:
            return None
        patience_s = min(PATIENCE_S, PATIENCE_TIMES * self.config.timeout_s)
        return Contact(calls, self.config, self._say, patience_s, once=True)

    def _tell(self, calls: Calls, contact: Contact) -> None:
        contact.turn()
        for news in calls.allegiance.take_news():
            if self._say is not None:
                tell(news, self.config.address, self._say)
