"""What cannot be started, and whose fault that is: the job's, its folder's, or this node's."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.herd import MARK, Herd
from adapters.until import wait_until
from goq.adapters.jobs.executor import Stopped
from goq.adapters.jobs.spawning import (
    BUSY_S,
    NO_FOLDER,
    NO_INPUT,
    NOT_EXECUTABLE,
    NOT_FOUND,
    CannotStart,
    _explained,
    _unusable,
    give_to_owner,
)
from goq.core.values.ids import join_argv, join_environment
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE

TESTS = str(Path(__file__).resolve().parent.parent)
JOBS_FAULT = ""


def make(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    """A file, executable unless said otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def in_folder(herd: Herd, folder: Path, *words: str) -> Stopped:
    """How a job in another folder ends."""
    herd.start(*(words or ("true",)), folder=bytes(folder))
    return herd.stopped()


# --- what it reads -------------------------------------------------------------------------------


def test_a_job_reads_the_file_that_is_named_from_its_folder(herd: Herd) -> None:
    """All of it, each job from its beginning; the next one without a name reads nothing."""
    (herd.folder / "input").write_bytes(b"one\n\xff")
    for stdin in (b"input", bytes(herd.folder / "input"), b"input"):
        herd.start("cat", stdin=stdin)
        assert 0 == herd.stopped().exit_code
        assert b"one\n\xff" == herd.output
    herd.run("cat")

    assert b"" == herd.output


def test_the_input_is_the_jobs_alone_and_waits(herd: Herd) -> None:
    """A shepherd that kept it would run out of descriptors; few programs know an input that does not wait."""
    (herd.folder / "input").touch()
    flags = "import fcntl, os; print(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK)"
    herd.start(sys.executable, "-c", flags, stdin=b"input")
    assert 0 == herd.stopped().exit_code

    assert b"0\n" == herd.output
    opened = [os.readlink(each) for each in Path(f"/proc/{herd.executor.pid}/fd").iterdir()]
    assert str(herd.folder / "input") not in opened


CPUS = "import os; print(*sorted(os.sched_getaffinity(0)))"


def test_a_pinned_job_runs_on_its_cpus_and_the_next_one_on_all(herd: Herd) -> None:
    """Its shepherd is the one that is moved, for a moment."""
    ours = sorted(os.sched_getaffinity(0))
    herd.start(sys.executable, "-c", CPUS, cpus=(ours[-1],))
    assert 0 == herd.stopped().exit_code
    assert f"{ours[-1]}\n".encode() == herd.output
    herd.python(CPUS)
    assert 0 == herd.stopped().exit_code

    assert " ".join(map(str, ours)) == herd.output.decode().strip()


def test_cpus_that_are_not_to_be_had_are_trouble_of_the_node(herd: Herd) -> None:
    """Its worker was moved into another cpuset since it offered them."""
    herd.start("true", cpus=(4095,))
    stopped = herd.stopped()

    assert NODE_TROUBLE == stopped.trouble
    assert "the worker cannot have the cpus 4095" in stopped.problem


def test_a_pipe_with_a_name_holds_nobody_up(herd: Herd) -> None:
    """Who would write into it has gone; a job that waits for the shepherd would wait for ever."""
    os.mkfifo(herd.folder / "pipe")
    herd.start("sh", "-c", "cat; echo through", stdin=b"pipe")

    assert 0 == herd.stopped().exit_code
    assert b"through\n" == herd.output


def test_a_file_that_is_not_there_is_the_job_s_fault(herd: Herd) -> None:
    """A shell says so with 1, and so do we; where a mount is missing another node has it, maybe."""
    for name in ("none", str(herd.folder / "none"), "x" * 300):
        herd.start("cat", stdin=os.fsencode(name))
        stopped = herd.stopped()

        assert (JOBS_FAULT, NO_INPUT, 0) == (stopped.trouble, stopped.exit_code, stopped.pid)
        assert stopped.problem.startswith(f"its standard input '{name}' cannot be opened: ")
    (herd.folder / "mount").mkdir()
    herd.start("cat", stdin=bytes(herd.folder / "mount" / "data" / "file"))

    assert FOLDER_TROUBLE == herd.stopped().trouble


# --- the folder ----------------------------------------------------------------------------------


def test_a_folder_that_is_missing_here_is_trouble_of_the_folder(herd: Herd) -> None:
    """Its file system is not mounted here, or not yet; other nodes may have it."""
    plain = make(herd.folder / "plain")
    dangling = herd.folder / "dangling"
    dangling.symlink_to("/no/such/place")
    for folder in (Path("/no/such/folder"), herd.folder / "gone", plain, plain / "below", dangling):
        stopped = in_folder(herd, folder)

        assert (FOLDER_TROUBLE, NO_FOLDER, 0) == (stopped.trouble, stopped.exit_code, stopped.pid)
        assert f"the folder '{folder}' is not there" == stopped.problem


def test_a_folder_that_leads_nowhere_is_the_job_s_fault(herd: Herd) -> None:
    """Everywhere alike: a circle of links, a name that no file system takes."""
    (herd.folder / "circle").symlink_to("circle")
    for folder in (herd.folder / "circle", herd.folder / ("x" * 300)):
        stopped = in_folder(herd, folder)

        assert (JOBS_FAULT, NO_FOLDER) == (stopped.trouble, stopped.exit_code)


DEAD_MOUNT = """
import errno, os, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import a_herd
from adapters.until import wait_until
folder = Path(sys.argv[1])
real, place = folder / "real", folder / "mounted"
for each in (real / "here", place):
    each.mkdir(parents=True)
(real / "here" / "tool").write_text("#!/bin/sh\\n")
(real / "here" / "tool").chmod(0o755)
mounter = subprocess.Popen(["bindfs", "-f", str(real), str(place)])
wait_until(lambda: (place / "here").is_dir() or mounter.poll() is not None, "a mount")
if mounter.poll() is not None:
    sys.exit("no FUSE")
def is_dead():
    try:
        os.stat(place / "here")
    except OSError as error:
        return error.errno == errno.ENOTCONN
with a_herd(folder) as herd:
    def tell(words, where):
        herd.start(*words, folder=bytes(where))
        stopped = herd.stopped()
        print(stopped.exit_code, repr(stopped.trouble), stopped.problem)
    tell(["./tool"], place / "here")
    mounter.kill()
    mounter.wait()
    wait_until(is_dead, "the end of what the kernel remembers")
    tell(["./tool"], place / "here")
    tell([str(place / "here" / "tool")], folder)
"""


def in_namespace(script: str, folder: Path) -> list[str]:
    """What a script says that mounts something for itself alone."""
    how = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*how, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace of our own")
    command = [*how, sys.executable, "-B", "-c", script, str(folder), TESTS]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if ended.stderr == "no FUSE\n":
        pytest.skip("no FUSE here")
    assert (0, "") == (ended.returncode, ended.stderr)
    return ended.stdout.splitlines()


def test_a_mount_that_has_died_is_trouble_of_the_folder(tmp_path: Path) -> None:
    """The server behind it is gone; the place is there and answers with an error."""
    place, dead = tmp_path / "mounted", os.strerror(errno.ENOTCONN)

    assert [
        "0 '' ",
        f"125 'folder' the folder '{place}/here' cannot be entered: {dead}",
        f"126 'folder' '{place}/here/tool' cannot be started: {dead}",
    ] == in_namespace(DEAD_MOUNT, tmp_path)


@pytest.mark.parametrize(
    "number", [errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.ENODEV]
)
def test_what_a_dead_mount_says_is_trouble_of_the_folder(number: int) -> None:
    """Of NFS and others, which no test can have at hand."""
    error = OSError(number, os.strerror(number))

    assert FOLDER_TROUBLE == _unusable(error, b"/data").trouble
    assert FOLDER_TROUBLE == _explained(error, [b"/data/tool"], b"/", {}).trouble
    assert FOLDER_TROUBLE == _explained(error, [b"./tool"], b"/data", {}).trouble


# --- the program ---------------------------------------------------------------------------------


def test_a_program_that_is_wrong_is_the_job_s_fault(herd: Herd) -> None:
    """It would be wrong everywhere: no other node need try."""
    make(herd.folder / "no-mode", mode=0o644)
    make(herd.folder / "no-interpreter", "#!/no/such/interpreter\n")
    make(herd.folder / "closed-interpreter", f"#!{herd.folder}/no-mode\n")
    make(herd.folder / "no-program", "nothing\n")
    (herd.folder / "circle").symlink_to("circle")
    for words, code in (
        (["no-such-command"], NOT_FOUND),
        (["./no-such-command"], NOT_FOUND),
        (["./no/such/command"], NOT_FOUND),
        ([f"{herd.folder}/no-such-command"], NOT_FOUND),
        ([f"{herd.folder}/mistyped/command"], NOT_FOUND),
        (["/usr/bni/true"], NOT_FOUND),
        (["/uzr/bin/true"], NOT_FOUND),
        (["/etc/passwd/true"], NOT_FOUND),
        (["./no-interpreter"], NOT_FOUND),
        (["./no-mode"], NOT_EXECUTABLE),
        (["./closed-interpreter"], NOT_EXECUTABLE),
        (["./no-program"], NOT_EXECUTABLE),
        (["./circle"], NOT_EXECUTABLE),
        (["/tmp"], NOT_EXECUTABLE),
        (["true", "x" * (1 << 18)], NOT_EXECUTABLE),
    ):
        stopped = herd.run(*words)

        assert (JOBS_FAULT, code) == (stopped.trouble, stopped.exit_code), words[0]


def test_a_program_below_a_mount_that_is_missing_is_trouble_of_the_folder(herd: Herd) -> None:
    """By all signs: nothing at all lies where it would be mounted."""
    (herd.folder / "mnt").mkdir()
    make(herd.folder / "not-empty")
    for program in (f"{herd.folder}/mnt/bin/tool", f"{herd.folder}/mnt/a/b/tool"):
        stopped = herd.run(program)

        assert (FOLDER_TROUBLE, NOT_FOUND) == (stopped.trouble, stopped.exit_code)
        how = "is empty: nothing is mounted there, it seems"
        assert f"the folder '{herd.folder}/mnt' of '{program}' {how}" == stopped.problem


def test_a_program_that_is_just_being_written_is_started_when_it_is(herd: Herd) -> None:
    """A compiler or a copy has it open still: that is over soon, or is trouble of this node."""
    tool = herd.folder / "tool"
    shutil.copy("/bin/true", tool)
    with tool.open("ab"):
        began = time.monotonic()
        busy = herd.run("./tool")
        took_s = time.monotonic() - began
    writer = tool.open("ab")
    herd.start("./tool")
    wait_until(lambda: herd.executor._mark.get()[0] == herd.number, "a try")
    writer.close()
    written = herd.stopped()

    assert (NODE_TROUBLE, f"'./tool' cannot be started: {os.strerror(errno.ETXTBSY)}") == (
        busy.trouble,
        busy.problem,
    )
    assert took_s >= BUSY_S
    assert (0, "") == (written.exit_code, written.trouble)


# --- the node ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ETXTBSY]
)
def test_what_a_node_lacks_is_trouble_of_the_node(number: int) -> None:
    """Whatever the job: the next one would fare no better there."""
    error = OSError(number, os.strerror(number))

    assert NODE_TROUBLE == _explained(error, [b"/bin/true"], b"/", {}).trouble
    assert NODE_TROUBLE == _unusable(error, b"/").trouble


def test_a_node_without_another_descriptor_is_trouble_of_the_node(herd: Herd) -> None:
    """The limit is that of the shepherd, which needs some for each job; it goes on when it may."""
    herd.run("true")
    before = resource.prlimit(herd.executor.pid, resource.RLIMIT_NOFILE)
    opened = {int(name) for name in os.listdir(f"/proc/{herd.executor.pid}/fd")}
    free = [number for number in range(100) if number not in opened]
    for spare in (0, 1, 2):
        resource.prlimit(herd.executor.pid, resource.RLIMIT_NOFILE, (free[spare], before[1]))
        stopped = herd.run("true")

        assert (NODE_TROUBLE, 0) == (stopped.trouble, stopped.pid)
        assert os.strerror(errno.EMFILE) in stopped.problem
    resource.prlimit(herd.executor.pid, resource.RLIMIT_NOFILE, before)
    assert 0 == herd.run("true").exit_code


def test_an_output_that_cannot_be_written_is_trouble_of_the_node(herd: Herd) -> None:
    """The spool is the worker's, and no job is to blame for it."""
    environment = join_environment({b"PATH": b"/bin", MARK: herd.mark})
    for place in (herd.folder / "missing" / "out", herd.folder):
        herd.executor.start(join_argv([b"true"]), b"/", environment, {}, place)
        herd.executor.go()
        stopped = herd.stopped()

        assert (NODE_TROUBLE, NO_FOLDER, 0) == (stopped.trouble, stopped.exit_code, stopped.pid)
        assert f"the worker cannot write '{place}': " in stopped.problem


NO_MORE_PROCESSES = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import a_herd
with a_herd(Path(sys.argv[1])) as herd:
    herd.run("true")
    before = resource.prlimit(herd.executor.pid, resource.RLIMIT_NPROC)
    resource.prlimit(herd.executor.pid, resource.RLIMIT_NPROC, (1, before[1]))
    stopped = herd.run("true")
    print(stopped.trouble, stopped.pid, stopped.problem)
    resource.prlimit(herd.executor.pid, resource.RLIMIT_NPROC, before)
    print(herd.run("true").exit_code)
"""


def as_nobody(script: str, folder: Path) -> str:
    """What a script says that runs as a user whom limits bind; it may read what it needs all the same."""
    prefix = []
    if os.geteuid() == 0:
        may_read = "+dac_override,+dac_read_search"
        who = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        prefix = ["setpriv", *who, f"--inh-caps=-all,{may_read}", f"--ambient-caps={may_read}"]
    command = [*prefix, sys.executable, "-B", "-c", script, str(folder), TESTS]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout


def test_a_node_without_another_process_is_trouble_of_the_node(tmp_path: Path) -> None:
    """The limit of the worker's user, or of its container."""
    first, second = as_nobody(NO_MORE_PROCESSES, tmp_path).splitlines()

    assert f"{NODE_TROUBLE} 0 'true' cannot be started: {os.strerror(errno.EAGAIN)}" == first
    assert "0" == second


# --- a mount that is not to be executed from -----------------------------------------------------

NOEXEC = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import a_herd
folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "none", str(folder)], check=True)
def make(path, text, mode=0o755):
    path.write_text(text)
    path.chmod(mode)
with a_herd(folder) as herd:
    make(folder / "tool", "#!/bin/sh\\n")
    make(folder / "closed", "#!/bin/sh\\n", 0o644)
    make(folder.parent / "outside", f"#!{folder}/tool\\n")
    path = {b"PATH": b"/nowhere:" + bytes(folder) + b":/usr/bin"}
    for words in (["./tool"], [str(folder / "tool")], ["tool"], ["./closed"], [str(folder.parent / "outside")]):
        herd.start(*words, variables=path)
        stopped = herd.stopped()
        print(stopped.exit_code, repr(stopped.trouble), stopped.problem)
    herd.start("sh", "tool", variables=path)
    print(herd.stopped().exit_code)
"""


def test_a_noexec_mount_is_called_so(tmp_path: Path) -> None:
    """The file has all its bits, and "not executable" would send its owner in circles."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    why = "is on a file system that is mounted noexec: nothing there can be executed"
    assert [
        f"126 '' './tool' {why}",
        f"126 '' '{folder}/tool' {why}",
        f"126 '' 'tool' {why}",
        "126 '' './closed' is not executable",
        f"126 '' the interpreter of '{tmp_path}/outside' {why}",
        "0",
    ] == in_namespace(NOEXEC, folder)


# --- where jobs run as their owners ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [b"/proc/self/fd/3", b"/proc/self/maps", b"/dev/fd/3", b"/proc/self/environ"]
)
def test_what_is_the_shepherds_own_is_no_input(herd: Herd, name: bytes) -> None:
    """It may be root's, and by such a name a job would have it."""
    herd.start("cat", stdin=name)
    stopped = herd.stopped()

    assert (NO_INPUT, "") == (stopped.exit_code, stopped.trouble)
    herd.start("cat", stdin=b"/proc/version")
    assert 0 == herd.stopped().exit_code


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        *((each, FOLDER_TROUBLE) for each in (errno.EIO, errno.ETXTBSY, errno.EAGAIN, errno.ENOSPC)),
        *((each, NODE_TROUBLE) for each in (errno.ENOMEM, errno.EMFILE, errno.ENFILE)),
    ],
)
def test_what_an_owners_files_can_be_guilty_of_is_his_trouble(number: int, trouble: str) -> None:
    """Else one broken program would stop a node for everybody; and nobody reads what his is called."""
    error = CannotStart("'/home/ann/secret' cannot be started", 126, NODE_TROUBLE)
    error.__cause__ = OSError(number, os.strerror(number))
    give_to_owner(error)

    assert trouble == error.trouble
    assert (trouble == FOLDER_TROUBLE) == ("secret" in error.problem)


def test_what_is_no_error_of_the_system_stays_as_it_is() -> None:
    error = CannotStart("no account", 125, NODE_TROUBLE)
    give_to_owner(error)

    assert (NODE_TROUBLE, "no account") == (error.trouble, error.problem)
