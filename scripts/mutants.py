"""Plants faults in the core, one at a time, and demands that the core's tests catch each.

A test suite that would let a known mistake live is not worth its name. Each fault is an exact
piece of the source and what stands there instead; a piece that is not found exactly once stops
the run, so the list cannot rot. Arguments go to pytest in place of `tests/core`, to see what
a part of the suite catches by itself.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2
PATIENCE_S = 120

DISPATCH, STATE, PARKING = "dispatch.py", "state.py", "parking.py"
WAITING, DEADLINES, FRESHNESS = "waiting.py", "deadlines.py", "freshness.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that somebody could make: `old` in a file of goq/core becomes `new`."""

    name: str
    file: str
    old: str
    new: str


FAULTS = [
    # --- submission
    Fault(
        "a resent submission queues twice",
        DISPATCH,
        "self.state.recent_submissions.get(request.nonce) or past",
        "past",
    ),
    Fault(
        "the journal's word on an old submission is ignored",
        DISPATCH,
        "self.state.recent_submissions.get(request.nonce) or past",
        "self.state.recent_submissions.get(request.nonce)",
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
        "heapq.heappush(self._order, job.id)",
        "self._order.insert(0, job.id) if job.attempts else self._order.append(job.id)",
    ),
    Fault(
        "a job that comes back goes to the end",
        WAITING,
        "heapq.heappush(self._order, job.id)",
        "self._order.append(job.id)",
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
        "            if not running.kill_signal:\n                return self._delegation(running, now)\n",
        "",
    ),
    Fault(
        "a lost delegation is not delegated again",
        DISPATCH,
        "if held is not None:\n            # It was given",
        "if held is None:\n            # It was given",
    ),
    Fault(
        "a cancelled job is delegated again when its delegation was lost",
        DISPATCH,
        "            if not running.kill_signal:\n                return self._delegation",
        "            if running:\n                return self._delegation",
    ),
    Fault(
        "a job that is delegated again keeps its old lease",
        DISPATCH,
        "return self._delegation(running, now)",
        "return DelegateToWorker(running.claim, running.job)",
    ),
    Fault(
        "two workers of one id get two jobs",
        DISPATCH,
        "busy = worker.id in self.state.job_of_worker",
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
        "                and ended.attempt == claim.attempt\n",
        "",
    ),
    Fault(
        "a repeated result is refused",
        DISPATCH,
        "isinstance(ended, Ended)\n                and ended.attempt",
        "isinstance(ended, Ended)\n                and not ended.attempt",
    ),
    Fault(
        "the journal is not asked about repeated results",
        DISPATCH,
        "return not self.state.is_live(claim.job) and self.state.ended(claim.job) is None",
        "return False",
    ),
    Fault(
        "the next job is given to workers that want none",
        DISPATCH,
        "if finished.wants_next and self.state.waiting:",
        "if self.state.waiting:",
    ),
    Fault(
        "the next job is never given with the acknowledgement",
        DISPATCH,
        "if finished.wants_next and self.state.waiting:",
        "if False:",
    ),
    Fault(
        "a worker holds its job after the end",
        STATE,
        "del self.job_of_worker[running.worker.id]",
        "pass",
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
        "self._leases.set(running.job.id, now.attended_s + self._rules.lease_s)",
        "pass",
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
        "        for parked in self._beats.take(job):\n"
        "            outcome.replies.append(parked.reply(CancelWip(job, lost=True)))",
        "        self._beats.take(job)",
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
        "for parked in self._observers.take(ended.job):",
        "for parked in [] if ended.ending is Ending.CANCELLED else self._observers.take(ended.job):",
    ),
    Fault(
        "observers do not hear of the end",
        DISPATCH,
        "for parked in self._observers.take(ended.job):",
        "for parked in self._observers.take(ended.job) if ended.ending is Ending.CANCELLED else []:",
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
        "self._idle.forget_peer(peer)",
        "pass",
    ),
    Fault("the heartbeat of a closed connection stays", DISPATCH, "self._beats.forget_peer(peer)", "pass"),
    Fault("the observer of a closed connection stays", DISPATCH, "self._observers.forget_peer(peer)", "pass"),
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
        'self._give_up(self.state.running[held], "handed back", now, outcome)',
        "pass",
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
        "self._leaving |= self.state.job_of_worker.keys()",
        "pass",
    ),
    Fault(
        "a worker is told to exit for ever",
        DISPATCH,
        "            self._leaving.discard(claim.worker)\n",
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
    Fault("requests to the server before are admitted", FRESHNESS, " or sent_ns < self._since_ns:", ":"),
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
        "        if isinstance(known, AckSubmit):\n            return known\n"
        "        holder = self.state.unique_jobs.get(submit.terms.unique)\n",
        "        holder = self.state.unique_jobs.get(submit.terms.unique)\n"
        "        if holder is None and isinstance(known, AckSubmit):\n            return known\n",
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
        "                and ended.ending is not Ending.LOST\n",
        "",
    ),
    Fault(
        "late results are not recorded",
        DISPATCH,
        "if claim.job < self.state.next_job:",
        "if False:",
    ),
    Fault(
        "results of jobs that never were are recorded",
        DISPATCH,
        "if claim.job < self.state.next_job:",
        "if claim:",
    ),
    Fault("late results are not counted", DISPATCH, "self.stale_result_count += 1", "pass"),
    Fault(
        "repeated results are recorded as late",
        DISPATCH,
        "            if not repeated:\n",
        "            if ended:\n",
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
]


def check(fault: Fault) -> None:
    """Stop if the fault does not fit the source any more."""
    count = (ROOT / "goq" / "core" / fault.file).read_text(encoding="utf-8").count(fault.old)
    if count != 1:
        sys.exit(
            f"mutants: {fault.name!r}: found {count} times in goq/core/{fault.file}, not once; mend the list"
        )


def copy_to(folder: Path) -> None:
    """The package and its core's tests, to be changed."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
    shutil.copytree(ROOT / "goq", folder / "goq", ignore=ignore)
    shutil.copytree(ROOT / "tests" / "core", folder / "tests" / "core", ignore=ignore)


def plant(fault: Fault, folder: Path) -> None:
    """Make the mistake in the copy."""
    path = folder / "goq" / "core" / fault.file
    path.write_text(path.read_text(encoding="utf-8").replace(fault.old, fault.new), encoding="utf-8")


def run_tests(folder: Path, selection: list[str]) -> tuple[bool, str]:
    """Whether the tests pass on the copy, and the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *selection]
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOQ_HYPOTHESIS_PROFILE": "mutants",
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"the clock, after {PATIENCE_S} s"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1 and failed is None):
        sys.exit(f"mutants: pytest could not run the tests:\n{done.stdout}{done.stderr}")
    return done.returncode == 0, failed[1] if failed else ""


def try_copy(fault: Fault | None, selection: list[str]) -> tuple[bool, str]:
    """Run the tests on a fresh copy, with the fault planted in it if there is one."""
    with tempfile.TemporaryDirectory(prefix="goq-mutant-") as name:
        folder = Path(name)
        copy_to(folder)
        if fault:
            plant(fault, folder)
        return run_tests(folder, selection)


def report(fault: Fault, selection: list[str]) -> bool:
    """Try one fault, print its line, and say whether it was caught."""
    survived, killer = try_copy(fault, selection)
    fate = "SURVIVED" if survived else f"killed by {killer}"
    print(f"{fault.name}: {fate}", flush=True)
    return not survived


def main(selection: list[str]) -> int:
    """Try all faults; 0 if each was caught."""
    for fault in FAULTS:
        check(fault)
    passed, failed = try_copy(None, selection)
    if not passed:
        sys.exit(f"mutants: the tests fail without any fault: {failed}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        killed = sum(pool.map(lambda fault: report(fault, selection), FAULTS))
    print(f"{killed} of {len(FAULTS)} faults killed")
    return 0 if killed == len(FAULTS) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["tests/core"]))
