"""What several commands take."""

import os
from typing import TYPE_CHECKING

import click

from goq.api.spoken import signal_of
from goq.core.values.ids import JobId
from goq.core.values.text import show_text
from goq.errors import BadCommand

_LARGEST = 2**63 - 1
JOBS_A_MESSAGE = 1000
NAMED_LIMIT = 100_000
if TYPE_CHECKING:
    _Integers = click.ParamType[int]
else:
    _Integers = click.ParamType  # which takes no argument in older releases
_DIGITS = 100  # Python refuses to read a number of some thousand digits


class Whole(_Integers):
    """A whole number with its bounds; who types another is shown a `right` one. Fails with UsageError."""

    name = "integer"

    def __init__(self, least: int, most: int | None, right: int) -> None:
        self._least = least
        self._most = most
        self._right = right

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Raises UsageError."""
        word = str(value)
        digits = word.removeprefix("-")
        is_number = digits.isascii() and digits.isdecimal() and len(digits) < _DIGITS
        if is_number and int(word) >= self._least and (self._most is None or int(word) <= self._most):
            return int(word)
        flag = max(param.opts, key=len) if param else "that"
        bounds = f"above {self._least - 1}" if self._most is None else f"from {self._least} to {self._most}"
        raise click.UsageError(
            f"{flag}: '{show_text(os.fsencode(word))}' is no number {bounds}; {flag} {self._right} is right",
            ctx,
        )


def to_job_id(_context: click.Context, _parameter: click.Parameter | None, word: str) -> JobId:
    """A job's number, as `goq sub` printed it. Raises BadParameter, wrong usage, for anything else."""
    if word.isascii() and word.isdecimal() and len(word) < _DIGITS and 0 < int(word) <= _LARGEST:
        return JobId(int(word))
    raise click.BadParameter(f"'{word}' is no job number; they are whole and count from 1")


def to_signal(
    _context: click.Context | None, _parameter: click.Parameter | None, word: str | None
) -> int | None:
    """A signal by name, with or without SIG, or by number. Raises BadParameter for anything else."""
    if word is None:
        return None
    try:
        return signal_of(word)
    except BadCommand as error:
        raise click.BadParameter(str(error)) from error
