"""What workers have said last, and who of them waits for an answer. Pure, and volatile."""

import math
from collections import Counter, OrderedDict
from collections.abc import Iterator

from msgspec import Struct

from goq.core.messages import Report
from goq.core.values.ids import WorkerId
from goq.core.waits.deadlines import Deadlines
from goq.core.waits.parking import Parked

MEMORY = 100_000


def holder_of(worker: WorkerId) -> str:
    """With whose key it speaks: so it is called; "" for the cluster id."""
    return worker.rpartition(":")[0]


class Voice(Struct, eq=False):
    """A worker, as it says that it is. `asker` is its open question, None while it has its answer."""

    report: Report
    peer: int
    heard_s: float
    asker: Parked | None = None
    is_given: bool = True  # what it does not name it may be given


class Voices:
    """The latest report of each worker, of which one at most waits for its answer."""

    def __init__(self) -> None:
        self.silent: set[WorkerId] = set()  # those whose connection has gone since they spoke
        self._voices: dict[WorkerId, Voice] = {}
        self._until: Deadlines[WorkerId] = Deadlines()
        self._of_peer: dict[int, set[WorkerId]] = {}
        self._of: Counter[str] = Counter()  # how many workers speak with the key of each
        self._latest: OrderedDict[WorkerId, int] = OrderedDict()  # serials, also of workers that are gone

    def get(self, worker: WorkerId) -> Voice | None:
        """The worker, if it is known."""
        return self._voices.get(worker)

    def names(self) -> list[WorkerId]:
        """All that are known."""
        return list(self._voices)

    def reports(self) -> Iterator[Report]:
        """What each of them has said last."""
        return (voice.report for voice in self._voices.values())

    def is_latest(self, report: Report) -> bool:
        """Nothing newer is known of the worker."""
        return self._latest.get(report.worker.id, 0) <= report.serial

    def there(self, since_s: float) -> list[Voice]:
        """Those that wait for an answer, or have spoken since then."""
        return [voice for voice in self._voices.values() if voice.asker or voice.heard_s >= since_s]

    def hear(self, report: Report, asker: Parked, now_s: float, until_s: float, *, is_given: bool) -> None:
        """The worker says this, and waits for an answer until then; of what it said before it wants none."""
        name, peer = report.worker.id, asker.handle.peer
        voice = self._voices.get(name)
        if voice is None:
            self._voices[name] = Voice(report, peer, now_s, asker, is_given)
            self._of[holder_of(name)] += 1
        else:
            self._leave_peer(name, voice.peer)
            voice.report, voice.peer, voice.heard_s = report, peer, now_s
            voice.asker, voice.is_given = asker, is_given
        self._of_peer.setdefault(peer, set()).add(name)
        self._until.set(name, until_s)
        self.silent.discard(name)
        self._remember(name, report.serial)

    def leave(self, worker: WorkerId, serial: int) -> None:
        """It has said goodbye: whatever it said before that, to that serial, and arrives late means nothing."""
        self._remember(worker, max(serial + 1, self._latest.get(worker, 0)))

    def take(self, worker: WorkerId) -> Parked | None:
        """The open question, to answer it."""
        voice = self._voices[worker]
        asker, voice.asker = voice.asker, None
        self._until.drop(worker)
        return asker

    def take_due(self, now_s: float) -> list[tuple[WorkerId, Parked]]:
        """The questions that have waited for long enough."""
        due = ((name, self.take(name)) for name in self._until.pop_due(now_s))
        return [(name, asker) for name, asker in due if asker]

    def next_deadline(self) -> float:
        """When `take_due` may next have something; infinity if never."""
        return self._until.next() if len(self._until) else math.inf

    def forget(self, worker: WorkerId) -> None:
        """It is there no more."""
        voice = self._voices.pop(worker, None)
        self._until.drop(worker)
        self.silent.discard(worker)
        if voice is not None:
            self._leave_peer(worker, voice.peer)
            self._of[holder_of(worker)] -= 1

    def count_of(self, holder: str) -> int:
        """How many workers are known that speak with somebody's key."""
        return self._of[holder]

    def forget_peer(self, peer: int) -> list[WorkerId]:
        """A connection has gone: nobody would read the answers. Whose it was."""
        names = sorted(self._of_peer.pop(peer, ()))
        for name in names:
            self._voices[name].asker, self._voices[name].heard_s = None, -math.inf
            self._until.drop(name)
        self.silent.update(names)
        return names

    def _remember(self, worker: WorkerId, serial: int) -> None:
        self._latest[worker] = serial
        self._latest.move_to_end(worker)
        if len(self._latest) > MEMORY:
            self._latest.popitem(last=False)

    def _leave_peer(self, worker: WorkerId, peer: int) -> None:
        names = self._of_peer.get(peer, set())
        names.discard(worker)
        if not names:
            self._of_peer.pop(peer, None)
