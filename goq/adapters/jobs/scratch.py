"""The TMPDIR of a place's jobs: one folder, private, and empty whenever a job begins."""

import os
import stat
import time
from contextlib import suppress

from goq.adapters.accounts import Account
from goq.adapters.files.trees import remove_tree

VARIABLE = b"TMPDIR"
_TICK_NS = 50_000_000  # in so short a time a folder may change twice with one time of change


class Scratch:
    """Lies in a folder of its worker's, which whoever clears old files may have taken meanwhile.

    With an account it is that one's, and all may pass through the folder above; who has had it once can have it open.
    """

    def __init__(self, path: bytes, account: Account | None = None) -> None:
        self.path = path
        self._account = account
        self._above = 0o711 if account else 0o700
        self._uid = account.uid if account else os.geteuid()
        self._seen = (0, 0)  # the folder as it was when it was empty: which one, and changed when

    def be_ready(self) -> None:
        """Be there and empty, whatever the job before has done to it. Raises OSError."""
        if self._is_fresh():
            return
        remove_tree(self.path)
        parent = os.path.dirname(self.path)
        with suppress(FileExistsError):
            os.mkdir(parent, 0o700)
            os.chmod(parent, self._above)
        if os.lstat(parent).st_uid != os.geteuid():
            raise PermissionError(None, f"{os.fsdecode(parent)} is another user's")
        os.mkdir(self.path, 0o700)
        if self._account:
            os.chown(self.path, self._account.uid, self._account.gid, follow_symlinks=False)

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
            if status.st_mode != stat.S_IFDIR | 0o700 or status.st_uid != self._uid:
                return False
            seen = status.st_ino, status.st_ctime_ns
            if seen != self._seen:
                if os.listdir(self.path):
                    return False
                if time.time_ns() - status.st_ctime_ns > _TICK_NS:
                    self._seen = seen
        except OSError:
            return False
        return True
