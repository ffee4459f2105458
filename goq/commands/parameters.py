"""What several commands take."""

import signal
from collections.abc import Iterator

import click

from goq.core.values.ids import JobId

_LARGEST = 2**63 - 1
JOBS_A_MESSAGE = 1000
_DIGITS = 100  # Python refuses to read a number of some thousand digits


def to_job_id(_context: click.Context, _parameter: click.Parameter, word: str) -> JobId:
    """A job's number, as `goq sub` printed it. Raises BadParameter, wrong usage, for anything else."""
    if word.isascii() and word.isdecimal() and len(word) < _DIGITS and 0 < int(word) <= _LARGEST:
        return JobId(int(word))
    raise click.BadParameter(f"'{word}' is no job number; they are whole and count from 1")


def to_job_ids(
    context: click.Context, parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[JobId, ...]:
    """Several of them, each once, in the order in which they were named."""
    return tuple(dict.fromkeys(to_job_id(context, parameter, word) for word in words))


def bundles(jobs: tuple[JobId, ...], size: int) -> Iterator[tuple[JobId, ...]]:
    """Pieces that a message takes."""
    return (jobs[at : at + size] for at in range(0, len(jobs), size))


def to_signal(_context: click.Context, _parameter: click.Parameter, word: str | None) -> int | None:
    """A signal by name, with or without SIG, or by number. Raises BadParameter for anything else."""
    if word is None:
        return None
    name = word.upper()
    try:
        if name.isdecimal():
            return signal.Signals(int(name)).value
        return signal.Signals[name if name.startswith("SIG") else f"SIG{name}"].value
    except (KeyError, ValueError) as error:
        raise click.BadParameter(f"'{word}' is no signal; 'kill -l' shows their names") from error
