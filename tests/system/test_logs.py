"""`goq logs`: what jobs wrote, while they do and after, whatever dies meanwhile."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from system.cluster import GOQ, SHORT_LEASES, Cluster, Daemon
from system.jobs import shell, touch
from system.test_bad_input import complaint

LONG = 100_000  # bytes: so many go ahead of their result


def in_steps(folder: Path, steps: int, status: int = 0) -> tuple[str, ...]:
    """A job that writes much, and then a line for each file `step-N` that is there."""
    script = """
        head -c "$1" /dev/zero | tr '\\0' x; echo
        for step in $(seq "$2"); do
            until test -e "$3/step-$step"; do sleep 0.02; done
            echo "line $step"
        done
        exit "$4"
    """
    return shell(script, LONG, steps, folder, status)


def step(cluster: Cluster, number: int) -> None:
    touch(cluster.folder / f"step-{number}")


def text_of(steps: int) -> str:
    """What such a job writes."""
    return "x" * LONG + "\n" + "".join(f"line {number}\n" for number in range(1, steps + 1))


def follow(cluster: Cluster, *words: str) -> Daemon:
    return cluster.start("logs", "-f", *words)


def test_the_bytes_are_printed_and_nothing_else(working: Cluster) -> None:
    """Short or long, of any bytes, in whole or the last lines."""
    short = working.submit(*shell("printf 'a\\0b\\xff\\nlast'"))
    long = working.submit(*shell(f"head -c {LONG} /dev/urandom"))
    for job in (short, long):
        working.wait_for_end(job)

    for job in (short, long):
        said = working.goq("logs", str(job))
        assert (0, working.output(job), b"") == (said.returncode, said.stdout, said.stderr)
    assert b"last" == working.goq("logs", "-n", "1", str(short)).stdout
    assert b"" == working.goq("logs", "-n", "0", str(short)).stdout
    assert f"{working.output_file(short)}\n" == working.done("logs", "--path", str(short))


def test_it_is_followed_from_its_beginning_to_its_end_and_ends_with_its_status(working: Cluster) -> None:
    job = working.submit(*in_steps(working.folder, 2, status=3))
    log = follow(working, str(job))
    working.wait_until(lambda: log.text() == text_of(0))
    step(working, 1)
    working.wait_until(lambda: log.text() == text_of(1))
    step(working, 2)

    assert 3 == log.wait()
    assert log.text().startswith(text_of(2))
    assert log.text() == working.output(job).decode()


def test_a_single_line_is_seen_while_its_job_runs(working: Cluster) -> None:
    """A worker that is asked to brings what there is, however little; also the end is there as it was written."""
    gate = working.folder / "gate"
    job = working.submit(*shell('echo first; until test -e "$1"; do sleep 0.02; done; echo last', gate))
    log = follow(working, str(job))
    working.wait_until(lambda: log.text() == "first\n")
    touch(gate)

    assert 0 == log.wait()
    assert "first\nlast\n" == log.text()
    assert b"first\nlast\n" == working.output(job)


def test_what_a_server_forgot_when_it_was_killed_is_still_shown(working: Cluster) -> None:
    """Of a job that has written nothing since."""
    gate = working.folder / "gate"
    job = working.submit(*shell('echo first; until test -e "$1"; do sleep 0.02; done', gate))
    working.wait_until(lambda: working.output_file(job).exists() and working.output(job) == b"first\n")
    working.daemons[0].crash()
    working.start_server()

    assert "first\n" == working.done("logs", str(job))
    touch(gate)


def test_a_job_that_waits_is_waited_for(served: Cluster) -> None:
    job = served.submit("echo", "hello")
    said = served.goq("logs", str(job))
    log = follow(served, str(job))
    served.start_worker()

    assert (0, b"") == (said.returncode, said.stdout)
    assert f"job {job} has not begun".encode() in said.stderr
    assert 0 == log.wait()
    assert "hello\n" == log.text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_of_the_server_loses_no_byte_and_doubles_none(cluster: Cluster, number: int) -> None:
    server = cluster.start_server()
    cluster.start_worker()
    job = cluster.submit(*in_steps(cluster.folder, 3))
    log = follow(cluster, str(job))
    cluster.wait_until(lambda: log.text() == text_of(0))
    step(cluster, 1)
    cluster.wait_until(lambda: log.text() == text_of(1))
    server.stop(number)
    step(cluster, 2)
    cluster.start_server()
    cluster.wait_until(lambda: log.text() == text_of(2))
    step(cluster, 3)

    assert 0 == log.wait()
    assert text_of(3) == log.text()


@pytest.mark.parametrize("who", [0, 1])
def test_a_frozen_server_or_worker_delays_what_is_read_and_loses_nothing(working: Cluster, who: int) -> None:
    job = working.submit(*in_steps(working.folder, 2))
    log = follow(working, str(job))
    step(working, 1)
    working.wait_until(lambda: log.text() == text_of(1))
    frozen = working.daemons[who]
    frozen.freeze()
    step(working, 2)
    spool = next(working.spool.rglob(f"{job}.1.out"))
    working.wait_until(lambda: spool.read_text() == text_of(2))
    frozen.thaw()

    assert 0 == log.wait()
    assert text_of(2) == log.text()


def test_the_next_attempt_is_followed_when_a_worker_is_lost(cluster: Cluster) -> None:
    """All that one writes comes, whatever was shown of the one before."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    first = cluster.start_worker()
    job = cluster.submit(*in_steps(cluster.folder, 2))
    log = follow(cluster, str(job))
    step(cluster, 1)
    cluster.wait_until(lambda: log.text() == text_of(1))
    first.crash()
    cluster.start_worker()
    cluster.wait_until(lambda: log.text() == text_of(1) * 2)
    step(cluster, 2)

    assert 0 == log.wait()
    assert text_of(1) + text_of(2) == log.text()


def test_attempts_that_are_tried_again_are_followed_each(working: Cluster) -> None:
    """And without -f it is the latest."""
    script = """
        head -c "$1" /dev/zero | tr '\\0' x; echo; echo "try $GOQ_ATTEMPT"
        until test -e "$2"; do sleep 0.02; done
        test "$GOQ_ATTEMPT" = 3
    """
    gate = working.folder / "gate"
    job = working.submit("--retries", "2", "--backoff", "0", *shell(script, LONG, gate))
    log = follow(working, str(job))
    working.wait_until(lambda: "try 1" in log.text())
    touch(gate)

    assert 0 == log.wait()
    assert ["try 1", "try 2", "try 3"] == [each for each in log.text().splitlines() if each.startswith("try")]
    assert "try 3\n" == working.done("logs", "-n1", str(job))
    assert "\ntry 2\n" in working.done("logs", "--attempt", "2", str(job))
    assert "no attempt 4" in complaint(working.goq("logs", "--attempt", "4", str(job)), 1)


def test_of_several_tasks_each_line_says_whose_it_is(working: Cluster) -> None:
    working.done("sub", "--array", "1-3", *shell('printf "one\\ntwo $GOQ_TASK_ID"; test $GOQ_TASK_ID != 2'))
    assert 1 == working.goq("wait", "1").returncode
    whole = working.done("logs", "1")

    assert "[1] one\n[1] two 1\n" in whole
    assert whole.endswith("[3] one\n[3] two 3\n")
    failed = working.done("logs", "1", "--failed").splitlines()
    assert ["one", "two 2"] == failed[:2]  # of a single job there is nothing to say whose it is
    assert not {"two 1", "two 3"} & {*failed}
    assert working.goq("logs", "1.2").stdout.startswith(b"one\ntwo 2")


def test_several_that_run_are_followed_together(working: Cluster) -> None:
    """With the status of the first that did not end well."""
    working.start_worker()
    working.done(
        "sub",
        "--array",
        "1-2",
        *shell(
            'echo "begin $GOQ_TASK_ID"; until test -e "$1"; do sleep 0.02; done; exit $((GOQ_TASK_ID + 3))',
            working.folder / "gate",
        ),
    )
    log = follow(working, "1")
    working.wait_until(lambda: {"[1] begin 1", "[2] begin 2"} <= set(log.text().splitlines()))
    touch(working.folder / "gate")

    assert 4 == log.wait()


def test_errors_apart_are_read_apart(working: Cluster) -> None:
    job = working.submit("--err", "{id}.err", *shell("echo out; echo err >&2"))
    working.wait_for_end(job)

    assert "out\n" == working.done("logs", str(job))
    assert "err\n" == working.done("logs", "--err", str(job))


def test_a_file_of_the_node_is_named(working: Cluster, tmp_path: Path) -> None:
    where = tmp_path / "of-the-node"
    job = working.submit("-o", str(where), "echo", "hello")
    working.wait_for_end(job)
    said = working.goq("logs", str(job))

    assert (1, b"") == (said.returncode, said.stdout)
    assert f"what it writes is in {where} at ".encode() in said.stderr
    assert working.done("logs", "--path", str(job)).startswith(f"{where} at ")


def on_a_terminal(cluster: Cluster, *words: str) -> bytes:
    """What a terminal is sent, both streams."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [GOQ, *words],
        env=cluster.variables({"TERM": "xterm"}),
        cwd=cluster.away,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    sent = b""
    try:
        while piece := os.read(ours, 4096):
            sent += piece
    except OSError:
        pass  # so a terminal says that nobody is at its other end any more
    finally:
        os.close(ours)
        process.wait()
    return sent


def test_a_terminal_is_told_of_attempts_and_gets_no_control_characters(working: Cluster) -> None:
    """Unless it wants them."""
    job = working.submit(
        "-N",
        "fold",
        "--retries",
        "1",
        "--backoff",
        "0",
        *shell("printf '\\033[2J\\033[31mred\\033[0m'; exit 4"),
    )
    assert 4 == working.status(job)
    tame = on_a_terminal(working, "logs", str(job))
    wild = on_a_terminal(working, "logs", "--raw", str(job))

    assert b"\x1b[2J" not in tame
    assert b"\\x1b[2Jred" in tame
    assert f"{job} fold, attempt 2 on ".encode() in tame
    assert b"exit 4 after " in tame
    assert b"\x1b[2J\x1b[31mred" in wild


def test_a_closed_pipe_ends_it_quietly(working: Cluster) -> None:
    """`goq logs 1 | head -1`."""
    job = working.submit(*shell("yes | head -c 3000000"))
    working.wait_for_end(job)
    ended = working._run(
        ["sh", "-c", f"{GOQ} logs {job} | head -n 1"], working.variables(), working.away, b"", 60
    )

    assert (b"y\n", b"") == (ended.stdout, ended.stderr)


def test_a_line_of_ten_megabytes_comes_whole(working: Cluster) -> None:
    size = 10_000_000
    job = working.submit(*shell(f"head -c {size} /dev/zero | tr '\\0' x; echo; echo end"))
    working.wait_for_end(job)

    assert b"x" * size + b"\nend\n" == working.goq("logs", str(job)).stdout
    assert b"end\n" == working.goq("logs", "-n1", str(job)).stdout
    assert size + 5 == len(working.goq("logs", "-n2", str(job)).stdout)


def test_what_makes_no_sense_is_refused(working: Cluster) -> None:
    job = working.submit("true")
    working.wait_for_end(job)

    assert "no job 99" in complaint(working.goq("logs", "99"), 1)
    assert "--err names a file" in complaint(working.goq("logs", "--err", str(job)), 1)
    assert "Missing argument" in complaint(working.goq("logs"), 2)
