"""Where the data comes from: two threads that ask, one for news and one for what there is to see.

What there is to see is asked for when there is news, or something else is wanted, or two seconds are over: machines
have no events for what they use, and a server that has gone says nothing. That is at most four times a second, and a tenth of the time at most.
"""

import threading
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from goq.adapters.config import Config
from goq.api.asided import with_asides
from goq.api.client import Client
from goq.core.values.asides import AskToday, Today
from goq.core.values.failures import FailuresOf
from goq.core.values.lives import LifeOf
from goq.core.values.reasons import Reason
from goq.core.values.shown import Row, SubmissionRow
from goq.errors import GoqError, RequestRefused, ServerUnreachable
from goq.top.seen import Scope, Seen, Told, ranges_of, waits

LEAST_S, MOST_S, SHARE = 0.25, 5.0, 10  # between two looks: as long, and so many times what the last one took
EVERY_S = 2.0  # also without news
TODAY_S = 5.0  # what ended since midnight is counted no more often
RETRY_S = 1.0
LINES = 50  # last words of a job that is looked at
NS = 10**9

Tell = Callable[[Seen | Told], None]


class Looker:
    """Asks for all that is on the screen, over a connection that others may use meanwhile."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._today: Today | None = None
        self._today_s = -TODAY_S
        self._detail: tuple[int, int] = (0, 0)

    def look(self, scope: Scope) -> Seen:
        """What there is to see of that. Raises GoqError."""
        client = self._client
        page = client.rows(scope.query)
        seen = Seen(
            time.time_ns(), scope, client.cluster(), client.workers(), page, {}, self._since_midnight()
        )
        detail = next((row for row in seen.rows if row.id == scope.detail), None)
        return replace(seen, reasons=self._reasons(seen.rows), **self._more(detail))

    def _reasons(self, rows: Sequence[Row]) -> dict[int, Reason]:
        """Why those wait of which nothing runs."""
        wanted = [row for row in rows if waits(row)]
        found = self._client.reasons([ranges_of(row) for row in wanted])
        reasons = {row.id: reason for row, reason in zip(wanted, found, strict=True) if reason is not None}
        return with_asides(self._client, reasons)

    def _more(self, row: Row | None) -> dict[str, object]:
        """The life of a job; of an array what failed."""
        if row is None:
            return {}
        try:
            if not isinstance(row, SubmissionRow) or row.job is not None:
                return {"life": self._client.life(LifeOf(row.id, lines=LINES))}
            if row.counts.bad:
                return {"failures": self._client.failures(FailuresOf((ranges_of(row),)))}
        except RequestRefused:
            return {}  # it takes too long, or the reader is busy: the page goes without
        return {}

    def _since_midnight(self) -> Today | None:
        """What ended today; as it was when that takes too long."""
        if time.monotonic() - self._today_s >= TODAY_S:
            now = time.localtime()
            midnight_s = time.mktime((*now[:3], 0, 0, 0, 0, 0, -1))
            self._today_s = time.monotonic()
            try:
                self._today = self._client.today(AskToday(round(midnight_s) * NS))
            except RequestRefused:
                return self._today
        return self._today


class Source:
    """Both threads, from `begin` to `end`. `tell` is called in one of them with what was seen, and how the server answers."""

    def __init__(self, config: Config, scope: Scope, tell: Tell) -> None:
        self.client = Client(config)
        self._news = Client(config)
        self._tell = tell
        self._scope = scope
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._seq = 0
        self._told = Told(time.time_ns())

    def begin(self, seq: int) -> None:
        """Ask, from that event on."""
        self._seq = seq
        for name, asks in (("news", self._hear), ("looks", self._look_on)):
            threading.Thread(target=asks, name=name, daemon=True).start()

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()
        self._wanted.set()
        self._news.close()
        self.client.close()

    def want(self, scope: Scope) -> None:
        """Something else is to be seen, or the same at once."""
        self._scope = scope
        self._wanted.set()

    def _hear(self) -> None:
        """Wait for news, again and again."""
        while not self._ended.is_set():
            try:
                seq = self._news.news(self._seq)
            except GoqError:
                self._wanted.set()
                self._ended.wait(RETRY_S)
                continue
            if seq != self._seq:
                self._seq = seq
                self._wanted.set()

    def _look_on(self) -> None:
        """Look whenever that is wanted, with pauses."""
        looker = Looker(self.client)
        while not self._ended.is_set():
            began_s = time.monotonic()
            self._look(looker)
            took_s = time.monotonic() - began_s
            self._ended.wait(pause_s(took_s))
            self._wanted.wait(EVERY_S)
            self._wanted.clear()

    def _look(self, looker: Looker) -> None:
        self._say(replace(self._told, asked_ns=self._told.asked_ns or time.time_ns()))
        try:
            seen = looker.look(self._scope)
        except ServerUnreachable:
            self._say(replace(self._told, is_gone=True))
        except GoqError as error:
            self._say(Told(time.time_ns(), trouble=str(error)))
        else:
            self._say(Told(seen.at_ns))
            self._tell(seen)

    def _say(self, told: Told) -> None:
        self._told = told
        self._tell(told)


def pause_s(took_s: float) -> float:
    """How long to look at nothing after a look that took so long."""
    return min(MOST_S, max(LEAST_S, SHARE * took_s))
