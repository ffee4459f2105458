"""`goq resume`."""

import click

from goq.commands.change import change, selected, selector_options
from goq.core.values.changes import Resume


@click.command("resume")
@selector_options
def command(words: tuple[str, ...], states: tuple[str, ...], user: str) -> None:
    """Let jobs go on that 'goq pause' has stopped.

    \b
    Examples:
      goq resume 17
      goq resume --state paused '*'
    """
    change(selected(words, states, user), Resume(), "resumed")
