"""Mistakes in adapters/jobs/accounts.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/accounts.py"
ACCOUNTS = "adapters/accounts.py"
FAULTS = [
    Fault(
        "a job has the groups of root",
        FILE,
        "        os.setgroups(account.groups)\n",
        "        pass\n",
    ),
    Fault(
        "a job has the one group of its account",
        ACCOUNTS,
        "groups = tuple(os.getgrouplist(found.pw_name, found.pw_gid))",
        "groups = (found.pw_gid,)",
    ),
    Fault(
        "files are made with the group of root",
        FILE,
        "        os.setresgid(account.gid, account.gid, _SAME)\n",
        "        pass\n",
    ),
    Fault(
        "files are opened with the rights of root",
        FILE,
        "        os.setresuid(_SAME, account.uid, _SAME)\n",
        "        pass\n",
    ),
    Fault(
        "a job can be root again",
        FILE,
        "    os.setresuid(account.uid, _SAME, _SAME)\n",
        "    pass\n",
    ),
    Fault(
        "a job has the group of root as its real one",
        FILE,
        "        os.setresgid(account.gid, account.gid, _SAME)\n",
        "        os.setresgid(_SAME, account.gid, _SAME)\n",
    ),
    Fault(
        "who starts jobs does not come back to his groups",
        FILE,
        "        os.setgroups(groups)\n",
        "        pass\n",
    ),
    Fault(
        "who starts jobs stays what he was for one of them",
        FILE,
        "        os.setresuid(uid, uid, _SAME)\n",
        "        os.setresuid(_SAME, uid, _SAME)\n",
    ),
    Fault(
        "what can be no name ends a shepherd",
        ACCOUNTS,
        "except (KeyError, ValueError)",
        "except KeyError",
    ),
    Fault(
        "who could not start a job is that somebody for others",
        FILE,
        "        os.setresuid(_ours()[0], _SAME, _SAME)\n",
        "        pass\n",
    ),
    Fault(
        "a job's shell is its worker's",
        ACCOUNTS,
        ', b"SHELL": self.shell}',
        "}",
    ),
]
