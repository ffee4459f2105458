"""Follows what a job writes, from its last lines on, over attempts and restarts of the server."""

import threading
from collections.abc import Callable

from goq.api.client import Client
from goq.api.logs import Began, Over, Reading, Said, Wrote, read_on
from goq.api.talks import Talk
from goq.core.messages import Answer, AskAgain, Question
from goq.core.values.ids import JobId
from goq.core.values.logs import GIVEN_UP, TRIED_AGAIN, LogPart
from goq.errors import GoqError, ServerUnreachable
from goq.roles.client.line import Asked
from goq.views.harmless import Harmless
from goq.views.numbers import duration

BACK = 1000  # lines of what was written before
RETRY_S = 1.0
NS = 10**9


class _ClosedError(Exception):
    """Nobody reads on."""


class Follower:
    """One reader of one job's output. `write` gets what is to be shown, `say` a line of goq's own."""

    def __init__(
        self, client: Client, job: int, write: Callable[[str], None], say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._reading = Reading(self._ask, JobId(job), back=BACK)
        self._write, self._say = write, say
        self._harmless = Harmless()
        self._has_begun = self._is_silent = False
        self._ended = threading.Event()

    def end(self) -> None:
        """Nobody reads on."""
        self._ended.set()

    def run(self) -> None:
        """Until the job has ended, or nobody reads on."""
        while not self._reading.is_done:
            try:
                self._read_on()
            except _ClosedError:
                return
            except ServerUnreachable:
                if not self._is_silent:
                    self._say("the server is silent; the log goes on when it is back")
                self._is_silent = True
                self._ended.wait(RETRY_S)
            except GoqError as error:
                self._say(str(error))
                return

    def _read_on(self) -> None:
        for told in read_on(self._ask, [self._reading]):
            if told is not None:
                self._tell(told[1])
            elif not self._has_begun:
                self._has_begun = True
                self._say("it has not begun")

    def _ask(self, question: Question) -> Answer:
        """The answer that is not "nothing so far"."""
        answer: Answer = AskAgain()
        while isinstance(answer, AskAgain):
            if self._ended.is_set():
                raise _ClosedError
            answer = self._client.run(_one(question))
        self._is_silent = False
        return answer

    def _tell(self, said: Said) -> None:
        match said:
            case Began(part):
                self._begin(part)
            case Wrote(data):
                self._write(self._harmless.feed(data))
            case Over(part):
                self._write(self._harmless.feed(b"", is_last=True))
                self._harmless = Harmless()
                self._say(part.trouble if part.trouble and part.at.is_last else how_it_ended(part))

    def _begin(self, part: LogPart) -> None:
        if part.at.number > 1 or self._has_begun:
            self._say(f"attempt {part.at.number} on {part.at.host or 'a host'}")
        self._has_begun = True
        if part.is_elsewhere:
            self._say(f"it is in {part.path} on {part.at.host}")


def how_it_ended(part: LogPart) -> str:
    """`exit 1 after 1h 02m on g22`."""
    at = part.at
    ran = f" after {duration((at.ended_ns - at.begun_ns) / NS)}" if at.begun_ns and at.ended_ns else ""
    how = at.cause or (f"signal {at.signal}" if at.signal else f"exit {at.exit_code}")
    if at.ending in ("lost", "cancelled", "skipped", GIVEN_UP):
        how = at.ending
    again = f", {TRIED_AGAIN}" if at.ending == TRIED_AGAIN else ""
    return f"{how}{ran}{f' on {at.host}' if at.host else ''}{again}"


def _one(question: Question) -> Talk[Answer]:
    return (yield Asked(question))
