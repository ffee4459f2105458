"""The time, for sessions and caches."""

import time


def now_s() -> float:
    """Seconds that never go back."""
    return time.monotonic()
