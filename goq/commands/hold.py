"""`goq hold`."""

import click

from goq.commands.change import change, selected, selector_options
from goq.core.values.changes import Hold


@click.command("hold")
@selector_options
def command(words: tuple[str, ...], states: tuple[str, ...], user: str) -> None:
    """Keep jobs that wait from being started, until 'goq release' lets them go.

    One that runs already runs on. A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of
    an array), a name of your own jobs (sim*), tag:T or user:U; several are a union.

    \b
    Examples:
      goq hold 17
      goq hold 12.100-199
      goq hold tag:night
    """
    change(selected(words, states, user), Hold(), "held")
