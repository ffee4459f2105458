"""How attempts end: what their job's fate is, and what is done about it. Pure."""

from typing import assert_never

from msgspec.structs import replace

from goq.core.board.views import group_of
from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.drains import note_end
from goq.core.dispatch.fate import Again, How, Over, Told, fate
from goq.core.dispatch.moves import Moves
from goq.core.state.records import Held, JobRequeued
from goq.core.state.running import RunningJob
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import JobId, Now
from goq.core.values.job import NOBODY, Job
from goq.core.values.named import is_absolute
from goq.core.values.result import ERR, SIGKILL, Result
from goq.core.values.who import Role

NS = 10**9
REMOVED = "removed"  # why the jobs of a user wait who has no key any more


def end(moves: Moves, running: RunningJob, how: How, why: str, now: Now, outcome: Outcome) -> None:
    """The attempt is over: its job has ended, or waits again. `why` is said where there is no result."""
    job, is_killed = running.job, running.kill_signal != 0
    met = fate(job.terms, running.past, how, moves.rules.crash_limit, killed=is_killed)
    match met:
        case Over(ending, more):
            result = how.result if isinstance(how, Told) else _without(running, more or why, now)
            if running.files or result.err or result.files:
                result = _with_files(result, running)
            moves.end_attempt(running.claim, ending, result, now, outcome)
        case Again() if isinstance(how, Told):
            _try_again(moves, running, met, how.result, now, outcome)
        case Again(counts_as):
            _requeue(moves, JobRequeued(running.claim, why, counts_as, now.wall_ns), outcome)
            if _is_of_nobody(moves, job):
                _hold(moves, job.id, REMOVED, now, outcome)
            else:
                moves.lanes.add(moves.state.job(job.id), moves.trouble.avoided_by(job.id))
        case _:
            assert_never(met)
    if isinstance(how, Told) and not is_killed:
        note_end(moves, running, how.result, now, outcome)
    if job.terms.max_fails or moves.state.parts:
        moves.stop_failing(job.id, JobId(job.id + 1), now.wall_ns, outcome)


def _without(running: RunningJob, why: str, now: Now) -> Result:
    """What is known of an attempt that nobody reports."""
    return Result(problem=why, signal=running.kill_signal or SIGKILL, ended_ns=now.wall_ns)


def _with_files(result: Result, running: RunningJob) -> Result:
    """The result as its files are named; what no file is for is not kept."""
    result = replace(result, files=running.files)
    if not result.file(ERR) or is_absolute(result.file(ERR)):
        result = replace(result, err=None)
    return replace(result, output=b"", output_length=0, output_sha256=b"") if result.is_elsewhere else result


def _try_again(
    moves: Moves, running: RunningJob, again: Again, result: Result, now: Now, outcome: Outcome
) -> None:
    """It is known how the attempt ended, and for that the job waits again."""
    claim, at_ns = running.claim, now.wall_ns
    if running.files or result.err or result.files:
        result = _with_files(result, running)
    why = _words(running.job, running.past.failures, again, result)
    not_before_ns = 0 if again.held else at_ns + round(again.backoff_s * NS)
    _requeue(moves, JobRequeued(claim, why, again.counts_as, at_ns, result, not_before_ns), outcome)
    moves.hear(claim)
    if moves.trouble.exists:
        moves.trouble.ended((claim.job,))  # it has run: what stood against it is over
    if again.held or _is_of_nobody(moves, running.job):
        _hold(moves, claim.job, why if again.held else REMOVED, now, outcome)
    else:
        moves.gates.pause(claim.job, now.attended_s + again.backoff_s)


def _is_of_nobody(moves: Moves, job: Job) -> bool:
    """The user whose key it came with has none any more: nothing of his starts again."""
    return job.terms.keyed and not moves.state.keys.generation_of(f"{Role.USER}:{job.origin.owner}")


def _hold(moves: Moves, job: JobId, why: str, now: Now, outcome: Outcome) -> None:
    moves.emit(Held(((job, JobId(job + 1)),), NOBODY, now.wall_ns, why), outcome)


def _requeue(moves: Moves, record: JobRequeued, outcome: Outcome) -> None:
    moves.emit(record, outcome)
    moves.release(record.claim)
    if moves.trouble.exists:
        job = moves.state.job(record.claim.job)
        moves.unjudged.add(group_of(job.origin, job.terms))


def _words(job: Job, failures: int, again: Again, result: Result) -> str:
    """Why a job waits again, for people."""
    how = f"signal {result.signal}" if result.signal else f"exit status {result.status}"
    if result.cause:
        how = result.problem
    if again.held:
        return f"{how}, on which it is held"
    if again.counts_as is CountsAs.RERUN:
        return f"{how}, after which it runs again in {again.backoff_s:g} s"
    return f"{how}, retry {failures + 1} of {job.terms.retries} in {again.backoff_s:g} s"
