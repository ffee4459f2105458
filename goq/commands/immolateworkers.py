"""`goq immolateworkers`."""

import os

import click

from goq.adapters.config import load_config
from goq.core.messages import AckImmolate, ImmolateWorkers
from goq.roles.client.ask import ask


@click.command("immolateworkers")
def command() -> None:
    """Let every worker exit: idle ones now, busy ones at the end of their job.

    \b
    Examples:
      goq immolateworkers
    """
    config = load_config()
    answer = ask(config, ImmolateWorkers())
    count = answer.workers if isinstance(answer, AckImmolate) else 0
    click.echo(
        f"[pid {os.getpid()}] immolate workers command submitted to server '{config.address}': {count} told."
    )
