"""Mistakes in adapters/files/pieces.py."""

from mistakes.fault import Fault

FILE = "adapters/files/pieces.py"
FAULTS = [
    Fault(
        "the digest before a piece is that after it",
        FILE,
        "        before = state.digest()\n        state.update(data)",
        "        state.update(data)\n        before = state.digest()",
    ),
    Fault(
        "a piece changes the digest of what came before",
        FILE,
        "self._states[self.at].copy()",
        "self._states[self.at]",
    ),
    Fault(
        "a file that shrank is read on",
        FILE,
        "        if size < self._seen:\n",
        "        if size < 0:\n",
    ),
    Fault(
        "a file that shrank is noticed when it is empty",
        FILE,
        "        if size < self._seen:\n",
        "        if size < min(self._seen, 1):\n",
    ),
    Fault(
        "what is read again is not compared",
        FILE,
        "if self.at == self._seen and piece.after != self._seen_sha256:",
        "if False:",
    ),
    Fault(
        "what is read again goes past what was read",
        FILE,
        "            limit = min(limit, self._seen - self.at)  # to compare with what was read before\n",
        "            pass\n",
    ),
    Fault(
        "what is read again becomes what was read",
        FILE,
        "        if self.at > self._seen:\n",
        "        if self.at:\n",
    ),
    Fault(
        "what follows other bytes is read on",
        FILE,
        "elif self._pread(len(self._seam), self.at - len(self._seam)) != self._seam:",
        "elif False:",
    ),
    Fault(
        "the seam is looked for in the wrong place",
        FILE,
        "self.at - len(self._seam)) != self._seam",
        "self.at) != self._seam",
    ),
    Fault(
        "what is skipped is skipped too far",
        FILE,
        "min(limit, self._wanted - self.at) if self.is_behind else limit",
        "limit",
    ),
    Fault(
        "the states of what is skipped are kept",
        FILE,
        "            self._states.clear()  # the server is further on\n",
        "            pass\n",
    ),
    Fault(
        "the states of what is settled are kept",
        FILE,
        "            del self._states[place]\n",
        "            break\n",
    ),
    Fault(
        "the state at the place that is settled goes",
        FILE,
        "if place < offset]:",
        "if place <= offset and place < self.at]:",
    ),
    Fault(
        "going back keeps the states behind",
        FILE,
        "for place, state in self._states.items() if place <= offset}",
        "for place, state in self._states.items()}",
    ),
    Fault(
        "going back before all states is not known",
        FILE,
        "        self._states.setdefault(0, hashlib.sha256())\n",
        "",
    ),
    Fault(
        "a server that has more than there is is believed",
        FILE,
        "        if offset > self.size():\n",
        "        if offset < 0:\n",
    ),
    Fault(
        "a disk that cannot be read stops the worker",
        FILE,
        "            return os.pread(self._fileno, limit, at)\n        except OSError as error:",
        "            return os.pread(self._fileno, limit, at)\n        except EOFError as error:",
    ),
    Fault(
        "a file of which nothing can be told stops the worker",
        FILE,
        "            return os.fstat(self._fileno).st_size\n        except OSError as error:",
        "            return os.fstat(self._fileno).st_size\n        except EOFError as error:",
    ),
    Fault(
        "last words follow anything",
        FILE,
        '                raise Damaged("nobody knows what the server has of it")\n',
        "                offset = 0\n",
    ),
    Fault(
        "last words cannot stand alone twice",
        FILE,
        "            self._states[0] = hashlib.sha256()\n        self._states = {offset",
        "            self._states[0] = self._states[max(self._states)]\n        self._states = {offset",
    ),
    Fault(
        "last words have the size of the file",
        FILE,
        "            return start + len(words)\n",
        "            return os.fstat(self._fileno).st_size\n",
    ),
]
