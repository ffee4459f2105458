"""`goq history`."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from goq.adapters.config import JOURNAL_FILE, load_config
from goq.adapters.files.outputs import Outputs
from goq.adapters.store.archive import Archive
from goq.adapters.store.audit import Event, Life, life_of, number_of
from goq.commands import complete
from goq.commands.parameters import to_job_id
from goq.commands.strays import show_stray
from goq.core.values.ids import JobId
from goq.core.values.lives import LifeOf
from goq.core.values.result import ERR, OUT
from goq.core.values.text import printable, show_command, show_folder
from goq.errors import JournalError
from goq.views.spent import BY

_DIGITS = 15
_JOB = re.compile(r"[0-9]+(?:\.[0-9]+)?").fullmatch


@click.command("history")
@click.argument("words", nargs=-1, metavar="[JOB | SELECTOR...]", shell_complete=complete.jobs)
@click.option("--since", metavar="D", help="Add up what has ended within D, as 7d; else within a day.")
@click.option("--by", type=click.Choice(BY), default="name", help="Add up by that; else by name.")
@click.option("-a", "--all", "everybody", is_flag=True, help="What all users had.")
@click.option("--user", default="", metavar="NAME", shell_complete=complete.users, help="What NAME had.")
@click.option(
    "--on", "host", default="", metavar="HOST", shell_complete=complete.machines, help="What ran on HOST."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(
    words: tuple[str, ...],
    since: str | None,
    by: str,
    user: str,
    host: str,
    *,
    everybody: bool,
    as_json: bool,
) -> None:
    """Tell the life of a job, or add up what jobs took.

    Of a job, or of a task of an array: who did what, and when, from its submission to its end, a line an event. Of an
    array: how it is with all of it, and a row a task. That comes from the journal of GOQ_JOURNAL, of this folder, or of the server that GOQ_HOME remembers; where none is here,
    from the server.

    Else: how many jobs ended and failed, how long they waited and ran in the mean, and the cpu hours that they had;
    yours, or those that a SELECTOR means (names and tags, also 12-20).

    \b
    Examples:
      goq history 17
      goq history 17.3
      goq history --since 7d --by day
      goq history -a --by user --on n14
    """
    if len(words) == 1 and _JOB(words[0]) and not (since or everybody or user or host or as_json):
        _tell(words[0])
        return
    from goq.commands.history_totals import show_totals  # noqa: PLC0415 - one life needs it not

    show_totals(words, since, by, user, host, everybody=everybody, as_json=as_json)


def _tell(word: str) -> None:
    array, point, item = word.partition(".")
    number = to_job_id(click.get_current_context(), None, array)
    if point and len(item) > _DIGITS:
        raise click.BadParameter(f"'{word}' is no job and no task; 17 and 17.3 are")
    config = load_config(reading=True)
    try:
        if not point and _tell_array(config.journal_folder, number):
            return
        job = number_of(config.journal_folder, number, int(item)) if point else number
        life = life_of(config.journal_folder, job)
    except JournalError:
        if (config.journal_folder / JOURNAL_FILE).exists():
            raise
        _tell_from_afar(LifeOf(number, int(item) if point else None, events=True))
        return
    if life.submission is None:
        click.echo(f"job {job}: its submission is lost, and so is what is not told here")
    else:
        _tell_known(job, life, life.submission, config.output_folder)
    for stray in life.strays:
        click.echo(show_stray(stray, config.output_folder))


def _tell_from_afar(query: LifeOf) -> None:
    """What the server knows of the job."""
    from goq.api.client import Client  # noqa: PLC0415 - where the journal is, nobody is asked
    from goq.commands.history_array import array_lines, array_of  # noqa: PLC0415
    from goq.commands.paper import standard_output  # noqa: PLC0415
    from goq.views.lives import job_lines  # noqa: PLC0415

    with Client() as client:
        paper, owner = standard_output(), client.here.by.owner
        row = array_of(client, JobId(query.job)) if query.item is None else None
        lines = array_lines(client, row, paper, owner) if row else job_lines(client.life(query), paper, owner)
        click.echo("\n".join(lines))


def _tell_array(folder: Path, number: JobId) -> bool:
    """What the journal here knows of an array, if the number is one's. Raises JournalError."""
    from goq.commands.history_array import array_lines, array_of  # noqa: PLC0415 - a job needs it not
    from goq.commands.paper import standard_output  # noqa: PLC0415

    with closing(Archive(folder)) as archive:
        row = array_of(archive, number)
        if row:
            click.echo("\n".join(array_lines(archive, row, standard_output(), "")))
    return row is not None


def _tell_known(job: JobId, life: Life, submission: dict[str, Any], outputs: Path) -> None:
    click.echo(f"job {job}: {show_command(life.argv)}")
    click.echo(f"folder: {show_folder(submission['folder'])}")
    click.echo(_submitted(life, submission))
    for event in life.events:
        click.echo(_line(event))
    if life.result is None:
        click.echo(f"it is {life.state}")
    else:
        click.echo(_result(life.result))
        for line in _outputs(life, life.result, job, outputs):
            click.echo(line)


def _when(at_ns: int) -> str:
    second, rest_ns = divmod(at_ns, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(second))}.{rest_ns // 1_000_000:03d}"


def _submitted(life: Life, row: dict[str, Any]) -> str:
    name = f" as '{life.terms.name}'" if life.terms.name else ""
    tags = f", tagged {', '.join(life.terms.tags)}" if life.terms.tags else ""
    again = "" if life.terms.requeue else ", never to be run again"
    key = f", unique key '{life.terms.unique}'" if life.terms.unique else ""
    return printable(f"{_when(row['at_ns'])} submitted by {row['submitter']}{name}{tags}{again}{key}")


def _line(event: Event) -> str:
    attempt = f" attempt {event.attempt}" if event.attempt else ""
    worker = f" worker {event.worker}" if event.worker else ""
    by = f" by {event.by}" if event.by else ""
    place = f" at {event.host}:{event.pid}" if event.host else ""
    is_signal = event.kind == "cancel requested"
    reason = f" ({'signal ' if is_signal else ''}{event.reason})" if event.reason else ""
    return printable(f"{_when(event.at_ns)} {event.kind}{attempt}{worker}{by}{place}{reason}")


def _result(row: dict[str, Any]) -> str:
    how = f"signal {row['signal']}" if row["signal"] else f"exit status {row['exit_code']}"
    if not row["attempt"]:
        return f"result: {row['ending']} while it waited"
    if not row["started_ns"]:
        return f"result: {row['ending']}, {how}"
    took_s = (row["ended_ns"] - row["started_ns"]) / 1e9
    why = f" ({row['cause']}: {row['problem']})" if row["cause"] else ""
    return printable(
        f"result: {row['ending']}, {how}{why}, from {_when(row['started_ns'])} to {_when(row['ended_ns'])}"
        f" ({took_s:.3f} s), cpu {row['cpu_s']:.3f} s, memory {_memory(row['peak_kib'])}"
    )


def _memory(peak_kib: int) -> str:
    return f"{peak_kib} KiB" if peak_kib else "unknown"


def _outputs(life: Life, row: dict[str, Any], job: JobId, outputs: Path) -> Iterator[str]:
    """Where what it wrote is: of the last attempt all, of those before what is in other files."""
    last = {each["stream"]: each for each in life.files if each["attempt"] == row["attempt"]}
    here = {each["path"] for each in last.values()}
    for each in life.files:
        if each["attempt"] < row["attempt"] and each["path"] not in here:
            what = "output" if each["stream"] == OUT else "errors"
            yield f"{what} of attempt {each['attempt']}: in {_place(outputs, each['path'], '')}"
    named = last.get(OUT)
    if named and named["path"].startswith(b"/"):
        yield f"output: in {_place(outputs, named['path'], row['host'])}"
    elif not row["output_sha256"]:
        yield "output: none was kept"
    else:
        path = _place(outputs, named["path"], "") if named else Outputs(outputs, {}).path(job)
        yield f"output: {row['output_length']} bytes in {path}, sha256 {row['output_sha256'].hex()}"
    if ERR in last:
        yield _errors(last[ERR], row["host"], outputs)


def _errors(row: dict[str, Any], host: str, outputs: Path) -> str:
    place = _place(outputs, row["path"], host)
    if row["path"].startswith(b"/"):
        return f"errors: in {place}"
    if row["length"] is None:
        return "errors: none were kept"
    return f"errors: {row['length']} bytes in {place}, sha256 {row['sha256'].hex()}"


def _place(outputs: Path, path: bytes, host: str) -> str:
    where = show_folder(os.path.join(bytes(outputs), path))
    return f"{where} at {host}" if path.startswith(b"/") and host else where
