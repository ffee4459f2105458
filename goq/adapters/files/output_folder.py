"""Whether a server can write outputs where GOQ_ODIR says: seen before it takes a job. Makes nothing."""

import os
import stat
from pathlib import Path

from goq.core.values.text import show_folder
from goq.errors import BadSetting

_NAME_BYTES = 255


def check_output_folder(folder: Path) -> None:
    """It is a folder that can be written in, or can be made one. Raises BadSetting with the variable's name."""
    if fault := _fault(folder):
        raise BadSetting(
            f"GOQ_ODIR is '{show_folder(bytes(folder))}': {fault}; set it to a folder for outputs"
        )


def _fault(folder: Path) -> str:
    """What is in the way, on the first step of the way that is there."""
    if any(len(os.fsencode(name)) > _NAME_BYTES for name in folder.parts):
        return "that name is too long"
    for there in (folder, *folder.parents):
        name = f"'{show_folder(bytes(there))}'"
        try:
            mode = os.stat(there).st_mode
        except (FileNotFoundError, NotADirectoryError):
            if there.is_symlink():
                return f"{name} is a link that leads nowhere"
            continue
        except OSError as error:
            return f"{name} cannot be used: {error.strerror}"
        if not stat.S_ISDIR(mode):
            return f"{name} is no folder"
        return "" if os.access(there, os.W_OK | os.X_OK) else f"nothing can be written in {name}"
    return ""
