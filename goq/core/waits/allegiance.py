"""Whose answers count for a process, and whose queue its questions name. Pure.

Each answer says which queue speaks, and in which of its epochs. Who holds something of a queue
takes orders from that one alone; who holds nothing goes over to the queue that it hears, since
there is nothing to lose by it and somebody has begun that queue on purpose. From an epoch before
the latest one that was heard of a queue nobody takes anything, nor from two servers of one epoch: an old
copy of the journal speaks.
"""

from collections.abc import Callable
from enum import Enum, auto

from msgspec import Struct

from goq.core.values.ids import NO_EPOCH, Epoch, QueueId

QUIET_S = 10.0  # from one piece of news to the next


class Kind(Enum):
    """What there is to tell of who speaks."""

    FOREIGN = auto()  # another queue than the one that is bound to
    OLD = auto()  # a queue in an epoch that is over
    CHANGED = auto()  # another queue, which is ours now
    BACK = auto()  # our own, after one of the first two


class News(Struct, frozen=True, gc=False):
    """Worth a line: `ours` is our queue, for CHANGED the one before, and `speaker` who spoke."""

    kind: Kind
    ours: Epoch
    speaker: Epoch


class Allegiance:
    """Of one process. `is_bound` tells whether it holds anything of the queue that it has heard first."""

    def __init__(self, is_bound: Callable[[], bool]) -> None:
        self.queue = NO_EPOCH.queue  # ours; none until one is heard
        self._is_bound = is_bound
        self._latest: dict[QueueId, Epoch] = {}
        self._told: News | None = None
        self._quiet_until_s = 0.0
        self._news: list[News] = []

    def addressee(self, wanted: Epoch) -> Epoch:
        """Whom a question is for: the queue of the claims that it is about, else our own, as late as we know it."""
        queue = wanted.queue or self.queue
        if not queue:
            return NO_EPOCH
        latest = self._latest_of(queue)
        return wanted if latest.number < wanted.number else latest

    def counts(self, wanted: Epoch, asked: Epoch, speaker: Epoch, now_s: float) -> bool:
        """Whether to take this answer to a question about claims of `wanted`, that was last sent to `asked`."""
        latest = self._latest_of(speaker.queue)
        if wanted.queue == speaker.queue and latest.number < wanted.number:
            latest = wanted
        if speaker.number < latest.number or speaker.differs(latest) or speaker.differs(wanted):
            self._tell(Kind.OLD, latest, speaker, now_s)
            return False
        self._latest[speaker.queue] = speaker
        self._place(speaker, now_s)
        return speaker.queue == (wanted.queue or self.queue) and asked.queue in (
            NO_EPOCH.queue,
            speaker.queue,
        )

    def take_news(self) -> list[News]:
        """What is to be told since the last time."""
        news, self._news = self._news, []
        return news

    def _place(self, speaker: Epoch, now_s: float) -> None:
        if not self.queue:
            self.queue = speaker.queue
        elif speaker.queue == self.queue:
            if self._told is not None:
                self._tell(Kind.BACK, self._latest_of(self.queue), speaker, now_s)
        elif self._is_bound():
            self._tell(Kind.FOREIGN, self._latest_of(self.queue), speaker, now_s)
        else:
            self._tell(Kind.CHANGED, self._latest_of(self.queue), speaker, now_s)
            self.queue = speaker.queue

    def _tell(self, kind: Kind, ours: Epoch, speaker: Epoch, now_s: float) -> None:
        """Once, until it changes, and not often even if it changes often."""
        news = News(kind, ours, speaker)
        if news == self._told or now_s < self._quiet_until_s:
            return
        self._quiet_until_s = now_s + QUIET_S
        self._told = None if kind in (Kind.BACK, Kind.CHANGED) else news
        self._news.append(news)

    def _latest_of(self, queue: QueueId) -> Epoch:
        return self._latest.get(queue, Epoch(queue, 0))
