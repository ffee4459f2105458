"""Mistakes in why jobs wait: what a machine lacks, what lasts longest, who is next, and what would start now."""

from mistakes.fault import Fault

WHY, SURVEY, SOONER = "core/board/why.py", "core/board/survey.py", "core/board/sooner.py"
REASONS, WHYS, MACHINES = "core/values/reasons.py", "core/dispatch/whys.py", "core/dispatch/machines.py"
OVERVIEW, SUBMISSIONS = "core/dispatch/overview.py", "core/state/submissions.py"
FAULTS = [
    Fault(
        "a place that nobody asks from is free", SURVEY, "_NOTHING if here.is_there else _A_PLACE", "_NOTHING"
    ),
    Fault(
        "a drained machine is open",
        SURVEY,
        "return not self.small and not self.trouble",
        "return not self.small",
    ),
    Fault(
        "room that is kept for another is free",
        SURVEY,
        "kept is not None and kept.key != key and not",
        "False and not",
    ),
    Fault("what can run nowhere is next", SURVEY, 'top("", self.may_start,', 'top("", None,'),
    Fault(
        "what is large enough if nothing ran lacks nothing now",
        SURVEY,
        "if any(much > here.left(name)",
        "if any(much > here.held(name)",
    ),
    Fault("what a job lacks is what it needs", SURVEY, "much - max(0, math.floor(here(name)))", "much"),
    Fault("only one reason is told", WHY, "return tuple(found[:REASONS_LIMIT])", "return tuple(found[:1])"),
    Fault(
        "what lasts longest comes last",
        WHY,
        "found.sort(key=lambda reason: reason.rank)",
        "found.sort(key=lambda reason: reason.rank, reverse=True)",
    ),
    Fault("what is held is looked at for room", WHY, "is_ready=not found)", "is_ready=True)"),
    Fault(
        "a limit that nobody can wait for is not told of what is held",
        WHY,
        "if full and (is_ready or full.is_for_ever):",
        "if full and is_ready:",
    ),
    Fault("the first task stands for all", WHY, "counted.most_common(1)[0][0]", "next(iter(counted))"),
    Fault(
        "a worker that is silent is not told of",
        WHYS,
        "silent_s > ABSENT_S or self._moves.is_suspect(run)",
        "False",
    ),
    Fault("a limit is never met", WHY, "if self._limits.rest(name) < n:", "if False:"),
    Fault(
        "of one's own older jobs none goes before",
        WHY,
        "older += lane.jobs.count(((JobId(1), job.id),))",
        "older += 0",
    ),
    Fault(
        "what can run nowhere goes before others",
        WHY,
        "                or not survey.may_start(lane.key.owner, lane.key.need)\n",
        "",
    ),
    Fault("a limit of 0 passes by itself", REASONS, "return self.amount < self.needs", "return False"),
    Fault("less is promised where nobody asks for work", SOONER, "not seen.here.is_there or ", ""),
    Fault("less is promised on a drained machine", SOONER, "if seen.trouble or ", "if "),
    Fault("less than a quarter is promised", SOONER, "max(1, _LEAST * asked)", "1"),
    Fault("what is kept is free", OVERVIEW, "            kept += reserved\n", ""),
    Fault(
        "what is drained is free",
        OVERVIEW,
        "                drained += left\n                continue\n",
        "                pass\n",
    ),
    Fault("who has ended still waits", SUBMISSIONS, "        self.left_of[owner] -= size(ranges)\n", ""),
    Fault("a silent worker is ready", MACHINES, 'return "suspect"', 'return "ready"'),
    Fault("a worker that was lost is ready", MACHINES, 'return "lost"', 'return "ready"'),
    Fault(
        "that outputs find no room is not told",
        WHY,
        "if self._parts.placement.has_no_room(job.origin.owner):",
        "if False:",
    ),
]
