"""The one who waits for news of the queue, for all pages: a thread that asks, and streams that tell browsers.

A stream says only that something is new. Whoever is too slow to read it misses what was old by then.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator

from msgspec import Struct

from goq.adapters.config import Config
from goq.api.client import Client
from goq.errors import GoqError, RequestRefused
from goq.web import questions

JOBS, MACHINES = "jobs", "machines"  # what sections may be about
TELL_EVERY_S = 5.0  # also without news: machines have no events for their load
RETRY_S = 1.0
STREAMS_LIMIT = 100


class Bulletin(Struct, frozen=True):
    """What is known: the number of the latest event, when (of the clock) the server was heard, and whether it is away."""

    seq: int = 0
    heard_ns: int = 0
    is_away: bool = True  # until it was heard


class Newsroom:
    """Asks from `begin` to `end`, and tells all streams."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._streams = 0
        self.latest = Bulletin()
        self.name = config.ip  # the cluster's, once that is known

    def begin(self) -> None:
        """Start to ask, from within the loop that streams run in."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._ask, name="news", daemon=True).start()

    def end(self) -> None:
        """Ask no more; the streams end."""
        self._ended.set()
        self._tell(self.latest)

    def has_room(self) -> bool:
        """One more browser may listen."""
        return self._streams < STREAMS_LIMIT

    async def stream(self) -> AsyncIterator[bytes]:
        """What a browser reads, until it goes."""
        self._streams += 1
        try:
            told = self.latest
            yield b"retry: 2000\n\n" + _event(told, ())
            while not self._ended.is_set():
                await self._wait(told)
                before, told = told, self.latest
                is_news = told.seq != before.seq or before.is_away
                yield _event(told, (JOBS, MACHINES) if is_news else (MACHINES,))
        finally:
            self._streams -= 1

    async def _wait(self, told: Bulletin) -> None:
        if _is_new(self.latest, told):
            return  # it came while the one before was being read
        try:
            await asyncio.wait_for(self._changed.wait(), TELL_EVERY_S)
        except TimeoutError:
            return

    def _ask(self) -> None:
        with Client(self._config) as client:
            seq, is_there = 0, False
            while not self._ended.is_set():
                try:
                    seq = client.news(seq) if is_there else self._greet(client)
                    is_there = True
                    self._post(Bulletin(seq, time.time_ns(), is_away=False))
                except RequestRefused:  # it is there, and says no: asked again when it may say yes
                    self._ended.wait(RETRY_S)
                except GoqError:
                    is_there = False
                    self._post(Bulletin(seq, self.latest.heard_ns))
                    self._ended.wait(RETRY_S)

    def _greet(self, client: Client) -> int:
        """What a server says at once, that has just come: the number of the latest event."""
        self.name = questions.cluster(client).name
        return client.latest().seq

    def _post(self, bulletin: Bulletin) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, bulletin)

    def _tell(self, bulletin: Bulletin) -> None:
        is_new, self.latest = _is_new(bulletin, self.latest), bulletin
        if is_new or self._ended.is_set():
            self._changed.set()
            self._changed = asyncio.Event()


def _is_new(bulletin: Bulletin, told: Bulletin) -> bool:
    return (bulletin.seq, bulletin.is_away) != (told.seq, told.is_away)


def _event(told: Bulletin, changed: tuple[str, ...]) -> bytes:
    data = {"seq": told.seq, "away": told.is_away, "changed": changed}
    return f"id: {told.seq}\ndata: {json.dumps(data)}\n\n".encode()
