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
        "if job.exit is not None and job.kill_at_s == NEVER:",
        "if False:",
    ),
    Fault(
        "jobs outlive their worker",
        FILE,
        "                self._watch(self._job)\n        self._exterminate()",
        "                self._watch(self._job)",
    ),
    Fault(
        "a full spool ends nobody",
        FILE,
        "if drain.trouble and job.kill_at_s == NEVER:",
        "if False:",
    ),
    Fault(
        "a job with a full spool is never insisted on",
        FILE,
        "self._kill(job, signal.SIGTERM, self._grace_s)",
        "self._kill(job, signal.SIGTERM, NEVER)",
    ),
    Fault(
        "a job with a full spool has ended well",
        FILE,
        "code = how.code if how.code or how.signal else DAMAGED_STATUS",
        "code = how.code",
    ),
    Fault(
        "a job's own failure is its spool's",
        FILE,
        "code = how.code if how.code or how.signal else DAMAGED_STATUS",
        "code = DAMAGED_STATUS",
    ),
    Fault(
        "a job has had its shepherd's memory",
        FILE,
        "return how.peak_kib if how.peak_kib > self._own_peak_kib else 0",
        "return how.peak_kib",
    ),
    Fault(
        "no job's memory is known",
        FILE,
        "return how.peak_kib if how.peak_kib > self._own_peak_kib else 0",
        "return 0",
    ),
    Fault(
        "what is left behind is not told",
        FILE,
        "        job.drain.finish(_left_behind(job))",
        "        job.drain.finish()",
    ),
    Fault(
        "what was killed was left behind",
        FILE,
        "    left: dict[int, str] | None = None",
        "    left: dict[int, str] | None = {}",
    ),
    Fault(
        "a crowd's line has no end",
        FILE,
        "names[:NAMES_SHOWN] + more",
        "names + more",
    ),
    Fault(
        "a shepherd stays in the last job's folder",
        FILE,
        "                if not self._waiting:\n                    leave()\n",
        "",
    ),
    Fault(
        "a shepherd looks only when it is told",
        FILE,
        "if self._job and (self._listens or time.monotonic() >= self._job.drain.look_at_s):",
        "if self._job and self._listens:",
    ),
    Fault(
        "the pipe of a job is listened to when it has gone",
        FILE,
        "        self._listen(job.drain, False)\n",
        "",
    ),
    Fault(
        "a job's end of its pipe stays open",
        FILE,
        "        finally:\n            os.close(entry)\n",
        "        finally:\n            os.set_inheritable(entry, True)\n",
    ),
    Fault(
        "files of the last job stay until the next one",
        FILE,
        "if self._scratch and not self._job:",
        "if False:",
    ),
]
