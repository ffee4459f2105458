"""The mistakes that `make mutants` plants: each is one that somebody could make."""

from dataclasses import dataclass

DISPATCH, STATE, PARKING = "core/dispatch.py", "core/state.py", "core/parking.py"
WAITING, DEADLINES, FRESHNESS = "core/waiting.py", "core/deadlines.py", "core/freshness.py"
HANDS, HAND, REPORTS = "core/hands.py", "roles/hand.py", "roles/reports.py"
SLOT, SHEPHERD, EXECUTOR = "roles/slot.py", "adapters/shepherd.py", "adapters/executor.py"
LINK, PROCESSES = "adapters/link.py", "adapters/processes.py"
CODEC, ZJOB, WRITER, SPOOL = (
    "adapters/codec.py",
    "adapters/zjob.py",
    "adapters/journal_writer.py",
    "adapters/spool.py",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that somebody could make: `old` in a file of goq becomes `new`."""

    name: str
    file: str
    old: str
    new: str


FAULTS = [
    # --- submission
    Fault(
        "a resent submission queues twice",
        DISPATCH,
        "known = self.state.recent_submissions.get(request.nonce)",
        "known = None",
    ),
    Fault(
        "the journal's word on an old submission is ignored",
        DISPATCH,
        "known = known or (past if isinstance(past, AckSubmit) else None)",
        "pass",
    ),
    Fault("ids start again after a restart", STATE, "self.next_job = record.next_job", "pass"),
    Fault(
        "the latest submission is forgotten first",
        STATE,
        "self.recent_submissions.popitem(last=False)",
        "self.recent_submissions.popitem()",
    ),
    Fault(
        "the job that ended last is forgotten first",
        STATE,
        "self.recent_finished.popitem(last=False)",
        "self.recent_finished.popitem()",
    ),
    # --- the queue
    Fault(
        "a job that comes back goes to the front",
        WAITING,
        "self._jobs[job.id] = job\n        heapq.heappush(self._order, job.id)",
        "self._jobs[job.id] = job\n"
        "        self._order.insert(0, job.id) if job.attempts else self._order.append(job.id)",
    ),
    Fault(
        "a job that comes back goes to the end",
        WAITING,
        "self._jobs[job.id] = job\n        heapq.heappush(self._order, job.id)",
        "self._jobs[job.id] = job\n        self._order.append(job.id)",
    ),
    Fault(
        "jobs that were shown are forgotten",
        WAITING,
        "        for job in jobs:\n            heapq.heappush(self._order, job.id)\n",
        "",
    ),
    Fault(
        "a job that came back is shown twice",
        WAITING,
        "while self._order and self._order[0] == job.id:",
        "if self._order:",
    ),
    Fault(
        "the youngest job runs first",
        WAITING,
        "return self._jobs[self._order[0]]",
        "return self._jobs[max(self._jobs)]",
    ),
    Fault(
        "a removed job is met again",
        WAITING,
        "while self._order[0] not in self._jobs:",
        "if self._order[0] not in self._jobs:",
    ),
    Fault(
        "the worker that came last is served first",
        PARKING,
        "next(iter(self._parked))",
        "next(reversed(self._parked))",
    ),
    Fault(
        "a worker that asks again loses its turn",
        PARKING,
        "seats = self._parked.setdefault(key, {})",
        "seats = self._parked.setdefault(key, {})\n        self._parked.move_to_end(key)",
    ),
    # --- delegation
    Fault(
        "nothing is matched after a goodbye",
        DISPATCH,
        "            self._match(now, outcome)\n        elif refusal:",
        "            if not isinstance(request.question, Goodbye):\n"
        "                self._match(now, outcome)\n        elif refusal:",
    ),
    Fault(
        "nothing is matched after a submission",
        DISPATCH,
        "            self._match(now, outcome)\n        elif refusal:",
        "            if not isinstance(request.question, Submit):\n"
        "                self._match(now, outcome)\n        elif refusal:",
    ),
    Fault(
        "nothing is matched when a lease ends",
        DISPATCH,
        "        self._match(now, outcome)\n        return outcome",
        "        return outcome",
    ),
    Fault(
        "one job a turn, however many workers wait",
        DISPATCH,
        "while self.state.waiting and self._idle:",
        "if self.state.waiting and self._idle:",
    ),
    Fault("all attempts have one number", DISPATCH, "job.attempts + 1", "job.attempts or 1"),
    Fault(
        "attempts are not counted in the state",
        STATE,
        "job = replace(waiting, attempts=record.claim.attempt)",
        "job = waiting",
    ),
    Fault(
        "a lost delegation is a new attempt",
        DISPATCH,
        "        if missed:\n            return DelegateToWorker(missed)\n",
        '        for running in self.state.held_by_worker(ask.worker.id):\n            self._give_up(running, "handed back", now, outcome)\n',
    ),
    Fault(
        "a lost delegation is not delegated again",
        DISPATCH,
        "        if missed:\n            return DelegateToWorker(missed)\n",
        "",
    ),
    Fault(
        "a cancelled job whose delegation was lost runs until its lease ends",
        DISPATCH,
        '                self._give_up(running, "never started", now, outcome)\n',
        "                pass\n",
    ),
    Fault(
        "a job that is delegated again keeps its old lease",
        DISPATCH,
        "        for job in jobs:\n            self._leases.set(job.id, now.attended_s + self._rules.lease_s)\n        return jobs",
        "        return jobs",
    ),
    Fault(
        "two workers of one id get two jobs",
        DISPATCH,
        "busy = worker.id in self.state.jobs_of_worker",
        "busy = False",
    ),
    Fault(
        "patience has no limit",
        DISPATCH,
        "min(ask.patience_s, self._rules.patience_limit_s)",
        "ask.patience_s",
    ),
    # --- results
    Fault(
        "any claim finishes a job",
        STATE,
        "return running if running and running.claim == claim else None",
        "return running",
    ),
    Fault(
        "any attempt of the same worker finishes a job",
        STATE,
        "running.claim == claim else None",
        "running.claim.worker == claim.worker else None",
    ),
    Fault(
        "any worker with the right number finishes a job",
        STATE,
        "running.claim == claim else None",
        "running.claim.attempt == claim.attempt else None",
    ),
    Fault(
        "a stale result is accepted when the job has ended",
        DISPATCH,
        "ended is not None and ended.attempt == claim.attempt and",
        "ended is not None and",
    ),
    Fault(
        "a repeated result is refused",
        DISPATCH,
        "ended is not None and ended.attempt == claim.attempt and",
        "ended is not None and not ended.attempt and",
    ),
    Fault(
        "the journal is not asked about repeated results",
        DISPATCH,
        "return any(self.state.is_past(report.claim.job) for report in reports)",
        "return False",
    ),
    Fault(
        "a worker gets one job more than it wants",
        DISPATCH,
        "room = share(finished.wants,",
        "room = share(finished.wants + 1,",
    ),
    Fault(
        "the next job is never given with the acknowledgement",
        DISPATCH,
        "        return tuple(jobs)\n\n    def _owed",
        "        return ()\n\n    def _owed",
    ),
    Fault(
        "a worker holds its job after the end",
        STATE,
        "        held.discard(job)\n",
        "",
    ),
    Fault(
        "outputs stay in memory",
        STATE,
        'kept = replace(ended, result=replace(ended.result, output=b""))',
        "kept = ended",
    ),
    # --- leases and heartbeats
    Fault(
        "a heartbeat does not renew the lease",
        DISPATCH,
        "self._leases.set(beat.claim.job, now.attended_s + self._rules.lease_s)",
        "pass",
    ),
    Fault(
        "a delegation starts no lease",
        DISPATCH,
        "        self._leases.set(job.id, now.attended_s + self._rules.lease_s)\n        return self.state.running",
        "        return self.state.running",
    ),
    Fault("the lease is not dropped at the end", DISPATCH, "self._leases.drop(job)", "pass"),
    Fault(
        "running jobs have no lease after a restart",
        DISPATCH,
        "self._leases.set(job, now.attended_s + self._rules.lease_s)",
        "pass",
    ),
    Fault(
        "a deadline that moved is forgotten",
        DEADLINES,
        "            else:\n                self._push(key)",
        "            else:\n                self.drop(key)",
    ),
    Fault(
        "a deadline that moved earlier comes late",
        DEADLINES,
        "if key not in self._entry or when < self._entry[key][0]:",
        "if key not in self._entry:",
    ),
    Fault(
        "a dropped deadline comes up",
        DEADLINES,
        "            if self._entry.get(key) != (when, number):\n"
        "                continue  # left behind by a drop, or by a move to an earlier time\n"
        "            if self._deadline[key] == (when, number):",
        "            if self._deadline.get(key, (when, number)) == (when, number):",
    ),
    Fault(
        "a deadline is due after its moment", DEADLINES, "self._heap[0][0] <= now", "self._heap[0][0] < now"
    ),
    Fault(
        "the open heartbeat of a lost job hangs",
        DISPATCH,
        "outcome.replies += [parked.reply(CancelWip(job, lost=True)) for parked in self._beats.take(job)]",
        "self._beats.take(job)",
    ),
    # --- kill
    Fault(
        "a cancellation is not recorded in the state",
        STATE,
        "self.running[job_id] = replace(self.running[job_id], kill_signal=signal)",
        "pass",
    ),
    Fault(
        "a cancelled job that ends by itself counts as finished",
        DISPATCH,
        "ending = Ending.CANCELLED if running.kill_signal else Ending.FINISHED",
        "ending = Ending.FINISHED",
    ),
    Fault(
        "a cancelled job of a lost worker runs again",
        DISPATCH,
        "        if running.kill_signal:\n            self._end(",
        "        if False:\n            self._end(",
    ),
    Fault(
        "the worker of a cancelled job hears of it at its next heartbeat only",
        DISPATCH,
        "                for parked in self._beats.take(job):\n"
        "                    outcome.replies.append(parked.reply(CancelWip(job, lost=False, signal=cancel.signal)))\n",
        "",
    ),
    Fault(
        "a worker that beats late is not told to kill",
        DISPATCH,
        "        if running.kill_signal not in (0, beat.told):\n",
        "        if False:\n",
    ),
    Fault(
        "observers do not hear of a cancellation",
        DISPATCH,
        "for each in self._observers.take(ended.job)]",
        "for each in self._observers.take(ended.job) if ended.ending is not Ending.CANCELLED]",
    ),
    Fault(
        "observers do not hear of the end",
        DISPATCH,
        "for each in self._observers.take(ended.job)]",
        "for each in self._observers.take(ended.job) if ended.ending is Ending.CANCELLED]",
    ),
    Fault(
        "a job that has ended can be killed",
        DISPATCH,
        "        if ended.ending is Ending.CANCELLED:\n",
        "        if ended:\n",
    ),
    # --- parking
    Fault(
        "observers are answered again and again",
        PARKING,
        "self._parked.pop(key, {}).values()",
        "(self._parked.pop if self._each == 1 else self._parked.get)(key, {}).values()",
    ),
    Fault(
        "a resent request is answered twice",
        PARKING,
        "left = [seats.pop(parked.nonce)] if parked.nonce in seats else []\n        seats[parked.nonce] = parked",
        "left = list[Parked]()\n        seats[Nonce(parked.nonce + parked.handle.header)] = parked",
    ),
    Fault("newcomers put off those before them", PARKING, "if len(seats) == 1:", "if seats:"),
    Fault("a line has no end", PARKING, "if len(seats) > self._each:", "if False:"),
    Fault(
        "a worker whose connection closed gets jobs",
        DISPATCH,
        "for lot in (self._idle, self._beats, self._observers):",
        "for lot in (self._beats, self._observers):",
    ),
    Fault(
        "the heartbeat of a closed connection stays",
        DISPATCH,
        "for lot in (self._idle, self._beats, self._observers):",
        "for lot in (self._idle, self._observers):",
    ),
    Fault(
        "the observer of a closed connection stays",
        DISPATCH,
        "for lot in (self._idle, self._beats, self._observers):",
        "for lot in (self._idle, self._beats):",
    ),
    Fault(
        "one closed connection drops everybody's requests",
        PARKING,
        "if parked.handle.peer == peer]:",
        "]:",
    ),
    # --- goodbye and exit
    Fault(
        "a worker that leaves takes its job along",
        DISPATCH,
        "        for running in self.state.held_by_worker(worker.id):\n",
        "        for running in []:\n",
    ),
    Fault(
        "a worker that has left stays in the line",
        DISPATCH,
        "        self._idle.take(worker)\n        self._leaving",
        "        self._leaving",
    ),
    Fault(
        "busy workers are not told to exit",
        DISPATCH,
        "self._leaving |= self.state.jobs_of_worker.keys()",
        "pass",
    ),
    Fault(
        "a worker is told to exit for ever",
        DISPATCH,
        "        self._leaving.discard(finished.worker)\n",
        "",
    ),
    # --- freshness
    Fault("a repeated request is admitted", FRESHNESS, "if nonce in self._seen:", "if False:"),
    Fault(
        "nonces are forgotten too early",
        FRESHNESS,
        "now.wall_ns + 2 * self._window_ns",
        "now.wall_ns + self._window_ns",
    ),
    Fault("nonces are forgotten a moment too early", FRESHNESS, "< now.wall_ns:", "<= now.wall_ns:"),
    Fault(
        "a full gate forgets",
        FRESHNESS,
        "            return Verdict.FULL\n",
        "            self._seen.popitem(last=False)\n",
    ),
    Fault("requests to the server before are admitted", FRESHNESS, " or sent_ns < self._start_ns(now):", ":"),
    Fault(
        "a clock that was set back shuts everybody out",
        FRESHNESS,
        "min(self._since.wall_ns, now.wall_ns - attended_ns)",
        "self._since.wall_ns",
    ),
    Fault(
        "a gate takes its start for the beginning of time",
        FRESHNESS,
        "now.attended_s - self._since.attended_s",
        "now.attended_s",
    ),
    Fault(
        "requests from the future are fresh", FRESHNESS, "abs(now.wall_ns - sent_ns)", "now.wall_ns - sent_ns"
    ),
    Fault(
        "old requests are welcome if they may be repeated",
        FRESHNESS,
        "return Verdict.FRESH if self.is_fresh(request.sent_ns, now) else Verdict.STALE",
        "return Verdict.FRESH",
    ),
    Fault(
        "goodbyes may be repeated",
        FRESHNESS,
        "case RequestForWork() | Goodbye() | ShutdownServer()",
        "case RequestForWork() | ShutdownServer()",
    ),
    Fault(
        "repeated requests are told that they were repeated",
        FRESHNESS,
        "if verdict is Verdict.REPEATED:",
        "if False:",
    ),
    Fault("refused requests are not counted", FRESHNESS, "        self.refused_count += 1\n", ""),
    # --- started once
    Fault(
        "what must not be requeued waits again when its worker is lost",
        DISPATCH,
        "elif not job.terms.requeue:",
        "elif not job.terms.requeue and not crashed:",
    ),
    Fault(
        "what must not be requeued waits again when it is handed back",
        DISPATCH,
        "elif not job.terms.requeue:",
        "elif not job.terms.requeue and crashed:",
    ),
    Fault(
        "a lost job counts as finished",
        DISPATCH,
        "self._end(Ended(job.id, claim.attempt, Ending.LOST, result), now, outcome)",
        "self._end(Ended(job.id, claim.attempt, Ending.FINISHED, result), now, outcome)",
    ),
    Fault(
        "the terms of a submission are forgotten", STATE, "record.at_ns, terms=record.terms", "record.at_ns"
    ),
    Fault("lost jobs are not counted", STATE, "self.lost_count += 1", "pass"),
    Fault("lost jobs are not counted over restarts", STATE, "self.lost_count = record.lost_count", "pass"),
    Fault(
        "a reset keeps the count of the lost",
        STATE,
        "self.finished_count = self.cancelled_count = self.lost_count = 0",
        "self.finished_count = self.cancelled_count = 0",
    ),
    # --- tried so often
    Fault(
        "a poisonous job is tried for ever",
        DISPATCH,
        "job.crashes + 1 >= self._rules.crash_limit",
        "False",
    ),
    Fault(
        "a poisonous job is tried once more",
        DISPATCH,
        "job.crashes + 1 >= self._rules.crash_limit",
        "job.crashes >= self._rules.crash_limit",
    ),
    Fault(
        "attempts count as crashes",
        DISPATCH,
        "job.crashes + 1 >= self._rules.crash_limit",
        "job.attempts >= self._rules.crash_limit",
    ),
    Fault(
        "jobs that are handed back may be poisonous",
        DISPATCH,
        "elif crashed and job.crashes + 1",
        "elif job.crashes + 1",
    ),
    Fault(
        "a job that is handed back counts as a crash",
        DISPATCH,
        "JobRequeued(claim, reason, crashed, now.wall_ns)",
        "JobRequeued(claim, reason, True, now.wall_ns)",
    ),
    Fault(
        "a lost worker is no crash",
        DISPATCH,
        '"worker lost", now, outcome, crashed=True)',
        '"worker lost", now, outcome)',
    ),
    Fault(
        "crashes are not counted in the state",
        STATE,
        "replace(job, crashes=job.crashes + record.crashed)",
        "job",
    ),
    # --- one of a kind
    Fault("a key may be taken twice", DISPATCH, "if holder is not None:", "if False:"),
    Fault(
        "a resent submission with a key is taken for another",
        DISPATCH,
        "        if known:\n            return known\n        holder = self.state.unique_jobs.get(submit.terms.unique)\n",
        "        holder = self.state.unique_jobs.get(submit.terms.unique)\n        if known and holder is None:\n            return known\n",
    ),
    Fault(
        "nobody hears that the job was there already",
        DISPATCH,
        "AckSubmit(holder, holder, existed=True)",
        "AckSubmit(holder, holder)",
    ),
    Fault(
        "a key is taken for ever",
        STATE,
        "            del self.unique_jobs[job.terms.unique]\n",
        "            pass\n",
    ),
    Fault(
        "a key is free as soon as its job runs",
        STATE,
        "        job = replace(waiting, attempts=record.claim.attempt)\n",
        "        job = replace(waiting, attempts=record.claim.attempt)\n"
        "        self.unique_jobs.pop(job.terms.unique, None)\n",
    ),
    Fault(
        "keys are forgotten over restarts",
        STATE,
        "self._add(replace(job, origin=self._shared(job.origin)))",
        "self.waiting.add(replace(job, origin=self._shared(job.origin)))",
    ),
    # --- dead when killed
    Fault(
        "a second kill with another signal is ignored",
        DISPATCH,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if not running.kill_signal:",
    ),
    Fault(
        "a kill is taken back by a gentler one",
        DISPATCH,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if running.kill_signal != cancel.signal:",
    ),
    Fault(
        "a kill that says the same is recorded again",
        DISPATCH,
        "if running.kill_signal not in (cancel.signal, SIGKILL):",
        "if running.kill_signal != SIGKILL:",
    ),
    Fault(
        "a worker that knows of the kill is told again and again",
        DISPATCH,
        "if running.kill_signal not in (0, beat.told):",
        "if running.kill_signal:",
    ),
    Fault(
        "a worker that was told any signal is left in peace",
        DISPATCH,
        "if running.kill_signal not in (0, beat.told):",
        "if running.kill_signal and not beat.told:",
    ),
    Fault(
        "a worker that beats late is told the wrong signal",
        DISPATCH,
        "lost=False, signal=running.kill_signal)",
        "lost=False)",
    ),
    Fault(
        "a worker whose heartbeat is open is told the wrong signal",
        DISPATCH,
        "lost=False, signal=cancel.signal)",
        "lost=False)",
    ),
    # --- late results
    Fault(
        "a late result of a lost job is accepted",
        DISPATCH,
        " and ended.ending is not Ending.LOST",
        "",
    ),
    Fault(
        "late results are not recorded",
        DISPATCH,
        "if report.claim.job < self.state.next_job:",
        "if False:",
    ),
    Fault(
        "results of jobs that never were are recorded",
        DISPATCH,
        "if report.claim.job < self.state.next_job:",
        "if report:",
    ),
    Fault("late results are not counted", DISPATCH, "self.stale_result_count += 1", "pass"),
    Fault(
        "repeated results are recorded as late",
        DISPATCH,
        "        if self.state.held_by(claim):\n            return True\n        ended",
        "        return self.state.held_by(claim) is not None\n        ended",
    ),
    # --- suspects
    Fault(
        "a closed connection makes nobody suspect",
        DISPATCH,
        "self._suspects |= self._beats.keys_of(peer)",
        "pass",
    ),
    Fault(
        "a heartbeat does not clear the suspicion",
        DISPATCH,
        "self._suspects.discard(beat.claim.job)",
        "pass",
    ),
    Fault(
        "the next worker inherits the suspicion",
        DISPATCH,
        "self._suspects.discard(job)",
        "pass",
    ),
    Fault(
        "one closed connection makes all suspect",
        DISPATCH,
        "self._suspects |= self._beats.keys_of(peer)",
        "self._suspects |= set(self._beats.keys())",
    ),
    # --- how many jobs a worker gets
    Fault(
        "a worker gets as many jobs as it wants",
        HANDS,
        "min(wants, HAND_LIMIT, max(1, waiting // (2 * max(1, workers))))",
        "min(wants, HAND_LIMIT)",
    ),
    Fault(
        "one worker gets the whole queue",
        HANDS,
        "(2 * max(1, workers))",
        "max(1, workers)",
    ),
    Fault(
        "other workers are not counted in a share",
        HANDS,
        "(2 * max(1, workers))",
        "2",
    ),
    Fault(
        "the dispatcher counts no other workers",
        DISPATCH,
        "len(self.state.waiting), len(self.state.jobs_of_worker))",
        "len(self.state.waiting), 1)",
    ),
    Fault(
        "a share may be nothing",
        HANDS,
        "max(1, waiting // (2 * max(1, workers)))",
        "waiting // (2 * max(1, workers))",
    ),
    Fault(
        "a hand has no limit",
        HANDS,
        "min(wants, HAND_LIMIT, ",
        "min(wants, ",
    ),
    Fault(
        "a share is more than is wanted",
        HANDS,
        "min(wants, HAND_LIMIT, ",
        "min(HAND_LIMIT, ",
    ),
    # --- which jobs share a hand
    Fault(
        "a job that lost a worker goes with others",
        HANDS,
        "job.terms.requeue and not job.crashes",
        "job.terms.requeue",
    ),
    Fault(
        "a job that must not be requeued goes with others",
        HANDS,
        "job.terms.requeue and not job.crashes",
        "not job.crashes",
    ),
    Fault(
        "what a worker holds already may be harmful",
        HANDS,
        "(job, *held, *given)",
        "(job, *given)",
    ),
    Fault(
        "what comes first in an answer may be harmful",
        HANDS,
        "(job, *held, *given)",
        "(job, *held)",
    ),
    Fault(
        "what comes last in an answer may be harmful",
        HANDS,
        "(job, *held, *given)",
        "(*held, *given)",
    ),
    Fault(
        "a harmful job goes behind what a worker holds",
        HANDS,
        "if (held or given) and not",
        "if given and not",
    ),
    Fault(
        "a job that must go alone goes nowhere",
        HANDS,
        "if (held or given) and not",
        "if not",
    ),
    Fault(
        "jobs of two origins come in one answer",
        HANDS,
        "given[0].origin is job.origin and ",
        "",
    ),
    Fault(
        "an answer has any length",
        HANDS,
        " and _bytes_of([*given, job]) <= HAND_BYTES",
        "",
    ),
    Fault(
        "the environment has no length",
        HANDS,
        "len(jobs[0].origin.environment) + ",
        "",
    ),
    Fault(
        "the last job has no length",
        HANDS,
        "_bytes_of([*given, job])",
        "_bytes_of(given)",
    ),
    Fault(
        "a worker's jobs are in the wrong order",
        STATE,
        "sorted(self.jobs_of_worker.get(worker, ()))",
        "sorted(self.jobs_of_worker.get(worker, ()), reverse=True)",
    ),
    # --- what a worker lacks
    Fault(
        "what a worker kept is given again",
        HANDS,
        "run.job.id not in kept and ",
        "",
    ),
    Fault(
        "what is to be killed is given again",
        HANDS,
        " and not run.kill_signal",
        "",
    ),
    Fault(
        "jobs of two origins are given again at once",
        HANDS,
        " if job.origin is missing[0].origin",
        "",
    ),
    Fault(
        "one job is given again at a time",
        HANDS,
        "for job in missing if",
        "for job in missing[:1] if",
    ),
    Fault(
        "a worker that lacks jobs gets new ones",
        DISPATCH,
        "if missed or worker is None or",
        "if worker is None or",
    ),
    Fault(
        "a worker that wants nothing gets what it lacks",
        DISPATCH,
        "        if not finished.wants:\n            return ()\n",
        "",
    ),
    Fault(
        "a worker that says what it kept lacks all",
        DISPATCH,
        "self._owed(finished.worker, finished.kept, now)",
        "self._owed(finished.worker, (), now)",
    ),
    # --- news bring jobs
    Fault(
        "a worker that returns jobs gets new ones",
        DISPATCH,
        " or finished.returned:",
        ":",
    ),
    Fault(
        "a message that says nothing new brings new jobs",
        DISPATCH,
        "        worker: Worker | None = None  #",
        "        held = self.state.held_by_worker(finished.worker)\n        worker: Worker | None = held[0].worker if held else None  #",
    ),
    Fault(
        "a known result brings new jobs",
        DISPATCH,
        "        late = [report",
        '        worker = next((Worker(report.claim.worker, "", 0) for report in finished.reports), None)\n        late = [report',
    ),
    # --- what is returned
    Fault(
        "what is returned stays where it is",
        DISPATCH,
        "        for running in filter(None, map(self.state.held_by, finished.returned)):\n",
        "        for running in []:\n",
    ),
    Fault(
        "what is returned counts as a crash",
        DISPATCH,
        '        for running in filter(None, map(self.state.held_by, finished.returned)):\n            self._give_up(running, "handed back", now, outcome)',
        '        for running in filter(None, map(self.state.held_by, finished.returned)):\n            self._give_up(running, "handed back", now, outcome, crashed=True)',
    ),
    Fault(
        "anybody may return a job",
        DISPATCH,
        "map(self.state.held_by, finished.returned)",
        "map(self.state.running.get, [claim.job for claim in finished.returned])",
    ),
    Fault(
        "one job of a hand is handed back at a goodbye",
        DISPATCH,
        "        for running in self.state.held_by_worker(worker.id):\n",
        "        for running in self.state.held_by_worker(worker.id)[:1]:\n",
    ),
    # --- several results
    Fault(
        "the journal is asked about the first result only",
        DISPATCH,
        "for report in reports)",
        "for report in reports[:1])",
    ),
    Fault(
        "the journal's first word is taken for all",
        DISPATCH,
        "(ended for ended in past if ended.job == job)",
        "iter(past)",
    ),
    Fault(
        "a known result is refused among many new ones",
        DISPATCH,
        "        late = [report for report in finished.reports if not self._is_wanted(report.claim, past)]\n        for report in late:\n            self._refuse(report, now, outcome)\n        for report in finished.reports:\n            running = self.state.held_by(report.claim)\n            if running:\n                worker = running.worker\n                ending = Ending.CANCELLED if running.kill_signal else Ending.FINISHED\n                self._end(Ended(report.claim.job, report.claim.attempt, ending, report.result), now, outcome)\n",
        "        late = []\n        for report in finished.reports:\n            running = self.state.held_by(report.claim)\n            if running:\n                worker = running.worker\n                ending = Ending.CANCELLED if running.kill_signal else Ending.FINISHED\n                self._end(Ended(report.claim.job, report.claim.attempt, ending, report.result), now, outcome)\n            elif not self._is_wanted(report.claim, past):\n                self._refuse(report, now, outcome)\n                late.append(report)\n",
    ),
    Fault(
        "only the first result counts",
        DISPATCH,
        "        for report in finished.reports:\n            running",
        "        for report in finished.reports[:1]:\n            running",
    ),
    Fault(
        "a worker that has one job left has none",
        STATE,
        "        if not held:\n            del self.jobs",
        "        if len(held) < 2:\n            del self.jobs",
    ),
    # --- hands and the order to exit
    Fault(
        "a worker that is to leave gets new jobs",
        DISPATCH,
        "if finished.worker not in self._leaving:",
        "if finished.reports:",
    ),
    Fault(
        "a worker that is to leave leaves its hand behind",
        DISPATCH,
        "if refused or finished.worker in self.state.jobs_of_worker:",
        "if refused:",
    ),
    Fault(
        "a worker that is to leave does not hear what was refused",
        DISPATCH,
        "if refused or finished.worker in self.state.jobs_of_worker:",
        "if finished.worker in self.state.jobs_of_worker:",
    ),
    Fault(
        "jobs are counted as workers that leave",
        DISPATCH,
        "count = len(self._idle) + len(self.state.jobs_of_worker)",
        "count = len(self._idle) + len(self.state.running)",
    ),
    # --- a slot's hand
    Fault(
        "a job that is given again is started twice",
        HAND,
        " if job.id not in here)",
        ")",
    ),
    Fault(
        "the youngest job of a hand is started first",
        HAND,
        "self._jobs.popleft()[0]",
        "self._jobs.pop()[0]",
    ),
    Fault(
        "what was returned stays in the hand",
        HAND,
        "        self._jobs.clear()\n",
        "",
    ),
    Fault(
        "a hand is as old as its youngest job",
        HAND,
        "self._jobs[0][1] > STALE_S",
        "self._jobs[-1][1] > STALE_S",
    ),
    Fault(
        "a hand is never stale",
        HAND,
        "return bool(self._jobs) and",
        "return False and",
    ),
    Fault(
        "one short job is taken for a proof",
        HAND,
        "(self._typical_s + elapsed_s) / 2",
        "elapsed_s",
    ),
    Fault(
        "nothing is learnt",
        HAND,
        "self._typical_s = (self._typical_s + elapsed_s) / 2",
        "pass",
    ),
    Fault(
        "a new slot wants many jobs",
        HAND,
        "self._typical_s = 2 * HAND_S",
        "self._typical_s = HAND_S / 4",
    ),
    Fault(
        "what is in the hand does not count",
        HAND,
        " - len(self._jobs))",
        ")",
    ),
    Fault(
        "a slot wants any number of jobs",
        HAND,
        "min(HAND_LIMIT, int(HAND_S / self._typical_s))",
        "int(HAND_S / self._typical_s)",
    ),
    Fault(
        "a slot wants less than nothing",
        HAND,
        "return max(0, min(",
        "return max(-99, min(",
    ),
    # --- a slot's reports
    Fault(
        "two messages are under way",
        REPORTS,
        "if self._call is not None or not (",
        "if not (",
    ),
    Fault(
        "an answer confirms what was not sent",
        REPORTS,
        "confirmed, self._sent = self._sent, []",
        "confirmed, self._sent, self._unsent = self._all(), [], []",
    ),
    Fault(
        "a report is sent again and again",
        REPORTS,
        "batch, self._unsent = self._unsent[:count], self._unsent[count:]",
        "batch = self._unsent[:count]",
    ),
    Fault(
        "what is returned is returned again and again",
        REPORTS,
        "returned, self._returned = tuple(self._returned), []",
        "returned = tuple(self._returned)",
    ),
    Fault(
        "a refused report is lost",
        REPORTS,
        "self._unsent = confirmed + self._unsent",
        "pass",
    ),
    Fault(
        "a refused report is put behind the others",
        REPORTS,
        "confirmed + self._unsent",
        "self._unsent + confirmed",
    ),
    Fault(
        "what was returned is lost with a refusal",
        REPORTS,
        "self._returned = [*returned, *self._returned]",
        "pass",
    ),
    Fault(
        "a refusal is taken for an answer",
        REPORTS,
        "if isinstance(answer, Refused):",
        "if False:",
    ),
    Fault(
        "a refused report is sent again at once",
        REPORTS,
        "self._not_before_s = time.monotonic() + REFUSED_PAUSE_S",
        "pass",
    ),
    Fault(
        "a confirmed report is left for the next worker",
        REPORTS,
        "ended.kept.remove()",
        "ended.kept.close()",
    ),
    Fault(
        "what is not sent yet is not kept",
        REPORTS,
        "return self._sent + self._unsent",
        "return self._sent",
    ),
    Fault(
        "what is under way is not kept",
        REPORTS,
        "return self._sent + self._unsent",
        "return self._unsent",
    ),
    Fault(
        "no report is kept in time",
        REPORTS,
        "now_s >= ended.keep_at_s",
        "False",
    ),
    Fault(
        "every report is kept at once",
        REPORTS,
        "now_s >= ended.keep_at_s",
        "now_s",
    ),
    Fault(
        "a report without a server is kept late",
        REPORTS,
        "KEEP_AFTER_S if self._calls.connected else 0.0",
        "KEEP_AFTER_S",
    ),
    Fault(
        "a full disk is tried again at once",
        REPORTS,
        "ended.keep_at_s = time.monotonic() + REFUSED_PAUSE_S",
        "pass",
    ),
    Fault(
        "a slot is done while a message is under way",
        REPORTS,
        "return self._call is None and not self._unsent",
        "return not self._unsent",
    ),
    Fault(
        "a slot is done while something is to be returned",
        REPORTS,
        " and not self._returned",
        "",
    ),
    Fault(
        "a report waits though nothing runs",
        REPORTS,
        "0.0 if idle or full or",
        "0.0 if full or",
    ),
    Fault(
        "what is returned waits",
        REPORTS,
        "idle or full or self._returned else",
        "idle or full else",
    ),
    Fault("a full message waits for company", REPORTS, ">= BATCH_BYTES", ">= BATCH_BYTES * 1000"),
    Fault("a message has any length", REPORTS, "size < BATCH_BYTES", "size < BATCH_BYTES * 1000"),
    Fault(
        "what waits for the next message is given again",
        REPORTS,
        "kept += tuple(ended.report.claim.job for ended in self._unsent)",
        "kept += ()",
    ),
    Fault(
        "what was refused has no length",
        REPORTS,
        "self._unsent_bytes += sum(len(ended.report.result.output) for ended in confirmed)",
        "pass",
    ),
    Fault("what was sent counts as unsent", REPORTS, "        self._unsent_bytes -= size\n", ""),
    Fault(
        "a report waits for those after it",
        REPORTS,
        "self._unsent[0].at_s",
        "self._unsent[-1].at_s",
    ),
    # --- messages of several jobs
    Fault(
        "a streamed result comes with others",
        CODEC,
        "if len(reports) > 1 and any",
        "if False and any",
    ),
    Fault(
        "a streamed result does not come at all",
        CODEC,
        "if len(reports) > 1 and any",
        "if any",
    ),
    Fault(
        "what is returned is taken for a report",
        CODEC,
        "if row.state == zjob.RETURNED:",
        "if row.state and row.aboutjid == 0:",
    ),
    Fault(
        "a delegation may be of nothing",
        CODEC,
        "    if not jobs:\n        raise",
        "    if False:\n        raise",
    ),
    Fault(
        "a message has any number of rows",
        ZJOB,
        '_check(len(rows) <= ROWS_LIMIT, "too many jobs at once")',
        "pass",
    ),
    Fault(
        "a message has one row less than it may",
        ZJOB,
        "len(rows) <= ROWS_LIMIT",
        "len(rows) < ROWS_LIMIT",
    ),
    Fault(
        "any number of jobs is kept",
        ZJOB,
        "len(z.kept) <= ROWS_LIMIT",
        "True",
    ),
    Fault(
        "anything is kept",
        ZJOB,
        "all(job > 0 for job in kept)",
        "True",
    ),
    Fault(
        "any number of jobs is wanted",
        ZJOB,
        '_check(0 <= wants <= ROWS_LIMIT, "not a number of jobs to want")',
        "pass",
    ),
    Fault(
        "a job to be run may be of no attempt",
        ZJOB,
        '    _check(all(job.attempts > 0 for job in jobs), "attempts count from 1")\n',
        "",
    ),
    Fault(
        "a row speaks for another worker",
        ZJOB,
        "return Claim(read_job_id(z), attempt, worker)",
        "return Claim(read_job_id(z), attempt, z.workerId or worker)",
    ),
    Fault(
        "each job of an answer has an origin of its own",
        ZJOB,
        "_read_job(row, origin) for row in rows",
        "_read_job(row, read_origin(z)) for row in rows",
    ),
    # --- batches in the journal
    Fault(
        "a batch forgets the last place of a job",
        WRITER,
        "move.live, move.attempts = live, max(move.attempts, attempt)",
        "move.live, move.attempts = max(live, move.live), max(move.attempts, attempt)",
    ),
    Fault(
        "a batch forgets an attempt",
        WRITER,
        "live, max(move.attempts, attempt)",
        "live, attempt",
    ),
    Fault(
        "a batch counts one crash",
        WRITER,
        "move.crashes += crashed",
        "move.crashes = int(crashed)",
    ),
    Fault(
        "a batch counts no crash",
        WRITER,
        "move.crashes += crashed",
        "pass",
    ),
    Fault(
        "a batch resets what comes after",
        WRITER,
        "                batch.endings.clear()\n",
        "",
    ),
    Fault(
        "a rolled back batch keeps its numbers",
        WRITER,
        "        self._environments: dict[bytes, int] = {}\n",
        '        self._environments = getattr(self, "_environments", dict[bytes, int]())\n',
    ),
    Fault(
        "a streamed output is kept in the journal",
        WRITER,
        " and not result.streamed else None",
        " else None",
    ),
    # --- files of outputs
    Fault(
        "an output that was taken stays in its file",
        SPOOL,
        "        os.ftruncate(self._file.fileno(), 0)\n        return output",
        "        return output",
    ),
    Fault(
        "a long output is taken",
        SPOOL,
        "        if size > limit:\n            return None\n",
        "",
    ),
    Fault(
        "an output that was given up stays",
        SPOOL,
        "        if self.size():\n            os.ftruncate(self._file.fileno(), 0)",
        "        pass",
    ),
    Fault(
        "what could not be kept is left behind",
        SPOOL,
        "            spool.remove()\n            raise",
        "            spool.close()\n            raise",
    ),
    Fault(
        "an owned file keeps its old name",
        SPOOL,
        'self.path = self.path.rename(f"{stem}.out")',
        "pass",
    ),
    # --- a slot and its shepherd
    Fault(
        "a copy of a job is started",
        SLOT,
        "(job for job in jobs if job.id not in here)",
        "iter(jobs)",
    ),
    Fault(
        "a hand that has become stale is worked off",
        SLOT,
        "if self._hand.is_stale(time.monotonic()):",
        "if False:",
    ),
    Fault(
        "a lost job runs on",
        SLOT,
        "self.executor.kill(work.number, signal.SIGKILL, 0.0)",
        "pass",
    ),
    Fault(
        "who has asked asks again",
        SLOT,
        "if self.phase is not Phase.BUSY:",
        "if self.phase in (Phase.LEAVING, Phase.GONE):",
    ),
    Fault(
        "what waits behind a long job waits on",
        SLOT,
        "now >= self._works[0].begun_s + RETURN_S:",
        "False:",
    ),
    Fault(
        "a lost job's result is reported",
        SLOT,
        "        if work.lost:\n            self._forget(work)\n        elif",
        "        if",
    ),
    Fault(
        "what was withdrawn is not given back",
        SLOT,
        "self._reports.give_back(work.claim for work in unstarted)",
        "pass",
    ),
    Fault(
        "a shepherd that was frozen starts what waited",
        SHEPHERD,
        "since_s > STALE_S",
        "since_s > 3600.0",
    ),
    Fault(
        "a late kill hits the next job",
        SHEPHERD,
        "if self._root and number == self._number:",
        "if self._root:",
    ),
    Fault(
        "what a job leaves behind lives on",
        SHEPHERD,
        "if self._exit is not None and self._kill_at is None:",
        "if False:",
    ),
    Fault(
        "jobs outlive their worker",
        SHEPHERD,
        "                self._watch()\n        self._exterminate()",
        "                self._watch()",
    ),
    Fault(
        "a second shepherd knows no environment",
        EXECUTOR,
        "self._told_environment: Environment | None = None",
        "self._told_environment = getattr(self, '_told_environment', None)",
    ),
    Fault(
        "a dead shepherd's word is not heard",
        EXECUTOR,
        "ShepherdDied(self._doomed or killed)",
        "ShepherdDied(killed)",
    ),
    Fault(
        "only the last that was put is sent",
        LINK,
        "self._unsent += _LENGTH.pack(len(data)) + data",
        "self._unsent = bytearray(_LENGTH.pack(len(data)) + data)",
    ),
    Fault(
        "a job is looked for where the one before was",
        PROCESSES,
        'elif os.environb.get(b"PATH") != folders:',
        'elif b"PATH" not in os.environb:',
    ),
    Fault(
        "who has no PATH has another's",
        PROCESSES,
        'os.environb.pop(b"PATH", None)',
        "pass",
    ),
    Fault(
        "jobs ignore what Python ignores",
        PROCESSES,
        "setsigdef=_IGNORED_BY_PYTHON",
        "setsigdef=()",
    ),
    Fault(
        "what a shepherd said before it fell is not heard",
        LINK,
        "        with suppress(OSError):  # that end is gone, and may have said something before\n"
        "            self._end.sendall(data)",
        "        try:\n            self._end.sendall(data)\n        except OSError:\n            self.closed = True",
    ),
    # --- a process that is silent
    Fault(
        "a job goes on to the next slot of a frozen process",
        DISPATCH,
        "self._send_away(list(filter(running.worker.is_beside, self._idle.keys())), AskAgain(), outcome)",
        "pass",
    ),
]
