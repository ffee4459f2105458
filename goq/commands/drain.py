"""`goq drain`."""

import click

from goq.adapters.config import load_config
from goq.commands.asked import asked
from goq.commands.parameters import limit_of_host
from goq.commands.person import person
from goq.core.messages import AckLimit, SetLimit
from goq.core.values.text import printable


@click.command("drain")
@click.argument("host")
@click.option("--why", default="", metavar="WORDS", help="What 'goq workers' shows of it.")
def command(host: str, why: str) -> None:
    """Give a host no more jobs; what runs there goes on. 'goq undrain HOST' takes it back.

    \b
    Examples:
      goq drain node7 --why 'new disk'
      goq undrain node7
    """
    limit = limit_of_host(host)
    ack = asked(load_config(), SetLimit(limit, 0, why, person()), AckLimit)
    left = f"{ack.drawn} jobs still run there" if ack.drawn else "nothing runs there"
    click.echo(printable(f"{host} gets no more jobs; {left}"))
