"""What several commands take."""

import click

from goq.core.model import JobId

_LARGEST = 2**63 - 1
_DIGITS = 100  # Python refuses to read a number of some thousand digits


def to_job_id(_context: click.Context, _parameter: click.Parameter, word: str) -> JobId:
    """A job's number, as `goq sub` printed it. Raises BadParameter, wrong usage, for anything else."""
    if word.isascii() and word.isdecimal() and len(word) < _DIGITS and 0 < int(word) <= _LARGEST:
        return JobId(int(word))
    raise click.BadParameter(f"'{word}' is no job number; they are whole and count from 1")
