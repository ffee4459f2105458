"""`goq drain`."""

import click

from goq.adapters.config import load_config
from goq.commands import complete
from goq.commands.asked import asked
from goq.commands.parameters import limit_of_host
from goq.commands.person import person
from goq.core.messages import AckLimit, SetLimit
from goq.core.values.text import printable


@click.command("drain")
@click.argument("host", shell_complete=complete.machines)
@click.option("--why", default="", metavar="WORDS", help="What 'goq workers' shows of it.")
@click.option("--now", is_flag=True, help="What runs there is handed back, to be run elsewhere.")
def command(host: str, why: str, *, now: bool) -> None:
    """Give a host no more jobs; what runs there goes on. 'goq undrain HOST' takes it back.

    What is handed back is killed as by 'goq kill', waits again, and that counts as nothing; a job that was
    submitted with '--no-requeue' ends as lost.

    \b
    Examples:
      goq drain node7 --why 'new disk'
      goq drain --now node7
      goq undrain node7
    """
    limit = limit_of_host(host)
    ack = asked(load_config(), SetLimit(limit, 0, why, person(), now), AckLimit)
    how = "are being handed back" if now else "still run there"
    left = f"{ack.drawn} jobs {how}" if ack.drawn else "nothing runs there"
    click.echo(printable(f"{host} gets no more jobs; {left}"))
