"""`goq wait`."""

import os
import sys

import click

from goq.adapters.config import Config, load_config
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.parameters import JOBS_A_MESSAGE, to_jobs_of_ranges
from goq.commands.place import outputs_of
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
from goq.roles.client.ask import Observer
from goq.roles.said.saying import NOTE

_NO_WORKER = "no worker is there, so nothing runs; start one with: goq work forever"


@click.command("wait")
@click.argument("jobs", nargs=-1, required=True, callback=to_jobs_of_ranges, metavar="JOBID|A-B...")
@with_an_exit_code_of_its_own
def command(jobs: tuple[JobId, ...]) -> int:
    """Wait until jobs have ended, and exit with the exit status of a job.

    0 when all ended well, else that of the job with the lowest number that did not: its own
    status, 128+n when signal n ended it, 143 when it was cancelled and has no other, 255 when it
    was lost with its worker and is not to run again. A job that has ended already answers at once.
    On a terminal the file of the output is named. Waits through restarts of the server. 69 is trouble of the waiting itself: no server, no such job.

    \b
    Examples:
      goq wait 17 && echo well done
      goq wait 17 18 19
      goq wait 1058-1557
    """
    config = load_config()
    ends: dict[JobId, Ended] = {}
    with Observer(config, _say, _tell_why_slow) as observer:
        _greet(config, jobs)
        while left := [job for job in jobs if job not in ends]:
            for ended in _some_ends(config, observer, tuple(left[:JOBS_A_MESSAGE])):
                ends[ended.job] = ended
                click.echo(f"[pid {os.getpid()}] wait on jobid {ended.job} result: {_verdict(ended)}")
                _tell_a_person(ended, observer.snapshot)
    return next((ends[job].status for job in sorted(ends) if ends[job].status), 0)


def _say(text: str, _event: str = NOTE, /, **_about: int | str) -> None:
    click.echo(f"goq: {text}", err=True)


def _greet(config: Config, jobs: tuple[JobId, ...]) -> None:
    what = f"jobid {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs"
    click.echo(f"[pid {os.getpid()}] waiting for {what} to finish at server '{config.address}'.")


def _tell_why_slow(said: Answer) -> None:
    """Not at once: workers may have been started a moment ago."""
    counters = said.counters if isinstance(said, Snapshot) else {}
    if counters.get("workerCount") == 0 and counters.get("waitingJobs"):
        click.echo(f"goq: {_NO_WORKER}", err=True)


def _tell_a_person(ended: Ended, snapshot: Snapshot) -> None:
    """On a terminal: where the output is, if the job was ever started."""
    if ended.attempt and snapshot.outputs and sys.stdout.isatty():
        click.echo(f"output: {outputs_of(snapshot.outputs, ended.job, ended.job)}")


def _some_ends(config: Config, observer: Observer, jobs: tuple[JobId, ...]) -> tuple[Ended, ...]:
    """How some of them ended, which takes what time it takes."""
    match observer.ask(ObserveEach(jobs)):
        case JobFinishedNotice(ended):
            return (ended,)
        case JobsFinishedNotice(ends):
            return ends
        case JobNotKnown(job):
            raise JobUnknown(job, f"at {config.address}")
        case other:
            raise RequestRefused(f"the server gave an unexpected answer: {type(other).__name__}")


def _verdict(ended: Ended) -> str:
    if ended.ending is Ending.CANCELLED:
        return "job was cancelled" + ("." if ended.attempt else " while it waited.")
    if ended.ending is Ending.LOST:
        return f"job is lost: {ended.result.problem}, and it will not be run again."
    if ended.result.problem:
        how = "job failed" if ended.result.pid else "job could not be run"
        return f"{how}: {ended.result.problem}."
    if ended.result.signal:
        return f"job was ended by signal {ended.result.signal}."
    if ended.status:
        return f"job failed with exit status {ended.status}."
    return "success, job was completed."
