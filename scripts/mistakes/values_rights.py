"""Mistakes in core/values/rights.py, dispatch/guard.py, keys.py and veil.py: who may do what, and in whose name."""

from mistakes.fault import Fault

RIGHTS, GUARD = "core/values/rights.py", "core/dispatch/guard.py"
KEYS, VEIL, CHANGING = "core/dispatch/keys.py", "core/dispatch/veil.py", "core/dispatch/changing.py"
FAULTS = [
    Fault("a user runs the cluster", RIGHTS, "Deed.READ, Deed.GREET, Deed.WORK}", "*Deed}"),
    Fault(
        "a node submits",
        RIGHTS,
        "frozenset({Deed.GREET, Deed.WORK, Deed.DRAIN})",
        "frozenset({Deed.SUBMIT, Deed.GREET, Deed.WORK, Deed.DRAIN})",
    ),
    Fault("an old key counts", RIGHTS, " and (not who.is_retired or deed in _LEFT)", ""),
    Fault("an old key ends nothing", RIGHTS, "not who.is_retired or deed in _LEFT", "not who.is_retired"),
    Fault(
        "everybody changes everything",
        RIGHTS,
        "may(who, Deed.CHANGE) and (who.is_administrator or who.name == owner)",
        "may(who, Deed.CHANGE)",
    ),
    Fault(
        "everybody reads everything", RIGHTS, "(is_open or who.is_administrator or who.name == owner)", "True"
    ),
    Fault("an open server is closed", RIGHTS, "(is_open or who.is_administrator", "(who.is_administrator"),
    Fault(
        "administrators change their own only",
        RIGHTS,
        "may(who, Deed.CHANGE) and (who.is_administrator or",
        "may(who, Deed.CHANGE) and (",
    ),
    Fault("a user runs others' jobs", RIGHTS, "(who.role != Role.USER or who.name == owner)", "True"),
    Fault(
        "a submitter is whom he says",
        GUARD,
        'submitter, terms = f"{who.name}@{host}", replace',
        "submitter, terms = question.submitter, replace",
    ),
    Fault("a user's job passes for an administrator's", GUARD, "keyed=True", "keyed=False"),
    Fault(
        "who did it is whom he says",
        GUARD,
        "by=By(who.name, question.by.host",
        "by=By(question.by.owner, question.by.host",
    ),
    Fault("names are of whom one says", GUARD, "replace(question, owner=who.name)", "question"),
    Fault(
        "a node is called as it likes",
        GUARD,
        'host = who.name if who.role is Role.NODE else f"{who.name}@{worker.host}"',
        'host = f"{who.name}@{worker.host}"',
    ),
    Fault("a user's worker is at a node", GUARD, 'else f"{who.name}@{worker.host}"', "else worker.host"),
    Fault(
        "a user's worker runs everybody's jobs",
        GUARD,
        'owner=who.name if who.role is Role.USER else ""',
        'owner=""',
    ),
    Fault(
        "anybody speaks for any worker",
        GUARD,
        'if not all(name.startswith(f"{who.holder}:") for name in names):',
        "if False:",
    ),
    Fault(
        "of others' claims anybody speaks",
        GUARD,
        "names = workers + [claim.worker for claim in claims]",
        "names = workers",
    ),
    Fault("places of others are asked for", GUARD, "[worker.id, *places]", "[worker.id]"),
    Fault(
        "others' jobs are killed by number",
        GUARD,
        "            case Cancel(job):\n                return self._not_theirs(who, (job,))\n",
        "",
    ),
    Fault(
        "others' jobs are killed by numbers",
        GUARD,
        "            case CancelEach(jobs):\n                return self._not_theirs(who, jobs)\n",
        "",
    ),
    Fault(
        "others' arrays are throttled", GUARD, "return self._not_theirs(who, _numbered(name))", 'return ""'
    ),
    Fault("a node drains any other", GUARD, ' and question.name == f"{NODE}{who.name}"', ""),
    Fault("a node drains itself as anybody", GUARD, "question.by.owner == HEALTH and ", ""),
    Fault("nothing that is refused is counted", GUARD, "        self._counts.denied += 1\n", ""),
    Fault(
        "a worker with an old key waits for ever",
        GUARD,
        "who.is_retired and isinstance",
        "False and isinstance",
    ),
    Fault(
        "what waits of somebody who has gone starts",
        KEYS,
        "        if ranges:\n",
        "        if False:\n",
    ),
    Fault("nobody knows why that is held", KEYS, "now, outcome, REMOVED)", "now, outcome)"),
    Fault(
        "removal counts as another key",
        KEYS,
        "generation = last if is_removed else last + 1",
        "generation = last + 1",
    ),
    Fault(
        "a renewed key stays the same",
        KEYS,
        "generation = last if is_removed else last + 1",
        "generation = max(last, 1)",
    ),
    Fault(
        "a user is called as the server's own",
        KEYS,
        "asked.role is Role.USER and asked.name == self",
        "asked.name != asked.name == self",
    ),
    Fault("a user is added twice", KEYS, "asked.deed is KeyDeed.ADD and is_there", "False"),
    Fault("who is not there is removed", KEYS, "asked.deed is not KeyDeed.ADD and not is_there", "False"),
    Fault("a removed user's jobs are never killed", KEYS, "if asked.kill:", "if False:"),
    Fault(
        "arguments are seen",
        VEIL,
        "return replace(job, argv=program_of(job.argv), origin",
        "return replace(job, origin",
    ),
    Fault("environments are seen", VEIL, ', environment=Environment(b"")', ""),
    Fault("the names of scripts and inputs are seen", VEIL, ", script=NO_BLOB, stdin=NO_BLOB", ""),
    Fault(
        "others' scripts are fetched",
        GUARD,
        "case FetchBlob(blob) if who.role is Role.USER",
        "case FetchBlob(blob) if False",
    ),
    Fault("one's own script is not fetched", GUARD, "if run.job.origin.owner == who.name)", "if False)"),
    Fault("one's own is hidden", VEIL, "    if may_read(who, origin.owner):\n        return job\n", ""),
    Fault("a change meets others' jobs", CHANGING, "if not may_change(who, live.origin.owner)", "if False"),
]
