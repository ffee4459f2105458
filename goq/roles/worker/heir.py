"""Delivers the results that workers before this one could not: they died while the server was away.

Only the queue that a result belongs to may have it: while another one is at the server's address, the
result stays on the disk.
"""

from collections import Counter, deque
from pathlib import Path

from msgspec import Struct

from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.wire.codec import decode
from goq.core.messages import Answer, Orders, Report
from goq.core.values.ids import NO_EPOCH, QueueId
from goq.core.values.job import Claim
from goq.core.values.text import show_queue
from goq.core.worker.rules import NEVER
from goq.errors import BadMessage
from goq.roles.client.calls import Calls
from goq.roles.said.saying import Say
from goq.roles.worker.delivery import Delivery

AT_ONCE = 64  # open files


class _Heirloom(Struct, eq=False):
    """A result on its way. `name` is what it is called in its folder."""

    folder: SpoolFolder
    name: str
    claim: Claim
    spools: list[Spool]  # of the output, and of the errors that are apart
    delivery: Delivery


class Heir:
    """Sees the results home that are in the folders of dead workers, which are ours now."""

    def __init__(self, folders: list[SpoolFolder], calls: Calls, say: Say) -> None:
        self._calls = calls
        self._say = say
        self._waiting = deque((folder, name) for folder in folders for name in self._names_in(folder))
        self._left = Counter(folder for folder, _ in self._waiting)
        self._heirlooms: dict[Path, _Heirloom] = {}
        self._queue = calls.allegiance.queue
        self._others: list[tuple[SpoolFolder, str]] = []  # what belongs to other queues
        self._told: set[QueueId] = set()  # which ones
        self._go_on()

    @property
    def is_done(self) -> bool:
        """Nothing is left to deliver to the queue that is there."""
        return self._left.total() == len(self._others)

    def turn(self) -> None:
        """Do what is due."""
        if self._queue != self._calls.allegiance.queue:
            self._queue = self._calls.allegiance.queue
            self._sort_again()
        for heirloom in list(self._heirlooms.values()):
            heirloom.delivery.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return min((each.delivery.next_deadline() for each in self._heirlooms.values()), default=NEVER)

    def close(self) -> None:
        """Leave what is undelivered to the next worker."""
        for folder in self._left:
            folder.close()
        self._left.clear()
        self._others.clear()
        self._waiting.clear()

    def _names_in(self, folder: SpoolFolder) -> list[str]:
        try:
            return folder.kept_names()
        except OSError as error:
            self._complain(folder.path, error)
            return []

    def _complain(self, path: Path, error: OSError) -> None:
        text = f"cannot read '{path}', of a worker that died: {error.strerror}; it stays there"
        self._say(text, "spool trouble", file=str(path))

    def _go_on(self) -> None:
        """Begin with as many more as may be under way at once."""
        while self._waiting and len(self._heirlooms) < AT_ONCE:
            folder, name = self._waiting.popleft()
            try:
                spool, result = folder.open_kept(name)
                err = folder.open_errors(name)
            except OSError as error:
                self._complain(folder.path / name, error)
                self._settle(folder)
            else:
                self._take_over(folder, name, [spool, *([err] if err else [])], result)

    def _sort_again(self) -> None:
        """Another queue is there than before."""
        for path, heirloom in list(self._heirlooms.items()):
            if heirloom.claim.epoch.queue != self._queue:
                heirloom.delivery.stop()
                for spool in heirloom.spools:
                    spool.close()
                del self._heirlooms[path]
                self._waiting.append((heirloom.folder, heirloom.name))
        self._waiting.extend(self._others)
        self._others.clear()
        self._go_on()

    def _put_aside(self, folder: SpoolFolder, name: str, queue: QueueId) -> None:
        self._others.append((folder, name))
        if queue not in self._told:
            self._told.add(queue)
            whose, here = show_queue(queue), show_queue(self._queue)
            text = f"results of queue {whose} wait here until it is back; queue {here} does not get them"
            self._say(text, "foreign queue", queue=whose, speaker=here)

    def _settle(self, folder: SpoolFolder) -> None:
        """One of its results needs us no more."""
        self._left[folder] -= 1
        if not self._left[folder]:
            del self._left[folder]
            folder.close()

    def _take_over(self, folder: SpoolFolder, name: str, spools: list[Spool], kept: bytes) -> None:
        spool = spools[0]
        try:
            finished = decode(kept).message
        except BadMessage:
            finished = None
        if not isinstance(finished, Report) or len(finished.ended) != 1:
            text = f"no result in '{spool.path}', a file in its place; it is left out"
            self._say(text, "spool trouble", file=str(spool.path))
            _remove(spools)
            self._settle(folder)
            return
        (done,) = finished.ended
        job, queue = done.claim.job, done.claim.epoch.queue
        if self._queue not in (queue, NO_EPOCH.queue):
            for each in spools:
                each.close()
            self._put_aside(folder, name, queue)
            return
        self._say(f"inherited the result of job {job} from a worker that died", "result inherited", job=job)
        delivery = Delivery(
            self._calls,
            done.claim,
            spool,
            lambda answer: self._on_end(folder, spools, job, answer),
            kept=True,
            err=spools[1] if len(spools) > 1 else None,
        )
        self._heirlooms[spool.path] = _Heirloom(folder, name, done.claim, spools, delivery)
        delivery.finish(done.result)

    def _on_end(self, folder: SpoolFolder, spools: list[Spool], job: int, answer: Answer) -> None:
        accepted = isinstance(answer, Orders) and not answer.refused
        end = "delivered" if accepted else "too late, and refused"
        event = "result delivered" if accepted else "result refused"
        self._say(f"the inherited result of job {job} is {end}", event, job=job)
        del self._heirlooms[spools[0].path]
        _remove(spools)
        self._settle(folder)
        self._go_on()


def _remove(spools: list[Spool]) -> None:
    for spool in spools:
        spool.remove()
