"""`goq sub --wait`: stay until the jobs have ended, and pass on what they wrote."""

import hashlib
import os
import shutil
import sys

import click

from goq.adapters.config import Config
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.place import outputs_of
from goq.core.messages import AckSubmit
from goq.core.values.ids import JobId
from goq.core.values.result import Ended, output_name
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
        if shows and ended.result.output_length:
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
    """Print the output; where this machine has not the very file, say where it is."""
    path = os.path.join(folder, os.fsencode(output_name(ended.job)))
    start = _start_in(path, ended)
    if start < 0:
        where = outputs_of(folder, ended.job, ended.job)
        say(f"its output is at the server: {where}, {ended.result.output_length} bytes")
        return
    with open(path, "rb") as file:
        file.seek(start)
        shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _start_in(path: bytes, ended: Ended) -> int:
    """Where the job's output begins in the file; below 0 when it is not in it, or cannot be read."""
    try:
        with open(path, "rb") as file:
            start = os.fstat(file.fileno()).st_size - ended.result.output_length
            file.seek(max(0, start))
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return -1
    return start if digest == ended.result.output_sha256 else -1
