"""Mistakes in core/dispatch/workers.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/workers.py"
FAULTS = [
    Fault(
        "the same attempt of another epoch is taken for known",
        FILE,
        "(ended.epoch, ended.attempt) != (claim.epoch, claim.attempt)",
        "ended.attempt != claim.attempt",
    ),
    Fault(
        "a lost delegation is a new attempt",
        FILE,
        "        if missed:\n            return DelegateToWorker(missed)\n",
        "        for running in self.state.held_by_worker(ask.worker.id):\n"
        '            self._give_up(running, "handed back", now, outcome)\n',
    ),
    Fault(
        "a lost delegation is not delegated again",
        FILE,
        "        if missed:\n            return DelegateToWorker(missed)\n",
        "",
    ),
    Fault(
        "a job that is delegated again keeps its old lease",
        FILE,
        "        for job in jobs:\n"
        "            self._moves.leases.set(job.id, now.attended_s + self._moves.rules.lease_s)\n"
        "        return jobs",
        "        return jobs",
    ),
    Fault(
        "patience has no limit",
        FILE,
        "min(ask.patience_s, self._moves.rules.patience_limit_s)",
        "ask.patience_s",
    ),
    Fault(
        "a stale result is accepted when the job has ended",
        FILE,
        "if ended is None or (ended.epoch, ended.attempt) != (claim.epoch, claim.attempt):",
        "if ended is None:",
    ),
    Fault(
        "a repeated result is refused",
        FILE,
        "return ended.result.ended_ns == report.result.ended_ns  #",
        "return False  #",
    ),
    Fault(
        "a worker gets one job more than it wants",
        FILE,
        "room = share(finished.wants,",
        "room = share(finished.wants + 1,",
    ),
    Fault(
        "the next job is never given with the acknowledgement",
        FILE,
        "        return tuple(deal.jobs)\n\n    def _owed",
        "        return ()\n\n    def _owed",
    ),
    Fault(
        "a heartbeat does not renew the lease",
        FILE,
        "self._moves.leases.set(beat.claim.job, now.attended_s + self._moves.rules.lease_s)",
        "pass",
    ),
    Fault(
        "a worker that beats late is not told to kill",
        FILE,
        "        if running.kill_signal not in (0, beat.told):\n",
        "        if False:\n",
    ),
    Fault(
        "a worker that leaves takes its job along",
        FILE,
        "        for running in self._state.held_by_worker(worker.id):\n",
        "        for running in []:\n",
    ),
    Fault(
        "a worker that has left stays in the line",
        FILE,
        "        self._moves.idle.take(worker)\n        self._moves.leaving",
        "        self._moves.leaving",
    ),
    Fault(
        "a worker is told to exit for ever",
        FILE,
        "        self._moves.leaving.discard(finished.worker)\n",
        "",
    ),
    Fault(
        "a worker that knows of the kill is told again and again",
        FILE,
        "if running.kill_signal not in (0, beat.told):",
        "if running.kill_signal:",
    ),
    Fault(
        "a worker that was told any signal is left in peace",
        FILE,
        "if running.kill_signal not in (0, beat.told):",
        "if running.kill_signal and not beat.told:",
    ),
    Fault(
        "a worker that beats late is told the wrong signal",
        FILE,
        "lost=False, signal=running.kill_signal)",
        "lost=False)",
    ),
    Fault(
        "a late result of a job that was given up is accepted",
        FILE,
        "return ended.result.ended_ns == report.result.ended_ns  #",
        "return True  #",
    ),
    Fault(
        "late results are not recorded",
        FILE,
        "if report.claim.job < self._state.next_job:",
        "if False:",
    ),
    Fault(
        "results of jobs that never were are recorded",
        FILE,
        "if report.claim.job < self._state.next_job:",
        "if report:",
    ),
    Fault(
        "late results are not counted",
        FILE,
        "self._counts.stale_results += 1",
        "pass",
    ),
    Fault(
        "a heartbeat does not clear the suspicion",
        FILE,
        "self._moves.suspects.discard(beat.claim.job)",
        "pass",
    ),
    Fault(
        "the dispatcher counts no other workers",
        FILE,
        "lanes.count(worker.host), len(self._state.jobs_of_worker))",
        "lanes.count(worker.host), 1)",
    ),
    Fault(
        "a worker that lacks jobs gets new ones",
        FILE,
        "if missed or worker is None or",
        "if worker is None or",
    ),
    Fault(
        "a worker that wants nothing gets what it lacks",
        FILE,
        "        if not finished.wants:\n            return ()\n",
        "",
    ),
    Fault(
        "a worker that says what it kept lacks all",
        FILE,
        "self._owed(finished.worker, finished.kept, now)",
        "self._owed(finished.worker, (), now)",
    ),
    Fault(
        "a worker that returns jobs gets new ones",
        FILE,
        " or finished.returned:",
        ":",
    ),
    Fault(
        "a message that says nothing new brings new jobs",
        FILE,
        "        worker: Worker | None = None  #",
        "        held = self.state.held_by_worker(finished.worker)\n"
        "        worker: Worker | None = held[0].worker if held else None  #",
    ),
    Fault(
        "a known result brings new jobs",
        FILE,
        "        late = [report",
        '        worker = next((Worker(report.claim.worker, "", 0) for report in finished.reports), None)\n'
        "        late = [report",
    ),
    Fault(
        "what is returned stays where it is",
        FILE,
        "            if running:\n                self._refusals.returned(",
        "            if running and returned.trouble:\n                self._refusals.returned(",
    ),
    Fault(
        "anybody may return a job",
        FILE,
        "running = self._state.held_by(returned.claim)",
        "running = self._state.running.get(returned.claim.job)",
    ),
    Fault(
        "one job of a hand is handed back at a goodbye",
        FILE,
        "        for running in self._state.held_by_worker(worker.id):\n",
        "        for running in self._state.held_by_worker(worker.id)[:1]:\n",
    ),
    Fault(
        "only the first result counts",
        FILE,
        "        for report in finished.reports:\n            running",
        "        for report in finished.reports[:1]:\n            running",
    ),
    Fault(
        "a worker that is to leave gets new jobs",
        FILE,
        "if finished.worker not in self._moves.leaving:",
        "if finished.reports:",
    ),
    Fault(
        "a worker that is to leave leaves its hand behind",
        FILE,
        "if refused or finished.worker in self._state.jobs_of_worker:",
        "if refused:",
    ),
    Fault(
        "a worker that is to leave does not hear what was refused",
        FILE,
        "if refused or finished.worker in self._state.jobs_of_worker:",
        "if finished.worker in self._state.jobs_of_worker:",
    ),
    Fault(
        "a known result is refused among many new ones",
        FILE,
        "        late = [report for report in finished.reports if not self._is_wanted(report, past)]\n"
        "        for report in late:\n"
        "            self._refuse(report, now, outcome)\n"
        "        for report in finished.reports:\n"
        "            running = self._state.held_by(report.claim)\n"
        "            if running:\n"
        "                worker = running.worker\n"
        "                if self._moves.trouble.exists:\n"
        "                    self._moves.note_end(running, now)\n"
        '                end(self._moves, running, Told(report.result), "", now, outcome)\n',
        "        late = []\n"
        "        for report in finished.reports:\n"
        "            running = self._state.held_by(report.claim)\n"
        "            if running:\n"
        "                worker = running.worker\n"
        "                if self._moves.trouble.exists:\n"
        "                    self._moves.note_end(running, now)\n"
        '                end(self._moves, running, Told(report.result), "", now, outcome)\n'
        "            elif not self._is_wanted(report, past):\n"
        "                self._refuse(report, now, outcome)\n"
        "                late.append(report)\n",
    ),
    Fault(
        "a stray is killed",
        FILE,
        "if running is None and self._state.is_stray(beat.claim):",
        "if running is None and False:",
    ),
    Fault(
        "the output of a stray is refused",
        FILE,
        "is None and not self._state.is_stray(chunk.claim):",
        "is None:",
    ),
    Fault(
        "the result of a stray is refused",
        FILE,
        "        if self._state.is_stray(report.claim):\n            result",
        "        if False:\n            result",
    ),
    Fault(
        "the worker of a stray hears that it was refused",
        FILE,
        "for each in late if not self._state.is_stray(each.claim))",
        "for each in late)",
    ),
    Fault(
        "who tells a result is not heard",
        FILE,
        "            case FinishedWork(name):\n                self._moves.voices.hear(name, peer, now.attended_s)\n",
        "",
    ),
    Fault(
        "a heartbeat is not heard",
        FILE,
        "            case Heartbeat(claim) | OutputChunk(claim):\n                self._moves.voices.hear(",
        "            case OutputChunk(claim):\n                self._moves.voices.hear(",
    ),
    Fault(
        "a cancelled job whose delegation was lost runs until its lease ends",
        FILE,
        '                end(self._moves, running, HandedBack(), "never started", now, outcome)\n',
        "                pass\n",
    ),
    Fault(
        "repeated results are recorded as late",
        FILE,
        "        if self._state.held_by(claim) or claim in self._moves.heard:\n            return True\n",
        "        return self._state.held_by(claim) is not None\n",
    ),
    Fault(
        "a result is refused when it is told again, and its job is tried again",
        FILE,
        " or claim in self._moves.heard:",
        ":",
    ),
    Fault(
        "only what was heard is wanted",
        "core/dispatch/workers.py",
        "        if self._state.held_by(claim) or claim in self._moves.heard:",
        "        if claim in self._moves.heard:",
    ),
]
