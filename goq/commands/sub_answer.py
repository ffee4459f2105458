"""What `goq sub` prints of what it has done."""

import os
import sys
import time
from collections.abc import Sequence

import click
from msgspec import Struct
from msgspec.structs import asdict

from goq.commands.place import outputs_of
from goq.commands.sub_options import Options
from goq.commands.sub_work import Work
from goq.core.messages import AckSubmit, Submit
from goq.core.values.job import owner_of
from goq.core.values.named import shown_files
from goq.core.values.ranges import span
from goq.core.values.receipts import SubmittedRow

JSON_VERSION = 1


def tell(
    options: Options, address: str, work: Work, acks: list[AckSubmit], shared: Submit, *, is_whole: bool
) -> None:
    """The one line, or object, that says which jobs they are; what no server took was spooled."""
    if options.as_json:
        click.echo(_as_json(work.count, acks, is_whole=is_whole))
    elif not is_whole:
        line = f"no server at '{address}' took it; spooled, to be submitted when one is there"
        click.echo(f"goq: {line}" if options.quiet else f"[pid {os.getpid()}] {line}.", err=options.quiet)
    elif options.quiet:
        first, last = acks[0].first, acks[-1].last
        number = f"{first}" if work.items else span(first, last)
        click.echo(number, err=options.wait)  # standard output is the job's then
    else:
        click.echo(f"[pid {os.getpid()}] {_report(address, work, acks)}.")
        if sys.stdout.isatty():
            first, last = acks[0].first, acks[-1].last
            files = shown_files(shared.terms, first, work.count, owner_of(shared.submitter), work.items)
            click.echo(f"output: {outputs_of(acks[0].outputs, first, last, files)}")


def _report(address: str, work: Work, acks: list[AckSubmit]) -> str:
    if acks[0].existed:
        return f"job {acks[0].first} at '{address}' has that key already; nothing submitted"
    if work.items:
        return f"submitted array {acks[0].first} of {work.count} tasks to server at '{address}'"
    if work.count == 1:
        return f"submitted job {acks[0].first} to server at '{address}'"
    return f"submitted {work.count} jobs [{acks[0].first} : {acks[-1].last}] to server at '{address}'"


def _as_json(count: int, acks: list[AckSubmit], *, is_whole: bool) -> str:
    if not is_whole:
        return envelope("submitted", [SubmittedRow(None, None, count, spooled=True)])
    folder = os.fsdecode(acks[0].outputs) if acks[0].outputs else None
    row = SubmittedRow(
        acks[0].first, acks[-1].last, count, acks[0].existed, spooled=False, output_folder=folder
    )
    return envelope("submitted", [row])


def envelope(kind: str, rows: Sequence[Struct]) -> str:
    """The rows as one JSON object, which may hold names of files of any bytes."""
    import json  # noqa: PLC0415 - a plain `goq sub` waits

    shown = [asdict(row) for row in rows]
    return json.dumps({"goq": JSON_VERSION, "kind": kind, "at": now_text(), "rows": shown, "next": None})


def now_text() -> str:
    second, rest_ns = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest_ns // 1_000_000:03d}Z"
