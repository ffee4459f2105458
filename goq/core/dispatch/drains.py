"""Nodes that are drained by no person: by the check of their own health, or since they swallow jobs. Pure.

A drain is a limit like any other, with its reason; whoever set one alone takes it back.
"""

from goq.core.board.blackholes import JOBS, words
from goq.core.board.hosts import ABSENT_S
from goq.core.dispatch.decision import Note, Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import SetLimit
from goq.core.state.records import LimitSet
from goq.core.state.running import RunningJob
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.limit_names import BLACKHOLE, HEALTH, NODE
from goq.core.values.result import Result

LINES_SHOWN = 10


class Drains:
    """Decides what becomes of nodes that say how they are."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._state = moves.state

    def heed(self, found: SetLimit, now: Now, outcome: Outcome) -> None:
        """The check of a worker's health has found its node well, or drains it.

        Of several workers there that check, one that is not well is enough. What a person has drained
        stays so, and how many jobs one had limited it to it has again.
        """
        known = self._state.limit_records.get(found.name)
        ours = known if known and known.by.owner == HEALTH and known.amount == 0 else None
        if ours and ours.by.pid != found.by.pid and self._is_there(found.name, ours.by.pid, now):
            return
        if found.amount is None:
            if ours:
                self._set(LimitSet(found.name, ours.before, "", found.by, now.wall_ns), outcome)
        elif ours is None and self._state.limits.get(found.name) == 0:
            return
        elif ours is None or (ours.by.pid, ours.why) != (found.by.pid, found.why):
            before = ours.before if ours else self._state.limits.get(found.name)
            self._set(LimitSet(found.name, 0, found.why, found.by, now.wall_ns, before), outcome)

    def _is_there(self, name: str, pid: int, now: Now) -> bool:
        room = self._moves.rooms.get((name.removeprefix(NODE), pid))
        return room is not None and (bool(room.places) or now.attended_s - room.heard_s <= ABSENT_S)

    def _set(self, limit: LimitSet, outcome: Outcome) -> None:
        self._moves.emit(limit, outcome)
        is_drained = limit.amount == 0
        how, why = ("drained", limit.why) if is_drained else ("drained no more", "it is well again")
        kind = "node trouble" if is_drained else "node recovered"
        _note(limit.name.removeprefix(NODE), f"is {how} by its health: {why}", kind, limit.why, outcome)


def note_end(moves: Moves, running: RunningJob, result: Result, now: Now, outcome: Outcome) -> None:
    """An attempt that nobody killed has ended so: its host, or another one, may turn out to swallow jobs."""
    job, host = running.job, running.worker.host
    first = job.task.array if job.task else job.id
    if not moves.holes.ended(host, first, result):
        return
    look_for_holes(moves, now, outcome)


def look_for_holes(moves: Moves, now: Now, outcome: Outcome) -> None:
    """Tell of hosts that swallow jobs, and drain them where that is wanted."""
    for hole in moves.holes.news(hole_size(moves)):
        _note_hole(moves, hole, now, outcome)


def hole_size(moves: Moves) -> int:
    """So many jobs in a row make a black hole."""
    return moves.state.limits.get(BLACKHOLE, JOBS)


def hole_words(moves: Moves, host: str) -> str:
    """What people learn of a host that swallows jobs; "" of any other."""
    size = hole_size(moves)
    return f"swallows jobs: {words(size)}" if host in moves.holes.found(size) else ""


def hole_lines(moves: Moves) -> list[str]:
    """The same of all of them; not of more than people read."""
    found = sorted(moves.holes.found(hole_size(moves)))
    return [f"'{host}' {hole_words(moves, host)}" for host in found[:LINES_SHOWN]]


def _note_hole(moves: Moves, host: str, now: Now, outcome: Outcome) -> None:
    why, name = words(hole_size(moves)), f"{NODE}{host}"
    is_drained = BLACKHOLE in moves.state.limits
    advice = "it is drained" if is_drained else f"'goq limit {BLACKHOLE} {JOBS}' drains such hosts"
    _note(host, f"swallows jobs: {why}; {advice}", "node trouble", why, outcome)
    if is_drained:
        moves.holes.forget(host)
        if moves.state.limits.get(name) != 0:
            moves.emit(LimitSet(name, 0, why, By(BLACKHOLE, "", 0), now.wall_ns), outcome)


def _note(host: str, text: str, kind: str, why: str, outcome: Outcome) -> None:
    outcome.notes.append(Note(f"node '{host}' {text}.", kind, {"host": host, "problem": why}))
