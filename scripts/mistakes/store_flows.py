"""Mistakes in what is counted for who watches a cluster: what went through, and what waits."""

from mistakes.fault import Fault

FLOWS, WAITING, METRICS = "adapters/store/queries_flows.py", "core/dispatch/waiting.py", "web/metrics.py"
FAULTS = [
    Fault(
        "the last event of a part is in the next one too",
        FLOWS,
        "        max(span),\n",
        "        max(span[1] - 1, span[0]),\n",
    ),
    Fault("a part is never the last one", FLOWS, "span[1] >= latest", "span[1] > latest"),
    Fault("each attempt has waited", FLOWS, "kind = 'delegated' AND attempt = 1", "kind = 'delegated'"),
    Fault("what has not begun has run", FLOWS, "AND started_ns > 0", ""),
    Fault(
        "what is retried was handed back", FLOWS, "CASE WHEN r.seq IS NOT NULL THEN 'retry' WHEN", "CASE WHEN"
    ),
    Fault("a bound is in the range above it", FLOWS, "sum(took <= {", "sum(took < {"),
    Fault(
        "the last range is all of them",
        "core/values/flows.py",
        "tuple(one + more for one, more in counts)",
        "self.counts",
    ),
    Fault(
        "who is held and behind others counts twice",
        WAITING,
        "without(state.waiting.among(merged(ranges)), taken)",
        "state.waiting.among(merged(ranges))",
    ),
    Fault(
        "who was not looked at does not wait",
        WAITING,
        "counts[OTHER] += len(state.waiting) - counts.total()",
        "counts[OTHER] += 0",
    ),
    Fault("a lane is one job", WAITING, "survey).code] += len(lane.jobs)", "survey).code] += 1"),
    Fault(
        "the smallest lanes are looked at",
        WAITING,
        "key=lambda lane: len(lane.jobs)",
        "key=lambda lane: -len(lane.jobs)",
    ),
    Fault("who waits longest is who came last", WAITING, "oldest = min(", "oldest = max("),
    Fault("buckets hold what is in them alone", METRICS, "accumulate(timed.counts)", "timed.counts"),
    Fault(
        "a wait has no begin", METRICS, "(known.now_ns - waiting.since_ns) / 10**9", "known.now_ns / 10**9"
    ),
]
