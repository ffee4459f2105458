"""Submitting, once and only once: through time-outs, crashes and absent servers.

The nonce of a submission is what the server knows it by. It is kept wherever the answer may
have been lost, and sent again instead of a new one.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

from goq.adapters.clusterid import require_cluster_id
from goq.adapters.config import Config
from goq.adapters.files.outbox import Outbox
from goq.adapters.wire.codec import decode, encode
from goq.adapters.wire.signing import Signer
from goq.core.messages import AckSubmit, Answer, Submit
from goq.core.values.ids import Nonce
from goq.errors import BadMessage, RequestRefused, ServerUnreachable
from goq.roles.client.ask import ask_over, connect
from goq.roles.client.calls import Calls, new_nonce
from goq.roles.said.saying import NOTE, Say

DELIVER_RESEND_S = 2.0


def submit(config: Config, submissions: list[Submit], *, spool: bool) -> list[AckSubmit]:
    """Submit in this order. With `spool`, what no server takes is kept for later, without an answer.

    Raises ServerUnreachable when no server answers; the same submissions again, within ten
    minutes, are then the same jobs, also those that had been accepted.
    """
    signer, outbox = Signer(require_cluster_id(config)), Outbox(config.home)
    digests = [_digest(at, submission) for at, submission in enumerate(submissions)]
    nonces = [outbox.take_retry(digest) or new_nonce() for digest in digests]
    acks: list[AckSubmit] = []
    try:
        with connect(config, signer) as calls:
            for submission, nonce in zip(submissions, nonces, strict=True):
                acks.append(_accepted(ask_over(calls, config, submission, nonce)))
            _deliver_spooled(config, calls, signer)
    except ServerUnreachable:
        if not spool:
            _leave_retries(outbox, digests, nonces)
            raise
        for submission, nonce in list(zip(submissions, nonces, strict=True))[len(acks) :]:
            outbox.put(nonce, signer.seal(encode(submission, nonce, b"", time.time_ns())))
    except BaseException:  # Ctrl-C, say: the server may have it all the same
        _leave_retries(outbox, digests, nonces)
        raise
    return acks


def _deliver_spooled(config: Config, calls: Calls, signer: Signer) -> None:
    """A server is there: bring it what was spooled, as far as it answers in time."""
    deliverer = Deliverer(config, calls, signer, _say_to_submitter)
    deliverer.start()
    deadline = time.monotonic() + config.timeout_s
    while not deliverer.is_done and time.monotonic() < deadline:
        calls.wait(deadline - time.monotonic())
        calls.turn()


def _say_to_submitter(text: str, _event: str = NOTE, /, **_about: int | str) -> None:
    print(f"goq: {text}", file=sys.stderr)


def _leave_retries(outbox: Outbox, digests: list[str], nonces: list[Nonce]) -> None:
    for digest, nonce in zip(digests, nonces, strict=True):
        outbox.leave_retry(digest, nonce)


def _accepted(answer: Answer) -> AckSubmit:
    if isinstance(answer, AckSubmit):
        return answer
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")


def _digest(at: int, submission: Submit) -> str:
    terms = f"{at} {submission.terms}".encode()
    digest = hashlib.sha256()
    for part in (*submission.commands, submission.folder, submission.environment, terms):
        digest.update(b"%d:%b" % (len(part), part))
    return digest.hexdigest()[:32]


class Deliverer:
    """Brings the spooled submissions of this user to the server, over an open connection."""

    def __init__(self, config: Config, calls: Calls, signer: Signer, say: Say) -> None:
        self._outbox = Outbox(config.home)
        self._calls = calls
        self._signer = signer
        self._say = say
        self._under_way: set[Path] = set()

    @property
    def is_done(self) -> bool:
        """Nothing is under way."""
        return not self._under_way

    def start(self) -> None:
        """Send what is in the outbox and not under way yet."""
        for path in self._outbox.entries():
            if path not in self._under_way:
                self._send(path)

    def _send(self, path: Path) -> None:
        try:
            envelope = decode(self._signer.open(path.read_bytes()))
            if not isinstance(envelope.message, Submit):
                raise BadMessage("another message")
        except FileNotFoundError:
            return  # another process was faster
        except BadMessage as error:
            os.replace(path, path.with_suffix(".bad"))
            text = f"'{path}' is not a submission signed with this cluster's id ({error}); set aside as .bad"
            self._say(text, "spool trouble", file=str(path))
            return
        self._under_way.add(path)
        nonce = Nonce(envelope.nonce)
        self._calls.ask(
            envelope.message,
            lambda answer: self._on_answer(path, answer),
            resend_s=DELIVER_RESEND_S,
            nonce=nonce,
        )

    def _on_answer(self, path: Path, answer: Answer) -> None:
        self._under_way.discard(path)
        if isinstance(answer, AckSubmit):
            path.unlink(missing_ok=True)
            self._say(
                f"delivered a spooled submission as {_jobs(answer)}",
                "submission delivered",
                first=answer.first,
                last=answer.last,
            )


def _jobs(ack: AckSubmit) -> str:
    return f"job {ack.first}" if ack.first == ack.last else f"jobs [{ack.first} : {ack.last}]"
