"""`goq init`."""

import os
import sys

import click

from goq.adapters.clusterid import (
    HOME_ID_FILE,
    checked_cluster_id,
    find_cluster_id,
    new_cluster_id,
    require_cluster_id,
    save_at_home,
)
from goq.adapters.config import TLS_FILE, Config, checked_certificate, load_config
from goq.adapters.files.secretfile import SECRET_LIMIT, make_private_folder, write_secret
from goq.errors import BadSetting


@click.command("init")
@click.option("--tls", is_flag=True, help="Make a certificate too: all traffic is then encrypted.")
@click.option("--export", is_flag=True, help="Print the id, and the certificate if there is one.")
@click.option("--join", is_flag=True, help="Take them from the standard input.")
def command(*, tls: bool, export: bool, join: bool) -> None:
    """Set up GOQ_HOME (default ~/.goq, mode 0700) with the cluster id.

    Not needed on the machine where the server runs: 'goq serve' does the same. On the other
    machines of the cluster, '--join' keeps what '--export' prints. An id that is there is kept.

    With a certificate in GOQ_HOME ('--tls') the server listens with TLS only, and both ends show
    that they have it. Make it before the server starts, and take it to every machine.

    \b
    Examples:
      goq init
      goq init --tls
      ssh head goq init --export | goq init --join
    """
    if tls + export + join > 1:
        raise click.UsageError("--tls, --export and --join exclude each other")
    config = load_config()
    if export:
        click.echo("\n".join(filter(None, (require_cluster_id(config), config.tls_pem))))
    elif tls:
        _make_certificate(config)
    else:
        cluster_id, pem = _read_export() if join else (find_cluster_id(config) or new_cluster_id(), "")
        _save_id(config, cluster_id)
        if pem:
            _save_certificate(config, pem)


def _save_id(config: Config, cluster_id: str) -> None:
    path = config.home / HOME_ID_FILE
    if path.exists():
        raise BadSetting(
            f"key already exists in '{path}'; delete it to make a new one,"
            " and then give that to every node of the cluster"
        )
    save_at_home(config, cluster_id)
    _say(f"key created in '{path}'")


def _make_certificate(config: Config) -> None:
    # cryptography is slow to import, and only needed here
    from goq.adapters.wire.certificates import new_cluster_certificate  # noqa: PLC0415

    save_at_home(config, find_cluster_id(config) or new_cluster_id())
    _save_certificate(config, new_cluster_certificate())


def _save_certificate(config: Config, pem: str) -> None:
    path = make_private_folder(config.home) / TLS_FILE
    if path.exists():
        raise BadSetting(f"a certificate already exists in '{path}'; docs/security.md says how to change it")
    write_secret(path, pem.strip())
    _say(f"certificate created in '{path}'; restart the server, and take it to every node")


def _read_export() -> tuple[str, str]:
    text = sys.stdin.read(SECRET_LIMIT).strip()
    cluster_id, _, pem = text.partition("\n")
    checked = checked_cluster_id(cluster_id.strip(), "the standard input")
    return checked, checked_certificate(pem.strip(), "the standard input") if pem.strip() else ""


def _say(text: str) -> None:
    click.echo(f"[pid {os.getpid()}] goq init: {text}.")
