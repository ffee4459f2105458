"""What this machine has for jobs: the cpus that we may use, memory, GPUs."""

import os
from pathlib import Path

from goq.adapters.jobs.cgroups import own_group

MIB = 1 << 20
_MEMORY_LIMITS = "memory.max", "memory.high"
_GPUS = Path("/proc/driver/nvidia/gpus")


def usable_cpus() -> int:
    """The cpus that our affinity mask and the quota of our control group leave us, whole ones; 1 at least."""
    usable = len(os.sched_getaffinity(0))
    quotas = [quota for group in _groups() if (quota := _quota(group)) is not None]
    return max(1, int(min([usable, *quotas])))


def machine_cpus() -> int:
    """All cpus of this machine."""
    return os.cpu_count() or 1


def usable_memory_mib() -> int:
    """The memory of this machine, or what our control group leaves us of it."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [limit for group in _groups() for name in _MEMORY_LIMITS if (limit := _number(group / name))]
    return max(1, min([whole, *limits]) // MIB)


def gpu_ids() -> tuple[str, ...]:
    """The GPUs that we may use: those of CUDA_VISIBLE_DEVICES, else all that the driver tells of."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return tuple(word for word in given.replace(" ", "").split(",") if word and word != "-1")
    try:
        return tuple(str(number) for number in range(len(os.listdir(_GPUS))))
    except OSError:
        return ()


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


def _number(path: Path) -> int:
    """What stands in the file; 0 when there is no number."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
