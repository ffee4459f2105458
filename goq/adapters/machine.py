"""What this machine says of itself: its name, its boot, and which of its processes still live.

A host's name is whatever bytes somebody gave it. Only this file asks for it, so that it is the
same everywhere, and harmless in a message, in a log and as the name of a file.
"""

import os
import re

from msgspec import Struct

from goq.core.values.text import printable

_NAMELESS = b"(none)"  # the kernel's own word for it
_UNFIT_FOR_FILES = re.compile(rb"^\.|[^A-Za-z0-9._-]")
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_MEMORY = "/proc/meminfo"
_STARTED = 19  # its place in /proc/PID/stat, counted from the state on; proc(5)


def host_name() -> str:
    """The name as one word of printable text, of at most 256 characters."""
    return shown_host(_name())


def shown_host(name: bytes) -> str:
    """What a host of that name is called; of what is called so already, the same."""
    return printable(name.decode("utf-8", "backslashreplace")).replace(" ", r"\x20")


def host_file_name() -> str:
    """The name as that of a file, of at most 192 characters; different hosts never have the same."""
    return _UNFIT_FOR_FILES.sub(lambda found: b"%%%02X" % ord(found[0]), _name()).decode("ascii")


def _name() -> bytes:
    return os.fsencode(os.uname().nodename) or _NAMELESS


def boot_id() -> str:
    """What this kernel calls its present boot: letters and digits. One of our own where it tells none."""
    try:
        with open(_BOOT_ID, "rb") as file:
            told = re.sub(rb"[^0-9A-Za-z]", b"", file.read(64)).decode("ascii")
    except OSError:
        told = ""
    return told or os.urandom(16).hex()


def load_average() -> float:
    """How many processes ran, or were to run, on average over the last minute; 0 where nobody says."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return 0.0


def memory_in_use_kib() -> int:
    """How much of the machine's memory nobody could have now; 0 where nobody says."""
    try:
        with open(_MEMORY, "rb") as file:
            told = dict(line.split(b":", 1) for line in file)
        return max(0, _kib(told[b"MemTotal"]) - _kib(told[b"MemAvailable"]))
    except (OSError, KeyError):
        return 0


def _kib(told: bytes) -> int:
    return int(told.split()[0])


class Process(Struct, frozen=True):
    """A process of this boot. A pid is given again; with the time of its start it is not."""

    pid: int
    started: int  # clock ticks after the boot
    namespace: int  # where the pid counts; 0: not known


def this_process() -> Process:
    """Ourselves."""
    return process_of(os.getpid())


def process_of(pid: int) -> Process:
    """The process that has this pid now; one that has started at 0 where there is none, or it is not ours to see."""
    try:
        state = _state(pid)
    except PermissionError:
        state = []
    return Process(pid, int(state[_STARTED]) if state else 0, _namespace())


def has_surely_ended(process: Process) -> bool:
    """Nobody can say so of another container's process: then it has not."""
    if not process.namespace or process.namespace != _namespace():
        return False
    try:
        state = _state(process.pid)
    except PermissionError:
        return False
    return not state or state[0] in "ZX" or int(state[_STARTED]) != process.started


def _state(pid: int) -> list[str]:
    """The fields of a process from its state on; none when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0
