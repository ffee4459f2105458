"""What a job writes, into a file of its own host that others may write into as well: whole lines, at its end.

The file is the job's submitter's: nothing in it is written over or cut off.
"""

import errno
import os
import stat
from contextlib import suppress

from goq.adapters.accounts import Account
from goq.adapters.jobs.accounts import acting_as
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.spawning import refused_output
from goq.core.values.terms import DEFAULT_UMASK

LINE_BYTES = 64 * 1024  # of a line that is written in one piece; of a longer one, as much as there is
_NULL = os.makedev(1, 3)
_UNSYNCABLE = (errno.EINVAL, errno.EROFS, errno.ENOTSUP)  # nothing is kept there, as in /dev/null


class Appender(Drain):
    """Moves one stream of one job to the end of that file, with the rights of the job's account if it has one."""

    def __init__(self, output: bytes, umask: int = DEFAULT_UMASK, account: Account | None = None) -> None:
        """Raises CannotStart when the file cannot be had, and OSError when there is no room for a pipe."""
        self.path = output
        self._umask = umask
        self._rest = b""  # the beginning of a line
        self._is_open_line = False  # at the end of what was written
        super().__init__(output, account)
        self._refuse_splicing()  # which cannot append

    def _open(self, output: bytes) -> int:
        ours = os.umask(self._umask)
        try:
            # Not to be held up by a fifo that nobody reads.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
            with acting_as(self._account):
                fileno = os.open(output, flags, 0o666)
        except OSError as error:
            raise refused_output(error, output) from error
        finally:
            os.umask(ours)
        there = os.fstat(fileno)
        if not stat.S_ISREG(there.st_mode) and not (stat.S_ISCHR(there.st_mode) and there.st_rdev == _NULL):
            os.close(fileno)
            raise refused_output(OSError(errno.EINVAL, "that is no file"), output)
        return fileno

    def finish(self, line: str = "") -> None:
        """Take out the last, write a line of our own behind it, have all of it on the disk, and close both."""
        self._take()
        self._flush(self._rest)
        if line:
            self._flush(b"\n" * self._is_open_line + os.fsencode(line) + b"\n")
        if not self.trouble:
            with acting_as(self._account):
                self._sync()
        self.close()

    def _write(self, data: bytes) -> None:
        whole = data.rfind(b"\n") + 1
        if whole:
            self._flush(self._rest + data[:whole])
            self._rest = data[whole:]
        else:
            self._rest += data
        if len(self._rest) >= LINE_BYTES:
            self._flush(self._rest)
            self._rest = b""

    def _flush(self, data: bytes) -> None:
        if data and not self.trouble:
            self._is_open_line = not data.endswith(b"\n")
            with acting_as(self._account):  # whose disk quota it is
                super()._write(data)

    def _see_damage(self) -> None:
        """Others may cut it off as they like."""

    def _make_room(self) -> None:
        """What is in the file may be others'."""

    def _sync(self) -> None:
        try:
            os.fsync(self._spool)
        except OSError as error:
            if error.errno not in _UNSYNCABLE:
                self._note(error)
            return
        with suppress(OSError):  # a folder that cannot be read has no less of a name in it
            folder = os.open(os.path.dirname(self.path) or b"/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
