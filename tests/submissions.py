"""Submissions of commands, as people ask for them and as records tell of them."""

from goq.core.messages import Submit
from goq.core.state.records import JobsSubmitted
from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.job import Origin, Submission
from goq.core.values.terms import DEFAULT_TERMS, Terms


def submit_of(
    *commands: bytes,
    folder: bytes = b"/",
    environment: bytes = b"",
    submitter: str = "ann",
    terms: Terms = DEFAULT_TERMS,
    to_come: int = 0,
) -> Submit:
    """One command, or a list of several."""
    shared = (folder, Environment(environment), submitter, terms)
    if len(commands) == 1 and not to_come:
        return Submit(Argv(commands[0]), *shared)
    return Submit(Argv(b""), *shared, lines=commands, to_come=to_come)


def submitted_of(
    first: int,
    nonce: Nonce,
    commands: tuple[bytes, ...],
    origin: Origin,
    terms: Terms = DEFAULT_TERMS,
    at_ns: int = 1,
    to_come: int = 0,
) -> JobsSubmitted:
    """The record of one command, or of a list of several."""
    count = len(commands) + to_come
    argv = Argv(commands[0] if count == 1 else b"")
    submission = Submission(JobId(first), count, nonce, argv, origin, terms, at_ns)
    return JobsSubmitted(submission, commands if count > 1 else ())
