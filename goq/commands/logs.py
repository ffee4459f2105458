"""`goq logs`."""

from collections.abc import Iterator
from itertools import islice

import click
from msgspec import Struct

from goq.adapters.config import Config, load_config
from goq.api.client import Client
from goq.api.logs import Ask, Reading, Said, read_now, read_on
from goq.api.observing import Observer
from goq.commands import complete
from goq.commands.change import selected
from goq.commands.ends import tell_why_slow
from goq.commands.logs_shown import Printer, where
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.parameters import NAMED_LIMIT, Whole
from goq.commands.since import seconds_since, since_option
from goq.core.values.ids import JobId
from goq.core.values.logs import Phase
from goq.core.values.result import ERR, OUT
from goq.core.values.selectors import Number, Selector, Tasks
from goq.errors import RequestRefused

BACK = 100  # lines, from where on a log is followed
_FAILED = ("failed", "lost")


class Options(Struct, frozen=True):
    """What is wanted of them. `lines`: so many at their ends, None: all."""

    follow: bool
    lines: int | None
    stream: int
    attempt: int | None
    raw: bool
    path: bool


@click.command("logs")
@click.argument("words", nargs=-1, required=True, metavar="SELECTOR...", shell_complete=complete.jobs)
@click.option("-f", "--follow", is_flag=True, help="Read on until the jobs have ended.")
@click.option("-n", "--lines", type=Whole(0, None, 20), metavar="N", help="The last N lines; 100 with -f.")
@click.option("--err", is_flag=True, help="What went into the file of '--err'.")
@click.option("--attempt", type=Whole(1, None, 2), metavar="N", help="Of attempt N, and no other.")
@click.option("--failed", is_flag=True, help="Only of those that have failed, or are lost.")
@click.option("--raw", is_flag=True, help="Let a terminal have control characters too.")
@click.option("--path", is_flag=True, help="Print where the files are instead.")
@click.option(
    "--user", default="", metavar="NAME", shell_complete=complete.users, help="Names are of the jobs of NAME."
)
@since_option
def command(
    words: tuple[str, ...], failed: bool, err: bool, user: str, since: str | None, **how: object
) -> int:
    """Print what jobs have written: the bytes, and nothing else.

    Of a job with several attempts it is the latest. With '-f' it goes on while the job runs, from 100 lines
    back, over attempts, lost workers and restarts of the server, and ends with the status of the job, as 'goq
    wait' does. Of several jobs each line begins with the task, as [12]; with '-f' those that have ended
    before are left out.

    A terminal gets no control characters, unless with '--raw'.

    \b
    Examples:
      goq logs 17
      goq logs -f 17
      goq logs 12.3 --attempt 1
      goq logs 12 --failed -n 1
    """
    options = Options(stream=ERR if err else OUT, **how)  # type: ignore[arg-type]  # as click has checked them
    run = with_an_exit_code_of_its_own(_run) if options.follow else _run
    return run(words, _FAILED if failed else (), user, seconds_since(since), options)


def _run(words: tuple[str, ...], states: tuple[str, ...], user: str, since_s: float, options: Options) -> int:
    config, selectors = load_config(), selected(words, states, user)
    with (
        Printer(options.raw, config.way.host) as printer,
        Observer(config, printer.say, tell_why_slow) as observer,
    ):
        jobs = _jobs(config, words, states, user, since_s)
        back = BACK if options.follow and options.lines is None else options.lines
        begin, only = options.attempt or 0, bool(options.attempt)
        readings = [
            Reading(observer.ask, job, options.stream, back=back, begin=begin, only=only) for job in jobs
        ]
        if options.path:
            for reading in readings:
                click.echo(where(reading.part(options.attempt or 0), observer.snapshot.outputs))
            return 0
        printer.expect(len(readings), is_array=_is_one(selectors))
        if not options.follow:
            trouble = _print(printer, read_now(observer.ask, readings))
            _tell_why_nothing(readings)
            return trouble
        if len(readings) > 1:
            readings = _live(printer, observer.ask, readings)
        return _print(printer, read_on(observer.ask, readings)) or printer.status


def _jobs(
    config: Config, words: tuple[str, ...], states: tuple[str, ...], user: str, since_s: float
) -> list[JobId]:
    """Those that are meant, each once. Raises RequestRefused where none are, or too many."""
    with Client(config) as client:
        ranges = client.numbers(*words, states=states, user=user, since=since_s)
    all_ = (JobId(job) for first, end in ranges for job in range(first, end))
    jobs = list(islice(all_, NAMED_LIMIT + 1))
    if len(jobs) > NAMED_LIMIT:
        raise RequestRefused(f"these are more than {NAMED_LIMIT} jobs; name a part of them at a time")
    if not jobs:
        none = "none of these jobs has failed" if states else "that means no job; 'goq logs 17' is of job 17"
        raise RequestRefused(none)
    return jobs


def _is_one(selectors: list[Selector]) -> bool:
    """They are all of one array, as far as the words tell."""
    parts = [part for selector in selectors for part in selector.parts]
    return len(parts) == 1 and isinstance(parts[0], Number | Tasks)


def _live(printer: Printer, ask: Ask, readings: list[Reading]) -> list[Reading]:
    """Those that have not ended; all, where all have."""
    from goq.api.logs import stands_of  # noqa: PLC0415 - of several jobs only

    live = [reading for reading, stand in stands_of(ask, readings) if stand.phase.is_live]
    if live and len(live) < len(readings):
        printer.note(f"{len(readings) - len(live):,} have ended")
    return live or readings


def _print(printer: Printer, told: Iterator[tuple[Reading, Said] | None]) -> int:
    """Print as it comes; 1 when there was something that could not be."""
    for each in told:
        if each is None:
            printer.rest()
        else:
            printer.tell(*each)
    printer.rest()
    return printer.trouble


def _tell_why_nothing(readings: list[Reading]) -> None:
    """Of one job that has written nothing since it has not begun."""
    seen = readings[0].seen
    if len(readings) == 1 and seen.phase is Phase.WAITS and not seen.attempt:
        click.echo(f"goq: job {seen.job} has not begun; 'goq logs -f {seen.job}' waits for it", err=True)
