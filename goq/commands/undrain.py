"""`goq undrain`."""

import click

from goq.api.client import Client
from goq.commands import complete
from goq.core.values.text import printable


@click.command("undrain")
@click.argument("host", shell_complete=complete.machines)
def command(host: str) -> None:
    """Give a host jobs again that 'goq drain' kept from it.

    \b
    Examples:
      goq undrain node7
    """
    with Client() as client:
        client.undrain(host)
    click.echo(printable(f"{host} gets jobs again"))
