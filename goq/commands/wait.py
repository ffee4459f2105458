"""`goq wait`."""

import math
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice

import click

from goq.adapters.config import Config, load_config
from goq.commands import complete
from goq.commands.asked import expected
from goq.commands.change import selected
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.parameters import NAMED_LIMIT
from goq.commands.person import user_name
from goq.commands.place import outputs_of
from goq.commands.since import seconds_since, since_option
from goq.core.messages import Mean, Meant, Snapshot, TakeSnapshot
from goq.core.messages.people import KEPT_OUTPUTS
from goq.core.values.ids import JobId
from goq.core.values.quantities import BadQuantity, duration_s
from goq.core.values.result import Ended
from goq.core.values.selectors import Selector
from goq.core.values.text import printable
from goq.errors import BadCommand, RequestRefused
from goq.roles.client.ask import Observer


@click.command("wait")
@click.argument("words", nargs=-1, required=True, metavar="SELECTOR...", shell_complete=complete.jobs)
@click.option("--timeout", metavar="D", help="Wait for D at most, as 90 (seconds) or 2h.")
@click.option(
    "--user", default="", metavar="NAME", shell_complete=complete.users, help="Names are of the jobs of NAME."
)
@since_option
@with_an_exit_code_of_its_own
def command(words: tuple[str, ...], timeout: str | None, user: str, since: str | None) -> int:
    """Wait until jobs have ended, and exit with the exit status of a job.

    A job is named by its number; an array's stands for all its tasks, 12.3 for one of them, A-B for a
    range of numbers, and a word for jobs of yours that live or ended within the last hour ('--since D'): a name
    (fold, 'fold*'), or tag:night.

    0 when all ended well, else that of the job with the lowest number that did not: its own
    status, 128+n when signal n ended it, 143 when it was cancelled, 124 when its time
    was up, or 137 when it had too much memory, and it ended as if all were well, 255 when it was
    skipped, since it could never run after what it waited for, or lost with its worker and is not to run
    again. A job that has ended already answers at once.
    On a terminal the file of the output is named. Waits through restarts of the server. 69 is
    trouble of the waiting itself: no server, no such job, or the time of '--timeout' is up.

    \b
    Examples:
      goq wait 17 && echo well done
      goq wait 17 18 19
      goq wait 1058-1557
      goq wait fold tag:night
      goq wait --timeout 1h 17
    """
    selectors, since_s = selected(words, (), user), seconds_since(since)
    due_s = time.monotonic() + _seconds(timeout)
    config = load_config()
    ends: list[Ended] = []
    with Observer(config, say, tell_why_slow) as observer:
        jobs = tuple(
            dict.fromkeys(job for each in selectors for job in _meant(config, observer, each, since_s))
        )
        if len(jobs) > NAMED_LIMIT:
            raise RequestRefused(f"these are more than {NAMED_LIMIT} jobs; name a part of them at a time")
        _greet(config, jobs)
        for ended in await_ends(config, observer, jobs, due_s):
            ends.append(ended)
            click.echo(f"[pid {os.getpid()}] wait on jobid {ended.job} result: {verdict(ended)}")
            _tell_a_person(ended, observer)
    return first_failure(ends)


def _seconds(word: str | None) -> float:
    if word is None:
        return math.inf
    try:
        return duration_s(word)
    except BadQuantity as error:
        raise BadCommand(f"--timeout: {error}") from error


def _meant(config: Config, observer: Observer, selector: Selector, since_s: float) -> Iterator[JobId]:
    """The jobs, in order. Raises RequestRefused when there are none."""
    meant = expected(config, observer.ask(Mean(selector, user_name(), since_s)), Meant)
    few = islice((job for first, end in meant.ranges for job in range(first, end)), NAMED_LIMIT + 1)
    return map(JobId, few)


def _greet(config: Config, jobs: tuple[JobId, ...]) -> None:
    what = f"jobid {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs"
    click.echo(f"[pid {os.getpid()}] waiting for {what} to finish at server '{config.address}'.")


def _tell_a_person(ended: Ended, observer: Observer) -> None:
    """On a terminal: where the output is, if the job was ever started."""
    snapshot = observer.snapshot
    if ended.attempt and snapshot.outputs and sys.stdout.isatty():
        if kept := _kept_outputs(observer):
            click.echo(f"output: {kept}")
            return
        where = outputs_of(snapshot.outputs, ended.job, ended.job, ended.result.files, ended.result.host)
        click.echo(f"output: {where}")


def _kept_outputs(observer: Observer) -> str:
    """What the server says now if it cannot write outputs; "" when it can."""
    now = observer.ask(TakeSnapshot(0))
    lines = now.troubles if isinstance(now, Snapshot) else ()
    return next((printable(line) for line in lines if line.startswith(KEPT_OUTPUTS)), "")
