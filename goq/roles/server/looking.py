"""Who looks at the journal from afar: looks go to the reader, who waits for news hears it after a commit,
and who follows an output when there is more of it.
"""

import select
import time
from collections import Counter
from collections.abc import Iterable

from goq.adapters.config import Config
from goq.adapters.files.outputs import Outputs
from goq.adapters.files.told import forget
from goq.adapters.store.port import Store
from goq.core.messages import Follow, Look, News, Reply
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.waits.newsroom import Newsroom
from goq.core.waits.parking import Parked
from goq.roles.said.saying import Say
from goq.roles.server.following import Following
from goq.roles.server.reader import OnDenied, Reader, nobody_counts
from goq.roles.server.telling import Telling


class Looking:
    """All that is asked and is not decided."""

    def __init__(
        self,
        config: Config,
        journal: Store,
        state: State,
        outputs: Outputs,
        say: Say,
        poll: select.poll,
        on_end: bytes = b"",
        *,
        is_open: bool = False,
        on_denied: OnDenied = nobody_counts,
        results: Counter[str],
    ) -> None:
        self._journal = journal
        self._telling = Telling(config.journal_folder, on_end, say, poll) if on_end else None
        if not on_end:
            forget(config.journal_folder)
        self._reader = Reader(
            config.journal_folder,
            config.output_folder,
            say,
            poll,
            is_open=is_open,
            on_denied=on_denied,
            results=results,
        )
        self._newsroom = Newsroom(config.heartbeat_s)
        self._following = Following(state, outputs, config.heartbeat_s)

    @property
    def children(self) -> tuple[int, ...]:
        """The processes that are ours to wait for."""
        return self._reader.children + (self._telling.children if self._telling else ())

    def ask(self, queries: Iterable[tuple[Parked, Look | News | Follow]]) -> list[Reply]:
        """These ask; who is not let wait hears that."""
        now_s, replies = time.monotonic(), list[Reply]()
        for asker, query in queries:
            if isinstance(query, News):
                replies += self._newsroom.ask(asker, query, now_s)
            elif isinstance(query, Follow):
                replies += self._following.ask(asker, query)
            else:
                replies += self._reader.ask(asker, query)
        return replies

    def stir(self) -> None:
        """Something was decided, or written."""
        self._following.stir()

    def followed(self) -> frozenset[JobId]:
        """The jobs that somebody reads on in; the same value as long as they are the same."""
        return self._following.followed()

    def turn(self) -> list[Reply]:
        """What is to be answered now: all of this turn is in the journal."""
        if self._telling:
            self._telling.turn(self._journal.last_event)
        news = self._newsroom.turn(self._journal.last_event, time.monotonic())
        return self._reader.turn() + news + self._following.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        news_s = self._newsroom.next_deadline(self._journal.last_event)
        telling_s = self._telling.next_deadline() if self._telling else float("inf")
        return min(self._reader.next_deadline(), news_s, self._following.next_deadline(), telling_s)

    def forget_peer(self, peer: int) -> None:
        """Nobody would read what it asked for."""
        self._reader.forget_peer(peer)
        self._newsroom.forget_peer(peer)
        self._following.forget_peer(peer)

    def close(self) -> None:
        """Look no more."""
        self._reader.close()
        if self._telling:
            self._telling.close()
