"""`goq up`."""

import os

import click

from goq.adapters.config import load_config
from goq.adapters.kept import alone
from goq.commands.paper import standard_output, wants_hints
from goq.commands.work_offer import AUTO, places_of
from goq.roles.pair import bring_up


@click.command("up")
@click.option(
    "-j", "places", default=AUTO, metavar="N|auto", help="Jobs at once; auto: what cpus there are. [auto]"
)
def command(places: str) -> None:
    """See that a job server answers and that a worker runs on this machine; nothing need be set up.

    What is missing is started in the background, with its log in GOQ_HOME (~/.goq). The queue is where it was
    before, else in GOQ_HOME/queue, with outputs in GOQ_HOME/queue/o. Said again it changes nothing,
    and after a restart of the machine it goes on with the same queue. 'goq down' ends both.

    It is a queue like any other: another machine that says 'ssh HERE goq init --export | goq init --join'
    belongs to it, and 'goq up' starts a worker there. Where a server answers that is not of 'goq up', or a worker
    runs, that is said, and left as it is. Without a port that is set, a free one is taken where 1776 is another
    user's.

    \b
    Examples:
      goq up                          as many jobs at once as there are cpus
      goq up -j 2
      goq up && goq sub bash -c 'echo hello'
    """
    if places != AUTO:
        places_of(places)  # who mistypes it hears so here, and not in a log
    with alone(load_config().home):
        bring_up(places, lambda text: click.echo(f"[pid {os.getpid()}] goq up: {text}"))
    if wants_hints(standard_output()):
        click.secho("goq sub bash -c 'echo hello'", dim=True)
