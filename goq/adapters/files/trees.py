"""Folders that go with all that is in them."""

import os
from contextlib import suppress


def remove_tree(path: bytes) -> None:
    """Remove it as far as it can be: a folder with all in it, whatever its mode; of a link the link alone."""
    if os.path.islink(path) or not os.path.isdir(path):
        with suppress(OSError):
            os.unlink(path)
        return
    found = [path]
    for folder in found:  # which grows
        found += _folders_in(folder)
    for folder in reversed(found):
        with suppress(OSError):
            os.rmdir(folder)


def _folders_in(folder: bytes) -> list[bytes]:
    """The folders in it; all else has been removed."""
    folders: list[bytes] = []
    with suppress(OSError):
        os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    with suppress(OSError):
                        os.unlink(entry.path)
    return folders
