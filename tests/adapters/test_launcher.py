"""Where shepherds come from: a process that was loaded once, whatever becomes of goq's files after that."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pynng
import pytest

import goq
from adapters.herd import Herd, marked
from adapters.test_spawning import as_nobody
from adapters.until import wait_until
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.template import _hear
from goq.errors import CannotLaunch

TESTS = str(Path(__file__).resolve().parent.parent)


@pytest.fixture(name="launcher")
def _launcher() -> Iterator[Launcher]:
    launcher = Launcher({b"PATH": b"/usr/bin:/bin", b"VALUE": b"1"})
    yield launcher
    launcher.close()


def template(herd: Herd) -> int:
    """Its pid."""
    return herd.launcher._template.pid


def status(pid: int, field: str) -> str:
    """A field of /proc/PID/status."""
    lines = (line.partition(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(value for name, _, value in lines if name == field)


def is_there(pid: int) -> bool:
    """Alive, or dead and not waited for."""
    return Path(f"/proc/{pid}").exists()


# --- what a shepherd is ----------------------------------------------------------------------------


def test_a_shepherd_is_this_process_s_child_and_knows_nothing_of_nng(launcher: Launcher) -> None:
    """nng's threads are not forked along; and who waits for a shepherd's end is its worker."""
    launched = launcher.launch()
    ours, theirs = (Path(f"/proc/{pid}/maps").read_text() for pid in (os.getpid(), launched.pid))
    environment = Path(f"/proc/{launched.pid}/environ").read_bytes()

    assert pynng.__name__ in ours
    assert pynng.__name__ not in theirs
    assert str(os.getpid()) == status(launched.pid, "PPid")
    assert "1" == status(launched.pid, "Threads")
    assert {b"PATH=/usr/bin:/bin", b"VALUE=1", b""} == set(environment.split(b"\0"))
    assert len({os.getsid(pid) for pid in (0, launched.pid, launcher._template.pid)}) == 3
    launched.link.close()
    launcher.bury(launched.pid)


def test_shepherds_of_one_template_are_apart(launcher: Launcher) -> None:
    """The end of one is no other's, and each worker's link is closed with its own."""
    executors = [Executor(launcher) for _ in range(3)]
    os.kill(executors[1].pid, signal.SIGKILL)
    wait_until(executors[1].events, "the news")
    ended = executors[0].pid
    executors[0].close()

    assert not is_there(ended)
    assert [] == executors[2].events()
    assert is_there(executors[2].pid)
    executors[2].close()
    executors[1].close()


def test_nobody_is_left_when_a_worker_lets_go(launcher: Launcher) -> None:
    """Neither the shepherd, nor who leads its group, nor the template."""
    executor = Executor(launcher)
    pids = [executor.pid, launcher._leaders[executor.pid], launcher._template.pid]
    assert all(map(is_there, pids))
    os.kill(pids[1], signal.SIGSTOP)
    executor.close()
    launcher.close()

    assert not any(map(is_there, pids))


WORKER = """
import sys, time
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.launcher import Launcher
launcher = Launcher({b"GOQ_TEST_HERD": sys.argv[1].encode()})
executors = [Executor(launcher) for _ in range(2)]
print("ready", flush=True)
time.sleep(1000)
"""


def test_nobody_is_left_when_a_worker_is_killed(tmp_path: Path) -> None:
    """It has no time to say anything; all see that it is gone."""
    mark = os.urandom(16).hex()
    with subprocess.Popen([sys.executable, "-c", WORKER, mark], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert b"ready\n" == worker.stdout.readline()
        assert len(marked(mark.encode())) == 5  # the template, two shepherds, two leaders
        worker.kill()
    wait_until(lambda: not marked(mark.encode()), "the end of all")


def test_a_worker_that_was_killed_before_it_had_read_is_gone() -> None:
    """That is no end of its connection, but a reset."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.send(b"a word")
    theirs.close()

    assert (b"", -1, -1) == _hear(ours)
    ours.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_outside_does_not_end_a_template(herd: Herd, number: int) -> None:
    """As it does not end a shepherd."""
    before = template(herd)
    for _ in range(3):
        os.kill(before, number)
    herd.executor.close()
    herd.executor.relaunch()

    assert 0 == herd.run("true").exit_code
    assert before == template(herd)


# --- a template that is gone -----------------------------------------------------------------------


def test_a_killed_template_takes_nobody_along_and_is_replaced(herd: Herd) -> None:
    """What runs, runs on; the next shepherd comes from a new one."""
    first = template(herd)
    herd.shell("echo ready; while [ ! -e go ]; do sleep 0.01; done; exit 3")
    herd.says(b"ready")
    os.kill(first, signal.SIGKILL)
    herd.launcher.reap_strangers()
    (herd.folder / "go").touch()
    assert 3 == herd.stopped().exit_code
    assert 0 == herd.run("setsid", "true").exit_code
    herd.executor.close()
    herd.executor.relaunch()

    assert 4 == herd.run("sh", "-c", "exit 4").exit_code
    assert first != template(herd)
    assert not is_there(first)


def test_a_frozen_template_is_replaced(herd: Herd) -> None:
    """A worker must not wait for it for ever."""
    first = template(herd)
    os.kill(first, signal.SIGSTOP)
    herd.launcher._end.settimeout(0.2)
    herd.executor.close()
    herd.executor.relaunch()

    assert 0 == herd.run("true").exit_code
    assert first != template(herd)
    assert not is_there(first)


# --- goq's files are gone, or others -------------------------------------------------------------

MOVED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
sys.path.insert(1, sys.argv[2])
import goq
assert goq.__file__.startswith(sys.argv[1])
from adapters.herd import Herd
from goq.errors import CannotLaunch
sys.path[:] = [each for each in sys.path if each == sys.argv[1] or not os.path.exists(each + "/goq/__init__.py")]
herd = Herd(Path(sys.argv[3]))
for _ in range(2):
    print(herd.run("true").exit_code)
    {change}
    os.kill(herd.executor.pid, signal.SIGKILL)
    herd.heard()
print(herd.run("sh", "-c", "exit 3").exit_code)
os.kill(herd.launcher._template.pid, signal.SIGKILL)
herd.executor.close()
try:
    herd.executor.relaunch()
except CannotLaunch as error:
    print(error)
herd.close()
"""


def with_own_goq(folder: Path, change: str) -> subprocess.CompletedProcess[str]:
    """Run the script with a copy of goq, which the change befalls."""
    shutil.copytree(
        Path(goq.__file__).parent, folder / "lib" / "goq", ignore=shutil.ignore_patterns("__pycache__")
    )
    jobs = folder / "jobs"
    jobs.mkdir()
    script = MOVED.format(change=change)
    command = [sys.executable, "-B", "-c", script, str(folder / "lib"), TESTS, str(jobs)]
    return subprocess.run(command, cwd=jobs, capture_output=True, text=True, check=True, timeout=100)


GONE = "os.path.exists(sys.argv[1]) and os.rename(sys.argv[1], sys.argv[1] + '.gone')"
OLDER = "Path(goq.__file__).write_text('__version__ = \"0.0.9\"')"
BROKEN = "(Path(sys.argv[1]) / 'goq/adapters/jobs/drain.py').unlink(missing_ok=True)"


@pytest.mark.parametrize("change", [GONE, OLDER, BROKEN])
def test_a_worker_needs_no_file_of_goq_after_its_start(tmp_path: Path, change: str) -> None:
    """`pip install -U`, a venv that is moved, a file system that is not there for an hour."""
    ended = with_own_goq(tmp_path, change)

    assert ["0", "0", "3"] == ended.stdout.splitlines()[:3]
    assert "Traceback" not in ended.stderr


def test_another_goq_in_its_place_is_refused(tmp_path: Path) -> None:
    """What it says would be misread; the worker is to be started again, and its user is told so."""
    said = with_own_goq(tmp_path, OLDER).stdout.splitlines()[-1]

    assert said.startswith(f"goq was replaced under this worker, which is goq {goq.__version__}, ")
    assert "by goq 0.0.9, " in said


def test_that_nothing_is_in_its_place_is_told(tmp_path: Path) -> None:
    """In one line each: of the process that did not come up, and of the worker."""
    ended = with_own_goq(tmp_path, GONE)

    assert "goq may have been moved or removed" in ended.stdout.splitlines()[-1]
    assert ended.stderr.splitlines()
    for line in ended.stderr.splitlines():
        assert line.startswith("goq: what starts jobs is not there any more: No module named 'goq")


def test_a_python_that_is_gone_is_told(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The venv's own, say."""
    launcher._template.kill()
    launcher._template.wait()
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(CannotLaunch, match="cannot run /no/such/python: No such file or directory"):
        launcher.launch()


NO_MORE_PROCESSES = """
import resource, sys
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.launcher import Launcher
from goq.errors import CannotLaunch
launcher = Launcher({})
launcher.launch().link.close()
template = launcher._template.pid
before = resource.prlimit(template, resource.RLIMIT_NPROC)
resource.prlimit(template, resource.RLIMIT_NPROC, (1, before[1]))
try:
    launcher.launch()
except CannotLaunch as error:
    print(error)
resource.prlimit(template, resource.RLIMIT_NPROC, before)
Executor(launcher).close()
print(template == launcher._template.pid)
launcher.close()
"""


def test_a_node_without_another_process_is_told_and_the_template_stays(tmp_path: Path) -> None:
    """It is full now, and may have room later."""
    problem, same = as_nobody(NO_MORE_PROCESSES, tmp_path).splitlines()

    assert "no process could be started: Resource temporarily unavailable" == problem
    assert "True" == same


# --- whose children are whose ----------------------------------------------------------------------

STRAYS = """
import os, signal, subprocess, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.processes import descendants
herd = Herd(Path(sys.argv[1]))
other = Executor(herd.launcher)
herd.executor.close()
herd.executor = Executor(herd.launcher, None, herd.launcher.kill_strays)
ours = {os.getpid(), herd.launcher._template.pid, other.pid, herd.launcher._leaders[other.pid]}
herd.shell("setsid sleep 1000 & sleep 1001 & echo ready; sleep 1002")
herd.says(b"ready")
wait_until(lambda: len(herd.living()) == 4, "a tree")
os.kill(herd.executor.pid, signal.SIGKILL)
herd.heard()
print(herd.living())
new = {herd.executor.pid, herd.launcher._leaders[herd.executor.pid]}
print({os.getpid(), *descendants()} == ours | new)
other.close()
herd.close()
print(descendants())
"""


def test_what_a_killed_shepherd_leaves_is_killed_and_nobody_else(tmp_path: Path) -> None:
    """The other shepherds, those beside them, and the template are no strays."""
    command = [sys.executable, "-c", STRAYS, str(tmp_path), TESTS]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout

    assert ["[]", "True", "[]"] == said.splitlines()


# --- how many files a job may have open ------------------------------------------------------------

FILES = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.herd import Herd
from goq.adapters.jobs.processes import allow_many_files
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[3]), hard))
herd = Herd(Path(sys.argv[1]))
print(allow_many_files() == hard == resource.getrlimit(resource.RLIMIT_NOFILE)[0])
herd.executor.close()
herd.executor.relaunch()
for _ in range(2):
    print(herd.run("sh", "-c", "ulimit -Sn; ulimit -Hn").exit_code, herd.output.split() == [sys.argv[3].encode(), b"%d" % hard])
    herd.launcher._template.kill()
    herd.executor.close()
    herd.executor.relaunch()
herd.close()
"""


@pytest.mark.parametrize("soft", [16, 32, 500])
def test_a_job_may_open_as_many_files_as_its_worker_might_at_first(tmp_path: Path, soft: int) -> None:
    """The worker takes all that it can get; programs that go through all descriptors must not suffer from it."""
    command = [sys.executable, "-c", FILES, str(tmp_path), TESTS, str(soft)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout

    assert ["True", "0 True", "0 True"] == said.splitlines()
