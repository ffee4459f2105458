"""Mistakes in adapters/jobs/owners.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/owners.py"
FAULTS = [
    Fault(
        "root's jobs run everywhere",
        FILE,
        "account.uid == 0 and not self._allow_root",
        "False",
    ),
    Fault(
        "root's jobs run nowhere",
        FILE,
        "account.uid == 0 and not self._allow_root",
        "account.uid == 0",
    ),
    Fault(
        "that somebody is unknown here is his job's fault",
        FILE,
        "return CannotStart(problem, NO_FOLDER, FOLDER_TROUBLE)",
        "return CannotStart(problem, NO_FOLDER)",
    ),
    Fault(
        "that somebody is unknown here stops all jobs",
        FILE,
        "return CannotStart(problem, NO_FOLDER, FOLDER_TROUBLE)",
        'return CannotStart(problem, NO_FOLDER, "node")',
    ),
    Fault(
        "what an account may is known for ever",
        FILE,
        "if account is None or time.monotonic() >= until_s:",
        "if account is None:",
    ),
    Fault(
        "an account is looked up for each job",
        FILE,
        "if account is None or time.monotonic() >= until_s:",
        "if True:",
    ),
    Fault(
        "anybody's worker would act as others",
        FILE,
        "    if os.geteuid() != 0:\n",
        "    if False:\n",
    ),
    Fault(
        "who holds the cluster id runs jobs as others",
        FILE,
        "    if not is_node:\n",
        "    if False:\n",
    ),
]
