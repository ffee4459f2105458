"""What a job writes is its output, also when it opens /dev/stdout by its name, and whoever is frozen."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from system.cluster import Cluster
from system.jobs import held_until, shell, touch

BY_NAME = {
    "echo a; echo b > /dev/stderr; echo c": b"a\nb\nc\n",
    "echo a; echo b | tee /dev/stderr | tr b B; echo c": b"a\nb\nB\nc\n",
    "echo b > file; echo a; cp file /dev/stdout; echo c": b"a\nb\nc\n",
    "echo a; printf 'c\\nb\\n' | sort -o /dev/stdout; echo d": b"a\nb\nc\nd\n",
    "echo a; echo b > /proc/self/fd/2; (echo c > /dev/fd/1); echo d": b"a\nb\nc\nd\n",
    "exec > /dev/stdout; echo a; exec 2> /dev/stderr; echo b >&2; echo c": b"a\nb\nc\n",
}


def test_who_opens_the_output_by_its_name_destroys_nothing(working: Cluster) -> None:
    """Redirections, tee, cp, sort: each would truncate a file, or write over it."""
    assert list(BY_NAME.values()) == working.run_all(*(shell(script) for script in BY_NAME))


def test_a_program_that_opens_its_output_by_name_destroys_nothing(working: Cluster) -> None:
    """Some log to a file, and are told that it is /dev/stdout."""
    script = "print('a', flush=True); f = open('/dev/stdout', 'w'); f.write('b\\n'); f.close(); print('c')"

    assert b"a\nb\nc\n" == working.run(sys.executable, "-c", script)


def test_a_job_that_empties_its_output_ends_and_has_lost_nothing(working: Cluster) -> None:
    """What was on its way to the server had gone from the file, and was asked for again, for ever."""
    job = working.submit(
        *shell("head -c 200000 /dev/zero; sleep 2; : > /dev/stdout; head -c 70000 /dev/zero")
    )

    assert 0 == working.status(job)
    assert 270_000 == working.output_file(job).stat().st_size


def test_a_frozen_worker_stops_no_job_s_writing(working: Cluster) -> None:
    """Ten megabytes, while nobody takes them further; and all of them arrive."""
    gate, written = working.folder / "gate", working.folder / "written"
    then = f"yes 'a line' | head -c 10000000; touch {written}"
    job = working.submit(*held_until(gate, then))
    working.wait_for_start(job)
    worker = working.daemons[1]
    worker.freeze()
    touch(gate)
    working.wait_until(written.exists)
    spooled = working.wait_until(lambda: _largest(working.spool) == 10_000_000)
    worker.thaw()

    assert spooled
    assert 0 == working.status(job)
    assert (b"a line\n" * 1_500_000)[:10_000_000] == working.output(job)


def _largest(folder: Path) -> int:
    return max((path.stat().st_size for path in folder.rglob("*.out")), default=0)


UNWAITING = """
import os
os.set_blocking({fileno}, False)
written = 0
while written < 3_000_000:
    try:
        written += os.write({fileno}, b"x" * {size})
    except BlockingIOError:
        pass
open("count", "w").write(str(written))
"""


@pytest.mark.parametrize(("fileno", "size"), [(1, 65_536), (2, 1000), (1, 500_001)])
def test_a_job_that_does_not_wait_for_its_output_loses_none(working: Cluster, fileno: int, size: int) -> None:
    """What a write said it took is there."""
    output = working.run(sys.executable, "-c", UNWAITING.format(fileno=fileno, size=size))

    assert int((working.away / "count").read_text()) == len(output) == output.count(b"x")


def test_a_job_may_hand_its_output_to_somebody_else(working: Cluster) -> None:
    """A daemon outside of the job holds it for good: the job ends all the same, and the next one's is its own."""
    place = f"\0{os.urandom(8).hex()}"
    daemon = (
        "import socket, sys, time\n"
        f"s = socket.socket(socket.AF_UNIX); s.bind({place!r}); s.listen()\n"
        "print('ready', flush=True)\n"
        "peer = s.accept()[0]; held = socket.recv_fds(peer, 1, 1)[1][0]; peer.send(b'x')\n"
        "sys.stdin.readline()\n"
        "import os\n"
        "try: os.write(held, b'of a stranger')\n"
        "except OSError as error: print(type(error).__name__, flush=True)"
    )
    giver = (
        "import socket\n"
        f"s = socket.socket(socket.AF_UNIX); s.connect({place!r})\n"
        "print('of the job', flush=True); socket.send_fds(s, [b'x'], [1]); s.recv(1)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", daemon], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as stranger:
        assert stranger.stdout is not None
        assert "ready\n" == stranger.stdout.readline()
        first = working.run(sys.executable, "-c", giver)
        gate = working.folder / "gate"
        job = working.submit(*held_until(gate, "echo next"))
        working.wait_for_start(job)
        said, _ = stranger.communicate("\n")
        touch(gate)

    assert b"of the job\n" == first
    assert "BrokenPipeError\n" == said
    assert 0 == working.status(job)
    assert b"next\n" == working.output(job)


def test_a_job_that_reads_its_own_output_can_be_killed(working: Cluster) -> None:
    """It waits for itself, as `cat /dev/stdout | cat` would."""
    job = working.submit(*shell("echo a; cat /dev/stdout"))
    working.wait_until(lambda: working.output_file(job).exists() and working.output(job) == b"a\n")
    working.done("kill", str(job))

    assert 143 == working.status(job)
    assert re.fullmatch(rb"a\ngoq: job 1: .*: cancelled, ended by SIGTERM\n", working.output(job))
