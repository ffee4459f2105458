"""Mistakes in adapters/jobs/drain.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/drain.py"
FAULTS = [
    Fault(
        "the last that was written is lost",
        FILE,
        "        if not self._take() and self._at_end:",
        "        if self._at_end:",
    ),
    Fault(
        "what is left after a refusal is lost",
        FILE,
        "                self._refuse_splicing()\n                return there",
        "                self._refuse_splicing()\n                return 0",
    ),
    Fault(
        "a file that refuses splicing is a full one",
        FILE,
        "                self._refuse_splicing()\n                return there",
        "                self._refuse_splicing()\n                self.trouble = 'was full: '\n                return there",
    ),
    Fault(
        "a look waits where somebody has read it away",
        FILE,
        "        os.set_blocking(self._pipe, False)  # `read` has no flag for that",
        "        pass",
    ),
    Fault(
        "splicing waits where somebody has read it away",
        FILE,
        "flags=os.SPLICE_F_NONBLOCK",
        "flags=0",
    ),
    Fault(
        "an output is written over",
        FILE,
        "            with suppress(OSError):  # a file without places has no end\n                os.lseek(self._spool, 0, os.SEEK_END)\n",
        "            pass\n",
    ),
    Fault(
        "the end waits for whoever holds the other end",
        FILE,
        "        there = _readable_bytes(self._pipe)\n        if not there:",
        "        there = max(_readable_bytes(self._pipe), int(self._entry == -1))\n        if not there:",
    ),
    Fault(
        "the shepherd keeps the job's end",
        FILE,
        "        entry, self._entry = self._entry, -1\n        return entry",
        "        entry, self._entry = os.dup(self._entry), self._entry\n        return entry",
    ),
    Fault(
        "every line wakes the shepherd",
        FILE,
        "self.look_at_s = NEVER if flows or not taken else now_s + NAP_S",
        "self.look_at_s = NEVER",
    ),
    Fault(
        "what flows is taken after a nap",
        FILE,
        "self.look_at_s = NEVER if flows or not taken else now_s + NAP_S",
        "self.look_at_s = NEVER if not taken else now_s + NAP_S",
    ),
    Fault(
        "a shepherd looks for nothing for ever",
        FILE,
        "self.look_at_s = NEVER if flows or not taken else now_s + NAP_S",
        "self.look_at_s = NEVER if flows else now_s + NAP_S",
    ),
    Fault(
        "a closed end keeps the shepherd awake",
        FILE,
        "        if not taken and self.look_at_s == NEVER:",
        "        if False:",
    ),
    Fault(
        "a pipe stays narrow",
        FILE,
        "            self._widens = False\n            with suppress(OSError):",
        "            self._widens = False\n            with suppress(OSError, StopIteration):\n                raise StopIteration\n            with suppress(OSError):\n                return flows\n            with suppress(OSError):",
    ),
    Fault(
        "a full spool is no trouble",
        FILE,
        "            self._note(error)\n            self._make_room()\n",
        "            self._make_room()\n",
    ),
    Fault(
        "a full spool holds up the job",
        FILE,
        "            there -= len(data)\n            if not self.trouble:",
        "            if self.trouble:\n                return\n            there -= len(data)\n            if not self.trouble:",
    ),
    Fault(
        "there is no room for the line that says it",
        FILE,
        "            self._make_room()\n",
        "            pass\n",
    ),
    Fault(
        "a line of ours hangs on to the job's last",
        FILE,
        'newline = b"" if not size or os.pread(self._spool, 1, size - 1) == b"\\n" else b"\\n"',
        'newline = b""',
    ),
    Fault(
        "a spool that cannot be opened costs a descriptor",
        FILE,
        "        except OSError:\n            os.close(self._spool)\n            raise",
        "        except OSError:\n            raise",
    ),
    Fault(
        "a spool that was emptied is no damage",
        FILE,
        "            if size < os.lseek(self._spool, 0, os.SEEK_CUR):",
        "            if False:",
    ),
    Fault(
        "what follows a cut is behind a hole",
        FILE,
        "                os.lseek(self._spool, 0, os.SEEK_END)\n\n    def _splice",
        "\n    def _splice",
    ),
    Fault(
        "a spool that was emptied at last is no damage",
        FILE,
        "        if not self._take() and self._at_end:\n            self._see_damage()\n",
        "        self._take()\n",
    ),
]
