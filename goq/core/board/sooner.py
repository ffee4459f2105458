"""What a job that waits for room could ask for instead, to start now: tried with the code that places jobs. Pure."""

import math
from collections.abc import Iterator

from msgspec.structs import replace

from goq.core.board.lanes import Lanes
from goq.core.board.placement import Placement
from goq.core.board.survey import Seen
from goq.core.values.job import Job
from goq.core.values.reasons import Sooner
from goq.core.values.room import CPUS, MEMORY, MIB, Need, need_of
from goq.core.values.terms import Terms

_LEAST = 0.25  # of what it asks for: with less it would be another job
_BITS = 6  # needs of memory are as coarse as that


class Tries:
    """Tries what the board would do with a job that asked for less."""

    def __init__(self, lanes: Lanes, placement: Placement) -> None:
        self._lanes = lanes
        self._placement = placement

    def best(self, job: Job, seen: list[Seen]) -> tuple[Sooner, ...]:
        """The change that takes the least from the job, if there is one that would start it now."""
        found = [each for machine in seen for each in self._of(job, machine)]
        best = max(found, key=lambda each: each.amount / _asked(job.terms, each.name), default=None)
        return () if best is None else (best,)

    def _of(self, job: Job, seen: Seen) -> Iterator[Sooner]:
        """With less of the one thing that is missing there."""
        for name in (CPUS, MEMORY):
            amount, asked = _free(seen, name), _asked(job.terms, name)
            if not max(1, _LEAST * asked) <= amount < asked:
                continue
            need = need_of(_with(job.terms, name, amount), job.outlived)
            if self._would_start(job, need, seen):
                yield Sooner(name, amount, seen.name)

    def _would_start(self, job: Job, need: Need, seen: Seen) -> bool:
        """It fits there, and nobody who goes before it does."""
        host, room = seen.name, seen.here.room
        if seen.trouble or not seen.here.is_there or not room.fits(need):
            return False
        top = self._lanes.top(host, None, self._placement.share)
        if top is not None and top.jobs.first == job.id:
            return True
        placement = self._placement
        others = self._lanes.top(
            host, lambda owner, each: placement.may_take(room, owner, each), placement.share
        )
        return others is None and placement.may_take(room, job.origin.owner, need)


def _asked(terms: Terms, name: str) -> int:
    return terms.cpus if name == CPUS else terms.memory // MIB


def _with(terms: Terms, name: str, amount: int) -> Terms:
    return replace(terms, cpus=amount) if name == CPUS else replace(terms, memory=amount * MIB)


def _free(seen: Seen, name: str) -> int:
    """So much of it a job could have there now."""
    free = seen.here.left(name)
    amount = 0 if free == math.inf else max(0, math.floor(free))
    if name != MEMORY:
        return amount
    unit = 1 << max(0, amount.bit_length() - _BITS)
    return amount // unit * unit
