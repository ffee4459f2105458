"""`goq stat` on a terminal."""

import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from goq.core.messages import RunningRow, Snapshot
from goq.core.values.ids import Argv
from goq.core.values.result import Ended, Ending
from goq.core.values.text import show_command

# counter: how people call it
_SHOWN = {
    "runQlen": "running",
    "waitingJobs": "waiting",
    "finishedJobsCount": "finished",
    "cancelledJobCount": "cancelled",
    "lostJobCount": "lost",
    "waitingWorkers": "idle workers",
    "nextJobId": "next job",
}
# counters that are worth a look when they are not zero
_TROUBLE = {
    "droppedBadSigCount": "messages with another cluster's signature",
    "badNonceCount": "messages repeated or out of time",
    "badMessageCount": "messages not understood",
    "staleResultCount": "results of attempts that had been given up",
}


def show_tables(address: str, snapshot: Snapshot) -> None:
    """Counters on a line, then the jobs."""
    console = Console(highlight=False)
    counters = snapshot.counters
    console.print(Text.assemble((f"job server {address}", "bold"), f", pid {counters.get('jservPid', '?')}"))
    console.print(
        Text("   ").join(
            Text.assemble((str(counters.get(key, "?")), "bold cyan"), f" {name}")
            for key, name in _SHOWN.items()
        )
    )
    for key, name in _TROUBLE.items():
        if counters.get(key):
            console.print(Text(f"{counters[key]} {name} ({key})", "yellow"))
    table = _jobs(snapshot)
    if table.row_count:
        console.print(table)


def _jobs(snapshot: Snapshot) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("job", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("command")  # the one that is cut where the terminal is narrow
    for row in snapshot.running:
        state = _running_state(row)
        table.add_row(
            str(row.job.id),
            state,
            _duration(time.time() - row.started_ns / 1e9),
            f"{row.worker.host}:{row.worker.pid}",
            _command(row.job.argv),
        )
    for job in snapshot.waiting:
        waited = _duration(time.time() - job.submitted_ns / 1e9)
        table.add_row(str(job.id), "waiting", waited, job.origin.submitter, _command(job.argv))
    for finished in snapshot.finished:
        ended = finished.ended
        table.add_row(
            str(ended.job),
            _ended_state(ended),
            _duration(ended.elapsed_s),
            ended.result.host,
            _command(finished.argv),
        )
    return table


def _command(argv: Argv) -> Text:
    return Text(show_command(argv), no_wrap=True, overflow="ellipsis")


def _running_state(row: RunningRow) -> Text:
    if row.cancelling:
        return Text("killing", "red")
    return Text("suspect", "yellow") if row.suspect else Text("running", "green")


def _ended_state(ended: Ended) -> Text:
    if ended.ending is not Ending.FINISHED:
        return Text(ended.ending.value, "yellow")
    return Text("done", "dim") if ended.status == 0 else Text(f"failed {ended.status}", "red")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
