"""`goq top`."""

import sys

import click

from goq.adapters.config import load_config
from goq.api.client import Client
from goq.commands.paper import can_redraw, standard_output
from goq.errors import BadCommand


@click.command("top")
@click.option("--view", is_flag=True, help="Change nothing, whatever is pressed.")
def command(*, view: bool) -> int:
    """Watch the machines and the jobs on one screen, look into jobs, and steer them.

    The keys that are used most are in the last line, '?' shows all. What changes something is a capital
    letter and asks first. With '--view' there are no such keys. In a pipe 'goq stat' and 'goq workers' print the same.

    \b
    Examples:
      goq top
      goq top --view
    """
    paper = standard_output()
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)) or not can_redraw(paper):
        raise BadCommand("'goq top' draws on a terminal, and here is none; goq stat and goq workers print")
    config = load_config()
    # textual takes a while to load, and only this command needs it
    from goq.top.app import Top  # noqa: PLC0415
    from goq.top.seen import Scope  # noqa: PLC0415
    from goq.top.source import Looker  # noqa: PLC0415

    with Client(config) as client:
        seen = Looker(client).look(Scope(client.here.by.owner))
    app = Top(config, seen, paper, server=config.ip, may_act=not view)
    app.run()
    return app.return_code or 0
