"""A question, and the answer of the kind that it has."""

from typing import TypeVar

from goq.adapters.config import Config
from goq.core.messages import Answer, JobNotKnown, Question
from goq.errors import JobUnknown, RequestRefused
from goq.roles.client.ask import ask

A = TypeVar("A", bound=Answer)


def asked(config: Config, question: Question, kind: type[A]) -> A:
    """What the server answers. Raises as `ask` and `expected`."""
    return expected(config, ask(config, question), kind)


def expected(config: Config, answer: Answer, kind: type[A]) -> A:
    """The answer, when it is of that kind. Raises JobUnknown, and RequestRefused for any other."""
    if isinstance(answer, kind):
        return answer
    if isinstance(answer, JobNotKnown):
        raise JobUnknown(answer.job, f"at {config.address}")
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")
