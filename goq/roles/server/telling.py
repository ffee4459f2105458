"""The way to who tells what has ended: a process beside the loop, that hears when there is news.

It is told of news again only when it has heard of it, so nothing here waits for it. One that ends is started anew.
"""

import os
import select
import time
from pathlib import Path

from goq.adapters.clusterid import ID_VARIABLE
from goq.adapters.jobs.companion import Companion
from goq.adapters.reasons import reason_of
from goq.roles.said.saying import Say

REST_S = 5.0  # before it is started again
_MODULE = "goq.roles.reader.telling"


class Telling:
    """Tells it of news. `poll` hears when it says something. Times are monotonic seconds."""

    def __init__(self, journal: Path, command: bytes, say: Say, poll: select.poll) -> None:
        self._journal = journal
        self._command = command
        self._say = say
        self._poll = poll
        self._companion: Companion | None = None
        self._is_ready = False  # it has heard of what it was told last
        self._told = -1  # the event that it was told of last
        self._start_s = 0.0

    @property
    def children(self) -> tuple[int, ...]:
        """The pid of our own child, if it is there."""
        return (self._companion.pid,) if self._companion else ()

    def turn(self, latest: int) -> None:
        """Hear what it says, and tell it when there is another latest event."""
        if self._companion is not None:
            self._hear(self._companion)
        if self._companion is None and time.monotonic() >= self._start_s:
            self._start(latest)
        if self._companion is not None and self._is_ready and latest != self._told:
            self._companion.link.send(("news",))
            self._is_ready, self._told = False, latest

    def next_deadline(self) -> float:
        """When `turn` is wanted in any case."""
        return float("inf") if self._companion else self._start_s

    def close(self) -> None:
        """Let it go; what it is at it does to the end."""
        if self._companion is not None:
            self._poll.unregister(self._companion.link.fileno())
            self._companion.let_go()
            self._companion = None

    def _hear(self, companion: Companion) -> None:
        for kind, *told in companion.link.receive():
            if kind == "heard":
                self._is_ready = True
            else:
                text, event, about = told
                self._say(text, event, **about)
        if companion.link.closed:
            self._poll.unregister(companion.link.fileno())
            companion.close()
            self._companion, self._start_s = None, time.monotonic() + REST_S

    def _start(self, latest: int) -> None:
        self._start_s = time.monotonic() + REST_S
        environment = {name: value for name, value in os.environb.items() if name != ID_VARIABLE.encode()}
        try:
            self._companion = Companion(_MODULE, "what tells of ends", environment)
        except OSError as error:
            self._say(f"cannot start what tells the command of --on-end: {reason_of(error)}.", "hook trouble")
            return
        self._poll.register(self._companion.link.fileno(), select.POLLIN)
        self._companion.link.send(("begin", os.fsencode(self._journal), self._command, latest))
        self._is_ready, self._told = False, latest
