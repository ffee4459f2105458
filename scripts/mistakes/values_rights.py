"""Mistakes in core/values/rights.py, dispatch/guard.py, keys.py and veil.py: who may do what, and in whose name."""

from mistakes.fault import Fault

RIGHTS, GUARD = "core/values/rights.py", "core/dispatch/guard.py"
WHO = "core/values/who.py"
WORKERS, PEOPLE, COPIES = "core/dispatch/workers.py", "core/dispatch/people.py", "core/dispatch/copies.py"
VOICES, HOSTS, PLACEMENT = "core/board/voices.py", "core/board/hosts.py", "core/board/placement.py"
DOOR, MOVES, TROUBLE = "core/dispatch/door.py", "core/dispatch/moves.py", "core/board/trouble.py"
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
        WHO,
        'return self.name if self.role is Role.NODE else f"{self.name}@{host}"',
        'return f"{self.name}@{host}"',
    ),
    Fault("a user's worker is at a node", WHO, 'else f"{self.name}@{host}"', "else host"),
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
    Fault(
        "what a removed user left starts again when it failed",
        "core/dispatch/ends.py",
        "if again.held or _is_of_nobody(moves, running.job):",
        "if again.held:",
    ),
    Fault(
        "what a removed user left starts again when it is handed back",
        "core/dispatch/ends.py",
        "            if _is_of_nobody(moves, job):\n",
        "            if False:\n",
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
    Fault("one's own is hidden", VEIL, "    if may_read(who, origin.owner):\n        return job\n", ""),
    Fault("what is said of others' ends is told", VEIL, "else hidden(result.problem)", "else result.problem"),
    Fault("digests of others' outputs are told", VEIL, '            output_sha256=b"",\n', ""),
    Fault(
        "who waits for others' jobs hears all",
        MOVES,
        "JobFinishedNotice(self.veil.end(ended, each.handle.who))",
        "JobFinishedNotice(ended)",
    ),
    Fault(
        "how others' jobs ended is told",
        VEIL,
        "return JobFinishedNotice(self.end(ended, who))",
        "return answer",
    ),
    Fault(
        "how many others' jobs ended is told",
        VEIL,
        "return JobsFinishedNotice(tuple(self.end(each, who) for each in ends))",
        "return answer",
    ),
    Fault("why others' jobs wait is told", VEIL, "return Why(self._explained(of, who))", "return answer"),
    Fault(
        "which machine refuses others' folders, and why, is told",
        VEIL,
        "return trouble if is_own else hidden(trouble)",
        "return trouble",
    ),
    Fault(
        "how an end is explained is told",
        VEIL,
        "problem=hidden(of.where.problem)",
        "problem=of.where.problem",
    ),
    Fault(
        "reasons of others' jobs are told",
        VEIL,
        "return reason if all(self.reads(who, owner) for owner in owners) else self._bare_reason(reason)",
        "return reason",
    ),
    Fault(
        "why others' users wait is told",
        VEIL,
        "return replace(row, reason=self._bare_reason(row.reason))",
        "return row",
    ),
    Fault("in a snapshot others' ends are seen", VEIL, ", ended=_bare(row.ended))", ")"),
    Fault("others' folders are told", TROUBLE, 'if reads(owner) else f"of {owner}"', 'if True else ""'),
    Fault(
        "what is wrong with others' folders is told",
        TROUBLE,
        'each.problem if reads(owner) else f"only {owner} is told why"',
        "each.problem",
    ),
    Fault("what others' jobs read is handed out", DOOR, "and may_run(who, run.job.origin.owner)", ""),
    Fault(
        "whether others' jobs read that is told",
        DOOR,
        "return who.role is not Role.USER\n",
        "return True\n",
    ),
    Fault(
        "there are as many workers of a key as it likes",
        WORKERS,
        "and self._moves.voices.count_of(holder) >= WORKERS_EACH",
        "and False",
    ),
    Fault("workers that left count for ever", VOICES, "            self._of[holder_of(worker)] -= 1\n", ""),
    Fault(
        "a worker is at all places that it ever named",
        WORKERS,
        "            moves.rooms.leave(before.report.worker)\n",
        "            pass\n",
    ),
    Fault(
        "what waits of a process that a worker was waits on",
        WORKERS,
        "            moves.idle.forget(worker.id)\n",
        "            pass\n",
    ),
    Fault(
        "a process that nothing is known of may have anything",
        PLACEMENT,
        "if room is None or not room.is_known or self.is_full(worker.host):",
        "room = room or self._rooms.of(worker)\n        if self.is_full(worker.host):",
    ),
    Fault(
        "whoever says goodbye says whose room is free",
        WORKERS,
        "worker = voice.report.worker if voice else bye.worker",
        "worker = bye.worker",
    ),
    Fault("others' machines stand for a folder", HOSTS, 'self._owners.get(host, "") in ("", owner)', "True"),
    Fault(
        "a heard nonce keeps a submission out",
        PEOPLE,
        "if known and self._is_anothers(known, submit):",
        "if False:",
    ),
    Fault("one waits for all", PEOPLE, "observers.count_of(holder) >= PARKED_JOBS_EACH", "False"),
    Fault("who changes most goes first", CHANGING, "next(others, self._pending[0])", "self._pending[0]"),
    Fault("made-up queues are kept", COPIES, " and len(self._misdirected) < SAID_LIMIT:", ":"),
    Fault("anybody says what jobs use", GUARD, "report.claims() + used)", "report.claims())"),
    Fault("a change meets others' jobs", CHANGING, "if not may_change(who, live.origin.owner)", "if False"),
]
