"""Standard streams: a terminal, a pipe that breaks, a stream that is closed or full."""

import os
import pty
import re
import select
import subprocess

import pytest

from system.cluster import GOQ, LISTENING, Cluster
from system.jobs import held_until, touch


def on_a_terminal(cluster: Cluster, *words: str, stdin: bytes = b"") -> str:
    """What a command shows on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    env = cluster.variables({"COLUMNS": "100", "TERM": "xterm"})
    process = subprocess.Popen(
        [GOQ, *words], env=env, cwd=cluster.away, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, stdin)
    shown = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            data = os.read(ours, 65536)
        except OSError:  # Linux says EIO when the last writer has gone
            break
        shown += data
    process.wait(30)
    os.close(ours)
    return shown.decode()


def in_shell(cluster: Cluster, line: str) -> subprocess.CompletedProcess[bytes]:
    """A line for bash, in which "$goq" is our program."""
    env = cluster.variables({"goq": GOQ})
    return subprocess.run(
        ["bash", "-c", line], env=env, cwd=cluster.away, capture_output=True, timeout=30, check=False
    )


def without_colours(shown: str) -> str:
    """The text alone."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")


def test_stat_on_a_terminal_is_a_picture(working: Cluster) -> None:
    """People see what is busy and who waits for what, scripts read key=value; so does who says how many jobs."""
    gate = working.folder / "gate"
    failed = working.submit("false")
    working.status(failed)
    working.submit(*held_until(gate))
    working.wait_for_stat(runQlen=1)
    working.submit("--name", "later", "echo", "later")
    shown = without_colours(on_a_terminal(working, "stat"))
    plain = on_a_terminal(working, "stat", "1")
    touch(gate)

    assert working.address in shown.splitlines()[0]
    assert "runQlen=" not in shown
    assert "▸ 1 running   · 1 waiting   since midnight ✓ 0  ✗ 1" in shown
    assert "1 of 1 busy" in shown
    assert re.search(r"^\S+ +1 +- +1 +1  a free cpu: all are busy", shown, re.MULTILINE)
    assert "All is well." in shown
    assert "runQlen=1" in plain


def test_a_kill_of_many_asks_first(served: Cluster) -> None:
    """A wrong digit is soon typed; a script is not asked, and who is sure neither."""
    served.submit_lines(["true"] * 350)
    question = "101 jobs are meant: 0 run, 101 wait. Kill all of them?  y / n"

    for answer in (b"\n", b"n\n", b"\x04"):
        assert question in on_a_terminal(served, "kill", "1-101", stdin=answer)
        assert "350" == served.stat()["waitingJobs"]
    assert "cancellation of 101 jobs" in on_a_terminal(served, "kill", "1-101", stdin=b"y\n")
    assert "y / n" not in on_a_terminal(served, "kill", "102-201")
    assert "y / n" not in on_a_terminal(served, "kill", "--yes", "202-350")
    assert "0" == served.stat()["waitingJobs"]


def test_a_kill_of_a_large_array_asks_by_its_name(served: Cluster) -> None:
    """An array's number stands for all its tasks."""
    array = served.done("sub", "-q", "--name", "sweep", "--array", "1-1200", "true").strip()
    plain = served.done("sub", "-q", "--array", "1-101", "sh", "-c", "exit 3").strip()

    asked = on_a_terminal(served, "kill", array, stdin=b"\n")
    assert f"{array} sweep has 1,200 tasks: 0 run, 1,200 wait. Kill all of them?  y / n" in asked
    assert f"{plain} sh has 101 tasks: 0 run" in on_a_terminal(served, "kill", plain, stdin=b"\n")
    odd = served.done("sub", "-q", "--array", "1-101", "./\x1b[2Jx").strip()
    asked = on_a_terminal(served, "kill", odd, stdin=b"\n")
    assert f"{odd} \\x1b[2Jx has 101 tasks" in asked, "what others call their programs does nothing here"
    assert "1402" == served.stat()["waitingJobs"]
    assert "cancellation of 1200 jobs" in on_a_terminal(served, "kill", array, stdin=b"y\n")


def test_a_reader_who_goes_away_breaks_nothing(served: Cluster) -> None:
    """`goq stat | head -1` is what everybody types."""
    served.submit_lines([f"echo {'x' * 150} {number}" for number in range(300)])
    for rows in ("1", "300"):
        ended = in_shell(served, f'"$goq" stat {rows} | head -1')

        assert (0, b"") == (ended.returncode, ended.stderr)
        assert 1 == ended.stdout.count(b"\n")


def test_a_closed_standard_stream_is_no_bug_of_the_user(served: Cluster) -> None:
    """Daemons and cron start programs like this."""
    for closed in (">&-", "<&-", "2>&-"):
        for command in ("stat", "sub true"):
            ended = in_shell(served, f'"$goq" {command} {closed}')

            assert (0, b"") == (ended.returncode, ended.stderr)


def test_an_output_that_cannot_be_written_is_one_line(served: Cluster) -> None:
    """The number of the job was lost on its way to the user, who must hear of it."""
    ended = in_shell(served, '"$goq" sub true > /dev/full')

    assert 1 == ended.returncode
    assert b"goq: cannot write: No space left on device\n" == ended.stderr


def test_the_server_outlives_the_reader_of_its_log(cluster: Cluster) -> None:
    """`goq serve | tee log` and then Ctrl-C on the tee."""
    read, write = os.pipe()
    env = cluster.variables()
    server = subprocess.Popen([GOQ, "serve"], env=env, cwd=cluster.here, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    try:
        assert LISTENING.encode() in os.read(read, 4096)
        os.close(read)
        cluster.submit("true")

        assert "2" == cluster.stat()["nextJobId"]
    finally:
        server.terminate()
        _, stderr = server.communicate(timeout=30)
    assert (0, b"") == (server.returncode, stderr)


def test_a_server_with_an_ascii_log_takes_any_command(cluster: Cluster) -> None:
    """One user's é must not stop the server that a daemon manager started without a locale."""
    plain = {"PYTHONIOENCODING": "ascii:strict"}
    cluster.start_server(env=plain)
    cluster.start_worker(env=plain)
    output = cluster.run("echo", "日本 é")
    shown = cluster.goq("stat", env=plain)

    assert "日本 é\n".encode() == output
    assert 0 == shown.returncode


def test_control_characters_in_a_command_do_not_reach_a_terminal(served: Cluster) -> None:
    """A job's name must not repaint its reader's screen, nor add lines to what scripts read."""
    served.submit(
        "echo", "\x1b[2J\rx\nrunQlen=99", env={"USER": "me\nrunQlen=98", "LOGNAME": "me\nrunQlen=98"}
    )
    shown = served.done("stat")

    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "runQlen=0" == next(line for line in shown.splitlines() if line.startswith("runQlen"))
    assert 1 == sum(line.startswith("runQlen") for line in shown.splitlines())


@pytest.mark.parametrize("obstacle", ["file", "loop", "long"])
def test_outputs_that_cannot_be_written_are_told(cluster: Cluster, obstacle: str) -> None:
    """Where nobody reads the server's log: by stat, and on a terminal by wait; until they are there."""
    folder = cluster.here / "o"
    cluster.start_server()
    cluster.start_worker()
    if obstacle == "file":
        folder.write_text("in the way")
    elif obstacle == "loop":
        folder.symlink_to("o")
    else:
        folder.symlink_to("x" * 300)
    job = cluster.submit("echo", "kept")
    assert 0 == cluster.status(job)
    line = f"outputs are kept in the journal, or by their workers, until '{folder}' takes them"

    cluster.wait_until(lambda: f"\ntrouble: {line}\n" in cluster.done("stat"))
    assert f"output: {line}" in " ".join(on_a_terminal(cluster, "wait", str(job)).split())
    assert "[Errno" not in cluster.daemons[0].text()
    folder.unlink()
    cluster.wait_until(lambda: cluster.output_file(job).exists())
    cluster.wait_until(lambda: "trouble:" not in cluster.done("stat"))
    assert str(cluster.output_file(job)) in on_a_terminal(cluster, "wait", str(job))
