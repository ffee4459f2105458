"""The same for an event loop. It is the loop itself that wakes the connection, so there are no threads.

What is said with the server is said by the same talks as a Client's; jobs are numbers here.
"""

import math
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.config import Config, load_config
from goq.adapters.files.outbox import Outbox
from goq.adapters.wire.signing import Signer
from goq.api import talks
from goq.api.naming import Which, selectors_of
from goq.api.options import SubmitOptions
from goq.api.parcel import Array, Command, Lines, packer_of
from goq.api.person import person
from goq.api.results import Result, result_of
from goq.api.spoken import Duration, seconds_of, signal_of
from goq.api.submitting import parcel_of
from goq.api.talks import HOUR_S, Changed, Here, Talk
from goq.core.messages import Snapshot, WorkerRow
from goq.core.values.changes import Hold, Kill, Release
from goq.core.values.happenings import Happening, HappeningsSince
from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges
from goq.core.values.reasons import Explained
from goq.roles.client.asyncline import AsyncLine
from goq.roles.client.submission import submitting

if TYPE_CHECKING:
    from goq.core.values.queries import Query

F = TypeVar("F", bound=Struct)
T = TypeVar("T")


class AsyncClient:
    """A queue, as a Client has it, for the tasks of one event loop; close it, or use it in an `async with`.

    Each question raises what that of a Client raises.
    """

    def __init__(self, config: Config | None = None, *, timeout: Duration | None = None) -> None:
        settings = config or load_config()
        self.config = settings if timeout is None else replace(settings, timeout_s=seconds_of(timeout))
        self.here = Here(self.config.address, person(self.config))
        self._line = AsyncLine(self.config)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. Tasks that wait over it are to be cancelled before."""
        self._line.close()

    async def run(self, talk: Talk[T]) -> T:
        """Carry a talk to its end; for goq's own commands. What an answer raises is thrown into it."""
        try:
            asked = next(talk)
            while True:
                try:
                    answer = await self._line.answer(asked)
                except BaseException as error:  # noqa: BLE001 - the talk says what becomes of it
                    asked = talk.throw(error)
                else:
                    asked = talk.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            talk.close()

    async def submit(
        self,
        command: Command,
        *,
        array: Array | None = None,
        each: Lines | None = None,
        **options: Unpack[SubmitOptions],
    ) -> range:
        """As `Client.submit`; the numbers of the jobs, one for a single job."""
        secret = await self._line.begin()
        parcel = parcel_of(packer_of(secret, self.here.by), command, array, each, options)
        outbox = Outbox(self.config.spool, secret)
        what = (parcel.shared, parcel.lines, parcel.luggage)
        ack = await self.run(submitting(Signer(secret), outbox, *what, spool=False))
        if ack is None:
            raise AssertionError("nothing is spooled unasked")
        return range(ack.first, ack.last + 1)

    async def results(self, *which: Which, since: Duration = HOUR_S) -> AsyncIterator[Result]:
        """How each of these jobs ended, as they do; as `Client.results`, but that `asyncio.timeout` bounds the wait."""
        ranges = await self.numbers(*which, since=since)
        left = dict.fromkeys(JobId(job) for first, end in ranges for job in range(first, end))
        while left:
            for ended in await self.run(talks.some_ends(self.here, tuple(left), math.inf)):
                del left[ended.job]
                yield result_of(ended)

    async def wait(self, *which: Which, since: Duration = HOUR_S) -> list[Result]:
        """How each of these jobs ended, in the order of their numbers, when all have."""
        ended = [result async for result in self.results(*which, since=since)]
        return sorted(ended, key=lambda result: result.job)

    async def numbers(self, *which: Which, since: Duration = HOUR_S) -> Ranges:
        """As `Client.numbers`."""
        return await self.run(talks.mean(self.here, selectors_of(which), seconds_of(since)))

    async def kill(self, *which: Which, signal: int | str = "TERM", at_most: int = 0) -> Changed:
        """As `Client.kill`."""
        number = signal if isinstance(signal, int) else signal_of(signal)
        return await self.run(talks.change(self.here, selectors_of(which), Kill(number), at_most))

    async def hold(self, *which: Which) -> Changed:
        """As `Client.hold`."""
        return await self.run(talks.change(self.here, selectors_of(which), Hold()))

    async def release(self, *which: Which) -> Changed:
        """As `Client.release`."""
        return await self.run(talks.change(self.here, selectors_of(which), Release()))

    async def why(self, which: Which, *, since: Duration = HOUR_S) -> Explained:
        """As `Client.why`."""
        return await self.run(talks.why(self.here, which, "", seconds_of(since)))

    async def stat(self, max_show: int = 0) -> Snapshot:
        """As `Client.stat`."""
        return await self.run(talks.stat(self.here, max_show))

    async def workers(self) -> tuple[WorkerRow, ...]:
        """As `Client.workers`."""
        return await self.run(talks.workers(self.here))

    async def look(self, query: "Query[F]") -> F:
        """What the server's reader finds; for goq's own commands."""
        return await self.run(talks.look(self.here, query))

    async def news(self, since: int) -> int:
        """The number of the latest event, as soon as that is another; waits through restarts of the server."""
        return await self.run(talks.news(self.here, since, math.inf))

    async def events(self, since: int) -> AsyncIterator[Happening]:
        """What happens to the queue behind that event, without an end; as `Client.events`."""
        while True:
            page = await self.run(talks.look(self.here, HappeningsSince(since), math.inf))
            for event in page.rows:
                yield event
            since = page.seq
            if page.is_all:
                await self.news(since)
