"""`goq backup`."""

import os
from pathlib import Path

import click

from goq.adapters.config import load_config
from goq.adapters.store.audit import back_up


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Copy the journal, as it is at one moment, into a new file.

    The journal is that of GOQ_JOURNAL, of this folder, or of the server that GOQ_HOME remembers;
    the server may run meanwhile. The copy is checked, and only its owner may read it. To go back
    to it, put it in the place of journal.sqlite in a new, empty journal folder (.goq), and start
    'goq serve --restored' there.

    \b
    Examples:
      goq backup /backup/goq-$(date +%F).sqlite
    """
    config = load_config(reading=True)
    size = back_up(config.journal_folder, file.absolute())
    click.echo(
        f"[pid {os.getpid()}] copied the journal in '{config.journal_folder}' to '{file}': {size} bytes."
    )
