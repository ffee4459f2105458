"""What `--json` tells of what was submitted, and submitted again. Pure."""

from msgspec import Struct


class SubmittedRow(Struct, frozen=True):
    """The jobs from `id` to `last`; None of both when what was submitted was `spooled`, since no server was there.

    `existed`: a job with the same unique key was there, and this is that one. Outputs are below `output_folder`, at the server.
    """

    id: int | None
    last: int | None
    count: int
    existed: bool = False
    spooled: bool = False
    output_folder: str | None = None


class AgainRow(Struct, frozen=True):
    """The jobs from `id` to `last` are once more what those in `again_of` were, ranges each with its first and its last.

    `array` is the submission that these were `tasks` of, as 3-7,9; None where they were none. `follows`: it was submitted
    since it is behind others of these.
    """

    id: int
    last: int
    count: int
    again_of: tuple[tuple[int, int], ...]
    array: int | None = None
    tasks: str | None = None
    follows: bool = False
