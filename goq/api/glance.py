"""A question whose answer is welcome if it comes at once, and else not missed: for what a shell completes."""

import time

from goq.adapters.clusterid import find_cluster_id
from goq.adapters.config import Config
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, Question
from goq.roles.client.ask import connect


def glance(config: Config, question: Question, within_s: float) -> Answer | None:
    """The answer, if the server has given it by then; None for whatever reason.

    Raises BadSetting for a cluster id that cannot be one.
    """
    cluster_id = find_cluster_id(config)
    if cluster_id is None:
        return None
    deadline = time.monotonic() + within_s
    answers: list[Answer] = []
    with connect(config, Signer(cluster_id)) as calls:
        calls.ask(question, answers.append, resend_s=float("inf"))
        while not answers and (left_s := deadline - time.monotonic()) > 0:
            calls.wait(min(left_s, calls.next_deadline() - time.monotonic()))
            calls.turn()
    return answers[0] if answers else None
