"""One question, one answer: what every command but serve and work needs."""

import time
from collections.abc import Callable

from goq.adapters.clusterid import find_cluster_id, require_cluster_id
from goq.adapters.config import Config
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import probe
from goq.core.messages import Answer, AskAgain, Question, Refused, TakeSnapshot
from goq.core.values.ids import Nonce
from goq.errors import RequestRefused, ServerUnreachable
from goq.roles.client.calls import Calls

_LOOK_EVERY_S = 0.02


def cluster_id_in_time(config: Config, within_s: float) -> str:
    """The cluster id in force, given a moment for a server that is just starting to make it.

    Raises BadSetting when there is none after that time.
    """
    deadline = time.monotonic() + within_s
    while (found := find_cluster_id(config)) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return found or require_cluster_id(config)


def ask(config: Config, question: Question, nonce: Nonce | None = None) -> Answer:
    """Ask the server, and wait for its answer for the configured time.

    Raises ServerUnreachable when none comes, RequestRefused when the server says no.
    """
    with Calls(config.address, Signer(cluster_id_in_time(config, config.timeout_s)), config.tls_pem) as calls:
        return ask_over(calls, config, question, nonce)


def ask_over(calls: Calls, config: Config, question: Question, nonce: Nonce | None = None) -> Answer:
    """The same, over a connection that is there for more than one question."""
    answers: list[Answer] = []
    calls.ask(question, answers.append, resend_s=float("inf"), nonce=nonce)
    deadline = time.monotonic() + config.timeout_s
    while not answers:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise ServerUnreachable(silence(calls, config))
        calls.wait(left_s)
        calls.turn()
    return _granted(answers[0])


def observe(config: Config, question: Question, on_contact: Callable[[], None]) -> Answer:
    """Ask a question that the server may take any time to answer, through restarts of it.

    `on_contact` is called once a server has spoken; from then on nothing ends the wait.
    Raises as `ask` does when no server is there at first, or it would not speak to us.
    """
    with Calls(config.address, Signer(cluster_id_in_time(config, config.timeout_s)), config.tls_pem) as calls:
        ask_over(calls, config, TakeSnapshot(0))
        on_contact()
        answer: Answer = AskAgain()
        while isinstance(answer, AskAgain):
            answers: list[Answer] = []
            calls.ask(question, answers.append, resend_s=60.0)
            while not answers:
                calls.wait(calls.next_deadline() - time.monotonic())
                calls.turn()
            answer = answers[0]
        return _granted(answer)


def silence(calls: Calls, config: Config) -> str:
    """Why no answer came, as far as one can tell, and what to do."""
    if calls.foreign_answers:
        return f"the job server at {config.address} has another cluster id; use the one of its cluster"
    if not calls.has_connected:
        try:
            probe(config.ip, config.port, config.timeout_s)
        except ServerUnreachable as error:
            return str(error)
        return (
            f"something listens at {config.address}, but does not speak with us: it is overloaded, or no goq"
            " server, or its cluster has another certificate than ours, or only one of us has one"
            " ('goq init --join' takes it over)"
        )
    return (
        f"no answer from {config.address} within {config.timeout_s * 1000:.0f} ms: it is busy, "
        "or its disk is full, or it has another cluster id than yours ('goq clusterid --current' shows yours)"
    )


def _granted(answer: Answer) -> Answer:
    if isinstance(answer, Refused):
        raise RequestRefused(answer.reason)
    return answer
