"""Mistakes in what goq/web says, and in the map of an array."""

from mistakes.fault import Fault

METRICS, SQUARES, SITE = "web/metrics.py", "adapters/store/queries_squares.py", "web/site.py"
LATELY, SPREADS = "web/lately.py", "web/spreads.py"
FAULTS = [
    Fault(
        "what ended well has failed at a machine",
        LATELY,
        "known.failed + row.failed",
        "known.failed + row.jobs",
    ),
    Fault(
        "hours of one machine are those of all",
        "views/report.py",
        "if each.host == host and each.at in places:",
        "if each.at in places:",
    ),
    Fault("the axis ends before what was asked", SPREADS, "return bins + [0] * more, ", "return bins, "),
    Fault("an axis may be of any length", SPREADS, "<= _FARTHEST * (spread.most - spread.least)", "< 2**63"),
    Fault("arrays are labels", METRICS, "if not row.name.startswith(ARRAY)", "if row.name"),
    Fault(
        "any number of users are labels",
        METRICS,
        "if len(sums) < USERS_LIMIT else _OTHERS",
        "if True else _OTHERS",
    ),
    Fault("commits have the bounds of jobs", METRICS, "commits, COMMIT_BOUNDS_S)", "commits)"),
    Fault("a look that found nothing in time is not told", METRICS, '"refused", "late",', '"refused",'),
    Fault("labels are not escaped", METRICS, "{each.translate(_ESCAPED)}", "{each}"),
    Fault("what is paused runs", METRICS, "cluster.running - cluster.paused", "cluster.running"),
    Fault("what failed is done", SQUARES, "JobState.FAILED if is_bad else JobState.DONE", "JobState.DONE"),
    Fault(
        "a range counts whole squares",
        SQUARES,
        "min(end, (square + 1) * each) - max(low, square * each)",
        "each",
    ),
    Fault("a map has no bound", SQUARES, "if size > MAPPED_LIMIT:", "if False:"),
    Fault(
        "a proxy is spoken to openly",
        SITE,
        "return self.has_tls or name_of(host) in self.names",
        "return self.has_tls",
    ),
    Fault("an origin has no port", SITE, "://{host.lower()}", "://{name_of(host)}"),
]
