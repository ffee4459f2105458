"""`goq drain`."""

import click

from goq.api.client import Client
from goq.commands import complete
from goq.commands.hosts import unknown_host
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
    with Client() as client:
        left = client.drain(host, why=why, now=now)
        unknown = unknown_host(client, host)
    how = "are being handed back" if now else "still run there"
    what = f"{left} jobs {how}" if left else "nothing runs there"
    click.echo(printable(f"{host} gets no more jobs; {what}{unknown}"))
