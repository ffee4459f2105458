"""What /proc says of processes: which live, whose they are, how much memory they had."""

import os
import signal
from pathlib import Path


def marked_pids(name: str, value: str) -> list[int]:
    """The living processes with this variable in the environment that they were started with."""
    wanted = f"{name}={value}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            variables = Path("/proc", entry, "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended, or is another user's
        if wanted in variables:
            found.append(int(entry))
    return found


def lives(pid: int) -> bool:
    """It has not ended. Some first processes never wait for the orphans that they get, so zombies stay."""
    try:
        return status_field(pid, "State")[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def status_field(pid: int, field: str) -> str:
    """A field of /proc/PID/status."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
        key, _, value = line.partition(":")
        if key == field:
            return value.strip()
    raise KeyError(field)


def peak_kib(pid: int) -> int:
    """The most memory that the process has had."""
    return int(status_field(pid, "VmHWM").split()[0])


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def shepherds(worker: int) -> list[int]:
    """A worker's shepherds; of its children they alone want to hear of the ends of theirs."""
    wanted = 1 << (signal.SIGCHLD - 1)
    return [pid for pid in children(worker) if int(status_field(pid, "SigCgt"), 16) & wanted]


def zombies_of(pid: int) -> list[int]:
    """The children of a process that have ended and that it has not waited for."""
    return [child for child in children(pid) if status_field(child, "State").startswith("Z")]


def resident_kib(pid: int) -> int:
    """The memory that the process has now."""
    return int(status_field(pid, "VmRSS").split()[0])


def cpu_s(pid: int) -> float:
    """The processor time that the process has used, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid: int) -> int:
    """How many descriptors the process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))
