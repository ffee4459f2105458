"""Windows that are closed over a server or a worker: what was put into the background lives on."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from windows import SHELL, Window, has_obeyed

from system.cluster import GOQ, Cluster
from system.jobs import held_until, shell, touch
from system.proc import lives, marked_pids

README = (Path(__file__).parents[2] / "README.md").read_text()


class Desk:
    """A window on a cluster, and a goq that is started in it by lines that are typed."""

    def __init__(self, cluster: Cluster, shell: tuple[str, ...] = SHELL) -> None:
        self.cluster = cluster
        env = cluster.variables({"PATH": f"{Path(GOQ).parent}:{os.environ['PATH']}", "PS1": "$ "})
        self.window = Window(shell, env=env, cwd=cluster.here)
        self.pid = 0

    def type(self, *lines: str) -> None:
        """Type lines, each once the one before has had its effect on our goq."""
        for line in lines:
            self.window.type(line)
            if line in ("\x1a", "bg", "fg"):
                self.cluster.wait_until(partial(has_obeyed, self.pid, line), or_show=self.window.look)

    def wait_for_server(self) -> None:
        """Wait until it answers, and know it by its pid."""
        self.cluster.wait_until(lambda: self.cluster.goq("stat").returncode == 0, or_show=self.window.look)
        self.pid = int(self.cluster.stat()["jservPid"])

    def wait_for_worker(self) -> None:
        """The same for a worker that has a job."""
        shown = re.compile(r"dispatching job \d+ to worker '[^:]*:(\d+)'")
        found = self.cluster.wait_until(lambda: shown.search(self.cluster.daemons[0].text()))
        self.pid = int(found[1]) if found else 0

    def close(self) -> None:
        """Close the window, and wait until the shell in it has told its jobs so and gone."""
        self.window.end()

    def has_ended(self) -> bool:
        return not lives(self.pid)

    def wait_for_end(self) -> None:
        self.cluster.wait_until(self.has_ended)

    def end(self) -> None:
        """End what was started in it."""
        self.window.end()
        for pid in marked_pids("OF_CLUSTER", self.cluster.mark):
            if pid == self.pid:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGTERM)
                self.wait_for_end()


@pytest.fixture(name="desk")
def _desk(cluster: Cluster) -> Iterator[Desk]:
    cluster.done("init")
    desk = Desk(cluster)
    yield desk
    desk.end()


IN_THE_BACKGROUND = {
    "with a log": ["goq serve >> serve.log &"],
    "with errors too": ["goq serve >> serve.log 2>&1 &"],
    "talking to the window": ["goq serve &"],
    "disowned": ["goq serve >> serve.log & disown"],
    "by a script": ["sh -c 'goq serve >> serve.log &'"],
    "by a script that runs on": ["sh -c 'goq serve >> serve.log & wait'"],
    "in a subshell": ["(goq serve >> serve.log &)"],
    "put there later": ["goq serve >> serve.log", "\x1a", "bg"],
    "fetched and put back": ["goq serve >> serve.log &", "fg", "\x1a", "bg"],
}


@pytest.mark.parametrize("how", IN_THE_BACKGROUND)
def test_a_server_in_the_background_outlives_its_window(desk: Desk, how: str) -> None:
    """It is typed in a window, because there is no other place; and the window is closed one day."""
    first, *rest = IN_THE_BACKGROUND[how]
    desk.type(first)
    desk.wait_for_server()
    desk.type(*rest)
    desk.cluster.wait_until(lambda: desk.cluster.goq("stat").returncode == 0)
    desk.close()

    assert 1 == desk.cluster.submit("true")
    assert not desk.has_ended()


@pytest.mark.parametrize(
    "typed", ["goq serve", "goq serve >> serve.log", "exec goq serve", "goq serve | tee log"]
)
def test_a_server_in_the_foreground_ends_with_its_window(desk: Desk, typed: str) -> None:
    """As everything that is seen in a window."""
    desk.type(typed)
    desk.wait_for_server()
    desk.close()

    desk.wait_for_end()
    assert 3 == desk.cluster.goq("stat").returncode


def test_a_server_that_was_fetched_back_ends_with_its_window(desk: Desk) -> None:
    """`fg`: it is in the foreground again, though nobody has told it."""
    desk.type("goq serve >> serve.log &")
    desk.wait_for_server()
    desk.type("fg")
    looked_s = time.monotonic() + 2.5  # it looks once a second
    desk.cluster.wait_until(lambda: time.monotonic() > looked_s)
    desk.close()

    desk.wait_for_end()


@pytest.mark.parametrize("shell", [SHELL, ("sh", "-i")], ids=["bash", "sh"])
def test_a_server_outlives_a_shell_that_is_killed(cluster: Cluster, shell: tuple[str, ...]) -> None:
    """The terminal hangs up then without a word of the shell."""
    cluster.done("init")
    desk = Desk(cluster, shell)
    try:
        desk.type("goq serve >> serve.log &")
        desk.wait_for_server()
        desk.window.process.kill()
        desk.close()

        assert 1 == cluster.submit("true")
    finally:
        desk.end()


def test_a_server_outlives_the_line_that_was_to_start_it(cluster: Cluster) -> None:
    """`ssh -t head 'cd queue; goq serve >> serve.log &'`: the terminal goes at once, with the shell."""
    cluster.done("init")
    desk = Desk(cluster, ("sh", "-c", "goq serve >> serve.log & until goq stat > stat.log 2>&1; do :; done"))
    try:
        desk.wait_for_server()
        desk.cluster.wait_until(lambda: desk.window.process.poll() is not None)
        desk.close()

        assert 1 == cluster.submit("true")
    finally:
        desk.end()


def test_a_worker_in_the_background_outlives_its_window_with_its_job(desk: Desk) -> None:
    """Hours of work ended with a click."""
    gate = desk.cluster.folder / "gate"
    desk.cluster.start_server()
    job = desk.cluster.submit(*held_until(gate, "echo $GOQ_ATTEMPT"))
    desk.type("goq work forever >> work.log &")
    desk.wait_for_worker()
    desk.close()
    touch(gate)

    assert 0 == desk.cluster.status(job)
    assert b"1\n" == desk.cluster.output(job)
    assert not desk.has_ended()


@pytest.mark.parametrize("typed", ["goq work forever", "goq work forever -j 2 >> work.log"])
def test_a_worker_in_the_foreground_hands_its_job_back_when_its_window_closes(desk: Desk, typed: str) -> None:
    """The shell and the kernel both send the signal: that is not the second one, which would lose the job."""
    gate, started = desk.cluster.folder / "gate", desk.cluster.folder / "started"
    desk.cluster.start_server()
    wait = 'touch "$2"; until test -e "$1"; do sleep 0.02; done; echo $GOQ_ATTEMPT'
    job = desk.cluster.submit(*shell(wait, gate, started))
    desk.type(typed)
    desk.wait_for_worker()
    desk.cluster.wait_until(started.exists)
    desk.close()
    desk.wait_for_end()
    touch(gate)
    desk.cluster.start_worker()

    assert 0 == desk.cluster.status(job)
    assert b"2\n" == desk.cluster.output(job)
    assert (
        "handed back" in desk.cluster.daemons[0].text() or "worker stopped" in desk.cluster.daemons[0].text()
    )


def test_a_worker_that_waits_for_its_cluster_outlives_its_window(cluster: Cluster) -> None:
    """Machines come up in any order, and windows are closed at any time."""
    desk = Desk(cluster)
    log = cluster.here / "work.log"
    try:
        desk.type("cd ../away; goq work forever >> ../head/work.log &")
        cluster.wait_until(lambda: log.exists() and "no cluster id" in log.read_text())
        found = re.search(r"worker pid (\d+)", log.read_text())
        assert found
        desk.pid = int(found[1])
        desk.close()
        cluster.start_server()

        assert b"late\n" == cluster.run("echo", "late")
    finally:
        desk.end()


# --- as the README says ---------------------------------------------------------------------------


def lines_for_years() -> list[str]:
    """The README's lines that start a server which is to live for long."""
    section = README.split("\n## A server that lives for years\n")[1].split("\n## ")[0]
    return re.findall(r"^ {4}(.*goq serve.*)$", section, re.MULTILINE)


@pytest.mark.parametrize("typed", lines_for_years())
def test_the_readme_s_lines_start_servers_that_outlive_everything(desk: Desk, typed: str) -> None:
    """The window, and the shell's own idea of what a closed window means."""
    if typed.startswith("tmux"):
        assert shutil.which("tmux"), "apt-get install tmux"
        desk.type(f"export TMUX_TMPDIR={desk.cluster.folder}")
    desk.type(typed)
    desk.wait_for_server()
    desk.close()

    assert 1 == desk.cluster.submit("true")
    desk.cluster.done("shutdown")
    desk.wait_for_end()


def test_a_window_of_tmux_that_is_closed_ends_its_server(desk: Desk) -> None:
    """Leaving tmux does not."""
    assert shutil.which("tmux"), "apt-get install tmux"
    tmux = ["tmux", "-L", "goq-test"]
    env = desk.cluster.variables({"TMUX_TMPDIR": str(desk.cluster.folder), "TERM": "xterm"})
    command = f"{GOQ} serve >> serve.log"
    subprocess.run(
        [*tmux, "new-session", "-d", "-s", "q", command], env=env, cwd=desk.cluster.here, check=True
    )
    desk.wait_for_server()
    subprocess.run([*tmux, "kill-session", "-t", "q"], env=env, check=True)

    desk.wait_for_end()


def test_the_readme_knows_more_than_one_way() -> None:
    """There is not always a tmux."""
    assert {"nohup", "setsid", "tmux"} == {line.split()[0] for line in lines_for_years()}
