"""`goq sub --wait`: stay until the jobs have ended, and pass on what they write as they do."""

import sys

import click

from goq.adapters.config import Config
from goq.api.logs import Began, Over, Reading, Said, Wrote, read_on
from goq.api.observing import Observer
from goq.commands.ends import await_ends, first_failure, say, tell_why_slow, verdict
from goq.commands.logs_shown import where
from goq.core.messages import AckSubmit
from goq.core.values.ids import JobId
from goq.core.values.logs import GIVEN_UP, LogPart
from goq.core.values.result import ERR, STREAMS

INTERRUPTED = 130


def wait_for(config: Config, acks: list[AckSubmit], streams: tuple[int, ...]) -> int:
    """The status that `goq wait` would give; these streams of each job are passed on, in the order of the jobs.

    Raises as Observer and await_ends do.
    """
    sys.stdout.flush()
    jobs = _jobs_of(acks)
    with Observer(config, say, tell_why_slow) as observer:
        for job in jobs if streams else ():
            readings = [Reading(observer.ask, job, stream, begin=1) for stream in streams]
            for told in read_on(observer.ask, readings):
                if told is None:
                    sys.stdout.flush()
                else:
                    _pass_on(*told)
        ends = sorted(await_ends(config, observer, jobs), key=lambda ended: ended.job)
    for ended in ends:
        if ended.status:
            say(f"job {ended.job}: {verdict(ended)}")
    return first_failure(ends)


def _pass_on(reading: Reading, said: Said) -> None:
    """Output to ours, errors apart to ours; where neither comes here, where they are."""
    stream = reading.seen.stream
    match said:
        case Wrote(data):
            (sys.stderr if stream == ERR else sys.stdout).buffer.write(data)
            sys.stderr.flush()
        case Began(part) if part.is_elsewhere:
            _say(part, stream, f"is in {where(part, b'')}")
        case Over(part) if part.trouble and part.at.ending != GIVEN_UP:
            _say(part, stream, f"cannot be shown: {part.trouble}")
        case _:
            pass


def _say(part: LogPart, stream: int, text: str) -> None:
    sys.stdout.flush()
    say(f"job {part.job}: what it writes as {STREAMS[stream]} {text}")


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
