"""What a running job uses, by its shepherd's look at /proc or at its group, and how seldom that looks."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.herd import Herd
from adapters.until import wait_until
from goq.adapters.jobs.bounds import LOOK_SHARE, Watch
from goq.adapters.jobs.cgroup_memory import MemoryGroup
from goq.adapters.jobs.executor import ShepherdDied
from goq.adapters.jobs.mark import Mark, Sample, new_memory
from goq.adapters.jobs.running import Running
from goq.adapters.jobs.use import LARGE_BYTES, Seen, note_use
from goq.core.worker.rules import SAMPLE_EVERY_S, SAMPLES_FROM_S

MIB = 1 << 20
BEGUN_S = 1e9
READY = "print('ready', flush=True); sys.stdin.read()"
BUSY = "import time; end = time.process_time() + {cpu_s}\nwhile time.process_time() < end: pass\n"


def a_job(watch: Watch | None = None, memory: MemoryGroup | None = None, orphans_cpu_s: float = 0) -> Running:
    """One that will begin some years after the boot: no real look lasts until then."""
    more = {"watch": watch, "memory": memory, "orphans_cpu_s": orphans_cpu_s}
    return replace(Running(7, {}, (), os.getpid(), 0, BEGUN_S), **more)


@pytest.fixture
def mark() -> Mark:
    """A shepherd's."""
    return Mark(new_memory())


def nobody() -> list[int]:
    raise AssertionError("nobody wants to know")


@contextmanager
def a_process(script: str) -> Iterator[int]:
    """A process that has done that and waits; its pid."""
    script = f"import sys, os\n{script}\n{READY}"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdin
        assert b"ready\n" == process.stdout.readline()
        yield process.pid
        process.stdin.close()


def noted(job: Running, mark: Mark, *pids: int) -> Sample:
    """What is noted of it, when that is due."""
    note_use(job, mark, job.sample_at_s, Seen(lambda: list(pids)))
    sample = mark.sample(7)
    assert sample
    return sample


# --- when ------------------------------------------------------------------------------------------


def test_at_a_short_job_nobody_looks(mark: Mark) -> None:
    """There may be a thousand of them in a second."""
    job = a_job()
    note_use(job, mark, BEGUN_S + SAMPLES_FROM_S - 0.001, Seen(nobody))

    assert None is mark.sample(7)
    assert job.due_s == BEGUN_S + SAMPLES_FROM_S, "which its shepherd sleeps for"


def test_looks_are_at_first_oftener_than_later(mark: Mark) -> None:
    """Whoever asks after a minute wants to see a curve; after a day nobody counts seconds."""
    job, ages = a_job(), []
    for _ in range(6):
        ages.append(round(job.sample_at_s - BEGUN_S))
        noted(job, mark, os.getpid())

    assert [3, 6, 12, 22, 32, 42] == ages
    assert (3.0, 10.0) == (SAMPLES_FROM_S, SAMPLE_EVERY_S)


def test_who_has_just_been_looked_up_is_looked_at_a_little_sooner(mark: Mark) -> None:
    """What bounds the job wants to know its processes twice a second: they are looked up once for both."""
    job, looked = a_job(), []

    def look_up() -> list[int]:
        looked.append(1)
        return [os.getpid()]

    seen = Seen(look_up)
    seen()
    note_use(job, mark, BEGUN_S + SAMPLES_FROM_S - 0.4, seen)

    assert mark.sample(7)
    assert [1] == looked


def test_looks_that_take_long_are_rare(mark: Mark, monkeypatch: pytest.MonkeyPatch) -> None:
    """At so many processes, or so much memory, that one takes a second."""
    job = a_job()
    monkeypatch.setattr(time, "monotonic", lambda: BEGUN_S + 4.0)
    note_use(job, mark, BEGUN_S + 3.0, Seen(list))

    assert BEGUN_S + 3.0 + LOOK_SHARE == job.sample_at_s


# --- what ------------------------------------------------------------------------------------------


def test_a_process_has_used_its_time_and_that_of_children_it_has_waited_for(mark: Mark) -> None:
    """User and system time; and what has ended without a parent, as its shepherd has taken note."""
    child = "subprocess.run([sys.executable, '-c', " + repr(BUSY.format(cpu_s=0.4)) + "])"
    with a_process(f"import subprocess\n{child}\n{BUSY.format(cpu_s=0.3)}") as pid:
        job = a_job(orphans_cpu_s=5.0)
        sample = noted(job, mark, pid, 2**22 + 1)

    assert 5.7 <= sample.cpu_s < 7.0
    assert BEGUN_S + SAMPLES_FROM_S == sample.at_s


def test_memory_is_what_its_processes_have(mark: Mark) -> None:
    """In memory, not what they have reserved."""
    with a_process("data = b'1' * (64 << 20); import mmap; rest = mmap.mmap(-1, 1 << 30)") as pid:
        sample = noted(a_job(), mark, pid)

    assert 64 << 10 <= sample.resident_kib < 128 << 10


def test_pages_of_two_large_processes_count_once(mark: Mark) -> None:
    """As those of a parent that forked."""
    forked = "data = b'1' * (64 << 20)\nif not os.fork():\n import time; time.sleep(1000)\nimport signal"
    with a_process(forked) as pid:
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        sample = noted(a_job(), mark, pid, int(child))
        os.kill(int(child), 9)

    assert 64 << 10 <= sample.resident_kib < 96 << 10
    assert 64 * MIB > LARGE_BYTES


def test_what_bounds_its_memory_has_just_seen_it(mark: Mark) -> None:
    """Nobody looks a second time."""
    watch = Watch((0, 0, 0, 1 << 40), BEGUN_S)
    watch.had_bytes = 12345 * 1024

    assert 12345 == noted(a_job(watch=watch), mark, os.getpid()).resident_kib


def test_a_group_of_its_own_knows_all(mark: Mark, tmp_path: Path) -> None:
    """And nobody looks at processes; files that it has read are the kernel's to drop."""
    group = MemoryGroup.__new__(MemoryGroup)
    group._path = tmp_path
    (tmp_path / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (tmp_path / "memory.stat").write_text("anon 1048576\nfile 99999999\nshmem 2048\n")
    job = a_job(memory=group)
    note_use(job, mark, job.sample_at_s, Seen(nobody))

    assert Sample(job.started_s + 3.0, 2.5, 1026) == mark.sample(7)


# --- who is told -----------------------------------------------------------------------------------


def test_what_is_noted_is_of_one_job(mark: Mark) -> None:
    """A worker that asks for the next one finds nothing of the last."""
    mark.set(7, 1, 2)
    mark.note(7, Sample(1.0, 2.0, 3))

    assert Sample(1.0, 2.0, 3) == mark.sample(7)
    assert None is mark.sample(8)
    assert (7, 1, 2) == mark.get()


def test_a_worker_sees_what_its_job_uses_while_it_runs(herd: Herd) -> None:
    """Of the job that is on; the real shepherd looks."""
    herd.python(f"data = b'1' * (64 << 20)\n{BUSY.format(cpu_s=0.5)}\nimport time; time.sleep(1000)")
    # On a machine with much to do the first sample may come before all of that was used.
    wait_until(lambda: (seen := herd.executor.sample()) and seen[1].cpu_s >= 0.5, "a sample of all of it")

    found = herd.executor.sample()
    assert found
    number, sample = found
    assert herd.number == number
    assert 64 << 10 <= sample.resident_kib < 128 << 10
    assert sample.at_s <= time.monotonic()
    herd.kill(9)
    stopped = herd.stopped()

    assert None is herd.executor.sample(), "it is over"
    assert 0.5 <= stopped.cpu_s
    assert 64 << 10 <= stopped.peak_kib


def test_of_a_job_that_went_with_its_shepherd_is_known_what_was_seen(herd: Herd) -> None:
    """Nobody else could say."""
    herd.python("data = b'1' * (64 << 20)\nimport time; time.sleep(1000)")
    wait_until(lambda: herd.executor.sample() is not None, "a sample")
    (pid,) = herd.living()
    os.kill(herd.executor.pid, 9)
    died = herd.heard()
    os.kill(pid, 9)

    assert isinstance(died, ShepherdDied)
    assert died.job
    assert 64 << 10 <= died.job.peak_kib


def test_what_a_killed_job_had_is_known_though_its_first_process_did_not_wait(herd: Herd) -> None:
    """A shell and what it started die at once."""
    herd.shell(f"""{sys.executable} -c "
import time
data = b'1' * (64 << 20)
{BUSY.format(cpu_s=0.3)}
print('ready', flush=True)
time.sleep(1000)
"; true""")
    herd.says(b"ready")
    herd.kill(9)
    stopped = herd.stopped()

    assert 64 << 10 <= stopped.peak_kib
    assert 0.3 <= stopped.cpu_s


def test_a_job_that_has_too_much_memory_is_said_to_have_had_it(herd: Herd) -> None:
    """At least what was seen, also if that was of several."""
    hungry = "data = b'1' * (24 << 20)"
    script = f"import os\nfor _ in range(3):\n if not os.fork():\n  {hungry}; import time; time.sleep(1000)\nos.wait()"
    herd.start(sys.executable, "-c", script, bounds=(0, 0, 0, 48 * MIB))
    stopped = herd.stopped()

    assert "memory" == stopped.cause
    assert 48 << 10 < stopped.peak_kib


def test_nobody_else_may_open_what_is_said_or_cut_it() -> None:
    """A job that has it by way of /proc would end its worker, which reads there."""
    fileno = new_memory()
    try:
        assert 0o600 == stat.S_IMODE(os.fstat(fileno).st_mode)
        with pytest.raises(PermissionError):
            os.ftruncate(fileno, 0)
        with pytest.raises(PermissionError):
            os.ftruncate(fileno, 1 << 20)
    finally:
        os.close(fileno)
