"""Starting, counting and killing processes. The only file that imports subprocess.

Linux: a child subreaper gets every orphan among its descendants as a child (prctl(2)), so
"no child left" means that no process of the job is left, whatever it forked.
"""

import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys

from msgspec import Struct

from goq.core.values.job import DEFAULT_UMASK
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE
from goq.core.values.text import printable
from goq.core.values.words import hint_for

_PR_SET_CHILD_SUBREAPER = 36
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MAPPED_FROM_BYTES, _TRIMMED_FROM_BYTES = 8 << 20, 32 << 20
NOT_EXECUTABLE, NOT_FOUND, NO_FOLDER = 126, 127, 125
_OF_THE_NODE = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO}
_NO_SUCH_PROGRAM = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_SHOWN_LIMIT = 300
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # and to be minded again by jobs


class CannotStart(Exception):
    """The command could not be started; `exit_code` is what a shell would give.

    `trouble` says what this host lacks, if that is why (FOLDER_TROUBLE, NODE_TROUBLE).
    """

    def __init__(self, problem: str, exit_code: int, trouble: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.exit_code = exit_code
        self.trouble = trouble


class Exit(Struct, frozen=True, gc=False):
    """How a process ended and what it and the children that it waited for used."""

    code: int
    signal: int
    cpu_s: float
    peak_kib: int


def start_shepherd(
    module: str, environment: dict[bytes, bytes], arguments: list[str]
) -> tuple["subprocess.Popen[bytes]", socket.socket]:
    """Start the module as a process in a session of its own; our end of the link to its stdin.

    It finds modules where we do, whatever its environment says of that: jobs are given it.
    """
    begin = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", begin, *arguments],
            stdin=theirs.fileno(),
            env=environment,
            start_new_session=True,
        )
    return process, ours


def spawn(
    argv: list[bytes],
    folder: bytes,
    environment: dict[bytes, bytes],
    output: bytes,
    physical: bytes = b"",
    umask: int = DEFAULT_UMASK,
) -> int:
    """Start a job in a process group of its own, stdin ours, both outputs to one file.

    It runs in the folder, or, where that cannot be entered, in the one with the `physical` path.
    Returns its pid, which the caller must `reap`. The caller's own current folder is / afterwards,
    and its PATH the job's: a process is created faster when it need not be told another one.
    Raises CannotStart when the command or the folder is not there or not to be used.
    """
    where = folder
    try:
        fileno = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        ours = os.umask(umask)
        try:
            where = _enter(folder, physical)
            _search(environment.get(b"PATH"))
            return os.posix_spawnp(
                argv[0],
                argv,
                _placed(environment, where),
                file_actions=[(os.POSIX_SPAWN_DUP2, fileno, 1), (os.POSIX_SPAWN_DUP2, fileno, 2)],
                setpgroup=0,
                setsigdef=_IGNORED_BY_PYTHON,
            )
        finally:
            os.umask(ours)
            os.close(fileno)
            os.chdir("/")
    except OSError as error:
        raise _explained(error, argv, where, output) from error


def _enter(folder: bytes, physical: bytes) -> bytes:
    """Go to the folder by the path that leads there; which one that is."""
    try:
        os.chdir(folder)
    except OSError:
        if not physical:
            raise
        os.chdir(physical)
        return physical
    return folder


def _placed(environment: dict[bytes, bytes], where: bytes) -> dict[bytes, bytes]:
    """With a PWD, if there is one, that says where the job is."""
    return environment if environment.get(b"PWD", where) == where else environment | {b"PWD": where}


def _search(folders: bytes | None) -> None:
    """Have `posix_spawnp` search these for a program that is named without its folder."""
    if folders is None:
        os.environb.pop(b"PATH", None)
    elif os.environb.get(b"PATH") != folders:
        os.environb[b"PATH"] = folders


def _explained(error: OSError, argv: list[bytes], folder: bytes, output: bytes) -> CannotStart:
    name, where = _shown(argv[0]), _shown(folder)
    if not os.path.isdir(folder):
        return CannotStart(f"the folder '{where}' is not there", NO_FOLDER, FOLDER_TROUBLE)
    if not os.access(folder, os.X_OK):
        return CannotStart(f"the folder '{where}' may not be entered", NO_FOLDER)
    if error.filename == output:
        problem = f"the worker cannot write '{_shown(output)}': {error.strerror}"
        return CannotStart(problem, NO_FOLDER, NODE_TROUBLE)
    if error.errno in _OF_THE_NODE:
        return CannotStart(f"'{name}' cannot be started: {error.strerror}", NOT_EXECUTABLE, NODE_TROUBLE)
    if error.errno in _NO_SUCH_PROGRAM:
        there = b"/" in argv[0] and os.path.exists(os.path.join(folder, argv[0]))
        not_found = f"command not found: '{name}'{_idea(argv, folder)}"
        return CannotStart(f"the interpreter of '{name}' is not there" if there else not_found, NOT_FOUND)
    if error.errno == errno.ENOEXEC:
        return CannotStart(
            f"'{name}' is no program, and its first line does not begin with #!", NOT_EXECUTABLE
        )
    if error.errno == errno.EACCES:
        return CannotStart(f"'{name}' is not executable", NOT_EXECUTABLE)
    return CannotStart(f"'{name}' cannot be started: {error.strerror}", NOT_EXECUTABLE)


def _idea(argv: list[bytes], folder: bytes) -> str:
    """What to do about a command that was not found, if that can be guessed."""
    if b"/" not in argv[0] and os.path.isfile(os.path.join(folder, argv[0])):
        return f"; ./{_shown(argv[0])} is in that folder"
    hint = hint_for(argv)
    return hint and f"; {hint}"


def _shown(name: bytes) -> str:
    """A name on one line, of text that can be sent, and not longer than a problem may be."""
    text = printable(name.decode("utf-8", "backslashreplace"))
    return text if len(text) <= _SHOWN_LIMIT else text[:_SHOWN_LIMIT] + "..."


def allow_many_files() -> None:
    """Raise the number of files that this process may have open as far as the system lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


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
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


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


def kill_strays(keep: set[int]) -> None:
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


def signal_descendants(number: int) -> None:
    """Send a signal to every process below this one; a stopped one is also made to go on."""
    for pid in descendants():
        try:
            os.kill(pid, number)
            if number == signal.SIGTERM:
                os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, PermissionError):
            continue  # it was faster, or is another user's, as a setuid program is
