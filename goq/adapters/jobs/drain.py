"""What a job writes: a pipe, emptied into a spool file by the job's shepherd.

A pipe can be neither truncated nor written over, whatever a job does with /dev/stdout, and nobody
but the shepherd need be awake for it to write on. Each job and stream has a pipe of its own, so
whoever still holds the end of an earlier one writes to nobody.
"""

import array
import errno
import fcntl
import math
import os
import termios
from contextlib import suppress

from goq.adapters.accounts import Account

NAP_S = 0.02  # so long what a job writes may lie in the pipe, unless it writes much
HUNG_UP_S = 1.0
NEVER = math.inf
_WIDE_BYTES = 256 * 1024  # more is no faster, and counts against what the user's pipes may hold
_READ_BYTES = 1 << 20
_ROOM_BYTES = 8192
_COUNT = array.array("i", [0])
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Drain:
    """One stream of one job. `trouble`: why the spool takes no more, from then on all is thrown away.

    `damage`: what has become of what was in it, while the job goes on.
    """

    def __init__(self, output: bytes, account: Account | None = None) -> None:
        """Raises OSError: there is no such file, or no room for a pipe, which is the job's account's, if it has one."""
        self._account = account
        self.trouble = ""
        self.damage = ""
        self.look_at_s = NEVER  # the monotonic second of the next look; NEVER: when it is readable
        self._spool = self._open(output)
        try:
            self._pipe, self._entry = os.pipe2(os.O_CLOEXEC)
        except OSError:
            os.close(self._spool)
            raise
        if account:  # who may open it anew, as /dev/stdout
            os.fchown(self._entry, account.uid, account.gid)
        self._splices = True
        self._widens = True
        self._at_end = False
        self._recent = 0  # bytes taken since the last decision
        self._decide_at_s = 0.0

    def _open(self, output: bytes) -> int:
        return os.open(output, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        """The shepherd's end."""
        return self._pipe

    def take_entry(self) -> int:
        """The job's end, to be closed by the caller once the job has it."""
        entry, self._entry = self._entry, -1
        return entry

    def begin(self, now_s: float) -> None:
        """The job writes from now on. Most end before the first look."""
        self.look_at_s = self._decide_at_s = now_s + NAP_S

    def look(self, now_s: float) -> None:
        """Take out what is there, and say when to look again: small pieces are worth no wake-up each."""
        taken = self._take()
        self._recent += taken
        if not taken and self.look_at_s == NEVER:
            self.look_at_s = now_s + HUNG_UP_S  # nobody can write, or somebody in the job reads it away
        elif now_s >= self._decide_at_s:
            flows = self._flows()
            self.look_at_s = NEVER if flows or not taken else now_s + NAP_S
            self._recent, self._decide_at_s = 0, now_s + NAP_S

    def _flows(self) -> bool:
        """So much comes that the pipe would be full after a nap, or soon: it is made wider once."""
        flows = self._recent * 4 >= fcntl.fcntl(self._pipe, fcntl.F_GETPIPE_SZ)
        if flows and self._widens:
            self._widens = False
            with suppress(OSError):  # a user's pipes together may hold so much only
                fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _WIDE_BYTES)
        return flows

    def finish(self, line: str = "") -> None:
        """Take out the last, write a line of our own behind it, and close both.

        Others may hold the pipe's other end still: what they write later is no output of the job.
        """
        if not self._take() and self._at_end:
            self._see_damage()
        if line:
            self._add(line)
        self.close()

    def close(self) -> None:
        """Leave the rest."""
        for fileno in (self._pipe, self._spool, self._entry):
            if fileno >= 0:
                os.close(fileno)
        self._pipe = self._spool = self._entry = -1

    # --- from the pipe to the file -------------------------------------------------------------

    def _take(self) -> int:
        """Empty the pipe of what is in it now; how many bytes that were."""
        there = _readable_bytes(self._pipe)
        if not there:
            return 0
        if not self._at_end:
            with suppress(OSError):  # a file without places has no end
                os.lseek(self._spool, 0, os.SEEK_END)
            self._at_end = True
        else:
            self._see_damage()
        left = self._splice(there) if self._splices else there
        if left:
            self._copy(left)
        return there

    def _see_damage(self) -> None:
        """Somebody may have taken away what was there already: what comes then begins at the new end."""
        with suppress(OSError):
            size = os.fstat(self._spool).st_size
            if size < os.lseek(self._spool, 0, os.SEEK_CUR):
                self.damage = f"lost what was in it: somebody cut it off at {size} bytes"
                os.lseek(self._spool, 0, os.SEEK_END)

    def _splice(self, there: int) -> int:
        """Move so many bytes; how many are left since the file takes them no other way than by `write`."""
        while there > 0:
            try:
                moved = os.splice(self._pipe, self._spool, there, flags=os.SPLICE_F_NONBLOCK)
            except BlockingIOError:
                return 0  # somebody else has read them
            except OSError:  # most file systems can, some cannot; of a full one `write` says so
                self._refuse_splicing()
                return there
            if not moved:
                return 0
            there -= moved
        return 0

    def _refuse_splicing(self) -> None:
        self._splices = False
        os.set_blocking(self._pipe, False)  # `read` has no flag for that

    def _copy(self, there: int) -> None:
        while there > 0:
            try:
                data = os.read(self._pipe, min(there, _READ_BYTES))
            except BlockingIOError:
                return
            if not data:
                return
            there -= len(data)
            if not self.trouble:
                self._write(data)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._spool, rest) :]
        except OSError as error:
            self._note(error)
            self._make_room()

    def _note(self, error: OSError) -> None:
        self.trouble = f"{'was full' if error.errno in _FULL else 'could not be written'}: {error.strerror}"

    def _make_room(self) -> None:
        """For the line that says what has happened; it is worth more than the last lines of half an output."""
        with suppress(OSError):
            os.ftruncate(self._spool, max(0, os.lseek(self._spool, 0, os.SEEK_CUR) - _ROOM_BYTES))

    def _add(self, line: str) -> None:
        """On a line of its own; on a full disk, do without."""
        with suppress(OSError):
            size = os.lseek(self._spool, 0, os.SEEK_END)
            newline = b"" if not size or os.pread(self._spool, 1, size - 1) == b"\n" else b"\n"
            os.write(self._spool, newline + os.fsencode(line) + b"\n")


def _readable_bytes(pipe: int) -> int:
    fcntl.ioctl(pipe, termios.FIONREAD, _COUNT)
    return _COUNT[0]
