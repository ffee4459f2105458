"""Mistakes in core/state/state.py."""

from mistakes.fault import Fault

FILE = "core/state/state.py"
FAULTS = [
    Fault(
        "one worker more is outlived", FILE, "if past.outlived >= OUTLIVES:", "if past.outlived > OUTLIVES:"
    ),
    Fault(
        "what is with a worker waits for one without an end",
        FILE,
        "            self.endless.remove(job.id)\n",
        "            pass\n",
    ),
    Fault(
        "what has ended waits for a worker without an end",
        FILE,
        "        self.endless.discard_all(record.ranges)\n",
        "",
    ),
    Fault(
        "a list is never whole",
        FILE,
        "        if not live.to_come:",
        "        if False:",
    ),
    Fault(
        "that half a list was cancelled is not known",
        FILE,
        "            self._remember(live, cancelled=True)\n",
        "",
    ),
    Fault(
        "of a range that has ended one is counted",
        FILE,
        "self._count(record.ending, record.count, failed",
        "self._count(record.ending, 1, failed",
    ),
    Fault(
        "ids start again after a restart",
        FILE,
        "self.next_job = record.next_job",
        "pass",
    ),
    Fault(
        "the latest submission is forgotten first",
        FILE,
        "self.recent_submissions.popitem(last=False)",
        "self.recent_submissions.popitem()",
    ),
    Fault(
        "the job that ended last is forgotten first",
        FILE,
        "self.recent_finished.popitem(last=False)",
        "self.recent_finished.popitem()",
    ),
    Fault(
        "attempts are not counted in the state",
        FILE,
        "job = replace(self.job(claim.job), attempts=claim.attempt, epoch=claim.epoch, grant=record.grant)",
        "job = replace(self.job(claim.job), epoch=claim.epoch, grant=record.grant)",
    ),
    Fault(
        "a job that runs is of no epoch",
        FILE,
        "job = replace(self.job(claim.job), attempts=claim.attempt, epoch=claim.epoch, grant=record.grant)",
        "job = replace(self.job(claim.job), attempts=claim.attempt, grant=record.grant)",
    ),
    Fault(
        "a server forgets when it has begun",
        FILE,
        "                self.epoch = epoch\n",
        "                pass\n",
    ),
    Fault(
        "any claim finishes a job",
        FILE,
        "return running if running and running.claim == claim else None",
        "return running",
    ),
    Fault(
        "any attempt of the same worker finishes a job",
        FILE,
        "running.claim == claim else None",
        "running.claim.worker == claim.worker else None",
    ),
    Fault(
        "any worker with the right number finishes a job",
        FILE,
        "running.claim == claim else None",
        "running.claim.attempt == claim.attempt else None",
    ),
    Fault(
        "a worker holds its job after the end",
        FILE,
        "        held.discard(job)\n",
        "",
    ),
    Fault(
        "outputs stay in memory",
        FILE,
        '        if ended.result.output:\n            ended = replace(ended, result=replace(ended.result, output=b""))\n',
        "",
    ),
    Fault(
        "a cancellation is not recorded in the state",
        FILE,
        "self.running[job_id] = replace(self.running[job_id], kill_signal=signal)",
        "pass",
    ),
    Fault(
        "lost jobs are not counted",
        FILE,
        "self.lost_count += jobs",
        "pass",
    ),
    Fault(
        "lost jobs are not counted over restarts",
        FILE,
        "self.lost_count = record.lost_count",
        "pass",
    ),
    Fault(
        "a reset keeps the count of the lost",
        FILE,
        "self.cancelled_count = self.lost_count = self.skipped_count = 0",
        "self.cancelled_count = self.skipped_count = 0",
    ),
    Fault(
        "skipped jobs are not counted",
        "core/state/state.py",
        "self.skipped_count += jobs",
        "self.lost_count += jobs",
    ),
    Fault(
        "a key is taken for ever",
        FILE,
        "                del self.unique_jobs[live.terms.unique]\n",
        "                pass\n",
    ),
    Fault(
        "a key is free as soon as its job runs",
        FILE,
        "        self._seen = None\n        self.running",
        "        self._seen = None\n        self.unique_jobs.pop(job.terms.unique, None)\n        self.running",
    ),
    Fault(
        "a worker's jobs are in the wrong order",
        FILE,
        "sorted(self.jobs_of_worker.get(worker, ()))",
        "sorted(self.jobs_of_worker.get(worker, ()), reverse=True)",
    ),
    Fault(
        "a worker that has one job left has none",
        FILE,
        "        if not held:\n            del self.jobs",
        "        if len(held) < 2:\n            del self.jobs",
    ),
    Fault(
        "origins of two folders with one name are taken for equal",
        FILE,
        "(origin.folder, origin.environment, origin.submitter, origin.physical, origin.script)",
        '(origin.folder, origin.environment, origin.submitter, b"", origin.script)',
    ),
    Fault(
        "scripts of one name are taken for equal",
        FILE,
        "origin.physical, origin.script)",
        'origin.physical, b"")',
    ),
    Fault(
        "what was given after the copy was gone on with is a stray",
        FILE,
        "claim.epoch.number < self.restored and",
        "claim.epoch.number <= self.restored and",
    ),
    Fault(
        "another queue's attempts are strays",
        FILE,
        "self.restored and claim.epoch.queue == self.epoch.queue",
        "self.restored",
    ),
    Fault(
        "a restart forgets that a copy was gone on with",
        FILE,
        "self.epoch, self.restored = record.epoch, record.restored",
        "self.epoch = record.epoch",
    ),
    Fault(
        "lists are forgotten at a restart",
        FILE,
        "        if live.to_come:\n            self.deliveries[submission.nonce] = live\n\n",
        "",
    ),
    Fault(
        "keys are forgotten over restarts",
        FILE,
        "        if submission.terms.unique:\n            self.unique_jobs",
        "        if submission.terms.unique and submission.first >= self.next_job:\n            self.unique_jobs",
    ),
    Fault(
        "what a job has behind it is forgotten as it waits",
        FILE,
        "self.past.get(job, NO_PAST)",
        "NO_PAST",
    ),
    Fault(
        "a job that was looked at waits as it was, whatever comes",
        FILE,
        "attempts=claim.attempt, not_before_ns=0, since_ns=0)\n        self._seen = None\n",
        "attempts=claim.attempt, not_before_ns=0, since_ns=0)\n",
    ),
    Fault(
        "what ended badly counts as good",
        FILE,
        "self._end(live, tuple(parts), well=False, ",
        "self._end(live, tuple(parts), well=True, ",
    ),
    Fault(
        "a submission stays though all its jobs have ended",
        FILE,
        "        if not live.left:\n            self.submissions.remove(live)\n            if self",
        "        if not live.left:\n            if self",
    ),
    Fault(
        "a lost job has not failed",
        FILE,
        "failed=ended.is_bad",
        "failed=ended.has_failed",
    ),
    Fault(
        "what was cancelled has failed",
        FILE,
        "has_failed = record.ending in (Ending.FINISHED, Ending.LOST)",
        "has_failed = True",
    ),
    Fault(
        "what had failed is forgotten in a restart",
        FILE,
        "live.failed, live.retried = record.failed, record.retried",
        "live.retried = record.retried",
    ),
]
