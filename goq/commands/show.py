"""`goq show`."""

import sys
import time

import click

from goq.api.client import Client
from goq.commands import complete
from goq.commands.paper import standard_output
from goq.core.values.failures import FailuresOf, MediansOf, Whole
from goq.core.values.lives import LifeOf
from goq.core.values.pages import Rows
from goq.core.values.selectors import BadSelector, Number, Tasks, selector_of
from goq.errors import BadCommand, RequestRefused


@click.command("show")
@click.argument("word", metavar="JOB", shell_complete=complete.jobs)
@click.option("--env", "environment", is_flag=True, help="Print its variables too.")
@click.option("--history", "events", is_flag=True, help="Print all that happened to it too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(word: str, *, environment: bool, events: bool, as_json: bool) -> None:
    """Show a job whole: its attempts, what it asked for and used, and its last words.

    Of an array: how far it is, what failed by how, and what those took that ended well.

    \b
    Examples:
      goq show 17
      goq show 17.3 --history
    """
    try:
        (part,) = selector_of([word]).parts
    except BadSelector as error:
        raise BadCommand(str(error)) from error
    with Client() as client:
        if isinstance(part, Tasks) and len(part.ranges) == 1 and part.ranges[0][0] == part.ranges[0][1]:
            _show_job(
                client,
                LifeOf(part.job, part.ranges[0][0], environment=environment, events=events),
                as_json=as_json,
            )
            return
        rows = client.rows(Rows(selector_of([word]), client.here.by.owner, limit=2)).rows
        if not rows:
            raise RequestRefused(f"there is no job {word}; 'goq list --since 7d' shows what there was")
        if len(rows) > 1:
            raise BadCommand(f"{word} means several; 'goq list {word}' shows them")
        (row,) = rows
        if row.count == 1 or (isinstance(part, Number) and not (row.array and part.job == row.id)):
            job = part.job if isinstance(part, Number) else row.id
            _show_job(client, LifeOf(job, environment=environment, events=events), as_json=as_json)
            return
        ranges = ((row.id, row.id + row.count),)
        failures, medians = client.failures(FailuresOf(ranges)), client.medians(MediansOf(ranges))
        if as_json:
            from goq.core.values.documents import document  # noqa: PLC0415 - people need none

            _print(document("whole", time.time_ns(), failures.seq, [Whole(row, failures, medians)]))
        else:
            from goq.views.lives import set_lines  # noqa: PLC0415 - programs need none

            click.echo("\n".join(set_lines(row, failures, medians, standard_output())))


def _show_job(client: Client, query: LifeOf, *, as_json: bool) -> None:
    life = client.life(query)
    if as_json:
        from goq.core.values.documents import document  # noqa: PLC0415 - people need none

        _print(document("life", time.time_ns(), life.seq, [life]))
    else:
        from goq.views.lives import job_lines  # noqa: PLC0415 - programs need none

        click.echo("\n".join(job_lines(life, standard_output(), client.here.by.owner)))


def _print(text: bytes) -> None:
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
