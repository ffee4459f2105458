"""What has come of an agent's jobs, on its way to the server: short outputs and results, several at once.

Pure. One message is under way at a time. A result that the server does not take at once is kept
on the disk, so that it outlives the worker.
"""

from collections.abc import Iterable

from msgspec import Struct

from goq.core.messages import Done, Refused, Returned
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.worker.rules import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, REPORT_S
from goq.core.worker.talk import FinishedWork, Told
from goq.core.worker.work import Label

BATCH_BYTES = 256 * 1024  # of outputs in one message, before the last


class Ended(Struct):
    """An attempt that has ended, until the server has confirmed it."""

    done: Done
    label: Label
    at_s: float
    keep_at_s: float  # when it is to go to the disk; never, when it is there
    is_kept: bool = False


class Reports:
    """The reports of one agent. Times are those of its clock."""

    def __init__(self, worker: WorkerId) -> None:
        self._worker = worker
        self._unsent: list[Ended] = []
        self._unsent_bytes = 0
        self._returned: list[Returned] = []
        self._sent: list[Ended] = []
        self._sent_returned: tuple[Returned, ...] = ()
        self._not_before_s = 0.0
        self.is_under_way = False  # a message waits for its answer
        self.next_keep_s = NEVER  # when something is to go to the disk

    @property
    def is_empty(self) -> bool:
        """There is nothing that the server has not confirmed."""
        return not self.is_under_way and not self._unsent and not self._returned

    def jobs(self) -> set[JobId]:
        """What is to be told of; to be started no more."""
        returned = {each.claim.job for each in (*self._returned, *self._sent_returned)}
        return returned | {ended.done.claim.job for ended in self._all()}

    def add(self, done: Done, label: Label, now_s: float, *, connected: bool) -> None:
        """An attempt has ended."""
        keep_at_s = now_s + (KEEP_AFTER_S if connected else 0.0)
        self._unsent.append(Ended(done, label, now_s, keep_at_s))
        self._unsent_bytes += done.result.size
        self.next_keep_s = min(self.next_keep_s, keep_at_s)

    def give_back(self, claims: Iterable[Claim], trouble: str = "", problem: str = "") -> None:
        """These attempts were not started, and will not be; maybe since this host cannot."""
        self._returned.extend(Returned(claim, trouble, problem) for claim in claims)

    def due_s(self, *, idle: bool) -> float:
        """From when on `send` is wanted: at once when nothing runs meanwhile."""
        if self.is_under_way or not (self._unsent or self._returned):
            return NEVER
        full = self._unsent_bytes >= BATCH_BYTES
        wait_s = 0.0 if idle or full or self._returned else self._unsent[0].at_s + REPORT_S
        return max(wait_s, self._not_before_s)

    @property
    def waits_for_company(self) -> bool:
        """There is something to tell, which waits for nothing but company."""
        return not self.is_under_way and bool(self._unsent) and not self._not_before_s

    def send(self, kept: tuple[JobId, ...], wants: int) -> FinishedWork:
        """As much as fits one message; the server may answer with so many jobs."""
        self.is_under_way = True
        self._sent = self._take_batch()
        kept += tuple(ended.done.claim.job for ended in self._unsent)  # else they would be given again
        self._sent_returned, self._returned = tuple(self._returned), []
        reports = tuple(ended.done for ended in self._sent)
        return FinishedWork(self._worker, reports, self._sent_returned, kept, wants)

    def _take_batch(self) -> list[Ended]:
        count = size = 0
        while count < len(self._unsent) and size < BATCH_BYTES:
            size += self._unsent[count].done.result.size
            count += 1
        batch, self._unsent = self._unsent[:count], self._unsent[count:]
        self._unsent_bytes -= size
        return batch

    def answered(self, answer: Told, now_s: float) -> list[Ended]:
        """The answer to what was sent: what it confirms. After a refusal all is to be sent again."""
        self.is_under_way = False
        self._not_before_s = 0.0
        sent, self._sent = self._sent, []
        returned, self._sent_returned = self._sent_returned, ()
        if isinstance(answer, Refused):
            self._unsent = sent + self._unsent
            self._unsent_bytes += sum(ended.done.result.size for ended in sent)
            self._returned = [*returned, *self._returned]
            self._not_before_s = now_s + REFUSED_PAUSE_S
            sent = []
        self._find_next_keep()
        return sent

    def _find_next_keep(self) -> None:
        self.next_keep_s = min((ended.keep_at_s for ended in self._all()), default=NEVER)

    def to_keep(self, until_s: float) -> list[Done]:
        """What is to go to the disk by then; `kept` is to say how that went."""
        if until_s < self.next_keep_s:
            return []
        due = [ended for ended in self._all() if not ended.is_kept and ended.keep_at_s <= until_s]
        for ended in due:
            ended.keep_at_s = NEVER
        self._find_next_keep()
        return [ended.done for ended in due]

    def kept(self, claim: Claim, now_s: float, *, is_on_disk: bool) -> None:
        """The report of this attempt is on the disk, or there was no room for it."""
        for ended in self._all():
            if ended.done.claim == claim:
                ended.is_kept = is_on_disk
                ended.keep_at_s = NEVER if is_on_disk else now_s + REFUSED_PAUSE_S
        self._find_next_keep()

    def _all(self) -> list[Ended]:
        return self._sent + self._unsent
