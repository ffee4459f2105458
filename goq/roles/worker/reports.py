"""What a slot has done, on its way to the server: short outputs and results, several at once.

One message is under way at a time. A report that the server does not take at once is kept on
the disk, so that it outlives the worker.
"""

import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from goq.adapters.files.spool import Spool, SpoolFolder
from goq.core.messages import Answer, FinishedWork, Refused, Report, Returned
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.roles.client.calls import Call, Calls
from goq.roles.worker.delivery import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, RESEND_S, as_kept
from goq.roles.worker.work import Label

REPORT_S = 0.015  # so long a report may wait for company
BATCH_BYTES = 256 * 1024  # of outputs in one message, before the last


class Ended(Struct):
    """An attempt that has ended, until the server has confirmed it."""

    report: Report
    label: Label
    at_s: float
    keep_at_s: float
    kept: Spool | None = None


class Reports:
    """The reports of one slot. `on_answer` gets each answer and what it confirms."""

    def __init__(
        self,
        worker: WorkerId,
        calls: Calls,
        folder: SpoolFolder,
        on_answer: Callable[[Answer, list[Ended]], None],
    ) -> None:
        self._worker = worker
        self._calls = calls
        self._folder = folder
        self._on_answer = on_answer
        self._unsent: list[Ended] = []
        self._unsent_bytes = 0
        self._returned: list[Returned] = []
        self._sent: list[Ended] = []
        self._call: Call | None = None
        self._not_before_s = 0.0

    @property
    def is_under_way(self) -> bool:
        """A message waits for its answer."""
        return self._call is not None

    @property
    def is_empty(self) -> bool:
        """There is nothing that the server has not confirmed."""
        return self._call is None and not self._unsent and not self._returned

    def jobs(self) -> set[JobId]:
        """Whose reports are here; to be started no more."""
        return {ended.report.claim.job for ended in self._all()}

    def add(self, report: Report, label: Label) -> None:
        """An attempt has ended."""
        now_s = time.monotonic()
        keep_at_s = now_s + (KEEP_AFTER_S if self._calls.connected else 0.0)
        self._unsent.append(Ended(report, label, now_s, keep_at_s))
        self._unsent_bytes += len(report.result.output)

    def give_back(self, claims: Iterable[Claim], trouble: str = "", problem: str = "") -> None:
        """These attempts were not started, and will not be."""
        self._returned.extend(Returned(claim, trouble, problem) for claim in claims)

    def due_s(self, *, idle: bool) -> float:
        """The monotonic second from which on `send` is wanted: at once when nothing runs meanwhile."""
        if self._call is not None or not (self._unsent or self._returned):
            return NEVER
        full = self._unsent_bytes >= BATCH_BYTES
        wait_s = 0.0 if idle or full or self._returned else self._unsent[0].at_s + REPORT_S
        return max(wait_s, self._not_before_s)

    def send(self, kept: tuple[JobId, ...], wants: int) -> None:
        """Tell the server as much as fits one message; it may answer with so many jobs."""
        self._sent = self._take_batch()
        kept += tuple(ended.report.claim.job for ended in self._unsent)  # else they would be given again
        returned, self._returned = tuple(self._returned), []
        reports = tuple(ended.report for ended in self._sent)
        question = FinishedWork(self._worker, reports, returned, kept, wants)
        self._call = self._calls.ask(question, self._on_answer_to(returned), resend_s=RESEND_S)

    def _take_batch(self) -> list[Ended]:
        count = size = 0
        while count < len(self._unsent) and size < BATCH_BYTES:
            size += len(self._unsent[count].report.result.output)
            count += 1
        batch, self._unsent = self._unsent[:count], self._unsent[count:]
        self._unsent_bytes -= size
        return batch

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return min((ended.keep_at_s for ended in self._all() if not ended.kept), default=NEVER)

    def turn(self) -> None:
        """Do what is due."""
        now_s = time.monotonic()
        for ended in self._all():
            if not ended.kept and now_s >= ended.keep_at_s:
                self._keep(ended)

    def keep(self) -> None:
        """There is no time to wait for the server: leave all to the next worker here."""
        for ended in self._all():
            if not ended.kept:
                self._keep(ended)

    def _all(self) -> list[Ended]:
        return self._sent + self._unsent

    def _keep(self, ended: Ended) -> None:
        report = ended.report
        try:
            ended.kept = self._folder.keep(report.claim, report.result.output, as_kept(report))
        except OSError:
            ended.keep_at_s = time.monotonic() + REFUSED_PAUSE_S

    def _on_answer_to(self, returned: tuple[Returned, ...]) -> Callable[[Answer], None]:
        def take(answer: Answer) -> None:
            self._call = None
            confirmed, self._sent = self._sent, []
            if isinstance(answer, Refused):
                self._unsent = confirmed + self._unsent
                self._unsent_bytes += sum(len(ended.report.result.output) for ended in confirmed)
                self._returned = [*returned, *self._returned]
                self._not_before_s = time.monotonic() + REFUSED_PAUSE_S
                return
            for ended in confirmed:
                if ended.kept:
                    ended.kept.remove()
            self._on_answer(answer, confirmed)

        return take
