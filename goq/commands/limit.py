"""`goq limit`."""

import time

import click
from msgspec import Struct

from goq.api.client import Client
from goq.api.naming import limit_name
from goq.commands import complete
from goq.commands.hosts import unknown_limit
from goq.core.messages import LimitRow
from goq.core.values.documents import document
from goq.core.values.limit_names import KEPT
from goq.core.values.quantities import BadQuantity, size_bytes
from goq.core.values.stamps import At
from goq.core.values.text import printable

LARGEST = 2**53
NONE = "none"


class LimitShown(Struct, frozen=True):
    """A limit, and how much of it is in use; `why`, and who set it when, where that was said."""

    name: str
    amount: int
    drawn: int
    why: str | None = None
    by: str | None = None
    since_at: At | None = None


@click.command("limit")
@click.argument("name", required=False, shell_complete=complete.limits)
@click.argument("amount", required=False, metavar="N|none")
@click.option("--why", default="", metavar="WORDS", help="What others read of it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(name: str | None, amount: str | None, why: str, *, as_json: bool) -> None:
    """Limit how much may be used at a time in the whole cluster; without N, show it,
    and without a name show all.

    \b
    all N            jobs that run at once; 0 keeps any more from starting
    user:NAME N      cpus of that user's running jobs
    tag:TAG N        running jobs with that tag
    array:JOB N      running tasks of that array, as --array 1-100%N
    node:HOST N      jobs at that host; 0 is what 'goq drain' sets
    weight:NAME N    how many shares that user has beside others; else 1
    priority:NAME N  the highest priority that the user may ask for
    queued:NAME N    jobs of that user that may wait
    kept:NAME SIZE   bytes of that user's inputs, scripts and lines that the server keeps, as 2G
    blackhole N      drains a host whose last N jobs failed within 5 s each, while others of the same
                     submissions end well elsewhere; 20 is right
    LICENSE N        what 'goq sub --license LICENSE=2' takes

    A limit that is not set does not exist; 'none' takes it away. What runs already stays.

    \b
    Examples:
      goq limit
      goq limit user:ann 100
      goq limit matlab 4 --why 'four seats'
      goq limit user:ann none
    """
    if as_json and amount is not None:
        raise click.UsageError("--json shows limits; what is set is said in a line")
    with Client() as client:
        if name is None or amount is None:
            limits = tuple(row for row in client.limits() if name in (None, row.name))
            if as_json:
                click.echo(
                    document("limits", time.time_ns(), client.latest().seq, map(_shown, limits)), nl=False
                )
            else:
                _show(limits, name)
            return
        number = _size(amount) if name.startswith(KEPT) else _number(amount)
        unknown = "" if number is None else unknown_limit(client, name)
        drawn = client.limit(name, number, why=why)
    what = f"is not limited any more, {drawn} in use" if number is None else f"{drawn} of {amount} in use"
    click.echo(printable(f"{limit_name(name, number)}: {what}{unknown}"))


def _number(word: str) -> int | None:
    if word == NONE:
        return None
    if word.isascii() and word.isdecimal() and len(word) < 17 and int(word) <= LARGEST:
        return int(word)
    raise click.UsageError(f"'{word}' is no limit; a number from 0 on is, or {NONE}")


def _size(word: str) -> int | None:
    try:
        return None if word == NONE else size_bytes(word)
    except BadQuantity as error:
        raise click.UsageError(str(error)) from error


def _shown(row: LimitRow) -> LimitShown:
    since_at = row.at_ns if row.by else None
    return LimitShown(row.name, row.amount, row.drawn, row.why or None, row.by or None, since_at)


def _show(rows: tuple[LimitRow, ...], name: str | None) -> None:
    if not rows:
        what = (
            f"'{name}' is not limited" if name else "nothing is limited; 'goq limit --help' shows what can be"
        )
        click.echo(printable(what))
    width = max((len(row.name) for row in rows), default=0)
    for row in rows:
        by = f"   by {row.by} {time.strftime('%F %R', time.localtime(row.at_ns // 10**9))}" if row.by else ""
        why = f"   {row.why}" if row.why else ""
        click.echo(printable(f"{row.name:<{width}}   {row.drawn} of {row.amount}{by}{why}"))
