"""Mistakes in adapters/jobs/scratch.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/scratch.py"
FAULTS = [
    Fault(
        "a job finds the files of the one before it",
        FILE,
        "if self._is_fresh():",
        "if os.path.isdir(self.path):",
    ),
    Fault(
        "a job may leave a link for the next one",
        FILE,
        "os.lstat(self.path)\n",
        "os.stat(self.path)\n",
    ),
    Fault(
        "a job may open its folder to others for the next one",
        FILE,
        "if status.st_mode != stat.S_IFDIR | 0o700 or",
        "if not stat.S_ISDIR(status.st_mode) or",
    ),
    Fault(
        "who clears old files stops a place for ever",
        FILE,
        "            os.mkdir(parent, 0o700)\n",
        "            pass\n",
    ),
    Fault(
        "a folder that was empty once is so for ever",
        FILE,
        "if seen != self._seen:",
        "if seen[0] != self._seen[0]:",
    ),
    Fault(
        "files stay until the next job",
        FILE,
        "if not self._is_fresh():",
        "if False:",
    ),
    Fault(
        "a worker leaves its folder",
        FILE,
        "            os.rmdir(os.path.dirname(self.path))\n",
        "            pass\n",
    ),
]
