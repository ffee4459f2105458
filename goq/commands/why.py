"""`goq why`."""

import time

import click

from goq.adapters.config import load_config
from goq.commands.asked import asked
from goq.commands.parameters import to_job_id
from goq.core.messages import AskWhy, Why
from goq.core.values.ids import JobId
from goq.core.values.text import printable


@click.command("why")
@click.argument("job", callback=to_job_id, metavar="JOBID")
def command(job: JobId) -> None:
    """Say in one sentence why a job waits: a hold, its time, a limit, what is missing where, its turn.

    \b
    Examples:
      goq why 17
    """
    why = asked(load_config(), AskWhy(job), Why)
    when = f", {time.strftime('%F %T', time.localtime(why.until_ns // 10**9))}" if why.until_ns else ""
    click.echo(printable(f"job {job}: {why.text}{when}"))
