"""Delivers the results that workers before this one could not: they died while the server was away."""

from pathlib import Path

from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.wire.codec import decode
from goq.core.messages import AckFinished, Answer, FinishedWork
from goq.core.worker.rules import NEVER
from goq.errors import BadMessage
from goq.roles.client.calls import Calls
from goq.roles.said.saying import Say
from goq.roles.worker.delivery import Delivery


class Heir:
    """Takes over the spools of dead workers on this machine, and sees their results home."""

    def __init__(self, home: Path, calls: Calls, say: Say) -> None:
        self._calls = calls
        self._say = say
        self._folders = list(SpoolFolder.left_behind(home))
        self._deliveries: dict[Path, Delivery] = {}
        for folder in self._folders:
            for spool, result in folder.kept():
                self._take_over(spool, result)
        self._close_folders()

    @property
    def is_done(self) -> bool:
        """Nothing is left to deliver."""
        return not self._deliveries

    def turn(self) -> None:
        """Do what is due."""
        for delivery in list(self._deliveries.values()):
            delivery.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return min((each.next_deadline() for each in self._deliveries.values()), default=NEVER)

    def close(self) -> None:
        """Leave what is undelivered to the next worker."""
        for folder in self._folders:
            folder.close()
        self._folders.clear()

    def _take_over(self, spool: Spool, kept: bytes) -> None:
        try:
            finished = decode(kept).message
        except BadMessage:
            finished = None
        if not isinstance(finished, FinishedWork) or len(finished.reports) != 1:
            text = f"no result in '{spool.path}', a file in its place; it is left out"
            self._say(text, "spool trouble", file=str(spool.path))
            spool.remove()
            return
        (report,) = finished.reports
        job = report.claim.job
        self._say(f"inherited the result of job {job} from a worker that died", "result inherited", job=job)
        delivery = Delivery(
            self._calls, report.claim, spool, lambda answer: self._on_end(spool, job, answer), kept=True
        )
        self._deliveries[spool.path] = delivery
        delivery.finish(report.result)

    def _on_end(self, spool: Spool, job: int, answer: Answer) -> None:
        accepted = isinstance(answer, AckFinished) and not answer.refused
        end = "delivered" if accepted else "too late, and refused"
        event = "result delivered" if accepted else "result refused"
        self._say(f"the inherited result of job {job} is {end}", event, job=job)
        del self._deliveries[spool.path]
        spool.remove()
        self._close_folders()

    def _close_folders(self) -> None:
        if not self._deliveries:
            self.close()
