"""Where questions are put: one connection to a server, of as many threads as there are, and what is done with jobs over it."""

import math
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.config import Config, load_config
from goq.api import talks
from goq.api.naming import Which, selectors_of
from goq.api.person import person
from goq.api.spoken import Duration, seconds_of, signal_of
from goq.api.talks import HOUR_S, Changed, Here, Talk
from goq.core.messages import Answer, Question, RetriedRow, Retry
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release, Resume, What
from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges
from goq.core.values.reasons import Explained
from goq.core.values.result import SIGTERM, Ended
from goq.core.values.selectors import Selector
from goq.errors import BadCommand
from goq.roles.client.line import Asked, Line
from goq.roles.said.saying import Say

if TYPE_CHECKING:
    from goq.api.options import SetOptions, TermOptions
    from goq.api.results import Result
    from goq.core.values.pages import Rows
    from goq.core.values.queries import Query
    from goq.core.values.reasons import Explained
    from goq.core.values.shown import JobRow

A = TypeVar("A", bound=Answer)
F = TypeVar("F", bound=Struct)
T = TypeVar("T")
States = str | Iterable[str]


class Desk:
    """What a Client does that gives no jobs back."""

    def __init__(
        self, config: Config | None = None, *, timeout: Duration | None = None, say: Say | None = None
    ) -> None:
        settings = config or load_config()
        self.config = settings if timeout is None else replace(settings, timeout_s=seconds_of(timeout))
        self._line = Line(self.config, say)
        self.here = Here(self.config.address, person(self.config))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. Whoever still waits over it gets a GoqError."""
        self._line.close()

    @property
    def address(self) -> str:
        """The server's address, as tcp://head:1776."""
        return self.config.address

    # --- what is to be asked -------------------------------------------------------------------

    def ask(self, question: Question, kind: type[A]) -> A:
        """The answer, when it is of that kind; for goq's own commands. Raises JobUnknown, RequestRefused for any other."""
        return self.run(talks.ask(self.here, question, kind))

    def ask_late(self, question: Question) -> Answer:
        """The answer, which may come at any time, through restarts of the server. Raises RequestRefused."""
        return self.run(talks.late(question))

    def glance(self, question: Question, kind: type[A], within_s: float) -> A | None:
        """The answer if it is here by then and of that kind, else None; for goq's own commands."""
        answer = self._line.glance(question, within_s)
        return answer if isinstance(answer, kind) else None

    def look(self, query: "Query[F]") -> F:
        """What the server's reader finds; for goq's own commands."""
        return self.run(talks.look(self.here, query))

    def run(self, talk: Talk[T]) -> T:
        """Carry a talk to its end; for goq's own commands. What an answer raises is thrown into it."""
        try:
            asked = next(talk)
            while True:
                asked = self._carry(talk, asked)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            talk.close()

    def _carry(self, talk: Talk[T], asked: Asked) -> Asked:
        try:
            answer = self._line.answer(asked)
        except BaseException as error:  # noqa: BLE001 - the talk says what becomes of it
            return talk.throw(error)
        return talk.send(answer)

    # --- steering ------------------------------------------------------------------------------

    def kill(
        self, *which: Which, states: States = (), user: str = "", signal: int | str = "TERM", at_most: int = 0
    ) -> Changed:
        """Cancel jobs: what waits never runs, what runs is sent the signal, and SIGKILL after its worker's grace.

        With `at_most`, nothing happens when they are more than that, or others' that no number names: `done` is False then.
        """
        number = signal if isinstance(signal, int) else signal_of(signal)
        return self.change(selectors_of(which, states, user), Kill(number), at_most)

    def hold(self, *which: Which, states: States = (), user: str = "") -> Changed:
        """Keep jobs that wait from being started, until they are released."""
        return self.change(selectors_of(which, states, user), Hold())

    def release(self, *which: Which, states: States = (), user: str = "") -> Changed:
        """Let jobs that are held be started."""
        return self.change(selectors_of(which, states, user), Release())

    def pause(self, *which: Which, states: States = (), user: str = "") -> Changed:
        """Stop running jobs, with all that they have started, until they are resumed. Each keeps its place."""
        return self.change(selectors_of(which, states, user), Pause())

    def resume(self, *which: Which, states: States = (), user: str = "") -> Changed:
        """Let paused jobs go on."""
        return self.change(selectors_of(which, states, user), Resume())

    def alter(
        self, *which: Which, states: States = (), user: str = "", **options: "Unpack[TermOptions]"
    ) -> Changed:
        """Change what was asked for of jobs that wait; of one that runs its time_limit alone.

        Raises BadCommand when nothing is to be altered.
        """
        from goq.api.options import TermOptions, require_known, terms_of  # noqa: PLC0415 - a plain `goq sub` waits

        require_known(options, TermOptions)
        fields, terms = terms_of(options)
        if not fields:
            raise BadCommand("nothing is to be altered; say what, as priority=5")
        return self.change(selectors_of(which, states, user), Alter(fields, terms))

    def change(self, selectors: Iterable[Selector], what: What, at_most: int = 0) -> Changed:
        """Have that done to all of them; for goq's own commands."""
        return self.run(talks.change(self.here, selectors, what, at_most))

    def cancel(self, job: int) -> None:
        """Cancel the one job; for goq's own commands, which say how it ended. Raises JobUnknown, and RequestRefused with how it ended when it has ended otherwise."""
        self.run(talks.cancel(self.here, JobId(job), SIGTERM))

    def retried(self, question: Retry) -> tuple[RetriedRow, ...]:
        """Submit again what has ended; old and new numbers. For goq's own commands, which make the question."""
        return self.run(talks.retry(self.here, question))

    def again(
        self,
        which: Iterable[Which],
        states: States,
        user: str,
        options: "SetOptions",
        *,
        failed: bool,
        alone: bool,
        since: Duration,
    ) -> tuple[RetriedRow, ...]:
        """The same of these jobs, with what else is wanted of them; for goq's own commands."""
        from goq.api.options import (  # noqa: PLC0415 - as above
            SetOptions,
            require_known,
            terms_of,
            wishes_of,
        )

        require_known(options, SetOptions)
        found = selectors_of(which, states, user)
        if len(found) > 1:
            raise BadCommand("these are too many for one retry; ranges as '12-20' are one")
        fields, terms = terms_of(options)
        more = (failed, alone, fields, terms, seconds_of(since), wishes_of(options))
        return self.retried(Retry(found[0], self.here.by, *more))

    # --- which jobs, and how they are ----------------------------------------------------------

    def numbers(self, *which: Which, states: States = (), user: str = "", since: Duration = HOUR_S) -> Ranges:
        """The numbers of jobs, live or ended, in order: ranges, each its first and the one behind its last.

        Words mean what lives, or has ended within `since`.
        """
        selectors, since_s = selectors_of(which, states, user), seconds_of(since)
        if not any(selector.states for selector in selectors):
            return self.run(talks.mean(self.here, selectors, since_s))
        from goq.api.looking import numbers_in_states  # noqa: PLC0415 - few look

        return self.run(numbers_in_states(self.here, selectors, since_s))

    def job_rows(self, which: Which, *, since: Duration = HOUR_S) -> "Iterator[JobRow]":
        """How it is with these jobs now, in the order of their numbers; see JobRow."""
        from goq.api.looking import query_of, rows_of  # noqa: PLC0415 - as above

        for selector in selectors_of([which]):
            query: Rows | None = query_of(self.here, selector, seconds_of(since))
            while query is not None:
                jobs, query = self.run(rows_of(self.here, query))
                yield from jobs

    def why(self, which: Which, *, user: str = "", since: Duration = HOUR_S) -> "Explained":
        """Why those of these jobs that wait do not run, by one that stands for most; else how it is with the first.

        Raises RequestRefused when no job is meant.
        """
        return self.run(talks.why(self.here, which, user, seconds_of(since)))

    def ends(self, jobs: Iterable[int], by_s: float = math.inf) -> Iterator[Ended]:
        """How each of them ended, as they do, by that second of the monotonic clock; for goq's own commands.

        Raises as `results`.
        """
        left = dict.fromkeys(map(JobId, jobs))
        while left:
            for ended in self.run(talks.some_ends(self.here, tuple(left), by_s)):
                del left[ended.job]
                yield ended

    def results(
        self,
        *which: Which,
        states: States = (),
        user: str = "",
        since: Duration = HOUR_S,
        timeout: Duration | None = None,
    ) -> "Iterator[Result]":
        """How each of these jobs ended, as they do. Waits through restarts of the server, for `timeout` at most.

        Raises TimeUp when that is over, JobUnknown when a number names no job, ServerUnreachable when there is no
        server at first.
        """
        from goq.api.results import result_of  # noqa: PLC0415 - as above

        by_s = math.inf if timeout is None else time.monotonic() + seconds_of(timeout)
        ranges = self.numbers(*which, states=states, user=user, since=since)
        jobs = (job for first, end in ranges for job in range(first, end))
        return map(result_of, self.ends(jobs, by_s))

    def task(self, array: int, number: int) -> int:
        """The number of the job that is that task of an array. Raises RequestRefused when there is none."""
        ((first, _),) = self.numbers(f"{array}.{number}")
        return first
