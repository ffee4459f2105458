"""Mistakes in core/dispatch/people.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/people.py"
FAULTS = [
    Fault(
        "who took a job off the queue is forgotten",
        FILE,
        '"", now.wall_ns, cancel.by), outcome)',
        '"", now.wall_ns), outcome)',
    ),
    Fault(
        "who killed a job is forgotten",
        FILE,
        "cancel.signal, now.wall_ns, cancel.by)",
        "cancel.signal, now.wall_ns)",
    ),
    Fault(
        "who killed several is forgotten",
        FILE,
        "(Cancel(job, each.signal, each.by) for",
        "(Cancel(job, each.signal) for",
    ),
    Fault(
        "a resent submission queues twice",
        FILE,
        "known = self._state.recent_submissions.get(request.nonce)",
        "known = None",
    ),
    Fault(
        "the journal's word on an old submission is ignored",
        FILE,
        "known = known or (past if isinstance(past, AckSubmit) else None)",
        "pass",
    ),
    Fault(
        "the worker of a cancelled job hears of it at its next heartbeat only",
        FILE,
        "                for parked in self._moves.beats.take(job):\n"
        "                    outcome.replies.append(parked.reply(CancelWip(job, lost=False, signal=cancel.signal)))\n",
        "",
    ),
    Fault(
        "a job that has ended can be killed",
        FILE,
        "        if known.ending is Ending.CANCELLED:\n",
        "        if known:\n",
    ),
    Fault(
        "busy workers are not told to exit",
        FILE,
        "self._moves.leaving |= self._state.jobs_of_worker.keys()",
        "pass",
    ),
    Fault(
        "a key may be taken twice",
        FILE,
        "if holder is not None:",
        "if False:",
    ),
    Fault(
        "a resent submission with a key is taken for another",
        FILE,
        "        if known:\n"
        "            return known\n"
        "        holder = self._state.unique_jobs.get(submit.terms.unique)\n",
        "        holder = self._state.unique_jobs.get(submit.terms.unique)\n"
        "        if known and holder is None:\n"
        "            return known\n",
    ),
    Fault(
        "nobody hears that the job was there already",
        FILE,
        "AckSubmit(holder, holder, existed=True)",
        "AckSubmit(holder, holder)",
    ),
    Fault(
        "a second kill with another signal is ignored",
        FILE,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if not running.kill_signal:",
    ),
    Fault(
        "a kill is taken back by a gentler one",
        FILE,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if running.kill_signal != cancel.signal:",
    ),
    Fault(
        "a kill that says the same is recorded again",
        FILE,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if running.kill_signal != SIGKILL:",
    ),
    Fault(
        "a worker whose heartbeat is open is told the wrong signal",
        FILE,
        "lost=False, signal=cancel.signal)",
        "lost=False)",
    ),
    Fault(
        "jobs are counted as workers that leave",
        FILE,
        "count = len(self._moves.idle) + len(self._state.jobs_of_worker)",
        "count = len(self._moves.idle) + len(self._state.running)",
    ),
    Fault(
        "what is pushed out while several are cancelled is not known",
        FILE,
        "self.cancel(cancel, now, told, outcome)",
        "self.cancel(cancel, now, past, outcome)",
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
]
