"""`goq pause`."""

import click

from goq.commands.change import change, selected, selector_options
from goq.core.values.changes import Pause


@click.command("pause")
@selector_options
def command(words: tuple[str, ...], states: tuple[str, ...], user: str) -> None:
    """Stop running jobs, with all that they have started, until 'goq resume' lets them go on.

    A paused job keeps its place and its memory; its '--time' stands still. Whatever else happens to jobs
    happens to it too: it may be killed, and is handed back when its worker leaves. One that waits is not
    paused; 'goq hold' is for that. A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of
    an array), a name of your own jobs (sim*), tag:T or user:U; several are a union.

    \b
    Examples:
      goq pause 17
      goq pause 'sim*'
      goq pause --user ann --state running
    """
    change(selected(words, states, user), Pause(), "paused")
