"""Mistakes in adapters/jobs/processes.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/processes.py"
FAULTS = [
    Fault(
        "jobs ignore what their worker ignores",
        FILE,
        "            signal.signal(number, signal.SIG_DFL)",
        "            pass",
    ),
    Fault(
        "jobs have blocked what their worker has",
        FILE,
        "    signal.pthread_sigmask(signal.SIG_SETMASK, ())",
        "    pass",
    ),
    Fault(
        "who is dead had to be ended",
        FILE,
        "            if after.split()[0] not in _DEAD:",
        "            if True:",
    ),
    Fault(
        "a worker takes its shepherd's end for a stranger's",
        FILE,
        "        if pid not in ours:\n",
        "        if True:\n",
    ),
    Fault(
        "a worker kills its other shepherds",
        FILE,
        "    spared = set(keep)\n",
        "    spared = set()\n",
    ),
    Fault(
        "jobs may open as many files as their worker",
        FILE,
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))",
        "    pass",
    ),
    Fault(
        "a worker does not take all files that it may",
        FILE,
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))",
        "    pass",
    ),
]
