"""`goq init`."""

import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from goq.adapters.certificate import CERTIFICATE_FILE, PRIVATE_KEY_FILE, PRIVATE_MARK, checked_certificate
from goq.adapters.clusterid import (
    HOME_ID_FILE,
    find_cluster_id,
    is_cluster_id,
    new_cluster_id,
    require_cluster_id,
    save_at_home,
)
from goq.adapters.config import Config, load_config
from goq.adapters.files.secretfile import SECRET_LIMIT, make_private_folder, write_secret
from goq.adapters.joining import Membership, membership_of, require_no_key
from goq.adapters.joining import join as join_cluster
from goq.adapters.remembered import ADDRESS, Remembered, parse_address
from goq.adapters.token import is_token, read_token
from goq.adapters.wire.places import is_loopback
from goq.core.values.text import show_text
from goq.errors import BadSetting

_AS_IN = "as in: ssh head goq init --export | goq init --join"
_PEM_BEGINS = "-----BEGIN "
_SHOWN, _LONGEST_WORD = 80, 20  # characters


@click.command("init")
@click.option(
    "--tls", is_flag=True, help="Make a certificate too, for the server here: all traffic is then encrypted."
)
@click.option("--export", is_flag=True, help="Print the id, the server's address, and the certificate.")
@click.option("--join", is_flag=True, help="Take them, or a token, from the standard input.")
@click.option("--force", is_flag=True, help="With --join: leave the cluster that this GOQ_HOME belongs to.")
def command(*, tls: bool, export: bool, join: bool, force: bool) -> None:
    """Set up GOQ_HOME (default ~/.goq, mode 0700) with the cluster id.

    Not needed on the machine where the server runs: 'goq serve' does the same. On the other
    machines of the cluster, '--join' keeps what '--export' prints: the id, the address of the
    server, and the certificate if there is one. Joining again takes a new address or certificate;
    another cluster's id is refused without '--force'. It takes a token as well: one word with the key of
    a user or a node in it, and all the rest.

    With a certificate ('--tls', on the server's machine, before the server starts) all traffic is
    encrypted, and nobody else can play the server. Its private key stays there, in a file of its own;
    the certificate goes to the other machines with the rest.

    \b
    Examples:
      goq init
      goq init --tls
      ssh head goq init --export | goq init --join
      goq init --join                         then paste a token
    """
    if tls + export + join > 1:
        raise click.UsageError("--tls, --export and --join exclude each other")
    if force and not join:
        raise click.UsageError("--force belongs to --join")
    config = load_config()
    if export:
        click.echo(
            "\n".join(filter(None, (require_cluster_id(config), _export_address(config), config.tls_pem)))
        )
    elif tls:
        _make_certificate(config)
    elif join:
        for sentence in join_cluster(config.home, _read_membership(), force=force):
            _say(sentence)
    else:
        _make_id(config)


def _make_id(config: Config) -> None:
    require_no_key(config.home)
    path = config.home / HOME_ID_FILE
    if path.exists():
        raise BadSetting(f"key already exists in '{path}'; it is kept")
    save_at_home(config, find_cluster_id(config) or new_cluster_id())
    _say(f"key created in '{path}'")


def _make_certificate(config: Config) -> None:
    # cryptography is slow to import, and only needed here
    from goq.adapters.wire.certificates import new_key_pair  # noqa: PLC0415

    require_no_key(config.home)
    home = make_private_folder(config.home)
    path, key_path = home / CERTIFICATE_FILE, home / PRIVATE_KEY_FILE
    for name, what in ((path, "a certificate"), (key_path, "a private key")):
        if name.exists():
            raise BadSetting(f"{what} already exists in '{name}'; docs/security.md says how to change it")
    save_at_home(config, find_cluster_id(config) or new_cluster_id())
    made = new_key_pair()
    # The certificate last: who finds it expects a server that has the key.
    write_secret(key_path, made.private_key.strip())
    write_secret(path, made.certificate.strip())
    _say(
        f"certificate created in '{path}', and its private key, for the server alone, in '{key_path}';"
        " restart the server, and take the certificate to every node with 'goq init --join'"
    )


def _export_address(config: Config) -> str:
    """A line that says where the server is; none when that is a guess that nobody else can use."""
    if config.guessed and is_loopback(config.ip):
        return ""
    return f"{ADDRESS} {Remembered(config.ip, config.port).address}"


def _read_membership() -> Membership:
    where = "the standard input"
    text = _given(sys.stdin).strip()
    if not text:
        raise BadSetting(f"{where} is empty, so there is no cluster to join; {_AS_IN}")
    if is_token(text):
        return membership_of(read_token("".join(text.split())))  # lines may be broken on its way
    return _read_export(text, where)


def _read_export(text: str, where: str) -> Membership:
    if PRIVATE_MARK in text:
        raise BadSetting(
            f"{where} holds a private key, which is the server's alone, so nothing is kept; {_AS_IN}"
        )
    head, *lines = (line.strip() for line in text.split("\n"))
    if not is_cluster_id(head):
        raise BadSetting(
            f"{where} begins with {_shown(head)}, and not with a cluster id; {_AS_IN}{_banner(lines)}"
        )
    if any(map(is_cluster_id, lines)):
        raise BadSetting(
            f"{where} holds more than one cluster id; join with what one 'goq init --export' prints"
        )
    server = None
    if lines and lines[0].startswith(f"{ADDRESS} "):
        try:
            server = Remembered(*parse_address(lines.pop(0).removeprefix(ADDRESS).strip()))
        except ValueError as error:
            raise BadSetting(f"{where} does not name a server as 'goq init --export' does") from error
    if lines and not lines[0].startswith(_PEM_BEGINS):
        raise BadSetting(f"{where} holds {_shown(lines[0])} behind the cluster id; {_AS_IN}")
    pem = "\n".join(lines).strip()
    return Membership(head, server, checked_certificate(pem, where) if pem else "")


def _given(stdin: TextIO) -> str:
    """What is there to read; from a terminal without showing it, and a token ends with its line."""
    if not stdin.isatty():
        return stdin.read(SECRET_LIMIT)
    with _unseen(stdin.fileno()):
        click.echo(
            "paste a token and press Enter (it is not shown); behind an export press Ctrl-D too", err=True
        )
        first = stdin.readline(SECRET_LIMIT)
        return first if is_token(first.strip()) else first + stdin.read(SECRET_LIMIT)


@contextmanager
def _unseen(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _shown(line: str) -> str:
    """A line that somebody else has printed; nothing that may be a secret, or a part of one."""
    words = line.split()
    if not words or len(line) > _SHOWN or max(map(len, words)) > _LONGEST_WORD or line.startswith("-----"):
        return "something else"
    return f"'{show_text(os.fsencode(line))}'"


def _banner(lines: list[str]) -> str:
    """What to do where a login prints more than was asked for."""
    is_behind = any(is_cluster_id(line) or is_token(line) for line in lines)
    return "; what a login prints must not come before it" if is_behind else ""


def _say(text: str) -> None:
    click.echo(f"[pid {os.getpid()}] goq init: {text}.")
