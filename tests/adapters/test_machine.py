"""What a machine says of itself: any name becomes a word and a file name, and the dead are told from the living."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from namespaces import booted_again, on_host

from goq.adapters.machine import (
    Process,
    boot_id,
    has_surely_ended,
    host_file_name,
    host_name,
    this_process,
)
from goq.adapters.wire.zjob import NAME_LIMIT

ASK = "from goq.adapters.machine import host_name, host_file_name; print(host_name(), host_file_name())"
FILE_NAME_LIMIT = 192  # what is behind it needs room in a file name of 255 bytes

NAMES = [
    (b"node7", "node7", "node7"),
    (b"node7.example.org", "node7.example.org", "node7.example.org"),
    (b"../../etc", "../../etc", "%2E.%2F..%2Fetc"),
    (b".", ".", "%2E"),
    (b"..", "..", "%2E."),
    (b".hidden", ".hidden", "%2Ehidden"),
    (b"a b\tc", r"a\x20b\tc", "a%20b%09c"),
    (b"two\nlines", r"two\nlines", "two%0Alines"),
    (b"\xffnode\x80", r"\xffnode\x80", "%FFnode%80"),
    ("k\u00fcche".encode(), "k\u00fcche", "k%C3%BCche"),
    (b"100%", "100%", "100%25"),
    (b"\x1b[2J", r"\x1b[2J", "%1B%5B2J"),
    (b"-rf", "-rf", "-rf"),
    (b"*?$(id)", "*?$(id)", "%2A%3F%24%28id%29"),
    (b"", "(none)", "%28none%29"),
]


def told_on(name: bytes, script: str = ASK) -> list[str]:
    """What a fresh Python says on a host of that name."""
    command = [*on_host(name), sys.executable, "-X", "utf8", "-c", script]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split(" ")


@pytest.mark.parametrize(("name", "shown", "file_name"), NAMES, ids=[str(name) for name, _, _ in NAMES])
def test_any_host_has_a_name_to_show_and_one_for_files(name: bytes, shown: str, file_name: str) -> None:
    """Somebody's DHCP server, or a slip of the finger, decides what machines are called."""
    assert [shown, f"{file_name}\n"] == told_on(name)


@pytest.mark.parametrize("byte", [b"\xff", b"\x01", b"/", b" "])
def test_the_longest_name_that_a_kernel_takes_fits_everywhere(byte: bytes) -> None:
    """Into a message, and into a file name with something behind it."""
    shown, file_name = told_on(byte * 64)

    assert NAME_LIMIT >= len(shown)
    assert FILE_NAME_LIMIT >= len(file_name.strip())


def test_the_name_needs_no_locale() -> None:
    """Daemon managers start programs without one."""
    command = [*on_host(b"\xffnode"), "env", "-i", "LC_ALL=POSIX", sys.executable, "-c", ASK]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)

    assert b"\\xffnode %FFnode\n" == done.stdout


def test_this_host_has_its_own_name() -> None:
    """No other one is made up."""
    assert os.uname().nodename.split(".")[0] in host_name()
    assert re.fullmatch(r"[\w.%-]+", host_file_name())


# --- boots -----------------------------------------------------------------------------------


def test_a_boot_has_one_id_until_the_next(tmp_path: Path) -> None:
    """What an earlier boot left is known by it."""
    ask = [sys.executable, "-c", "from goq.adapters.machine import boot_id; print(boot_id())"]
    first, second, other = (
        subprocess.run([*prefix, *ask], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        for prefix in ([], [], booted_again(tmp_path))
    )

    assert boot_id() == first == second != other
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in (first, other))


def test_a_kernel_that_tells_no_boot_has_one_for_each_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nobody inherits, which is safe."""
    (tmp_path / "empty").write_text("\n")
    for place in ("missing", "empty"):
        monkeypatch.setattr("goq.adapters.machine._BOOT_ID", str(tmp_path / place))

        assert re.fullmatch(r"[0-9a-f]{32}", boot_id())
        assert boot_id() != boot_id()


# --- processes -------------------------------------------------------------------------------


def of(pid: int) -> Process:
    """Another process as it calls itself."""
    ask = f"import os; os.getpid = lambda: {pid}; from goq.adapters.machine import this_process as t; p = t()"
    script = f"{ask}; print(p.pid, p.started, p.namespace)"
    told = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    return Process(*map(int, told.stdout.split()))


def test_who_lives_has_not_ended() -> None:
    """Or its files would be taken from under its hands."""
    assert not has_surely_ended(this_process())
    assert of(os.getpid()) == this_process()


def test_who_has_ended_is_known_also_before_anybody_has_noticed() -> None:
    """A container's first process may never wait for its children: a dead one stays in the table."""
    child = subprocess.Popen(["sleep", "60"])
    alive = of(child.pid)
    living = has_surely_ended(alive)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    unburied = has_surely_ended(alive)
    child.wait()

    assert (False, True, True) == (living, unburied, has_surely_ended(alive))


def test_a_pid_that_was_given_again_is_another_process() -> None:
    """In a container each worker may have the same pid."""
    us = this_process()

    assert has_surely_ended(Process(us.pid, us.started - 1, us.namespace))


@pytest.mark.parametrize("namespace", [0, 1])
def test_of_another_container_s_process_nothing_is_known(namespace: int) -> None:
    """There is none of that pid here, and it may live all the same."""
    assert not has_surely_ended(Process(2**30, 1, namespace))
