"""`goq workers`."""

import time

import click

from goq.adapters.config import load_config
from goq.commands.asked import asked
from goq.core.messages import ShowWorkers, WorkerRow, WorkersShown
from goq.core.values.quantities import show_duration
from goq.core.values.text import printable

SILENT_S = 30.0
_HEAD = ("HOST", "PID", "JOBS", "FREE", "CPUS", "MEMORY", "GPUS", "OTHER", "STATE")


@click.command("workers")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(*, as_json: bool) -> None:
    """Show the workers: what they offer, what of it is taken, and what is the matter with them.

    JOBS run there, FREE places wait for more. Of cpus, memory, GPUs and whatever else is offered
    it says how much is taken, and of how much.

    \b
    Examples:
      goq workers
      goq workers --json
    """
    shown = asked(load_config(), ShowWorkers(), WorkersShown)
    if as_json:
        from msgspec import json  # noqa: PLC0415 - who reads a table needs it not

        click.echo(json.encode({"goq": 1, "kind": "workers", "rows": shown.rows}).decode())
        return
    if not shown.rows:
        click.echo("no worker is there; start one with: goq work forever")
        return
    table = [_HEAD, *map(_cells, shown.rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo(printable(line.rstrip()))


def _cells(row: WorkerRow) -> tuple[str, ...]:
    offer, taken = row.offer, row.taken
    cpus = f"{taken.get('cpus', 0)}/{offer.cpus or '-'}"
    memory = f"{_size(taken.get('memory', 0))}/{_size(offer.memory) if offer.memory else '-'}"
    gpus = f"{len(row.gpus)}/{len(offer.gpus) - len(row.refused)}" if offer.gpus else "-"
    named = [f"{name}={taken.get(name, 0)}/{amount}" for name, amount in offer.named]
    pinned = [f"pinned={taken['pinned']}"] if "pinned" in taken else []
    other = " ".join(named + pinned) or "-"
    counts = (str(row.pid), str(row.running), str(row.free))
    return row.host, *counts, cpus, memory, gpus, other, _state(row)


def _state(row: WorkerRow) -> str:
    if row.trouble:
        return row.trouble
    if row.refused:
        return f"another worker has GPU {','.join(row.refused)}"
    if row.silent_s > SILENT_S or not row.running + row.free:
        return f"not heard of for {row.silent_s:.0f} s"
    if row.offer.ends_ns:
        left_s = max(0, row.offer.ends_ns - time.time_ns()) // 10**9
        return f"ends in {show_duration(left_s)}"
    return "ok"


def _size(mib: int) -> str:
    return f"{mib / 1024:.1f}G" if mib >= 1024 else f"{mib}M"
