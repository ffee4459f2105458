"""Mistakes in rows, lives and the report."""

from mistakes.fault import Fault

ROWS, LIVES = "views/rows.py", "views/lives.py"
REPORT, SPENT, USE = "views/report.py", "views/spent.py", "views/use.py"
FAULTS = [
    Fault(
        "how an attempt ended is said without its words",
        LIVES,
        "words = each.last_words or each.text",
        "words = each.text",
    ),
    Fault("what can run nowhere waits", ROWS, "reason.code == NOWHERE", "not reason.code"),
    Fault("a job that is killed by a signal exits", ROWS, "job.signal or 0, job.cause", "0, job.cause"),
    Fault("what has ended goes on", ROWS, "if row.state.is_live else ago(past_s)", "if row else ago(past_s)"),
    Fault(
        "a later attempt says not that it is one", ROWS, "if job.attempt and job.attempt > 1:", "if not job:"
    ),
    Fault(
        "narrow paper has sentences",
        ROWS,
        '            if paper.is_wide\n            else f"',
        '            if paper\n            else f"',
    ),
    Fault(
        "a reason that says which try it is says it twice", ROWS, "if 'try' not in reason.short else ''", ""
    ),
    Fault(
        "variables do as they like with a terminal",
        LIVES,
        '(line(f"{name}={value}") for',
        '(f"{name}={value}" for',
    ),
    Fault("what failed is advised", USE, "row.state is JobState.DONE and used and asked", "used and asked"),
    Fault(
        "attempts are hidden silently",
        LIVES,
        "if hidden := len(life.attempts) - len(shown):",
        "if hidden := 0:",
    ),
    Fault("a strip is too long for what stands behind it", LIVES, "cells - len(left)", "cells"),
    Fault(
        "a report takes strangers' words for its own",
        REPORT,
        'element("td", escaped(words)',
        'element("td", words',
    ),
    Fault(
        "a machine that is gone is not shown",
        REPORT,
        "{each.host for each in facts.busy} | set(facts.cpus)",
        "set(facts.cpus)",
    ),
    Fault(
        "what ran for a moment is advised", REPORT, "if row.ran_s < _SAYS_LITTLE_S:", "if not row.jobs + 1:"
    ),
    Fault("a job has one tag", SPENT, "return row.tags or (_NONE,)", "return (row.tags or (_NONE,))[:1]"),
    Fault("memory is added up", SPENT, "max((row.mem_asked_bytes for", "sum((row.mem_asked_bytes for"),
]
