"""`goq init`."""

import os
import sys

import click

from goq.adapters.config import (
    HOME_ID_FILE,
    checked_cluster_id,
    find_cluster_id,
    load_config,
    new_cluster_id,
    save_at_home,
)
from goq.errors import BadSetting


@click.command("init")
@click.option("--join", is_flag=True, help="Take the cluster's id from the standard input.")
def command(*, join: bool) -> None:
    """Set up GOQ_HOME (default ~/.goq, mode 0700) with the cluster id.

    Not needed on the machine where the server runs: 'goq serve' does the same. On the other
    machines of the cluster, '--join' keeps the id that it reads. An id that is there is kept.

    \b
    Examples:
      goq init
      ssh head goq clusterid --current | goq init --join
    """
    config = load_config()
    path = config.home / HOME_ID_FILE
    if path.exists():
        raise BadSetting(
            f"key already exists in '{path}'; delete it to make a new one,"
            " and then give that to every node of the cluster"
        )
    cluster_id = _read_id() if join else find_cluster_id(config) or new_cluster_id()
    save_at_home(config, cluster_id)
    click.echo(f"[pid {os.getpid()}] goq init: key created in '{path}'.")


def _read_id() -> str:
    return checked_cluster_id(sys.stdin.read(1024).strip(), "the standard input")
