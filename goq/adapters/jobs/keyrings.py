"""The session keyring of a process, in which the kernel keeps secrets for it (keyrings(7)).

What is started has that of who starts it, whoever it is run as: so jobs of several owners would find what one
of them has put there, and what root has got at its login, or from a manager of services.
"""

import ctypes
import errno
import os
from functools import cache

_JOIN_SESSION_KEYRING = 1
# Source: the kernel's tables of system calls; the C library has no function for this one.
_KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "loongarch64": 219, "ppc64le": 271, "s390x": 280}
_NO_KEYS = (
    errno.ENOSYS,
    errno.EPERM,
)  # a kernel without any; a container that lets nobody at them, nor its jobs


def have_new_keyring() -> None:
    """From now on, have one of our own with nothing in it. Raises OSError when the kernel has no room for that."""
    libc, number = _library()
    if (
        number
        and libc.syscall(number, _JOIN_SESSION_KEYRING, None) < 0
        and ctypes.get_errno() not in _NO_KEYS
    ):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The C library, and the number of the call; 0 where nobody knows it."""
    return ctypes.CDLL(None, use_errno=True), _KEYCTL.get(os.uname().machine, 0)
