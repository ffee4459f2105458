"""Files and folders that only their owner may read, so from birth."""

import errno
import os
import stat
from pathlib import Path

from goq.adapters.files.durable import remove_leftovers, write_private
from goq.core.values.text import show_folder
from goq.errors import BadSetting

SECRET_LIMIT = 64 * 1024


def make_private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700, as its parents, where missing. Raises BadSetting when it cannot be."""
    try:
        if not folder.parent.exists():
            make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"cannot make the folder {show_folder(bytes(folder))}: {why_no_folder(error, folder)}"
        ) from error
    return folder


def why_no_folder(error: OSError, folder: Path) -> str:
    """Why that is no folder, and cannot be made one, in words that name what is in its place."""
    if error.errno == errno.EEXIST:
        return f"{'a link that leads to none' if os.path.islink(folder) else 'a file'} is in its place"
    if error.errno == errno.ENOTDIR:
        found = next((each for each in folder.parents if each.exists()), folder.parent)
        return f"{show_folder(bytes(found))} is a file"
    return error.strerror or str(error)


def read_secret(path: Path) -> str | None:
    """The text of a secret file without white space around it; None when there is no such file.

    Raises BadSetting when others than the owner can read it, or it cannot be read at all.
    """
    return _read(path, 0o077, "read", "600")


def read_trusted(path: Path) -> str | None:
    """The same of a file that anybody may read, and nobody else may write."""
    return _read(path, 0o022, "change", "go-w")


def _read(path: Path, forbidden: int, deed: str, remedy: str) -> str | None:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & forbidden:
                raise BadSetting(f"others can {deed} {path} (mode {mode:04o}); say: chmod {remedy} {path}")
            return file.read(SECRET_LIMIT).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from error


def remove_secret(path: Path) -> None:
    """Take the file away, if it is there. Raises BadSetting when that cannot be."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise BadSetting(f"cannot remove {path}: {error.strerror}") from error


def write_secret(path: Path, text: str) -> None:
    """Make the file, mode 0600 from birth, whole or not at all. An old one is replaced."""
    remove_leftovers(path.parent, f"{path.name}.*.new")
    try:
        write_private(path, f"{text}\n".encode("ascii"))
    except OSError as error:
        raise BadSetting(f"cannot write {path}: {error.strerror}") from error
