"""Signals as something that a poll loop can wait for; and which of them are meant for us.

SIGHUP is in the foreground of a terminal only: who closes that window wants what runs in it to
end. Shells send it to what they have in the background too, which is to live on. A shell without job
control, such as one that runs a script, has `&` mean no more than that SIGINT is ignored.
"""

import os
import signal
import time

from goq.adapters.jobs.processes import MEANINGLESS, STOPPING

_LOOK_EVERY_S = 1.0
_NEVER = float("inf")
_OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCONT, signal.SIGCHLD)


class _Window:
    """Whether we are in the foreground of a terminal, as far as that could be seen.

    When its signal comes the terminal may have gone already; then what was seen last counts.
    """

    def __init__(self) -> None:
        self.in_front = False
        self._put_aside = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self.look_at = 0.0  # when there may be something new to see
        self.look()

    def look(self) -> None:
        """See how it is now."""
        seen = _is_in_foreground()
        self.look_at = _NEVER if seen is None else time.monotonic() + _LOOK_EVERY_S
        if seen is not None:
            self.in_front = seen and not self._put_aside


def _is_in_foreground() -> bool | None:
    """Our process group is the one that our terminal belongs to; None without a terminal. Source: proc(5)."""
    with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    _state, _parent, group, _session, terminal, terminals_group = fields[:6]
    return None if terminal == "0" else group == terminals_group


def mind_our_window() -> None:
    """Die of SIGHUP in the foreground only. For the time before there is a loop to be woken."""
    window = _Window()

    def note(number: int, _frame: object) -> None:
        window.look()
        if window.in_front:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, note)


class StopSignals:
    """Turns SIGTERM, SIGINT, SIGQUIT and SIGHUP into a readable file descriptor and a count.

    What else would end us, and means nothing here, is ignored, and told by `take_ignored`.

    Whether we are in the foreground changes when a shell lets us go on (SIGCONT), or unheard
    (`fg`): so `look` is to be called in time.

    It is readable too when a child has ended: process 1 of a container gets strange ones.
    """

    def __init__(self) -> None:
        self.count = 0
        self._ignored: list[str] = []
        self._child_has_ended = True  # one may have, before we were told
        self._window = _Window()
        self._read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # Whoever has started us may have blocked them, and would wait for ever for our end.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for numbers, handler in (
            (STOPPING, self._note),
            ((signal.SIGHUP,), self._hang_up),
            (MEANINGLESS, self._ignore),
        ):
            for number in numbers:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, handler)
        signal.signal(signal.SIGCONT, self._go_on)
        signal.signal(signal.SIGCHLD, self._note_child)

    def fileno(self) -> int:
        """Readable once a signal has come."""
        return self._read

    def drain(self) -> None:
        """Make the descriptor unreadable again."""
        try:
            os.read(self._read, 4096)
        except BlockingIOError:
            return

    def look(self) -> None:
        """See whether we are in the foreground, if that is due."""
        if time.monotonic() >= self._window.look_at:
            self._window.look()

    def next_deadline(self) -> float:
        """The monotonic second by which `look` is wanted; without a terminal, never."""
        return self._window.look_at

    def _note(self, _number: int, _frame: object) -> None:
        self.count += 1

    def _ignore(self, number: int, _frame: object) -> None:
        self._ignored.append(signal.Signals(number).name)

    def take_ignored(self) -> list[str]:
        """The names of the signals that have come since the last call and mean nothing here, each once."""
        ignored, self._ignored = self._ignored, []
        return list(dict.fromkeys(ignored))

    def _hang_up(self, _number: int, _frame: object) -> None:
        self._window.look()
        if self._window.in_front:
            self.count = max(self.count, 1)  # the shell and the kernel both send it, for one window

    def _go_on(self, _number: int, _frame: object) -> None:
        self._window.look()

    def _note_child(self, _number: int, _frame: object) -> None:
        self._child_has_ended = True

    def take_child_ended(self) -> bool:
        """A child has ended since the last call."""
        ended, self._child_has_ended = self._child_has_ended, False
        return ended
