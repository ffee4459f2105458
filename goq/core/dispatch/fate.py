"""What becomes of a job when an attempt at it is over: one table, the first row that fits.

Pure. What is done about it is not said here, and neither is anything remembered.
"""

from typing import assert_never

from msgspec import Struct

from goq.core.state.submissions import CountsAs, Past
from goq.core.values.result import Ending, Result
from goq.core.values.terms import LONGEST_BACKOFF_S, Terms

RERUNS = 1000


class Unstarted(Struct, frozen=True, gc=False):
    """It was never started."""


class HandedBack(Struct, frozen=True, gc=False):
    """Its worker leaves, and may have started it. `outlived`: since the lifetime of that worker is over."""

    outlived: bool = False


class WorkerLost(Struct, frozen=True, gc=False):
    """Nothing is heard of its worker any more."""


class Told(Struct, frozen=True, gc=False):
    """It has ended, and its worker says how."""

    result: Result


How = Unstarted | HandedBack | WorkerLost | Told


class Over(Struct, frozen=True, gc=False):
    """The job has its final state, and why when that is not how its last attempt ended."""

    ending: Ending
    why: str = ""


class Again(Struct, frozen=True, gc=False):
    """The job waits again, not for less than so many seconds; when it is `held`, until somebody releases it."""

    counts_as: CountsAs = CountsAs.NOTHING
    backoff_s: float = 0.0
    held: bool = False


Fate = Over | Again


def fate(terms: Terms, past: Past, how: How, crash_limit: int, *, killed: bool = False) -> Fate:
    """What becomes of a job with these terms, and that past before the attempt. `killed`: somebody wants that."""
    if killed:
        return Over(Ending.CANCELLED)
    match how:
        case Told(result):
            return _told(terms, past, result) if terms.requeue else Over(Ending.FINISHED)
        case Unstarted():
            return Again()
        case HandedBack(outlived):
            counts_as = CountsAs.OUTLIVED if outlived else CountsAs.NOTHING
            return Again(counts_as) if terms.requeue else Over(Ending.LOST)
        case WorkerLost():
            return _lost(terms, past, crash_limit)
        case _:
            assert_never(how)


def _lost(terms: Terms, past: Past, crash_limit: int) -> Fate:
    if not terms.requeue:
        return Over(Ending.LOST)
    if past.crashes + 1 >= crash_limit:
        return Over(Ending.LOST, f"poisonous: {past.crashes + 1} workers were lost with it")
    return Again(CountsAs.CRASH)


def _told(terms: Terms, past: Past, result: Result) -> Fate:
    if result.status in terms.hold_codes:
        return Again(held=True)
    if result.status in terms.rerun_codes and past.reruns < RERUNS:
        return Again(CountsAs.RERUN, terms.backoff_s)
    if past.failures < terms.retries and _is_failure(terms, result):
        return Again(CountsAs.FAILURE, backoff_s(terms, past.failures))
    return Over(Ending.FINISHED)


def _is_failure(terms: Terms, result: Result) -> bool:
    """It ended badly, and in a way that is tried again."""
    if result.signal or result.cause:
        return True
    return result.status in terms.retry_on if terms.retry_on else result.status != 0


def backoff_s(terms: Terms, failures: int) -> float:
    """How long a job waits after one more than so many failures."""
    doublings = min(failures, 64)  # beyond which all that is not 0 is more than the longest
    return min(terms.backoff_s * 2.0**doublings, LONGEST_BACKOFF_S)
