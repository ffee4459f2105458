"""Mistakes in core/values/blobs.py."""

from mistakes.fault import Fault

FILE = "core/values/blobs.py"
FAULTS = [
    Fault(
        "any whole leads to any name",
        FILE,
        "return digest.digest() == self._blob[:SHA256_BYTES]",
        "return True",
    ),
    Fault(
        "a piece is known only when it is the last but one",
        FILE,
        "if self.here + len(data) < size_of(self._blob):",
        "if self.here + len(data) <= size_of(self._blob):",
    ),
    Fault(
        "the digest forgets what came before",
        FILE,
        "        self._digest.update(data)\n",
        "        self._digest = hashlib.sha256(data)\n",
    ),
    Fault(
        "a blob may be as large as it likes",
        FILE,
        "not 0 < size_of(blob) <= BLOB_LIMIT",
        "not 0 < size_of(blob)",
    ),
    Fault(
        "a piece may begin anywhere",
        FILE,
        " and offset % most == 0 and",
        " and",
    ),
    Fault(
        "a piece may be of any length",
        FILE,
        "length == min(most, size - offset)",
        "length <= most",
    ),
    Fault(
        "blobs of one digest and two sizes are one",
        FILE,
        "Blob(sha256_of(data) + len(data).to_bytes(",
        "Blob(sha256_of(data) + (1).to_bytes(",
    ),
]
