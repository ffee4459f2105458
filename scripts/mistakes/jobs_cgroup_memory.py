"""Mistakes in adapters/jobs/cgroup_memory.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/cgroup_memory.py"
FAULTS = [
    Fault(
        "others are moved too",
        FILE,
        "    if not all(pid == os.getpid()",
        "    if False and not all(pid == os.getpid()",
    ),
    Fault(
        "who could not hand on memory stays where it went",
        FILE,
        "        take_back_memory(here, ours)\n        return False",
        "        return False",
    ),
    Fault(
        "a worker leaves a group that it cannot remove",
        FILE,
        '            _write(here / "cgroup.procs", pid)\n',
        "            pass\n",
    ),
    Fault(
        "a shepherd stays with its job",
        FILE,
        '        _write(self._home / "cgroup.procs", "0")\n',
        "        pass\n",
    ),
    Fault(
        "half of a job goes on", FILE, '            _write(path / "memory.oom.group", "1")', "            #"
    ),
    Fault("who has been killed had too much memory", FILE, '.get("oom_kill", 0):', '.get("oom", 0):'),
    Fault(
        "older kernels end nobody for his memory",
        FILE,
        "return int(peak) if peak.isdecimal() else self.limit",
        "return int(peak or 0)",
    ),
    Fault(
        "memory is bounded where nobody hands it on",
        FILE,
        "return _MEMORY in _words(path.parent / _HANDED_ON)",
        "return True",
    ),
    Fault(
        "what others have handed on is taken back",
        FILE,
        "    if not (ours / _OURS).exists():\n        return\n",
        "",
    ),
]
