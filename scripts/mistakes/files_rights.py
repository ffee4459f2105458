"""Mistakes in adapters/files/below.py and rights.py that only root can make, and only root's tests find."""

import os

from mistakes.fault import Fault

FILE = "adapters/files/below.py"
_OF_ROOT = [
    Fault(
        "another user's file is written into",
        FILE,
        "        if found.st_uid not in (uid, holder.st_uid) and (",
        "        if False and (",
    ),
    Fault(
        "root goes with its own rights into a folder of somebody else's",
        FILE,
        "        acting.__enter__()\n",
        "        pass\n",
    ),
    Fault(
        "root's own output goes into another's folder",
        FILE,
        "        if self._is_made and not is_his and (expected is not None or not is_owner_s):",
        "        if self._is_made and not is_his and is_owner_s and expected is not None:",
    ),
    Fault(
        "an owner's output goes into the folder of another",
        FILE,
        "        if self._is_made and not is_his and (expected is not None or not is_owner_s):",
        "        if self._is_made and not is_his and not is_owner_s:",
    ),
    Fault(
        "others may look into an owner's folder",
        FILE,
        "os.mkdir(name, 0o700 if is_owner_s else 0o777,",
        "os.mkdir(name, 0o777,",
    ),
    Fault(
        "a folder stays root's",
        FILE,
        "os.fchown(fileno, account.uid, account.gid)",
        "os.fchown(fileno, -1, -1)",
    ),
    Fault(
        "what is kept for an owner without an account is read by all",
        FILE,
        "                os.umask(PRIVATE)\n            return",
        "                pass\n            return",
    ),
    Fault(
        "an owner's files are made as root's umask says",
        FILE,
        "(0 if self._whose.owner else self._umask)",
        "self._umask",
    ),
    Fault(
        "what lies outside its owner's folder is read by all",
        FILE,
        "Whose(PRIVATE if whose.owner else whose.umask)",
        "Whose(whose.umask)",
    ),
    Fault(
        "groups of root's stay with another",
        "adapters/files/rights.py",
        "    _set_groups(groups)\n    _set_gid(gid)\n    if not uid_first:",
        "    _set_gid(gid)\n    if not uid_first:",
    ),
    Fault(
        "who cannot be another is half of that",
        "adapters/files/rights.py",
        "        except OSError:\n            self._give_back()\n            raise\n",
        "        except ZeroDivisionError:\n            raise\n",
    ),
    Fault(
        "the whole process is another",
        "adapters/files/rights.py",
        "    return _CALLS.get(platform.machine()) if sys.maxsize > 2**32 else None",
        "    return None",
    ),
]
FAULTS = _OF_ROOT if os.geteuid() == 0 else []
