"""Waiting for the ends of jobs."""

import math
from collections.abc import Iterable, Iterator

import click

from goq.adapters.config import Config
from goq.api.observing import Observer
from goq.commands.parameters import JOBS_A_MESSAGE
from goq.core.messages import (
    Answer,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    ObserveEach,
    Snapshot,
)
from goq.core.values.ids import JobId
from goq.core.values.result import Ended, Ending
from goq.errors import JobUnknown, RequestRefused
from goq.roles.said.saying import NOTE

_NO_WORKER = "no worker is there, so nothing runs; start one with: goq work forever"


def await_ends(
    config: Config, observer: Observer, jobs: tuple[JobId, ...], due_s: float = math.inf
) -> Iterator[Ended]:
    """How each of them ended, as they do, by that second of the monotonic clock. Raises JobUnknown, RequestRefused."""
    left = dict.fromkeys(jobs)
    while left:
        for ended in _some_ends(config, observer, tuple(left)[:JOBS_A_MESSAGE], due_s):
            del left[ended.job]
            yield ended


def first_failure(ends: Iterable[Ended]) -> int:
    """The status of the job with the lowest number that did not end well; 0 when all did."""
    return next((ended.status for ended in sorted(ends, key=lambda each: each.job) if ended.status), 0)


def say(text: str, _event: str = NOTE, /, **_about: int | str) -> None:
    """One line to whoever waits, beside the output."""
    click.echo(f"goq: {text}", err=True)


def tell_why_slow(said: Answer) -> None:
    """What the server's word has to do with it. Not at once: workers may have been started a moment ago."""
    counters = said.counters if isinstance(said, Snapshot) else {}
    if counters.get("workerCount") == 0 and counters.get("waitingJobs"):
        say(_NO_WORKER)


def _some_ends(
    config: Config, observer: Observer, jobs: tuple[JobId, ...], due_s: float
) -> tuple[Ended, ...]:
    """How some of them ended, which takes what time it takes."""
    match observer.ask_until(ObserveEach(jobs), due_s):
        case None:
            more = "" if len(jobs) == 1 else f", and {len(jobs) - 1} more"
            raise RequestRefused(f"the time is up, and job {jobs[0]}{more} had not ended")
        case JobFinishedNotice(ended):
            return (ended,)
        case JobsFinishedNotice(ends):
            return ends
        case JobNotKnown(job):
            raise JobUnknown(job, f"at {config.address}")
        case other:
            raise RequestRefused(f"the server gave an unexpected answer: {type(other).__name__}")


def verdict(ended: Ended) -> str:
    """The end of a job as a sentence."""
    if ended.ending is Ending.CANCELLED:
        return "job was cancelled" + ("." if ended.attempt else " while it waited.")
    if ended.ending is Ending.LOST:
        return f"job is lost: {ended.result.problem}, and it will not be run again."
    if ended.ending is Ending.SKIPPED:
        return f"job was skipped: {ended.result.problem}."
    if ended.result.cause:
        return f"job was ended: {ended.result.problem}."
    if ended.result.problem:
        how = "job failed" if ended.result.pid else "job could not be run"
        return f"{how}: {ended.result.problem}."
    if ended.result.signal:
        return f"job was ended by signal {ended.result.signal}."
    if ended.status:
        return f"job failed with exit status {ended.status}."
    return "success, job was completed."
