"""How `goq clean` asks the server that has the journal: a file beside it, taken away when it is done.

So a journal has one writer at a time, always. The folder is its owner's alone; who can write
into it could write the journal as well.
"""

import os
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.durable import remove_leftovers, write_private

_NAME = "clean"


def place(folder: Path, before_ns: int) -> bool:
    """Ask for all to be forgotten that ended before; False while another request is there.

    Raises OSError when it cannot be written.
    """
    remove_leftovers(folder, f"{_NAME}.*")
    aside = folder / f"{_NAME}.{before_ns}.{os.getpid()}"
    write_private(aside, b"%d\n" % before_ns)
    try:
        os.link(aside, folder / _NAME)
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True


def find(folder: Path) -> int | None:
    """What is asked for, if anything is."""
    try:
        return int((folder / _NAME).read_bytes())
    except (OSError, ValueError):
        return None


def take_away(folder: Path, before_ns: int) -> None:
    """The request is granted, or no longer wanted. Another one in its place stays."""
    if find(folder) == before_ns:
        with suppress(OSError):  # somebody else did, or nobody can
            (folder / _NAME).unlink()
