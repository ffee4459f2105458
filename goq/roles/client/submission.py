"""Submitting, once and only once: through time-outs, crashes and absent servers.

The nonce of a submission is what the server knows it by. It is kept wherever the answer may
have been lost, and sent again instead of a new one.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from msgspec.structs import replace

from goq.adapters.clusterid import require_cluster_id
from goq.adapters.config import Config
from goq.adapters.files.linelist import LineList
from goq.adapters.files.outbox import Outbox
from goq.adapters.wire.codec import decode, encode
from goq.adapters.wire.signing import Signer
from goq.core.messages import AckSubmit, AddItems, Answer, Submit
from goq.core.values.ids import Nonce
from goq.core.values.items import items_text
from goq.core.values.wishes import wishes_text
from goq.errors import BadMessage, BadSetting, RequestRefused, ServerUnreachable
from goq.roles.client.ask import ask_over, connect
from goq.roles.client.calls import Calls, new_nonce
from goq.roles.said.saying import NOTE, Say

DELIVER_RESEND_S = 2.0


class ListCancelled(RequestRefused):
    """Somebody cancelled a list before all of it was here, or it took too long."""


def submit(config: Config, shared: Submit, lines: LineList, *, spool: bool) -> AckSubmit | None:
    """Submit what `shared` says, with these lines if it is a list.

    With `spool`, what no server takes is kept for later, and None is given.

    Raises ServerUnreachable when no server answers; the same again, within ten minutes, is then the
    same submission, and goes on where it was. Raises BadSetting when none answers and `spool` finds
    no place, and ListCancelled when the server has ended it meanwhile: nothing of it ran.
    """
    cluster_id = require_cluster_id(config)
    signer, outbox = Signer(cluster_id), Outbox(config.spool, cluster_id)
    digest = _digest(shared, lines)
    nonce = _take_up(outbox, digest)
    with ExitStack() as mark:
        if lines.pieces > 1:  # whoever is killed at it can go on, too
            nonce = _mark(outbox, digest, nonce, mark)
        try:
            with connect(config, signer) as calls:
                ack = _bring(calls, config, shared, lines, nonce)
                _deliver_spooled(config, Deliverer(outbox, calls, signer, _say_to_submitter), calls)
        except ListCancelled:
            raise
        except ServerUnreachable as error:
            if not spool:
                raise ServerUnreachable("; ".join([str(error), *_remember(outbox, digest, nonce)])) from error
            try:
                outbox.put(nonce, *_frames(signer, shared, lines, nonce))
            except BadSetting as trouble:
                _remember(outbox, digest, nonce)
                raise BadSetting(f"{error}; and it cannot be spooled: {trouble}") from trouble
            return None
        except BaseException:  # Ctrl-C, say: the server may have it all the same
            for note in _remember(outbox, digest, nonce):
                _say_to_submitter(note)
            raise
    return ack


def _bring(calls: Calls, config: Config, shared: Submit, lines: LineList, nonce: Nonce) -> AckSubmit:
    """Bring all of it, from where the server says that it is."""
    ack = _accepted(ask_over(calls, config, _beginning(shared, lines), nonce))
    while ack.to_come and not ack.cancelled:
        items = AddItems(nonce, *lines.piece_of(lines.count - ack.to_come))
        ack = _accepted(ask_over(calls, config, items))
    if ack.cancelled:
        raise ListCancelled(
            f"jobs [{ack.first} : {ack.last}] were cancelled before all of them were submitted; none of them ran"
        )
    return ack


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
    signer: Signer, shared: Submit, lines: LineList, nonce: Nonce
) -> tuple[bytes, Iterator[tuple[int, bytes]]]:
    """The submission as it is spooled: its beginning, and what follows, by the number of its first line."""

    def sealed(message: Submit | AddItems, nonce: Nonce) -> bytes:
        return signer.seal(encode(message, nonce, b"", time.time_ns()))

    others = map(lines.piece, range(1, lines.pieces))
    rest = ((at, sealed(AddItems(nonce, at, piece), new_nonce())) for at, piece in others)
    return sealed(_beginning(shared, lines), nonce), rest


def _deliver_spooled(config: Config, deliverer: "Deliverer", calls: Calls) -> None:
    """A server is there: bring it what was spooled, as far as it answers in time."""
    deliverer.start()
    deadline = time.monotonic() + config.timeout_s
    while not deliverer.is_done and time.monotonic() < deadline:
        calls.wait(deadline - time.monotonic())
        calls.turn()


def _say_to_submitter(text: str, _event: str = NOTE, /, **_about: int | str) -> None:
    print(f"goq: {text}", file=sys.stderr)


def _accepted(answer: Answer) -> AckSubmit:
    if isinstance(answer, AckSubmit):
        return answer
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")


def _digest(shared: Submit, lines: LineList) -> str:
    digest = hashlib.sha256()
    where = (shared.argv, items_text(shared.items), shared.folder, shared.physical, shared.script)
    asked = (str(shared.terms).encode(), wishes_text(shared.wishes))
    for part in (lines.digest, *where, shared.environment, *asked):
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
            envelope = decode(self._signer.open(path.read_bytes()))
            if not isinstance(envelope.message, Submit if path == entry else AddItems):
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

    def _ask(self, path: Path, message: Submit | AddItems, nonce: Nonce | None = None) -> None:
        self._calls.ask(
            message, lambda answer: self._on_answer(path, answer), resend_s=DELIVER_RESEND_S, nonce=nonce
        )

    def _settle(self, path: Path, trouble: str) -> None:
        self._settled.add(path)
        self._say(trouble, "spool trouble", file=str(path))

    def _on_answer(self, path: Path, answer: Answer) -> None:
        if isinstance(answer, AckSubmit) and answer.to_come and not answer.cancelled:
            here = answer.last - answer.first + 1 - answer.to_come
            items = self._outbox.items_at(path, here)
            message, _ = (items and self._read(items, path)) or (None, None)
            if isinstance(message, AddItems):
                self._ask(path, message)
                return
        self._under_way.discard(path)
        if not isinstance(answer, AckSubmit) or (answer.to_come and not answer.cancelled):
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


def _jobs(ack: AckSubmit) -> str:
    return f"job {ack.first}" if ack.first == ack.last else f"jobs [{ack.first} : {ack.last}]"
