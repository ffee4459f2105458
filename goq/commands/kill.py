"""`goq kill`."""

import os

import click

from goq.adapters.config import load_config
from goq.commands.parameters import to_job_id, to_signal
from goq.core.messages import AckCancel, Cancel
from goq.core.values.ids import JobId
from goq.core.values.result import SIGKILL, SIGTERM
from goq.errors import JobUnknown
from goq.roles.client.ask import ask


@click.command("kill")
@click.argument("job", callback=to_job_id, metavar="JOBID")
@click.option("--now", is_flag=True, help="SIGKILL at once, no SIGTERM before.")
@click.option(
    "--signal", "name", callback=to_signal, metavar="NAME", help="Begin with this signal instead of TERM."
)
def command(job: JobId, name: int | None, *, now: bool) -> None:
    """Cancel a job.

    One that waits never runs. One that runs gets SIGTERM, with all that it has started, and
    SIGKILL after its worker's GOQ_KILL_GRACE_SEC (5). A second kill may use another signal. A job that has ended, or never was, is an error.

    \b
    Examples:
      goq kill 17
      goq kill --signal INT 17
      goq kill --now 17
    """
    config = load_config()
    answer = ask(config, Cancel(job, SIGKILL if now else name or SIGTERM))
    if not isinstance(answer, AckCancel):
        raise JobUnknown(job, f"at {config.address}")
    how = "it is being killed" if answer.was_running else "it will not run"
    click.echo(f"[pid {os.getpid()}] cancellation of job {job} at '{config.address}' succeeded: {how}.")
