"""`goq down`."""

import os

import click

from goq.adapters.config import load_config
from goq.adapters.kept import Pair, alone, read_pair
from goq.roles.pair import bring_down


@click.command("down")
def command() -> None:
    """End the worker and the job server that 'goq up' has started on this machine, and nothing else.

    Jobs that run are killed and go back to the queue, as when a worker is stopped by SIGTERM: they wait there,
    and run again after the next 'goq up'. Nothing is lost. Servers and workers that were started by hand stay:
    'goq shutdown' and 'goq immolateworkers' are for those.

    \b
    Examples:
      goq down
    """
    home = load_config().home
    with alone(home):
        if read_pair(home) == Pair():
            click.echo(f"[pid {os.getpid()}] goq down: nothing that 'goq up' has started runs here.")
            return
        bring_down(lambda text: click.echo(f"[pid {os.getpid()}] goq down: {text}"))
