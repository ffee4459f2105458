"""The same connection for an event loop, which wakes it when it is readable; nobody sleeps at it.

Threads are used for two things only, that may take their time and are rare: to look for a cluster id that is not there
yet, and to find out why no server answers.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from goq.adapters.config import Config
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, AskAgain, Question, TakeSnapshot
from goq.core.values.ids import Nonce
from goq.errors import GoqError, ServerUnreachable, TimeUp
from goq.roles.client.calls import Calls
from goq.roles.client.contact import Patience
from goq.roles.client.line import RESEND_S, Asked, calls_of, granted, secret_in_time

_LONGEST_S = 3600.0


class AsyncLine:
    """Of one event loop: that in which it is used first. Made by the first question, as a Line is."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.secret = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls: Calls | None = None
        self._open = 0  # questions
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def begin(self) -> str:
        """The secret of the cluster. Raises BadSetting when there is none, and GoqError in another event loop."""
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise GoqError("this client is used in another event loop; make one in each")
        if self._is_closed:
            raise GoqError("this client was closed; make another one")
        if not self.secret:
            self.secret = await loop.run_in_executor(None, secret_in_time, self.config, self.config.timeout_s)
        return self.secret

    async def answer(self, asked: Asked) -> Answer:
        """The answer. Raises TimeUp when its time is, ServerUnreachable and RequestRefused as Line.ask."""
        if asked.by_s is None:
            return await self._ask(asked.question, asked.nonce)
        if self._calls is None or not self._calls.has_connected:
            await self._ask(TakeSnapshot(0))
        answer: Answer = AskAgain()
        while isinstance(answer, AskAgain):
            answer = await self._ask_until(asked.question, asked.by_s)
        return granted(answer)

    def close(self) -> None:
        """End the connection. Questions that are open are never answered: cancel their tasks."""
        self._is_closed = True
        self._drop()

    async def _ask(self, question: Question, nonce: Nonce | None = None) -> Answer:
        async with self._asked(question, math.inf, nonce) as (calls, future):
            patience = Patience(calls, self.config)
            loop = asyncio.get_running_loop()
            while not future.done():
                may_block = patience.is_due
                left_s = await loop.run_in_executor(None, patience.left_s) if may_block else patience.left_s()
                await asyncio.wait([future], timeout=left_s)
            return granted(future.result())

    async def _ask_until(self, question: Question, by_s: float) -> Answer:
        async with self._asked(question, RESEND_S) as (_, future):
            left_s = min(max(0.0, by_s - time.monotonic()), _LONGEST_S)
            await asyncio.wait([future], timeout=left_s)
            if future.done():
                return future.result()
            if time.monotonic() >= by_s:
                raise TimeUp("the time is up")
            return AskAgain()

    @asynccontextmanager
    async def _asked(
        self, question: Question, resend_s: float, nonce: Nonce | None = None
    ) -> AsyncIterator[tuple[Calls, asyncio.Future[Answer]]]:
        await self.begin()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        calls = self._connected()
        self._open += 1
        call = calls.ask(question, lambda answer: _settle(future, answer), resend_s=resend_s, nonce=nonce)
        self._set_timer(calls)
        try:
            yield calls, future
        except ServerUnreachable:
            if self._open == 1 and calls.ways.is_settled:
                self._drop()  # as in Line
            raise
        finally:
            self._open -= 1
            calls.cancel(call)

    def _connected(self) -> Calls:
        if self._calls is None:
            self._calls = calls_of(self.config, Signer(self.secret))
            if self._loop is not None:
                for fileno in self._calls.filenos():
                    self._loop.add_reader(fileno, self._look)
        elif not self._open:
            self._calls.refresh()
        return self._calls

    def _look(self) -> None:
        if self._calls is not None:
            self._calls.turn()
            self._set_timer(self._calls)

    def _set_timer(self, calls: Calls) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = calls.next_deadline()
        if self._loop is not None and due_s < math.inf:
            self._timer = self._loop.call_later(max(0.0, due_s - time.monotonic()), self._look)

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._calls is None:
            return
        if self._loop is not None and not self._loop.is_closed():
            for fileno in self._calls.filenos():
                self._loop.remove_reader(fileno)
        self._calls.close()
        self._calls = None


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
