"""`goq why`."""

import time

import click

from goq.adapters.config import load_config
from goq.commands import complete
from goq.commands.asked import asked
from goq.commands.change import selected
from goq.commands.person import user_name
from goq.commands.since import seconds_since, since_option
from goq.core.messages import AskWhy, Mean, Meant, Why
from goq.core.messages.looks import RANGES_LIMIT
from goq.core.values.text import printable
from goq.errors import RequestRefused


@click.command("why")
@click.argument("word", metavar="SELECTOR", shell_complete=complete.jobs)
@click.option(
    "--user", default="", metavar="NAME", shell_complete=complete.users, help="A name is of a job of NAME."
)
@since_option
def command(word: str, user: str, since: str | None) -> None:
    """Say in one sentence why a job waits: a hold, its time, a limit, what is missing where, its turn.

    Of an array, or of several jobs of a name, it is said of the first that waits, else of the first that
    runs. Of one that has ended it says how.

    \b
    Examples:
      goq why 17
      goq why 17.3
    """
    config = load_config()
    (selector,) = selected((word,), (), user)
    meant = asked(config, Mean(selector, user_name(), seconds_since(since)), Meant).ranges
    if not meant:
        raise RequestRefused(f"'{word}' means no job")
    why = asked(config, AskWhy(meant[:RANGES_LIMIT]), Why)
    when = f", {time.strftime('%F %T', time.localtime(why.until_ns // 10**9))}" if why.until_ns else ""
    click.echo(printable(f"job {why.job}: {why.text}{when}"))
