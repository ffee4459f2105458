"""`goq history` of many jobs: what they took together."""

import sys
import time

import click

from goq.adapters.config import load_config
from goq.api.client import Client
from goq.api.person import own_name
from goq.commands.paper import standard_output
from goq.commands.span import begin_of, offset_s
from goq.core.values.documents import document
from goq.core.values.moments import NS
from goq.core.values.selectors import BadSelector, selector_of
from goq.core.values.totals import SpentOf
from goq.errors import BadCommand
from goq.views.clocks import clock
from goq.views.spent import sentences, spent_table


def show_totals(
    words: tuple[str, ...],
    since: str | None,
    by: str,
    user: str,
    host: str,
    *,
    everybody: bool,
    as_json: bool,
) -> None:
    """The sentence, and a table; or all sums, for programs. Raises GoqError."""
    now_ns, me = time.time_ns(), own_name(load_config())
    try:
        selector = selector_of(words)
    except BadSelector as error:
        raise BadCommand(str(error)) from error
    whose = user if user or everybody or words else me
    query = SpentOf(
        begin_of(since, now_ns), now_ns, selector, user or me, whose, host, offset_s(now_ns // NS)
    )
    with Client() as client:
        found = client.spent(query)
    if as_json:
        sys.stdout.buffer.write(document("spent", now_ns, found.seq, found.rows))
        sys.stdout.buffer.flush()
        return
    paper = standard_output()
    begin = clock(query.begin_ns, paper)
    if not found.rows:
        click.echo(f"No job of {whose or 'anybody'} has ended since {begin}.", err=True)
        return
    if paper.is_terminal:
        click.echo("\n".join((*sentences(found.rows, f"since {begin}"), "")))
    for line in spent_table(found.rows, by, paper):
        click.echo(line)
