"""Why a job does not run, in one sentence, read off the gates, limits and rooms. Pure. Nothing is recorded for it."""

from goq.core.board.gates import Gates
from goq.core.board.limits import Limits
from goq.core.board.placement import Placement
from goq.core.board.rooms import Room, Rooms
from goq.core.board.trouble import Trouble
from goq.core.board.views import group_of
from goq.core.messages import Why
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.limit_names import NODE
from goq.core.values.quantities import show_duration
from goq.core.values.room import ENDLESS, MEMORY, OUTLIVES, PINNED, TIME, Need

HOSTS_NAMED = 3


class Reasons:
    """Finds the first that holds: gates that are shut, a limit that is full, what is missing where, its turn."""

    def __init__(
        self, state: State, gates: Gates, limits: Limits, rooms: Rooms, placement: Placement, trouble: Trouble
    ) -> None:
        self._state = state
        self._gates = gates
        self._limits = limits
        self._rooms = rooms
        self._placement = placement
        self._trouble = trouble

    def why(self, job: JobId) -> Why:
        """Of a job that waits."""
        if job in self._state.held:
            return Why(f"it is held; 'goq release {job}' lets it go")
        if self._state.is_coming(job):
            return Why("the list that it is of is not all here yet")
        if behind := self._gates.watches.words(self._state.submissions[job], job):
            return Why(behind)
        if job in self._gates.ending:
            return Why("it is about to end")
        if job in self._gates.changing:
            return Why("somebody is just changing it, with many others")
        moment_ns = self._gates.moment(job)
        if moment_ns is not None:
            past = self._state.past.get(job)
            if past and not moment_ns:
                return Why(f"it waits before attempt {past.attempts + 1}", past.not_before_ns)
            return Why("it waits for its time", moment_ns)
        waiting = self._state.job(job)
        return Why(self._full(waiting) or self._no_room(waiting) or self._turn(waiting))

    def _full(self, job: Job) -> str:
        for name, n in self._limits.draws_of_job(job):
            rest = self._limits.rest(name)
            if rest < n:
                bound = self._limits.bound(name)
                if bound < n:
                    return f"the limit '{name}' is {bound:.0f}, and it needs {n}: it cannot run before that is raised"
                return f"the limit '{name}' is {bound:.0f}, of which {max(rest, 0):.0f} is left, and it needs {n}"
        return ""

    def _no_room(self, job: Job) -> str:
        need = job.need
        processes = [each for each in self._rooms.present() if not self._rooms[each].is_over]
        if not processes:
            return "no worker is there; start one with: goq work forever"
        if not any(self._rooms[each].could_hold(need) for each in processes):
            return f"no worker could hold it: {self._most(job, [self._rooms[each] for each in processes])}"
        hosts = {
            host: self._rooms[host, pid] for host, pid in processes if self._rooms[host, pid].could_hold(need)
        }
        refusals = [f"'{host}': {why}" for host in hosts if (why := self._refusal(job, host))]
        if len(refusals) == len(hosts):
            return f"no worker may have it now: {'; '.join(refusals[:HOSTS_NAMED])}"
        lacks = [f"'{host}' {lack}" for host, room in hosts.items() if (lack := _lack(need, room))]
        if len(lacks) + len(refusals) >= len(hosts):
            return f"no worker has room now: {'; '.join([*lacks, *refusals][:HOSTS_NAMED])}"
        return ""

    def _most(self, job: Job, rooms: list[Room]) -> str:
        for name, amount in job.need:
            most = max(room.holds(name) for room in rooms)
            if most < amount:
                return _words(job, name, amount) + _most_words(name, amount, most)
        return f"{', '.join(_words(job, *each) for each in job.need)} of one worker"

    def _refusal(self, job: Job, host: str) -> str:
        if self._placement.is_full(host):
            return self._state.limit_words(f"{NODE}{host}") or "it is drained"
        return self._trouble.problem(group_of(job.origin, job.terms), host)

    def _turn(self, job: Job) -> str:
        owner, priority = job.origin.owner, job.terms.priority
        before = 0
        for live in self._state.submissions:
            if live.terms.priority > priority or (live.terms.priority == priority and live.first < job.id):
                stop = live.end if live.terms.priority > priority else min(live.end, job.id)
                before += sum(end - first for first, end in self._state.waiting.between(live.first, stop))
        if before:
            return f"it waits for its turn: {before} jobs of the same or a higher priority were before it"
        return f"it is {owner}'s next; a place must become free"


def _lack(need: Need, room: Room) -> str:
    for name, amount in need:
        if amount > room.free(name):
            return f"has {max(room.free(name), 0):.0f} free of {room.holds(name):.0f} {_unit(name)}, and it needs {amount}"
    return ""


def _words(job: Job, name: str, amount: int) -> str:
    if name != TIME:
        return f"it needs {amount} {_unit(name)}"
    if amount == ENDLESS:
        return f"it outlived {OUTLIVES} workers, and needs one without a lifetime"
    return f"it may run for {show_duration(job.terms.time_limit_s)}"


def _most_words(name: str, amount: int, most: float) -> str:
    """How much of it the worker has that has most."""
    if name != TIME:
        return f", and the most that one has is {most:.0f}"
    return "" if amount == ENDLESS else f", and the last worker ends in {show_duration(round(max(most, 0)))}"


def _unit(name: str) -> str:
    return {MEMORY: "MiB of memory", PINNED: "cpus to pin to"}.get(name, name)
