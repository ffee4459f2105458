"""Mistakes in adapters/jobs/launcher.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/launcher.py"
FAULTS = [
    Fault(
        "another goq is taken for ours",
        FILE,
        "        if greeting != GREETING:",
        "        if False:",
    ),
    Fault(
        "a killed template is not replaced",
        FILE,
        "        self.close()\n        self._begin()\n        try:",
        "        try:",
    ),
    Fault(
        "a frozen template stops its worker for good",
        FILE,
        "        self._end.settimeout(PATIENCE_S)",
        "        pass",
    ),
    Fault(
        "who leads a group outlives it",
        FILE,
        "        os.kill(leader, signal.SIGKILL)\n        os.waitpid(leader, 0)",
        "        pass",
    ),
    Fault(
        "a template is a stray",
        FILE,
        "        template = () if self._template.poll() is not None else (self._template.pid,)",
        "        template = ()",
    ),
    Fault(
        "who leads a group is a stray",
        FILE,
        "{*self._leaders, *self._leaders.values(), *template, *self._adopted}",
        "{*self._leaders, *template, *self._adopted}",
    ),
    Fault(
        "jobs may open as many files as their worker may now",
        FILE,
        "        self._files = allowed_files()",
        "        self._files = 1 << 14",
    ),
    Fault(
        "nobody can wait for a child where that was ignored",
        FILE,
        "            signal.signal(signal.SIGCHLD, signal.SIG_DFL)",
        "            pass",
    ),
]
