"""Mistakes in adapters/files/spool.py."""

from mistakes.fault import Fault

FILE = "adapters/files/spool.py"
FAULTS = [
    Fault(
        "an output that was taken stays in its file",
        FILE,
        "            os.ftruncate(self._file.fileno(), 0)\n        except",
        "        except",
    ),
    Fault(
        "an output that cannot be read stops the worker",
        FILE,
        "        except OSError:\n            return None\n",
        "        except ZeroDivisionError:\n            return None\n",
    ),
    Fault(
        "a long output is taken",
        FILE,
        "        if size > limit:\n            return None\n",
        "",
    ),
    Fault(
        "an output that was given up stays",
        FILE,
        "        if self.size():\n            os.ftruncate(self._file.fileno(), 0)",
        "        pass",
    ),
    Fault(
        "what could not be kept is left behind",
        FILE,
        "            spool.remove()\n            raise",
        "            spool.close()\n            raise",
    ),
    Fault(
        "an owned file keeps its old name",
        FILE,
        'self.path = self.path.rename(f"{stem}{self._suffix}")',
        "pass",
    ),
    Fault(
        "an open file keeps a folder from going",
        FILE,
        "        for spool in self._spools:\n            spool.close()\n        if self.tidy()",
        "        if self.tidy()",
    ),
    Fault(
        "what cannot be removed is an error",
        FILE,
        "    with suppress(OSError):\n        path.unlink()",
        "    path.unlink()",
    ),
    Fault(
        "a folder that is not empty is an error",
        FILE,
        "        except OSError:\n            names = []\n        if not names:",
        "        except FileNotFoundError:\n            names = []\n        if not names:",
    ),
    Fault(
        "results are removed with the rest",
        FILE,
        "                if name not in kept:\n",
        "                if name:\n",
    ),
    Fault(
        "what was given up stays beside results",
        FILE,
        "                if name not in kept:\n                    _remove",
        "                if not names:\n                    _remove",
    ),
    Fault(
        "what is for a job to read is read by others too",
        FILE,
        "open(os.open(path, flags, _READ_ONLY)",
        "open(os.open(path, flags, 0o444)",
    ),
    Fault(
        "the owner of a script has everybody's who has the same one",
        FILE,
        '        if self._shared:\n            return self.copy_for(claim, blob, "script")\n',
        "",
    ),
    Fault(
        "a folder has its name before its lock",
        FILE,
        """        unborn.mkdir(mode=0o700)
        try:
            lock = take_if_free(unborn, os.O_RDONLY | os.O_DIRECTORY)
        except NoLocks:
            lock = None
        unborn.rename(path)
""",
        """        path.mkdir(mode=0o700)
        lock = None
""",
    ),
    Fault(
        "a disk that takes nothing is not noticed",
        FILE,
        "            write_private(proof, bytes(_PROOF_BYTES))\n            proof.unlink()\n",
        "            proof.touch()\n            proof.unlink()\n",
    ),
    Fault(
        "a spool without room gets jobs",
        FILE,
        "        if not self._has_room:\n",
        "        if False:\n",
    ),
    Fault(
        "half a line stays in the output",
        FILE,
        "                os.ftruncate(self._file.fileno(), size)  # not half a line\n",
        "                pass\n",
    ),
    Fault(
        "a folder that was cleared away is missed for ever",
        FILE,
        "        except FileNotFoundError:\n            self._before_renewal()",
        "        except NotADirectoryError:\n            self._before_renewal()",
    ),
    Fault(
        "a folder is made again wherever others may have made one",
        FILE,
        "            self._before_renewal()\n",
        "",
    ),
    Fault(
        "an output that was cleared away is an error",
        FILE,
        "        with suppress(FileNotFoundError):  # it was taken",
        "        with suppress(NotADirectoryError):  # it was taken",
    ),
]
