"""`goq why`."""

import click

from goq.api.client import Client
from goq.commands import complete
from goq.commands.page import page
from goq.commands.since import seconds_since, since_option
from goq.core.values.reasons import Explained


@click.command("why")
@click.argument("word", metavar="SELECTOR", shell_complete=complete.jobs)
@click.option(
    "--user", default="", metavar="NAME", shell_complete=complete.users, help="A name is of a job of NAME."
)
@since_option
def command(word: str, user: str, since: str | None) -> None:
    """Say why a job waits, and prove it: machine by machine, its turn, and what would start at once.

    Of an array, or of several jobs of a name, it is said what keeps most of those that wait; where none waits
    how it is with the first that runs. Of one that has ended it says how.

    \b
    Examples:
      goq why 17
      goq why 17.3
    """
    with Client() as client:
        show(client.why(word, user=user, since=seconds_since(since)))


def show(explained: Explained) -> None:
    """The sentence, and then the proof."""
    from goq.views.why import why_lines  # noqa: PLC0415 - who is told that there is none needs it not

    for line in why_lines(explained, page()):
        click.echo(line)
