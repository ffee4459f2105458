"""Brings a long output and the result of its attempt to the server.

While the job runs its output goes ahead in chunks. After its end the rest follows, then the
result. A result that the server does not take at once is kept on the disk, so that it
outlives the worker; whoever delivers it later uses this same code. Short outputs go with
their results, several at once: see `reports`.

A chunk that does not arrive, or is not what was signed, is sent again for ever. Only when a file
at one of the ends is not what it was is nothing more of the output delivered but a line that says
so, and the job does not count as a success.
"""

import time
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from goq.adapters.files.pieces import CHUNK_BYTES, Damaged, Piece
from goq.adapters.files.spool import Spool
from goq.adapters.wire.codec import encode
from goq.core.messages import AckOutput, Answer, FinishedWork, OutputChunk, Question, Refused, Report
from goq.core.values.ids import NONCE_BYTES
from goq.core.values.job import Claim
from goq.core.values.result import INLINE_OUTPUT_BYTES, Result, damaged
from goq.core.worker.rules import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, RESEND_S, STREAM_EVERY_S
from goq.roles.client.calls import Call, Calls, OnAnswer

CHUNKS_AT_ONCE = 4  # so that neither end waits for the other
CHUNK_RESEND_S = 10.0
FIRST_BYTES, LEAST_BYTES = 256 * 1024, 64 * 1024  # of a chunk
QUICK_S, SLOW_S = 1.0, 4.0  # for an answer: the next chunks are longer, or shorter
ASKED_AGAIN_PAUSE_S = 1.0


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
        self._pieces = spool.pieces()
        self._on_end = on_end
        self._offset = 0  # so many bytes of the output are with the server
        self._chunks: dict[int, Call] = {}  # on their way, in order, by where they end
        self._chunk_bytes = FIRST_BYTES
        self._report: Call | None = None  # the result itself
        self._result: Result | None = None
        self._damage = ""  # why the output cannot be delivered as it was written
        self._is_ending = False  # with a line that says so
        self._due_at = time.monotonic() + STREAM_EVERY_S
        self._keep_at = NEVER
        self._kept = kept

    @property
    def is_reporting(self) -> bool:
        """The result itself is on its way: the server has the whole output."""
        return self._report is not None

    def finish(self, result: Result) -> None:
        """The attempt has ended so; the output in the spool is complete.

        If the result says how long the output was, it must be so long still.
        """
        self._keep_at = time.monotonic() + (KEEP_AFTER_S if self._calls.connected else 0.0)
        self._result = replace(result, output=b"")
        try:
            self._compare_length(self._result)
        except Damaged as damage:
            self._damage = self._damage or str(damage)
        self._send()

    def _compare_length(self, result: Result) -> None:
        size = self._pieces.size()
        if result.output_length not in (0, size):
            how = f"the worker's copy has {size} bytes, and had {result.output_length}"
            self._spool.add_line(self._line(how))
            result = replace(damaged(result, how), output_length=0)
        if not result.output_length:
            result = replace(result, output_length=self._pieces.size(), output_sha256=b"")
        self._result = result

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
                self._spool.keep(as_kept(Report(self._claim, self._known(self._result))))
            except OSError:
                self._keep_at = time.monotonic() + REFUSED_PAUSE_S
            else:
                self._kept = True

    def _known(self, result: Result) -> Result:
        """The result, with the digest of its output if all of that has been read."""
        is_read = self._pieces.at == result.output_length and not result.output_sha256
        return replace(result, output_sha256=self._pieces.sha256) if is_read else result

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
        try:
            if not self._damage:
                self._send_output()
            elif self._result is not None and not self._chunks:
                self._send_end(self._result)
        except Damaged as damage:
            self._damage = self._damage or str(damage)
            self._send()

    def _send_output(self) -> None:
        if self._result is not None and not self._pieces.at and self._pieces.size() <= INLINE_OUTPUT_BYTES:
            self._send_report(self._result, self._pieces.next())
            return
        if self._pieces.is_behind:
            self._pieces.next()  # and no more in this turn: others want theirs
            self._due_at = 0.0
            return
        while len(self._chunks) < CHUNKS_AT_ONCE and (piece := self._pieces.next(self._chunk_bytes)):
            end = piece.offset + len(piece.data)
            chunk = OutputChunk(self._claim, piece.offset, piece.data, piece.before, piece.after)
            on_answer = partial(self._on_chunk, end, time.monotonic())
            self._chunks[end] = self._ask(chunk, on_answer, CHUNK_RESEND_S)
        if self._result is not None and not self._chunks:
            self._send_report(self._result, None)

    def _send_end(self, result: Result) -> None:
        """A last line behind what the server has, or, if that is not known, in place of it."""
        if not self._is_ending:
            self._is_ending = True
            result = replace(result, output_length=0, output_sha256=b"")
            self._result = damaged(result, self._damage)
            words = f"{self._line(self._damage)}\n".encode()
            try:
                self._pieces.end_with(self._offset, b"\n" + words if self._offset else words)
            except Damaged:
                self._pieces.end_with(0, words)
        self._send_output()

    def _line(self, how: str) -> str:
        return f"goq: job {self._claim.job}: its output was damaged: {how}"

    def _send_report(self, result: Result, whole: Piece | None) -> None:
        length, sha256 = self._pieces.at, self._pieces.sha256
        if result.output_sha256 not in (b"", sha256):
            result = damaged(result, "the worker's copy is not what it was when the job ended")
        output = whole.data if whole else b""
        report = Report(
            self._claim, replace(result, output=output, output_length=length, output_sha256=sha256)
        )
        question = FinishedWork(self._claim.worker, (report,))
        self._report = self._ask(question, self._on_answer, RESEND_S)

    def _ask(self, question: Question, on_answer: OnAnswer, resend_s: float) -> Call:
        return self._calls.ask(question, on_answer, resend_s=resend_s, wanted=self._claim.epoch)

    def _on_chunk(self, end: int, sent_s: float, answer: Answer) -> None:
        match answer:
            case AckOutput(offset, False) if offset == end:
                self._pace(time.monotonic() - sent_s)
                self._offset = offset
                self._pieces.settle(offset)
                for done in [each for each in self._chunks if each <= end]:
                    self._calls.cancel(self._chunks.pop(done))
                self._send()
            case _:
                self._on_answer(answer)

    def _pace(self, took_s: float) -> None:
        """Heartbeats go the same way, and must not wait long behind chunks on a slow one."""
        if took_s < QUICK_S:
            self._chunk_bytes = min(self._chunk_bytes * 2, CHUNK_BYTES)
        elif took_s > SLOW_S:
            self._chunk_bytes = max(self._chunk_bytes // 2, LEAST_BYTES)

    def _on_answer(self, answer: Answer) -> None:
        self._recall()
        match answer:
            case AckOutput(offset, is_damaged):  # it lacks what was sent before, or has lost it in a restart
                if is_damaged:
                    self._damage = self._damage or "the server's file was changed again and again"
                # Without a pause between, a server whose disk is full would be asked all the time.
                self._go_on(offset, ASKED_AGAIN_PAUSE_S if offset == self._offset else 0.0)
            case Refused():
                self._go_on(self._offset, REFUSED_PAUSE_S)
            case _:
                self._due_at = NEVER
                self._on_end(answer)

    def _go_on(self, offset: int, pause_s: float) -> None:
        """The server has so much of the output."""
        self._offset = offset
        self._is_ending &= offset == self._pieces.at
        self._due_at = time.monotonic() + pause_s
        try:
            if not self._damage:
                self._pieces.go_to(offset)
        except Damaged as damage:
            self._damage = str(damage)
        if not pause_s:
            self._send()
