"""The worker processes, and what each of them runs. Pure."""

from goq.core.board.hosts import ABSENT_S
from goq.core.board.rooms import Process, Room, process_of
from goq.core.board.survey import free_places
from goq.core.dispatch.drains import hole_words
from goq.core.dispatch.moves import Moves
from goq.core.messages import Report
from goq.core.state.running import RunningJob
from goq.core.values.cluster import Runs, WorkerRow, WorkerState
from goq.core.values.ids import Now, worker_of
from goq.core.values.limit_names import NODE
from goq.core.values.reasons import NO_JOB
from goq.core.values.room import CPUS, MIB
from goq.core.values.uses import Use

ROWS_LIMIT = 5000
JOBS_NAMED = 4000  # of all workers together
LOST_S = 86_400.0  # so long a worker is shown that is silent, and has nothing


class Machines:
    """Shows each worker process."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._state = moves.state

    def rows(self, now: Now) -> tuple[WorkerRow, ...]:
        """By host and process, of those that are there, or were lost within a day."""
        idle, runs = free_places(self._moves.idle), self._runs()
        said = {process_of(each.worker): each for each in self._moves.voices.reports()}
        rooms = sorted(self._moves.rooms.items(), key=lambda each: each[0])[:ROWS_LIMIT]
        share = max(1, JOBS_NAMED // max(1, len(rooms)))
        rows = (
            self._row(
                process, room, idle.get(process, 0), runs.get(process, []), share, said.get(process), now
            )
            for process, room in rooms
        )
        return tuple(row for row in rows if row.silent_s <= LOST_S)

    def _runs(self) -> dict[Process, list[RunningJob]]:
        found: dict[Process, list[RunningJob]] = {}
        for run in self._state.running.values():
            found.setdefault(process_of(run.worker), []).append(run)
        return found

    def _row(
        self,
        process: Process,
        room: Room,
        free: int,
        runs: list[RunningJob],
        most: int,
        said: Report | None,
        now: Now,
    ) -> WorkerRow:
        host, pid = process
        taken = {name: amount for name, amount in sorted(room.taken.items()) if amount}
        gpus = tuple(gpu for each in room.places.values() for gpu in each.grant.gpus)
        silent_s = max(0.0, now.attended_s - room.heard_s)
        drain = self._state.limit_records.get(f"{NODE}{host}")
        by, why, at_ns = (
            (drain.by.owner, drain.why, drain.at_ns) if drain and not drain.amount else ("", "", 0)
        )
        state = self._state_of(host, runs, free, silent_s)
        return WorkerRow(
            *(host, pid, room.offer, len(room.places), free, taken, gpus, tuple(sorted(room.refused))),
            silent_s,
            self._trouble(host),
            state,
            left_s=self._left_s(runs, now) if state == "suspect" else None,
            kept_for=self._moves.placement.kept_for(process),
            kept_cpus=self._moves.placement.kept_of(room, CPUS, max(0, int(room.free(CPUS))))
            if room.offer.cpus
            else 0,
            drained_by=by,
            drained_why=why,
            drained_ns=at_ns,
            jobs=tuple(_run(run, self._moves.uses.of(run)) for run in runs[:most]),
            started_ns=said.started_ns if said else 0,
            load=said.load if said and said.started_ns and state not in ("suspect", "lost") else None,
            in_use_kib=said.in_use_kib if said else 0,
        )

    def _state_of(self, host: str, runs: list[RunningJob], free: int, silent_s: float) -> WorkerState:
        if runs and (silent_s > ABSENT_S or self._moves.is_suspect(runs[0])):
            return "suspect"
        if not runs and not free and silent_s > ABSENT_S:
            return "lost"
        if self._state.limits.get(f"{NODE}{host}") == 0:
            return "draining" if runs else "drained"
        return "ready"

    def _left_s(self, runs: list[RunningJob], now: Now) -> float:
        """When what it runs goes to others, if it says nothing."""
        return max(
            0.0, min(self._moves.leases.when(worker_of(run.worker.id)) for run in runs) - now.attended_s
        )

    def _trouble(self, host: str) -> str:
        if self._moves.placement.is_full(host) and self._state.limits.get(f"{NODE}{host}") == 0:
            words = self._state.limit_words(f"{NODE}{host}")
            return f"drained{': ' + words if words else ''}"
        return self._moves.trouble.pause_of(host) or hole_words(self._moves, host)


def _run(run: RunningJob, use: Use | None) -> Runs:
    job = run.job
    return Runs(
        job.id,
        job.shown,
        job.terms.name,
        job.origin.owner,
        run.delegated_ns,
        job.task.array if job.task and job.task.is_array else NO_JOB,
        run.claim.attempt,
        job.terms.cpus,
        job.terms.memory // MIB,
        job.grant.gpus,
        run.paused,
        *((use.cpus, use.resident_kib, use.most_kib) if use else ()),
    )
