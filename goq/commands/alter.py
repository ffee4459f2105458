"""`goq alter`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from msgspec.structs import replace

from goq.commands.change import change, selected, selector_options
from goq.commands.parameters import Whole
from goq.commands.sub_limits import memory_of, seconds_of
from goq.commands.sub_options import require_label
from goq.core.values.changes import Alter
from goq.core.values.moments import BadMoment, moment_ns
from goq.core.values.terms import DEFAULT_TERMS, TAGS_LIMIT
from goq.errors import BadCommand


@click.command("alter")
@selector_options
@click.option("-p", "--priority", type=Whole(-1000, 1000, 10), metavar="N", help="As of goq sub.")
@click.option("-N", "--name", metavar="NAME", help="Call them NAME.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Mark them with TAG, and no other; several."
)
@click.option(
    "--at", "moment", metavar="TIME", help="Start them at TIME, as 18:30, and not before; now: at once."
)
@click.option("--time", "time_limit", metavar="D", help="End each when it has run for D; 0: never.")
@click.option("--mem", "memory", metavar="SIZE", help="End each that has more memory; 0: none.")
def command(words: tuple[str, ...], states: tuple[str, ...], user: str, **asked: Any) -> None:
    """Change what was asked for of jobs that wait.

    One that runs already is left as it is. A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9
    (tasks of an array), a name of your own jobs (sim*), tag:T or user:U; several are a union.

    \b
    Examples:
      goq alter -p 5 17
      goq alter --name fold --tag night 12-20
      goq alter --at 18:30 'sim*'
    """
    try:
        alter = _alter(asked)
    except BadCommand as error:
        raise BadCommand(str(error).replace("Nothing was queued.", "Nothing was altered.")) from error
    change(selected(words, states, user), alter, "altered")


def _alter(asked: dict[str, Any]) -> Alter:
    """The fields of the terms that are to be set. Raises BadCommand."""
    fields = {
        _FIELDS[option][0]: _FIELDS[option][1](word)
        for option, word in asked.items()
        if word not in (None, ())
    }
    if not fields:
        raise BadCommand("nothing is to be altered; say what, as: goq alter -p 5 17")
    return Alter(tuple(fields), replace(DEFAULT_TERMS, **fields))


def _name(word: str) -> str:
    require_label("--name", word)
    return word


def _tags(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        require_label("--tag", word)
    if len(set(words)) > TAGS_LIMIT:
        raise BadCommand(f"--tag: a job has {TAGS_LIMIT} tags at most. Nothing was altered.")
    return tuple(dict.fromkeys(words))


def _moment(word: str) -> int:
    """In nanoseconds since the epoch; 0 for no moment to wait for."""
    if word == "now":
        return 0
    try:
        return moment_ns(word, time.time_ns(), _offset)
    except BadMoment as error:
        raise BadCommand(f"--at: {error}. Nothing was altered.") from error


def _offset(at_s: int) -> int:
    """How far the clocks here are ahead of UTC, in seconds."""
    ahead = datetime.fromtimestamp(at_s, UTC).astimezone().utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


# The option: the field of the terms, and what it makes of the word.
_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "priority": ("priority", int),
    "name": ("name", _name),
    "tags": ("tags", _tags),
    "moment": ("not_before_ns", _moment),
    "time_limit": ("time_limit_s", lambda word: 0 if word == "0" else seconds_of("--time", word)),
    "memory": ("memory", lambda word: 0 if word == "0" else memory_of(word)),
}
