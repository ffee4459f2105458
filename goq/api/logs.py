"""Reads on in what jobs write: attempt by attempt, over restarts of the server, each byte once.

The server says how far a job is (Follow), its reader has the bytes (AskLog).
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from goq.api.talks import found_in
from goq.core.messages import Answer, Follow, Followed, JobNotKnown, Look, Question, Shown
from goq.core.values.ids import JobId
from goq.core.values.logs import (
    GIVEN_UP,
    LENGTH_LIMIT,
    PART_LIMIT,
    STANDS_LIMIT,
    AskLog,
    LogPart,
    Phase,
    Stand,
)
from goq.core.values.queries import Query, query_bytes
from goq.core.values.result import OUT
from goq.errors import JobUnknown, RequestRefused

_LOOK_BACK_BYTES = 64 * 1024  # at first, for where the last lines begin

Ask = Callable[[Question], Answer]  # raises RequestRefused when the server says no
F = TypeVar("F", bound=Struct)


class Began(Struct, frozen=True):
    """What follows is of this attempt."""

    part: LogPart


class Wrote(Struct, frozen=True):
    """The next bytes."""

    data: bytes


class Over(Struct, frozen=True):
    """The attempt is over, and all of it was told; or the job, which never had one."""

    part: LogPart


Said = Began | Wrote | Over


def look(ask: Ask, query: Query[F]) -> F:
    """What the server's reader finds. Raises RequestRefused."""
    answer = ask(Look(query_bytes(query)))
    if isinstance(answer, Shown):
        return found_in(answer, query)
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")


class Reading:
    """How far somebody has read in one stream of a job.

    From the attempt `begin` on, 0: the latest, or that one `only`; of the first its last `back` lines, None: all.
    """

    def __init__(
        self,
        ask: Ask,
        job: JobId,
        stream: int = OUT,
        *,
        back: int | None = None,
        begin: int = 0,
        only: bool = False,
    ) -> None:
        self.job = job
        self.seen = Stand(job, stream=stream)
        self._ask = ask
        self._back = back
        self._begin, self._only = begin, only
        self._attempt = 0
        self._at = 0
        self._ending = ""  # of the attempt, as far as that was told

    @property
    def is_done(self) -> bool:
        """There will be no more."""
        return self.seen.phase is Phase.OVER or bool(self._only and self._ending)

    def catch_up(self, stand: Stand) -> Iterator[Said]:
        """What there is up to there and was not told."""
        self.seen = stand
        if not self._attempt and not (yield from self._open(stand)):
            return
        while stand.phase is not Phase.RUNS or self._attempt != stand.attempt:
            part = yield from self._rest()
            if self._only or part.at.latest <= self._attempt:
                return
            yield from self._enter(self._attempt + 1)
        upto = _upto(stand)
        while self._at < upto and (part := self._part(upto)).data:
            yield from self._told(part)
        self.seen = replace(stand, length=max(stand.length, self._at))

    def part(self, attempt: int = 0, offset: int = 0, limit: int = 0, upto: int = 0) -> LogPart:
        """A part of the stream. Raises RequestRefused."""
        return look(self._ask, AskLog(self.job, attempt, self.seen.stream, offset, limit, upto))

    def _part(self, upto: int = 0) -> LogPart:
        return self.part(self._attempt, self._at, PART_LIMIT, upto)

    def _open(self, stand: Stand) -> Generator[Said, None, bool]:
        """Where to begin; whether there is anything to begin with."""
        if stand.phase is Phase.WAITS and not stand.attempt and not self._only:
            self._begin = 1  # so none is passed over, however soon it ends
            return False
        upto = _upto(stand) if self._begin in (0, stand.attempt) else 0
        first = self.part(self._begin or stand.attempt, upto=upto)
        if not first.at.number:
            yield Over(first)
            return False
        yield from self._enter(first.at.number, first)
        if self._back is not None:
            self._at = self._line_start(first.length, self._back)
        return True

    def _enter(self, attempt: int, part: LogPart | None = None) -> Iterator[Said]:
        self._attempt, self._at, self._ending = attempt, 0, ""
        yield Began(part or self.part(attempt))

    def _rest(self) -> Generator[Said, None, LogPart]:
        """All that is left of an attempt that is over."""
        part = self._part()
        while part.data:
            yield from self._told(part)
            part = self._part()
        if part.at.ending != self._ending:
            self._ending = part.at.ending
            yield Over(part)
        return part

    def _told(self, part: LogPart) -> Iterator[Said]:
        self._at = part.end
        yield Wrote(part.data)

    def _line_start(self, length: int, lines: int) -> int:
        """Where the last so many lines begin, the last of which may have no end yet."""
        if not lines:
            return length
        at, size, left = length, _LOOK_BACK_BYTES, lines
        while at:
            start = max(0, at - size)
            data = self.part(self._attempt, start, at - start, length).data
            if at == length and data.endswith(b"\n"):
                left += 1
            for _ in range(data.count(b"\n")):
                found = data.rindex(b"\n")
                left -= 1
                if not left:
                    return start + found + 1
                data = data[:found]
            at, size = start, min(2 * size, PART_LIMIT)
        return 0


def _upto(stand: Stand) -> int:
    """So much of a running job is there; a server that has begun anew knows of nothing, and the file has it."""
    return stand.length or LENGTH_LIMIT


def stands_of(ask: Ask, readings: list[Reading]) -> Iterator[tuple[Reading, Stand]]:
    """How far each job is that nothing was told of yet. Raises JobUnknown, RequestRefused."""
    for at in range(0, len(readings), STANDS_LIMIT):
        yield from _stands(ask, readings[at : at + STANDS_LIMIT])


def read_now(ask: Ask, readings: list[Reading]) -> Iterator[tuple[Reading, Said]]:
    """What there is of each, one after the other. Raises JobUnknown, RequestRefused."""
    for reading, stand in stands_of(ask, readings):
        for said in reading.catch_up(stand):
            yield reading, said


def read_on(ask: Ask, readings: Iterable[Reading]) -> Iterator[tuple[Reading, Said] | None]:
    """The same, and on until all have ended; None when there is nothing more for now.

    Of many that have not ended the first STANDS_LIMIT are followed. Raises JobUnknown, RequestRefused.
    """
    left = list(readings)
    while left:
        for reading, stand in _stands(ask, left[:STANDS_LIMIT]):
            for said in reading.catch_up(stand):
                yield reading, said
        left = [reading for reading in left if not reading.is_done]
        yield None


def lines_of(
    ask: Ask, job: JobId, stream: int, *, follow: bool, back: int | None, begin: int, only: bool
) -> Iterator[bytes]:
    """What a job has written, a line at a time. Raises JobUnknown, and RequestRefused when it is not to be had."""
    reading = Reading(ask, job, stream, back=back, begin=begin, only=only)
    told = read_on(ask, [reading]) if follow else read_now(ask, [reading])
    rest = b""
    for each in told:
        if each is None:
            continue
        said = each[1]
        if isinstance(said, Wrote):
            *whole, rest = (rest + said.data).split(b"\n")
            yield from (line + b"\n" for line in whole)
        elif said.part.is_elsewhere:
            raise RequestRefused(
                f"what job {said.part.shown} writes is in {said.part.path} at {said.part.at.host}"
            )
        elif isinstance(said, Over) and said.part.trouble and said.part.at.ending != GIVEN_UP:
            raise RequestRefused(f"job {said.part.shown}: {said.part.trouble}")
        elif rest:  # of the attempt before
            yield rest
            rest = b""
    if rest:
        yield rest


def _stands(ask: Ask, readings: list[Reading]) -> Iterator[tuple[Reading, Stand]]:
    """Those that stand otherwise than they did, in their order."""
    match ask(Follow(tuple(reading.seen for reading in readings))):
        case Followed(stands):
            told = {(stand.job, stand.stream): stand for stand in stands}
            found = ((reading, told.get((reading.job, reading.seen.stream))) for reading in readings)
            yield from ((reading, stand) for reading, stand in found if stand)
        case JobNotKnown(job):
            raise JobUnknown(job, "at that server")
        case other:
            raise RequestRefused(f"the server gave an unexpected answer: {type(other).__name__}")
