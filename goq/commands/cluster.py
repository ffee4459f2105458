"""What `goq stat` and `goq workers` ask, and what they print."""

import time

import click

from goq.api.client import Client
from goq.commands.paper import standard_output
from goq.core.values.asides import AskToday, Today
from goq.core.values.documents import document
from goq.core.values.moments import NS
from goq.errors import RequestRefused
from goq.views.cluster_rows import stat_row, worker_row
from goq.views.machines import place_lines, worker_lines
from goq.views.stat import stat_lines


def show_workers(client: Client, name: str | None, *, as_json: bool) -> None:
    """All, or those of one machine. Raises RequestRefused when there is none."""
    rows = client.workers()
    paper = standard_output()
    if name is not None:
        rows = tuple(row for row in rows if row.host == name)
        if not rows:
            raise RequestRefused(f"no worker of '{name}' is there; 'goq workers' shows those that are")
    if as_json:
        seq = client.latest().seq
        shown = (worker_row(row, paper.now_ns) for row in rows)
        click.echo(document("workers", paper.now_ns, seq, shown), nl=False)
        return
    lines = place_lines(rows, paper) if name is not None else worker_lines(rows, client.cluster().cpus, paper)
    for line in lines:
        click.echo(line)


def show_stat(client: Client, *, as_json: bool) -> None:
    """The cluster: for people, or for programs."""
    cluster, today, paper = client.cluster(), _today(client), standard_output()
    if as_json:
        shown = [stat_row(cluster, today, paper)]
        click.echo(document("stat", paper.now_ns, client.latest().seq, shown), nl=False)
        return
    for line in stat_lines(cluster, today, paper):
        click.echo(line)


def _today(client: Client) -> Today | None:
    """What ended since midnight; None when there is too much of that to count."""
    now = time.localtime()
    midnight_s = time.mktime((*now[:3], 0, 0, 0, 0, 0, -1))
    try:
        return client.today(AskToday(round(midnight_s) * NS))
    except RequestRefused:
        return None
