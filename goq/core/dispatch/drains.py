"""Nodes that are drained by no person: by the check of their own health. Pure.

A drain is a limit like any other, with its reason; whoever set one alone takes it back.
"""

from goq.core.board.hosts import ABSENT_S
from goq.core.dispatch.decision import Note, Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import SetLimit
from goq.core.state.records import LimitSet
from goq.core.values.ids import Now
from goq.core.values.limit_names import HEALTH, NODE


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
        self._moves.placement.limits_changed()
        host, about = limit.name.removeprefix(NODE), limit.why or "it is well again"
        is_drained = limit.amount == 0
        text = f"node '{host}' is {'drained' if is_drained else 'drained no more'} by its {limit.by.owner}: {about}."
        kind = "node trouble" if is_drained else "node recovered"
        outcome.notes.append(Note(text, kind, {"host": host, "problem": limit.why}))
