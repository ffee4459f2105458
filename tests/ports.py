"""Ports for the servers under test."""

import itertools
import os
import socket

_FIRST, _EACH, _WORKERS = 20000, 1000, 12  # up to 32000: Linux gives what is above to connections
_BLOCK = _FIRST + _EACH * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % _WORKERS)
_turns = itertools.count(int.from_bytes(os.urandom(2), "big"))  # several suites may run at a time


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, and nobody gets who does not ask for it by its number.

    Tests that run at the same time have ports of their own to choose from.
    """
    for turn in _turns:
        port = _BLOCK + turn % _EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("the turns do not end")


def free_address() -> str:
    """An address of this machine where nobody listens."""
    return f"tcp://127.0.0.1:{free_port()}"
