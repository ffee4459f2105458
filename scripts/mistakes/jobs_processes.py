"""Mistakes in adapters/jobs/processes.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/processes.py"
FAULTS = [
    Fault(
        "a job is looked for where the one before was",
        FILE,
        'elif os.environb.get(b"PATH") != folders:',
        'elif b"PATH" not in os.environb:',
    ),
    Fault(
        "who has no PATH has another's",
        FILE,
        'os.environb.pop(b"PATH", None)',
        "pass",
    ),
    Fault(
        "jobs ignore what Python ignores",
        FILE,
        "setsigdef=_IGNORED_BY_PYTHON",
        "setsigdef=()",
    ),
    Fault(
        "a folder is gone where its name leads nowhere",
        FILE,
        "        if not physical:\n            raise\n",
        "        raise\n",
    ),
    Fault(
        "a job believes that it is where its name leads",
        FILE,
        "        return physical\n    return folder\n",
        "        return folder\n    return folder\n",
    ),
    Fault(
        "PWD is added for who has none",
        FILE,
        'environment.get(b"PWD", where) == where',
        'environment.get(b"PWD") == where',
    ),
    Fault(
        "PWD stays what it was",
        FILE,
        'environment | {b"PWD": where}',
        "environment",
    ),
    Fault(
        "a job's umask is ours from then on",
        FILE,
        "            os.umask(ours)\n",
        "            pass\n",
    ),
    Fault(
        "a job has our umask",
        FILE,
        "ours = os.umask(umask)",
        "ours = os.umask(0o022)",
    ),
    Fault(
        "a long line for a shell is no program that can be started",
        FILE,
        "(errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)",
        "(errno.ENOENT, errno.ENOTDIR)",
    ),
]
