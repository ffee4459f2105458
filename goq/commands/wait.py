"""`goq wait`."""

import os
import sys

import click

from goq.adapters.config import Config, load_config
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.parameters import to_jobs_of_ranges
from goq.commands.place import outputs_of
from goq.core.messages import Snapshot
from goq.core.values.ids import JobId
from goq.core.values.result import Ended
from goq.roles.client.ask import Observer


@click.command("wait")
@click.argument("jobs", nargs=-1, required=True, callback=to_jobs_of_ranges, metavar="JOBID|A-B...")
@with_an_exit_code_of_its_own
def command(jobs: tuple[JobId, ...]) -> int:
    """Wait until jobs have ended, and exit with the exit status of a job.

    0 when all ended well, else that of the job with the lowest number that did not: its own
    status, 128+n when signal n ended it, 143 when it was cancelled and has no other, 125 when it was
    skipped, since it could never run after what it waited for, 255 when it
    was lost with its worker and is not to run again. A job that has ended already answers at once.
    On a terminal the file of the output is named. Waits through restarts of the server. 69 is
    trouble of the waiting itself: no server, no such job.

    \b
    Examples:
      goq wait 17 && echo well done
      goq wait 17 18 19
      goq wait 1058-1557
    """
    config = load_config()
    ends: list[Ended] = []
    with Observer(config, say, tell_why_slow) as observer:
        _greet(config, jobs)
        for ended in await_ends(config, observer, jobs):
            ends.append(ended)
            click.echo(f"[pid {os.getpid()}] wait on jobid {ended.job} result: {verdict(ended)}")
            _tell_a_person(ended, observer.snapshot)
    return first_failure(ends)


def _greet(config: Config, jobs: tuple[JobId, ...]) -> None:
    what = f"jobid {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs"
    click.echo(f"[pid {os.getpid()}] waiting for {what} to finish at server '{config.address}'.")


def _tell_a_person(ended: Ended, snapshot: Snapshot) -> None:
    """On a terminal: where the output is, if the job was ever started."""
    if ended.attempt and snapshot.outputs and sys.stdout.isatty():
        click.echo(f"output: {outputs_of(snapshot.outputs, ended.job, ended.job)}")
