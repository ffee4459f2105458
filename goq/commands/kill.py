"""`goq kill`."""

import os
import sys

import click

from goq.adapters.config import Config, load_config
from goq.commands.parameters import (
    JOBS_A_MESSAGE,
    RANGES_A_MESSAGE,
    bundles,
    to_job_ids,
    to_ranges,
    to_signal,
)
from goq.commands.person import person
from goq.core.messages import (
    AckCancel,
    AckCancelEach,
    AckCancelRanges,
    CancelAnswer,
    CancelEach,
    CancelRanges,
    JobNotKnown,
    Refused,
)
from goq.core.values.ids import JobId
from goq.core.values.result import SIGKILL, SIGTERM
from goq.core.values.spans import Ranges
from goq.errors import JobUnknown, RequestRefused
from goq.roles.client.ask import ask

ASK_ABOVE = 100


@click.command("kill")
@click.argument("words", nargs=-1, required=True, metavar="JOBID|A-B...")
@click.option("--now", is_flag=True, help="SIGKILL at once, no SIGTERM before.")
@click.option(
    "--signal", "name", callback=to_signal, metavar="NAME", help="Begin with this signal instead of TERM."
)
@click.option("--yes", is_flag=True, help="Never ask, however many they are.")
@click.pass_context
def command(
    context: click.Context, words: tuple[str, ...], name: int | None, *, now: bool, yes: bool
) -> None:
    """Cancel jobs.

    One that waits never runs. One that runs gets SIGTERM, with all that it has started, and
    SIGKILL after its worker's GOQ_KILL_GRACE_SEC (5). A second kill may use another signal. Several
    are cancelled at once: none of them starts because another one ends. A job that has ended, or
    never was, is an error; the others are cancelled all the same.

    'A-B' are the jobs with these numbers, whosever they are; they are counted, not listed. On a
    terminal it asks first when they are more than 100; '--yes' never asks. A list that is still
    being submitted is killed as a whole.

    \b
    Examples:
      goq kill 17
      goq kill 17 18 19
      goq kill 1058-1557
      goq kill --signal INT 17
      goq kill --now 17
    """
    parameter = context.command.params[0]
    ranges = to_ranges(context, parameter, words)
    config = load_config()
    signal = SIGKILL if now else name or SIGTERM
    is_asked = sys.stdin.isatty() and not yes
    if any("-" in word for word in words) or (is_asked and len(words) > ASK_ABOVE):
        _kill_ranges(config, ranges, signal, sure=not is_asked)
        return
    jobs = to_job_ids(context, parameter, words)
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


def _kill_ranges(config: Config, ranges: Ranges, signal: int, *, sure: bool) -> None:
    """Kill all that is there, and say how many that were."""
    ended, unknown, waiting, running = 0, 0, 0, 0
    for some in bundles(ranges, RANGES_A_MESSAGE):
        met = _ask_to_kill(config, CancelRanges(some, signal, person(), 0 if sure else ASK_ABOVE))
        if not met.done:
            click.confirm(f"kill {met.waiting + met.running} jobs, of which {met.running} run?", abort=True)
            sure = True
            met = _ask_to_kill(config, CancelRanges(some, signal, person()))
        waiting, running = waiting + met.waiting, running + met.running
        ended, unknown = ended + met.ended, unknown + met.unknown
        while met.left:
            met = _ask_to_kill(config, CancelRanges(some, signal, person()))
    others = f"{ended} had ended before, and {unknown} never were" if ended + unknown else ""
    if not waiting + running:
        raise RequestRefused(f"none of these jobs waits or runs: {others}")
    how = f"{waiting} will not run, {running} are being killed" + (f"; {others}" if others else "")
    click.echo(
        f"[pid {os.getpid()}] cancellation of {waiting + running} jobs at '{config.address}' succeeded: {how}."
    )


def _ask_to_kill(config: Config, question: CancelRanges) -> AckCancelRanges:
    answer = ask(config, question)
    if not isinstance(answer, AckCancelRanges):
        raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")
    return answer


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
