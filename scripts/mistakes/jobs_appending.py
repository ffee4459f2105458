"""Mistakes in adapters/jobs/appending.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/appending.py"
FAULTS = [
    Fault(
        "what is there is written over",
        FILE,
        "os.O_WRONLY | os.O_APPEND | os.O_CREAT",
        "os.O_WRONLY | os.O_CREAT",
    ),
    Fault(
        "lines of several mix",
        FILE,
        '        whole = data.rfind(b"\\n") + 1\n',
        "        whole = len(data)\n",
    ),
    Fault(
        "the last line is lost",
        FILE,
        "        self._flush(self._rest)\n        if line:",
        "        if line:",
    ),
    Fault(
        "a line of ours is glued to the job's",
        FILE,
        '            self._flush(b"\\n" * self._is_open_line + os',
        "            self._flush(os",
    ),
    Fault(
        "a full disk takes others' bytes along",
        FILE,
        "    def _make_room(self) -> None:\n",
        "    def _make_more_room(self) -> None:\n",
    ),
    Fault(
        "nothing is on the disk",
        FILE,
        "                self._sync()\n",
        "                pass\n",
    ),
    Fault(
        "what cannot be synced is no trouble",
        FILE,
        "                self._note(error)\n",
        "                pass\n",
    ),
    Fault(
        "/dev/null is trouble",
        FILE,
        "_UNSYNCABLE = (errno.EINVAL, errno.EROFS, errno.ENOTSUP)",
        "_UNSYNCABLE = (errno.ENOTSUP,)",
    ),
    Fault(
        "a fifo without a reader holds up the shepherd",
        FILE,
        " | os.O_NOCTTY | os.O_NONBLOCK",
        " | os.O_NOCTTY",
    ),
    Fault(
        "the umask is ours",
        FILE,
        "        ours = os.umask(self._umask)\n",
        "        ours = os.umask(0o022)\n",
    ),
    Fault(
        "our umask is the job's from now on",
        FILE,
        "            os.umask(ours)\n",
        "            pass\n",
    ),
    Fault(
        "a line may be of any length",
        FILE,
        "        if len(self._rest) >= LINE_BYTES:\n",
        "        if len(self._rest) < 0:\n",
    ),
]
