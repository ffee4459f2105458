"""The check of a node's health: what it finds, and that it holds nobody up."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.until import wait_until
from goq.adapters.jobs.checks import Check, Verdict
from goq.adapters.jobs.launcher import Launcher

PATH = {b"PATH": b"/usr/bin:/bin", b"MINE": b"yes"}


@pytest.fixture(name="launcher")
def _launcher() -> Iterator[Launcher]:
    launcher = Launcher(PATH)
    yield launcher
    launcher.close()


def found(check: Check) -> Verdict:
    """What a run of it finds."""
    assert check.start() is None
    assert check.is_on
    verdicts: list[Verdict] = []

    def over() -> bool:
        verdicts.extend([verdict] if (verdict := check.look()) else [])
        return bool(verdicts)

    wait_until(over, "the end of the check")
    assert not check.is_on
    assert [] == check.filenos()
    return verdicts[0]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (b"exit 0", ""),
        (b"echo all is well; echo really", ""),
        (b"echo one; echo two >&2; echo; exit 3", "two"),
        (b"exit 3", "exit status 3"),
        (b"kill -9 $$", "signal 9"),
        (b"echo 'a\x1b[2Jb'; false", r"a\x1b[2Jb"),
        (b"pwd; echo $MINE; [ -t 0 ]", "yes"),
        (b"head -c 300000 /dev/zero | tr '\\0' x; echo; echo last; false", "last"),
    ],
)
def test_a_check_finds_what_its_last_line_says(launcher: Launcher, command: bytes, problem: str) -> None:
    """In a shell, in /, with what the worker has for variables."""
    assert Verdict(problem) == found(Check(command, launcher, PATH))


def test_one_that_takes_too_long_is_ended_with_all_that_it_has_started(
    launcher: Launcher, tmp_path: Path
) -> None:
    """A mount that hangs is what it was to find; and nobody is told that all is well."""
    line = f"sleep 100 & echo $! > {tmp_path}/pid; trap '' TERM; wait; exit 0".encode()
    check = Check(line, launcher, PATH, limit_s=0.5)
    before = time.monotonic()

    assert Verdict("took longer than 0.5 s") == found(check)
    assert time.monotonic() - before < 20
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: is_dead(pid), "the end of what it has started")


def is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    except FileNotFoundError:
        return True


def test_what_it_leaves_running_is_ended_with_it(launcher: Launcher, tmp_path: Path) -> None:
    """Also what holds its output."""
    assert Verdict("") == found(Check(f"sleep 100 & echo $! > {tmp_path}/pid".encode(), launcher, PATH))
    wait_until(lambda: is_dead(int((tmp_path / "pid").read_text())), "the end of what it has left")


def test_its_end_is_its_own_to_hear_of(launcher: Launcher) -> None:
    """A worker takes note of the ends of strangers, and kills strays: a check is neither."""
    check = Check(b"exit 3", launcher, PATH)
    assert check.start() is None
    wait_until(lambda: [] != check.filenos() and is_over(check), "its end")
    launcher.reap_strangers()
    assert Verdict("exit status 3") == wait_until(check.look, "its verdict")

    on = Check(b"sleep 0.3; exit 4", launcher, PATH)
    assert on.start() is None
    launcher.kill_strays()
    assert Verdict("exit status 4") == wait_until(on.look, "its verdict")


def is_over(check: Check) -> bool:
    """Its process is dead, and nobody has taken note."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return all(is_dead(int(pid)) for pid in children if b"exit 3" in command_of(pid)) and check.is_on


def command_of(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_check_that_is_closed_is_gone(launcher: Launcher) -> None:
    """Its worker ends."""
    check = Check(b"sleep 100", launcher, PATH)
    assert check.start() is None
    check.close()

    assert not check.is_on
    assert None is check.look()
