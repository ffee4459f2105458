"""How the cluster is: what is busy, who has what, and what needs a hand. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from goq.core.board.rooms import Room
from goq.core.board.survey import Survey
from goq.core.board.views import Lane
from goq.core.dispatch.decision import Counts
from goq.core.dispatch.machines import Machines
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.whys import Whys
from goq.core.values.cluster import NAME, STARTED, Cluster, NeedsLook, Parts, UserRow, WorkerRow
from goq.core.values.ids import JobId, Now
from goq.core.values.limit_names import ARRAY, NODE
from goq.core.values.reasons import NO_JOB
from goq.core.values.room import CPUS, GPUS, MEMORY, Need
from goq.core.values.who import Who

USERS_SHOWN = 50
LOOK_LIMIT = 20
LOOKED_AT = 10_000  # submissions, lanes
NEEDS_LOOKED_AT = 200  # different ones, each at every machine
Facts = dict[str, int | str]
Worries = Callable[[Who], Iterable[str]]  # what else is not as it should be, in words for them


class Overview:
    """Shows the cluster."""

    def __init__(
        self, moves: Moves, facts: Facts, worries: Worries, machines: Machines, whys: Whys, counts: Counts
    ) -> None:
        self._counts = counts
        self._moves = moves
        self._state = moves.state
        self._facts = facts
        self._worries = worries
        self._machines = machines
        self._whys = whys

    def shown(self, now: Now, who: Who) -> Cluster:
        """As it is now, for them."""
        state, survey = self._state, self._whys.survey()
        rows = self._machines.rows(now)
        lanes = list(islice(self._moves.lanes.all(), LOOKED_AT))
        users = self._users(lanes, survey)
        return Cluster(
            str(self._facts.get(NAME, "")),
            f"tcp://{self._facts.get('jservIP', '')}:{self._facts.get('jservPort', '')}",
            int(self._facts.get(STARTED, 0)),
            len(state.waiting),
            len(state.held),
            len(state.running),
            sum(run.paused for run in state.running.values()),
            sum(row.state in ("ready", "draining") for row in rows),
            self._parts(CPUS),
            self._parts(GPUS),
            self._parts(MEMORY),
            users=tuple(users[:USERS_SHOWN]),
            hidden=max(0, len(users) - USERS_SHOWN),
            look=tuple(islice(self._look(rows, lanes, survey, who), LOOK_LIMIT)),
            commits=self._counts.commits.timed(),
            looks=dict(self._counts.looks),
        )

    # --- what is busy ------------------------------------------------------------------------

    def _parts(self, name: str) -> Parts:
        """What all machines that are there have of it, where there is a bound."""
        busy = kept = free = drained = 0
        for process in self._moves.rooms.present():
            room = self._moves.rooms[process]
            if room.is_over or (name != GPUS and not getattr(room.offer, name)):
                continue
            taken, left = _taken_and_left(room, name)
            busy += taken
            if self._state.limits.get(f"{NODE}{process[0]}") == 0:
                drained += left
                continue
            reserved = self._moves.placement.kept_of(room, name, left)
            kept += reserved
            free += left - reserved
        return Parts(busy, kept, free, drained)

    # --- who has what --------------------------------------------------------------------------

    def _users(self, lanes: list[Lane], survey: Survey) -> list[UserRow]:
        """Those with most first."""
        running = Counter(run.job.origin.owner for run in self._state.running.values())
        longest: dict[str, Lane] = {}
        for lane in lanes:
            known = longest.get(lane.key.owner)
            if known is None or len(lane.jobs) > len(known.jobs):
                longest[lane.key.owner] = lane
        rows = []
        for owner, left in self._state.submissions.left_of.items():
            waiting = max(0, left - running[owner])
            cpus, gpus = (self._moves.placement.used(owner, name) for name in (CPUS, GPUS))
            rows.append(UserRow(owner, cpus, gpus, running[owner], waiting))
        rows.sort(key=lambda row: (-row.cpus, -row.gpus, -row.running, -row.waiting, row.owner))
        return [self._with_reason(row, longest.get(row.owner), survey) for row in rows[:USERS_SHOWN]] + rows[
            USERS_SHOWN:
        ]

    def _with_reason(self, row: UserRow, lane: Lane | None, survey: Survey) -> UserRow:
        if not row.waiting:
            return row
        job = lane.jobs.first if lane else self._first_of(row.owner)
        if not job:
            return row
        live = self._state.submissions[job]
        reason = self._whys.reason(job, survey)
        name = self._state.job(job).terms.name if live.is_whole else live.terms.name
        return UserRow(row.owner, row.cpus, row.gpus, row.running, row.waiting, reason, job, name)

    def _first_of(self, owner: str) -> JobId:
        """A job of the owner's that waits, as far as one is found soon."""
        for live in islice(self._state.submissions, LOOKED_AT):
            if live.origin.owner == owner:
                job = self._state.waiting.at_or_after(live.first)
                if live.first <= job < live.end:
                    return job
        return NO_JOB

    # --- what needs a hand -----------------------------------------------------------------------

    def _look(
        self, rows: tuple[WorkerRow, ...], lanes: list[Lane], survey: Survey, who: Who
    ) -> Iterator[NeedsLook]:
        if not survey and (self._state.waiting or self._state.running):
            yield NeedsLook("no_workers", jobs=len(self._state.waiting))
        for row in rows:
            if row.state in ("suspect", "lost"):
                code = "silent" if row.state == "suspect" else "lost"
                silent = (row.host, row.silent_s, row.left_s, row.running)
                yield NeedsLook("silent" if code == "silent" else "lost", *silent)
        for text in self._worries(who):
            yield NeedsLook("trouble", text=text)
        yield from self._nowhere(lanes, survey)
        for name, amount in self._state.limits.items():
            if not amount and not name.startswith((NODE, ARRAY)):
                yield NeedsLook("closed", name=name)
        for live in self._state.submissions.several(LOOKED_AT):
            if live.failed:
                yield NeedsLook(
                    "failed", job=live.first, name=live.terms.name, jobs=live.failed, total=live.count
                )

    def _nowhere(self, lanes: list[Lane], survey: Survey) -> Iterator[NeedsLook]:
        """The first job of each need that no machine could hold."""
        if not survey:
            return
        seen: set[Need] = set()
        for lane in lanes:
            need = lane.key.need
            if need in seen or len(seen) == NEEDS_LOOKED_AT:
                continue
            seen.add(need)
            if lane.jobs.first and not survey.has_large(lane.key.owner, need):
                job = self._state.job(lane.jobs.first)
                array = job.task.array if job.task and job.task.is_array else job.id
                reason = self._whys.reason(job.id, survey)
                yield NeedsLook("nowhere", job=array, name=job.terms.name, reason=reason)


def _taken_and_left(room: Room, name: str) -> tuple[int, int]:
    all_of_it, taken = int(room.holds(name)), room.taken[name]
    return taken, max(0, all_of_it - taken)
