"""`goq release`."""

import click

from goq.commands.change import change, selected, selector_options
from goq.core.values.changes import Release


@click.command("release")
@selector_options
def command(words: tuple[str, ...], states: tuple[str, ...], user: str) -> None:
    """Let jobs that are held be started: each in its place by number, as if it had not been held.

    A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of an array), a name of your own
    jobs (sim*), tag:T or user:U; several are a union.

    \b
    Examples:
      goq release 17
      goq release --state held '*'
    """
    change(selected(words, states, user), Release(), "released")
