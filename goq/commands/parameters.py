"""What several commands take."""

import click

from goq.core.model import JobId

_LARGEST = 2**63 - 1


class JobIdType(click.ParamType):
    """A job's number, as `goq sub` printed it."""

    name = "jobid"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> JobId:
        """The number. Fails, as wrong usage, for anything else."""
        if isinstance(value, str) and value.isascii() and value.isdecimal() and 0 < int(value) <= _LARGEST:
            return JobId(int(value))
        return self.fail(f"'{value}' is no job number; they are whole and count from 1", param, ctx)
