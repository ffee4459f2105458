"""Users and nodes: who has a key, and what becomes of the jobs of who has none any more. Pure."""

from goq.core.dispatch.changing import Changes
from goq.core.dispatch.decision import Note, Outcome
from goq.core.dispatch.ends import REMOVED
from goq.core.dispatch.moves import Moves
from goq.core.messages import AckKey, Answer, Change, KeyRow, KeysShown, Refused, SetKey, ShowKeys
from goq.core.messages.keys import ROWS_LIMIT, KeyDeed
from goq.core.state.records import KeySet
from goq.core.values.changes import Kill
from goq.core.values.ids import Now
from goq.core.values.ranges import size, without
from goq.core.values.selectors import Selector
from goq.core.values.who import FIRST_GENERATION, Role, Who


class Keys:
    """Answers what administrators ask about keys."""

    def __init__(self, moves: Moves, changes: Changes) -> None:
        self._moves = moves
        self._state = moves.state
        self._changes = changes

    def answer(self, asked: SetKey | ShowKeys, now: Now, outcome: Outcome) -> Answer:
        """Set it, or show all."""
        return self._set(asked, now, outcome) if isinstance(asked, SetKey) else self._shown(asked)

    def _set(self, asked: SetKey, now: Now, outcome: Outcome) -> Answer:
        """Give or take a key; the answer says which generation counts."""
        holder = Who(asked.role, asked.name).holder
        known = self._state.keys.get(holder)
        is_there = known is not None and not known.is_removed
        if asked.deed is KeyDeed.ADD and is_there:
            return Refused(
                f"{asked.role} '{asked.name}' has a key; 'goq {asked.role} renew {asked.name}' makes another"
            )
        layout = self._state.names.layout
        if asked.role is Role.USER and asked.name == (layout.keeper or None) and asked.deed is KeyDeed.ADD:
            return Refused(f"'{asked.name}' runs the server, and needs no key: the cluster id is there")
        if asked.role is Role.USER and asked.name == layout.alias:
            return Refused(
                f"'{asked.name}' is what the server's own user is called by his environment, and nobody's account there;"
                " make that account, and start the server again"
            )
        if known and known.is_removed and asked.deed is KeyDeed.REMOVE and asked.kill:  # what still runs
            queue = self._state.epoch.queue.hex()
            return AckKey(known.generation, self._stop(asked, now, outcome), queue)
        if asked.deed is not KeyDeed.ADD and not is_there:
            return Refused(f"there is no {asked.role} '{asked.name}'; 'goq {asked.role} list' shows all")
        is_removed = asked.deed is KeyDeed.REMOVE
        last = known.generation if known else FIRST_GENERATION - 1
        generation = last if is_removed else last + 1
        self._moves.emit(KeySet(holder, generation, is_removed, asked.by, now.wall_ns), outcome)
        jobs = self._stop(asked, now, outcome) if is_removed and asked.role is Role.USER else 0
        text = f"{asked.role} '{asked.name}': {_DONE[asked.deed]} by {asked.by.owner or 'nobody'}."
        about: dict[str, int | str] = {"holder": holder, "generation": generation, "by": asked.by.owner}
        outcome.notes.append(Note(text, f"key {_DONE[asked.deed]}", about))
        return AckKey(generation, jobs, self._state.epoch.queue.hex())

    def _stop(self, asked: SetKey, now: Now, outcome: Outcome) -> int:
        """Nothing of a user's starts who has gone; what runs goes on, unless it is to be killed."""
        if asked.kill:
            change = Change(Selector(user=asked.name), Kill(), asked.by)
            answer = self._changes.change(change, now, outcome)
            return answer.changed + answer.running
        owned = self._state.submissions.labels.owned(asked.name)
        waiting = self._state.waiting.among(owned)
        ranges = without(waiting, self._state.held.among(waiting))
        if ranges:
            self._moves.hold(ranges, asked.by, now, outcome, REMOVED)
        return size(ranges)

    def _shown(self, asked: ShowKeys) -> KeysShown:
        """All of that role, by name."""
        prefix = f"{asked.role}:"
        found = sorted(holder for holder in self._state.keys if holder.startswith(prefix))
        rows = (
            self._row(self._state.keys[holder], holder.removeprefix(prefix)) for holder in found[:ROWS_LIMIT]
        )
        return KeysShown(tuple(rows))

    def _row(self, key: KeySet, name: str) -> KeyRow:
        live = 0
        if key.holder.startswith(f"{Role.USER}:"):
            owned = self._state.submissions.labels.owned(name)
            live = self._state.waiting.count(owned) + sum(
                first <= job < end for job in self._state.running for first, end in owned
            )
        return KeyRow(name, key.generation, key.is_removed, key.by.owner, key.at_ns, live)


_DONE: dict[KeyDeed, str] = {KeyDeed.ADD: "added", KeyDeed.RENEW: "renewed", KeyDeed.REMOVE: REMOVED}
