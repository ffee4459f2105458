"""What is submitted, as it travels."""

import os
from collections.abc import Iterable, Sequence

from msgspec import Struct

from goq.adapters.files.linelist import LineList
from goq.core.messages import Submit
from goq.core.values.blobs import Blob
from goq.core.values.job import By
from goq.errors import BadCommand

SUBMISSION_LIMIT = 3 * 1024 * 1024  # bytes of arguments, environment and the first lines together
Word = str | bytes | os.PathLike[str]
Command = Sequence[Word] | str
Array = str | range
Lines = Iterable[str | bytes]


class Packer(Struct, frozen=True):
    """Who submits: the secret of the cluster, which no job sees, and the user at his host."""

    secret: str
    submitter: str


def packer_of(secret: str, by: By) -> Packer:
    """That person."""
    return Packer(secret, f"{by.owner}@{by.host}"[:200])


class Parcel(Struct):
    """What is submitted: the message, with its lines if it is a list, and the blobs that it needs."""

    shared: Submit
    lines: LineList
    luggage: dict[Blob, bytes] = {}

    @property
    def count(self) -> int:
        """How many jobs that makes."""
        return self.lines.count or self.shared.count

    def check(self) -> None:
        """It fits into a message. Raises BadCommand."""
        _, first = self.lines.piece(0)
        size = len(self.shared.argv) + sum(map(len, first)) + len(self.shared.environment)
        if size > SUBMISSION_LIMIT:
            raise BadCommand(
                f"arguments and environment are {size} bytes together;"
                f" a submission holds {SUBMISSION_LIMIT} at most, so put the data in a file"
            )
