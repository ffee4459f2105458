"""`goq undrain`."""

import click

from goq.adapters.config import load_config
from goq.commands import complete
from goq.commands.asked import asked
from goq.commands.parameters import limit_of_host
from goq.commands.person import person
from goq.core.messages import AckLimit, SetLimit
from goq.core.values.text import printable


@click.command("undrain")
@click.argument("host", shell_complete=complete.machines)
def command(host: str) -> None:
    """Give a host jobs again that 'goq drain' kept from it.

    \b
    Examples:
      goq undrain node7
    """
    limit = limit_of_host(host)
    asked(load_config(), SetLimit(limit, None, "", person()), AckLimit)
    click.echo(printable(f"{host} gets jobs again"))
