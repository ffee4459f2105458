"""`goq kill`."""

import click

from goq.commands.change import change, selected, selector_options
from goq.commands.parameters import to_signal
from goq.core.values.changes import Kill
from goq.core.values.result import SIGKILL, SIGTERM


@click.command("kill")
@selector_options
@click.option("--now", is_flag=True, help="SIGKILL at once, no SIGTERM before.")
@click.option(
    "--signal", "name", callback=to_signal, metavar="NAME", help="Begin with this signal instead of TERM."
)
@click.option("--yes", is_flag=True, help="Never ask, however many they are.")
def command(
    words: tuple[str, ...], states: tuple[str, ...], user: str, name: int | None, *, now: bool, yes: bool
) -> None:
    """Cancel jobs.

    One that waits never runs. One that runs gets SIGTERM, with all that it has started, and
    SIGKILL after its worker's GOQ_KILL_GRACE_SEC (5). A second kill may use another signal. All are
    cancelled at once: none of them starts because another one ends. What was met is counted, and
    what had ended; when nothing is met that is an error. A list that is still being submitted is
    killed as a whole.

    A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of an array), a name of your own
    jobs (sim*), tag:T or user:U; several are a union. On a terminal it asks first when they are more
    than 100, or others' that no number names; '--yes' never asks.

    \b
    Examples:
      goq kill 17
      goq kill 17 18 19
      goq kill 1058-1557
      goq kill --state waiting 'sim*'
      goq kill --signal INT 17
      goq kill --now 17
    """
    change(selected(words, states, user), Kill(SIGKILL if now else name or SIGTERM), "", sure=yes)
