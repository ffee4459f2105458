"""`goq init`."""

import os

import click

from goq.adapters.config import HOME_ID_FILE, find_cluster_id, load_config, new_cluster_id, save_at_home
from goq.errors import BadSetting


@click.command("init")
def command() -> None:
    """Set up GOQ_HOME (default ~/.goq, mode 0700) with a cluster id for this user's cluster.

    Not needed on the machine where the server runs: 'goq serve' does the same. To join another
    machine, copy the file to its GOQ_HOME with mode 0600. An id that is there is kept.

    \b
    Examples:
      goq init
      scp -p ~/.goq/goqclusterid node7:.goq/
    """
    config = load_config()
    path = config.home / HOME_ID_FILE
    if path.exists():
        raise BadSetting(
            f"key already exists in '{path}'; delete it to make a new one,"
            " and then give that to every node of the cluster"
        )
    save_at_home(config, find_cluster_id(config) or new_cluster_id())
    click.echo(f"[pid {os.getpid()}] goq init: key created in '{path}'.")
