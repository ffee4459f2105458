"""`goq wait`."""

import math
import os
import sys
import time

import click

from goq.adapters.config import Config, load_config
from goq.api.observing import Observer
from goq.api.person import own_name
from goq.commands import complete
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.place import outputs_of
from goq.commands.since import seconds_since, since_option
from goq.commands.wait_sets import jobs_of, named_by, sets_of
from goq.commands.wait_shown import Board
from goq.core.messages import Snapshot, TakeSnapshot
from goq.core.messages.people import KEPT_OUTPUTS
from goq.core.values.ids import JobId
from goq.core.values.quantities import BadQuantity, duration_s
from goq.core.values.result import Ended
from goq.core.values.text import printable
from goq.errors import BadCommand


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
    On a terminal the file of the output is named, and it is shown how far several jobs are; in a pipe a line says so once a
    minute, and when an array, or what a word means, has ended. Waits through restarts of the server. 69 is
    trouble of the waiting itself: no server, no such job, or the time of '--timeout' is up.

    \b
    Examples:
      goq wait 17 && echo well done
      goq wait 17 18 19
      goq wait 1058-1557
      goq wait fold tag:night
      goq wait --timeout 1h 17
    """
    since_s = seconds_since(since)
    due_s = time.monotonic() + _seconds(timeout)
    named = named_by(words, user)  # before a server is asked
    config = load_config()
    with Observer(config, say, tell_why_slow) as observer:
        sets = sets_of(config, observer.ask, named, user, since_s)
        jobs = jobs_of(sets)
        _greet(config, tuple(jobs))
        board = Board(observer, sets, since_s, own_name(config))
        observer.beside = board.turn
        ends: list[Ended] = []
        for ended in await_ends(config, observer, tuple(jobs), due_s):
            ends.append(ended)
            of = jobs[ended.job]
            of.note_end(ended)
            is_told = of.is_single or (of.is_range and not sys.stdout.isatty())
            if is_told:
                where = _where(ended, observer)  # which is asked while the picture is drawn
                board.clear()
                click.echo(f"[pid {os.getpid()}] wait on jobid {ended.job} result: {verdict(ended)}")
                if where:
                    click.echo(f"output: {where}")
            board.note_end(ended, of, is_told=is_told)
        board.close()
    return first_failure(ends)


def _seconds(word: str | None) -> float:
    if word is None:
        return math.inf
    try:
        return duration_s(word)
    except BadQuantity as error:
        raise BadCommand(f"--timeout: {error}") from error


def _greet(config: Config, jobs: tuple[JobId, ...]) -> None:
    what = f"jobid {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs"
    click.echo(f"[pid {os.getpid()}] waiting for {what} to finish at server '{config.address}'.")


def _where(ended: Ended, observer: Observer) -> str:
    """For a terminal: where the output is, if the job was ever started; else ""."""
    folder = observer.snapshot.outputs
    if not (ended.attempt and folder and sys.stdout.isatty()):
        return ""
    files = outputs_of(folder, ended.job, ended.job, ended.result.files, ended.result.host)
    return _kept_outputs(observer) or files


def _kept_outputs(observer: Observer) -> str:
    """What the server says now if it cannot write outputs; "" when it can."""
    now = observer.ask(TakeSnapshot(0))
    lines = now.troubles if isinstance(now, Snapshot) else ()
    return next((printable(line) for line in lines if line.startswith(KEPT_OUTPUTS)), "")
