"""Follows what a job writes, from its last lines on, over attempts and restarts of the server."""

import threading
from collections.abc import Callable

from goq.api.client import Client
from goq.api.talks import Talk
from goq.core.messages import Answer, Follow, Followed, Question
from goq.core.values.ids import JobId
from goq.core.values.logs import LENGTH_LIMIT, PART_LIMIT, AskLog, LogPart, Phase, Stand
from goq.errors import GoqError, ServerUnreachable
from goq.roles.client.line import Asked
from goq.views.harmless import Harmless
from goq.views.numbers import duration

BACK_BYTES = 64 * 1024  # of what was written before
RETRY_S = 1.0
NS = 10**9


class Follower:
    """One reader of one job's output. `write` gets what is to be shown, `say` a line of goq's own."""

    def __init__(
        self, client: Client, job: int, write: Callable[[str], None], say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._seen = Stand(JobId(job))
        self._write, self._say = write, say
        self._attempt, self._at = 0, 0
        self._harmless = Harmless()
        self._is_silent = False
        self._ended = threading.Event()

    def end(self) -> None:
        """Nobody reads on."""
        self._ended.set()

    def run(self) -> None:
        """Until the job has ended, or nobody reads on."""
        while not self._ended.is_set() and self._seen.phase is not Phase.OVER:
            try:
                self._catch_up()
            except ServerUnreachable:
                if not self._is_silent:
                    self._say("the server is silent; the log goes on when it is back")
                self._is_silent = True
                self._ended.wait(RETRY_S)
            except GoqError as error:
                self._say(str(error))
                return

    def _catch_up(self) -> None:
        """Wait until there is more, and tell it."""
        answer = self._client.run(_one(Follow((self._seen,))))
        self._is_silent = False
        if not isinstance(answer, Followed):
            return  # nothing yet
        for stand in answer.stands:
            self._tell(stand)
            self._seen = stand

    def _tell(self, stand: Stand) -> None:
        """All that there is, and was not told."""
        if stand.phase is Phase.WAITS and not stand.attempt:
            self._say("it waits, and has written nothing")
            return
        while True:
            is_old = self._attempt and stand.attempt > self._attempt
            upto = LENGTH_LIMIT if is_old or stand.phase is not Phase.RUNS else stand.length
            part = self._part(self._attempt or stand.attempt, upto)
            if is_old and not part.data:
                self._attempt += 1
                self._at = 0
                self._say(f"{_ended(part)}; attempt {self._attempt}")
                continue
            if part.is_elsewhere:
                self._say(f"it is in {part.path} on {part.at.host}")
                return
            if not part.data:
                break
            self._write(self._harmless.feed(part.data))
        if stand.phase is Phase.OVER:
            self._write(self._harmless.feed(b"", is_last=True))
            self._say(part.trouble or _ended(part))

    def _part(self, attempt: int, upto: int) -> LogPart:
        """The next part of the attempt; the first one is the end of what was written before."""
        if not self._attempt:
            part = self._client.look(AskLog(self._seen.job, attempt, offset=-BACK_BYTES, upto=upto))
            self._attempt = part.at.number or attempt
            if part.offset:
                self._say(f"{part.offset:,} bytes before this")
        else:
            part = self._client.look(
                AskLog(self._seen.job, attempt, offset=self._at, limit=PART_LIMIT, upto=upto)
            )
        self._at = part.end
        return part


def _ended(part: LogPart) -> str:
    """`exit 1 after 1h 02m on g22`."""
    at = part.at
    ran = f" after {duration((at.ended_ns - at.begun_ns) / NS)}" if at.begun_ns and at.ended_ns else ""
    how = f"signal {at.signal}" if at.signal else f"exit {at.exit_code}"
    how = at.cause or (at.ending if at.ending in ("lost", "cancelled", "skipped", "given up") else how)
    return f"{how}{ran}{f' on {at.host}' if at.host else ''}"


def _one(question: Question) -> Talk[Answer]:
    return (yield Asked(question))
