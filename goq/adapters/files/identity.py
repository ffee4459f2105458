"""Which file a file is: a copy of it is another one, also where it takes the place and the number of the first."""

import ctypes
import os
from pathlib import Path

_AT_FDCWD = -100
_BTIME = 0x800  # statx(2): of mask and stx_mask
_MASK_AT, _BTIME_AT = 0, 80  # where stx_mask and stx_btime are in struct statx
_STATX_BYTES = 256


def identity(path: Path) -> str:
    """The file's number, and when it was made, where the file system knows that. Raises OSError."""
    return f"{path.stat().st_ino}.{_made_ns(path)}"


def _made_ns(path: Path) -> int:
    """When the file was made; 0 where nobody knows."""
    statx = getattr(ctypes.CDLL(None), "statx", None)
    if statx is None:
        return 0
    buffer = ctypes.create_string_buffer(_STATX_BYTES)
    if statx(_AT_FDCWD, os.fsencode(path), 0, _BTIME, buffer):
        return 0
    told = bytes(buffer)
    mask = int.from_bytes(told[_MASK_AT : _MASK_AT + 4], "little")
    seconds = int.from_bytes(told[_BTIME_AT : _BTIME_AT + 8], "little", signed=True)
    fraction = int.from_bytes(told[_BTIME_AT + 8 : _BTIME_AT + 12], "little")
    return seconds * 10**9 + fraction if mask & _BTIME else 0
