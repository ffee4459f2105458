"""Mistakes in core/state/state.py."""

from mistakes.fault import Fault

FILE = "core/state/state.py"
FAULTS = [
    Fault(
        "a list is never whole",
        FILE,
        "        if delivery.to_come:",
        "        if True:",
    ),
    Fault(
        "that half a list was cancelled is not known",
        FILE,
        "            self._remember(known.nonce, replace(_ack(known), cancelled=True))\n",
        "",
    ),
    Fault(
        "a job whose command is on its way is not known",
        FILE,
        " or self.delivery_of(job) is not None",
        "",
    ),
    Fault(
        "lists are forgotten at a restart",
        FILE,
        "        self.deliveries = {each.nonce: each for each in shared}\n",
        "",
    ),
    Fault(
        "of a range that has ended one is counted",
        FILE,
        "self._count(record.ending, count, failed",
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
        "job = replace(waiting, attempts=record.claim.attempt, epoch=record.claim.epoch)",
        "job = replace(waiting, epoch=record.claim.epoch)",
    ),
    Fault(
        "a job that runs is of no epoch",
        FILE,
        "job = replace(waiting, attempts=record.claim.attempt, epoch=record.claim.epoch)",
        "job = replace(waiting, attempts=record.claim.attempt)",
    ),
    Fault(
        "a job that waits again is still of its last attempt's epoch",
        FILE,
        "crashes=job.crashes + record.crashed, epoch=NO_EPOCH",
        "crashes=job.crashes + record.crashed",
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
        'self._show(job, replace(ended, result=replace(ended.result, output=b"")))',
        "self._show(job, ended)",
    ),
    Fault(
        "a cancellation is not recorded in the state",
        FILE,
        "self.running[job_id] = replace(self.running[job_id], kill_signal=signal)",
        "pass",
    ),
    Fault(
        "the terms of a submission are forgotten",
        FILE,
        "record.at_ns, terms=record.terms",
        "record.at_ns",
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
        "self.finished_count = self.failed_count = self.cancelled_count = self.lost_count = 0",
        "self.finished_count = self.failed_count = self.cancelled_count = 0",
    ),
    Fault(
        "crashes are not counted in the state",
        FILE,
        "crashes=job.crashes + record.crashed, ",
        "",
    ),
    Fault(
        "a key is taken for ever",
        FILE,
        "            del self.unique_jobs[job.terms.unique]\n",
        "            pass\n",
    ),
    Fault(
        "a key is free as soon as its job runs",
        FILE,
        "        job = replace(waiting, attempts=record.claim.attempt, epoch=record.claim.epoch)\n",
        "        job = replace(waiting, attempts=record.claim.attempt, epoch=record.claim.epoch)\n"
        "        self.unique_jobs.pop(job.terms.unique, None)\n",
    ),
    Fault(
        "keys are forgotten over restarts",
        FILE,
        "self._add(replace(job, origin=self._shared(job.origin)))",
        "self.waiting[job.id] = replace(job, origin=self._shared(job.origin))",
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
]
