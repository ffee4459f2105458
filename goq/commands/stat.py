"""`goq stat`."""

import os
import sys
import time

import click

from goq.api.client import Client
from goq.core.messages import ArrayRow, FinishedRow, RunningRow, Snapshot
from goq.core.messages.people import ROWS_EACH
from goq.core.values.job import Job
from goq.core.values.result import Ending
from goq.core.values.text import printable, show_command


@click.command("stat")
@click.argument("max_show", type=click.IntRange(min=0), required=False, metavar="[MAX]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(max_show: int | None, *, as_json: bool) -> None:
    """Show how the cluster is: what is busy, who has what and waits for what, and what needs a hand.

    With MAX, and in a pipe, plain lines instead: counters, 'key=value' first, that scripts can rely on, and at most MAX
    (10) jobs of each kind. Of running, waiting and ended jobs at most 1000 are shown, each; when that hides
    some, standard error says how many. Commands are quoted as for a shell.

    \b
    Examples:
      goq stat
      goq stat 100
      goq stat 0 | grep waitingJobs
      goq stat --json
    """
    with Client() as client:
        if as_json or (max_show is None and sys.stdout.isatty()):
            from goq.commands.cluster import show_stat  # noqa: PLC0415 - scripts need it not

            show_stat(client, as_json=as_json)
            return
        most = 10 if max_show is None else max_show
        snapshot = client.stat(min(most, ROWS_EACH))
        click.echo("\n".join(_plain(client.address, snapshot)))
    hidden = _hidden(snapshot, most)
    if hidden and most > ROWS_EACH:
        click.echo(f"goq: showing {hidden}; goq stat shows at most {ROWS_EACH} of each kind", err=True)


def _hidden(snapshot: Snapshot, max_show: int) -> str:
    """Of which kinds there are more than are shown, and how many; "" when all are."""
    ended = ("finishedJobsCount", "cancelledJobCount", "lostJobCount", "skippedJobCount")
    kinds = (
        ("running", len(snapshot.running), ("runQlen",)),
        ("waiting", len(snapshot.waiting), ("waitingJobs",)),
        ("ended", len(snapshot.finished), ended),
    )
    sums = [(kind, shown, sum(_counter(snapshot, key) for key in keys)) for kind, shown, keys in kinds]
    return ", ".join(
        f"{shown} of {there} {kind} jobs"
        for kind, shown, there in sums
        if shown < there and (shown >= max_show or kind != "waiting" or not snapshot.arrays)
    )


def _counter(snapshot: Snapshot, key: str) -> int:
    value = snapshot.counters.get(key, 0)
    return value if isinstance(value, int) else 0


def _plain(address: str, snapshot: Snapshot) -> list[str]:
    lines = [f"[pid {os.getpid()}] stats for job server '{address}':"]
    lines += [f"{key}={value}" for key, value in snapshot.counters.items()]
    lines += [f"trouble: {printable(line)}" for line in snapshot.troubles]
    lines += [f"runq {at:06d}   {_running(row)}" for at, row in enumerate(snapshot.running)]
    lines += [f"array {at:06d}   {_array(row)}" for at, row in enumerate(snapshot.arrays)]
    lines += [f"wait {at:06d}   {_waiting(job)}" for at, job in enumerate(snapshot.waiting)]
    return lines + [f"finished: {_finished(row)}" for row in snapshot.finished]


def _running(row: RunningRow) -> str:
    command_line = show_command(row.job.argv)
    suspect = "   (its connection is gone)" if row.suspect else ""
    suspect += "   (paused)" if row.paused else ""
    where = f"{row.worker.host}:{row.worker.pid}"
    return f"RunningJob[jid {row.job.id}{_task(row.job)}] = '{command_line}'   on worker '{where}'{suspect}"


def _waiting(job: Job) -> str:
    held = "   (held)" if job.terms.held else ""
    who = f"submitted by '{job.origin.submitter}'{held}"
    return f"WaitingJob[jid {job.id}{_task(job)}] = '{show_command(job.argv)}'   {who}"


def _task(job: Job) -> str:
    """Which of an array it is."""
    return f" task {job.shown}" if job.task and job.task.is_array else ""


def _array(row: ArrayRow) -> str:
    return f"Array[jid {row.first}]   {row.ended} of {row.count} tasks have ended"


def _finished(row: FinishedRow) -> str:
    ended = row.ended
    done = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(ended.result.ended_ns / 1e9))
    return (
        f"[jid {ended.job}] total-time: {ended.elapsed_s:.3f} s. done: {done}. status: {ended.status}."
        f" {'' if ended.ending is Ending.FINISHED else f'{ended.ending.value}. '}"
        f"host: '{ended.result.host}'. cmd: '{show_command(row.argv)}'"
    )
