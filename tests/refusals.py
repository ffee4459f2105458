"""A kernel that refuses a system call, to one process and all that it starts: what odd disks do to everybody.

`refusing` is what to put before a command. This file is run as a program then: it has the kernel
give that error for the one system call (seccomp(2)), and becomes the command. No privilege is needed.
"""

import ctypes
import os
import platform
import struct
import sys

_NUMBERS = {  # of each system call, by machine
    "flock": {"x86_64": 73, "aarch64": 32, "riscv64": 32},
    "fsync": {"x86_64": 74, "aarch64": 82, "riscv64": 82},
}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000


def refusing(call: str, error: int) -> list[str]:
    """What to put before a command for this system call to fail with this errno."""
    return [sys.executable, os.path.abspath(__file__), call, str(error)]


def refuse(call: str, error: int) -> None:
    """From now on, in this process and its children."""
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD, 0, 0, 0),  # the number of the system call
            (_JUMP_IF_EQUAL, 0, 1, _NUMBERS[call][platform.machine()]),
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
    refuse(sys.argv[1], int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
