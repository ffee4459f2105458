"""Messages to bytes and back, in Cap'n Proto. `codec_schema` loads their schema.

One writer and one reader a message, in two tables keyed by type and by enumerant. Bytes that
make no sense raise BadMessage, whatever they are: nothing that a peer sends may stop a loop.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import capnp
from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.wire import (
    zjob,
    zjob_blobs,
    zjob_changes,
    zjob_report,
    zjob_shown,
    zjob_speaker,
    zjob_submit,
)
from goq.adapters.wire.codec_schema import NAMES, SCHEMA
from goq.adapters.wire.draws import draw_bytes
from goq.adapters.wire.mirror import MIRRORED, read_mirrored, write_mirrored
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.messages.queries import QUERY_LIMIT, SHOWN_LIMIT
from goq.core.values.beside import read_stream, stream_text
from goq.core.values.ids import NO_EPOCH, NONCE_BYTES, Epoch, JobId, Nonce
from goq.core.values.result import OUT
from goq.core.values.terms import UnknownTerm
from goq.core.values.text import show_text
from goq.errors import BadMessage, NotUnderstood

# A frame is at most transport.FRAME_LIMIT bytes; a reader that follows pointers in circles
# is stopped after twice that. Rows of a snapshot nest one level.
_TRAVERSAL_WORDS = 1024 * 1024
_NESTING = 6
_CHUNK_LIMIT = 1024 * 1024


class Envelope(Struct, frozen=True, gc=False):
    """One message with what identifies it.

    `epoch` of an answer says whose queue speaks; of a question, whose is asked, if that matters.
    """

    nonce: Nonce
    in_reply_to: Nonce
    sent_ns: int
    message: m.Question | m.Answer
    epoch: Epoch


def encode(
    message: m.Question | m.Answer, nonce: bytes, in_reply_to: bytes, sent_ns: int, epoch: Epoch = NO_EPOCH
) -> bytes:
    """The message as the bytes of a Zjob. A question has a nonce; an answer names its question's.

    All claims in a message are of its epoch's queue.
    """
    z = SCHEMA.Zjob.new_message()
    name, write = _WRITERS[type(message)]
    z.msg = name
    z.nonce = nonce
    z.inReplyTo = in_reply_to
    z.sendtime = sent_ns
    if epoch.queue:
        z.queue = epoch.queue + draw_bytes(epoch)
        z.serverEpoch = epoch.number
    write(z, message)
    return bytes(z.to_bytes())


def behind(message: m.Question | m.Answer) -> bytes | memoryview:
    """The bytes of the message that travel behind its Zjob: those of a piece of output or of a blob, else none."""
    return message.data if isinstance(message, m.OutputChunk | m.AddBlob | m.BlobPiece) else b""


def decode(payload: bytes, behind: bytes | memoryview = b"") -> Envelope:
    """The message in the bytes of a Zjob, and of those behind it.

    Raises BadMessage when they are not a Zjob, and NotUnderstood when they are one that says
    nothing we know, or nonsense.
    """
    try:
        with SCHEMA.Zjob.from_bytes(
            payload, traversal_limit_in_words=_TRAVERSAL_WORDS, nesting_limit=_NESTING
        ) as z:
            return _read_envelope(z, behind)
    except (capnp.KjException, ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise BadMessage("not a Zjob") from error


def _read_envelope(z: Zjob, behind: bytes | memoryview) -> Envelope:
    nonce, in_reply_to = bytes(z.nonce), bytes(z.inReplyTo)
    if (len(nonce), len(in_reply_to)) not in ((NONCE_BYTES, 0), (0, NONCE_BYTES)):
        raise BadMessage("neither a question nor an answer")
    ordinal = z.msg.raw
    reader = _READERS.get(NAMES.get(ordinal, ""))
    if reader is None:
        raise NotUnderstood(f"message {ordinal} is not known here", nonce)
    try:
        epoch = zjob_speaker.read_speaker(z) if in_reply_to else zjob_speaker.read_addressee(z)
        message = _with_behind(reader(z), behind)
    except UnknownTerm as error:
        raise NotUnderstood(_on_unknown_term(error.name, asked=bool(nonce)), nonce) from error
    except (capnp.KjException, ValueError, OverflowError) as error:
        raise NotUnderstood(f"malformed {NAMES[ordinal]}: {error}", nonce) from error
    if isinstance(message, m.Question) and not nonce:
        raise BadMessage("a question without a nonce")
    return Envelope(Nonce(nonce), Nonce(in_reply_to), z.sendtime, message, epoch)


def _on_unknown_term(name: str, *, asked: bool) -> str:
    who = "server" if asked else "goq"
    return (
        f"this {who} does not know the term '{show_text(name.encode())}'; leave it out, or upgrade the {who}"
    )


def _with_behind(message: m.Question | m.Answer, behind: bytes | memoryview) -> m.Question | m.Answer:
    if isinstance(message, m.OutputChunk):
        if not 0 < len(behind) <= _CHUNK_LIMIT:
            raise ValueError("a piece of output has 1 byte to 1 MiB")
        return replace(message, data=behind)
    if isinstance(message, m.AddBlob | m.BlobPiece):
        zjob_blobs.check_piece(message, len(behind))
        return replace(message, data=behind)
    if behind:
        raise ValueError("nothing lies behind such a message")
    return message


# --- writers and readers of whole messages ------------------------------------------------


def _write_nothing(_z: Zjob, _message: object) -> None:
    pass


def _write_output_chunk(z: Zjob, chunk: m.OutputChunk) -> None:
    zjob.write_claim(z, chunk.claim)
    z.offset = chunk.offset
    z.sha256Before = chunk.before
    z.outputSha256 = chunk.after
    if chunk.stream != OUT:
        z.value = stream_text(chunk.stream)


def _read_output_chunk(z: Zjob) -> m.OutputChunk:
    """All but its data."""
    before, after = bytes(z.sha256Before), bytes(z.outputSha256)
    if z.offset < 0 or len(before) != zjob.SHA256_BYTES or len(after) != zjob.SHA256_BYTES:
        raise ValueError("a piece of output has a place, and what it leads from and to")
    return m.OutputChunk(zjob.read_claim(z), z.offset, b"", before, after, read_stream(bytes(z.value)))


def _write_cancel(z: Zjob, cancel: m.Cancel) -> None:
    z.aboutjid = cancel.job
    z.killSignal = cancel.signal
    zjob.write_by(z, cancel.by)


def _write_each(z: Zjob, jobs: tuple[JobId, ...]) -> None:
    z.kept = list(jobs)


def _write_cancel_each(z: Zjob, each: m.CancelEach) -> None:
    _write_each(z, each.jobs)
    z.killSignal = each.signal
    zjob.write_by(z, each.by)


def _read_each(z: Zjob) -> tuple[JobId, ...]:
    jobs = zjob.read_kept(z)
    if not jobs:
        raise ValueError("a question about no job")
    return jobs


def _write_ack_cancel_each(z: Zjob, ack: m.AckCancelEach) -> None:
    rows = z.init("jobs", len(ack.answers))
    for row, answer in zip(rows, ack.answers, strict=True):
        zjob_shown.write_cancel_answer(row, answer)


def _write_ends(z: Zjob, notice: m.JobsFinishedNotice) -> None:
    rows = z.init("jobs", len(notice.ends))
    for row, ended in zip(rows, notice.ends, strict=True):
        zjob.write_ended(row, ended)


def _write_about(z: Zjob, message: Any) -> None:
    z.aboutjid = message.job


def _write_ack_output(z: Zjob, ack: m.AckOutput) -> None:
    z.offset = ack.offset
    z.haderror = ack.damaged
    if ack.stream != OUT:
        z.value = stream_text(ack.stream)


def _read_ack_output(z: Zjob) -> m.AckOutput:
    if z.offset < 0:
        raise ValueError("an output begins at 0")
    return m.AckOutput(z.offset, z.haderror, read_stream(bytes(z.value)))


def _write_ack_cancel(z: Zjob, ack: m.AckCancel) -> None:
    z.aboutjid = ack.job
    z.haderror = ack.was_running


def _write_count(z: Zjob, ack: m.AckImmolate) -> None:
    z.maxshow = ack.workers


def _read_value(z: Zjob, limit: int) -> bytes:
    value = bytes(z.value)
    if not 0 < len(value) <= limit:
        raise ValueError("too long a value, or none")
    return value


def _read_event(z: Zjob) -> int:
    if z.offset < 0:
        raise ValueError("no event has such a number")
    return int(z.offset)


_Writer = tuple[str, Callable[[Zjob, Any], None]]

_WRITERS: dict[type, _Writer] = {
    m.Submit: ("initialsubmit", zjob_submit.write_submit),
    m.AddItems: ("additems", zjob_submit.write_add_items),
    m.Report: ("report", zjob_report.write_report),
    m.AddBlob: ("addblob", zjob_blobs.write_add_blob),
    m.FetchBlob: ("fetchblob", zjob_blobs.write_fetch_blob),
    m.BlobPiece: ("blobpiece", zjob_blobs.write_blob_piece),
    m.OutputChunk: ("outputchunk", _write_output_chunk),
    m.Goodbye: ("ackshutdownworker", zjob.write_goodbye),
    m.Cancel: ("cancelsubmit", _write_cancel),
    m.CancelEach: ("canceleach", _write_cancel_each),
    m.Change: ("change", zjob_changes.write_change),
    m.AckChange: ("ackchange", zjob_changes.write_ack_change),
    m.Observe: ("observejobfinish", _write_about),
    m.ObserveEach: ("observeeach", lambda z, each: _write_each(z, each.jobs)),
    m.TakeSnapshot: ("takesnapshot", lambda z, take: setattr(z, "maxshow", take.max_show)),
    m.ShutdownServer: ("shutdownserv", _write_nothing),
    m.ImmolateWorkers: ("immolateaworkers", _write_nothing),
    m.Reset: ("resetserver", _write_nothing),
    m.AckSubmit: ("acksubmit", zjob_submit.write_ack_submit),
    m.Orders: ("orders", zjob_report.write_orders),
    m.AskAgain: ("observejoback", _write_nothing),
    m.AckOutput: ("ackoutput", _write_ack_output),
    m.AckGoodbye: ("ackgoodbye", _write_nothing),
    m.AckCancel: ("ackcancelsubmit", _write_ack_cancel),
    m.JobFinishedNotice: ("jobfinishednotice", lambda z, notice: zjob.write_ended(z, notice.ended)),
    m.AckCancelEach: ("ackcanceleach", _write_ack_cancel_each),
    m.JobsFinishedNotice: ("jobsfinishednotice", _write_ends),
    m.JobNotKnown: ("jobnotknown", _write_about),
    m.Snapshot: ("acktakesnapshot", zjob_shown.write_snapshot),
    m.AckShutdownServer: ("ackshutdownserv", _write_nothing),
    m.AckImmolate: ("immolateack", _write_count),
    m.AckReset: ("resetserverack", _write_nothing),
    m.RejectBadSignature: ("rejectbadsig", _write_nothing),
    m.Look: ("look", lambda z, look: setattr(z, "value", look.query)),
    m.Shown: ("shown", lambda z, shown: setattr(z, "value", shown.found)),
    m.News: ("news", lambda z, news: setattr(z, "offset", news.since)),
    m.Happened: ("happened", lambda z, happened: setattr(z, "offset", happened.seq)),
    m.Refused: ("refused", lambda z, refused: setattr(z, "err", refused.reason)),
    **{kind: (name, write_mirrored) for kind, name in MIRRORED.items()},
}

_READERS: dict[str, Callable[[Zjob], m.Question | m.Answer]] = {
    "initialsubmit": zjob_submit.read_submit,
    "additems": zjob_submit.read_add_items,
    "report": zjob_report.read_report,
    "addblob": zjob_blobs.read_add_blob,
    "fetchblob": zjob_blobs.read_fetch_blob,
    "blobpiece": zjob_blobs.read_blob_piece,
    "outputchunk": _read_output_chunk,
    "ackshutdownworker": zjob.read_goodbye,
    "cancelsubmit": lambda z: m.Cancel(zjob.read_job_id(z), *zjob_changes.read_kill(z)),
    "canceleach": lambda z: m.CancelEach(_read_each(z), *zjob_changes.read_kill(z)),
    "change": zjob_changes.read_change_of,
    "ackchange": zjob_changes.read_ack_change,
    "observejobfinish": lambda z: m.Observe(zjob.read_job_id(z)),
    "observeeach": lambda z: m.ObserveEach(_read_each(z)),
    "takesnapshot": lambda z: m.TakeSnapshot(z.maxshow),
    "shutdownserv": lambda _: m.ShutdownServer(),
    "immolateaworkers": lambda _: m.ImmolateWorkers(),
    "resetserver": lambda _: m.Reset(),
    "acksubmit": zjob_submit.read_ack_submit,
    "orders": zjob_report.read_orders,
    "observejoback": lambda _: m.AskAgain(),
    "ackoutput": _read_ack_output,
    "ackgoodbye": lambda _: m.AckGoodbye(),
    "ackcancelsubmit": lambda z: m.AckCancel(zjob.read_job_id(z), z.haderror),
    "jobfinishednotice": lambda z: m.JobFinishedNotice(zjob.read_ended(z)),
    "ackcanceleach": lambda z: m.AckCancelEach(tuple(map(zjob_shown.read_cancel_answer, zjob.read_rows(z)))),
    "jobsfinishednotice": lambda z: m.JobsFinishedNotice(tuple(map(zjob.read_ended, zjob.read_rows(z)))),
    "jobnotknown": lambda z: m.JobNotKnown(zjob.read_job_id(z)),
    "acktakesnapshot": zjob_shown.read_snapshot,
    "ackshutdownserv": lambda _: m.AckShutdownServer(),
    "immolateack": lambda z: m.AckImmolate(z.maxshow),
    "resetserverack": lambda _: m.AckReset(),
    "rejectbadsig": lambda _: m.RejectBadSignature(),
    "look": lambda z: m.Look(_read_value(z, QUERY_LIMIT)),
    "shown": lambda z: m.Shown(_read_value(z, SHOWN_LIMIT)),
    "news": lambda z: m.News(_read_event(z)),
    "happened": lambda z: m.Happened(_read_event(z)),
    "refused": lambda z: m.Refused(zjob.bounded_text(z.err, "a reason", 4096)),
    **{name: partial(read_mirrored, name=name) for name in MIRRORED.values()},
}
