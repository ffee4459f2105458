"""What this machine has for jobs: the cpus that we may use, memory, GPUs."""

import os
import re
import subprocess
from pathlib import Path

from msgspec import Struct

from goq.adapters.jobs.cgroups import own_group

MIB = 1 << 20
CUDA = "CUDA_VISIBLE_DEVICES"
_MEMORY_LIMITS = "memory.max", "memory.high"
_DEVICES = Path("/dev")
_DEVICE = re.compile(r"nvidia[0-9]+\Z").match
_TOLD = "nvidia-smi", "--query-gpu=index", "--format=csv,noheader"
_TOLD_S = 20.0  # a driver that is not loaded yet takes its time


class Gpus(Struct, frozen=True):
    """The ids of GPUs that we may use, and who says so; "" where nobody does."""

    ids: tuple[str, ...] = ()
    source: str = ""


def usable_cpus() -> int:
    """The cpus that our affinity mask and the quota of our control group leave us, whole ones; 1 at least."""
    return _bounded(len(os.sched_getaffinity(0)))


def usable_cpu_ids() -> tuple[int, ...]:
    """Those of our affinity mask, in order."""
    return tuple(sorted(os.sched_getaffinity(0)))


def machine_cpus() -> int:
    """The cpus that this machine, or the control group that we are in, has for all that runs there."""
    whole = os.cpu_count() or 1
    given = [count for group in _groups() if (count := _cpus_of_set(group))]
    return _bounded(min([whole, *given]))


def usable_memory_mib() -> int:
    """The memory of this machine, or what our control group leaves us of it."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [limit for group in _groups() for name in _MEMORY_LIMITS if (limit := _number(group / name))]
    return max(1, min([whole, *limits]) // MIB)


def gpus_here() -> Gpus:
    """The GPUs that we may use: as CUDA_VISIBLE_DEVICES has it, else nvidia-smi, else the devices that are there."""
    given = os.environ.get(CUDA)
    if given is not None:
        ids = (word for word in given.replace(" ", "").split(",") if word and word != "-1")
        return Gpus(tuple(ids), CUDA)
    told = _told()
    if told:
        return Gpus(told, _TOLD[0])
    count = sum(_DEVICE(name) is not None for name in os.listdir(_DEVICES))
    return Gpus(tuple(map(str, range(count))), f"{_DEVICES}/nvidia*") if count else Gpus()


def _told() -> tuple[str, ...]:
    """What nvidia-smi knows; nothing where it is not there, or knows none."""
    try:
        said = subprocess.run(_TOLD, capture_output=True, text=True, timeout=_TOLD_S, check=True).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    return tuple(line.strip() for line in said.splitlines() if line.strip().isdecimal())


def _bounded(cpus: int) -> int:
    """So many, or what the quotas of our control groups leave of them."""
    quotas = [quota for group in _groups() if (quota := _quota(group)) is not None]
    return max(1, int(min([cpus, *quotas])))


def _groups() -> list[Path]:
    """Our control group and those above it, whose limits bind us too."""
    here = own_group()
    return [] if here is None else [here, *here.parents]


def _quota(group: Path) -> float | None:
    """So many cpus at most; None for no limit."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def _cpus_of_set(group: Path) -> int:
    """How many cpus the group may use, as `0-3,8` says; 0 where that is not said."""
    try:
        ranges = (
            part.split("-") for part in (group / "cpuset.cpus.effective").read_text().strip().split(",")
        )
        return sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)
    except (OSError, ValueError):
        return 0


def _number(path: Path) -> int:
    """What stands in the file; 0 when there is no number."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
