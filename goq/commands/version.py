"""`goq version`."""

import click

from goq import __version__


@click.command("version")
def command() -> None:
    """Print goq's version.

    \b
    Examples:
      goq version
    """
    click.echo(f"goq {__version__}")
