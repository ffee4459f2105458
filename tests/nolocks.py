"""A kernel that refuses flock(2), for one process and all that it starts: what a file system without locks does.

`without_locks` is what to put before a command. It is run as a program: it has the kernel give
that error for the one system call (seccomp(2)), and becomes the command.
"""

import ctypes
import os
import platform
import struct
import sys

FLOCK = {"x86_64": 73, "aarch64": 32, "riscv64": 32}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000


def without_locks(error: int) -> list[str]:
    """What to put before a command for its locks to fail with this errno."""
    return [sys.executable, os.path.abspath(__file__), str(error)]


def refuse_flock(error: int) -> None:
    """From now on, in this process and its children."""
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD, 0, 0, 0),  # the number of the system call
            (_JUMP_IF_EQUAL, 0, 1, FLOCK[platform.machine()]),
            (_RETURN, 0, 0, _FAIL_WITH | error),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    instructions = ctypes.create_string_buffer(program)
    filter_program = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    for words in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.create_string_buffer(filter_program), 0, 0),
    ):
        if libc.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    refuse_flock(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
