"""`goq retry`."""

import os
from collections.abc import Iterator
from typing import Any

import click

from goq.api.client import Client
from goq.commands.change import selected, selector_options
from goq.commands.since import seconds_since, since_option
from goq.commands.sub_after import wishes_of
from goq.commands.sub_answer import envelope
from goq.commands.sub_options import retry_options, terms_said
from goq.core.messages import RetriedRow, Retry
from goq.core.values.ranges import span
from goq.core.values.receipts import AgainRow
from goq.errors import BadCommand


@click.command("retry")
@selector_options
@click.option(
    "--failed", is_flag=True, help="Only those that failed or were lost, and were not retried since."
)
@click.option("--alone", is_flag=True, help="Without what was skipped or kept because of them.")
@since_option
@retry_options
@click.pass_context
def command(
    context: click.Context, /, words: tuple[str, ...], states: tuple[str, ...], user: str, **chosen: Any
) -> None:
    """Submit jobs again that have ended, with other terms where these are given; prints old and new numbers.

    The old ones stay as they ended. Of an array those tasks that are meant become one new array, in which
    they keep their numbers. What was skipped, or is kept, because of them is submitted again behind
    them, in the same shape; '--alone' leaves it. What waits or runs is not retried.

    A SELECTOR is 12 (of an array all of it), 12-20, 12.3-7,9 (tasks of an array), a name of your own
    jobs (sim*), tag:T or user:U; several are a union. A word means what has ended within the last hour, or '--since
    D', and was not retried since. Of numbers '--failed' says so too; '--state failed,lost' means also what was. Later dependants on a name do not mind what was retried.

    \b
    Examples:
      goq retry 17
      goq retry --failed --time 2h --mem 8G 12
      goq retry --failed --since 1d tag:night
    """
    if chosen["failed"] and states:
        raise BadCommand("--failed and --state are two ways to say it; choose one. Nothing was queued.")
    if chosen["quiet"] and chosen["as_json"]:
        raise BadCommand("--quiet and --json are two ways to say it; choose one. Nothing was queued.")
    fields, terms = terms_said(context, chosen)
    selectors = selected(words, states, user)
    if len(selectors) > 1:
        raise BadCommand(
            "these are too many words for one retry; ranges as 12-20 are one. Nothing was queued."
        )
    (selector,) = selectors
    if selector.is_live_only:
        raise BadCommand(
            "what waits or runs is not retried; --state failed,lost is right. Nothing was queued."
        )
    since_s, wishes = seconds_since(chosen["since"]), wishes_of(chosen, maybe=chosen["after_maybe"])
    with Client() as client:
        by = client.here.by
        retry = Retry(selector, by, chosen["failed"], chosen["alone"], fields, terms, since_s, wishes)
        rows = client.retried(retry)
    if chosen["as_json"]:
        click.echo(_as_json(rows))
        return
    for line in _quiet(rows) if chosen["quiet"] else _lines(rows):
        click.echo(line)


def _quiet(rows: tuple[RetriedRow, ...]) -> Iterator[str]:
    for row in rows:
        yield f"{row.first}" if row.array else span(row.first, row.first + row.count - 1)


def _lines(rows: tuple[RetriedRow, ...]) -> Iterator[str]:
    for row in rows:
        behind = ", behind others of these" if row.follows else ""
        yield f"[pid {os.getpid()}] {_old(row)} again as {_new(row)}{behind}."


def _old(row: RetriedRow) -> str:
    if row.array:
        return f"{'task' if row.count == 1 else f'{row.count} tasks'} {row.array}.{row.tasks}"
    if row.count == 1:
        return f"job {row.old[0][0]}"
    return f"{row.count} jobs {','.join(span(first, end - 1) for first, end in row.old[:10])}{',...' * (len(row.old) > 10)}"


def _new(row: RetriedRow) -> str:
    if row.array:
        return f"{row.first}.{row.tasks}"
    return f"job {row.first}" if row.count == 1 else span(row.first, row.first + row.count - 1)


def _as_json(rows: tuple[RetriedRow, ...]) -> str:
    found = [
        AgainRow(
            row.first,
            row.first + row.count - 1,
            row.count,
            tuple((first, end - 1) for first, end in row.old),
            row.array or None,
            row.tasks or None,
            row.follows,
        )
        for row in rows
    ]
    return envelope("retried", found)
