"""Submitting, once and only once: through time-outs, crashes and absent servers.

The nonce of a submission is what the server knows it by. It is kept wherever the answer may
have been lost, and sent again instead of a new one.
"""

import hashlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from goq.adapters.clusterid import require_cluster_id
from goq.adapters.config import Config
from goq.adapters.files.outbox import Outbox
from goq.adapters.wire.codec import decode, encode
from goq.adapters.wire.signing import Signer
from goq.core.messages import AckSubmit, Answer, Submit
from goq.core.values.ids import Nonce
from goq.errors import BadMessage, BadSetting, RequestRefused, ServerUnreachable
from goq.roles.client.ask import ask_over, connect
from goq.roles.client.calls import Calls, new_nonce
from goq.roles.said.saying import NOTE, Say

DELIVER_RESEND_S = 2.0


def submit(config: Config, submissions: list[Submit], *, spool: bool) -> list[AckSubmit]:
    """Submit in this order. With `spool`, what no server takes is kept for later, without an answer.

    Raises ServerUnreachable when no server answers; the same submissions again, within ten
    minutes, are then the same jobs, also those that had been accepted. Raises BadSetting when
    none answers and `spool` finds no place.
    """
    cluster_id = require_cluster_id(config)
    signer, outbox = Signer(cluster_id), Outbox(config.spool, cluster_id)
    digests = [_digest(at, submission) for at, submission in enumerate(submissions)]
    tries = dict(zip(digests, _take_up(outbox, digests), strict=True))
    pairs = list(zip(submissions, tries.values(), strict=True))
    acks: list[AckSubmit] = []
    try:
        with connect(config, signer) as calls:
            for submission, nonce in pairs:
                acks.append(_accepted(ask_over(calls, config, submission, nonce)))
            _deliver_spooled(config, Deliverer(outbox, calls, signer, _say_to_submitter), calls)
    except ServerUnreachable as error:
        if not spool:
            raise ServerUnreachable("; ".join([str(error), *_remember(outbox, tries)])) from error
        try:
            _keep(outbox, signer, pairs[len(acks) :])
        except BadSetting as trouble:
            _remember(outbox, tries)
            raise BadSetting(f"{error}; and it cannot be spooled: {trouble}") from trouble
    except BaseException:  # Ctrl-C, say: the server may have it all the same
        for note in _remember(outbox, tries):
            _say_to_submitter(note)
        raise
    return acks


def _take_up(outbox: Outbox, digests: list[str]) -> list[Nonce]:
    """The nonces of tries that got no answer lately, else new ones."""
    nonces: list[Nonce] = []
    for digest in digests:
        try:
            nonces.append(outbox.take_retry(digest) or new_nonce())
        except BadSetting as error:
            _say_to_submitter(
                f"an earlier try of this cannot be taken up, so this is another submission: {error}"
            )
            nonces.append(new_nonce())
    return nonces


def _remember(outbox: Outbox, tries: dict[str, Nonce]) -> list[str]:
    """Have the same submissions, tried again, use the same nonces; a note where that cannot be."""
    try:
        for digest, nonce in tries.items():
            outbox.leave_retry(digest, nonce)
    except BadSetting as error:
        return [f"this try cannot be remembered, so the same again may be a second job: {error}"]
    return []


def _keep(outbox: Outbox, signer: Signer, pairs: list[tuple[Submit, Nonce]]) -> None:
    """Keep all of them for a server to come, or none. Raises BadSetting."""
    kept: list[Path] = []
    try:
        for submission, nonce in pairs:
            kept.append(outbox.put(nonce, signer.seal(encode(submission, nonce, b"", time.time_ns()))))
    except BadSetting:
        for path in kept:
            with suppress(OSError):
                path.unlink()
        raise


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


def _digest(at: int, submission: Submit) -> str:
    terms = f"{at} {submission.terms}".encode()
    digest = hashlib.sha256()
    where = (submission.folder, submission.physical, submission.script)
    for part in (*submission.commands, *where, submission.environment, terms):
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
        try:
            envelope = decode(self._signer.open(path.read_bytes()))
            if not isinstance(envelope.message, Submit):
                raise BadMessage("another message")
        except FileNotFoundError:
            return  # another process was faster
        except OSError as error:
            self._settle(path, f"cannot read '{path}': {error.strerror}")
            return
        except BadMessage as error:
            self._settle(
                path, f"'{path}' is no submission signed with this cluster's id ({error}); set aside as .bad"
            )
            with suppress(OSError):
                os.replace(path, path.with_suffix(".bad"))
            return
        self._under_way.add(path)
        nonce = Nonce(envelope.nonce)
        self._calls.ask(
            envelope.message,
            lambda answer: self._on_answer(path, answer),
            resend_s=DELIVER_RESEND_S,
            nonce=nonce,
        )

    def _settle(self, path: Path, trouble: str) -> None:
        self._settled.add(path)
        self._say(trouble, "spool trouble", file=str(path))

    def _on_answer(self, path: Path, answer: Answer) -> None:
        self._under_way.discard(path)
        if not isinstance(answer, AckSubmit):
            return
        self._say(
            f"delivered a spooled submission as {_jobs(answer)}",
            "submission delivered",
            first=answer.first,
            last=answer.last,
        )
        try:
            path.unlink(missing_ok=True)
        except OSError as error:  # delivered again it makes no other job
            self._settle(path, f"cannot remove '{path}': {error.strerror}")


def _jobs(ack: AckSubmit) -> str:
    return f"job {ack.first}" if ack.first == ack.last else f"jobs [{ack.first} : {ack.last}]"
