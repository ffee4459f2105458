"""Mistakes in adapters/jobs/spawning.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/spawning.py"
FAULTS = [
    Fault(
        "a pinned job runs where it likes", FILE, "        os.sched_setaffinity(0, cpus)\n", "        pass\n"
    ),
    Fault(
        "who comes after a pinned job is pinned",
        FILE,
        "        os.sched_setaffinity(0, ours)\n",
        "        pass\n",
    ),
    Fault(
        "a job is looked for where the one before was",
        FILE,
        "    if _searched == [folders]:",
        "    if _searched:",
    ),
    Fault(
        "who has no PATH has another's",
        FILE,
        '        os.environb.pop(b"PATH", None)',
        "        pass",
    ),
    Fault(
        "jobs ignore what Python ignores",
        FILE,
        "setsigdef=IGNORED_BY_PYTHON",
        "setsigdef=()",
    ),
    Fault(
        "a folder is gone where its name leads nowhere",
        FILE,
        "os.chdir(physical or folder)",
        "os.chdir(folder)",
    ),
    Fault(
        "a job believes that it is where its name leads",
        FILE,
        "        return physical\n    return folder",
        "        return folder\n    return folder",
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
        "        os.umask(ours)\n",
        "        pass\n",
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
        "{*_MISSING, errno.ENAMETOOLONG}",
        "{*_MISSING}",
    ),
    Fault(
        "a job leads its process group",
        FILE,
        "setpgroup=group",
        "setpgroup=0",
    ),
    Fault(
        "no job runs where nobody leads its group",
        FILE,
        "            if not group or _has_members(group):",
        "            if True:",
    ),
    Fault(
        "a program that is being written fails at once",
        FILE,
        "error.errno != errno.ETXTBSY or time.monotonic() > until_s",
        "True",
    ),
    Fault(
        "a missing folder is the job's fault",
        FILE,
        'not there", NO_FOLDER, FOLDER_TROUBLE)',
        'not there", NO_FOLDER)',
    ),
    Fault(
        "a closed folder is trouble",
        FILE,
        'may not be entered", NO_FOLDER)',
        'may not be entered", NO_FOLDER, FOLDER_TROUBLE)',
    ),
    Fault(
        "a dead mount is the job's fault",
        FILE,
        "    if error.errno in DEAD_MOUNT:\n        return FOLDER_TROUBLE",
        "    if False:\n        return FOLDER_TROUBLE",
    ),
    Fault(
        "a node that lacks something blames the job",
        FILE,
        'return NODE_TROUBLE if error.errno in _NODE_LACKS else ""',
        'return ""',
    ),
    Fault(
        "what nobody knows is the node's trouble",
        FILE,
        'return NODE_TROUBLE if error.errno in _NODE_LACKS else ""',
        "return NODE_TROUBLE",
    ),
    Fault(
        "a spool that cannot be written is the job's fault",
        FILE,
        "return CannotStart(problem, NO_FOLDER, NODE_TROUBLE)",
        "return CannotStart(problem, NO_FOLDER)",
    ),
    Fault(
        "noexec is not called so",
        FILE,
        "            if _is_executable(file) and os.statvfs(file).f_flag & os.ST_NOEXEC:",
        "            if False:",
    ),
    Fault(
        "noexec is said of what has no bits",
        FILE,
        'return next((place for place in places if _is_executable(place)), b"")',
        'return next(places, b"")',
    ),
    Fault(
        "a pipe with a name holds up a shepherd",
        FILE,
        " | os.O_NONBLOCK)",
        ")",
    ),
    Fault(
        "a job is given an input that does not wait",
        FILE,
        "    os.set_blocking(fileno, True)\n",
        "",
    ),
    Fault(
        "an input on a missing mount is the job's fault",
        FILE,
        "FOLDER_TROUBLE if lack else _trouble_of(error)",
        "_trouble_of(error)",
    ),
    Fault(
        "an input that was opened stays open",
        FILE,
        "            os.close(source)\n",
        "            pass\n",
    ),
    Fault(
        "a job reads what is the shepherd's",
        FILE,
        "if _OURS.match(os.readlink",
        "if False and _OURS.match(os.readlink",
    ),
    Fault(
        "a broken program stops the node", FILE, "        error.trouble = FOLDER_TROUBLE\n", "        pass\n"
    ),
    Fault(
        "what the node lacks is told with the names of files",
        FILE,
        '        error.problem = f"a job cannot be started: {cause.strerror}"\n',
        "        pass\n",
    ),
]
