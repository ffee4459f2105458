"""Mistakes in roles/worker/flow.py."""

from mistakes.fault import Fault

FILE = "roles/worker/flow.py"
FAULTS = [
    Fault(
        "a short output goes ahead as well",
        FILE,
        "and self.pieces.size() <= INLINE_OUTPUT_BYTES",
        "and self.pieces.size() < 0",
    ),
    Fault(
        "a long output goes with its result",
        FILE,
        "not self.pieces.at and self.pieces.size() <= INLINE_OUTPUT_BYTES",
        "not self.pieces.at",
    ),
    Fault(
        "chunks stay long on a slow line",
        FILE,
        "            self.chunk_bytes = max(self.chunk_bytes // 2, LEAST_BYTES)\n",
        "            pass\n",
    ),
    Fault(
        "chunks stay short on a quick line",
        FILE,
        "            self.chunk_bytes = min(self.chunk_bytes * 2, CHUNK_BYTES)\n",
        "            self.chunk_bytes += 0\n",
    ),
    Fault(
        "damage that going back finds stops the worker",
        FILE,
        "        except Damaged as damage:\n            self.damage = str(damage)\n",
        "        except ZeroDivisionError as damage:\n            self.damage = str(damage)\n",
    ),
    Fault(
        "an heir does not look how long the output was",
        FILE,
        "        if self.length not in (0, size):\n",
        "        if size < 0:\n",
    ),
    Fault(
        "the digest is not kept with the result",
        FILE,
        "        return self.pieces.sha256 if not self.sha256 and self.pieces.at == self.length else self.sha256\n",
        "        return self.sha256\n",
    ),
    Fault(
        "the digest of a part is kept as that of the whole",
        FILE,
        "if not self.sha256 and self.pieces.at == self.length else",
        "if not self.sha256 else",
    ),
    Fault(
        "last words are not told where nothing is known",
        FILE,
        "        except Damaged:\n            self.pieces.end_with(0, words)\n",
        "        except Damaged:\n            self.short = words\n",
    ),
    Fault(
        "last words are said again when the result is refused",
        FILE,
        "        self.is_ending &= self.offset == self.pieces.at\n",
        "        self.is_ending = False\n",
    ),
    Fault(
        "last words are not said again to a server that forgot",
        FILE,
        "        self.is_ending &= self.offset == self.pieces.at\n",
        "",
    ),
    Fault(
        "places that the server has are kept",
        FILE,
        "        self.pieces.settle(end)\n",
        "",
    ),
]
