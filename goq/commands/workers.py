"""`goq workers`."""

import click

from goq.api.client import Client


@click.command("workers")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(name: str | None, *, as_json: bool) -> None:
    """Show the workers: how full they are, what runs there, and what is the matter with them.

    With NAME the workers of that machine, and each job that they have. A worker is ready, draining (it gets no
    more, and some still run), drained, suspect (nothing is heard of it; what it runs goes to others soon), or
    lost, which is shown for a day.

    \b
    Examples:
      goq workers
      goq workers n14
      goq workers --json
    """
    from goq.commands.cluster import show_workers  # noqa: PLC0415 - what is shown takes a while to load

    with Client() as client:
        show_workers(client, name, as_json=as_json)
