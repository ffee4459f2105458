"""`goq reset`."""

import os

import click

from goq.adapters.config import load_config
from goq.core.messages import Reset
from goq.roles.client.ask import ask


@click.command("reset")
def command() -> None:
    """Zero the counters of finished and cancelled jobs, and empty the list of finished ones.

    Results stay in the journal, so that 'goq wait' still knows them; job numbers go on.

    \b
    Examples:
      goq reset
    """
    config = load_config()
    ask(config, Reset())
    click.echo(f"[pid {os.getpid()}] reset command submitted to server '{config.address}'.")
