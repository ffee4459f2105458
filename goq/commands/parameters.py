"""What several commands take."""

import signal
from collections.abc import Iterator
from typing import TypeVar

import click

from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges

_LARGEST = 2**63 - 1
JOBS_A_MESSAGE = 1000
RANGES_A_MESSAGE = 500
NAMED_LIMIT = 100_000
T = TypeVar("T")
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


def to_ranges(context: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> Ranges:
    """Numbers and ranges of them, `A-B`, as ranges in order and apart: their union."""
    parts: list[tuple[JobId, JobId]] = []
    for word in words:
        first, dash, last = word.partition("-")
        is_range = dash and first and last
        low = to_job_id(context, parameter, first if is_range else word)
        high = to_job_id(context, parameter, last) if is_range else low
        if high < low:
            raise click.BadParameter(f"'{word}' is no range of jobs; say {high}-{low}")
        parts.append((low, JobId(min(high + 1, _LARGEST))))
    joined: list[tuple[JobId, JobId]] = []
    for low, end in sorted(parts):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((low, end))
    return tuple(joined)


def to_jobs_of_ranges(
    context: click.Context, parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[JobId, ...]:
    """Numbers in the order in which they were named; ranges of them, `A-B`, in theirs."""
    ranges = [to_ranges(context, parameter, (word,)) for word in words]
    if sum(end - first for ((first, end),) in ranges) > NAMED_LIMIT:
        raise click.BadParameter(f"these are more than {NAMED_LIMIT} jobs; name a part of them at a time")
    return tuple(dict.fromkeys(JobId(job) for ((first, end),) in ranges for job in range(first, end)))


def bundles(items: tuple[T, ...], size: int) -> Iterator[tuple[T, ...]]:
    """Pieces that a message takes."""
    return (items[at : at + size] for at in range(0, len(items), size))


def to_signal(
    _context: click.Context | None, _parameter: click.Parameter | None, word: str | None
) -> int | None:
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
