"""Signals to stop: they wake the loop, are counted, and what is not meant for us is not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from adapters.until import wait_until
from windows import Window, has_obeyed

PRELUDE = """
import os, select, signal, sys, time
from goq.roles.said.wakeup import StopSignals, mind_our_window

def readable(stop):
    return bool(select.select([stop], [], [], 0)[0])
"""


def told(script: str) -> list[str]:
    """What a script says that has no terminal; handlers of signals belong to a whole process."""
    command = [sys.executable, "-c", PRELUDE + script]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, timeout=60, start_new_session=True
    )
    return done.stdout.splitlines()


def test_each_signal_to_stop_wakes_and_is_counted() -> None:
    """SIGTERM from an init system, Ctrl-C: both mean the same."""
    script = """
stop = StopSignals()
print(stop.count, readable(stop))
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
    os.kill(os.getpid(), number)
    print(stop.count, readable(stop))
    stop.drain()
    stop.drain()
    print(stop.count, readable(stop))
"""

    assert ["0 False", "1 True", "1 False", "2 True", "2 False", "3 True", "3 False"] == told(script)


def test_a_sleeping_loop_wakes() -> None:
    """A signal that comes before the sleep begins must not be slept over."""
    script = """
stop = StopSignals()
signal.setitimer(signal.ITIMER_REAL, 0.05)
signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
poll = select.poll()
poll.register(stop, select.POLLIN)
print(bool(poll.poll(20_000)), stop.count)
"""

    assert ["True 1"] == told(script)


@pytest.mark.parametrize("number", ["SIGHUP", "SIGINT", "SIGTERM"])
def test_an_ignored_signal_stays_ignored(number: str) -> None:
    """Under nohup a server outlives its terminal."""
    script = f"""
signal.signal(signal.{number}, signal.SIG_IGN)
mind_our_window()
stop = StopSignals()
os.kill(os.getpid(), signal.{number})
print(stop.count, signal.getsignal(signal.{number}) is signal.SIG_IGN)
"""

    assert ["0 True"] == told(script)


def test_many_signals_do_not_block() -> None:
    """The pipe may be full; the count goes on."""
    script = """
stop = StopSignals()
for _ in range(100_000):
    signal.raise_signal(signal.SIGTERM)
print(stop.count, readable(stop))
"""

    assert ["100000 True"] == told(script)


# --- windows ----------------------------------------------------------------------------------


def test_without_a_terminal_a_hang_up_is_nobody_s() -> None:
    """Some daemon managers and scripts send it, and mean: read your files again."""
    script = """
mind_our_window()
os.kill(os.getpid(), signal.SIGHUP)
stop = StopSignals()
os.kill(os.getpid(), signal.SIGHUP)
print(stop.count, stop.next_deadline())
"""

    assert ["0 inf"] == told(script)


WAITING = """
def say(*words):
    with open(sys.argv[1], "a") as file:
        print(*words, file=file)

stop = StopSignals()
say("here", os.getpid())
while not os.path.exists(sys.argv[2]):
    stop.look()
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGHUP)
os.kill(os.getpid(), signal.SIGHUP)
say(stop.count)
"""
CLOSED = """
def say(*words):
    with open(sys.argv[1], "a") as file:
        print(*words, file=file)

shell = os.getppid()
stop = StopSignals()
say("here", os.getpid())
while os.getppid() == shell or not readable(stop):  # both have sent it then, the shell and the kernel
    stop.look()
    time.sleep(0.01)
say(stop.count)
"""
EARLY = """
mind_our_window()
os.kill(os.getpid(), signal.SIGHUP)
with open(sys.argv[1], "a") as file:
    print("lives", file=file)
"""


class Said:
    """A script that is started in a window by a shell; what it says, into a file."""

    def __init__(self, folder: Path, script: str) -> None:
        self.file = folder / "said"
        self.go = folder / "go"
        self.window = Window()
        program = folder / "program.py"
        program.write_text(PRELUDE + script)
        self.command = f"{sys.executable} {program} {self.file} {self.go}"

    def lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def type(self, line: str) -> None:
        """Type a line, and wait until it has had its effect on the script."""
        pid = int(self.lines()[0].split()[1])
        self.window.type(line)
        wait_until(lambda: has_obeyed(pid, line), f"the effect of {line!r}: {self.window.look()!r}")

    def until(self, count: int) -> list[str]:
        """Wait until it has said so many lines."""
        wait_until(lambda: len(self.lines()) >= count, f"{count} lines; {self.window.look()}")
        return self.lines()


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        (["{}"], "1"),
        (["{} &"], "0"),
        (["exec {}"], "1"),
        (["{} | cat"], "1"),
        (["sh -c '{} &'"], "0"),
        (["sh -c '{} & wait'"], "0"),
        (["sh -c '{}; true'"], "1"),
        (["{}", "\x1a", "bg"], "0"),
        (["{} &", "fg"], "1"),
        (["{}", "\x1a", "bg", "fg"], "1"),
    ],
    ids=" ".join,
)
def test_a_hang_up_counts_once_and_in_the_foreground(tmp_path: Path, typed: list[str], count: str) -> None:
    """Once: the shell sends it, and the kernel, and a second signal to stop means more."""
    said = Said(tmp_path, WAITING)
    try:
        said.window.type(typed[0].format(said.command))
        said.until(1)
        for line in typed[1:]:
            said.type(line)
        said.go.touch()

        assert count == said.until(2)[1]
    finally:
        said.window.end()


@pytest.mark.parametrize(
    ("typed", "count"), [("{}", "1"), ("{} &", "0"), ("{} > /dev/null &", "0"), ("sh -c '{} & wait'", "0")]
)
def test_when_the_terminal_has_gone_what_was_seen_last_counts(tmp_path: Path, typed: str, count: str) -> None:
    """The signal comes when there is nothing left to look at."""
    said = Said(tmp_path, CLOSED)
    said.window.type(typed.format(said.command))
    said.until(1)
    said.window.end()

    assert count == said.until(2)[1]


@pytest.mark.parametrize(("typed", "lives"), [("{}; echo ended with $?", False), ("{} &", True)])
def test_before_there_is_a_loop_the_same_holds(tmp_path: Path, typed: str, lives: bool) -> None:
    """A worker may wait for hours until there is a cluster id."""
    said = Said(tmp_path, EARLY)
    try:
        said.window.type(typed.format(said.command))
        if lives:
            said.until(1)
        else:
            ended = f"ended with {128 + signal.SIGHUP}"
            wait_until(lambda: said.window.look().count(ended) == 1, "its end")

        assert (["lives"] if lives else []) == said.lines()
    finally:
        said.window.end()
