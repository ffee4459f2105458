"""What this machine has for jobs: the cpus that we may use, memory.

Control groups of both kinds are obeyed: of version 2, and of version 1, which has a hierarchy for each kind.
"""

import os
from pathlib import Path

from goq.adapters.jobs.cgroups import own_group

MIB = 1 << 20
_PROC = Path("/proc/self")
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
    names = [group / "cpuset.cpus.effective" for group in _groups()]
    names += [group / "cpuset.effective_cpus" for group in _old_groups("cpuset")]
    given = [count for name in names if (count := _cpus_of_set(name))]
    return _bounded(min([whole, *given]))


def usable_memory_mib() -> int:
    """The memory of this machine, or what our control group leaves us of it."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    names = [group / name for group in _groups() for name in _MEMORY_LIMITS]
    names += [group / "memory.limit_in_bytes" for group in _old_groups("memory")]
    limits = [limit for name in names if (limit := _number(name))]
    return max(1, min([whole, *limits]) // MIB)


def _bounded(cpus: int) -> int:
    """So many, or what the quotas of our control groups leave of them."""
    quotas = [quota for group in _groups() if (quota := _quota(group)) is not None]
    for group in _old_groups("cpu"):
        quota_us, period_us = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
        quotas += [quota_us / period_us] if quota_us > 0 and period_us else []
    return max(1, int(min([cpus, *quotas])))


def _groups() -> list[Path]:
    """Our control group and those above it, whose limits bind us too."""
    here = own_group()
    return [] if here is None else [here, *here.parents]


def _old_groups(kind: str) -> list[Path]:
    """The same of version 1, for one kind of limits; in a container its own group is the topmost that is there."""
    where = [line.split(":", 2)[2] for line in _lines("cgroup") if kind in line.split(":")[1].split(",")]
    for line in _lines("mountinfo"):
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup ") and kind in after.split()[-1].split(","):
            root, mounted = before.split(" ")[3:5]
            inside = [path.removeprefix(root).lstrip("/") for path in where if path.startswith(root)]
            here = Path(mounted, *inside)
            return [each for each in (here, *here.parents) if each.is_relative_to(mounted) and each.is_dir()]
    return []


def _lines(name: str) -> list[str]:
    try:
        return (_PROC / name).read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []


def _quota(group: Path) -> float | None:
    """So many cpus at most; None for no limit."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def _cpus_of_set(file: Path) -> int:
    """How many cpus a group may use, as `0-3,8` says; 0 where that is not said."""
    try:
        ranges = (part.split("-") for part in file.read_text().strip().split(","))
        return sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)
    except (OSError, ValueError):
        return 0


def _number(path: Path) -> int:
    """What stands in the file; 0 when there is no number."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
