"""`goq web`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from goq.adapters.config import Config, load_config
from goq.adapters.files.secretfile import read_secret
from goq.adapters.files.tickets import new_ticket
from goq.adapters.machine import host_name
from goq.errors import BadSetting

if TYPE_CHECKING:
    from goq.web.process import Place

PORT = 8776
_NEEDED = ("h11", "jinja2", "markupsafe", "starlette", "uvicorn")


@click.command("web")
@click.option("--link", is_flag=True, help="Print another code for the page that runs here.")
@click.option("--view", is_flag=True, help="For looking only: nothing can be changed.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--socket", "path", type=click.Path(path_type=Path), help="Listen on this socket instead.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Answer to this name too.")
@click.option("--cert", type=click.Path(path_type=Path), help="A PEM file with a certificate and its key.")
@click.option("--base", default="", metavar="/PATH", help="What the addresses of all pages begin with.")
@click.option(
    "--metrics-token-file",
    "token_file",
    type=click.Path(path_type=Path),
    help="Give /metrics to who has what is in FILE.",
)
def command(
    port: int,
    path: Path | None,
    hosts: tuple[str, ...],
    cert: Path | None,
    base: str,
    token_file: Path | None,
    *,
    link: bool,
    view: bool,
) -> None:
    """Show the queue as web pages, to who has a code; until SIGTERM or Ctrl-C.

    It prints an address and a code that is good once, for 10 minutes; a browser stays logged in for 12 hours.
    The page acts as whoever started it: with '--view' it cannot act at all.

    It listens on 127.0.0.1 only. From elsewhere come by ssh, or through a proxy that speaks TLS and passes the
    Host on, whose name is '--host NAME'. With '--cert' it speaks TLS itself, on the addresses of its
    '--host' names. Where others use this machine too, '--socket' is for you alone.

    \b
    Examples:
      goq web
      goq web --link
      ssh -L 8776:127.0.0.1:8776 head         then open what 'goq web' on head has printed
      goq web --socket ~/.goq/web.sock        and: ssh -L 8776:.goq/web.sock head
      goq web --view --host goq.example.org --base /goq
    """
    place = _place(port, path, hosts, cert, base, view=view)
    config = load_config()
    if link:
        _link(config, place)
    else:
        _serve(config, place, _token(token_file))


def _place(
    port: int, path: Path | None, hosts: tuple[str, ...], cert: Path | None, base: str, *, view: bool
) -> "Place":
    """Where to be, as the words say. Raises BadSetting where the extra is not installed."""
    try:
        from goq.web.process import Place  # noqa: PLC0415 - the plain install lacks what it needs
        from goq.web.site import base_of  # noqa: PLC0415
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NEEDED:
            raise
        raise BadSetting(f"'goq web' needs {missing}; say: pip install 'goq[web]'") from error
    try:
        return Place(port, path, hosts, cert, base_of(base), may_act=not view)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _link(config: Config, place: "Place") -> None:
    """Another code for the page that is there."""
    from goq.web.presence import folder_of, url_at  # noqa: PLC0415

    url = url_at(config.home, place.door)
    if not url:
        raise BadSetting(f"no 'goq web' of yours runs at {place.shown}; start one with: goq web")
    _print_link(url, new_ticket(folder_of(config.home), place.door), place)


def _token(path: Path | None) -> str:
    """What the file has. Raises BadSetting when others can read it, or it says nothing."""
    if path is None:
        return ""
    token = read_secret(path)
    if not token:
        raise BadSetting(f"there is no token in {path}; put 32 random characters there, with mode 0600")
    return token


def _serve(config: Config, place: "Place", token: str) -> None:
    from goq.web import presence, process  # noqa: PLC0415

    site, listening = place.site(), process.listen(place)
    folder = presence.folder_of(config.home)
    lock = presence.stand_at(config.home, place.door, site.url)
    click.echo(f"[pid {os.getpid()}] goq web is at {place.shown}, of the queue at {config.address}", err=True)
    if sys.stdout.isatty():
        _print_link(site.url, new_ticket(folder, place.door), place)
    else:
        click.echo(f"[pid {os.getpid()}] a code to log in with: {site.link_command}", err=True)
    process.run(config, place, listening, folder, token)
    os.close(lock)


def _print_link(url: str, code: str, place: "Place") -> None:
    """On a terminal, or to who asked for it: never into a log."""
    click.echo(f"{url}login/{code}")
    click.echo("good once, for 10 minutes; it logs a browser in for 12 hours")
    if "SSH_CONNECTION" in os.environ:
        where = place.socket or f"127.0.0.1:{place.port}"
        click.echo(f"from your own machine first: ssh -L {place.port}:{where} {host_name()}")
