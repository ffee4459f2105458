"""What the commands share that change jobs: what they take, whom they ask, and what they say of it."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import click

from goq.adapters.config import Config, load_config
from goq.commands import complete
from goq.commands.asked import asked
from goq.commands.parameters import bundles
from goq.commands.person import person
from goq.core.messages import AckChange, Cancel, Change, JobNotKnown
from goq.core.values.changes import Kill, Pause, Resume, What
from goq.core.values.ids import JobId
from goq.core.values.selectors import PARTS_LIMIT, BadSelector, Named, Number, Selector, Tagged, selector_of
from goq.errors import BadCommand, JobUnknown, RequestRefused
from goq.roles.client.ask import ask

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
    config, asks = load_config(), not sure and sys.stdin.isatty()
    met: list[AckChange] = []
    for selector in selectors:
        answer = asked(config, Change(selector, what, person(), ASK_ABOVE if asks else 0), AckChange)
        if not answer.done:
            click.confirm(_question(answer), abort=True)
            asks = False
            answer = asked(config, Change(selector, what, person()), AckChange)
        met.append(answer)
        while answer.left:
            answer = asked(config, Change(selector, what, person()), AckChange)
    _tell(config, selectors, what, done, _sum(met))


def _tell(config: Config, selectors: list[Selector], what: What, done: str, met: AckChange) -> None:
    is_kill = isinstance(what, Kill)
    job = _one_that_has_ended(selectors[0], met) if is_kill else None
    if job is not None:
        said = _of_ended(config, job)
    elif isinstance(what, Pause | Resume) and not met.changed + met.same:
        others = _others(met)
        wait = f"{met.waiting} wait, which 'goq hold' is for" if met.waiting else ""
        more = ", and ".join(filter(None, (wait, others)))
        raise RequestRefused(f"none of these jobs runs{': ' if more else ''}{more}")
    elif not met.changed + met.same + met.running:
        others = _others(met) or _named(selectors)
        raise RequestRefused(f"none of these jobs waits or runs{': ' if others else ''}{others}")
    else:
        said = _of_kill(config, selectors[0], met) if is_kill else _of_change(met, done)
    click.echo(f"[pid {os.getpid()}] {said}.")


def _named(selectors: list[Selector]) -> str:
    """The words that met nothing, as far as they are short."""
    words = [part.pattern for each in selectors for part in each.parts if isinstance(part, Named)]
    words += [f"tag:{part.tag}" for each in selectors for part in each.parts if isinstance(part, Tagged)]
    shown = " ".join(words)
    return f"{shown}; 'goq stat' shows what there is" if 0 < len(shown) <= _SHOWN else ""


def _question(met: AckChange) -> str:
    whose = f", and {met.others} are others'" if met.others else ""
    return f"kill {met.changed + met.running} jobs, of which {met.running} run{whose}?"


def _sum(met: list[AckChange]) -> AckChange:
    counts = zip(
        *((each.changed, each.same, each.running, each.ended, each.unknown, each.waiting) for each in met),
        strict=True,
    )
    changed, same, running, ended, unknown, waiting = map(sum, counts)
    return AckChange(changed, same, running, ended, unknown, waiting=waiting)


def _one_that_has_ended(selector: Selector, met: AckChange) -> JobId | None:
    """The job, if a single number was given, and it neither waits nor runs."""
    match selector.parts:
        case (Number(job),) if met.ended + met.unknown == 1 and not met.changed + met.running:
            return job
        case _:
            return None


def _of_ended(config: Config, job: JobId) -> str:
    """That it has been cancelled before. Raises GoqError, with how it ended otherwise."""
    answer = ask(config, Cancel(job, by=person()))
    if isinstance(answer, JobNotKnown):
        raise JobUnknown(job, f"at {config.address}")
    return f"cancellation of job {job} at '{config.address}' succeeded: it had been cancelled before"


def _others(met: AckChange) -> str:
    counts = ((met.ended, "had ended before"), (met.unknown, "never were"))
    return ", and ".join(f"{count} {what}" for count, what in counts if count)


def _of_change(met: AckChange, done: str) -> str:
    counts = (
        (met.changed, done),
        (met.same, "were so before"),
        (met.running, "run already"),
        (met.waiting, "wait"),
        (met.ended, "had ended"),
        (met.unknown, "never were"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _of_kill(config: Config, selector: Selector, met: AckChange) -> str:
    others, count = _others(met), met.changed + met.running
    if count == 1 and not others and len(selector.parts) == 1 and isinstance(selector.parts[0], Number):
        how = "it is being killed" if met.running else "it will not run"
        return f"cancellation of job {selector.parts[0].job} at '{config.address}' succeeded: {how}"
    how = f"{met.changed} will not run, {met.running} are being killed" + (f"; {others}" if others else "")
    return f"cancellation of {count} jobs at '{config.address}' succeeded: {how}"
