"""Why jobs wait, and how it is with those that do not. Pure."""

import math

from msgspec.structs import replace

from goq.core.board.hosts import ABSENT_S
from goq.core.board.rooms import process_of
from goq.core.board.sooner import Tries
from goq.core.board.survey import Parts, Seen, Survey
from goq.core.board.why import Reasons
from goq.core.dispatch.decision import Past
from goq.core.dispatch.moves import Moves
from goq.core.messages import Answer, AskWhy, JobNotKnown, ReasonsShown, Refused, Why
from goq.core.state.running import RunningJob
from goq.core.values.ids import JobId, Now, worker_of
from goq.core.values.job import Job
from goq.core.values.ranges import Ranges, holds
from goq.core.values.reasons import NO_JOB, Explained, Reason, Whereabouts
from goq.core.values.result import Ended, Ending
from goq.core.values.states import JobState

MACHINES_LIMIT = 200
_ENDED = {
    Ending.CANCELLED: JobState.CANCELLED,
    Ending.SKIPPED: JobState.SKIPPED,
    Ending.LOST: JobState.LOST,
}


class Whys:
    """Answers why."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._state = moves.state
        self._parts = Parts(moves.state, moves.rooms, moves.placement, moves.trouble, moves.lanes, moves.idle)
        self._reasons = Reasons(moves.state, moves.gates, moves.limits, self._parts)

    def survey(self) -> Survey:
        """The workers as they are now."""
        return self._reasons.survey()

    def reason(self, job: JobId, survey: Survey) -> Reason:
        """What keeps a job that waits for longest."""
        return self._reasons.of(job, survey)[0]

    def reasons(self, of: Ranges) -> Answer:
        """Of each range the reason that most of its jobs share."""
        survey = self._reasons.survey()
        return ReasonsShown(tuple(self._reasons.shared(first, end, survey) for first, end in of))

    def why(self, ask: AskWhy, past: Past, now: Now) -> Answer:
        """Of the first of the ranges that has any that wait, the one that stands for most; else of one that runs."""
        for first, end in ask.ranges:
            if job := self._reasons.one_of(first, end):
                waiting = self._state.waiting.count(((first, end),))
                return Why(self._waits(job, waiting))
        running = next((job for job in sorted(self._state.running) if holds(ask.ranges, job)), None)
        if running is not None:
            return Why(self._runs(self._state.running[running], now))
        first = ask.ranges[0][0]
        known = self._moves.ended(first, past)
        if known:
            return Why(Explained(first, str(first), waiting=0, where=_ended(known)))
        if 0 < first < self._state.next_job:
            return Refused(f"job {first} has ended long ago; 'goq history {first}' tells of it")
        return JobNotKnown(first)

    def _waits(self, number: JobId, waiting: int) -> Explained:
        survey = self._reasons.survey()
        live = self._state.submissions[number]
        if not live.is_whole:
            return replace(
                _called(live.submission.job(number), waiting), reasons=self._reasons.of(number, survey)
            )
        job = self._state.job(number)
        key = self._reasons.key(job)
        seen = sorted(survey.seen(key), key=_by_worth)
        lane = self._moves.lanes.of(job)
        is_ready = lane is not None and not lane.closed
        tries = Tries(self._moves.lanes, self._moves.placement)
        return replace(
            _called(job, waiting),
            reasons=self._reasons.of(number, survey),
            need=job.need,
            machines=tuple(survey.machine(key, each) for each in seen[:MACHINES_LIMIT]),
            hidden=max(0, len(seen) - MACHINES_LIMIT),
            turn=self._reasons.turn(job, survey) if is_ready else None,
            sooner=tries.best(job, seen) if is_ready else (),
        )

    def _runs(self, run: RunningJob, now: Now) -> Explained:
        room = self._moves.rooms.get(process_of(run.worker))
        silent_s = now.attended_s - room.heard_s if room else 0.0
        is_silent = silent_s > ABSENT_S or self._moves.is_suspect(run)
        ends_s = self._moves.leases.when(worker_of(run.worker.id)) - now.attended_s
        where = Whereabouts(
            JobState.PAUSED if run.paused else JobState.RUNNING,
            run.worker.host,
            run.claim.attempt,
            run.delegated_ns,
            killed=run.kill_signal,
            back=self._state.is_drained_at_once(run.worker.host),
            silent_s=max(silent_s, 1.0) if is_silent else 0.0,
            left_s=max(ends_s, 0.0) if is_silent and ends_s < math.inf else 0.0,
        )
        return replace(_called(run.job, 0), where=where)


def _called(job: Job, waiting: int) -> Explained:
    array = job.task.array if job.task and job.task.is_array else NO_JOB
    return Explained(job.id, job.shown, job.origin.owner, job.terms.name, waiting, array)


def _by_worth(each: Seen) -> tuple[bool, bool, float, str, int]:
    """Those first that lack least."""
    return each.small, not each.is_open, sum(each.lacks.values()), *each.here.process


def _ended(ended: Ended) -> Whereabouts:
    result = ended.result
    state = _ENDED.get(ended.ending) or (JobState.FAILED if result.status else JobState.DONE)
    return Whereabouts(
        state,
        result.host,
        ended.attempt,
        result.started_ns,
        result.ended_ns,
        status=ended.status,
        signal=result.signal,
        cause=result.cause,
        problem=result.problem,
    )
