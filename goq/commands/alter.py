"""`goq alter`."""

from typing import Any

import click

from goq.commands.change import change, selected, selector_options
from goq.commands.sub_options import alter_options, terms_said
from goq.core.values.changes import Alter
from goq.errors import BadCommand

# What takes away what was asked for: the option, the word, and the fields of the terms.
_NONE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("at", "now", ("not_before_ns",)),
    ("time_limit", "0", ("time_limit_s", "warn_signal", "warn_s")),
    ("memory", "0", ("memory",)),
)


@click.command("alter")
@selector_options
@alter_options
@click.pass_context
def command(
    context: click.Context, /, words: tuple[str, ...], states: tuple[str, ...], user: str, **chosen: Any
) -> None:
    """Change what was asked for of jobs that wait: any option is as of 'goq sub'.

    Those that are not said stay as they are. '--at now' lets a job start at once, '--time 0' and '--mem 0' take
    the limit away. Of one that runs already the '--time' alone is changed; it counts from its start. A
    SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of an array), a name of your own jobs (sim*),
    tag:T or user:U; several are a union.

    \b
    Examples:
      goq alter -p 5 17
      goq alter --name fold --tag night 12-20
      goq alter --at 18:30 'sim*'
      goq alter -c 4 --mem 8G --retries 2 tag:night
      goq alter --time 4h 17
    """
    try:
        alter = _alter(context, chosen)
    except BadCommand as error:
        raise BadCommand(str(error).replace("Nothing was queued.", "Nothing was altered.")) from error
    change(selected(words, states, user), alter, "altered")


def _alter(context: click.Context, chosen: dict[str, Any]) -> Alter:
    """The fields of the terms that are to be set. Raises BadCommand."""
    taken = {option: fields for option, word, fields in _NONE if chosen[option] == word}
    said, terms = terms_said(context, {name: word for name, word in chosen.items() if name not in taken})
    fields = dict.fromkeys([*said, *(field for some in taken.values() for field in some)])
    if not fields:
        raise BadCommand("nothing is to be altered; say what, as: goq alter -p 5 17")
    return Alter(tuple(fields), terms)
