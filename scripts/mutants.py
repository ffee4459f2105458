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
        "            if not running.cancelling:\n                return self._delegation(running, now)\n",
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
        "            if not running.cancelling:\n                return self._delegation",
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
        "isinstance(ended, Ended) and ended.attempt == claim.attempt",
        "isinstance(ended, Ended)",
    ),
    Fault(
        "a repeated result is refused",
        DISPATCH,
        "isinstance(ended, Ended) and ended.attempt == claim.attempt",
        "False",
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
        "self.running[record.job] = replace(self.running[record.job], cancelling=True)",
        "pass",
    ),
    Fault(
        "a cancelled job that ends by itself counts as finished",
        DISPATCH,
        "Ended(claim.job, claim.attempt, running.cancelling, finished.result)",
        "Ended(claim.job, claim.attempt, False, finished.result)",
    ),
    Fault(
        "a cancelled job of a lost worker runs again",
        DISPATCH,
        '"""End an attempt without a result: the job waits again, or is cancelled if that was wanted."""\n'
        "        if running.cancelling:",
        '"""End an attempt without a result: the job waits again, or is cancelled if that was wanted."""\n'
        "        if False:",
    ),
    Fault(
        "the worker of a cancelled job hears of it at its next heartbeat only",
        DISPATCH,
        "            for parked in self._beats.take(job):\n"
        "                outcome.replies.append(parked.reply(CancelWip(job, lost=False)))\n",
        "",
    ),
    Fault(
        "a worker that beats late is not told to kill",
        DISPATCH,
        "        if running.cancelling:\n            return CancelWip(beat.claim.job, lost=False)\n",
        "",
    ),
    Fault(
        "observers do not hear of a cancellation",
        DISPATCH,
        "for parked in self._observers.take(ended.job):",
        "for parked in [] if ended.cancelled else self._observers.take(ended.job):",
    ),
    Fault(
        "observers do not hear of the end",
        DISPATCH,
        "for parked in self._observers.take(ended.job):",
        "for parked in self._observers.take(ended.job) if ended.cancelled else []:",
    ),
    Fault(
        "a job that has ended can be killed", DISPATCH, "        if ended.cancelled:\n", "        if ended:\n"
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
        DISPATCH,
        "fresh = self._gate.is_fresh(request.sent_ns, now)",
        "fresh = True",
    ),
    Fault(
        "goodbyes may be repeated",
        DISPATCH,
        "case RequestForWork() | Goodbye() | ShutdownServer()",
        "case RequestForWork() | ShutdownServer()",
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
