"""The exit code of commands that otherwise end with the status of a job."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from goq.errors import BadCommand, GoqError

OWN_TROUBLE = 69  # EX_UNAVAILABLE of sysexits.h: what a job hardly ends with

_P = ParamSpec("_P")


def with_an_exit_code_of_its_own(command: Callable[_P, int]) -> Callable[_P, int]:
    """Have all trouble of the command itself end it with 69: no server, no such job, a refusal.

    Wrong usage stays 2: nothing was asked yet.
    """

    @wraps(command)
    def run(*words: _P.args, **options: _P.kwargs) -> int:
        try:
            return command(*words, **options)
        except GoqError as error:
            if not isinstance(error, BadCommand):
                error.exit_code = OWN_TROUBLE
            raise

    return run
