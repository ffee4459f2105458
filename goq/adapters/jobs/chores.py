"""What a node does before and after each of its jobs: the prolog and the epilog of its worker.

A shell runs them in /, with the job's variables; as the worker, also where jobs run as their owners: then
with the worker's variables and goq's own, and none of the submitter's, who could have root do anything by them. What one leaves running is ended with it, and so
is one that takes too long: nobody waits for ever for a node that hangs.
"""

import math
import os
import select
import signal
import time
from contextlib import suppress

from msgspec import Struct

from goq.adapters.jobs.link import Link
from goq.adapters.jobs.processes import Exit, signal_descendants
from goq.adapters.jobs.reaper import Reaper
from goq.adapters.jobs.running import STATUS, Verdict, Waiting
from goq.adapters.jobs.spawning import NO_FOLDER, CannotStart, spawn
from goq.core.values.quantities import show_duration
from goq.core.values.result import NODE_TROUBLE
from goq.core.values.text import show_text

LIMIT_S = 60.0
PROLOG, EPILOG = "prolog", "epilog"
_KEPT_BYTES = 4096  # of what one says the end is worth most
_READ_BYTES = 1 << 16
_KILL_AGAIN_S = 0.05


class Chores(Struct, frozen=True):
    """The lines for the shell, b"" for none, and the seconds that each may take."""

    prolog: bytes = b""
    epilog: bytes = b""
    limit_s: float = LIMIT_S


class Chore:
    """One of them, from its start to the end of its last process.

    `verdict` is what has become of the job, of an epilog; () where nobody is to be told. `job` is
    what is to be started after a prolog.
    """

    def __init__(
        self,
        command: bytes,
        around: dict[bytes, bytes],
        group: int,
        limit_s: float,
        *,
        job: Waiting | None = None,
        verdict: Verdict = (),
    ) -> None:
        """Raises CannotStart: the node has no process for it."""
        self.name = PROLOG if job else EPILOG
        self.around = around  # its environment
        self.job = job
        self.verdict = verdict
        self.exit: Exit | None = None
        self.orphans_cpu_s, self.orphans_peak_kib = 0.0, 0
        self.killed_by = 0  # the signal, since somebody wants the end of the job
        self.due_s = time.monotonic() + limit_s  # SIGKILL
        self._limit_s = limit_s
        self._is_late = False
        self._said = b""
        try:
            self.pipe, entry = os.pipe2(os.O_CLOEXEC)
        except OSError as error:
            raise self._troubled(f"cannot be started: {error.strerror}") from error
        os.set_blocking(self.pipe, False)
        try:
            self.root = spawn([b"/bin/sh", b"-c", command], b"/", around, entry, group=group)
        except CannotStart as error:
            os.close(self.pipe)
            raise self._troubled(f"cannot be started: {error.problem}") from error
        finally:
            os.close(entry)

    def _troubled(self, how: str) -> CannotStart:
        """It is the node that cannot, and no job's fault."""
        return CannotStart(f"the {self.name} {how}", NO_FOLDER, NODE_TROUBLE)

    def look(self) -> bool:
        """Take in what it has said; False when nobody can say more."""
        with suppress(BlockingIOError):
            while data := os.read(self.pipe, _READ_BYTES):
                self._said = (self._said + data)[-_KEPT_BYTES:]
            return False
        return True

    def kill(self, number: int, grace_s: float) -> None:
        """Somebody wants the end of its job."""
        self.killed_by = number
        self.due_s = min(self.due_s, time.monotonic() + grace_s)
        signal_descendants(number)

    def strike(self) -> None:
        """SIGKILL to it, and to what it has left; again soon, since it may just be forking."""
        self._is_late = self._is_late or not (self.killed_by or self.exit)
        self.due_s = time.monotonic() + _KILL_AGAIN_S
        signal_descendants(signal.SIGKILL)

    def close(self) -> list[str]:
        """The lines that it has said, the last ones of many."""
        self.look()
        os.close(self.pipe)
        return [show_text(line) for line in self._said.splitlines() if line.strip()]

    def trouble(self, lines: list[str]) -> CannotStart | None:
        """Why it has not done what it was to do, with the last of its lines."""
        if self._is_late:
            how = f"took longer than {show_duration(self._limit_s)}"
        elif self.exit is None or self.exit.signal:
            how = f"was ended by signal {self.exit.signal if self.exit else int(signal.SIGKILL)}"
        elif self.exit.code:
            how = f"ended with exit status {self.exit.code}"
        else:
            return None
        return self._troubled(how + (f": {lines[-1]}" if lines else ""))


class Housekeeper:
    """Runs them for a shepherd, one at a time."""

    def __init__(self, link: Link, poll: select.poll, reaper: Reaper, group: int) -> None:
        self.chores = Chores()
        self._chore: Chore | None = None
        self._link = link
        self._poll = poll
        self._reaper = reaper
        self._group = group
        self._listens = False

    @property
    def chore(self) -> Chore | None:
        """What is on."""
        return self._chore

    @property
    def due_s(self) -> float:
        """When it is to be looked at though it has not ended."""
        return self._chore.due_s if self._chore else math.inf

    def begin_prolog(self, job: Waiting) -> None:
        """Raises CannotStart."""
        chores = self.chores
        self._begin(Chore(chores.prolog, job.around, self._group, chores.limit_s, job=job))

    def begin_epilog(self, around: dict[bytes, bytes], status: int, verdict: Verdict = ()) -> bool:
        """After a job that ended so; False when it cannot be, which is said."""
        chores, variables = self.chores, around | {STATUS: b"%d" % status}
        try:
            self._begin(Chore(chores.epilog, variables, self._group, chores.limit_s, verdict=verdict))
        except CannotStart as error:
            self._say(EPILOG, around, [], error.problem)
        return self._chore is not None

    def _begin(self, chore: Chore) -> None:
        self._chore = chore
        self._poll.register(chore.pipe, select.POLLIN)
        self._listens = True

    def attend(self, ready: set[int]) -> tuple[Chore, CannotStart | None] | None:
        """Hear what is on, reap it, kill what is due; what has ended, and why not well."""
        chore = self._chore
        if chore is None:
            return None
        if chore.pipe in ready and not chore.look():
            self._listen_no_more(chore)
        if time.monotonic() >= chore.due_s:
            chore.strike()
        if self._reaper.reap(chore):
            if chore.exit is not None:
                chore.due_s = min(chore.due_s, time.monotonic())
            return None
        return chore, self._end(chore)

    def _end(self, chore: Chore) -> CannotStart | None:
        """Tell what it has said."""
        self.drop()
        lines = chore.close()
        trouble = chore.trouble(lines)
        told = trouble.problem if trouble and not chore.job else ""  # of a prolog the job's end tells it
        if lines or told:
            self._say(chore.name, chore.around, lines, told)
        return trouble

    def drop(self) -> None:
        """See no more to what is on."""
        if self._chore:
            self._listen_no_more(self._chore)
        self._chore = None

    def _listen_no_more(self, chore: Chore) -> None:
        if self._listens:
            self._poll.unregister(chore.pipe)
        self._listens = False

    def _say(self, name: str, around: dict[bytes, bytes], lines: list[str], problem: str) -> None:
        self._link.send(("said", name, int(around.get(b"GOQ_JOB_ID", 0)), lines, problem))
