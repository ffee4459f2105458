"""`goq wait`."""

import os

import click

from goq.adapters.config import load_config
from goq.commands.parameters import to_job_id
from goq.core.messages import JobFinishedNotice, Observe
from goq.core.values.ids import JobId
from goq.core.values.result import Ended, Ending
from goq.errors import JobUnknown
from goq.roles.client.ask import observe


@click.command("wait")
@click.argument("job", callback=to_job_id, metavar="JOBID")
def command(job: JobId) -> int:
    """Wait until a job has ended, and exit with its exit status.

    128+n when signal n ended it, 143 when it was cancelled and has no other, 255 when it was lost
    with its worker and is not to run again. A job that has ended already answers at once. Waits
    through restarts of the server.

    \b
    Examples:
      goq wait 17 && echo well done
    """
    config = load_config()
    waiting = f"[pid {os.getpid()}] waiting for jobid {job} to finish at server '{config.address}'."
    answer = observe(config, Observe(job), lambda: click.echo(waiting))
    if not isinstance(answer, JobFinishedNotice):
        raise JobUnknown(job, f"at {config.address}")
    click.echo(f"[pid {os.getpid()}] wait on jobid {job} result: {_verdict(answer.ended)}")
    return answer.ended.status


def _verdict(ended: Ended) -> str:
    if ended.ending is Ending.CANCELLED:
        return "job was cancelled" + ("." if ended.attempt else " while it waited.")
    if ended.ending is Ending.LOST:
        return f"job is lost: {ended.result.problem}, and it will not be run again."
    if ended.result.problem:
        return f"job could not be run: {ended.result.problem}."
    if ended.result.signal:
        return f"job was ended by signal {ended.result.signal}."
    if ended.status:
        return f"job failed with exit status {ended.status}."
    return "success, job was completed."
