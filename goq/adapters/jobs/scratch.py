"""The TMPDIR of a place's jobs: one folder, private, and empty whenever a job begins."""

import os
import stat
from contextlib import suppress

from goq.adapters.files.trees import remove_tree

VARIABLE = b"TMPDIR"


class Scratch:
    """Lies in a folder of its worker's, which whoever clears old files may have taken meanwhile."""

    def __init__(self, path: bytes) -> None:
        self.path = path

    def be_ready(self) -> None:
        """Be there and empty, whatever the job before has done to it. Raises OSError."""
        if self._is_fresh():
            return
        remove_tree(self.path)
        parent = os.path.dirname(self.path)
        with suppress(FileExistsError):
            os.mkdir(parent, 0o700)
        if os.lstat(parent).st_uid != os.geteuid():
            raise PermissionError(None, f"{os.fsdecode(parent)} is another user's")
        os.mkdir(self.path, 0o700)

    def clear(self) -> None:
        """The job has ended: nothing of it is wanted any more."""
        if not self._is_fresh():
            remove_tree(self.path)

    def leave(self) -> None:
        """There will be no job any more, neither here nor, after the last place, in this worker."""
        remove_tree(self.path)
        with suppress(OSError):
            os.rmdir(os.path.dirname(self.path))

    def _is_fresh(self) -> bool:
        try:
            status = os.lstat(self.path)
            return status.st_mode == stat.S_IFDIR | 0o700 and not os.listdir(self.path)
        except OSError:
            return False
