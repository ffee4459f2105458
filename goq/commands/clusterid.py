"""`goq clusterid`."""

import click

from goq.adapters.clusterid import fingerprint, new_cluster_id, require_cluster_id
from goq.adapters.config import load_config


@click.command("clusterid")
@click.option("--current", is_flag=True, help="Print the id in force here instead of a new one.")
@click.option("--fingerprint", "only_name", is_flag=True, help="Print what tells it from others: no secret.")
def command(*, current: bool, only_name: bool) -> None:
    """Make a new random cluster id: the secret that all nodes of a cluster share.

    It is printed and kept nowhere. The id in force comes from .goqclusterid in the current
    folder, else from GOQ_CLUSTERID, else from GOQ_HOME. Where goq has to name a cluster it shows
    the fingerprint of its id.

    \b
    Examples:
      export GOQ_CLUSTERID=$(goq clusterid)
      goq clusterid --current
      goq clusterid --fingerprint
    """
    if only_name:
        click.echo(fingerprint(require_cluster_id(load_config())))
    else:
        click.echo(require_cluster_id(load_config()) if current else new_cluster_id())
