"""Mistakes in adapters/wire/codec.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/codec.py"
FAULTS = [
    Fault(
        "bytes may lie behind any message",
        FILE,
        '        raise ValueError("nothing lies behind such a message")\n',
        "        return message\n",
    ),
    Fault(
        "a piece of output may be of nothing",
        FILE,
        "        if not 0 < len(behind) <= _CHUNK_LIMIT:\n",
        "        if len(behind) > _CHUNK_LIMIT:\n",
    ),
    Fault(
        "a piece of output may be of any length",
        FILE,
        "        if not 0 < len(behind) <= _CHUNK_LIMIT:\n",
        "        if not behind:\n",
    ),
    Fault(
        "a piece of output need not say what it leads from",
        FILE,
        "len(before) != zjob.SHA256_BYTES or len(after) != zjob.SHA256_BYTES:",
        "len(after) != zjob.SHA256_BYTES:",
    ),
    Fault(
        "the bytes of a piece of output are in its Zjob too",
        FILE,
        "    z.sha256Before = chunk.before\n",
        "    z.sha256Before = chunk.before\n    z.output = bytes(chunk.data)\n",
    ),
    Fault(
        "nobody learns that the output is lost",
        FILE,
        "    z.haderror = ack.damaged\n",
        "",
    ),
]
