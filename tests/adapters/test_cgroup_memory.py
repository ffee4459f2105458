"""Memory that the kernel bounds: where that can be had, what is written where, and what is said of the end.

Where this machine lets groups bound memory the real thing is tried; elsewhere folders that look like groups.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.herd import SHELL, Herd
from adapters.until import wait_until
from goq.adapters.jobs.cgroup_memory import (
    MemoryGroup,
    bounds_memory,
    hand_on_memory,
    inside,
    take_back_memory,
)
from goq.adapters.jobs.cgroups import JobCgroup, WorkerCgroup
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.spawning import CannotStart

MIB = 1 << 20
NOT_ASKED = (0.0, 0, 0.0)


def a_group(path: Path, controllers: str = "cpu memory", handed_on: str = "", *pids: int) -> Path:
    """A folder that looks like a group."""
    path.mkdir(parents=True)
    (path / "cgroup.controllers").write_text(controllers)
    (path / "cgroup.subtree_control").write_text(handed_on)
    (path / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))
    return path


def asked_of(group: Path) -> str:
    """What was written last of what it hands on."""
    return (group / "cgroup.subtree_control").read_text()


def test_a_worker_that_is_alone_goes_into_a_group_of_its_own(tmp_path: Path) -> None:
    """Only a group without processes hands on memory."""
    here = a_group(tmp_path / "here", "cpu memory", "", os.getpid())
    ours = a_group(here / "goq.n1", "cpu")

    assert hand_on_memory(here, ours)
    assert ("+memory", "+memory") == (asked_of(here), asked_of(ours))
    assert str(os.getpid()) == (ours / "worker" / "cgroup.procs").read_text()
    take_back_memory(here, ours)
    assert ("-memory", "-memory") == (asked_of(here), asked_of(ours))
    assert str(os.getpid()) == (here / "cgroup.procs").read_text(), "written again"


def test_nobody_else_is_moved(tmp_path: Path) -> None:
    """A shell in the same group stays where it is; memory is looked at then."""
    here = a_group(tmp_path / "here", "memory", "", os.getpid(), 1)
    ours = a_group(here / "goq.n1")

    assert not hand_on_memory(here, ours)
    assert ("", "") == (asked_of(here), asked_of(ours))
    assert not (ours / "worker").exists()


def test_where_memory_is_handed_on_nobody_moves(tmp_path: Path) -> None:
    """As in the root of all groups; and where the kernel has none to hand on."""
    here = a_group(tmp_path / "here", "memory", "memory pids", 1)
    ours = a_group(here / "goq.n1")
    assert hand_on_memory(here, ours)
    assert ("memory pids", "+memory") == (asked_of(here), asked_of(ours))
    take_back_memory(here, ours)
    assert "memory pids" == asked_of(here), "that was somebody else's"

    assert not hand_on_memory(a_group(tmp_path / "other", "cpu", "", os.getpid()), ours)


def test_a_worker_that_cannot_have_it_is_where_it_was(tmp_path: Path) -> None:
    """It had moved already when the group did not take the order."""
    here = a_group(tmp_path / "here", "memory", "", os.getpid())
    ours = here / "goq.n1"
    ours.mkdir()
    (ours / "cgroup.subtree_control").mkdir()

    assert not hand_on_memory(here, ours)
    assert str(os.getpid()) == (here / "cgroup.procs").read_text(), "written again"


# --- a job ---------------------------------------------------------------------------------


@pytest.fixture(name="slot")
def _slot(tmp_path: Path) -> Path:
    """The folder of a slot, whose neighbours may bound memory."""
    return a_group(a_group(tmp_path / "ours", "memory", "memory") / "0", "memory")


@pytest.fixture(name="herd")
def _herd(tmp_path: Path, slot: Path) -> Iterator[Herd]:
    """A shepherd that takes the folder for its group."""
    herd = Herd(tmp_path)
    herd.executor.close()
    herd.executor = Executor(herd.launcher, JobCgroup(slot))
    yield herd
    herd.close()


def test_a_job_that_asks_for_memory_is_born_in_a_group_that_has_so_much(herd: Herd, slot: Path) -> None:
    """All of it goes when it wants more; its shepherd is there for a moment only."""
    (slot / "cgroup.procs").write_text("nobody")
    herd.start(
        SHELL,
        "-c",
        f"cat {slot}.job/memory.max; echo; cat {slot}.job/memory.oom.group",
        bounds=(*NOT_ASKED, 90 * MIB),
    )

    assert 0 == herd.stopped().exit_code
    assert f"{90 * MIB}\n1" == herd.output.decode().strip()
    assert "0" == Path(f"{slot}.job/cgroup.procs").read_text() == (slot / "cgroup.procs").read_text()


def test_other_jobs_are_in_no_group_of_their_own(herd: Herd, slot: Path) -> None:
    """It costs a job nothing that it has not asked for."""
    herd.start("true", bounds=(3600.0, 0, 0.0, 0))
    herd.stopped()

    assert not Path(f"{slot}.job").exists()


@pytest.mark.parametrize(("peak", "had"), [(f"echo {91 * MIB} > $1/memory.peak", "91 MiB"), ("", "90 MiB")])
def test_what_the_kernel_ends_has_had_too_much(herd: Herd, slot: Path, peak: str, had: str) -> None:
    """And is told with both numbers; older kernels do not know how much it was."""
    script = f"{peak}\nprintf 'max 7\\noom 1\\noom_kill 2\\n' > $1/memory.events; kill -9 $$"
    herd.start(SHELL, "-c", script, "job", f"{slot}.job", bounds=(*NOT_ASKED, 90 * MIB))
    stopped = herd.stopped()

    assert ("memory", 9) == (stopped.cause, stopped.signal)
    assert f"it wanted more than {had}, and asked for 90 MiB" == stopped.problem


def test_what_ends_otherwise_has_not(herd: Herd, slot: Path) -> None:
    """It had come near, and had been killed by somebody."""
    script = "printf 'max 7\\noom 1\\noom_kill 0\\n' > $1/memory.events; kill -9 $$"
    herd.start(SHELL, "-c", script, "job", f"{slot}.job", bounds=(*NOT_ASKED, 90 * MIB))
    stopped = herd.stopped()

    assert ("", 9) == (stopped.cause, stopped.signal)


def test_where_no_group_can_be_made_memory_is_looked_at(herd: Herd, slot: Path) -> None:
    """As it was before there were groups."""
    Path(f"{slot}.job").write_text("in the way")
    hog = "import time; x = b'x' * (90 << 20); time.sleep(100)"
    herd.start(sys.executable, "-c", hog, bounds=(*NOT_ASKED, 60 * MIB))
    stopped = herd.stopped()

    assert "memory" == stopped.cause
    assert stopped.problem.startswith("it had ")


def test_a_group_that_lets_nobody_in_is_trouble_of_the_node(tmp_path: Path) -> None:
    """The job has not begun, and is left to others."""
    group = MemoryGroup(tmp_path / "0.job", tmp_path / "0", MIB)
    (tmp_path / "0.job" / "cgroup.procs").mkdir()

    with pytest.raises(CannotStart) as raised, inside(group):
        raise AssertionError("it is not there")
    assert "node" == raised.value.trouble


def test_a_job_dies_with_all_of_its_slot(slot: Path) -> None:
    """One write for the job, one for who is beside it."""
    group = JobCgroup(slot)
    memory = group.bound(MIB)
    assert memory
    Path(f"{slot}.job/cgroup.procs").write_text("7\n8\n")
    (slot / "cgroup.procs").write_text("5\n")
    assert {b"5", b"7", b"8"} == group.pids()
    group.kill()

    assert ["1", "1"] == [
        path.read_text() for path in (slot / "cgroup.kill", Path(f"{slot}.job/cgroup.kill"))
    ]


def test_the_kernel_ends_a_job_that_wants_more(tmp_path: Path) -> None:
    """The real thing, where this machine lets us: the whole job at once, and the next one has all its memory."""
    worker = WorkerCgroup.make(f"test-{os.getpid()}-{os.urandom(4).hex()}")
    slot = worker.slot(0) if worker else None
    if worker is None or slot is None or not bounds_memory(slot.path):
        if worker:
            worker.remove()
        pytest.skip("no cgroup v2 in which groups bound memory")
    herd = Herd(tmp_path)
    herd.executor.close()
    herd.executor = Executor(herd.launcher, slot)
    try:
        for _ in range(2):
            herd.start(sys.executable, "-c", "x = b'x' * (200 << 20)", bounds=(*NOT_ASKED, 64 * MIB))
            stopped = herd.stopped()
            assert ("memory", 9) == (stopped.cause, stopped.signal)
            assert stopped.problem.endswith("and asked for 64 MiB")
        assert 0 == herd.run("true").exit_code
        assert not Path(f"{slot.path}.job").exists()
    finally:
        herd.close()
        wait_until(lambda: not slot.pids(), "an empty group")
        worker.remove()
