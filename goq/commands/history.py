"""`goq history`."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from goq.adapters.config import load_config
from goq.adapters.files.outputs import Outputs
from goq.adapters.store.audit import Event, Life, life_of, number_of
from goq.commands import complete
from goq.commands.parameters import to_job_id
from goq.commands.strays import show_stray
from goq.core.values.ids import JobId
from goq.core.values.result import ERR, OUT
from goq.core.values.text import show_command, show_folder

_DIGITS = 15


@click.command("history")
@click.argument("word", metavar="JOBID", shell_complete=complete.numbers)
def command(word: str) -> None:
    """Print the life of a job, or of a task of an array, from the journal, a line an event.

    The journal is that of GOQ_JOURNAL, of this folder, or of the server that GOQ_HOME remembers. Who did what, and when, from its submission to its end: every attempt, where it ran, why it
    was given up, who asked for its end. The server may run meanwhile.

    \b
    Examples:
      goq history 17
      goq history 17.3
    """
    array, point, item = word.partition(".")
    number = to_job_id(click.get_current_context(), None, array)
    if point and not (item.isascii() and item.isdecimal() and len(item) <= _DIGITS):
        raise click.BadParameter(f"'{word}' is no job and no task; 17 and 17.3 are")
    config = load_config(reading=True)
    job = number_of(config.journal_folder, number, int(item)) if point else number
    life = life_of(config.journal_folder, job)
    if life.submission is None:
        click.echo(f"job {job}: its submission is lost, and so is what is not told here")
    else:
        _tell_known(job, life, life.submission, config.output_folder)
    for stray in life.strays:
        click.echo(show_stray(stray, config.output_folder))


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
    return f"{_when(row['at_ns'])} submitted by {row['submitter']}{name}{tags}{again}{key}"


def _line(event: Event) -> str:
    attempt = f" attempt {event.attempt}" if event.attempt else ""
    worker = f" worker {event.worker}" if event.worker else ""
    by = f" by {event.by}" if event.by else ""
    place = f" at {event.host}:{event.pid}" if event.host else ""
    is_signal = event.kind == "cancel requested"
    reason = f" ({'signal ' if is_signal else ''}{event.reason})" if event.reason else ""
    return f"{_when(event.at_ns)} {event.kind}{attempt}{worker}{by}{place}{reason}"


def _result(row: dict[str, Any]) -> str:
    how = f"signal {row['signal']}" if row["signal"] else f"exit status {row['exit_code']}"
    if not row["attempt"]:
        return f"result: {row['ending']} while it waited"
    if not row["started_ns"]:
        return f"result: {row['ending']}, {how}"
    took_s = (row["ended_ns"] - row["started_ns"]) / 1e9
    why = f" ({row['cause']}: {row['problem']})" if row["cause"] else ""
    return (
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
