"""Mistakes in core/values/spans.py."""

from mistakes.fault import Fault

FILE = "core/values/spans.py"
FAULTS = [
    Fault(
        "jobs with a gap between them are a run",
        "core/values/ranges.py",
        "if first is not None and job != end:",
        "if first is not None and job > end + 1:",
    ),
    Fault(
        "of a range that is cut out in the middle the end goes too",
        FILE,
        "        behind = [(end, nexts[high - 1])] if nexts[high - 1] > end else []",
        "        behind: list[tuple[JobId, int]] = []",
    ),
    Fault(
        "what is cut out counts on",
        FILE,
        "        self._count -= sum(nexts[low:high]) - sum(starts[low:high])\n",
        "",
    ),
    Fault(
        "what is put in many is not counted",
        FILE,
        "        self._count += sum(end - first for first, end in ranges)\n",
        "",
    ),
    Fault(
        "what lay in the hole is taken for the last",
        FILE,
        "if self._head == len(self._starts) or (self._head > _HOLE and",
        "if (self._head > _HOLE and",
    ),
    Fault(
        "of many ranges those that touch stay apart",
        FILE,
        "low = bisect_left(self._nexts, ranges[0][0], self._head)",
        "low = bisect_right(self._nexts, ranges[0][0], self._head)",
    ),
    Fault(
        "of many ranges those that touch behind stay apart",
        FILE,
        "high = bisect_right(self._starts, ranges[-1][1], low)",
        "high = bisect_left(self._starts, ranges[-1][1], low)",
    ),
    Fault(
        "a gap that is filled stays two ranges",
        FILE,
        "        if follows and leads:\n            nexts[at - 1] = nexts[at]\n            self._drop(at)\n        elif follows:",
        "        if follows:",
    ),
    Fault(
        "what comes before a range is one of its own",
        FILE,
        "leads = at < len(starts) and starts[at] == job + 1",
        "leads = False",
    ),
    Fault(
        "a range that is cut loses its end",
        FILE,
        "            if end != behind:\n                self._insert(at + 1, behind, end)\n",
        "",
    ),
    Fault(
        "what is taken is not counted",
        FILE,
        "self._count -= len(taken)",
        "pass",
    ),
    Fault(
        "the limit itself is taken",
        FILE,
        "min(end, limit)",
        "min(end, limit + 1)",
    ),
    Fault(
        "what was taken from the front is met again",
        FILE,
        "at = bisect_right(self._starts, job, self._head) - 1\n        return at >= self._head",
        "at = bisect_right(self._starts, job) - 1\n        return at >= 0",
    ),
    Fault(
        "what was taken from the front is kept",
        FILE,
        "if self._head == len(self._starts) or (",
        "if False and (",
    ),
    Fault(
        "a search begins behind the range that holds it",
        FILE,
        "        if at >= self._head and job < self._nexts[at]:\n            return job\n",
        "",
    ),
    Fault(
        "new jobs are always a range of their own",
        FILE,
        "        follows = at > self._head and nexts[at - 1] == first\n",
        "        follows = False\n",
    ),
    Fault(
        "the first is known only after a removal",
        FILE,
        "            starts[at] = job\n            self.first = JobId(starts[self._head])\n",
        "            starts[at] = job\n",
    ),
    Fault(
        "whatever is removed moves the first",
        FILE,
        "            if job == self.first:\n                self.first = behind",
        "            self.first = behind",
    ),
]
