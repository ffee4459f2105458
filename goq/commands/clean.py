"""`goq clean`."""

import os
import time

import click

from goq.adapters.config import DAY_S, KEEP_DAYS_LIMIT, load_config
from goq.adapters.store.clean import count_cleared, count_old
from goq.roles.server.retention import forget


@click.command("clean")
@click.option(
    "--keep-days",
    type=click.FloatRange(0, KEEP_DAYS_LIMIT),
    metavar="N",
    help="Forget what ended longer ago than N days; decimals are taken. The default is GOQ_KEEP_DAYS.",
)
@click.option("--dry-run", is_flag=True, help="Only say how many jobs that would be.")
def command(keep_days: float | None, *, dry_run: bool) -> None:
    """Let the journal (GOQ_JOURNAL) forget jobs that ended long ago.

    The server may run meanwhile: it does the work in its idle moments, and the command waits for
    it. Output files stay, job numbers are not given again, and 'goq audit' holds as before. A
    submission is forgotten once all of its jobs have ended. The journal uses the room again,
    its file does not shrink.

    \b
    Examples:
      goq clean --keep-days 30 --dry-run
      goq clean --keep-days 30
      goq clean --keep-days 0                 all that has ended
    """
    config = load_config(reading=True)
    keep_s = config.keep_s if keep_days is None else keep_days * DAY_S
    if keep_days is None and not keep_s:
        raise click.UsageError("how long are jobs to be kept? Give --keep-days N, or set GOQ_KEEP_DAYS")
    folder = config.journal_folder
    before_ns = time.time_ns() - int(keep_s * 1e9)
    if dry_run:
        click.echo(f"[pid {os.getpid()}] {count_old(folder, before_ns)} jobs would be forgotten.")
        return
    cleared = count_cleared(folder)
    forget(folder, before_ns)
    click.echo(f"[pid {os.getpid()}] forgot {count_cleared(folder) - cleared} jobs.")
