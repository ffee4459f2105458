"""Where a queue is served: what its journal knows of its own place."""

from msgspec import Struct


class Place(Struct, frozen=True, gc=False):
    """The folder of a journal, and which file it was there.

    `file` tells it from its copies: its number, and when it was made, where that is known. `mount` is
    the mount point that the folder is below, `host` the machine's name.
    """

    folder: bytes
    file: str
    mount: bytes
    host: str


NOWHERE = Place(b"", "", b"", "")


class Birth(Struct, frozen=True, gc=False):
    """What makes a start of a server unlike any other: bits that it drew, and where it was."""

    draw: int = 0
    place: Place = NOWHERE


NO_BIRTH = Birth()
