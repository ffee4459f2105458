"""Waiting for something to become true, with a deadline instead of a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

_LOOK_EVERY_S = 0.002
_PATIENCE_S = 20.0

T = TypeVar("T")


def wait_until(claim: Callable[[], T], what: str, timeout_s: float = _PATIENCE_S) -> T:
    """Look until the claim gives something true, and give that."""
    deadline = time.monotonic() + timeout_s
    while not (found := claim()):
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        time.sleep(_LOOK_EVERY_S)
    return found
