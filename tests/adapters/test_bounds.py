"""What bounds a running job, by a shepherd's clock and /proc."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.jobs.bounds import LOOK_EVERY_S, LOOK_SHARE, NEVER, Overrun, Watch, memory_of
from goq.adapters.jobs.shepherd import LEFTOVER_GRACE_S
from goq.core.values.terms import Bounds

MIB = 1 << 20
DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
READY = "print('ready', flush=True); sys.stdin.read()"


def nobody() -> list[int]:
    raise AssertionError("nobody wants to know")


# --- when ----------------------------------------------------------------------------------


def test_time_is_up_at_its_moment_and_once() -> None:
    """Seconds of the clock that is handed in."""
    watch = Watch((2.0, 0, 0, 0), 100.0)

    assert 102.0 == watch.due_s
    assert (0, None) == (watch.take_warning(101.9), watch.overrun(101.9, nobody))
    assert Overrun("time", "its time of 2 s was up") == watch.overrun(102.0, nobody)
    assert NEVER == watch.due_s


def test_a_warning_is_due_before_and_once() -> None:
    """Whoever is told twice saves twice."""
    watch = Watch((60.0, 10, 20.0, 0), 100.0)

    assert (140.0, 0) == (watch.due_s, watch.take_warning(139.9))
    assert (10, 0) == (watch.take_warning(140.0), watch.take_warning(141.0))
    assert 160.0 == watch.due_s


def test_memory_is_looked_at_twice_a_second() -> None:
    """For as long as it fits."""
    watch, now_s = Watch((0, 0, 0, 1 << 40), time.monotonic()), time.monotonic() + LOOK_EVERY_S

    assert watch.due_s <= now_s
    assert None is watch.overrun(now_s, lambda: [os.getpid()])
    assert now_s + LOOK_EVERY_S == watch.due_s


def test_looks_that_take_long_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page tables of a terabyte take seconds, in which the job cannot map anything."""
    watch, now_s = Watch((0, 0, 0, MIB), 100.0), 100.5
    monkeypatch.setattr("time.monotonic", lambda: 102.5)

    assert None is watch.overrun(now_s, list)
    assert now_s + LOOK_SHARE * 2.0 == watch.due_s


def test_too_much_memory_is_told_with_both_numbers() -> None:
    """Of ourselves, who have more than 2 MiB."""
    found = Watch((0, 0, 0, 2 * MIB), 0.0).overrun(1.0, lambda: [os.getpid()])

    assert found is not None
    assert "memory" == found.cause
    assert found.problem.startswith("it had ")
    assert found.problem.endswith(" MiB, and asked for 2 MiB")


# --- how much ------------------------------------------------------------------------------


@contextmanager
def python(code: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A program that has done what it should, and waits."""
    pipe = subprocess.PIPE
    argv = [sys.executable, "-c", f"import sys, mmap, os\n{code}\n{READY}", *words]
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert "ready\n" == process.stdout.readline()
        yield process
        process.communicate("")


def test_memory_is_what_is_in_use() -> None:
    """By either way to look."""
    with python("x = b'x' * (100 << 20)") as process:
        for enough in (0, 1 << 40):
            assert 100 * MIB < memory_of([process.pid], enough) < 150 * MIB


def test_addresses_are_no_memory() -> None:
    """Java and Go take them by the gigabyte."""
    with python("m = mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)") as process:
        assert memory_of([process.pid], 0) < 50 * MIB


def test_what_children_have_of_their_parent_counts_once() -> None:
    """When it matters: short looks are for those that fit in any case."""
    fork = "x = b'x' * (50 << 20)\nr, w = os.pipe()\nfor _ in range(3):\n  if not os.fork(): os.close(w); os.read(r, 1); os._exit(0)"
    with python(fork) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        pids = [process.pid, *map(int, children)]

        assert 4 == len(pids)
        assert 200 * MIB < memory_of(pids, 1 << 40)
        assert 50 * MIB < memory_of(pids, 0) < 100 * MIB


def test_shared_memory_is_memory_and_a_mapped_file_is_none(tmp_path: Path) -> None:
    """Nothing but swap helps against the one; the other can be read again."""
    file = tmp_path / "file"
    file.write_bytes(bytes(64 * MIB))
    touch = "sum(m[i] for i in range(0, len(m), 4096))"
    shared = f"m = mmap.mmap(-1, 64 << 20)\nfor i in range(0, len(m), 4096): m[i] = 1\n{touch}"
    mapped = f"f = open(sys.argv[1], 'rb')\nm = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\n{touch}"
    with python(shared) as one, python(mapped, str(file)) as other:
        assert 64 * MIB < memory_of([one.pid], 0) < 100 * MIB
        assert memory_of([other.pid], 0) < 40 * MIB < memory_of([other.pid], 1 << 40)


def test_who_has_ended_meanwhile_has_nothing() -> None:
    """Between the look at who is there and the look at what he has."""
    process = subprocess.Popen(["true"])
    wait_until(lambda: "Z" in Path(f"/proc/{process.pid}/stat").read_text().split()[2], "its end")

    assert 0 == memory_of([process.pid], 0)
    process.wait()
    assert 0 == memory_of([process.pid], 0)


def test_what_may_not_be_looked_through_is_known_roughly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setuid program's page tables are its own affair."""
    real = open

    def guarded(path: str, mode: str) -> object:
        if path.endswith("smaps_rollup"):
            raise PermissionError
        return real(path, mode)

    monkeypatch.setattr("builtins.open", guarded)

    assert memory_of([os.getpid()], 1 << 40) == pytest.approx(memory_of([os.getpid()], 0), rel=0.2)


# --- by the shepherd -----------------------------------------------------------------------


def overrun(herd: Herd, limits: Bounds, *words: str) -> tuple[int, int, str, str]:
    """Run a job; how it ended, and why."""
    herd.start(*words, bounds=limits)
    stopped = herd.stopped()
    return stopped.exit_code, stopped.signal, stopped.cause, stopped.problem


def test_a_job_gets_a_signal_when_its_time_is_up(herd: Herd) -> None:
    """And is told why."""
    before = time.monotonic()

    assert (0, 15, "time", "its time of 0.3 s was up") == overrun(herd, (0.3, 0, 0, 0), "sleep", "100")
    assert 0.3 <= time.monotonic() - before < 5.0


def test_a_job_that_ends_well_at_the_end_of_its_time_has_not_ended_well(herd: Herd) -> None:
    """As `timeout` says it; a status of its own it keeps."""
    for code, status in ((0, 124), (7, 7)):
        tidy = f"trap 'exit {code}' TERM; while :; do sleep 0.02; done"
        assert (status, 0, "time") == overrun(herd, (0.3, 0, 0, 0), "sh", "-c", tidy)[:3]


def test_a_job_that_does_not_listen_is_killed_when_its_time_is_up(herd: Herd) -> None:
    """After the grace that the worker has told."""
    herd.executor.close()
    herd.executor = type(herd.executor)(herd.launcher, grace_s=0.3)

    assert (0, 9, "time") == overrun(herd, (0.2, 0, 0, 0), "sh", "-c", DEAF)[:3]
    assert b"deaf\n" == herd.output, "nothing was left behind, and nothing is said of that"


def test_a_job_has_the_grace_of_its_worker_to_tidy_up(herd: Herd) -> None:
    """All of it."""
    herd.executor.close()
    herd.executor = type(herd.executor)(herd.launcher, grace_s=30.0)
    tidy = f"trap 'sleep {LEFTOVER_GRACE_S + 0.5}; exit 9' TERM; while :; do sleep 0.02; done"

    assert (9, 0, "time") == overrun(herd, (0.2, 0, 0, 0), "sh", "-c", tidy)[:3]


def test_a_job_that_somebody_kills_is_not_ended_by_its_time(herd: Herd) -> None:
    """The time is up while it dies."""
    herd.start("sh", "-c", DEAF, bounds=(0.6, 0, 0, 0))
    herd.says(b"deaf")
    herd.kill(grace_s=1.2)
    stopped = herd.stopped()

    assert (9, "", "") == (stopped.signal, stopped.cause, stopped.problem)


def test_a_job_that_has_ended_is_not_ended_by_its_time(herd: Herd) -> None:
    """What it has left behind takes its leave still."""
    left = "setsid sh -c 'trap \"\" TERM; while :; do sleep 0.05; done' & sleep 0.1; exit 3"

    assert (3, 0, "", "") == overrun(herd, (1.2, 0, 0, 0), "sh", "-c", left)


def test_a_job_that_has_ended_a_moment_before_its_time_has_ended_so(herd: Herd) -> None:
    """Whenever its shepherd gets to see that."""
    herd.start(
        "sh",
        "-c",
        'sleep 1000 & until test -e "$0"; do :; done; exit 3',
        str(herd.folder / "gate"),
        bounds=(0.5, 0, 0, 0),
    )
    wait_until(lambda: len(herd.living()) == 2 and herd.has_obeyed(), "the job")
    begun_s, root = time.monotonic(), min(herd.living())
    os.kill(herd.executor.pid, signal.SIGSTOP)
    (herd.folder / "gate").touch()
    wait_until(lambda: "Z" in Path(f"/proc/{root}/stat").read_text().split()[2], "its end")
    wait_until(lambda: time.monotonic() > begun_s + 0.6, "the end of its time")
    os.kill(herd.executor.pid, signal.SIGCONT)
    stopped = herd.stopped()

    assert (3, 0, "") == (stopped.exit_code, stopped.signal, stopped.cause)


@pytest.mark.parametrize("limits", [(3e9, 0, 0, 0), (3e9, 10, 5.0, 1 << 60)])
def test_bounds_may_be_as_far_as_can_be(herd: Herd, limits: Bounds) -> None:
    """poll(2) knows 24 days."""
    herd.start("sh", "-c", "sleep 0.1; exit 3", bounds=limits)

    assert 3 == herd.stopped().exit_code


def test_time_begins_with_the_job(herd: Herd) -> None:
    """And not while it waits behind another."""
    herd.shell("sleep 0.6")
    herd.start("sh", "-c", "sleep 0.05; exit 4", bounds=(0.6, 0, 0, 0))

    assert [0, 4] == [herd.stopped().exit_code for _ in range(2)]


def test_the_next_job_has_not_the_bounds_of_the_last(herd: Herd) -> None:
    """A shepherd runs many."""
    assert "time" == overrun(herd, (0.2, 0, 0, 0), "sleep", "100")[2]
    assert (0, 0, "", "") == overrun(herd, (), "sleep", "0.4")


def test_only_who_listens_is_warned(herd: Herd) -> None:
    """A shell around a program that saves must not die of the warning."""
    save = "import signal, time; signal.signal(signal.SIGUSR1, lambda *_: print('saved', flush=True)); time.sleep(100)"
    herd.start(
        "sh", "-c", '"$0" -c "$1"; exit 5', sys.executable, save, bounds=(60.0, int(signal.SIGUSR1), 59.0, 0)
    )
    herd.says(b"saved")
    herd.kill()

    assert b"saved\n" == herd.output
    assert "" == herd.stopped().cause


def test_a_job_with_too_much_memory_is_killed_with_all_its_processes(herd: Herd) -> None:
    """At once: in a grace it would have more and more."""
    hog = f"trap 'exit 7' TERM; for i in 1 2 3; do setsid {sys.executable} -c 'import time; x = b\"x\" * (40 << 20); time.sleep(100)' & done; wait"
    code, number, cause, problem = overrun(herd, (0, 0, 0, 90 * MIB), "sh", "-c", hog)

    assert (0, 9, "memory") == (code, number, cause)
    assert problem.endswith(" MiB, and asked for 90 MiB")
    assert [] == herd.living()
