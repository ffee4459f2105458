"""What pages are made of: questions to the server, asked off the loop, and shared by all pages for a moment.

So many tabs cost the server no more than one.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from goq.adapters.config import Config
from goq.api.client import Client
from goq.errors import RequestRefused
from goq.web.clock import now_s

SHARED_S = 0.5  # so old may an answer be
AT_ONCE = 8  # questions
PARKED_LIMIT = 32  # who wait for more of a log
_KEPT = 200  # answers
T = TypeVar("T")


class Source:
    """One connection for all pages. `latest` is the number of the latest event: what was known before it is old."""

    def __init__(self, config: Config, latest: Callable[[], int]) -> None:
        self.config = config
        self._latest = latest
        self._client = Client(config)
        self._askers = ThreadPoolExecutor(AT_ONCE, "ask")
        self._waiters = ThreadPoolExecutor(PARKED_LIMIT, "parked")
        self._parked = 0
        self._known: dict[Hashable, tuple[float, asyncio.Future[Any]]] = {}

    @property
    def user(self) -> str:
        """Whose jobs are one's own."""
        return self._client.here.by.owner

    async def ask(self, question: Callable[[Client], T]) -> T:
        """The answer. Raises what the client raises."""
        return await asyncio.get_running_loop().run_in_executor(self._askers, question, self._client)

    async def parked(self, question: Callable[[Client], T]) -> T:
        """The same of what may take a while. Raises RequestRefused when too many wait."""
        if self._parked >= PARKED_LIMIT:
            raise RequestRefused("too many pages follow a log; close one")
        self._parked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._waiters, question, self._client)
        finally:
            self._parked -= 1

    async def shared(self, key: Hashable, question: Callable[[Client], T], fresh_s: float | None = None) -> T:
        """The same; who asks with the same key within a moment, and before there is news, gets the same answer.

        With `fresh_s` an answer is good for so long, whatever the news are.
        """
        key = (key, self._latest() if fresh_s is None else None)
        at_s, found = self._known.get(key, (0.0, None))
        is_old = now_s() - at_s > (SHARED_S if fresh_s is None else fresh_s)
        if found is None or is_old or (found.done() and found.exception()):
            found = asyncio.ensure_future(self.ask(question))
            self._known[key] = (now_s(), found)
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        answer: T = await asyncio.shield(found)
        return answer

    def forget(self) -> None:
        """Something was done: what was known before is old."""
        self._known.clear()

    def close(self) -> None:
        """End the connection."""
        self._client.close()
        for pool in (self._askers, self._waiters):
            pool.shutdown(wait=False, cancel_futures=True)


def offset(at_s: int) -> int:
    """How far clocks here are ahead of UTC at that time, in seconds."""
    return time.localtime(at_s).tm_gmtoff
