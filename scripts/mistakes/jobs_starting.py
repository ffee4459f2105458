"""Mistakes in adapters/jobs/starting.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/starting.py"
FAULTS = [
    Fault(
        "a job's end of its pipe stays open",
        FILE,
        "                os.close(entry)\n",
        "                os.set_inheritable(entry, True)\n",
    ),
    Fault(
        "a prolog of root's has the variables of a submitter",
        FILE,
        "environment if self.owners is None else self._of_the_node(more, owner)",
        "environment",
    ),
    Fault(
        "a prolog does not know whose job it is before",
        FILE,
        "{OWNER: os.fsencode(owner)}",
        "{}",
    ),
    Fault(
        "a job is at home where its submitter is",
        FILE,
        "        job.environment |= account.variables\n",
        "",
    ),
    Fault(
        "nobody can read what was taken along for him",
        FILE,
        "                os.chown(path, account.uid, account.gid, follow_symlinks=False)\n",
        "                pass\n",
    ),
    Fault(
        "one user's job finds the keys of another's",
        FILE,
        "            if account != self._last:\n",
        "            if self._last is None:\n",
    ),
    Fault(
        "a TMPDIR is root's",
        FILE,
        "            self._turn_to(place, account)\n",
        "            self._turn_to(place)\n",
    ),
    Fault(
        "what a job has left stays while others' jobs are on",
        FILE,
        "            self._scratch.clear()\n        if place:",
        "            pass\n        if place:",
    ),
    Fault(
        "who ends leaves the files of all owners but one",
        FILE,
        "        for scratch in self._scratches.values():\n",
        "        for scratch in [self._scratch] if self._scratch else []:\n",
    ),
    Fault(
        "what a job writes is written as root",
        FILE,
        "open_drains(job.output, job.umask, account)",
        "open_drains(job.output, job.umask)",
    ),
    Fault(
        "a job is root",
        FILE,
        "*how, entries[-1], account)",
        "*how, entries[-1])",
    ),
]
