"""What is piped to `goq sub -i -`, to be the standard input of its jobs."""

import click

from goq.core.values.blobs import BLOB_LIMIT
from goq.errors import BadCommand


def read_piped() -> bytes:
    """All of it. Raises BadCommand when that is too much, or cannot be read."""
    try:
        with click.open_file("-", "rb") as file:
            piped = bytes(file.read(BLOB_LIMIT + 1))
    except OSError as error:
        raise BadCommand(f"-i -: {error.strerror}. Nothing was queued.") from error
    if len(piped) > BLOB_LIMIT:
        raise BadCommand(
            f"-i -: what is piped is more than {BLOB_LIMIT} bytes, the most that is taken along; put it into a file"
            " that the job can read, as -i input.txt. Nothing was queued."
        )
    return piped
