"""`goq top` against a real server and worker: by textual's pilot, and as a process on a terminal."""

import asyncio
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest
from textual.pilot import Pilot

from goq.adapters.config import load_config
from goq.api.client import Client
from goq.top.app import Top
from goq.top.seen import Scope
from goq.top.source import Looker
from goq.views.paper import Paper
from system.cluster import GOQ, Cluster
from system.jobs import held_until, touch

PATIENCE_S = 60.0
ME = "ann"


class Screen:
    """The page as a user has it before him."""

    def __init__(self, app: Top, pilot: Pilot[None]) -> None:
        self.app = app
        self._pilot = pilot

    @property
    def text(self) -> str:
        return "\n".join(self.app.canvas.text)

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def click(self, y: int, times: int = 1) -> None:
        await self._pilot.click(offset=(10, y), times=times)

    async def until(self, *words: str, without: str = "\0") -> str:
        """Wait until all of these are on the screen, and that is not."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not (all(word in self.text for word in words) and without not in self.text):
            assert time.monotonic() < give_up_s, f"no {words} on this page:\n{self.text}"
            await asyncio.sleep(0.02)
        return self.text


Play = Callable[[Screen], Awaitable[None]]


@pytest.fixture
def top(working: Cluster, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has somebody sit before the page of a cluster."""
    for name, value in working.env.items():
        monkeypatch.setenv(name, value)

    def sit(play: Play, *, width: int = 80, may_act: bool = True) -> None:
        async def run() -> None:
            config = load_config()
            with Client(config) as client:
                seen = Looker(client).look(Scope(client.here.by.owner))
            app = Top(config, seen, Paper(width, is_terminal=True), server="head", may_act=may_act)
            async with app.run_test(size=(width, 30)) as pilot:
                await play(Screen(app, pilot))

        asyncio.run(run())

    return sit


def test_jobs_come_and_go_on_the_page_by_themselves(working: Cluster, top: Callable[..., None]) -> None:
    """News redraws it: nobody presses anything."""
    gate = working.folder / "gate"

    async def play(screen: Screen) -> None:
        await screen.until("Nothing waits, nothing runs.")
        job = working.submit("--name", "later", *held_until(gate))
        await screen.until("later", "▸ running", "▸1 ·0")
        touch(gate)
        await screen.until("Nothing waits, nothing runs.", without="later")
        assert 0 == working.status(job)

    top(play)


def test_a_kill_is_asked_and_done(working: Cluster, top: Callable[..., None]) -> None:
    job = working.submit("--name", "endless", "sleep", "1000")

    async def play(screen: Screen) -> None:
        await screen.until("▸ running")
        await screen.press("X")
        await screen.until("Kill", "endless?  y / n")
        await screen.press("n")
        await screen.until("nothing was done", "▸ running")
        await screen.press("X", "y")
        await screen.until("1 is being killed")
        await screen.until("Nothing waits, nothing runs.")

    top(play)
    assert 143 == working.status(job)


def test_a_log_is_followed_to_the_end_of_the_job(working: Cluster, top: Callable[..., None]) -> None:
    gate = working.folder / "gate"
    script = f'printf "first\\n\\033[31mred\\033[0m\\n"; until [ -e {gate} ]; do sleep 0.1; done; echo last; exit 3'
    working.submit("--name", "talks", "bash", "-c", script)

    async def play(screen: Screen) -> None:
        await screen.until("▸ running")
        await screen.press("l")
        await screen.until("log of")
        touch(gate)
        text = await screen.until("first\n", "\nred", "\nlast", "── exit 3 after")
        assert "\x1b" not in text
        await screen.press("slash", *"red", "enter")
        await screen.press("escape")
        await screen.until("✗ exit 3")

    top(play)


def test_a_log_goes_on_in_the_next_attempt(working: Cluster, top: Callable[..., None]) -> None:
    gate = working.folder / "gate"
    script = f"echo try $GOQ_ATTEMPT; until [ -e {gate} ]; do sleep 0.1; done; [ -e {gate}2 ] || {{ touch {gate}2; exit 7; }}"
    working.done("sub", "--name", "tries", "--retries", "1", "--backoff", "0.1s", "bash", "-c", script)

    async def play(screen: Screen) -> None:
        await screen.until("▸ running")
        await screen.press("l")
        await screen.until("\ntry 1")
        touch(gate)
        await screen.until("── exit 7 after", "── attempt 2 on", "\ntry 2", "── exit 0 after")

    top(play)


def test_why_says_what_a_job_lacks_and_what_failed_of_an_array(
    working: Cluster, top: Callable[..., None]
) -> None:
    working.done("sub", "--name", "big", "--cpus", "4000", "true")
    working.done("sub", "--name", "bad", "--array", "1-3", "bash", "-c", "exit $((GOQ_TASK_ID % 2))")

    async def play(screen: Screen) -> None:
        await screen.until("! never", "100 %", "✗2")
        await screen.press("home", "w")
        await screen.until("big can run nowhere: it asks 4,000 cpus")
        await screen.press("escape", "end", "w")
        await screen.until("2 of 3 that ended have failed", "✗ exit 1", "[1,3]")
        await screen.press("escape", "t")
        await screen.until("tasks of", ".1", ".2", ".3", "✓ done")
        await screen.press("f")
        await screen.until("tasks of", "failed", without="✓ done")

    top(play)


def test_a_filter_narrows_and_escape_widens(working: Cluster, top: Callable[..., None]) -> None:
    working.done("sub", "--name", "one", "--hold", "true")
    working.done("sub", "--name", "two", "--hold", "true")

    async def play(screen: Screen) -> None:
        await screen.until("one", "two")
        await screen.press("slash", *"two", "enter")
        await screen.until("jobs two:", without="one")
        await screen.press("escape")
        await screen.until("one", "two")

    top(play)


def test_the_mouse_moves_the_cursor_and_a_double_click_opens(
    working: Cluster, top: Callable[..., None]
) -> None:
    for name in ("one", "two", "three"):
        working.submit("--name", name, "--hold", "true")

    async def play(screen: Screen) -> None:
        lines = (await screen.until("one", "two", "three")).splitlines()
        y = next(y for y, line in enumerate(lines) if " two " in line)
        await screen.click(y)
        assert screen.text.splitlines()[y].startswith(">")
        await screen.click(y, times=2)
        await screen.until("2 two  ", "‖ held for", without="MACHINE")

    top(play)


def test_a_wide_page_shows_last_words_beside_the_list(working: Cluster, top: Callable[..., None]) -> None:
    working.submit("--name", "speaks", "bash", "-c", "echo 'chain A is missing'; exit 1")

    async def play(screen: Screen) -> None:
        await screen.until("✗ exit 1", "last words", "chain A is missing")

    top(play, width=160)


def test_a_server_that_goes_is_told_and_one_that_comes_back_is_heard(
    working: Cluster, top: Callable[..., None]
) -> None:
    """What is on the page stays, and nothing is asked of nobody."""
    server = working.daemons[0]
    working.submit("--name", "stays", "--hold", "true")

    async def play(screen: Screen) -> None:
        await screen.until("stays")
        server.crash()
        await screen.until("? no word from head for", "what you see is of", "stays")
        await screen.press("X")
        await screen.until("nothing was asked: no word from head")
        working.start_server()
        await screen.until("stays", without="no word from head")
        await screen.press("X", "y")
        await screen.until("1 will not run")

    top(play)


def test_a_server_that_stands_still_is_told_too(working: Cluster, top: Callable[..., None]) -> None:
    """No connection breaks: only answers are missing."""
    server = working.daemons[0]

    async def play(screen: Screen) -> None:
        server.freeze()
        try:
            await screen.until("? no word from head for")
        finally:
            server.thaw()
        await screen.until("goq top", without="no word from head")

    top(play)


def test_who_may_only_look_changes_nothing(working: Cluster, top: Callable[..., None]) -> None:
    working.submit("--name", "stays", "--hold", "true")

    async def play(screen: Screen) -> None:
        await screen.until("stays")
        await screen.press("X", "y")
        await screen.until("nothing can be changed here", "stays")

    top(play, may_act=False)
    assert "1" == working.stat()["waitingJobs"]


@contextmanager
def on_a_terminal(
    cluster: Cluster, *words: str, prefix: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command on a terminal of 100 columns and 30 lines; the process, and our end."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, 100))
    env = cluster.variables({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
    process = subprocess.Popen(
        [*prefix, GOQ, *words], env=env, cwd=cluster.away, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        with suppress(OSError):  # a test may have closed it
            os.close(ours)


def read_until(ours: int, word: bytes) -> bytes:
    """What is drawn until that is."""
    shown, give_up_s = b"", time.monotonic() + PATIENCE_S
    while word not in shown:
        assert time.monotonic() < give_up_s, shown
        if select.select([ours], [], [], 1)[0]:
            shown += os.read(ours, 65536)
    return shown


def test_on_a_terminal_it_draws_without_a_background_and_q_leaves(working: Cluster) -> None:
    with on_a_terminal(working, "top") as (process, ours):
        shown = read_until(ours, b"Nothing waits, nothing runs.")
        os.write(ours, b"q")

        inks = {int(ink) for found in re.findall(rb"\x1b\[([0-9;]+)m", shown) for ink in found.split(b";")}
        assert inks <= {0, 1, 2, 31, 32, 35, 39, 49}
        while process.poll() is None and select.select([ours], [], [], PATIENCE_S)[0]:
            try:
                os.read(ours, 65536)
            except OSError:  # Linux says EIO when the last writer has gone
                break
        assert 0 == process.wait(PATIENCE_S)


def test_a_terminal_that_is_closed_ends_it(working: Cluster) -> None:
    with on_a_terminal(working, "top") as (process, ours):
        read_until(ours, b"Nothing waits, nothing runs.")
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE_S)


def test_a_terminal_that_has_gone_ends_it_though_that_signal_is_ignored(working: Cluster) -> None:
    """As below nohup: else it would read from nowhere, as fast as it can, for ever."""
    with on_a_terminal(working, "top", prefix=("sh", "-c", 'trap "" HUP; exec "$@"', "sh")) as (
        process,
        ours,
    ):
        read_until(ours, b"Nothing waits, nothing runs.")
        os.close(ours)
        process.wait(PATIENCE_S)


def test_sigterm_leaves_the_terminal_as_it_was(working: Cluster) -> None:
    with on_a_terminal(working, "top") as (process, ours):
        read_until(ours, b"Nothing waits, nothing runs.")
        process.send_signal(signal.SIGTERM)
        read_until(ours, b"\x1b[?1049l")


def test_where_there_is_no_terminal_it_says_what_to_do(working: Cluster) -> None:
    ended = working.goq("top")

    assert 2 == ended.returncode
    assert b"goq: 'goq top' draws on a terminal, and here is none" in ended.stderr


def test_without_a_server_it_draws_nothing_and_says_so(cluster: Cluster) -> None:
    cluster.env["GOQ_SENDTIMEOUT_MSEC"] = "200"
    cluster.done("init")
    with on_a_terminal(cluster, "top") as (_, ours):
        shown = read_until(ours, b"goq: ")

    assert b"\x1b[?1049h" not in shown
