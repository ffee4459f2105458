"""`goq why`."""

import click

from goq.api.client import Client
from goq.commands import complete
from goq.commands.since import since_option


@click.command("why")
@click.argument("word", metavar="SELECTOR", shell_complete=complete.jobs)
@click.option(
    "--user", default="", metavar="NAME", shell_complete=complete.users, help="A name is of a job of NAME."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@since_option
def command(word: str, user: str, since: str | None, *, as_json: bool) -> None:
    """Say why a job waits, and prove it: machine by machine, its turn, and what would start at once.

    Of an array, or of several jobs of a name, it is said what keeps most of those that wait; where none waits
    how it is with the first that runs. Of one that has ended it says how, and of those of an array that failed in which
    ways, with their last words.

    \b
    Examples:
      goq why 17
      goq why 17.3
      goq why fold
    """
    from goq.commands.whys import tell  # noqa: PLC0415 - what is shown takes a while to load

    with Client() as client:
        tell(client, word, user, since, as_json=as_json)
