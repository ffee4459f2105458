"""The time, for sessions, caches and days."""

import time

from goq.core.values.moments import NS


def midnight_ns(now_ns: int) -> int:
    """When today began, here; in ns since the epoch, as the time now."""
    today = time.localtime(now_ns // NS)
    return int(time.mktime((*today[:3], 0, 0, 0, *today[6:8], -1))) * NS


def now_s() -> float:
    """Seconds that never go back."""
    return time.monotonic()
