"""Brings a long output and the result of its attempt to the server.

While the job runs its output goes ahead in chunks. After its end the rest follows, then the
result. A result that the server does not take at once is kept on the disk, so that it
outlives the worker; whoever delivers it later uses this same code. Short outputs go with
their results, several at once: see `reports`.
"""

import time
from collections.abc import Callable

from msgspec.structs import replace

from goq.adapters.codec import encode
from goq.adapters.spool import Spool
from goq.core.messages import AckOutput, Answer, FinishedWork, OutputChunk, Refused, Report
from goq.core.model import INLINE_OUTPUT_BYTES, NONCE_BYTES, Claim, Result
from goq.roles.calls import Call, Calls

STREAM_EVERY_S = 1.0
RESEND_S = 2.0
KEEP_AFTER_S = 0.25
REFUSED_PAUSE_S = 5.0
NEVER = float("inf")


def as_kept(report: Report) -> bytes:
    """A report as it lies on the disk for whoever delivers it later."""
    return encode(FinishedWork(report.claim.worker, (report,)), bytes(NONCE_BYTES), b"", time.time_ns())


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
        self._call: Call | None = None
        self._result: Result | None = None
        self._due_at = time.monotonic() + STREAM_EVERY_S
        self._keep_at = NEVER
        self._kept = kept

    @property
    def is_reporting(self) -> bool:
        """The result itself is on its way: the server has the whole output."""
        return self._call is not None and isinstance(self._call.question, FinishedWork)

    def finish(self, result: Result) -> None:
        """The attempt has ended so; the output in the spool is complete."""
        self._result = result
        self._keep_at = time.monotonic() + (KEEP_AFTER_S if self._calls.connected else 0.0)
        if self._call is None:
            self._send()

    def turn(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if self._call is None and now >= self._due_at:
            self._send()
        if self._result is not None and not self._kept and now >= self._keep_at:
            self.keep()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        due_at = self._due_at if self._call is None else NEVER
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
        if self._call is not None:
            self._calls.cancel(self._call)
            self._call = None
        self._due_at = NEVER

    def _send(self) -> None:
        """The next piece of what the server lacks: a chunk of the output, or the result."""
        self._due_at = time.monotonic() + STREAM_EVERY_S
        size = self._spool.size()
        inline = self._result is not None and not self._offset and size <= INLINE_OUTPUT_BYTES
        data = b"" if inline else self._spool.read(self._offset)
        if data:
            self._ask(OutputChunk(self._claim, self._offset, data))
        elif self._result is not None:
            output = self._spool.read(0) if inline else b""
            self._result = replace(self._result, output_length=size, output_sha256=self._spool.sha256())
            report = Report(self._claim, replace(self._result, output=output))
            self._ask(FinishedWork(self._claim.worker, (report,)))

    def _ask(self, question: OutputChunk | FinishedWork) -> None:
        self._call = self._calls.ask(question, self._on_answer, resend_s=RESEND_S)

    def _on_answer(self, answer: Answer) -> None:
        self._call = None
        match answer:
            case AckOutput(offset):
                self._offset = min(offset, self._spool.size())
                self._send()
            case Refused():
                self._due_at = time.monotonic() + REFUSED_PAUSE_S
            case _:
                self._due_at = NEVER
                self._on_end(answer)
