"""Signals to stop: they wake the loop, are counted, and an ignored one stays ignored."""

import subprocess
import sys

PRELUDE = """
import os, select, signal
from goq.roles.said.wakeup import StopSignals

def readable(stop):
    return bool(select.select([stop], [], [], 0)[0])
"""


def told(script: str) -> list[str]:
    """What a script says; handlers of signals belong to a whole process."""
    command = [sys.executable, "-c", PRELUDE + script]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_each_of_the_three_signals_wakes_and_is_counted() -> None:
    """SIGTERM from an init system, Ctrl-C, a terminal that closes: all mean the same."""
    script = """
stop = StopSignals()
print(stop.count, readable(stop))
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
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


def test_an_ignored_signal_stays_ignored() -> None:
    """Under nohup a server outlives its terminal."""
    script = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
stop = StopSignals()
os.kill(os.getpid(), signal.SIGHUP)
print(stop.count, signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
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
