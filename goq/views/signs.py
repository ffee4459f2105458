"""In which state jobs and machines are: a sign, always with its word, and an ink. Pure.

How a job failed is its state: `✗ exit 3`, `✗ memory`, `✗ SEGV`, `✗ lost`.
"""

from typing import NamedTuple

from goq.core.values.result import Ended, Ending
from goq.core.values.states import JobState
from goq.views import marks
from goq.views.lines import Ink, Line, Span, line

# The signals of Linux from 1 on, without SIG.
_SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2"),
    *("PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU"),
    *("XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"),
)


class Sign(NamedTuple):
    """A mark and its word; neither carries anything alone. `ink` is of both, unless the mark has its own."""

    mark: str
    word: str
    ink: Ink = Ink.PLAIN
    mark_ink: Ink | None = None

    @property
    def line(self) -> Line:
        """Both, as they are shown."""
        return line(Span(self.mark, self.ink if self.mark_ink is None else self.mark_ink), self.worded)

    @property
    def worded(self) -> Span:
        """The word as it stands behind the mark."""
        return Span(f" {self.word}", self.ink)


_STATES = {
    JobState.WAITING: Sign(marks.WAITING, "waiting"),
    JobState.HELD: Sign(marks.STOPPED, "held", Ink.MAGENTA),
    JobState.RUNNING: Sign(marks.RUNNING, "running"),
    JobState.PAUSED: Sign(marks.STOPPED, "paused", Ink.MAGENTA),
    JobState.DONE: Sign(marks.DONE, "done", mark_ink=Ink.GREEN),
    JobState.FAILED: Sign(marks.FAILED, "failed", Ink.FAILED, Ink.RED),
    JobState.CANCELLED: Sign(marks.CANCELLED, "cancelled"),
    JobState.LOST: Sign(marks.FAILED, "lost", Ink.FAILED, Ink.RED),
    JobState.SKIPPED: Sign(marks.SKIPPED, "skipped"),
}
NEVER = Sign(marks.NEVER, "never", Ink.LOOK)  # as things are it can run nowhere

MACHINES = {
    "ready": Sign(marks.DONE, "ready"),
    "draining": Sign(marks.DRAINED, "draining"),
    "drained": Sign(marks.DRAINED, "drained"),
    "suspect": Sign(marks.SUSPECT, "suspect", Ink.LOOK),
    "lost": Sign(marks.FAILED, "lost", Ink.FAILED, Ink.RED),
}


def sign_of(state: JobState, *, is_yours: bool = False) -> Sign:
    """The sign of a state; what runs and is yours is bold."""
    sign = _STATES[state]
    return sign._replace(ink=Ink.BOLD) if is_yours and state is JobState.RUNNING else sign


def sign_of_failure(exit_code: int, signal: int = 0, cause: str = "") -> Sign:
    """How a job failed: by the cause that goq had to end it, by a signal, or with a status."""
    return _STATES[JobState.FAILED]._replace(word=cause or _ended_by(signal) or f"exit {exit_code}")


def _ended_by(signal: int) -> str:
    if 0 < signal <= len(_SIGNALS):
        return _SIGNALS[signal - 1]
    return f"signal {signal}" if signal else ""


def sign_of_end(ended: Ended) -> Sign:
    """How a job ended."""
    match ended.ending:
        case Ending.CANCELLED:
            return _STATES[JobState.CANCELLED]
        case Ending.SKIPPED:
            return _STATES[JobState.SKIPPED]
        case Ending.LOST:
            return _STATES[JobState.LOST]
    if ended.is_good:
        return _STATES[JobState.DONE]
    return sign_of_failure(ended.result.exit_code, ended.result.signal, ended.result.cause)
