"""What `goq sub` lets a job wait for: other jobs (--after and the like), a moment, a word (--hold)."""

import time

import click

from goq.commands import complete
from goq.core.values.moments import BadMoment, moment_ns
from goq.core.values.selectors import BadSelector, Selector, selector_of
from goq.core.values.terms import When
from goq.core.values.wishes import WISHES_LIMIT, Wish
from goq.errors import BadCommand

_NOTHING = "Nothing was queued."
NS = 10**9

_WISHES: tuple[tuple[str, When, bool, str], ...] = (
    ("--after", "any", False, "Wait until these jobs have ended: 12,15-20,fold*,tag:T; several, all count."),
    ("--after-ok", "ok", False, "The same, and each of them well; else it is skipped."),
    (
        "--after-fail",
        "fail",
        False,
        "The same, and of each submission one of them badly; else it is skipped.",
    ),
    ("--after-each", "any", True, "Task by task: its first waits for the first of that array, and so on."),
    ("--after-each-ok", "ok", True, "The same, for a good end."),
)


def _name_of(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


_OPTIONS = {
    flag: click.option(
        flag, _name_of(flag), multiple=True, metavar="SELECTOR", shell_complete=complete.jobs, help=text
    )
    for flag, _, _, text in _WISHES
}
_MAYBE = click.option("--after-maybe", is_flag=True, help="Do not mind when there are no such jobs.")
AFTER_OPTIONS = (*_OPTIONS.values(), _MAYBE)
SET_OPTIONS = (*(_OPTIONS[flag] for flag, _, each, _ in _WISHES if not each), _MAYBE)
MOMENT_OPTIONS = (
    click.option("--at", metavar="TIME", help="Not before 18:30, 'tomorrow 9:00', 2026-12-01T18:30Z."),
    click.option("--in", "delay", metavar="D", help="Not before D from now: 90 (seconds), 1h30m, 2d."),
)
GATE_OPTIONS = (
    click.option("--keep", is_flag=True, help="Hold it, instead of skipping it, when it can never run."),
    click.option("--hold", is_flag=True, help="Let it wait until somebody releases it."),
    *MOMENT_OPTIONS,
)


def wishes_of(words: dict[str, tuple[str, ...]], *, maybe: bool) -> tuple[Wish, ...]:
    """What was said, by the names of the options. Raises BadCommand."""
    wishes = tuple(
        Wish(_selected(flag, word), when, each, maybe)
        for flag, when, each, _ in _WISHES
        for word in words.get(_name_of(flag), ())
    )
    if len(wishes) > WISHES_LIMIT:
        raise BadCommand(
            f"--after and the like are said {len(wishes)} times, and {WISHES_LIMIT} are the most;"
            f" say several at once, as --after 12,15-20. {_NOTHING}"
        )
    if maybe and not wishes:
        raise BadCommand(f"--after-maybe needs something that may be: --after fold --after-maybe. {_NOTHING}")
    return wishes


def _selected(flag: str, word: str) -> Selector:
    """Selectors with commas between them; the commas of 12.3-7,9 are its own."""
    try:
        return selector_of([word] if "." in word or "[" in word else word.split(","))
    except BadSelector as error:
        raise BadCommand(f"{flag}: {error}. {_NOTHING}") from error


def not_before_ns(at: str | None, delay_s: float | None) -> int:
    """The moment by the wall clock; 0 for none. Raises BadCommand for one that is past."""
    now_ns = time.time_ns()
    if at is not None and delay_s is not None:
        raise BadCommand(f"--at and --in are two moments; choose one. {_NOTHING}")
    if delay_s is not None:
        return now_ns + round(delay_s * NS)
    if at is None:
        return 0
    try:
        moment = moment_ns(at, now_ns, lambda at_s: time.localtime(at_s).tm_gmtoff)
    except BadMoment as error:
        raise BadCommand(f"--at: {error}. {_NOTHING}") from error
    if moment < now_ns:
        raise BadCommand(f"--at: '{at}' is past; --at 'tomorrow 9:00' is not. {_NOTHING}")
    return moment
