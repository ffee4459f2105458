"""Submitting, once and only once: through time-outs, crashes and absent servers.

The nonce of a submission is what the server knows it by. It is kept wherever the answer may
have been lost, and sent again instead of a new one.
"""

import hashlib
import os
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from msgspec.structs import replace

from goq.adapters.files.linelist import LineList
from goq.adapters.files.outbox import Outbox
from goq.adapters.wire.codec import decode, encode
from goq.adapters.wire.signing import Signer
from goq.core.messages import AckSubmit, AddBlob, AddItems, Answer, Submit
from goq.core.values.blobs import PIECE_BYTES, Blob, file_name_of, piece_of, sha256_of
from goq.core.values.ids import Nonce
from goq.core.values.items import items_text
from goq.core.values.wishes import wishes_text
from goq.errors import BadMessage, BadSetting, RequestRefused, ServerUnreachable
from goq.roles.client.calls import Calls, new_nonce
from goq.roles.client.line import Asked, Line
from goq.roles.said.saying import NOTE, Say

DELIVER_RESEND_S = 2.0


Luggage = Mapping[Blob, bytes]  # the blobs that a submission needs


class ListCancelled(RequestRefused):
    """Somebody cancelled a submission before all of it was here, or it took too long."""


Submitting = Generator[Asked, Answer, AckSubmit | None]


def submitting(
    signer: Signer,
    outbox: Outbox,
    shared: Submit,
    lines: LineList,
    luggage: Luggage,
    *,
    spool: bool,
) -> Submitting:
    """Submit what `shared` says, with these lines if it is a list, and these blobs where the server lacks them.

    Yields questions, and is sent the answers. With `spool`, what no server takes is kept for later, and None is given.

    Raises ServerUnreachable when no server answers; the same again, within ten minutes, is then the
    same submission, and goes on where it was. Raises BadSetting when none answers and `spool` finds
    no place, and ListCancelled when the server has ended it meanwhile: nothing of it ran.
    """
    digest = _digest(shared, lines)
    nonce = _take_up(outbox, digest)
    with ExitStack() as mark:
        if lines.pieces > 1 or luggage:  # whoever is killed at it can go on, too
            nonce = _mark(outbox, digest, nonce, mark)
        try:
            return (yield from _bring(shared, lines, luggage, nonce))
        except ListCancelled:
            raise
        except ServerUnreachable as error:
            if not spool:
                raise ServerUnreachable("; ".join([str(error), *_remember(outbox, digest, nonce)])) from error
            try:
                outbox.put(nonce, *_frames(signer, shared, lines, luggage, nonce))
            except BadSetting as trouble:
                _remember(outbox, digest, nonce)
                raise BadSetting(f"{error}; and it cannot be spooled: {trouble}") from trouble
            return None
        except BaseException:  # Ctrl-C, say: the server may have it all the same
            for note in _remember(outbox, digest, nonce):
                _say_to_submitter(note)
            raise


def _bring(
    shared: Submit, lines: LineList, luggage: Luggage, nonce: Nonce
) -> Generator[Asked, Answer, AckSubmit]:
    """Bring all of it, from where the server says that it is."""
    ack = _accepted((yield Asked(_beginning(shared, lines), nonce)))
    while not ack.is_whole:
        more: AddItems | AddBlob
        if ack.to_come:
            more = AddItems(nonce, *lines.piece_of(lines.count - ack.to_come))
        else:
            more = _piece(nonce, ack.wanted, ack.offset, luggage[ack.wanted])
        ack = _accepted((yield Asked(more)))
    if ack.cancelled and ack.first == ack.last:
        raise ListCancelled(f"job {ack.first} was cancelled before all of it was submitted; it did not run")
    if ack.cancelled:
        raise ListCancelled(
            f"jobs [{ack.first} : {ack.last}] were cancelled before all of them were submitted; none of them ran"
        )
    return ack


def deliver_spooled(line: Line, signer: Signer, outbox: Outbox) -> None:
    """A server is there: bring it what was spooled, as far as it answers in time."""
    if not outbox.entries():
        return

    def begin(calls: Calls) -> None:
        deliverers.append(Deliverer(outbox, calls, signer, _say_to_submitter))
        deliverers[0].start()

    deliverers: list[Deliverer] = []
    line.attend(begin, lambda: deliverers[0].is_done, line.config.timeout_s)


def _piece(nonce: Nonce, blob: Blob, offset: int, whole: bytes) -> AddBlob:
    data = piece_of(whole, offset)
    return AddBlob(nonce, blob, offset, sha256_of(data), data)


def _beginning(shared: Submit, lines: LineList) -> Submit:
    """The message that says how many they are, and brings the first of its lines."""
    _, first = lines.piece(0)
    return replace(shared, lines=first, to_come=lines.count - len(first))


def _take_up(outbox: Outbox, digest: str) -> Nonce:
    """The nonce of a try that got no answer lately, else a new one."""
    try:
        return outbox.take_retry(digest) or new_nonce()
    except BadSetting as error:
        _say_to_submitter(
            f"an earlier try of this cannot be taken up, so this is another submission: {error}"
        )
        return new_nonce()


def _mark(outbox: Outbox, digest: str, nonce: Nonce, mark: ExitStack) -> Nonce:
    """Leave a mark for as long as this takes; the nonce of who was killed at the same, if there is one."""
    try:
        begun = outbox.begin(digest, nonce)
    except BadSetting as error:
        _say_to_submitter(f"who is killed at this must not try it again: {error}")
        return nonce
    mark.callback(begun.end)
    return begun.nonce


def _remember(outbox: Outbox, digest: str, nonce: Nonce) -> list[str]:
    """Have the same submission, tried again, use the same nonce; a note where that cannot be."""
    try:
        outbox.leave_retry(digest, nonce)
    except BadSetting as error:
        return [f"this try cannot be remembered, so the same again may be a second job: {error}"]
    return []


def _frames(
    signer: Signer, shared: Submit, lines: LineList, luggage: Luggage, nonce: Nonce
) -> tuple[bytes, Iterator[tuple[int, bytes]], Iterator[tuple[str, bytes]]]:
    """The submission as it is spooled: its beginning, what follows by the number of its first line, and its blobs."""

    def sealed(message: Submit | AddItems, nonce: Nonce) -> bytes:
        return signer.seal(encode(message, nonce, b"", time.time_ns()))

    others = map(lines.piece, range(1, lines.pieces))
    rest = ((at, sealed(AddItems(nonce, at, piece), new_nonce())) for at, piece in others)
    pieces = (
        _piece(nonce, blob, at, whole)
        for blob, whole in luggage.items()
        for at in range(0, len(whole), PIECE_BYTES)
    )
    blobs = ((_place(each.blob, each.offset), _sealed_piece(signer, each)) for each in pieces)
    return sealed(_beginning(shared, lines), nonce), rest, blobs


def _place(blob: Blob, offset: int) -> str:
    """What a spooled piece is found by."""
    return f"{file_name_of(blob)}.{offset:08d}"


def _sealed_piece(signer: Signer, piece: AddBlob) -> bytes:
    payload = encode(piece, new_nonce(), b"", time.time_ns())
    return signer.seal_head(payload, len(piece.data)) + piece.data


def _say_to_submitter(text: str, _event: str = NOTE, /, **_about: int | str) -> None:
    print(f"goq: {text}", file=sys.stderr)


def _accepted(answer: Answer) -> AckSubmit:
    if isinstance(answer, AckSubmit):
        return answer
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")


def _digest(shared: Submit, lines: LineList) -> str:
    digest = hashlib.sha256()
    where = (shared.argv, items_text(shared.items), shared.folder, shared.physical)
    asked = (str(shared.terms).encode(), wishes_text(shared.wishes))
    for part in (lines.digest, *where, shared.script, shared.stdin, shared.environment, *asked):
        digest.update(b"%d:%b" % (len(part), part))
    return digest.hexdigest()[:32]


class Deliverer:
    """Brings the spooled submissions of this user to the server, over an open connection."""

    def __init__(self, outbox: Outbox, calls: Calls, signer: Signer, say: Say) -> None:
        self._outbox = outbox
        self._calls = calls
        self._signer = signer
        self._say = say
        self._under_way: set[Path] = set()
        self._settled: set[Path] = set()  # but there still: they could not be taken away

    @property
    def is_done(self) -> bool:
        """Nothing is under way."""
        return not self._under_way

    def start(self) -> None:
        """Send what is in the outbox and not under way yet."""
        for path in self._outbox.entries():
            if path not in self._under_way | self._settled:
                self._send(path)

    def _send(self, path: Path) -> None:
        message, nonce = self._read(path, path) or (None, None)
        if isinstance(message, Submit):
            self._under_way.add(path)
            self._ask(path, message, nonce)

    def _read(self, path: Path, entry: Path) -> tuple[object, Nonce] | None:
        """What is in a file of an entry; None when it cannot be used, and that was said."""
        try:
            envelope = decode(*self._signer.open_both(path.read_bytes()))
            if not isinstance(envelope.message, Submit if path == entry else AddItems | AddBlob):
                raise BadMessage("another message")
        except FileNotFoundError:
            return None  # another process was faster
        except OSError as error:
            self._settle(entry, f"cannot read '{path}': {error.strerror}")
            return None
        except BadMessage as error:
            self._settle(
                entry, f"'{path}' is no submission signed with this cluster's id ({error}); set aside as .bad"
            )
            with suppress(OSError):
                os.replace(path, path.with_suffix(".bad"))
            return None
        return envelope.message, Nonce(envelope.nonce)

    def _ask(self, path: Path, message: Submit | AddItems | AddBlob, nonce: Nonce | None = None) -> None:
        self._calls.ask(
            message, lambda answer: self._on_answer(path, answer), resend_s=DELIVER_RESEND_S, nonce=nonce
        )

    def _settle(self, path: Path, trouble: str) -> None:
        self._settled.add(path)
        self._say(trouble, "spool trouble", file=str(path))

    def _on_answer(self, path: Path, answer: Answer) -> None:
        if isinstance(answer, AckSubmit) and not answer.is_whole:
            piece = self._next_piece(path, answer)
            message, _ = (piece and self._read(piece, path)) or (None, None)
            if isinstance(message, AddItems | AddBlob):
                self._ask(path, message)
                return
        self._under_way.discard(path)
        if not isinstance(answer, AckSubmit) or not answer.is_whole:
            return
        what = "a spooled submission was cancelled before all of it was here:" if answer.cancelled else ""
        self._say(
            f"{what or 'delivered a spooled submission as'} {_jobs(answer)}",
            "submission delivered",
            first=answer.first,
            last=answer.last,
        )
        try:
            self._outbox.remove(path)
        except OSError as error:  # delivered again it makes no other job
            self._settle(path, f"cannot remove '{path}': {error.strerror}")

    def _next_piece(self, path: Path, ack: AckSubmit) -> Path | None:
        """The file with what the server lacks of a spooled submission."""
        if not ack.to_come:
            return self._outbox.blob_at(path, _place(ack.wanted, ack.offset))
        return self._outbox.items_at(path, ack.last - ack.first + 1 - ack.to_come)


def _jobs(ack: AckSubmit) -> str:
    return f"job {ack.first}" if ack.first == ack.last else f"jobs [{ack.first} : {ack.last}]"
