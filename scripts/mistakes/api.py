"""Mistakes in goq/api."""

from mistakes.fault import Fault

DESK, EVENTS, NAMING, OPTIONS = "api/desk.py", "api/events.py", "api/naming.py", "api/options.py"
TALKS, SUBMITTING, JOBS, CLIENT = "api/talks.py", "api/submitting.py", "api/jobs.py", "api/client.py"
FAULTS = [
    Fault(
        "a change that is not all done is taken for done",
        TALKS,
        "        while answer.left:",
        "        if False:",
    ),
    Fault(
        "what was met is counted once, however often it was asked",
        TALKS,
        "    return reduce(_sum, map(_changed, met), Changed())",
        "    return _changed(met[-1]) if met else Changed()",
    ),
    Fault(
        "nobody is told that nothing was done",
        TALKS,
        "            return _changed(answer)\n",
        "            met.append(answer)\n",
    ),
    Fault(
        "whoever waits is not told which job has not ended", TALKS, "raise TimeUp(f", "raise RequestRefused(f"
    ),
    Fault(
        "a range of numbers ends one too early", NAMING, "{which[0]}-{which[-1]}", "{which[0]}-{which[-2]}"
    ),
    Fault(
        "no words name all jobs",
        NAMING,
        "    if not (words or found or narrow or user):",
        "    if narrow is None:",
    ),
    Fault(
        "the name of a host is taken as it is typed",
        NAMING,
        "    if name.startswith(NODE):\n",
        "    if name.startswith(NODE + NODE):\n",
    ),
    Fault(
        "what has no such option is passed over",
        OPTIONS,
        "        if name not in kind.__annotations__:",
        "        if not name:",
    ),
    Fault(
        "bounds are the server's to mind",
        OPTIONS,
        "tuple(fields), read_terms(terms_text(Terms(**fields)))",
        "tuple(fields), Terms(**fields)",
    ),
    Fault(
        "a text of seconds is not read",
        "api/spoken.py",
        "return duration_s(value) if isinstance(value, str) else float(value)",
        "return float(value)",
    ),
    Fault(
        "one text is a list of letters",
        SUBMITTING,
        "    if isinstance(command, str | bytes) or by_shell:",
        "    if by_shell and not command:",
    ),
    Fault(
        "of an array all run at once", SUBMITTING, "numbers, LineList(), at_once", "numbers, LineList(), 0"
    ),
    Fault("what is given is not taken along", SUBMITTING, "{shared.stdin: data} if data else {}", "{}"),
    Fault(
        "the first job of an array stands for all",
        JOBS,
        "((JobId(self.id), JobId(self.id + 1)),)",
        "((JobId(self.id), JobId(self.id + 2)),)",
    ),
    Fault(
        "results come as they ended",
        JOBS,
        "return sorted(self.results(timeout), key=lambda result: result.job)",
        "return list(self.results(timeout))",
    ),
    Fault(
        "states narrow nothing",
        DESK,
        "        if not any(selector.states for selector in selectors):",
        "        if selectors:",
    ),
    Fault(
        "what an answer raises nobody hears of",
        DESK,
        "            return talk.throw(error)",
        "            raise",
    ),
    Fault(
        "followers hear of all that was, again",
        EVENTS,
        "        since = page.seq\n",
        "        since = page.seq - 1\n",
    ),
    Fault("a page that is full is the last one", EVENTS, "        if page.is_all:", "        if page.rows:"),
    Fault("a unique key is not seen to be there", CLIENT, "existed=ack.existed", "existed=False"),
]
