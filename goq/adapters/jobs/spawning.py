"""Starting a job's first process; and when it cannot be, whose fault that is.

What is wrong with the job is wrong everywhere: it ends as a shell would have it. What is lacking
here only, now, is *trouble*: of the job's folder, or of this node whatever the job; another node,
or this one later, may well start it.
"""

import errno
import os
import re
import select
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from goq.adapters.accounts import Account
from goq.adapters.jobs.accounts import acting_as, being
from goq.adapters.jobs.mounts import DEAD_MOUNT, how_lacking, lacking, lacking_of_path
from goq.adapters.jobs.processes import IGNORED_BY_PYTHON
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE
from goq.core.values.terms import DEFAULT_UMASK
from goq.core.values.text import printable
from goq.core.values.words import hint_for

NOT_EXECUTABLE, NOT_FOUND, NO_FOLDER, NO_INPUT, NO_OUTPUT = 126, 127, 125, 1, 1
BUSY_S = 0.2  # a program that is just being written is soon written
_GLANCE_S = 0.02
_SHOWN_LIMIT = 300
_SHEBANG_BYTES = 256
# What only this process has, by way of /proc/self: which may be root's, and a job its owner's.
_OURS = re.compile(rb"/proc/\d|/memfd:|(?:pipe|socket|anon_inode):")

_searched: list[
    bytes | None
] = []  # where programs are looked for now; to say so anew for each job takes time

_MISSING = {errno.ENOENT, errno.ENOTDIR}
_NO_SUCH_PROGRAM = {*_MISSING, errno.ENAMETOOLONG}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NODE_LACKS = {
    errno.EAGAIN,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
    errno.ETXTBSY,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENOBUFS,
}
_NODE_ALONE_LACKS = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOBUFS}


class CannotStart(Exception):
    """The command could not be started. `exit_code` is what a shell would give.

    `trouble` is "" when it is the job's fault, else FOLDER_TROUBLE or NODE_TROUBLE.
    """

    def __init__(self, problem: str, exit_code: int, trouble: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.exit_code = exit_code
        self.trouble = trouble


def spawn(
    argv: list[bytes],
    folder: bytes,
    environment: dict[bytes, bytes],
    output: int,
    physical: bytes = b"",
    umask: int = DEFAULT_UMASK,
    group: int = 0,
    stdin: bytes = b"",
    cpus: tuple[int, ...] = (),
    err: int = -1,
    account: Account | None = None,
) -> int:
    """Start a job in a process group, or one of its own, both outputs to that descriptor, or its errors to `err`.

    Its standard input is that file, seen from its folder; ours where none is named. It runs on these
    `cpus` alone, on all that we may without any. It is the `account`'s, and nothing is done for it that
    this account may not do; ours where none is named.

    It runs in the folder, or, where that cannot be entered, in the one with the `physical` path.
    Returns its pid, which the caller must `reap`. The caller's own current folder and PATH are the
    job's afterwards: a process is created faster when it need not be told others; `leave` goes back
    to /. Raises CannotStart when the command or the folder is not there or not to be used.
    """
    with acting_as(account):
        where = _enter(folder, physical)
        _search(environment.get(b"PATH"))
        source = _open(stdin, where) if stdin else 0
        ours = os.umask(umask)
        try:
            streams = (source, output, output if err < 0 else err)
            with _on(cpus):
                return _start(argv, _placed(environment, where), streams, group, account)
        except OSError as error:
            raise _explained(error, argv, where, environment, account) from error
        finally:
            os.umask(ours)
            if source:
                os.close(source)


@contextmanager
def _on(cpus: tuple[int, ...]) -> Iterator[None]:
    """What is started meanwhile runs on these alone. Raises CannotStart: the node does not give them."""
    if not cpus:
        yield
        return
    ours = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, cpus)
    except OSError as error:
        problem = f"the worker cannot have the cpus {','.join(map(str, cpus))}: {error.strerror}"
        raise CannotStart(problem, NO_FOLDER, NODE_TROUBLE) from error
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def give_to_owner(error: CannotStart) -> None:
    """Where jobs run as their owners, what an owner's files can be guilty of is trouble of these, and no other's.

    And what the node lacks is told without naming them.
    """
    cause = error.__cause__
    if error.trouble != NODE_TROUBLE or not isinstance(cause, OSError):
        return
    if cause.errno in _NODE_ALONE_LACKS:
        error.problem = f"a job cannot be started: {cause.strerror}"
    else:
        error.trouble = FOLDER_TROUBLE


def leave() -> None:
    """Be in no job's folder, so that it can be unmounted."""
    os.chdir("/")


def no_output(error: OSError, output: bytes) -> CannotStart:
    """There is no place for what the job would write."""
    problem = f"the worker cannot write '{_shown(output)}': {error.strerror}"
    return CannotStart(problem, NO_FOLDER, NODE_TROUBLE)


def refused_output(error: OSError, file: bytes) -> CannotStart:
    """The file cannot be written into that the submitter wants the output in, at this host.

    Where it could lie elsewhere, the trouble is of its folder, as it is with that of the job: that is missing, or
    its disk is full, or not there. So it says nothing of other users' jobs. What is the same at each
    host is the job's fault: that it may not be written, or is no file.
    """
    problem = f"its output '{_shown(file)}' cannot be written: {error.strerror}"
    is_of_the_folder = error.errno in _MISSING or error.errno in _NO_ROOM
    trouble = FOLDER_TROUBLE if is_of_the_folder else _trouble_of(error)
    return CannotStart(problem, NO_OUTPUT, "" if error.errno == errno.ENXIO else trouble)


def no_scratch(error: OSError) -> CannotStart:
    """There is no place for the temporary files of the job."""
    text = f"the worker cannot make a TMPDIR for the job: {error.strerror}"
    return CannotStart(text, NO_FOLDER, NODE_TROUBLE)


def _enter(folder: bytes, physical: bytes) -> bytes:
    """Go to the folder by the path that leads there; which one that is."""
    try:
        os.chdir(folder)
    except OSError as error:
        try:
            os.chdir(physical or folder)
        except OSError:
            raise _unusable(error, folder) from error
        return physical
    return folder


def _open(file: bytes, folder: bytes) -> int:
    """The file to be read, without waiting for who may write into it. The job is in the folder, and so are we."""
    try:
        fileno = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        problem = f"its standard input '{_shown(file)}' cannot be opened: {error.strerror}"
        lack = _lacking(folder, file) if error.errno in _MISSING else b""
        if lack:
            problem = f"{problem}; the folder '{_shown(lack)}' {how_lacking(lack)}"
        raise CannotStart(problem, NO_INPUT, FOLDER_TROUBLE if lack else _trouble_of(error)) from error
    if _OURS.match(os.readlink(b"/proc/self/fd/%d" % fileno)):
        os.close(fileno)
        raise CannotStart(f"its standard input '{_shown(file)}' is of a process, and no file", NO_INPUT)
    os.set_blocking(fileno, True)
    return fileno


def _placed(environment: dict[bytes, bytes], where: bytes) -> dict[bytes, bytes]:
    """With a PWD, if there is one, that says where the job is."""
    return environment if environment.get(b"PWD", where) == where else environment | {b"PWD": where}


def _search(folders: bytes | None) -> None:
    """Have `posix_spawnp` search these for a program that is named without its folder."""
    if _searched == [folders]:
        return
    if folders is None:
        os.environb.pop(b"PATH", None)
    else:
        os.environb[b"PATH"] = folders
    _searched[:] = [folders]


def _start(
    argv: list[bytes],
    environment: dict[bytes, bytes],
    streams: tuple[int, int, int],
    group: int,
    account: Account | None,
) -> int:
    (source, output, err), dup2 = streams, os.POSIX_SPAWN_DUP2
    opened = [(dup2, source, 0)] if source else []
    until_s = time.monotonic() + BUSY_S
    while True:
        try:
            with being(account):
                return os.posix_spawnp(
                    argv[0],
                    argv,
                    environment,
                    file_actions=[*opened, (dup2, output, 1), (dup2, err, 2)],
                    setpgroup=group,
                    setsigdef=IGNORED_BY_PYTHON,
                )
        except PermissionError:
            if not group or _has_members(group):
                raise
            group = 0  # one that nobody leads any more cannot be joined
        except OSError as error:
            if error.errno != errno.ETXTBSY or time.monotonic() > until_s:
                raise
            select.select((), (), (), _GLANCE_S)


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# --- why not -------------------------------------------------------------------------------------


def _unusable(error: OSError, folder: bytes) -> CannotStart:
    """Why the job's folder cannot be entered."""
    where = _shown(folder)
    if error.errno in _MISSING:
        return CannotStart(f"the folder '{where}' is not there", NO_FOLDER, FOLDER_TROUBLE)
    if error.errno == errno.EACCES:
        return CannotStart(f"the folder '{where}' may not be entered", NO_FOLDER)
    problem = f"the folder '{where}' cannot be entered: {error.strerror}"
    return CannotStart(problem, NO_FOLDER, _trouble_of(error))


def _trouble_of(error: OSError) -> str:
    if error.errno in DEAD_MOUNT:
        return FOLDER_TROUBLE
    return NODE_TROUBLE if error.errno in _NODE_LACKS else ""


def _explained(
    error: OSError,
    argv: list[bytes],
    folder: bytes,
    environment: Mapping[bytes, bytes],
    account: Account | None = None,
) -> CannotStart:
    """Why the program cannot be started; the job's folder is there."""
    name = _shown(argv[0])
    if account and error.errno == errno.EAGAIN:  # which says nothing of what others may have
        problem = f"'{account.name}' has as many processes at this host as one user may (ulimit -u)"
        return CannotStart(problem, NOT_EXECUTABLE, FOLDER_TROUBLE)
    if error.errno in _NO_SUCH_PROGRAM:
        return _not_found(argv, folder, environment)
    if error.errno == errno.ENOEXEC:
        return CannotStart(
            f"'{name}' is no program, and its first line does not begin with #!", NOT_EXECUTABLE
        )
    if error.errno == errno.EACCES:
        return CannotStart(_forbidden(argv[0], folder, environment.get(b"PATH", b"")), NOT_EXECUTABLE)
    problem = f"'{name}' cannot be started: {error.strerror}"
    return CannotStart(problem, NOT_EXECUTABLE, _trouble_of(error))


def _not_found(argv: list[bytes], folder: bytes, environment: Mapping[bytes, bytes]) -> CannotStart:
    name, place = _shown(argv[0]), os.path.join(folder, argv[0])
    if b"/" not in argv[0]:
        if there := _in_path(argv[0], folder, environment.get(b"PATH", b"")):
            return _without_interpreter(name, there, folder)
        if lack := lacking_of_path(argv[0], folder, environment):
            problem = (
                f"command not found: '{name}'; the folder '{_shown(lack)}' of its PATH {how_lacking(lack)}"
            )
            return CannotStart(problem, NOT_FOUND, FOLDER_TROUBLE)
        return CannotStart(f"command not found: '{name}'{_idea(argv, folder)}", NOT_FOUND)
    try:
        os.stat(place)
    except OSError as error:
        if error.errno in DEAD_MOUNT:
            problem = f"'{name}' cannot be reached: {error.strerror}"
            return CannotStart(problem, NOT_FOUND, FOLDER_TROUBLE)
        if lack := _lacking(folder, argv[0]):
            problem = f"the folder '{_shown(lack)}' of '{name}' {how_lacking(lack)}"
            return CannotStart(problem, NOT_FOUND, FOLDER_TROUBLE)
        return CannotStart(f"command not found: '{name}'{_idea(argv, folder)}", NOT_FOUND)
    return _without_interpreter(name, place, folder)


def _without_interpreter(name: str, place: bytes, folder: bytes) -> CannotStart:
    """The program is there, and what it names in its first line is not."""
    interpreter = _interpreter(place)
    lack = lacking(os.path.join(folder, interpreter)) if interpreter else b""
    if lack:
        where = f"the folder '{_shown(lack)}' of the interpreter of '{name}'"
        return CannotStart(f"{where} {how_lacking(lack)}", NOT_FOUND, FOLDER_TROUBLE)
    return CannotStart(f"the interpreter of '{name}' is not there", NOT_FOUND)


def _idea(argv: list[bytes], folder: bytes) -> str:
    """What to do about a command that was not found, if that can be guessed."""
    if b"/" not in argv[0] and os.path.isfile(os.path.join(folder, argv[0])):
        return f"; ./{_shown(argv[0])} is in that folder"
    hint = hint_for(argv)
    return hint and f"; {hint}"


def _forbidden(program: bytes, folder: bytes, path: bytes) -> str:
    """Why a file that is there may not be executed."""
    name = _shown(program)
    if place := _in_path(program, folder, path if b"/" not in program else b""):
        interpreter = _interpreter(place)
        for file, what in ((place, f"'{name}'"), (interpreter, f"the interpreter of '{name}'")):
            if _is_executable(file) and os.statvfs(file).f_flag & os.ST_NOEXEC:
                return f"{what} is on a file system that is mounted noexec: nothing there can be executed"
        if interpreter:
            return f"the interpreter of '{name}' is not executable"
    return f"'{name}' is not executable"


def _in_path(program: bytes, folder: bytes, path: bytes) -> bytes:
    """The first file of that name, in the folders of the path, that has the mode of a program; b"" if none has."""
    places = (os.path.join(folder, each, program) for each in path.split(b":"))
    return next((place for place in places if _is_executable(place)), b"")


def _lacking(folder: bytes, name: bytes) -> bytes:
    """What looks like a missing mount on the way to that name; the job's own folder is there, though it be empty."""
    lack = lacking(os.path.join(folder, name))
    return b"" if lack in (folder, os.path.realpath(folder)) else lack


def _is_executable(file: bytes) -> bool:
    """By its own mode; access(2) would say no of all that is mounted noexec."""
    try:
        status = os.stat(file)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and bool(status.st_mode & 0o111)


def _interpreter(script: bytes) -> bytes:
    """What its first line names; b"" for what is no script, or cannot be read."""
    try:
        with open(script, "rb") as file:
            first = file.read(_SHEBANG_BYTES).partition(b"\n")[0]
    except OSError:
        return b""
    words = first.removeprefix(b"#!").split()
    return words[0] if first.startswith(b"#!") and words else b""


def _shown(name: bytes) -> str:
    """A name on one line, of text that can be sent, and not longer than a problem may be."""
    text = printable(name.decode("utf-8", "backslashreplace"))
    return text if len(text) <= _SHOWN_LIMIT else text[:_SHOWN_LIMIT] + "..."
