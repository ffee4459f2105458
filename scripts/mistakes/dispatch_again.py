"""Mistakes in core/dispatch/again*.py, and in what keeps its numbers."""

from mistakes.fault import Fault

AGAIN = "core/dispatch/again.py"
PLAN = "core/dispatch/again_plan.py"
SOURCES = "core/dispatch/again_sources.py"
ITEMS = "core/values/items.py"
FAULTS = [
    Fault(
        "a retry that comes again is another one", AGAIN, "        if known.again:\n", "        if False:\n"
    ),
    Fault(
        "two submissions of a retry have one nonce",
        AGAIN,
        "(at << 64)",
        "(min(at, 1) << 64)",
    ),
    Fault("what was kept stays", AGAIN, "        if plan.moved:\n", "        if False:\n"),
    Fault("who asked is not known", AGAIN, "lines, copy.old, by)", "lines, copy.old)"),
    Fault(
        "what lives is retried",
        PLAN,
        "            if alive and is_numbered and not states:\n",
        "            if False:\n",
    ),
    Fault(
        "all are retried where the failed ones are meant",
        PLAN,
        "FAILED if self._retry.failed else selector.states",
        "selector.states",
    ),
    Fault(
        "what failed is retried twice",
        PLAN,
        "before = source.retried if self._retry.failed else ()",
        "before = ()",
    ),
    Fault("an old copy is told of", SOURCES, "key=lambda copy: -copy[2]", "key=lambda copy: copy[2]"),
    Fault("what was skipped is left", PLAN, "        if not self._retry.alone:\n", "        if False:\n"),
    Fault(
        "what was skipped follows alone as well",
        PLAN,
        "        if not self._retry.alone:\n",
        "        if True:\n",
    ),
    Fault(
        "what was retried follows again",
        PLAN,
        "source.kinds.get(JobState.SKIPPED, ()), source.retried)",
        "source.kinds.get(JobState.SKIPPED, ()), ())",
    ),
    Fault(
        "what can never run follows",
        PLAN,
        "                if self._bad_still(after.jobs):\n",
        "                if False:\n",
    ),
    Fault(
        "what is behind something kept is left there",
        PLAN,
        "*self._touched(source, waiting, self._moved)",
        "",
    ),
    Fault(
        "a follower waits for the old ones",
        PLAN,
        "            jobs += self._renamed(again)\n",
        "            jobs += again\n",
    ),
    Fault("what is retried is held as it was", PLAN, "held=False, not_before_ns=0", "not_before_ns=0"),
    Fault("other terms count for what follows too", PLAN, "        if not follows:\n", "        if True:\n"),
    Fault("a key is had twice", PLAN, "if holder is not None and", "if False and"),
    Fault("one key is retried twice", PLAN, "if keys.count(key) > 1:", "if False:"),
    Fault(
        "altered terms are forgotten",
        SOURCES,
        "for part in common(ranges, ((first, end),)))",
        "for part in ())",
    ),
    Fault(
        "what lives has ended",
        SOURCES,
        "without(common(ranges, self.ranges), self.alive)",
        "common(ranges, self.ranges)",
    ),
    Fault(
        "names mean what was retried",
        "core/dispatch/wishes.py",
        "_submission(each).end),), each.retried)",
        "_submission(each).end),), ())",
    ),
    Fault(
        "what was retried of a live list is forgotten",
        "core/state/state.py",
        "        self.submissions.retried(record.again)\n",
        "",
    ),
    Fault(
        "tasks forget what they were some of",
        ITEMS,
        "Numbers(ranges, (self.first, self.last, self.step))",
        "Numbers(ranges)",
    ),
    Fault(
        "tasks have new numbers",
        ITEMS,
        "            some = (items.numbers or lines).some(indices)\n",
        "            some = lines\n",
    ),
    Fault(
        "pairs of several ranges are all behind the first",
        "core/board/watches.py",
        "            at = JobId(at + end - first)\n",
        "",
    ),
    Fault(
        "what was piped is read again though it is gone",
        AGAIN,
        "        if origin.stdin and origin.stdin not in here | past.blobs:",
        "        if False:",
    ),
    Fault(
        "a file in place of what was piped is not read",
        AGAIN,
        "            origin = replace(origin, stdin=NO_BLOB)\n",
        "            pass\n",
    ),
]
