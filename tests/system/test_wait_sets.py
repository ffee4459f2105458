"""`goq wait` on arrays and words: what is said meanwhile, on a terminal and in a pipe, and at the end."""

import os
import pty
import re
import signal
import subprocess

from system.cluster import GOQ, Cluster
from system.jobs import held_until, shell, touch


def arrays(cluster: Cluster) -> None:
    """Job 1 to 12, of which the fifth fails, and 13 to 15."""
    cluster.done("sub", "-N", "fold", "--array", "1-12", *shell("test $GOQ_TASK_ID != 5"))
    cluster.done("sub", "-N", "sweep", "--array", "1-3", "true")


def test_in_a_pipe_a_line_tells_the_end_of_each_set_and_each_failure(working: Cluster) -> None:
    """And the result is the one line that it was, of a job that is named by its number."""
    arrays(working)
    single = working.submit("true")
    ended = working.goq("wait", "fold", "13", str(single))
    said = ended.stderr.decode()

    assert 1 == ended.returncode
    assert 1 == ended.stdout.count(b"wait on jobid")
    assert f"wait on jobid {single} result: success" in ended.stdout.decode()
    assert "goq: job 5: job failed with exit status 1.\n" in said
    assert re.search(r"^goq: fold: 11 done, 1 failed in ", said, re.MULTILINE)
    assert re.search(r"^goq: 13: 3 done in ", said, re.MULTILINE)


def test_many_failures_are_named_up_to_a_number(working: Cluster) -> None:
    working.done("sub", "--array", "1-30", "false")
    said = working.goq("wait", "1").stderr.decode()

    assert 10 == said.count("job failed with exit status 1")
    assert 1 == said.count("more of 1 fail: goq why 1\n")
    assert "goq: 1: 30 failed in " in said


def test_a_word_that_is_in_another_is_counted_once(working: Cluster) -> None:
    arrays(working)
    ended = working.goq("wait", "1.2-3", "fold", "1")

    assert b"waiting for 12 jobs" in ended.stdout
    assert b"1.2-3: 2 done" in ended.stderr
    assert b"fold: 9 done, 1 failed" in ended.stderr


def test_time_is_up(working: Cluster) -> None:
    working.done("sub", "--array", "1-2", "sleep", "300")
    ended = working.goq("wait", "--timeout", "1", "1")

    assert 69 == ended.returncode
    assert b"the time is up" in ended.stderr


class Terminal:
    """A command on a terminal of 80 cells: all that it was sent, without colours."""

    def __init__(self, cluster: Cluster, *words: str) -> None:
        self._ours, its = pty.openpty()
        env = cluster.variables({"TERM": "xterm", "COLUMNS": "80", "LANG": "C.UTF-8", "LC_ALL": None})
        self.process = subprocess.Popen(
            [GOQ, *words],
            env=env,
            cwd=cluster.away,
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        os.set_blocking(self._ours, False)
        self._sent = b""
        self._is_open = True

    def text(self) -> str:
        try:
            while self._is_open and (piece := os.read(self._ours, 65536)):
                self._sent += piece
        except OSError:
            pass  # nothing for now, or nobody at the other end any more
        return re.sub(r"\x1b\[[0-9;]*m", "", self._sent.decode("utf-8", "replace"))

    def close(self) -> int:
        """Its exit status, once it has ended."""
        code = self.process.wait(60)
        self.text()
        os.close(self._ours)
        self._is_open = False
        return code


def test_on_a_terminal_a_picture_is_drawn_over_again_until_all_have_ended(working: Cluster) -> None:
    """Through a restart of the server."""
    gate = working.folder / "gate"
    working.done("sub", "-N", "fold", "--array", "1-4", *held_until(gate, "test $GOQ_TASK_ID != 3"))
    terminal = Terminal(working, "wait", "fold")
    working.wait_until(lambda: "▸1" in terminal.text(), or_show=terminal.text)
    working.daemons[0].crash()
    working.start_server()
    touch(gate)
    working.wait_until(lambda: terminal.process.poll() is not None, or_show=terminal.text)
    code, text = terminal.close(), terminal.text()

    assert 1 == code
    assert "100 %  4/4  ✗1" in text
    assert re.search(r"3 done, 1 failed in .*s\.", text)
    assert "goq why " in text
    assert "wait on jobid" not in text


def test_ctrl_c_leaves_the_jobs_alone(working: Cluster) -> None:
    gate = working.folder / "gate"
    working.done("sub", "--array", "1-2", *held_until(gate))
    terminal = Terminal(working, "wait", "1")
    working.wait_until(lambda: "(Ctrl-C: the jobs go on)" in terminal.text())
    terminal.process.send_signal(signal.SIGINT)

    assert 130 == terminal.close()
    touch(gate)
    assert 0 == working.goq("wait", "1").returncode
