"""What a job that waits meets at each machine: what is free there, what is missing, and for whom it is kept.

Pure. A survey is of one moment, and remembers what it has found for jobs that placement cannot tell apart.
"""

import math

from msgspec import Struct
from msgspec.structs import replace

from goq.core.board.idle import IdleWorkers
from goq.core.board.lanes import Lanes
from goq.core.board.placement import Placement
from goq.core.board.rooms import Process, Room, Rooms
from goq.core.board.trouble import Trouble
from goq.core.board.views import Group, Key
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.limit_names import NODE
from goq.core.values.reasons import NO_JOB, PLACES, Lack, Machine
from goq.core.values.room import CPUS, GPUS, MEMORY, Need

DRAINED = "it is drained"
HOSTS_NAMED = 3
_SHOWN = (CPUS, MEMORY, GPUS)


class Parts(Struct, frozen=True):
    """The parts of the board that are read."""

    state: State
    rooms: Rooms
    placement: Placement
    trouble: Trouble
    lanes: Lanes
    idle: IdleWorkers


class Seen(Struct, frozen=True):
    """A machine, what it looks like to the job, and the room that this was read off."""

    machine: Machine
    room: Room
    is_kept: bool = False

    @property
    def is_open(self) -> bool:
        """It is large enough, and gets such jobs."""
        return not self.machine.small and not self.machine.trouble

    @property
    def fits(self) -> bool:
        """The job would start there now if it were next."""
        return self.is_open and not self.machine.lacks


class Survey:
    """All workers that are there, at one moment."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rooms: list[tuple[Process, Room]] = [
            (each, parts.rooms[each]) for each in parts.rooms.present() if not parts.rooms[each].is_over
        ]
        self._free = free_places(parts.idle)
        self._known: dict[Key, list[Seen]] = {}

    def __bool__(self) -> bool:
        return bool(self._rooms)

    def seen(self, key: Key) -> list[Seen]:
        """How each machine is for jobs that have this in common, by name."""
        if key not in self._known:
            self._known[key] = [self._see(key, *each) for each in sorted(self._rooms, key=lambda it: it[0])]
        return self._known[key]

    def has_large(self, need: Need) -> bool:
        """Some machine would have room for that if nothing ran."""
        return any(room.could_hold(need) for _, room in self._rooms)

    def keeps(self, process: Process) -> JobId:
        """The job that room is kept for there, 0 for none."""
        kept = self._parts.placement.reservation
        if kept is None or kept.process != process:
            return NO_JOB
        lane = self._parts.lanes.get(kept.key)
        return lane.jobs.first if lane else NO_JOB

    def kept_for(self) -> JobId:
        """The job that room is kept for anywhere, 0 for none."""
        kept = self._parts.placement.reservation
        return self.keeps(kept.process) if kept else NO_JOB

    def is_there(self, process: Process) -> bool:
        """A place of it waits for a job."""
        return self._free.get(process, 0) > 0

    def _see(self, key: Key, process: Process, room: Room) -> Seen:
        names = dict.fromkeys([*_SHOWN, *(name for name, _ in key.need)])
        machine = Machine(
            *process,
            {name: _whole(room.holds(name)) for name in names},
            {name: _whole(room.free(name)) for name in names},
            keeps=self.keeps(process),
        )
        drained, trouble = self._trouble(key, process[0])
        machine = replace(machine, drained=drained, trouble=trouble)
        if not room.could_hold(key.need):
            return Seen(replace(machine, lacks=_missing(key.need, machine.holds), small=True), room)
        lacks = _missing(key.need, machine.free)
        if not lacks and not self.is_there(process):
            lacks = {PLACES: 1}
        kept = self._parts.placement.reservation
        is_own = kept is not None and kept.key == key
        is_kept = not is_own and room.fits(key.need) and not self._parts.placement.may_take(room, key.need)
        return Seen(replace(machine, lacks=lacks), room, is_kept)

    def _trouble(self, key: Key, host: str) -> tuple[bool, str]:
        """It is drained; why it gets nothing of this kind, "" when it does."""
        if self._parts.placement.is_full(host):
            return True, self._parts.state.limit_words(f"{NODE}{host}") or DRAINED
        group: Group = key.group
        avoided = "the job was there when nothing could be started" if host in key.avoid else ""
        return False, self._parts.trouble.problem(group, host) or avoided


def free_places(idle: IdleWorkers) -> dict[Process, int]:
    """How many places of each worker process wait for a job."""
    found: dict[Process, int] = {}
    for worker in idle.keys():  # noqa: SIM118 - it is no dict
        process = (worker.host, worker.pid)
        found[process] = found.get(process, 0) + 1
    return found


def lack_of(need: Need, seen: list[Seen], *, now: bool) -> Lack | None:
    """What of it is missing most on the machine that lacks least: `now`, or even if nothing ran.

    None when each amount of it is on some machine, and never all on one.
    """
    if now:
        least = min(seen, key=lambda each: _share_missing(need, each))
        name = max(least.machine.lacks, key=lambda name: least.machine.lacks[name] / dict(need).get(name, 1))
    else:
        rare = [name for name, amount in need if all(each.room.holds(name) < amount for each in seen)]
        if not rare:
            return None
        name = rare[0]
    if name == PLACES:
        return Lack(PLACES, 1, 0, busy=True)
    has = [(each.room.free(name) if now else each.room.holds(name), each.machine.name) for each in seen]
    most = max(amount for amount, _ in has)
    hosts = tuple(dict.fromkeys(host for amount, host in has if amount == most))[:HOSTS_NAMED]
    total = sum(_whole(each.room.holds(name)) or 0 for each in seen)
    return Lack(name, dict(need)[name], _whole(most) or 0, hosts, now and most <= 0, total)


def _share_missing(need: Need, each: Seen) -> float:
    amounts = dict(need)
    return sum(missing / amounts.get(name, 1) for name, missing in each.machine.lacks.items())


def _missing(need: Need, here: dict[str, int | None]) -> dict[str, int]:
    """What of it is not here, and how much."""
    found = {}
    for name, amount in need:
        has = here[name]
        if has is not None and has < amount:
            found[name] = amount - max(has, 0)
    return found


def _whole(amount: float) -> int | None:
    """In whole units; None without bound."""
    return None if amount == math.inf else math.floor(amount)
