"""What the head node says on its standard output, a line an event."""

import os
import sys

from goq.core.model import Argv, Ending
from goq.core.records import (
    CancelRequested,
    CountersReset,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    Record,
    ResultRefused,
)
from goq.core.text import printable, show_command

_ENDINGS = {
    Ending.FINISHED: "worker finished job",
    Ending.CANCELLED: "cancelled job",
    Ending.LOST: "lost job",
}


class Narrator:
    """Collects the lines of a turn and writes them at its end. A lost stdout is no reason to stop."""

    def __init__(self) -> None:
        self._prefix = f"**** [jobserver pid {os.getpid()}] "
        self._lines: list[str] = []

    def say(self, text: str) -> None:
        """One line about the server; peers chose some of the words in it."""
        self._lines.append(f"{self._prefix}{printable(text)}\n")

    def tell(self, record: Record) -> None:
        """One line about a record, where people care for it."""
        match record:
            case JobsSubmitted(first, _, commands):
                self._tell_submission(first, commands)
            case JobDelegated(claim, worker, _):
                self.say(
                    f"dispatching job {claim.job} to worker '{worker.host}:{worker.pid}', attempt {claim.attempt}."
                )
            case JobRequeued(claim, reason):
                self.say(f"job {claim.job} waits again: {reason}, attempt {claim.attempt} is given up.")
            case CancelRequested(job, signal):
                self.say(f"job {job} is to be killed with signal {signal}; telling its worker.")
            case ResultRefused(claim):
                self.say(f"refused a late result of job {claim.job}: attempt {claim.attempt} was given up.")
            case JobFinished(ended, _):
                self.say(f"{_ENDINGS[ended.ending]} {ended.job}, exit status {ended.status}.")
            case CountersReset():
                self.say("counters and the list of finished jobs are reset.")
            case _:
                return

    def flush(self) -> None:
        """Write what was said."""
        if not self._lines:
            return
        text = "".join(self._lines)
        self._lines.clear()
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of our life

    def _tell_submission(self, first: int, commands: tuple[Argv, ...]) -> None:
        if len(commands) == 1:
            self.say(f"got job {first} submission. Will run '{show_command(commands[0])}'.")
        else:
            self.say(f"got {len(commands)} new jobs; ids [{first} : {first + len(commands) - 1}] submitted.")
