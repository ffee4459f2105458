"""`goq immolateworkers`."""

import os

import click

from goq.api.client import Client


@click.command("immolateworkers")
def command() -> None:
    """Let every worker exit: idle ones now, busy ones at the end of their job.

    \b
    Examples:
      goq immolateworkers
    """
    with Client() as client:
        count = client.immolate_workers()
    click.echo(
        f"[pid {os.getpid()}] immolate workers command submitted to server '{client.address}': {count} told."
    )
