"""`goq clusterid`."""

import click

from goq.adapters.clusterid import new_cluster_id, require_cluster_id
from goq.adapters.config import load_config


@click.command("clusterid")
@click.option("--current", is_flag=True, help="Print the id in force here instead of a new one.")
def command(*, current: bool) -> None:
    """Make a new random cluster id: the secret that all nodes of a cluster share.

    It is printed and kept nowhere. The id in force comes from .goqclusterid in the current
    folder, else from GOQ_CLUSTERID, else from GOQ_HOME.

    \b
    Examples:
      export GOQ_CLUSTERID=$(goq clusterid)
      goq clusterid --current
    """
    click.echo(require_cluster_id(load_config()) if current else new_cluster_id())
