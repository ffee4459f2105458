"""What each worker has, and what of it is free. Pure.

A worker process is one room, and a place of it takes what its job needs; jobs that follow in the same hand
need the same. What is taken follows from what runs; what they offer the workers say with each request. A GPU is its
host's: of two workers there that offer the same id, the first has it. The cpus that jobs are pinned to
are its host's as well: whichever worker there has such a job, no other gets one of its cpus.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from msgspec import Struct, field

from goq.core.board.hosts import ABSENT_S
from goq.core.state.state import State
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker
from goq.core.values.room import ANYTHING, GPUS, NO_GRANT, PINNED, TIME, Grant, Need, Offer, taken_by

Process = tuple[str, int]  # a host, and a process there
Boot = tuple[str, str]  # a host, and its boot
Cpus = set[int]
LOST_LIMIT = 1000  # rooms of workers that are lost, and are remembered for those who look


def process_of(worker: Worker) -> Process:
    """The process that the place is of."""
    return worker.host, worker.pid


class Taken(Struct, frozen=True, gc=False):
    """What one place has taken."""

    need: Need
    grant: Grant = NO_GRANT


class Clock(Struct, eq=False):
    """The wall clock, as it was last looked at; all rooms share it."""

    now_ns: int = 0


class Room(Struct, eq=False):
    """One worker process: what it offers, and what its places have taken. `refused` GPUs another worker has.

    On the cpus in `pinned` jobs of its host are that are pinned, whichever worker has them.
    """

    offer: Offer = ANYTHING
    heard_s: float = 0.0
    said_by: set[WorkerId] = field(default_factory=set)  # the workers that have said what it offers
    is_lost: bool = False  # and has not been heard of since its lease ended
    taken: Counter[str] = field(default_factory=Counter)
    places: dict[WorkerId, Taken] = {}
    refused: frozenset[str] = frozenset()
    pinned: Cpus = field(default_factory=set)
    clock: Clock = field(default_factory=Clock)

    @property
    def is_known(self) -> bool:
        """A worker has said what it offers."""
        return bool(self.said_by)

    def holds(self, name: str) -> float:
        """How much of it the worker has, in all its places."""
        if name == GPUS and self.refused:
            return sum(gpu not in self.refused for gpu in self.offer.gpus)
        return self.left_s if name == TIME else self.offer.amount(name)

    @property
    def is_over(self) -> bool:
        """Its worker has come to the end of its life, and has not said so yet."""
        return self.offer.ends_ns != 0 and self.left_s <= 0

    @property
    def left_s(self) -> float:
        """How long its worker lives yet; infinity where that has no end."""
        ends_ns = self.offer.ends_ns
        return (ends_ns - self.clock.now_ns) / 1e9 if ends_ns else math.inf

    def free(self, name: str) -> float:
        """How much of it nobody has taken."""
        if name == PINNED:
            return len(self.free_cpus())
        return self.holds(name) - self.taken[name]

    def serves(self, owner: str) -> bool:
        """It runs jobs of that owner."""
        return not self.offer.owner or self.offer.owner == owner

    def fits(self, need: Need) -> bool:
        """There is room for it now."""
        return not self.is_over and all(amount <= self.free(name) for name, amount in need)

    def could_hold(self, need: Need) -> bool:
        """There would be room for it if nothing ran."""
        return not self.is_over and all(amount <= self.holds(name) for name, amount in need)

    def lack(self, need: Need) -> float:
        """How much of it is missing now: the sum of the missing parts."""
        return sum(max(0.0, amount - self.free(name)) / amount for name, amount in need)

    def free_gpus(self) -> list[str]:
        """The ids that nobody has taken."""
        left = Counter(self.offer.gpus)
        left.subtract(gpu for taken in self.places.values() for gpu in taken.grant.gpus)
        return [gpu for gpu in left.elements() if gpu not in self.refused]

    def free_cpus(self) -> list[int]:
        """Those that a job may be pinned to."""
        return [cpu for cpu in self.offer.pin_ids() if cpu not in self.pinned]

    def grant(self, need: Need) -> Grant:
        """What of the host is to be the own of a job that needs this."""
        counts = dict(need)
        gpus, cpus = counts.get(GPUS, 0), counts.get(PINNED, 0)
        if not gpus and not cpus:
            return NO_GRANT
        ids = tuple(self.free_gpus()[:gpus]) if gpus else ()
        shared = tuple(gpu for gpu in dict.fromkeys(ids) if self.offer.gpus.count(gpu) > 1)
        return Grant(ids, tuple(self.free_cpus()[:cpus]) if cpus else (), self.offer.boot, shared)


class Rooms:
    """The rooms of all workers."""

    def __init__(self, state: State) -> None:
        self.clock = Clock()
        self._rooms: dict[Process, Room] = {}
        self._gpus: dict[tuple[Boot, str], Process] = {}  # who has the GPU of a host
        self._pinned: defaultdict[Boot, Cpus] = defaultdict(set)
        self._lost: dict[Process, None] = {}  # the latest last
        self._latest_s = 0.0
        self._totals: dict[str, float] = {}
        self.changes = 0  # how often it has changed what there is
        for running in state.running.values():
            self._take(running.worker, Taken(taken_by(running.job.need), running.job.grant))

    def __getitem__(self, process: Process) -> Room:
        return self._rooms[process]

    def get(self, process: Process) -> Room | None:
        """The room of a process, if it is known."""
        return self._rooms.get(process)

    def of(self, worker: Worker) -> Room:
        """The room of the place's process."""
        return self._rooms.get(process_of(worker)) or self._make(process_of(worker))

    def present(self) -> list[Process]:
        """The workers that run something, or were heard lately, and are not lost."""
        since_s = self._latest_s - ABSENT_S
        rooms = self._rooms.items()
        return [each for each, room in rooms if room.places or (room.heard_s >= since_s and not room.is_lost)]

    def items(self) -> Iterable[tuple[Process, Room]]:
        """All rooms, by their processes."""
        return self._rooms.items()

    def hear(self, worker: Worker, offer: Offer, now_s: float) -> list[str]:
        """The worker offers this; the GPUs of it that another worker has had since before, when that is news."""
        process, room = process_of(worker), self.of(worker)
        room.heard_s = self._latest_s = now_s
        if room.is_lost:
            room.is_lost = False
            del self._lost[process]
            self._changed()
        if offer is room.offer and worker.id in room.said_by and not room.refused:
            return []
        room.offer = offer
        room.said_by.add(worker.id)
        boot = (worker.host, offer.boot)
        room.pinned = self._pinned[boot]
        self._changed()
        others = [gpu for gpu in dict.fromkeys(offer.gpus) if self._is_anothers(process, (boot, gpu), now_s)]
        news = [gpu for gpu in others if gpu not in room.refused]
        room.refused = frozenset(others)
        return news

    def leave(self, worker: Worker) -> None:
        """The worker is there no more: what it offered, others may, when nobody else is of its process."""
        room = self._rooms.get(process_of(worker))
        if room is not None:
            room.said_by.discard(worker.id)
            self._forget_empty(process_of(worker))

    def lose(self, worker: Worker) -> None:
        """The worker's process is given up: nobody waits for what it had."""
        room = self._rooms.get(process_of(worker))
        if room is None or room.is_lost:
            return
        room.is_lost = True
        self._lost[process_of(worker)] = None
        self._changed()
        if len(self._lost) > LOST_LIMIT:
            self._forget(next(iter(self._lost)))

    def take(self, worker: Worker, need: Need) -> Grant:
        """The place takes that, if it has not yet; what is its own now."""
        room = self.of(worker)
        taken = room.places.get(worker.id)
        if taken is None:
            taken = Taken(taken_by(need), room.grant(need))
            self._take(worker, taken)
        return taken.grant

    def give_back(self, worker: Worker) -> None:
        """The place has nothing to run any more."""
        room = self._rooms[process_of(worker)]
        taken = room.places.pop(worker.id, None)
        if taken is not None:
            room.taken.subtract(dict(taken.need))
            if taken.grant.cpus:
                self._pinned[worker.host, taken.grant.boot].difference_update(taken.grant.cpus)
        self._forget_empty(process_of(worker))

    def total(self, name: str) -> float:
        """How much of it all workers have together; one whose offer is not known counts while it runs something."""
        if name not in self._totals:
            # What serves one user alone is no part of what all share; nobody makes his share small by what he offers.
            there = (
                room
                for room in self._rooms.values()
                if (room.places or (room.is_known and not room.is_lost)) and not room.offer.owner
            )
            self._totals[name] = sum(room.holds(name) for room in there)
        return self._totals[name]

    def _take(self, worker: Worker, taken: Taken) -> None:
        process, room = process_of(worker), self.of(worker)
        if worker.id not in room.places:
            room.places[worker.id] = taken
            room.taken.update(dict(taken.need))
            if taken.grant is not NO_GRANT:
                boot = (worker.host, taken.grant.boot)
                self._pinned[boot].update(taken.grant.cpus)
                self._gpus.update(((boot, gpu), process) for gpu in taken.grant.gpus)

    def _changed(self) -> None:
        """What there is has changed."""
        self._totals.clear()
        self.changes += 1

    def _make(self, process: Process) -> Room:
        room = self._rooms[process] = Room(clock=self.clock)
        self._changed()
        return room

    def _is_anothers(self, process: Process, gpu: tuple[Boot, str], now_s: float) -> bool:
        """Another worker of the host has it; else it is this one's from now on."""
        owner = self._gpus.setdefault(gpu, process)
        if owner == process:
            return False
        room = self._rooms.get(owner)
        if room and (room.places or now_s - room.heard_s <= ABSENT_S):
            return True
        self._forget(owner)
        self._gpus[gpu] = process
        return False

    def _forget_empty(self, process: Process) -> None:
        room = self._rooms[process]
        if not room.places and not room.is_known:
            self._forget(process)

    def _forget(self, process: Process) -> None:
        self._rooms.pop(process, None)
        self._lost.pop(process, None)
        self._changed()
        for key in [key for key, owner in self._gpus.items() if owner == process]:
            del self._gpus[key]
