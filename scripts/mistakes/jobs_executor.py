"""Mistakes in adapters/jobs/executor.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/executor.py"
FAULTS = [
    Fault(
        "a second shepherd knows no environment",
        FILE,
        "self._told_environment: Environment | None = None",
        "self._told_environment = getattr(self, '_told_environment', None)",
    ),
    Fault(
        "a dead shepherd's word is not heard",
        FILE,
        "died = self._doomed or self._killed(",
        "died = self._killed(",
    ),
    Fault(
        "a job that never began has been killed",
        FILE,
        "if self._pending and begun == self._pending[0]:",
        "if self._pending:",
    ),
    Fault(
        "a job that was killed never began",
        FILE,
        "if self._pending and begun == self._pending[0]:",
        "if False:",
    ),
    Fault(
        "what waited in a dead shepherd is not heard of",
        FILE,
        "[Withdrawn(unstarted)] if unstarted else []",
        "[]",
    ),
    Fault(
        "a job that has ended never began",
        FILE,
        "self._settle(self._pending.popleft())",
        "self._settle(self._pending[0])",
    ),
    Fault(
        "what was withdrawn is told again",
        FILE,
        "self._pending = deque(each for each in self._pending if each not in numbers)",
        "pass",
    ),
    Fault(
        "a shepherd replaces itself",
        FILE,
        "        return [*withdrawn, ShepherdDied(died)]",
        "        self.relaunch()\n        return [*withdrawn, ShepherdDied(died)]",
    ),
    Fault(
        "the grace of a job without a spool is another's",
        FILE,
        'self._link.put(("grace", self._grace_s))',
        "pass",
    ),
    Fault(
        "a job that dies with its shepherd has no epilog",
        FILE,
        "        if self._owed:\n            self._pay(*self._owed)\n",
        "",
    ),
    Fault(
        "an epilog that is owed is paid again and again",
        FILE,
        "        self._owed = None\n        self._tell",
        "        self._tell",
    ),
    Fault(
        "a job with a shepherd that was killed has not run",
        FILE,
        "return Stopped(root, started_ns if root else now_ns, 0,",
        "return Stopped(0, now_ns, 0,",
    ),
    Fault(
        "a shepherd that is stopped is not woken by a kill",
        FILE,
        "            os.kill(self.pid, signal.SIGCONT)\n",
        "            pass\n",
    ),
]
