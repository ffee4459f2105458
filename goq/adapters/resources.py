"""What this machine has for jobs: the cpus that we may use, memory."""

import os
from pathlib import Path

from goq.adapters.jobs.cgroups import own_group

MIB = 1 << 20
_MEMORY_LIMITS = "memory.max", "memory.high"


def usable_cpus() -> int:
    """The cpus that our affinity mask and the quota of our control group leave us, whole ones; 1 at least."""
    return _bounded(len(os.sched_getaffinity(0)))


def usable_cpu_ranges() -> tuple[tuple[int, int], ...]:
    """Those of our affinity mask, as ranges without their ends."""
    ranges: list[tuple[int, int]] = []
    for cpu in sorted(os.sched_getaffinity(0)):
        first = ranges.pop()[0] if ranges and ranges[-1][1] == cpu else cpu
        ranges.append((first, cpu + 1))
    return tuple(ranges)


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
