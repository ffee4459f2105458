"""What the commands share that change jobs: what they take, whom they ask, and what they say of it."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import click

from goq.api.client import Client
from goq.api.naming import bundles
from goq.api.talks import Changed
from goq.commands import complete
from goq.core.values.changes import Kill, Pause, Resume, What
from goq.core.values.ids import JobId
from goq.core.values.pages import ROWS_LIMIT, Rows
from goq.core.values.selectors import PARTS_LIMIT, BadSelector, Named, Number, Selector, Tagged, selector_of
from goq.core.values.text import printable
from goq.errors import BadCommand, RequestRefused
from goq.views.numbers import count
from goq.views.rows import program_of

ASK_ABOVE = 100
_SHOWN = 200  # characters of the words that met nothing
_Command = TypeVar("_Command", bound=Callable[..., object])


def selector_options(command: _Command) -> _Command:
    """The words that name jobs, and what narrows them."""
    command = click.option(
        "--user",
        default="",
        metavar="NAME",
        shell_complete=complete.users,
        help="Only jobs of NAME, whose names are meant too.",
    )(command)
    command = click.option(
        "--state",
        "states",
        multiple=True,
        metavar="S,...",
        shell_complete=complete.states,
        help="Only those that are waiting, held, running, paused, done, failed, cancelled, lost or skipped.",
    )(command)
    return click.argument("words", nargs=-1, metavar="SELECTOR...", shell_complete=complete.jobs)(command)


def selected(words: tuple[str, ...], states: tuple[str, ...], user: str) -> list[Selector]:
    """The jobs that the words mean, so many as a message takes in each. Raises BadCommand."""
    if not (words or states or user):
        named = "no jobs are named; write 12, 12-20, 12.3-7, a name, tag:T or user:U"
        raise click.UsageError(named, click.get_current_context())
    try:
        return [selector_of(some, states, user) for some in [*bundles(words, PARTS_LIMIT)] or [()]]
    except BadSelector as error:
        raise BadCommand(str(error)) from error


def change(selectors: list[Selector], what: What, done: str, *, sure: bool = True) -> None:
    """Have it done, and say what was met; unless it is `sure`, on a terminal it asks before it kills many.

    `done` is what has become of a job that waited, as "held". Raises GoqError when no job is met.
    """
    asks = not sure and sys.stdin.isatty()
    with Client() as client:
        met = client.change(selectors, what, ASK_ABOVE if asks else 0)
        if not met.done:
            asked = _question(client, selectors, met)
            click.confirm(asked, abort=True, show_default=False, prompt_suffix="  y / n ")
            met = client.change(selectors, what)
        said = _said(client, selectors, what, done, met)
    click.echo(f"[pid {os.getpid()}] {said}.")


def _said(client: Client, selectors: list[Selector], what: What, done: str, met: Changed) -> str:
    job = _one_that_has_ended(selectors[0], met) if isinstance(what, Kill) else None
    if job is not None:
        client.cancel(job)
        return f"cancellation of job {job} at '{client.address}' succeeded: it had been cancelled before"
    if isinstance(what, Pause | Resume) and not met.changed + met.same:
        wait = f"{met.waiting} wait, which 'goq hold' is for" if met.waiting else ""
        raise RequestRefused(_none("runs", ", and ".join(filter(None, (wait, _others(met))))))
    if not met.changed + met.same + met.running:
        raise RequestRefused(
            _none("waits or runs", _others(met) or _programs(client, selectors) or _named(selectors))
        )
    return _of_kill(client.address, selectors[0], met) if isinstance(what, Kill) else _of_change(met, done)


def _none(what: str, more: str) -> str:
    return f"none of these jobs {what}{': ' if more else ''}{more}"


def _named(selectors: list[Selector]) -> str:
    """The words that met nothing, as far as they are short."""
    words = [part.pattern for each in selectors for part in each.parts if isinstance(part, Named)]
    words += [f"tag:{part.tag}" for each in selectors for part in each.parts if isinstance(part, Tagged)]
    shown = " ".join(words)
    return f"{shown}; 'goq stat' shows what there is" if 0 < len(shown) <= _SHOWN else ""


def _programs(client: Client, selectors: list[Selector]) -> str:
    """Of a word that is no name, but a program of one's own jobs, that it is."""
    words = {part.pattern for each in selectors for part in each.parts if isinstance(part, Named)}
    if len(words) != 1:
        return ""
    (word,), me = words, client.here.by.owner
    rows = client.rows(Rows(Selector(), me, user=selectors[0].user or me, limit=ROWS_LIMIT)).rows
    jobs = sum(row.counts.live for row in rows if not row.name and program_of(row.argv) == word)
    if not jobs:
        return ""
    what = "1 job runs" if jobs == 1 else f"{jobs} jobs run"
    return f"none is called '{word}'; {what} that program, and 'goq list' shows their numbers"


def _question(client: Client, selectors: list[Selector], met: Changed) -> str:
    """As in `14253 sweep has 600 tasks: 40 run, 348 wait. Kill all of them?`."""
    jobs = met.changed + met.running
    whose = f", {count(met.others)} are others'" if met.others else ""
    many = f"{count(met.running)} run, {count(met.changed)} wait{whose}"
    what = _whole(client, selectors) or (f"{count(jobs)} jobs are meant" if jobs != 1 else "one job is meant")
    return f"{what}: {many}. Kill {'all of them' if jobs != 1 else 'it'}?"


def _whole(client: Client, selectors: list[Selector]) -> str:
    """What is meant, if that is one submission: its number, its name, and how many tasks or jobs it has."""
    if len(selectors) != 1 or len(selectors[0].parts) != 1:
        return ""
    (part,) = selectors[0].parts
    if not isinstance(part, Number):
        return ""
    try:
        rows = client.rows(Rows(selectors[0], client.here.by.owner, limit=1)).rows
    except RequestRefused:
        return ""  # the reader is busy: it goes without
    if not rows:
        return ""
    row = rows[0]
    shown = f"{row.id} {printable(row.name or program_of(row.argv))}"
    if row.count == 1:
        return f"{shown} is {row.owner}'s"
    return f"{shown} has {count(row.count)} {'tasks' if row.array else 'jobs'}"


def _one_that_has_ended(selector: Selector, met: Changed) -> JobId | None:
    """The job, if a single number was given, and it neither waits nor runs."""
    match selector.parts:
        case (Number(job),) if met.ended + met.unknown == 1 and not met.changed + met.running:
            return job
        case _:
            return None


def _others(met: Changed) -> str:
    counts = ((met.ended, "had ended before"), (met.unknown, "never were"))
    return ", and ".join(f"{count} {what}" for count, what in counts if count)


def _of_change(met: Changed, done: str) -> str:
    counts = (
        (met.changed, done),
        (met.same, "were so before"),
        (met.running, "run already"),
        (met.waiting, "wait"),
        (met.ended, "had ended"),
        (met.unknown, "never were"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _of_kill(address: str, selector: Selector, met: Changed) -> str:
    others, count = _others(met), met.changed + met.running
    if count == 1 and not others and len(selector.parts) == 1 and isinstance(selector.parts[0], Number):
        how = "it is being killed" if met.running else "it will not run"
        return f"cancellation of job {selector.parts[0].job} at '{address}' succeeded: {how}"
    how = f"{met.changed} will not run, {met.running} {'is' if met.running == 1 else 'are'} being killed" + (
        f"; {others}" if others else ""
    )
    jobs = "1 job" if count == 1 else f"{count} jobs"
    return f"cancellation of {jobs} at '{address}' succeeded: {how}"
