"""Signals as something that a poll loop can wait for."""

import os
import signal


class StopSignals:
    """Turns SIGTERM, SIGINT and SIGHUP into a readable file descriptor and a count."""

    def __init__(self) -> None:
        self.count = 0
        self._read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._note)

    def fileno(self) -> int:
        """Readable once a signal has come."""
        return self._read

    def drain(self) -> None:
        """Make the descriptor unreadable again."""
        try:
            os.read(self._read, 4096)
        except BlockingIOError:
            return

    def _note(self, _number: int, _frame: object) -> None:
        self.count += 1
