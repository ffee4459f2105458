"""Counting, reaping and killing processes, and what a process may use.

Linux: a child subreaper gets every orphan among its descendants as a child (prctl(2)), so
"no child left" means that no process of the job is left, whatever it forked.
"""

import ctypes
import os
import resource
import signal
from collections.abc import Collection, Iterable
from contextlib import suppress

from msgspec import Struct

from goq.core.values.text import printable

_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 4, 36, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MAPPED_FROM_BYTES, _TRIMMED_FROM_BYTES = 8 << 20, 32 << 20
_DEAD = (b"Z", b"X")
_HALTED = (b"T", b"t")
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # and to be minded again by jobs


class Exit(Struct, frozen=True, gc=False):
    """How a process ended and what it and the children that it waited for used."""

    code: int
    signal: int
    cpu_s: float
    peak_kib: int


def allow_many_files() -> int:
    """Raise the number of files that this process may have open as far as the system lets it; that number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def allowed_files() -> int:
    """How many files this process may have open as it is."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# Warnings of batch systems (Grid Engine, Slurm) and the like: they would end us, and mean nothing to us.
MEANINGLESS = (
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM),
    *(signal.SIGPROF, signal.SIGIO, signal.SIGPWR),
)


def allow_files(count: int) -> None:
    """Let this process have so many files open, and what it starts; it may raise that again."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def listen_to_all_signals() -> None:
    """Ignore and block none, whatever this process inherited; nor do its children then."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN and number not in IGNORED_BY_PYTHON:
            signal.signal(number, signal.SIG_DFL)


def own_peak_kib() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def keep_freed_memory() -> None:
    """Have glibc keep what chunks of long outputs leave free, instead of a page fault for each page anew.

    Without glibc there is nothing to do. Source: mallopt(3).
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIMMED_FROM_BYTES)


def become_subreaper() -> None:
    """From now on, orphaned descendants become children of this process."""
    _prctl("PR_SET_CHILD_SUBREAPER", _PR_SET_CHILD_SUBREAPER, 1)


def keep_from_users() -> None:
    """For a process of root's that starts those of others: nothing of it is theirs to see, nor theirs to have.

    It leaves no core, and nobody but root may trace it or look at its memory; what it starts as somebody else
    has no capability from it, whatever a manager of services has given us to hand on. Source: capabilities(7).
    """
    _prctl("PR_SET_DUMPABLE", _PR_SET_DUMPABLE, 0)
    _prctl("PR_CAP_AMBIENT", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    sets[2] = sets[5] = 0  # effective, permitted, inheritable: twice 32 bits of each
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _prctl(name: str, number: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(number, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({name})")


def reap() -> tuple[int, Exit] | None:
    """One child that has ended, or None when none has. Raises ChildProcessError when none is left."""
    pid, status, usage = os.wait4(-1, os.WNOHANG)
    if not pid:
        return None
    code = os.waitstatus_to_exitcode(status)
    return pid, Exit(max(code, 0), max(-code, 0), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def descendants() -> list[int]:
    """The pids of all processes below this one, parents before their children."""
    found = _children(os.getpid())
    for pid in found:  # grows as it goes
        found += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []  # it has ended meanwhile
    children: list[int] = []
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                children += [int(child) for child in file.read().split()]
        except OSError:
            continue  # the thread has ended meanwhile
    return children


def names_of(pids: Iterable[int]) -> dict[int, str]:
    """What the living among these are called, on one line each."""
    names = {}
    for pid in pids:
        with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            before, _, after = file.read().rpartition(b")")
            if after.split()[0] not in _DEAD:
                names[pid] = printable(before.partition(b"(")[2].decode("utf-8", "backslashreplace"))
    return names


def is_stopped(pid: int) -> bool:
    """Somebody has stopped it by a signal, or traces it."""
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] in _HALTED
    return False


def reap_strangers(ours: Collection[int]) -> None:
    """Take note of the ends of all children but ours: whoever is process 1 gets the orphans of others too."""
    for pid in _children(os.getpid()):
        if pid not in ours:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def kill_strays(keep: Collection[int]) -> None:
    """Kill the children of this subreaper that are not in `keep`, and all that they leave."""
    spared = set(keep)
    while strays := [pid for pid in _children(os.getpid()) if pid not in spared]:
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
            except PermissionError:
                spared.add(pid)  # another user's, as a setuid program is
                continue
            os.waitpid(pid, 0)


def listeners(pids: Iterable[int], number: int) -> list[int]:
    """Those among these that have a handler for a signal, and so do not die of it."""
    return [pid for pid in pids if _caught(pid) >> (number - 1) & 1]


def _caught(pid: int) -> int:
    """The signals that a process has handlers for, a bit each."""
    with suppress(OSError), open(f"/proc/{pid}/status", "rb") as file:
        for line in file:
            if line.startswith(b"SigCgt:"):
                return int(line.split()[1], 16)
    return 0


def signal_descendants(number: int) -> None:
    """Send a signal to every process below this one; a stopped one is also made to go on."""
    signal_all(descendants(), number)


def signal_all(pids: Iterable[int], number: int) -> None:
    """The same, to these."""
    for pid in pids:
        try:
            os.kill(pid, number)
            if number == signal.SIGTERM:
                os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, PermissionError):
            continue  # it was faster, or is another user's, as a setuid program is
