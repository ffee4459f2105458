"""The way to the reader: a process that answers looks into the journal, beside the server's loop.

It is started with the first look, and has one at a time. One that takes too long is killed, and so is its
reader: the next look starts another.
"""

import os
import select
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from goq.adapters.clusterid import ID_VARIABLE
from goq.adapters.jobs.companion import Companion
from goq.adapters.reasons import reason_of
from goq.core.messages import Answer, Look, Refused, Reply, Shown
from goq.core.values.who import Who
from goq.core.waits.parking import Parked
from goq.core.waits.turns import Turns
from goq.roles.reader.process import DENIED, FOUND
from goq.roles.said.saying import Say

WAITING_LIMIT = 64
WAITING_EACH = 16  # with one user's key
PATIENCE_S = 10.0  # for one look, of a second, on a machine that is busy
OnDenied = Callable[[Who, str], None]
_MODULE = "goq.roles.reader.process"
_BUSY = "the server is busy with other looks into its journal; try again in a moment"
_LATE = "that look took too long; ask for less"


def nobody_counts(_who: Who, _why: str) -> None:
    """What is made of looks that were refused for want of a right, where nobody wants to know."""


class Reader:
    """Passes looks on, and answers back. `poll` hears when there is one."""

    def __init__(
        self,
        journal: Path,
        outputs: Path,
        say: Say,
        poll: select.poll,
        *,
        is_open: bool = False,
        on_denied: OnDenied = nobody_counts,
        results: Counter[str] | None = None,
    ) -> None:
        self._on_denied = on_denied
        self._results = Counter[str]() if results is None else results  # found, refused, late, lost
        self._begin = ("begin", os.fsencode(journal), os.fsencode(outputs), is_open)
        self._say = say
        self._poll = poll
        self._waiting: Turns[tuple[Parked, Look]] = Turns(WAITING_LIMIT, WAITING_EACH)
        self._asker: Parked | None = None  # whose look the reader has
        self._late_s = float("inf")
        self._companion: Companion | None = None

    @property
    def children(self) -> tuple[int, ...]:
        """The pids of our own child, if it is there."""
        return (self._companion.pid,) if self._companion else ()

    def ask(self, asker: Parked, look: Look) -> list[Reply]:
        """Somebody wants to look; he is told at once when too many do."""
        is_taken = self._waiting.put(asker.handle.who.holder, (asker, look))
        if is_taken:
            return []
        self._results["refused"] += 1
        return [asker.reply(Refused(_BUSY))]

    def turn(self) -> list[Reply]:
        """Take what the reader says, and give it the next look. Answers come one by one."""
        replies = self._receive()
        if self._asker and time.monotonic() >= self._late_s:
            replies += self._answer("late", Refused(_LATE))
            self._end()
        if self._waiting and self._asker is None:
            replies += self._send()
        return replies

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return self._late_s

    def forget_peer(self, peer: int) -> None:
        """Nobody would read the answers of a peer that has gone."""
        self._waiting.drop(lambda each: each[0].handle.peer == peer)

    def close(self) -> None:
        """Let the reader go."""
        self._end()

    def _receive(self) -> list[Reply]:
        if self._companion is None:
            return []
        link, replies = self._companion.link, list[Reply]()
        for kind, told in link.receive():
            if kind == DENIED and self._asker is not None:
                self._on_denied(self._asker.handle.who, told)
            is_found = kind == FOUND
            replies += self._answer(
                "found" if is_found else "refused", Shown(told) if is_found else Refused(told)
            )
        if link.closed:
            how = self._companion.how_it_ended()
            self._say(f"what looks into the journal {how}; the next look starts it again.", "reader trouble")
            why = "the server's reader ended; ask again, and look into the server's log"
            replies += self._answer("lost", Refused(why))
            self._end()
        return replies

    def _answer(self, result: str, answer: Answer) -> list[Reply]:
        asker, self._asker, self._late_s = self._asker, None, float("inf")
        if asker is None:
            return []
        self._results[result] += 1
        return [asker.reply(answer)]

    def _send(self) -> list[Reply]:
        """Give the reader the next look: it has read all that it was given, so this does not wait."""
        self._asker, look = self._waiting.take()
        who = self._asker.handle.who
        try:
            self._companion = self._companion or self._start()
        except OSError as error:
            self._say(f"cannot start what looks into the journal: {reason_of(error)}.", "reader trouble")
            why = f"the server cannot start its reader: {reason_of(error)}"
            return self._answer("lost", Refused(why))
        self._late_s = time.monotonic() + PATIENCE_S
        self._companion.link.send(("look", look.query, who.role.value, who.name))
        return []

    def _start(self) -> Companion:
        environment = {name: value for name, value in os.environb.items() if name != ID_VARIABLE.encode()}
        reader = Companion(_MODULE, "what looks into the journal", environment)
        self._poll.register(reader.link.fileno(), select.POLLIN)
        reader.link.send(self._begin)
        return reader

    def _end(self) -> None:
        if self._companion is not None:
            self._poll.unregister(self._companion.link.fileno())
            self._companion.close()
            self._companion = None
