"""`goq list`."""

import math
import shlex
import sys
import time

import click
from click.core import ParameterSource
from msgspec.structs import replace

from goq.adapters.config import load_config
from goq.api.asided import with_asides
from goq.api.client import Client
from goq.api.person import own_name
from goq.commands import complete
from goq.commands.list_running import with_running
from goq.commands.paper import standard_output, wants_hints
from goq.commands.since import seconds_since
from goq.core.values.ids import JobId
from goq.core.values.lives import LifeOf
from goq.core.values.pages import COUNTED, ROWS_LIMIT, Page, Rows
from goq.core.values.ranges import Range
from goq.core.values.selectors import BadSelector, Named, Selector, Tasks, selector_of
from goq.core.values.shown import JobRow, Row, SubmissionRow
from goq.core.values.states import BadState, JobState, states_of
from goq.errors import BadCommand, RequestRefused
from goq.views.paper import Paper
from goq.views.rows import reason_of_row, rows_table

SORTS = ("turn", "id", "name", "user", "state", "since")
WORDS = 10  # jobs whose last words are looked up
SHOWN, LOOK_S = 50, 5.0  # rows; seconds in which fewer may be found
_HOUR = "alive or of the last hour"


@click.command("list")
@click.argument("words", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete.jobs)
@click.option("-a", "--all", "everybody", is_flag=True, help="Those of all users.")
@click.option("--user", default="", metavar="NAME", shell_complete=complete.users, help="Those of NAME.")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="S,...",
    shell_complete=complete.states,
    help="Those with a job in a state.",
)
@click.option("--failed", is_flag=True, help="Those that failed or were lost.")
@click.option("--since", metavar="D", help="With what has ended within D, as 2d; else within the last hour.")
@click.option(
    "--on",
    "host",
    default="",
    metavar="HOST",
    shell_complete=complete.machines,
    help="What runs on HOST, or ended there.",
)
@click.option("--tasks", is_flag=True, help="A row for each job, in the order of numbers.")
@click.option(
    "--sort", type=click.Choice(SORTS), default="turn", help="By what to order the rows that are shown."
)
@click.option(
    "-n", "limit", type=click.IntRange(1, 1_000_000), default=SHOWN, help="Show so many rows, else 50."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(
    words: tuple[str, ...],
    states: tuple[str, ...],
    since: str | None,
    user: str,
    host: str,
    sort: str,
    limit: int,
    *,
    everybody: bool,
    failed: bool,
    tasks: bool,
    as_json: bool,
) -> None:
    """List jobs: yours that live, or have ended within the hour. An array is one row.

    First what runs, then what waits, what is held, and what has ended, the latest first. What waits says why. A
    SELECTOR is 12, 12-20, 12.3-7,9 (tasks of an array), a name of your own jobs (sim*), tag:T or user:U. In a pipe
    fields are separated by a TAB, and times are in ISO 8601.

    \b
    Examples:
      goq list
      goq list -a --on n14
      goq list fold --failed --tasks
      goq list --since 7d -n 1000 --json
    """
    me = own_name(load_config())
    whose = user if user or everybody or words else me
    query = _query(words, (*states, *(["failed,lost"] if failed else [])), user or me, whose, since)
    query = replace(query, host=host, by_job=tasks or query.by_job)
    with Client() as client:
        paper = standard_output()
        page = _looked_up(client, query, limit)
        found = with_running(client, _with_reasons(client, [*page.jobs, *page.rows], paper))
        rows = _sorted(found, sort)
        if as_json:
            _print_json(query, page, rows)
        elif rows:
            rows = _with_last_words(client, rows) if paper.is_terminal else rows
            for line in rows_table(rows, paper, me):
                click.echo(line)
            if not paper.is_terminal and page.following is not None and limit == SHOWN:
                click.echo(
                    f"goq: {len(rows):,} rows, and there are more; -n 1000 shows up to 1,000.", err=True
                )
            if paper.is_terminal:
                click.echo(_footer(query, page, rows, wants_hint=wants_hints(paper), since=since))
        else:
            _say_that_there_are_none(client, query, page, me, words, since)


def _query(words: tuple[str, ...], states: tuple[str, ...], owner: str, user: str, since: str | None) -> Rows:
    """What is asked for. Raises BadCommand."""
    try:
        selector = selector_of(words)
        wanted = tuple(dict.fromkeys(state for word in states for state in states_of(word)))
    except (BadSelector, BadState) as error:
        raise BadCommand(str(error)) from error
    by_job = any(isinstance(part, Tasks) for part in selector.parts)
    return Rows(selector, owner, user, wanted, since_s=seconds_since(since), by_job=by_job)


def _looked_up(client: Client, query: Rows, limit: int) -> Page:
    """So many rows, from as many pages as it takes; those that are shown unasked within LOOK_S."""
    until_s = time.monotonic() + LOOK_S if limit == SHOWN else math.inf
    page = client.rows(replace(query, limit=min(limit, ROWS_LIMIT)))
    while page.following and (left := limit - len(page.rows) - len(page.jobs)) and time.monotonic() < until_s:
        more = client.rows(replace(query, limit=min(left, ROWS_LIMIT), after=page.following))
        shown = max(0, page.more - len(more.rows))
        page = replace(
            more,
            rows=page.rows + more.rows,
            jobs=page.jobs + more.jobs,
            more=max(shown, more.more),
            older=page.older,
        )
    return page


def _with_reasons(client: Client, rows: list[Row], paper: Paper) -> list[Row]:
    """The rows, and why those wait that do."""
    waiting = [at for at, row in enumerate(rows) if row.state in {JobState.WAITING, JobState.HELD}]
    found = list(rows)
    ranges = [
        (row.id, row.id + (row.count if isinstance(row, SubmissionRow) else 1))
        for row in (rows[at] for at in waiting)
    ]
    reasons = client.reasons(ranges) if ranges else []  # type: ignore[arg-type]  # numbers
    known = {at: reason for at, reason in zip(waiting, reasons, strict=True) if reason is not None}
    told = with_asides(client, {rows[at].id: reason for at, reason in known.items()})
    for at in known:
        found[at] = replace(found[at], reason=reason_of_row(told[rows[at].id], found[at], paper))
    return found


def _with_last_words(client: Client, rows: list[Row]) -> list[Row]:
    """Of the latest jobs that failed with a status of their own, what they said last."""
    found, left = list(rows), WORDS
    for at, row in enumerate(rows):
        job = row if isinstance(row, JobRow) else row.job
        if left and job and job.state is JobState.FAILED and not job.problem and not job.cause:
            left -= 1
            lines = client.life(LifeOf(job.id, lines=1)).last_lines
            told = replace(job, problem=lines[-1]) if lines else job
            found[at] = told if isinstance(row, JobRow) else replace(row, job=told)
    return found


def _range(row: Row) -> Range:
    return JobId(row.id), JobId(row.id + (row.count if isinstance(row, SubmissionRow) else 1))


def _sorted(rows: list[Row], by: str) -> list[Row]:
    match by:
        case "id":
            return sorted(rows, key=lambda row: row.id)
        case "name":
            return sorted(rows, key=lambda row: (row.name or "", row.id))
        case "user":
            return sorted(rows, key=lambda row: (row.owner, row.id))
        case "state":
            order = list(JobState)
            return sorted(rows, key=lambda row: (order.index(row.state), row.id))
        case "since":
            return sorted(rows, key=lambda row: (-row.since_at, row.id))
    return rows


def _print_json(query: Rows, page: Page, rows: list[Row]) -> None:
    from goq.core.values.documents import document  # noqa: PLC0415 - people need none

    kind = "tasks" if query.by_job else "jobs"
    following = page.following.text if page.following else None
    sys.stdout.buffer.write(document(kind, time.time_ns(), page.seq, rows, following))
    sys.stdout.buffer.flush()


def _asked(limit: int) -> str:
    """The command as it was given, but for so many rows."""
    context = click.get_current_context()
    words = list(context.params["words"])
    for option in context.command.params:
        name = option.name or ""
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if isinstance(option, click.Option) and name != "limit" and is_given:
            value = context.params[name]
            for each in value if option.multiple else [value]:
                words += [option.opts[-1]] if option.is_flag else [option.opts[-1], str(each)]
    return shlex.join(["goq", "list", *words, "-n", str(limit)])


def _footer(query: Rows, page: Page, rows: list[Row], *, wants_hint: bool, since: str | None) -> str:
    """How many there are besides, and the command that shows them."""
    there = len(rows) + page.more
    is_all = page.following is None or (0 < page.more < COUNTED and not query.by_job)
    within = f"alive or of the last {since}" if since else _HOUR
    told = f"{len(rows):,} of {there:,}, {within}." if is_all else f"{len(rows):,} of many more, {within}."
    if page.following is not None and wants_hint:
        return f"{told}  More:  {_asked(max(1000, 2 * len(rows)))}"
    if page.older and wants_hint:
        return f"{told}  {page.older:,}{'+' if page.older == COUNTED else ''} older:  goq list --since 7d"
    return told


def _say_that_there_are_none(
    client: Client, query: Rows, page: Page, me: str, words: tuple[str, ...], since: str | None
) -> None:
    """Nothing is found, and what there is instead."""
    within = f"alive or of the last {since}" if since else _HOUR
    older = f"  {page.older:,} older:  goq list --since 7d" if page.older else ""
    if words:
        named = isinstance(query.selector.parts[0], Named) and not older
        hint = "; names are of your own jobs, --user says whose else" if named else older
        raise RequestRefused(f"{' '.join(words)} means no such job, {within}{hint}")
    others = ""
    if query.user and not older:
        some = client.rows(Rows(Selector(), me, limit=1)).rows
        others = f"  Some of {some[0].owner}:  goq list -a" if some and some[0].owner != me else ""
    narrowed = "such " if query.states or query.host else ""
    whose = f"{query.user} has" if query.user else "There are"
    click.echo(f"{whose} no {narrowed}jobs here, {within}.{older or others}", err=True)
