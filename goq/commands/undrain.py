"""`goq undrain`."""

import click

from goq.adapters.config import load_config
from goq.commands.asked import asked
from goq.commands.person import person
from goq.core.messages import AckLimit, SetLimit
from goq.core.values.limit_names import NODE, BadLimit, check_limit
from goq.core.values.text import printable


@click.command("undrain")
@click.argument("host")
def command(host: str) -> None:
    """Give a host jobs again that 'goq drain' kept from it.

    \b
    Examples:
      goq undrain node7
    """
    try:
        check_limit(f"{NODE}{host}", 0)
    except BadLimit as error:
        raise click.UsageError(f"that is no host: {error}") from error
    asked(load_config(), SetLimit(f"{NODE}{host}", None, "", person()), AckLimit)
    click.echo(printable(f"{host} gets jobs again"))
