"""Mistakes in adapters/jobs/shepherd.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/shepherd.py"
FAULTS = [
    Fault(
        "a shepherd that was frozen starts what waited",
        FILE,
        "since_s > STALE_S",
        "since_s > 3600.0",
    ),
    Fault(
        "a late kill hits the next job",
        FILE,
        "if self._job and number == self._job.number:",
        "if self._job:",
    ),
    Fault(
        "what a job leaves behind lives on",
        FILE,
        "        if job.exit is not None:\n            self._end_what_is_left(job)\n        else:\n            self._see(job)",
        "        self._see(job)",
    ),
    Fault(
        "jobs outlive their worker",
        FILE,
        "        self._keeper.drop()\n        self._reaper.exterminate()",
        "        self._keeper.drop()",
    ),
    Fault(
        "a full spool ends nobody",
        FILE,
        "if job.kill_at_s == NEVER and job.trouble:",
        "if False:",
    ),
    Fault(
        "a job with a full spool is never insisted on",
        FILE,
        "if job.kill_at_s == NEVER and job.trouble:\n            self._kill(job, signal.SIGTERM, self._grace_s)",
        "if job.kill_at_s == NEVER and job.trouble:\n            self._kill(job, signal.SIGTERM, NEVER)",
    ),
    Fault(
        "a job whose time is up is never insisted on",
        FILE,
        "        else:\n            self._kill(job, signal.SIGTERM, self._grace_s)",
        "        else:\n            self._kill(job, signal.SIGTERM, NEVER)",
    ),
    Fault(
        "a job with too much memory is asked to end",
        FILE,
        "if job.overrun.cause == MEMORY:",
        "if False:",
    ),
    Fault(
        "a job that somebody kills is ended by its time",
        FILE,
        "        if job.kill_at_s != NEVER:\n            return\n        job.pause",
        "        job.pause",
    ),
    Fault(
        "a job that has ended is ended by its time",
        FILE,
        "            self._end_what_is_left(job)\n        else:\n            self._see(job)",
        "            self._end_what_is_left(job)\n        self._see(job)",
    ),
    Fault(
        "a warning ends those that know nothing of it",
        FILE,
        "signal_all(listeners(seen(), number), number)",
        "signal_all(seen(), number)",
    ),
    Fault(
        "the time begins with the wait for others",
        FILE,
        "Watch(bounds, now_s)",
        "Watch(bounds, job.since_s)",
    ),
    Fault(
        "a shepherd stays in the last job's folder",
        FILE,
        "        if not self._waiting:\n            leave()\n",
        "",
    ),
    Fault(
        "a shepherd looks only when it is told",
        FILE,
        "if self._job and (self._listens or time.monotonic() >= self._job.look_at_s):",
        "if self._job and self._listens:",
    ),
    Fault(
        "the pipe of a job is listened to when it has gone",
        FILE,
        "            self._listen(drain, False)\n        job.settle()\n",
        "            pass\n        job.settle()\n",
    ),
    Fault(
        "files of the last job stay until the next one",
        FILE,
        "if not (self._job or self._keeper.chore):",
        "if False:",
    ),
    Fault(
        "a job has no prolog",
        FILE,
        "            if self._keeper.chores.prolog:\n",
        "            if False:\n",
    ),
    Fault(
        "a job begins beside the epilog of the last one",
        FILE,
        "while self._waiting and not self._job and not self._keeper.chore:",
        "while self._waiting and not self._job:",
    ),
    Fault(
        "a job begins though its prolog was killed",
        FILE,
        "        elif chore.killed_by:",
        "        elif False:",
    ),
    Fault(
        "a job begins though its prolog has failed",
        FILE,
        "        elif trouble:",
        "        elif False:",
    ),
    Fault(
        "a kill waits for the end of the prolog",
        FILE,
        "            chore.kill(signal_number, grace_s)\n",
        "            pass\n",
    ),
    Fault(
        "a kill in the epilog ends that",
        FILE,
        "and chore.job and number == chore.job.number:",
        "and (not chore.job or number == chore.job.number):",
    ),
    Fault(
        "an end is lost with who sees to the epilog",
        FILE,
        '            self._link.send(("doomed", *verdict))\n            if self._keeper',
        "            if self._keeper",
    ),
    Fault(
        "a job that dies with its worker has no epilog",
        FILE,
        "if on and self._keeper.chores.epilog:",
        "if False:",
    ),
    Fault(
        "a time of months is too long to wait for",
        FILE,
        "min(max(0.0, due_s - time.monotonic()), _LONGEST_NAP_S)",
        "max(0.0, due_s - time.monotonic())",
    ),
    Fault(
        "who has no account has an epilog",
        FILE,
        "            self._tell_end(unstarted(error, time.time_ns()))\n            return\n",
        "            self._conclude(job.around, unstarted(error, time.time_ns()))\n            return\n",
    ),
    Fault(
        "who starts jobs of others shows them what is in it",
        FILE,
        "                keep_from_users()\n",
        "                pass\n",
    ),
]
