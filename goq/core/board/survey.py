"""What a job that waits meets at each machine: what is free there, what is missing, and for whom it is kept.

Pure. A survey is of one moment, and remembers what it has found for jobs that placement cannot tell apart.
"""

import math
from collections.abc import Callable

from msgspec import Struct

from goq.core.board.idle import IdlePlaces
from goq.core.board.lanes import Lanes
from goq.core.board.placement import Placement
from goq.core.board.rooms import Process, Room, Rooms
from goq.core.board.trouble import Trouble
from goq.core.board.views import Key, Lane
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.limit_names import NODE
from goq.core.values.reasons import NO_JOB, PLACES, Lack, Machine
from goq.core.values.room import CPUS, GPUS, KEYED, MEMORY, Need

DRAINED = "it is drained"
_WORKS_FOR = "it works for"
ROOTS_ONLY = "it runs as root with the cluster id, and so nothing that came with a user's key"
HOSTS_NAMED = 3
_SHOWN = (CPUS, MEMORY, GPUS)


class Parts(Struct, frozen=True):
    """The parts of the board that are read."""

    state: State
    rooms: Rooms
    placement: Placement
    trouble: Trouble
    lanes: Lanes
    idle: IdlePlaces


class Here(Struct, frozen=True):
    """A machine as all jobs see it. Amounts of other names than the usual ones are read off the room."""

    process: Process
    room: Room
    holds: dict[str, float]
    free: dict[str, float]
    drained: bool
    is_there: bool  # a place of it waits for a job

    def held(self, name: str) -> float:
        """How much of it the machine has."""
        return self.holds[name] if name in self.holds else self.room.holds(name)

    def left(self, name: str) -> float:
        """How much of it is free."""
        return self.free[name] if name in self.free else self.room.free(name)


class Seen(Struct, frozen=True, gc=False):
    """A machine as jobs of one kind see it: what they lack there, or would if nothing ran, where it is too `small`."""

    here: Here
    lacks: dict[str, int]
    small: bool
    trouble: str
    is_kept: bool

    @property
    def name(self) -> str:
        """What the machine is called."""
        return self.here.process[0]

    @property
    def is_open(self) -> bool:
        """It is large enough, and gets such jobs."""
        return not self.small and not self.trouble

    @property
    def fits(self) -> bool:
        """The job would start there now if it were next."""
        return self.is_open and not self.lacks


_NOTHING: dict[str, int] = {}
_A_PLACE = {PLACES: 1}


class Survey:
    """All workers that are there, at one moment."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        places = free_places(parts.idle)
        rooms = [(each, parts.rooms[each]) for each in sorted(parts.rooms.present())]
        self._all = [self._here(*each, places.get(each[0], 0)) for each in rooms if not each[1].is_over]
        self._known: dict[Key, list[Seen]] = {}
        self._large: dict[tuple[str, Need], bool] = {}
        self._next: Lane | None = None
        self._has_next = False

    def __bool__(self) -> bool:
        return bool(self._all)

    def _here(self, process: Process, room: Room, places: int) -> Here:
        holds, free = ({name: of(name) for name in _SHOWN} for of in (room.holds, room.free))
        drained = self._parts.placement.is_full(process[0])
        return Here(process, room, holds, free, drained, places > 0)

    def seen(self, key: Key) -> list[Seen]:
        """How each machine is for jobs that have this in common, by name."""
        if key not in self._known:
            self._known[key] = [self._see(key, each) for each in self._all]
        return self._known[key]

    def has_large(self, owner: str, need: Need) -> bool:
        """Some machine would have room for that of the owner's if nothing ran."""
        asked = (owner, need)
        if asked not in self._large:
            self._large[asked] = any(_holds(each, need) and each.room.serves(owner) for each in self._all)
        return self._large[asked]

    def may_start(self, owner: str, need: Need) -> bool:
        """The same, and there is room for its output."""
        return self.has_large(owner, need) and not self._parts.placement.has_no_room(owner)

    def next(self) -> Lane | None:
        """The lane whose turn it is, of those that may start somewhere."""
        if not self._has_next:
            self._has_next = True
            self._next = self._parts.lanes.top("", self.may_start, self._parts.placement.share)
        return self._next

    def kept_for(self) -> JobId:
        """The job that room is kept for anywhere, 0 for none."""
        kept = self._parts.placement.reservation
        return self._parts.placement.kept_for(kept.process) if kept else NO_JOB

    def machine(self, key: Key, seen: Seen) -> Machine:
        """The same for people and programs."""
        names = dict.fromkeys([*_SHOWN, *(name for name, _ in key.need if name != KEYED)])
        return Machine(
            *seen.here.process,
            {name: _whole(seen.here.held(name)) for name in names},
            {name: _whole(seen.here.left(name)) for name in names},
            seen.lacks,
            seen.small,
            seen.here.drained,
            seen.trouble,
            self._parts.placement.kept_for(seen.here.process),
        )

    def _see(self, key: Key, here: Here) -> Seen:
        trouble = self._trouble(key, here)
        if trouble == ROOTS_ONLY:
            return Seen(here, _NOTHING, small=False, trouble=trouble, is_kept=False)
        need = tuple(each for each in key.need if each[0] != KEYED)  # of that the trouble tells
        if not _holds(here, need):
            return Seen(here, _missing(need, here.held), small=True, trouble=trouble, is_kept=False)
        if any(much > here.left(name) for name, much in need):
            return Seen(here, _missing(need, here.left), small=False, trouble=trouble, is_kept=False)
        kept, placement = self._parts.placement.reservation, self._parts.placement
        is_kept = (
            kept is not None and kept.key != key and not placement.may_take(here.room, key.owner, key.need)
        )
        lacks = _NOTHING if here.is_there else _A_PLACE
        return Seen(here, lacks, small=False, trouble=trouble, is_kept=is_kept)

    def _trouble(self, key: Key, here: Here) -> str:
        """Why it gets nothing of this kind, "" when it does."""
        host = here.process[0]
        if here.drained:
            return self._parts.state.limit_words(f"{NODE}{host}") or DRAINED
        if not here.room.serves(key.owner):
            return f"{_WORKS_FOR} {here.room.offer.owner} only"
        if any(much > here.held(name) for name, much in key.need if name == KEYED):
            return ROOTS_ONLY
        if not self._parts.trouble.exists:
            return ""
        avoided = "the job was there when nothing could be started" if host in key.avoid else ""
        return self._parts.trouble.problem(key.group, host) or avoided


def says_whom(trouble: str) -> bool:
    """It is the server's own word of a machine, and not what that has said of a job."""
    return trouble in (DRAINED, ROOTS_ONLY) or trouble.startswith(_WORKS_FOR)


def _holds(here: Here, need: Need) -> bool:
    """It would have room for that if nothing ran."""
    return all(much <= here.held(name) for name, much in need)


def free_places(idle: IdlePlaces) -> dict[Process, int]:
    """How many places of each worker process wait for a job."""
    found: dict[Process, int] = {}
    for worker in idle.all():
        process = (worker.host, worker.pid)
        found[process] = found.get(process, 0) + 1
    return found


def lack_of(need: Need, seen: list[Seen], *, now: bool) -> Lack | None:
    """What of it is missing most on the machine that lacks least: `now`, or even if nothing ran.

    None when each amount of it is on some machine, and never all on one.
    """
    amounts = dict(need)
    if now:
        lacks = min((each.lacks for each in seen), key=lambda lacks: _share_of(amounts, lacks))
        name = max(lacks, key=lambda name: lacks[name] / amounts.get(name, 1))
    else:
        rare = [name for name, amount in need if all(each.here.held(name) < amount for each in seen)]
        if not rare:
            return None
        name = rare[0]
    if name == PLACES:
        return Lack(PLACES, 1, 0, busy=True)
    has = [(each.here.left(name) if now else each.here.held(name), each.name) for each in seen]
    most = max(amount for amount, _ in has)
    hosts = tuple(dict.fromkeys(host for amount, host in has if amount == most))[:HOSTS_NAMED]
    total = sum(_whole(each.here.held(name)) or 0 for each in seen)
    return Lack(name, amounts[name], max(0, _whole(most) or 0), hosts, now and most <= 0, total)


def _share_of(amounts: dict[str, int], lacks: dict[str, int]) -> float:
    return sum(missing / amounts.get(name, 1) for name, missing in lacks.items())


def _missing(need: Need, here: Callable[[str], float]) -> dict[str, int]:
    """What of it is not here, and how much."""
    return {name: much - max(0, math.floor(here(name))) for name, much in need if here(name) < much}


def _whole(amount: float) -> int | None:
    """In whole units; None without bound."""
    return None if amount == math.inf else math.floor(amount)
