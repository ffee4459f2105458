"""Mistakes in commands/sub_wait.py."""

from mistakes.fault import Fault

FILE = "commands/sub_wait.py"
FAULTS = [
    Fault(
        "what was in the file before is printed too",
        FILE,
        "        file.seek(start)\n        shutil",
        "        shutil",
    ),
    Fault(
        "any file of that name is the output",
        FILE,
        "return start if digest == written.sha256 else -1",
        "return start",
    ),
    Fault(
        "a file that is not there is an error",
        FILE,
        "    except OSError:\n        return -1",
        "    except ValueError:\n        return -1",
    ),
]
