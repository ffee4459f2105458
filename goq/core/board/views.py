"""Lanes as a host sees them: those that are not closed to it, by priority, owner and need.

Pure. Jobs that placement cannot tell apart are a lane: of one priority, one owner in one folder, with
one need, that are to avoid the same hosts.
"""

import heapq
from collections.abc import Callable, Iterable
from functools import lru_cache

from msgspec import Struct

from goq.core.values.ids import JobId
from goq.core.values.job import Origin, owner_of
from goq.core.values.named import folders_at_hosts, names_any
from goq.core.values.room import Need, need_of
from goq.core.values.spans import Spans
from goq.core.values.terms import DEFAULT_TERMS, Terms
from goq.core.values.text import show_folder

_STALE = 64  # entries of lanes that are gone, which are not worth tidying up

Group = tuple[bytes, str]  # a folder, or several with NUL between, and who runs jobs in it
Avoid = tuple[str, ...]  # hosts, sorted
Draws = tuple[tuple[str, int], ...]  # of what is limited in the cluster, sorted by name
Fits = Callable[[str, Need], bool]  # of an owner's jobs
Share = Callable[[str], float]


def group_of(origin: Origin, terms: Terms = DEFAULT_TERMS) -> Group:
    """The group of the jobs that have this origin, and these terms: a host has the folders of all, or of none."""
    return _folders(origin.folder, terms), origin.owner


def _folders(folder: bytes, terms: Terms) -> bytes:
    """Where they run, and where at their host they write."""
    return folder + folders_at_hosts(terms) if names_any(terms) else folder


def shown_folders(group: Group) -> str:
    """What the hosts must have for the group, for people."""
    return "' and '".join(map(show_folder, group[0].split(b"\0")))


class Key(Struct, frozen=True):
    """What the jobs of a lane have in common."""

    group: Group
    avoid: Avoid
    priority: int
    need: Need
    draws: Draws = ()

    @property
    def owner(self) -> str:
        """Whose jobs they are."""
        return self.group[1]


@lru_cache(maxsize=10_000)
def _key(folder: bytes, submitter: str, avoid: Avoid, priority: int, need: Need, draws: Draws) -> Key:
    return Key((folder, owner_of(submitter)), avoid, priority, need, draws)


def key_of(
    origin: Origin, terms: Terms, avoid: Avoid = (), draws: Draws = (), need: Need | None = None
) -> Key:
    """The lane of jobs of this origin, with these terms, that avoid these hosts and draw this.

    `need`: another than these terms have, since the jobs outlived workers.
    """
    return _key(
        _folders(origin.folder, terms), origin.submitter, avoid, terms.priority, need or need_of(terms), draws
    )


class Lane(Struct, eq=False):
    """Jobs that may go to the same hosts. `number` is its own, for ever; `hidden_from` who may not have them.

    It is `closed` to all while a limit is full of which they draw.
    """

    key: Key
    number: int
    jobs: Spans
    hidden_from: list["View"]
    closed: bool = False


class Turns:
    """Lanes that differ in folder and hosts only, with the oldest on top.

    Its entries may be too early: they are mended when they come up.
    """

    def __init__(self, view: "View") -> None:
        self._view = view
        self._heap: list[tuple[JobId, int, Lane]] = []
        self._entry: dict[int, JobId] = {}  # by the lanes' numbers, those that count
        self._tidy_at = _STALE

    def offer(self, lane: Lane) -> None:
        """The lane has become open, or its first job may be an earlier one now."""
        first = lane.jobs.first
        if first < self._entry.get(lane.number, first + 1):
            self._entry[lane.number] = first
            heapq.heappush(self._heap, (first, lane.number, lane))
            if len(self._heap) > self._tidy_at:
                self._tidy()

    def top(self) -> Lane | None:
        """The lane whose turn it is."""
        heap, view = self._heap, self._view
        while heap:
            at, number, lane = heap[0]
            first = lane.jobs.first
            counts = first and not lane.closed and not (lane.hidden_from and view in lane.hidden_from)
            if counts and (first == at or len(heap) == 1 or first < min(heap[1:3])[0]):
                return lane
            heapq.heappop(heap)
            if self._entry.get(number) == at:
                del self._entry[number]
                if counts:
                    self.offer(lane)
        return None

    def _tidy(self) -> None:
        """Forget lanes that are empty: those that nobody has met may be many."""
        counts = self._entry.items()
        self._heap = [entry for entry in self._heap if entry[2].jobs.first and (entry[1], entry[0]) in counts]
        self._entry = {number: at for at, number, _ in self._heap}
        self._tidy_at = 2 * len(self._heap) + _STALE
        heapq.heapify(self._heap)


class View:
    """The lanes that are not closed to a host."""

    def __init__(self, host: str, lanes: Iterable[Lane] = ()) -> None:
        self.host = host
        self.closed: set[Group] = set()
        self.avoiders = 0  # lanes that avoid the host
        self.hidden = 0  # jobs in lanes that are closed to it
        self._turns: dict[int, dict[str, dict[Need, Turns]]] = {}  # by priority, owner, need
        self._priorities: list[int] = []  # that are there, the highest first
        for lane in lanes:
            self.offer(lane)

    def hides(self, lane: Lane) -> bool:
        """The host may have nothing of it."""
        return lane.key.group in self.closed or self.host in lane.key.avoid

    def offer(self, lane: Lane) -> None:
        """The lane has become open, or its first job may be an earlier one now."""
        key = lane.key
        owners = self._turns.get(key.priority)
        if owners is None:
            owners = self._turns[key.priority] = {}
            self._priorities = sorted(self._turns, reverse=True)
        needs = owners.setdefault(key.owner, {})
        turns = needs.get(key.need)
        if turns is None:
            turns = needs[key.need] = Turns(self)
        turns.offer(lane)

    def top(self, fits: Fits | None, share: Share) -> Lane | None:
        """The lane whose turn it is, of those whose jobs fit."""
        for priority in self._priorities:
            owners = self._turns[priority]
            best: tuple[float, JobId, Lane] | None = None
            for owner in list(owners):
                lane = self._oldest(owners, owner, fits)
                if lane is not None:
                    rank = (share(owner) if len(owners) > 1 else 0.0, lane.jobs.first, lane)
                    best = rank if best is None or rank[:2] < best[:2] else best
            if best:
                return best[2]
            if not owners:
                del self._turns[priority]
                self._priorities = sorted(self._turns, reverse=True)
        return None

    def behind(self, key: Key) -> Lane | None:
        """The lane whose turn it is behind jobs of this kind: of the same owner, if nobody has a higher priority."""
        owners = self._turns.get(key.priority)
        if owners is None or key.owner not in owners or self._priorities[0] != key.priority:
            return None
        lane = self._oldest(owners, key.owner, None)
        is_alike = lane and (lane.key.need, lane.key.draws) == (key.need, key.draws)
        return lane if is_alike else None

    def _oldest(self, owners: dict[str, dict[Need, Turns]], owner: str, fits: Fits | None) -> Lane | None:
        """The owner's lane with the oldest job that fits; what has no lane any more is forgotten."""
        oldest: Lane | None = None
        needs = owners[owner]
        for need in list(needs):
            if fits is not None and not fits(owner, need):
                continue
            lane = needs[need].top()
            if lane is None:
                del needs[need]
            elif oldest is None or lane.jobs.first < oldest.jobs.first:
                oldest = lane
        if not needs:
            del owners[owner]
        return oldest
