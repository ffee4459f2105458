"""A worker's end of its template: new shepherds, and whose children are whose.

All children of a worker are its shepherds, the leaders of their jobs' process groups, and the
template; any other is a stray that a killed shepherd has left, or an orphan that came to process 1.
"""

import errno
import marshal
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import NamedTuple

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.companion import start_companion
from goq.adapters.jobs.link import GREETING, Link
from goq.adapters.jobs.mark import Mark, new_memory
from goq.adapters.jobs.processes import allowed_files, become_subreaper, kill_strays, reap_strangers
from goq.adapters.reasons import reason_of
from goq.core.values.text import printable
from goq.errors import CannotLaunch

PATIENCE_S = 20.0
STOPS = 3  # so often a shepherd that is to end may be stopped
_PACKET_BYTES = 4096
_TEMPLATE = "goq.adapters.jobs.template"


class Launched(NamedTuple):
    """A new shepherd, as its worker knows it."""

    pid: int
    link: Link
    mark: Mark


class Launcher:
    """Starts shepherds for this process, which gets all orphans among its descendants from now on."""

    def __init__(self, environment: dict[bytes, bytes]) -> None:
        """Jobs will be allowed as many open files as this process is now. Raises CannotLaunch."""
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else nobody could wait for a child
        become_subreaper()
        self._environment = environment
        self._files = allowed_files()
        self._leaders: dict[int, int] = {}  # by the shepherds beside them
        self._adopted: set[int] = set()
        self._begin()

    def launch(self, cgroup: JobCgroup | None = None) -> Launched:
        """A new shepherd. Raises CannotLaunch."""
        if self._template.poll() is None:
            with suppress(OSError):  # it may just have been killed, or be frozen
                return self._ask(cgroup)
        self.close()
        self._begin()
        try:
            return self._ask(cgroup)
        except OSError as error:
            raise CannotLaunch(
                f"what starts jobs does not start itself ({reason_of(error)}); goq may have been moved or removed"
            ) from error

    def bury(self, shepherd: int) -> None:
        """Wait for the end of a shepherd that has been let go or was killed, and see to who sat beside it."""
        leader = self._leaders.pop(shepherd)
        _await_end(shepherd)
        os.kill(leader, signal.SIGKILL)
        os.waitpid(leader, 0)

    def kill_strays(self) -> None:
        """A shepherd was killed, and what it herded is this process's now: it goes too."""
        kill_strays(self._ours())

    def reap_strangers(self) -> None:
        """Take note of the ends of children that are none of ours."""
        reap_strangers(self._ours())

    def adopt(self, pid: int) -> None:
        """Somebody else sees to this child."""
        self._adopted.add(pid)

    def let_go(self, pid: int) -> None:
        """Nobody sees to it any more."""
        self._adopted.discard(pid)

    def close(self) -> None:
        """Let the template go; shepherds stay."""
        self._end.close()
        self._template.kill()  # it has nothing to do any more, and may be frozen
        self._template.wait()

    def _ours(self) -> set[int]:
        template = () if self._template.poll() is not None else (self._template.pid,)
        return {*self._leaders, *self._leaders.values(), *template, *self._adopted}

    def _begin(self) -> None:
        """Start the template; what it says first is heard before it is asked for anything."""
        self._end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._end.settimeout(PATIENCE_S)
        self._greeted = False
        with theirs:
            try:
                self._template = start_companion(_TEMPLATE, "what starts jobs", theirs, self._environment)
            except OSError as error:
                raise CannotLaunch(f"cannot run {sys.executable}: {_why_not(error)}") from error

    def _ask(self, cgroup: JobCgroup | None) -> Launched:
        self._hear_greeting()
        ours, theirs = socket.socketpair()
        memory = new_memory()
        with theirs:
            mark = Mark(os.dup(memory))
            request = marshal.dumps((bytes(cgroup.path) if cgroup else b"", self._files))
            try:
                socket.send_fds(self._end, [request], [theirs.fileno(), memory])
                shepherd, leader, problem = marshal.loads(self._hear())
            except BaseException:
                ours.close()
                raise
            finally:
                os.close(memory)
        if not shepherd:
            ours.close()
            raise CannotLaunch(f"no process could be started: {problem}")
        self._leaders[shepherd] = leader
        return Launched(shepherd, Link(ours), mark)

    def _hear_greeting(self) -> None:
        if self._greeted:
            return
        greeting = self._hear()
        if greeting != GREETING:
            self._template.kill()
            ours, theirs = (
                printable(each.decode("utf-8", "replace").strip()) for each in (GREETING, greeting)
            )
            raise CannotLaunch(f"goq was replaced under this worker, which is {ours}, by {theirs}")
        self._greeted = True

    def _hear(self) -> bytes:
        """The next packet. Raises OSError when none comes."""
        packet = self._end.recv(_PACKET_BYTES)
        if not packet:
            raise ConnectionResetError("it ended at once")
        return packet


def _why_not(error: OSError) -> str:
    """In words that say what to raise."""
    if error.errno != errno.EAGAIN:
        return error.strerror or str(error)
    allowed, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    bound = "the system has" if allowed == resource.RLIM_INFINITY else f"this user may have {allowed}"
    return f"there can be no more processes, of which {bound} (ulimit -u)"


def _await_end(shepherd: int) -> None:
    """Wait for it, though its job may stop it as it ends; reap it."""
    for stops in range(STOPS + 1):
        os.kill(shepherd, signal.SIGCONT if stops < STOPS else signal.SIGKILL)
        _, status = os.waitpid(shepherd, os.WUNTRACED if stops < STOPS else 0)
        if not os.WIFSTOPPED(status):
            return
