"""`goq shutdown`."""

import os

import click

from goq.api.client import Client


@click.command("shutdown")
def command() -> None:
    """Stop the job server.

    Jobs that run go on, and their workers wait for the server to come back; nothing is lost.

    \b
    Examples:
      goq shutdown
    """
    with Client() as client:
        client.shutdown()
    click.echo(f"[pid {os.getpid()}] sent shutdown request to jobserver at '{client.address}'.")
