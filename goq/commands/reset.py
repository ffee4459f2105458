"""`goq reset`."""

import os

import click

from goq.api.client import Client


@click.command("reset")
def command() -> None:
    """Zero the counters of finished and cancelled jobs, and empty the list of finished ones.

    Results stay in the journal, so that 'goq wait' still knows them; job numbers go on.

    \b
    Examples:
      goq reset
    """
    with Client() as client:
        client.reset()
    click.echo(f"[pid {os.getpid()}] reset command submitted to server '{client.address}'.")
