"""`goq report`."""

import time
from pathlib import Path

import click

from goq.api.client import Client
from goq.api.reporting import facts_of, span_of
from goq.commands import complete
from goq.commands.paper import standard_output
from goq.commands.span import DAY_S, begin_of, past_ns
from goq.core.values.selectors import BadSelector, selector_of
from goq.errors import BadCommand, BadSetting, RequestRefused
from goq.views.clocks import clock
from goq.views.numbers import count, size
from goq.views.report import Facts, report
from goq.views.spent import summed


@click.command("report")
@click.argument("words", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete.jobs)
@click.option(
    "--from", "begin", metavar="TIME", help="From that time on, as 8:30 or 2026-12-01; else for a day."
)
@click.option("--to", "end", default="now", metavar="TIME", help="Until then; else now.")
@click.option("--since", metavar="D", help="From D ago on, as 7d.")
@click.option(
    "-o",
    "out",
    default="report.html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
def command(words: tuple[str, ...], begin: str | None, end: str, since: str | None, out: Path) -> None:
    """Write a report of what ran, as one page that loads nothing from elsewhere.

    What ran where and whose it was, what waited, what ended, what was asked for and used by name, and what failed.
    Of all users' jobs, or those that a SELECTOR means. A time without a day is the last one.

    \b
    Examples:
      goq report
      goq report --from 8:30 --to now
      goq report --since 7d tag:night -o night.html
    """
    if begin and since:
        raise BadCommand("--from and --since both say when it begins; name one of them")
    try:
        selector = selector_of(words)
    except BadSelector as error:
        raise BadCommand(str(error)) from error
    now_ns = time.time_ns()
    end_ns = past_ns(end, "--to", now_ns)
    begin_ns = past_ns(begin, "--from", now_ns) if begin else begin_of(since, end_ns, DAY_S)
    if begin_ns >= end_ns:
        raise BadCommand("it ends before it begins; --from 8:30 --to 14:00 is right")
    paper = standard_output()
    with Client() as client:
        facts = facts_of(client, selector, span_of(begin_ns, end_ns))
    when = f"from {clock(begin_ns, paper)} to {clock(end_ns, paper)}"
    if not facts.spent and not facts.busy:
        raise RequestRefused(f"no job ran {when}; no file was written")
    _write(out, report(facts, paper), facts, when)


def _write(out: Path, text: str, facts: Facts, when: str) -> None:
    data = text.encode()
    try:
        out.write_bytes(data)
    except OSError as error:
        raise BadSetting(f"cannot write {out}: {error.strerror}") from error
    whole, users = summed(facts.spent), len({row.owner for row in facts.spent})
    click.echo(
        f"{out}: {count(whole.jobs)} jobs {when}, {count(users)} user{'s' * (users != 1)}, {size(len(data))}"
    )
