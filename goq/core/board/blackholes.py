"""Hosts that swallow jobs: one job after the other fails there at once, and its likes do well elsewhere. Pure.

Volatile: after a restart hosts are judged anew. A job that somebody killed, or that had more time or memory
than it asked for, says nothing about its host.
"""

from collections import OrderedDict, deque
from itertools import islice

from goq.core.values.ids import JobId
from goq.core.values.limit_names import HOLE_LIMIT
from goq.core.values.result import OVERRUNS, Result

FAST_NS = 5 * 10**9  # a failure within that time is one at once
JOBS = 20  # so many in a row, unless a limit says otherwise
REMEMBERED = 10_000  # submissions of which a job has ended well


class BlackHoles:
    """Of each host the failures since something went another way, and of each submission where it went well."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[JobId]] = {}  # the submissions of the jobs
        self._known: set[str] = set()  # hosts of which it was told
        self._good: OrderedDict[JobId, tuple[str, ...]] = OrderedDict()  # two hosts tell of any other

    def ended(self, host: str, submission: JobId, result: Result) -> bool:
        """A job of the submission has ended so at the host; whether there may be news."""
        if result.cause in OVERRUNS:
            return False
        if result.status == 0:
            self.forget(host)
            hosts = self._good.get(submission, ())
            return (len(hosts) < 2 and host not in hosts) and self._remember(submission, (*hosts, host))
        if result.ended_ns - result.started_ns > FAST_NS:
            self.forget(host)
            return False
        self._failures.setdefault(host, deque(maxlen=HOLE_LIMIT)).append(submission)
        return True

    def _remember(self, submission: JobId, hosts: tuple[str, ...]) -> bool:
        self._good[submission] = hosts
        if len(self._good) > REMEMBERED:
            self._good.popitem(last=False)
        return bool(self._failures)

    def found(self, count: int) -> list[str]:
        """The hosts whose last `count` jobs were swallowed."""
        return [host for host in self._failures if self._is_hole(host, count)]

    def _is_hole(self, host: str, count: int) -> bool:
        failures = self._failures[host]
        if len(failures) < count:
            return False
        submissions = dict.fromkeys(islice(reversed(failures), count))
        return all(any(each != host for each in self._good.get(one, ())) for one in submissions)

    def news(self, count: int) -> list[str]:
        """Those of which it was not told yet, in order; from now on they are known."""
        new = sorted(set(self.found(count)) - self._known)
        self._known.update(new)
        return new

    def forget(self, host: str) -> None:
        """Something went well there, or it is drained: it is judged by what comes."""
        if self._failures.pop(host, None):
            self._known.discard(host)

    def judge_anew(self) -> None:
        """What makes a black hole has changed."""
        self._known.clear()


def words(count: int) -> str:
    """Why a host is one, for people."""
    jobs = f"last {count} jobs" if count > 1 else "last job"
    return f"its {jobs} failed within 5 s each, and others of the same submissions ended well elsewhere"
