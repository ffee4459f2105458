"""What failed of many jobs, and what those took that ended well, as one moment of a journal has it."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from goq.adapters.store.queries_jobs import KIB
from goq.adapters.store.queries_pages import latest_event
from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.failures import (
    GROUPS_LIMIT,
    HOSTS_LIMIT,
    JOBS_LIMIT,
    SAMPLE,
    FailureGroup,
    Failures,
    Medians,
    as_ranges,
    spread_of,
)
from goq.core.values.ids import JobId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, size
from goq.core.values.result import Ended, Ending, Result, unstarted

_BAD = (
    "SELECT job, ending, exit_code, signal, cause, problem, host, peak_kib, attempt FROM result"
    " WHERE job >= ?1 AND job < ?2 AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0)"
    " AND ending IN ('finished', 'lost') ORDER BY job LIMIT ?3"
)
_UNSTARTED = (
    "SELECT max(first, ?1), min(next, ?2), ending, reason FROM ended WHERE first < ?2 AND next > ?1"
    " AND ending IN ('finished', 'lost')"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0) ORDER BY first"
)
# Of submissions that lie in a range as a whole their own counts; of others, their jobs are counted.
_WHOLE = (
    "SELECT coalesce(sum(count), 0), coalesce(sum(open), 0), coalesce(sum(failed + lost), 0) FROM submission"
    " WHERE first >= ?1 AND first < ?2 AND first + count <= ?2"
)
_AT_EDGE = (
    "SELECT first, count FROM submission WHERE first = (SELECT max(first) FROM submission WHERE first <= ?1)"
    " AND first + count > ?1 AND (first < ?2 OR first + count > ?3)"
)
_RAN = "SELECT count(*) FROM result WHERE job >= ? AND job < ? AND ending IS NOT NULL"
_NEVER_RAN = (
    "SELECT coalesce(sum(min(next, ?2) - max(first, ?1)), 0) FROM ended WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0)"
)
_TOOK = (
    "SELECT job, started_ns, ended_ns, cpu_s, peak_kib, attempt FROM result"
    " WHERE ending = 'finished' AND exit_code = 0 AND signal = 0 AND started_ns > 0 AND"
)
_FEW = 10  # where less than a tenth has ended well, the first ones are as good
_FIRST_GIVEN = "SELECT min(at_ns) FROM event WHERE job = ? AND kind = 'delegated'"


class _Group(Struct):
    jobs: list[JobId]
    hosts: dict[str, None]
    ended: Ended
    problems: Counter[str]
    peak_kib: int = 0


class FailureBook:
    """Looks through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._reader = SubmissionReader(db)

    def failures(self, ranges: Ranges) -> Failures:
        """What failed of these jobs, without last words."""
        groups: dict[tuple[object, ...], _Group] = {}
        for job, ended, host in self._bad_ones(ranges):
            result = ended.result
            key = (
                ended.ending,
                result.cause,
                result.signal,
                result.exit_code if ended.attempt else result.problem,
            )
            group = groups.setdefault(key, _Group([], {}, ended, Counter()))
            group.jobs.append(job)
            group.peak_kib = max(group.peak_kib, result.peak_kib)
            group.problems[result.problem] += 1
            if host and len(group.hosts) < HOSTS_LIMIT:
                group.hosts[host] = None
        array = self._array(ranges)
        largest = sorted(groups.values(), key=lambda group: -len(group.jobs))[:GROUPS_LIMIT]
        told = tuple(_told(group, array) for group in largest)
        live, failed, ended_jobs = map(sum, zip(*map(self._counted, ranges), strict=True))
        return Failures(
            latest_event(self._db), failed, ended_jobs, live, told, array.first if array else None
        )

    def _bad_ones(self, ranges: Ranges) -> Iterator[tuple[JobId, Ended, str]]:
        left = JOBS_LIMIT
        for first, end in ranges:
            for job, ending, code, signal, cause, problem, host, peak_kib, attempt in self._db.execute(
                _BAD, (first, end, left)
            ):
                how = Result(code, signal, problem, peak_kib=peak_kib, cause=cause)
                yield JobId(job), Ended(JobId(job), attempt, Ending(ending), how), host
                left -= 1
            for start, stop, ending, reason in self._db.execute(_UNSTARTED, (first, end)):
                how = unstarted(Ending(ending), reason, 0)
                for job in range(start, min(stop, start + left)):
                    yield JobId(job), Ended(JobId(job), 0, Ending(ending), how), ""
                left -= max(0, min(stop - start, left))

    def _array(self, ranges: Ranges) -> Submission | None:
        """The one array that all the jobs are of."""
        what = self._reader.of_number(ranges[0][0])
        is_one = (
            what is not None
            and what.is_array
            and all(first in what and end <= what.end for first, end in ranges)
        )
        return what if is_one else None

    def _counted(self, part: Range) -> tuple[int, int, int]:
        """How many of them live, have failed, and have ended."""
        count, live, failed = self._db.execute(_WHOLE, part).fetchone()
        ended = count - live
        for first, size_ in {
            row for at in (part[0], part[1] - 1) for row in self._db.execute(_AT_EDGE, (at, *part))
        }:
            start, stop = max(first, part[0]), min(first + size_, part[1])
            over = self._one(_RAN, start, stop) + self._one(_NEVER_RAN, start, stop)
            live, ended = live + max(0, stop - start) - over, ended + over
            failed += sum(1 for _ in self._bad_ones(((JobId(start), JobId(stop)),)))
        return live, failed, ended

    def _one(self, statement: str, *values: object) -> int:
        return int(self._db.execute(statement, values).fetchone()[0])

    # --- what ended well ------------------------------------------------------------------------

    def medians(self, ranges: Ranges) -> Medians:
        """What those of these jobs took that ended well."""
        rows = [row for part in ranges for row in self._took(part, SAMPLE // len(ranges) + 1)]
        is_sample = size(ranges) > SAMPLE
        run_s = [(row[2] - row[1]) / 1e9 for row in rows]
        cpus = [row[3] / ran_s for row, ran_s in zip(rows, run_s, strict=True) if ran_s > 0]
        return Medians(
            latest_event(self._db),
            len(rows),
            is_sample,
            spread_of(run_s),
            spread_of(list(self._waits(rows))),
            spread_of([float(row[4] * KIB) for row in rows if row[4]]),
            spread_of(cpus),
        )

    def _took(self, part: Range, most: int) -> list[tuple[Any, ...]]:
        """Rows of results of at most so many of these jobs, spread over all of them."""
        first, end = part
        if end - first > most:
            step = (end - first) / most
            some = ",".join(str(first + int(at * step)) for at in range(most))
            rows = self._db.execute(f"{_TOOK} job IN ({some})").fetchall()
            if len(rows) * _FEW > most:
                return rows
        return self._db.execute(
            f"{_TOOK} job >= ? AND job < ? ORDER BY job LIMIT ?", (*part, most)
        ).fetchall()

    def _waits(self, rows: list[tuple[Any, ...]]) -> Iterator[float]:
        """How long each waited for its first start."""
        known: Submission | None = None
        for job, started_ns, _, _, _, attempt in rows:
            if known is None or job not in known:
                known = self._reader.of_number(JobId(job))
            if known is not None:
                begun_ns = started_ns if attempt == 1 else self._one(_FIRST_GIVEN, job)
                yield max(0, begun_ns - known.at_ns) / 1e9


def _told(group: _Group, array: Submission | None) -> FailureGroup:
    ended, problem = group.ended, group.problems.most_common(1)[0][0]
    items = None
    if array and isinstance(array.items, Numbers | EachLine):
        numbers = array.items
        items = as_ranges([JobId(numbers.number(job - array.first)) for job in group.jobs])
    return FailureGroup(
        len(group.jobs),
        ended.state,
        ended.status,
        as_ranges(group.jobs),
        ended.result.cause or None,
        ended.result.signal or None,
        items,
        tuple(sorted(group.hosts)),
        problem or None,
        mem_peak_bytes=group.peak_kib * KIB or None,
    )
