"""Which processes `goq up` has started: found again, and never taken for others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from goq.adapters.jobs.background import Started, end
from goq.adapters.kept import Kept, Pair, alone, keep, log_file, read_pair, write_pair
from goq.adapters.machine import host_file_name
from goq.errors import BadSetting, CannotLaunch


def test_what_is_kept_and_lives_is_found_again(tmp_path: Path) -> None:
    """By the next command."""
    ours = keep(os.getpid())
    write_pair(tmp_path, Pair(worker=ours))

    assert Pair(None, ours) == read_pair(tmp_path)
    assert 0o600 == (tmp_path / f"up.{host_file_name()}").stat().st_mode & 0o777
    write_pair(tmp_path, Pair())
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("change", ["boot", "started", "namespace"])
def test_another_process_with_the_pid_is_nobody_of_ours(tmp_path: Path, change: str) -> None:
    """A pid is given again, at the latest after the next boot; in a container it is another one's."""
    ours = keep(os.getpid())
    if change == "boot":
        other = replace(ours, boot="another")
    else:
        other = replace(ours, process=replace(ours.process, **{change: 1}))
    write_pair(tmp_path, Pair(server=other))

    assert ours.lives
    assert not other.lives
    assert Pair() == read_pair(tmp_path)
    assert end(other, 0)


def test_one_that_has_ended_lives_no_more_also_when_nobody_has_reaped_it() -> None:
    """Its parent may have no time for that."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    kept = keep(child.pid)
    assert kept.lives
    assert child.stdin
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert not kept.lives
    child.wait()
    assert not kept.lives


def test_it_is_told_to_stop_and_waited_for(tmp_path: Path) -> None:
    """And not before it has ended."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import signal; print(1, flush=True); signal.pause()"], stdout=-1
    )
    assert child.stdout
    assert b"1\n" == child.stdout.readline()
    kept = keep(child.pid)

    assert end(kept, 30)
    assert -15 == child.wait()
    child.stdout.close()
    assert end(kept, 30)


def test_one_that_does_not_stop_is_told(tmp_path: Path) -> None:
    """It is not killed: it may be handing back."""
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=-1)
    assert child.stdout
    assert b"1\n" == child.stdout.readline()

    assert not end(keep(child.pid), 0.05)
    assert child.poll() is None
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.mark.parametrize("content", [b"", b"{", b'{"server": 1}', b"\xff"])
def test_what_cannot_be_understood_is_nothing(tmp_path: Path, content: bytes) -> None:
    """`goq up` can start anew beside it."""
    (tmp_path / f"up.{host_file_name()}").write_bytes(content)

    assert Pair() == read_pair(tmp_path)


def test_only_one_at_a_time_starts_or_ends(tmp_path: Path) -> None:
    """Two would start two servers."""
    with alone(tmp_path), pytest.raises(BadSetting, match="another 'goq up'"), alone(tmp_path):
        raise AssertionError("both are at it")
    with alone(tmp_path):
        pass


def test_goq_in_the_background_says_its_last_words(tmp_path: Path) -> None:
    """Who has started it is told why it did not come; older complaints in the log are not those."""
    log = log_file(tmp_path, "serve")
    log.write_text("goq: an old complaint\n")
    started = Started(["nonsense"], tmp_path, log, os.environ)
    assert Kept("", keep(started.pid).process).pid == started.pid
    while started.lives:
        os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)

    assert started.last_words().startswith("no command 'nonsense'")
    assert "an old complaint" in log.read_text()


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By its name, and nothing is started."""
    with pytest.raises(CannotLaunch, match="cannot start goq"):
        Started(["version"], tmp_path, tmp_path / "none" / "log", os.environ)
