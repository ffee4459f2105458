"""Jobs that are paused: all their processes are stopped, and their time stands still."""

import signal
import time
from pathlib import Path

import pytest

from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.jobs import stopping
from goq.adapters.jobs.bounds import NEVER, Watch

FORKS = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
while True:
    if os.fork() == 0:
        time.sleep(0.01)
        os._exit(0)
"""
TREE = "setsid sleep 1000 & (sleep 1000 & sleep 1000 & echo ready; wait) & wait"


def state_of(pid: int) -> str:
    """One letter; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def states(herd: Herd) -> set[str]:
    """What its processes do, without dead ones."""
    return {state_of(pid) for pid in herd.living()} - {"", "Z", "X"}


def pause(herd: Herd, limit_s: float = 0.0, *, paused: bool = True) -> None:
    """What a worker does after `goq pause`, and what it does after `goq resume`."""
    herd.executor.direct(herd.number, limit_s, paused=paused)
    wait_until(herd.has_obeyed, "its obedience")


def test_all_of_a_job_is_stopped_and_goes_on(herd: Herd) -> None:
    """Though it has left its session, and its parent; and once more."""
    herd.shell(TREE)
    herd.says(b"ready")
    for _ in range(2):
        pause(herd)
        wait_until(lambda: {"T"} == states(herd), "all of them stopped")
        assert len(herd.living()) >= 4
        pause(herd, paused=False)
        assert "T" not in states(herd)
    herd.kill(signal.SIGKILL)
    herd.stopped()


def test_a_job_that_forks_meanwhile_leaves_nobody_running(herd: Herd) -> None:
    """One look is not enough."""
    herd.python(FORKS)
    herd.says(b"ready")
    for _ in range(5):
        herd.executor.direct(herd.number, 0.0, paused=True)
        looks: list[set[int]] = [set()]

        def are_still(looks: list[set[int]] = looks) -> bool:
            looks.append(set(herd.living()))
            return {"T"} == states(herd) and looks[-1] == looks[-2]

        wait_until(are_still, "all of them stopped, and no others to come")
        wait_until(herd.has_obeyed, "its obedience")
        assert {"T"} == states(herd)
        assert set(herd.living()) <= looks[-1]
        pause(herd, paused=False)
    herd.kill(signal.SIGKILL)
    herd.stopped()


def test_who_was_being_forked_is_found_at_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """His parent was stopped between the look at its children and that at itself."""
    looks = iter([[], [(7, b"T")], [(7, b"T"), (8, b"R")], [(7, b"T"), (8, b"T")], [(7, b"T"), (8, b"T")]])
    monkeypatch.setattr(stopping, "descendants", list)
    monkeypatch.setattr(stopping, "_states", lambda _: next(looks))
    monkeypatch.setattr(stopping, "_may_signal", bool)
    stopped: list[int] = []
    monkeypatch.setattr(stopping, "signal_all", lambda pids, _: stopped.extend(pids))
    stop = stopping.Stop()
    stop.turn(1.0, on=True)

    assert [8] == stopped
    assert [] == list(looks)
    assert NEVER == stop.look_s


def test_what_the_job_itself_had_stopped_stays_so(herd: Herd) -> None:
    """It may be a debugger's, or wait for its turn."""
    herd.shell('sleep 1000 & kill -STOP $!; sleep 1000 & echo "$! ready"; wait')
    herd.says(b"ready")
    wait_until(lambda: "T" in states(herd), "its own stop")
    pause(herd)
    pause(herd, paused=False)

    stopped = [pid for pid in herd.living() if state_of(pid) == "T"]
    assert 1 == len(stopped)
    herd.kill(signal.SIGKILL)
    herd.stopped()


def test_a_paused_job_hears_of_its_kill(herd: Herd) -> None:
    """Whatever it begins with."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        herd.python("import time; print('ready', flush=True); time.sleep(1000)")
        herd.says(b"ready")
        pause(herd)
        herd.kill(number)
        how = herd.stopped()
        assert number == how.signal or (number, how.exit_code) == (signal.SIGINT, 1)


def test_the_time_of_a_paused_job_stands_still(herd: Herd) -> None:
    """And another one may be given to it."""
    herd.start("sleep", "1000", bounds=(1.0, 0, 0, 0))
    wait_until(herd.living, "its start")
    pause(herd, 1.0)
    before = time.monotonic()
    herd.executor.direct(herd.number, 0.2, paused=True)
    wait_until(lambda: time.monotonic() > before + 1.2, "more than its time")
    assert {"T"} == states(herd)
    herd.executor.direct(herd.number, 0.2, paused=False)

    assert ("time", "its time of 0.2 s was up") == ((how := herd.stopped()).cause, how.problem)


def test_a_job_without_a_limit_gets_one(herd: Herd) -> None:
    """It counts from its start."""
    herd.shell("echo ready; sleep 1000")
    herd.says(b"ready")
    herd.executor.direct(herd.number, 0.3, paused=False)

    assert "its time of 0.3 s was up" == herd.stopped().problem


def test_a_worker_that_dies_leaves_no_paused_job(herd: Herd) -> None:
    """What is stopped is killed as well."""
    herd.shell(TREE)
    herd.says(b"ready")
    pause(herd)
    herd.executor.close()

    wait_until(lambda: not herd.living(), "the end of all")


def test_time_is_counted_without_pauses() -> None:
    """The warning too, which comes once."""
    watch = Watch((10.0, signal.SIGUSR1, 4.0, 0), 100.0)
    assert 106.0 == watch.due_s
    watch.pause(105.0)
    assert NEVER == watch.due_s
    watch.go_on(205.0)
    assert 206.0 == watch.due_s
    assert (0, signal.SIGUSR1) == (watch.take_warning(205.9), watch.take_warning(206.0))
    watch.allow(20.0)
    assert 220.0 == watch.due_s
    watch.go_on(300.0)
    assert 220.0 == watch.due_s
    watch.allow(0.0)
    assert NEVER == watch.due_s
    watch.allow(5.0)
    assert watch.overrun(205.0, list) is not None
