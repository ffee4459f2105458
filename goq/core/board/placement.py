"""Which job goes to which place: what fits, what no limit forbids, and whom room is kept for. Pure.

The job that would be next and fits no free room has room kept for it at the worker that lacks least: what
ranks lower gets of that worker only what will be left. So when the jobs that ran there at that moment
have ended, it fits, and no run time need be known.
"""

import math
from collections import Counter, defaultdict

from msgspec import Struct
from msgspec.structs import replace

from goq.core.board.lanes import Lanes
from goq.core.board.limits import Limits
from goq.core.board.rooms import Process, Room, Rooms, process_of
from goq.core.board.views import Draws, Key, Lane, group_of
from goq.core.state.state import State
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Job, Worker
from goq.core.values.limit_names import NODE, WEIGHT
from goq.core.values.room import CPUS, GPUS, MEMORY, PINNED, Grant, Need, taken_by


class Place(Struct, frozen=True, gc=False):
    """What a place runs: whose jobs, with which need, and what they draw."""

    worker: Worker
    owner: str
    need: Need
    draws: Draws


class Reservation(Struct, eq=False):
    """Room that is kept at a worker for the first job of a lane; `spare` is what others may have of it meanwhile."""

    process: Process
    key: Key
    spare: dict[str, float]
    guests: dict[WorkerId, Need] = {}  # that came later and are there

    def spares(self, need: Need) -> bool:
        """Others may have so much."""
        return all(amount <= self.spare.get(name, math.inf) for name, amount in need)

    def lend(self, worker: WorkerId, need: Need) -> None:
        """A place of others takes so much."""
        self.guests[worker] = need
        self._spare(need, -1)

    def take_back(self, worker: WorkerId) -> None:
        """A place has ended, perhaps of others."""
        self._spare(self.guests.pop(worker, ()), 1)

    def _spare(self, need: Need, sign: int) -> None:
        for name, amount in need:
            if name in self.spare:
                self.spare[name] += sign * amount


class Placement:
    """Gives jobs to places, one lane at a time."""

    def __init__(self, state: State, lanes: Lanes, rooms: Rooms, limits: Limits) -> None:
        self._state = state
        self._lanes = lanes
        self._rooms = rooms
        self._limits = limits
        self._places: dict[WorkerId, Place] = {}
        self._used: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by owner
        self._at_node: Counter[str] = Counter()  # places that run something
        self.reservation: Reservation | None = None
        self._full_folders: frozenset[str] = frozenset()
        self._possible: dict[
            tuple[str, Need], bool
        ] = {}  # whether any worker could hold that of the owner's,
        self._possible_at = (0, 0)  # when this is how often offers had changed, and the second
        for running in state.running.values():
            self._occupy(running.worker, running.job)

    def pick(self, worker: Worker) -> Job | None:
        """The job whose turn it is at the place, which takes nothing by that; of one whose offer is not known there is none."""
        room = self._rooms.get(process_of(worker))
        if room is None or not room.is_known or self.is_full(worker.host):
            return None
        is_choosy = room.offer.owner or self._full_folders
        serves = (lambda owner, _need: self._may_have(room, owner)) if is_choosy else None
        first = self._lanes.top(worker.host, serves, self._share)
        if first is None:
            return None
        place = self._places.get(worker.id)
        if place is not None:  # more of the same may follow, as long as that is next
            same = (first.key.owner, first.key.need, first.key.draws) == (
                place.owner,
                place.need,
                place.draws,
            )
            return self._lanes.job_of(first) if same else None
        if room.fits(first.key.need):
            return self._lanes.job_of(first)
        if not self._could_run(first.key.owner, first.key.need):  # nobody waits for what can run nowhere
            first = self._lanes.top(
                worker.host,
                lambda owner, need: self._may_have(room, owner) and self._could_run(owner, need),
                self._share,
            )
            if first is None:
                return None
            if room.fits(first.key.need):
                return self._lanes.job_of(first)
        self._reserve(first)
        lane = self._lanes.top(worker.host, lambda owner, need: self.may_take(room, owner, need), self._share)
        return self._lanes.job_of(lane) if lane else None

    def more(self, worker: Worker) -> Job | None:
        """The job that may follow the one that was given to the place in this turn."""
        return None if self.is_full(worker.host) else self._lanes.more(worker.host)

    def is_full(self, host: str) -> bool:
        """No more places of that host may run anything."""
        return self._at_node[host] >= self._limits.bound(f"{NODE}{host}")

    def start(self, worker: Worker, job: Job) -> Grant:
        """The place runs the job next; what of its host is its own."""
        if worker.id not in self._places:
            self._occupy(worker, job)
            self._look_at_reservation(worker, job)
        return self._rooms.take(worker, self._places[worker.id].need)

    def end(self, worker: WorkerId) -> None:
        """The place has nothing to run any more."""
        place = self._places.pop(worker)
        self._at_node[place.worker.host] -= 1
        self._used[place.owner].subtract(dict(place.need))
        self._rooms.give_back(place.worker)
        self._limits.give_back(place.draws)
        self._lanes.redraw(place.draws)
        if self.reservation:
            self.reservation.take_back(worker)

    def limits_changed(self) -> None:
        """Limits were set: jobs may draw of something else than before."""
        self._possible.clear()
        for place in list(self._places.values()):
            self._limits.give_back(place.draws)
            (job, *_) = self._state.held_by_worker(place.worker.id)
            draws = self._limits.draws_of_job(job.job)
            self._limits.take(draws)
            self._places[place.worker.id] = replace(place, draws=draws)
        self._lanes.resort()

    def note_full(self, folders: frozenset[str]) -> bool:
        """These folders take no long outputs now; whether another does again.

        Nothing of their owners starts: such an output keeps the place of its job, and in the end all places would be
        of the one whose disk is full. The folder of all, "", is nobody's.
        """
        if not folders and not self._full_folders:
            return False
        opened = self._full_folders - folders
        self._full_folders = folders - {""}
        if self.reservation and self.has_no_room(self.reservation.key.owner):
            self.reservation = None
        return bool(opened)

    def has_no_room(self, owner: str) -> bool:
        """The owner's folder takes no outputs now."""
        return bool(self._full_folders) and self._state.names.layout.folder_of(owner) in self._full_folders

    def _may_have(self, room: Room, owner: str) -> bool:
        return room.serves(owner) and not self.has_no_room(owner)

    def drawn(self, name: str) -> int:
        """How much of a limit is drawn by what runs."""
        if name.startswith(NODE):
            return self._at_node[name.removeprefix(NODE)]
        return self._limits.drawn(name)

    def _occupy(self, worker: Worker, job: Job) -> None:
        place = Place(worker, job.origin.owner, job.need, self._limits.draws_of_job(job))
        self._places[worker.id] = place
        self._at_node[worker.host] += 1
        self._used[place.owner].update(dict(place.need))
        self._limits.take(place.draws)
        self._lanes.redraw(place.draws)

    def _share(self, owner: str) -> float:
        """The largest of the owner's parts of what all workers have, over his weight."""
        used = self._used[owner]
        parts = (used[name] / (self._rooms.total(name) or 1) for name in (CPUS, MEMORY, GPUS))
        weight = self._limits.bound(f"{WEIGHT}{owner}")
        return max(parts) / (1 if weight == math.inf else max(weight, 1e-9))

    def share(self, owner: str) -> float:
        """What decides between owners who wait with the same priority: the smallest is next."""
        return self._share(owner)

    def used(self, owner: str, name: str) -> int:
        """How much of it the owner's jobs have now."""
        return self._used[owner][name] if owner in self._used else 0

    def may_take(self, room: Room, owner: str, need: Need) -> bool:
        """It has room for that of the owner's now, of which nothing is kept for others."""
        return (
            self._may_have(room, owner)
            and room.fits(need)
            and (self.reservation is None or self._spares(self.reservation, room, need))
        )

    def kept_for(self, process: Process) -> JobId:
        """The first job of the lane that room is kept for there; 0 for none."""
        kept = self.reservation
        lane = self._lanes.get(kept.key) if kept and kept.process == process else None
        return lane.jobs.first if lane else JobId(0)

    def kept_of(self, room: Room, name: str, left: int) -> int:
        """How much of what is left there is kept for one job."""
        kept = self.reservation
        if kept is None or self._rooms.get(kept.process) is not room or name not in kept.spare:
            return 0
        return max(0, left - max(0, int(kept.spare[name])))

    # --- the one reservation --------------------------------------------------------------

    def _spares(self, kept: Reservation, room: Room, need: Need) -> bool:
        """Nothing of what is kept is needed: of another worker of that host that may be its cpus alone."""
        other = self._rooms.get(kept.process)
        if other is None or (other is not room and other.pinned is not room.pinned):
            return True
        return kept.spares(need if other is room else _pinned(need))

    def _could_run(self, owner: str, need: Need) -> bool:
        """Some worker that is there, and not drained, could hold it if nothing ran."""
        at = (self._rooms.changes, self._rooms.clock.now_ns // 10**9)
        if at != self._possible_at:
            self._possible, self._possible_at = {}, at
        asked = (owner, need)
        if asked not in self._possible:
            there = ((host, self._rooms[host, pid]) for host, pid in self._rooms.present())
            self._possible[asked] = any(
                room.serves(owner) and room.could_hold(need) and self._limits.bound(f"{NODE}{host}")
                for host, room in there
            )
        return self._possible[asked]

    def _reserve(self, lane: Lane) -> None:
        """Keep room for the lane, where it lacks least; where that was begun, there."""
        kept, key = self.reservation, lane.key
        if kept and kept.key == key and self._may_be_kept(kept.process, key):
            return
        processes = [each for each in self._rooms.present() if self._may_be_kept(each, key)]
        self.reservation = None
        if processes:
            process = min(processes, key=lambda each: (self._rooms[each].lack(key.need), each))
            room = self._rooms[process]
            spare = {name: room.holds(name) - amount for name, amount in taken_by(key.need)}
            self.reservation = Reservation(process, key, spare)

    def _may_be_kept(self, process: Process, key: Key) -> bool:
        room = self._rooms.get(process)
        host = process[0]
        return bool(room and room.serves(key.owner) and room.could_hold(key.need)) and not (
            self.is_full(host) or host in key.avoid
        )

    def _look_at_reservation(self, worker: Worker, job: Job) -> None:
        kept, place = self.reservation, self._places[worker.id]
        if kept is None:
            return
        if (kept.key.group, kept.key.need) == (group_of(job.origin, job.terms), place.need):
            self.reservation = (
                None  # it has come to its right; whoever is next has room kept at the next look
            )
        elif kept.process == process_of(worker):
            kept.lend(worker.id, place.need)
        elif kept.process[0] == worker.host and (pinned := _pinned(place.need)):
            kept.lend(worker.id, pinned)


def _pinned(need: Need) -> Need:
    """What of it is not the worker's alone but its host's."""
    return tuple((name, amount) for name, amount in need if name == PINNED)
