"""`goq events`."""

import sys
import time

import click

from goq.api.client import Client
from goq.core.values.happenings import Happening
from goq.core.values.text import printable


@click.command("events")
@click.option("-f", "--follow", is_flag=True, help="Go on, as things happen, until Ctrl-C.")
@click.option("--since", type=click.IntRange(min=0), metavar="N", help="Those behind event number N.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line, for programs.")
def command(since: int | None, *, follow: bool, as_json: bool) -> None:
    """Print what happened to the queue, a line each: submissions, what became of jobs, limits that were set.

    From the first event that the journal knows; with '-f' from now on, through restarts of the server.
    Each has a number, which only rises. Who comes back with '--since' and the last one that he has seen
    misses nothing and sees nothing twice. Of a limit the latest setting alone is kept.

    \b
    Examples:
      goq events -f
      goq events --since 4711
      goq events -f --json | jq 'select(.state == "failed")'
    """
    with Client() as client:
        begin = client.latest().seq if since is None and follow else since or 0
        if as_json:
            from goq.core.values.documents import line_of  # noqa: PLC0415 - people need it not

            for event in client.events(begin, follow=follow):
                _write(line_of("event", event).decode(), follow=follow)
            return
        for event in client.events(begin, follow=follow):
            _write(f"{_line(event)}\n", follow=follow)


def _write(line: str, *, follow: bool) -> None:
    sys.stdout.write(line)
    if follow:
        sys.stdout.flush()


def _line(event: Happening) -> str:
    at = time.strftime("%FT%T%z", time.localtime(event.at // 10**9))
    details = filter(
        None, (_how(event), _where(event), f"by {event.by}" if event.by else "", event.text or "")
    )
    fields = (str(event.seq), at, _jobs(event), event.event, ", ".join(details))
    return "\t".join(map(printable, fields))


def _jobs(event: Happening) -> str:
    if event.job is None:
        return event.name or ""
    return f"{event.job}" if event.job == event.last else f"{event.job}-{event.last}"


def _how(event: Happening) -> str:
    if event.job is None:
        return "as much as anybody wants" if event.amount is None else f"{event.amount}"
    if event.state is None:
        return f"as {event.name}" if event.name else ""
    return f"{event.state}, status {event.status}{f', {event.cause}' if event.cause else ''}"


def _where(event: Happening) -> str:
    attempt = f"attempt {event.attempt}" if event.attempt else ""
    at = f"at {event.host}" if event.host and not event.by else ""
    return " ".join(filter(None, (attempt, at)))
