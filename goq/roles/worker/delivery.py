"""Brings a long output and the result of its attempt to the server.

While the job runs its output goes ahead in chunks. After its end the rest follows, then the
result. A result that the server does not take at once is kept on the disk, so that it
outlives the worker; whoever delivers it later uses this same code. Short outputs go with
their results, several at once: see `reports`.
"""

import time
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from goq.adapters.files.spool import Spool
from goq.adapters.wire.codec import encode
from goq.core.messages import AckOutput, Answer, FinishedWork, OutputChunk, Question, Refused, Report
from goq.core.values.ids import NONCE_BYTES
from goq.core.values.job import Claim
from goq.core.values.result import INLINE_OUTPUT_BYTES, Result
from goq.core.worker.rules import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, RESEND_S, STREAM_EVERY_S
from goq.roles.client.calls import Call, Calls, OnAnswer

CHUNKS_AT_ONCE = 4  # so that neither end waits for the other


def as_kept(report: Report) -> bytes:
    """A report as it lies on the disk for whoever delivers it later."""
    claim = report.claim
    return encode(FinishedWork(claim.worker, (report,)), bytes(NONCE_BYTES), b"", time.time_ns(), claim.epoch)


class Delivery:
    """One attempt's way to the server. `on_end` gets the answer that ends it, once."""

    def __init__(
        self,
        calls: Calls,
        claim: Claim,
        spool: Spool,
        on_end: Callable[[Answer], None],
        *,
        kept: bool = False,
    ) -> None:
        self._calls = calls
        self._claim = claim
        self._spool = spool
        self._on_end = on_end
        self._offset = 0  # so many bytes of the output are with the server
        self._sent = 0  # and so many are there or on their way
        self._chunks: dict[int, Call] = {}  # on their way, in order, by where they end
        self._report: Call | None = None  # the result itself
        self._result: Result | None = None
        self._due_at = time.monotonic() + STREAM_EVERY_S
        self._keep_at = NEVER
        self._kept = kept

    @property
    def is_reporting(self) -> bool:
        """The result itself is on its way: the server has the whole output."""
        return self._report is not None

    def finish(self, result: Result) -> None:
        """The attempt has ended so; the output in the spool is complete."""
        self._result = result
        self._keep_at = time.monotonic() + (KEEP_AFTER_S if self._calls.connected else 0.0)
        self._send()

    def turn(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if not self._is_sending and now >= self._due_at:
            self._send()
        if self._result is not None and not self._kept and now >= self._keep_at:
            self.keep()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        due_at = NEVER if self._is_sending else self._due_at
        return min(due_at, NEVER if self._kept else self._keep_at)

    def keep(self) -> None:
        """Put the result on the disk, so that it outlives this process; when the disk takes it."""
        if self._result is not None and not self._kept:
            try:
                self._spool.keep(as_kept(Report(self._claim, self._result)))
            except OSError:
                self._keep_at = time.monotonic() + REFUSED_PAUSE_S
            else:
                self._kept = True

    def stop(self) -> None:
        """No more of this; the spool stays."""
        self._recall()
        self._due_at = NEVER

    @property
    def _is_sending(self) -> bool:
        return bool(self._chunks) or self._report is not None

    def _recall(self) -> None:
        """Want no more answers to what is on its way."""
        for call in (*self._chunks.values(), *([self._report] if self._report else [])):
            self._calls.cancel(call)
        self._chunks.clear()
        self._report = None

    def _send(self) -> None:
        """What the server lacks: the next chunks of the output, or after them the result."""
        if self._report is not None:
            return
        self._due_at = time.monotonic() + STREAM_EVERY_S
        size = self._spool.size()
        inline = self._result is not None and not self._sent and size <= INLINE_OUTPUT_BYTES
        while not inline and len(self._chunks) < CHUNKS_AT_ONCE and (data := self._spool.read(self._sent)):
            chunk = OutputChunk(self._claim, self._sent, data)
            self._sent += len(data)
            on_answer = partial(self._on_chunk, self._sent)
            self._chunks[self._sent] = self._ask(chunk, on_answer)
        if self._result is not None and not self._chunks:
            output = self._spool.read(0) if inline else b""
            self._result = replace(self._result, output_length=size, output_sha256=self._spool.sha256())
            report = Report(self._claim, replace(self._result, output=output))
            question = FinishedWork(self._claim.worker, (report,))
            self._report = self._ask(question, self._on_report)

    def _ask(self, question: Question, on_answer: OnAnswer) -> Call:
        return self._calls.ask(question, on_answer, resend_s=RESEND_S, queue=self._claim.epoch.queue)

    def _on_chunk(self, end: int, answer: Answer) -> None:
        match answer:
            case AckOutput(offset) if offset == end:
                self._offset = offset
                for done in [each for each in self._chunks if each <= end]:
                    self._calls.cancel(self._chunks.pop(done))
                self._send()
            case _:
                self._on_report(answer)

    def _on_report(self, answer: Answer) -> None:
        self._recall()
        match answer:
            case AckOutput(offset):  # the server lacks what was sent before, or has lost it in a restart
                self._offset = self._sent = min(offset, self._spool.size())
                self._send()
            case Refused():
                self._sent = self._offset
                self._due_at = time.monotonic() + REFUSED_PAUSE_S
            case _:
                self._due_at = NEVER
                self._on_end(answer)
