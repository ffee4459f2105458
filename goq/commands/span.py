"""Spans of time as people write them: since when, from when to when."""

import time

from goq.core.values.moments import NS, BadMoment, moment_ns
from goq.core.values.quantities import BadQuantity, duration_s
from goq.errors import BadCommand

DAY_S = 86400.0


def offset_s(at_s: int) -> int:
    """How far the clocks here are ahead of UTC at that second."""
    return time.localtime(at_s).tm_gmtoff


def begin_of(since: str | None, now_ns: int, usual_s: float = DAY_S) -> int:
    """So long ago, as a moment in ns. Raises BadCommand for what is no duration."""
    try:
        return now_ns - int((duration_s(since) if since else usual_s) * NS)
    except BadQuantity as error:
        raise BadCommand(f"--since: {error}") from error


def past_ns(word: str, option: str, now_ns: int) -> int:
    """A moment that is over: of a time without a day the last one. Raises BadCommand."""
    if word == "now":
        return now_ns
    try:
        found = moment_ns(word, now_ns, offset_s)
        if found > now_ns:
            found = moment_ns(word, now_ns - int(DAY_S * NS), offset_s)
    except BadMoment as error:
        raise BadCommand(f"{option}: {error}") from error
    if found > now_ns:
        raise BadCommand(f"{option}: {word} is still to come; name a time that is over")
    return found
