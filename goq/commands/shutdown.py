"""`goq shutdown`."""

import os

import click

from goq.adapters.config import load_config
from goq.core.messages import ShutdownServer
from goq.roles.client.ask import ask


@click.command("shutdown")
def command() -> None:
    """Stop the job server.

    Jobs that run go on, and their workers wait for the server to come back; nothing is lost.

    \b
    Examples:
      goq shutdown
    """
    config = load_config()
    ask(config, ShutdownServer())
    click.echo(f"[pid {os.getpid()}] sent shutdown request to jobserver at '{config.address}'.")
