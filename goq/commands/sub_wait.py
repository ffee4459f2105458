"""`goq sub --wait`: stay until the jobs have ended, and pass on what they wrote."""

import hashlib
import os
import shutil
import sys
from typing import BinaryIO

import click
from msgspec import Struct

from goq.adapters.config import Config
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.place import outputs_of
from goq.core.messages import AckSubmit
from goq.core.values.ids import JobId
from goq.core.values.named import is_absolute
from goq.core.values.result import ERR, OUT, Ended, output_name
from goq.core.values.text import show_folder
from goq.roles.client.ask import Observer

INTERRUPTED = 130


def wait_for(config: Config, acks: list[AckSubmit], *, shows: bool) -> int:
    """The status that `goq wait` would give; `shows` has each output printed, in the order of the jobs.

    Raises as Observer and await_ends do.
    """
    sys.stdout.flush()
    with Observer(config, say, tell_why_slow) as observer:
        ends = sorted(await_ends(config, observer, _jobs_of(acks)), key=lambda ended: ended.job)
    for ended in ends:
        if shows:
            pass_on(acks[0].outputs, ended)
        if ended.status:
            say(f"job {ended.job}: {verdict(ended)}")
    return first_failure(ends)


def left_alone(acks: list[AckSubmit]) -> int:
    """Say how to come back to jobs that somebody does not want to wait for any more; the exit code."""
    jobs = _jobs_of(acks)
    click.echo(err=True)
    if len(jobs) == 1:
        say(f"job {jobs[0]} goes on; come back with: goq wait {jobs[0]}")
    else:
        say(f"jobs {jobs[0]} to {jobs[-1]} go on; come back with: goq wait {jobs[0]}-{jobs[-1]}")
    return INTERRUPTED


def _jobs_of(acks: list[AckSubmit]) -> tuple[JobId, ...]:
    return tuple(JobId(job) for ack in acks for job in range(ack.first, ack.last + 1))


def pass_on(folder: bytes, ended: Ended) -> None:
    """Print the output; where this machine has not the very file, say where it is. Errors apart go to ours."""
    result, names = ended.result, dict(ended.result.files)
    if OUT in names and is_absolute(names[OUT]):
        say(f"its output is in {outputs_of(folder, ended.job, ended.job, result.files, result.host)}")
    elif result.output_length:
        out = Written(names.get(OUT, output_name(ended.job)), result.output_length, result.output_sha256)
        _print(folder, out, sys.stdout.buffer, "output")
    if ERR in names and is_absolute(names[ERR]):
        if not is_absolute(names.get(OUT, "")):
            say(f"its errors are in {names[ERR]} at {result.host}")
    elif result.err and result.err.length:
        err = Written(names.get(ERR, output_name(ended.job, ERR)), result.err.length, result.err.sha256)
        _print(folder, err, sys.stderr.buffer, "errors")


class Written(Struct, frozen=True):
    """What a job wrote, by its file's name below the server's folder for outputs."""

    name: str
    length: int
    sha256: bytes


def _print(folder: bytes, written: Written, to: BinaryIO, what: str) -> None:
    path = os.path.join(folder, written.name.encode())
    start = _start_in(path, written)
    if start < 0:
        is_are = "is" if what == "output" else "are"
        say(f"its {what} {is_are} at the server: {show_folder(path)}, {written.length} bytes")
        return
    with open(path, "rb") as file:
        file.seek(start)
        shutil.copyfileobj(file, to)
    to.flush()


def _start_in(path: bytes, written: Written) -> int:
    """Where the bytes begin in the file; below 0 when they are not in it, or it cannot be read."""
    try:
        with open(path, "rb") as file:
            start = os.fstat(file.fileno()).st_size - written.length
            file.seek(max(0, start))
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return -1
    return start if digest == written.sha256 else -1
