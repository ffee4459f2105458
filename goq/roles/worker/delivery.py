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

from goq.adapters.files.pieces import Damaged
from goq.adapters.files.spool import Spool
from goq.adapters.wire.codec import encode
from goq.core.messages import AckOutput, Answer, Done, OutputChunk, Question, Refused, alone
from goq.core.values.ids import NONCE_BYTES
from goq.core.values.job import Claim
from goq.core.values.result import ERR, OUT, Apart, Result, damaged
from goq.core.worker.rules import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, RESEND_S, STREAM_EVERY_S
from goq.roles.client.calls import Call, Calls, OnAnswer
from goq.roles.worker.flow import Flow

CHUNKS_AT_ONCE = 4  # so that neither end waits for the other
CHUNK_RESEND_S = 10.0
ASKED_AGAIN_PAUSE_S = 1.0


def as_kept(done: Done) -> bytes:
    """A result as it lies on the disk for whoever delivers it later."""
    return encode(alone(done), bytes(NONCE_BYTES), b"", time.time_ns(), done.claim.epoch)


class Delivery:
    """One attempt's way to the server. `on_end` gets the answer that ends it, once.

    `err` is the spool of its errors, where these go apart.
    """

    def __init__(
        self,
        calls: Calls,
        claim: Claim,
        spool: Spool,
        on_end: Callable[[Answer], None],
        *,
        kept: bool = False,
        err: Spool | None = None,
    ) -> None:
        self._calls = calls
        self._claim = claim
        self._spool = spool
        self._out = Flow(OUT, spool)
        self._flows = {OUT: self._out}
        if err is not None:
            self._flows[ERR] = Flow(ERR, err)
        self._on_end = on_end
        self._report: Call | None = None  # the result itself
        self._result: Result | None = None
        self._every_s = STREAM_EVERY_S
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
        self._out.expect(result.output_length, result.output_sha256)
        if ERR in self._flows and result.err:
            self._flows[ERR].expect(result.err.length, result.err.sha256)
        for flow in self._flows.values():
            try:
                how = flow.compare_length()
                if how:
                    flow.spool.add_line(self._line(how))
                    self._result = damaged(self._result, how)
                    flow.expect(flow.pieces.size(), b"")
            except Damaged as damage:
                flow.damage = flow.damage or str(damage)
        self._send()

    def pace(self, every_s: float) -> None:
        """Bring so often what there is, while the job runs."""
        self._every_s = every_s
        if self._result is None:
            self._due_at = min(self._due_at, time.monotonic() + every_s)

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
                if ERR in self._flows:
                    self._flows[ERR].spool.settle()
                self._spool.keep(as_kept(Done(self._claim, self._known(self._result))))
            except OSError:
                self._keep_at = time.monotonic() + REFUSED_PAUSE_S
            else:
                self._kept = True

    def _known(self, result: Result) -> Result:
        """The result, with the digests of what has been read to its end."""
        result = replace(result, output_length=self._out.length, output_sha256=self._out.known_sha256)
        if ERR in self._flows:
            err = self._flows[ERR]
            result = replace(result, err=Apart(b"", err.length, err.known_sha256))
        return result

    def stop(self) -> None:
        """No more of this; the spool stays."""
        self._recall()
        self._due_at = NEVER

    @property
    def _is_sending(self) -> bool:
        return self._report is not None or any(flow.chunks for flow in self._flows.values())

    def _recall(self) -> None:
        """Want no more answers to what is on its way."""
        calls = [call for flow in self._flows.values() for call in flow.chunks.values()]
        for call in (*calls, *([self._report] if self._report else [])):
            self._calls.cancel(call)
        for flow in self._flows.values():
            flow.chunks.clear()
        self._report = None

    def _send(self) -> None:
        """What the server lacks: the next chunks of the output, or after them the result."""
        if self._report is not None:
            return
        self._due_at = time.monotonic() + self._every_s
        are_there = [self._send_some(flow) for flow in self._flows.values()]
        if self._result is not None and all(are_there):
            self._send_report(self._result)

    def _send_some(self, flow: Flow) -> bool:
        """The next chunks of one stream; whether all of it is with the server now, or goes with the result."""
        try:
            return self._send_chunks(flow)
        except Damaged as damage:
            flow.damage = flow.damage or str(damage)
        return self._send_chunks(flow)

    def _send_chunks(self, flow: Flow) -> bool:
        if flow.damage:
            if self._result is None or flow.chunks:
                return False
            if not flow.is_ending:
                self._result = damaged(self._result, flow.damage)
                flow.end_with(f"{self._line(flow.damage)}\n".encode())
        if self._result is not None and flow.is_short:
            flow.take_short()
            return True
        if flow.pieces.is_behind:
            flow.pieces.next()  # and no more in this turn: others want theirs
            self._due_at = 0.0
            return False
        while len(flow.chunks) < CHUNKS_AT_ONCE and (piece := flow.pieces.next(flow.chunk_bytes)):
            end = piece.offset + len(piece.data)
            chunk = OutputChunk(self._claim, piece.offset, piece.data, piece.before, piece.after, flow.stream)
            on_answer = partial(self._on_chunk, flow, end, time.monotonic())
            flow.chunks[end] = self._ask(chunk, on_answer, CHUNK_RESEND_S)
        return not flow.chunks

    def _line(self, how: str) -> str:
        return f"goq: job {self._claim.job}: its output was damaged: {how}"

    def _send_report(self, result: Result) -> None:
        for flow in self._flows.values():
            if flow.sha256 not in (b"", flow.pieces.sha256):
                result = damaged(result, "the worker's copy is not what it was when the job ended")
        out = self._out
        length, sha256 = out.pieces.at, out.pieces.sha256
        result = replace(result, output=out.short, output_length=length, output_sha256=sha256)
        if ERR in self._flows:
            err = self._flows[ERR]
            result = replace(result, err=Apart(err.short, err.pieces.at, err.pieces.sha256))
        self._report = self._ask(alone(Done(self._claim, result)), self._on_report, RESEND_S)

    def _ask(self, question: Question, on_answer: OnAnswer, resend_s: float) -> Call:
        return self._calls.ask(question, on_answer, resend_s=resend_s, wanted=self._claim.epoch)

    def _on_chunk(self, flow: Flow, end: int, sent_s: float, answer: Answer) -> None:
        match answer:
            case AckOutput(offset, False) if offset == end:
                for call in flow.settle(end, time.monotonic() - sent_s):
                    self._calls.cancel(call)
                self._send()
            case _:
                self._on_answer(flow, answer)

    def _on_report(self, answer: Answer) -> None:
        is_about = self._flows.get(answer.stream) if isinstance(answer, AckOutput) else None
        self._on_answer(is_about or self._out, answer)

    def _on_answer(self, flow: Flow, answer: Answer) -> None:
        self._recall()
        match answer:
            case AckOutput(offset, is_damaged):  # it lacks what was sent before, or has lost it in a restart
                if is_damaged:
                    flow.damage = flow.damage or "the server's file was changed again and again"
                # Without a pause between, a server whose disk is full would be asked all the time.
                pause_s = ASKED_AGAIN_PAUSE_S if offset == flow.offset else 0.0
                flow.offset = offset
                self._go_on(pause_s)
            case Refused():
                self._go_on(REFUSED_PAUSE_S)
            case _:
                self._due_at = NEVER
                self._on_end(answer)

    def _go_on(self, pause_s: float) -> None:
        """From what the server has of each stream."""
        self._due_at = time.monotonic() + pause_s
        for flow in self._flows.values():
            flow.go_on()
        if not pause_s:
            self._send()
