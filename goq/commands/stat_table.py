"""`goq stat` on a terminal."""

import signal
import sys
import time
from functools import cache
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from goq.commands.paper import standard_output
from goq.core.messages import ArrayRow, RunningRow, Snapshot
from goq.core.values.ids import Argv, JobId
from goq.core.values.job import Job
from goq.core.values.result import Ended, Ending
from goq.core.values.text import printable, show_command, show_folder
from goq.views.paper import Paper

# counter: how people call it
_SHOWN = {
    "runQlen": "running",
    "waitingJobs": "waiting",
    "finishedJobsCount": "finished",
    "failedJobsCount": "of them failed",
    "cancelledJobCount": "cancelled",
    "lostJobCount": "lost",
    "skippedJobCount": "skipped",
    "waitingWorkers": "idle workers",
}
# counters that are worth a look when they are not zero
_TROUBLE = {
    "droppedBadSigCount": "messages with another cluster's signature",
    "badNonceCount": "messages repeated or out of time",
    "badMessageCount": "messages not understood",
    "staleResultCount": "results of attempts that had been given up",
}
# A sign never stands without its word. The second is for terminals that cannot show the first.
_SIGNS = {"running": "▸>", "waiting": "·.", "done": "✓+", "failed": "✗x", "cancelled": "⊘-", "look": "?!"}
_NARROW = 70
_NAME_CELLS = 20


def show_tables(address: str, snapshot: Snapshot) -> None:
    """Counters on a line, then the jobs."""
    paper = standard_output()
    console = _console(paper)
    with console.capture() as shown:
        _show(console, address, snapshot)
    sys.stdout.write(shown.get().replace("…", "~") if paper.is_ascii else shown.get())


def _console(paper: Paper) -> Console:
    return Console(highlight=False, no_color=not paper.has_color)


def _show(console: Console, address: str, snapshot: Snapshot) -> None:
    counters = snapshot.counters
    console.print(Text.assemble((f"job server {address}", "bold"), f", pid {counters.get('jservPid', '?')}"))
    shown = [
        Text.assemble((_count(counters.get(key, "?")), "bold"), f" {name}") for key, name in _SHOWN.items()
    ]
    shown.append(Text.assemble(f"next job {counters.get('nextJobId', '?')}"))
    console.print(Text("   ").join(shown))
    if snapshot.outputs:
        console.print(Text(f"outputs in {show_folder(snapshot.outputs)}"), soft_wrap=True)
    if counters.get("waitingJobs") and counters.get("workerCount") == 0:
        console.print(Text("! no worker is there; jobs wait: goq work forever", "magenta"))
    for key, name in _TROUBLE.items():
        if counters.get(key):
            console.print(Text(f"! {_count(counters[key])} {name} ({key})", "magenta"))
    for line in snapshot.troubles:
        console.print(Text(f"! {printable(line)}", "magenta"), soft_wrap=True)
    table = _jobs(snapshot, with_user=console.width >= _NARROW)
    if table.row_count:
        console.print(table)


def show_hint(text: str) -> None:
    """A line below the table."""
    _console(standard_output()).print(Text(text, "dim"))


def _jobs(snapshot: Snapshot, *, with_user: bool) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    rows = _rows(snapshot)
    with_name = any(row.name for row in rows)
    table.add_column("job", justify="right", no_wrap=True)
    if with_name:
        table.add_column("name", no_wrap=True, max_width=_NAME_CELLS)
    if with_user:
        table.add_column("user", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("for", justify="right", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("command")  # the one that is cut where the terminal is narrow
    for row in rows:
        name = [row.name] if with_name else []
        user = [row.submitter.rpartition("@")[0]] if with_user else []
        table.add_row(row.job, *name, *user, row.state, row.duration, row.where, row.command)
    return table


class _Row(NamedTuple):
    job: str
    name: str
    submitter: str
    state: Text
    duration: str
    where: str
    command: Text


def _rows(snapshot: Snapshot) -> list[_Row]:
    """What is shown of each job; of one that has ended its number tells more, by `goq history`."""
    now_s = time.time()
    arrays = {row.first: row for row in snapshot.arrays}
    running = [
        _Row(
            row.job.shown,
            printable(row.job.terms.name),
            row.job.origin.submitter,
            _running_state(row),
            _duration(now_s - row.started_ns / 1e9),
            f"{row.worker.host}:{row.worker.pid}",
            _command(row.job.argv),
        )
        for row in snapshot.running
    ]
    waiting = [
        _Row(
            _waiting_name(job, arrays),
            printable(job.terms.name),
            job.origin.submitter,
            _waiting_state(job, arrays),
            _duration(now_s - job.submitted_ns / 1e9),
            "",
            _command(job.argv),
        )
        for job in snapshot.waiting
    ]
    ended = [
        _Row(
            str(row.ended.job),
            "",
            "",
            _ended_state(row.ended),
            _duration(row.ended.elapsed_s),
            row.ended.result.host,
            _command(row.argv),
        )
        for row in snapshot.finished
    ]
    return running + waiting + ended


def _command(argv: Argv) -> Text:
    return Text(show_command(argv), no_wrap=True, overflow="ellipsis")


def _waiting_name(job: Job, arrays: dict[JobId, ArrayRow]) -> str:
    """Of an array its number: the row stands for all of its tasks that wait."""
    return str(job.task.array) if job.task and job.task.array in arrays else job.shown


def _waiting_state(job: Job, arrays: dict[JobId, ArrayRow]) -> Text:
    row = arrays.get(job.task.array) if job.task else None
    done = f" {row.ended}/{row.count}" if row else ""
    return _state("waiting", f"{'held' if job.terms.held else 'waiting'}{done}")


def _running_state(row: RunningRow) -> Text:
    if row.paused and not row.cancelling:
        return Text("paused", style="yellow")
    if row.cancelling:
        return _state("look", "killing", "magenta")
    if row.suspect:
        return _state("look", "suspect", "magenta")
    attempt = row.job.attempts
    return _state("running", f"running (attempt {attempt})" if attempt > 1 else "running", "bold")


def _ended_state(ended: Ended) -> Text:
    if ended.ending is Ending.CANCELLED:
        return _state("cancelled", "cancelled")
    if ended.ending is Ending.LOST:
        return _state("failed", "lost", "red")
    if ended.ending is Ending.SKIPPED:
        return _state("cancelled", "skipped")
    if ended.result.cause:
        return _state("failed", ended.result.cause, "red")
    if ended.result.signal:
        return _state("failed", _signal_name(ended.result.signal), "red")
    if ended.status:
        return _state("failed", f"failed {ended.status}", "red")
    return _state("done", "done", "green")


def _state(sign: str, word: str, style: str = "") -> Text:
    return Text(f"{_SIGNS[sign][_is_ascii()]} {word}", style)


@cache
def _is_ascii() -> bool:
    return standard_output().is_ascii


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return f"signal {number}"


def _count(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _duration(seconds: float) -> str:
    """In two units at most."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f}s"
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour}h"
    if hours:
        return f"{hours}h {minute:02d}m"
    return f"{minutes}m {second:02d}s" if minutes else f"{second}s"
