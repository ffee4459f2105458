"""Mistakes in core/dispatch/people.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/people.py"
FAULTS = [
    Fault(
        "what has come before comes twice",
        FILE,
        "new = add.lines[delivery.here - add.offset :] if",
        "new = add.lines if",
    ),
    Fault(
        "what leaves a gap is taken",
        FILE,
        "if add.offset <= delivery.here else ()",
        "if add.offset <= delivery.here + 1 else ()",
    ),
    Fault(
        "more than was announced is taken",
        FILE,
        "        if len(new) > delivery.to_come:",
        "        if len(new) > delivery.count:",
    ),
    Fault(
        "of half a list one job is killed alone",
        FILE,
        "if any(job in each for job in jobs)]",
        "if not jobs]",
    ),
    Fault(
        "who asks how far a list is does not count as news of it",
        FILE,
        "        self._moves.expect(submission, now)\n        return self._wanting(",
        "        return self._wanting(",
    ),
    Fault(
        "who took a job off the queue is forgotten",
        FILE,
        '"", now.wall_ns, cancel.by), outcome)',
        '"", now.wall_ns), outcome)',
    ),
    Fault(
        "who killed several is forgotten",
        FILE,
        "self._cancel_all(each.jobs, each.signal, each.by, now",
        "self._cancel_all(each.jobs, each.signal, By('', '', 0), now",
    ),
    Fault(
        "a resent submission queues twice",
        FILE,
        "known = self._state.recent_submissions.get(submission)",
        "known = None",
    ),
    Fault(
        "the journal's word on an old submission is ignored",
        FILE,
        "known = known or (past if isinstance(past, AckSubmit) else None)",
        "known = known or None",
    ),
    Fault(
        "a job that has ended can be killed",
        FILE,
        "        if known.ending is Ending.CANCELLED:\n",
        "        if known:\n",
    ),
    Fault(
        "a key may be taken twice",
        FILE,
        "return AckSubmit(holder, holder, existed=True) if holder is not None else None",
        "return None",
    ),
    Fault(
        "a resent submission with a key is taken for another",
        FILE,
        "known = known or self._holder(submit)",
        "known = self._holder(submit) or known",
    ),
    Fault(
        "what was accepted is refused when it is sent again",
        FILE,
        '"" if known else self._refusal(submit)',
        "self._refusal(submit)",
    ),
    Fault(
        "nobody hears that the job was there already",
        FILE,
        "AckSubmit(holder, holder, existed=True)",
        "AckSubmit(holder, holder)",
    ),
    Fault(
        "what is pushed out while several are cancelled is not known",
        FILE,
        "by), now, told, outcome)",
        "by), now, past, outcome)",
    ),
    Fault(
        "of several jobs one that lives is not waited for",
        FILE,
        "if len(live) == len(jobs):",
        "if live:",
    ),
    Fault(
        "an unknown job among several is waited for",
        FILE,
        "return JobNotKnown(unknown[0]) if unknown else",
        "return AskAgain() if unknown else",
    ),
    Fault(
        "a list may come to have a command without a program",
        FILE,
        '        if not delivery.submission.argv and not all(line and line[0] for line in new):\n            return "a command needs a program"\n',
        "",
    ),
    Fault(
        "what is there is wanted all the same",
        FILE,
        "if blob not in known.blobs)",
        "if blob)",
    ),
    Fault(
        "nobody is told which blob is wanted",
        FILE,
        "return replace(ack, wanted=blob, offset=",
        "return replace(ack, offset=",
    ),
    Fault(
        "a blob is wanted from its start again",
        FILE,
        "offset=self._state.blobs.arriving[blob].here)",
        "offset=0)",
    ),
    Fault(
        "a piece is taken that is not what was signed",
        FILE,
        "        if sha256_of(add.data) != add.sha256:",
        "        if False:",
    ),
    Fault(
        "a piece that was changed is not counted",
        FILE,
        "            self._counts.dropped_bad_signatures += 1\n",
        "            pass\n",
    ),
    Fault(
        "a blob may be another than was announced",
        FILE,
        "        if not arriving.leads_on(add.data):",
        "        if False:",
    ),
    Fault(
        "a piece is taken wherever it belongs",
        FILE,
        "        if add.offset != arriving.here:",
        "        if False:",
    ),
    Fault(
        "what has ended is cancelled",
        "core/dispatch/people.py",
        "        if job in self._state.waiting:",
        "        if job in self._state.waiting or self._state.ended(job):",
    ),
]
