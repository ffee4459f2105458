"""`goq kill`."""

import os

import click

from goq.adapters.config import Config, load_config
from goq.commands.parameters import JOBS_A_MESSAGE, bundles, to_job_ids, to_signal
from goq.commands.person import person
from goq.core.messages import AckCancel, AckCancelEach, CancelAnswer, CancelEach, JobNotKnown, Refused
from goq.core.values.ids import JobId
from goq.core.values.result import SIGKILL, SIGTERM
from goq.errors import JobUnknown, RequestRefused
from goq.roles.client.ask import ask


@click.command("kill")
@click.argument("jobs", nargs=-1, required=True, callback=to_job_ids, metavar="JOBID...")
@click.option("--now", is_flag=True, help="SIGKILL at once, no SIGTERM before.")
@click.option(
    "--signal", "name", callback=to_signal, metavar="NAME", help="Begin with this signal instead of TERM."
)
def command(jobs: tuple[JobId, ...], name: int | None, *, now: bool) -> None:
    """Cancel jobs.

    One that waits never runs. One that runs gets SIGTERM, with all that it has started, and
    SIGKILL after its worker's GOQ_KILL_GRACE_SEC (5). A second kill may use another signal. Several
    are cancelled at once: none of them starts because another one ends. A job that has ended, or
    never was, is an error; the others are cancelled all the same.

    \b
    Examples:
      goq kill 17
      goq kill 17 18 19
      goq kill --signal INT 17
      goq kill --now 17
    """
    config = load_config()
    signal = SIGKILL if now else name or SIGTERM
    complaints = []
    for answer in [each for some in bundles(jobs, JOBS_A_MESSAGE) for each in _cancel(config, some, signal)]:
        if isinstance(answer, AckCancel):
            click.echo(f"[pid {os.getpid()}] {_done(config, answer)}.")
        else:
            complaints.append(_complaint(config, answer))
    for complaint in complaints[:-1]:
        click.echo(f"goq: {complaint}", err=True)
    if complaints:
        raise RequestRefused(complaints[-1])


def _cancel(config: Config, jobs: tuple[JobId, ...], signal: int) -> tuple[CancelAnswer, ...]:
    answer = ask(config, CancelEach(jobs, signal, person()))
    if not isinstance(answer, AckCancelEach):
        raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")
    return answer.answers


def _done(config: Config, answer: AckCancel) -> str:
    how = "it is being killed" if answer.was_running else "it will not run"
    return f"cancellation of job {answer.job} at '{config.address}' succeeded: {how}"


def _complaint(config: Config, answer: JobNotKnown | Refused) -> str:
    if isinstance(answer, JobNotKnown):
        return str(JobUnknown(answer.job, f"at {config.address}"))
    return answer.reason
