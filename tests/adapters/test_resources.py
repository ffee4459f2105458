"""What a machine has for jobs, as its control groups, its driver and its variables tell it."""

import os
from pathlib import Path

import pytest

from goq.adapters import resources
from goq.adapters.jobs import gpus
from goq.adapters.jobs.gpus import CUDA, Gpus, gpus_here
from goq.adapters.resources import machine_cpus, usable_cpu_ranges, usable_cpus, usable_memory_mib


@pytest.fixture(name="group")
def _group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The control group that we are in, inside another, on a machine of 64 cpus of which the mask leaves 8."""
    here = tmp_path / "outer" / "inner"
    here.mkdir(parents=True)
    monkeypatch.setattr(resources, "own_group", lambda: here)
    monkeypatch.setattr(resources, "_PROC", tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {*range(4, 10), 14, 15})
    return here


@pytest.fixture(name="driver")
def _driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without GPUs, until a test puts some into its folders `dev` and `bin`."""
    for name in ("dev", "bin"):
        (tmp_path / name).mkdir()
    monkeypatch.delenv(CUDA, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(gpus, "_DEVICES", tmp_path / "dev")
    return tmp_path


def test_cpus_are_those_of_the_mask(group: Path) -> None:
    """Which a container or Slurm sets; the whole machine has more."""
    assert group.is_dir()
    assert 8 == usable_cpus()
    assert ((4, 10), (14, 16)) == usable_cpu_ranges()
    assert 64 == machine_cpus()


@pytest.mark.parametrize(("quota", "cpus"), [("250000 100000", 2), ("50000 100000", 1), ("max 100000", 8)])
def test_a_quota_bounds_the_cpus_in_whole_ones(group: Path, quota: str, cpus: int) -> None:
    """Also one of a group further up; and one cpu is there in any case."""
    (group.parent / "cpu.max").write_text(quota)

    assert cpus == usable_cpus()


def test_a_machine_is_what_its_group_has_of_it(group: Path) -> None:
    """Else a worker in a container of 4 cpus and 16 GiB would offer a sixteenth of these 16 GiB."""
    (group / "cpuset.cpus.effective").write_text("0-2,9\n")
    assert 4 == machine_cpus()
    (group / "cpu.max").write_text("300000 100000")

    assert 3 == machine_cpus()


def test_memory_is_what_the_groups_leave(group: Path) -> None:
    """The least of all limits; never more than there is."""
    whole = usable_memory_mib()
    (group.parent / "memory.max").write_text("max")
    assert whole == usable_memory_mib()
    (group.parent / "memory.max").write_text(str(64 << 20))
    (group / "memory.high").write_text(str(1 << 60))

    assert 64 == usable_memory_mib()


@pytest.mark.parametrize(
    ("root", "path"), [("/", "/jobs/a"), ("/docker/1", "/docker/1/jobs/a"), ("/docker/1", "/elsewhere")]
)
def test_groups_of_version_1_bound_it_too(group: Path, tmp_path: Path, root: str, path: str) -> None:
    """On older machines; a container sees its own group as the topmost one."""
    assert group.is_dir()
    mounts, groups = [], []
    for at, kind in enumerate(("cpu,cpuacct", "memory", "cpuset")):
        place = tmp_path / "v1" / kind
        (place / "jobs" / "a").mkdir(parents=True)
        mounts.append(f"{at} 1 0:{at} {root} {place} rw - cgroup cgroup rw,{kind}")
        groups.append(f"{at}:{kind}:{path}")
    (tmp_path / "mountinfo").write_text("\n".join([*mounts, "9 1 0:9 / /x rw - tmpfs tmpfs rw", ""]))
    (tmp_path / "cgroup").write_text("\n".join([*groups, "0::/", ""]))
    (tmp_path / "v1" / "cpu,cpuacct" / "cpu.cfs_quota_us").write_text("-1")
    whole = usable_memory_mib()
    (tmp_path / "v1" / "memory" / "jobs" / "memory.limit_in_bytes").write_text("9223372036854771712")
    assert (8, 64, whole) == (usable_cpus(), machine_cpus(), usable_memory_mib())
    (tmp_path / "v1" / "cpu,cpuacct" / "cpu.cfs_quota_us").write_text("500000")
    (tmp_path / "v1" / "cpu,cpuacct" / "cpu.cfs_period_us").write_text("100000")
    (tmp_path / "v1" / "memory" / "memory.limit_in_bytes").write_text(str(64 << 20))
    assert (5, 5, 64) == (usable_cpus(), machine_cpus(), usable_memory_mib())
    (tmp_path / "v1" / "cpuset" / "cpuset.effective_cpus").write_text("0-2")

    assert 3 == machine_cpus()


def test_no_gpu_is_there_where_nothing_tells_of_any(driver: Path) -> None:
    """And nobody says so."""
    assert driver.is_dir()
    assert Gpus() == gpus_here()


@pytest.mark.parametrize(
    ("word", "ids"), [("2,3", ("2", "3")), ("", ()), ("-1", ()), ("GPU-a1", ("GPU-a1",))]
)
def test_who_set_cuda_visible_devices_is_obeyed(
    driver: Path, monkeypatch: pytest.MonkeyPatch, word: str, ids: tuple[str, ...]
) -> None:
    """Slurm does, for those that are the worker's; and an empty one means none."""
    (driver / "dev" / "nvidia0").touch()
    monkeypatch.setenv(CUDA, word)

    assert Gpus(ids, CUDA) == gpus_here()


def test_nvidia_smi_is_asked(driver: Path) -> None:
    """It knows which there are; and where it fails the devices are counted."""
    for name in ("nvidia0", "nvidia5", "nvidiactl", "nvidia-uvm"):
        (driver / "dev" / name).touch()
    assert Gpus(("0", "1"), f"{driver}/dev/nvidia*") == gpus_here()
    program = driver / "bin" / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0\n1\n2'\n")
    program.chmod(0o755)
    assert Gpus(("0", "1", "2"), "nvidia-smi") == gpus_here()
    program.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")

    assert Gpus(("0", "1"), f"{driver}/dev/nvidia*") == gpus_here()
