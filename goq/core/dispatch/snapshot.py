"""What a snapshot shows of the state. Pure."""

from msgspec.structs import replace

from goq.core.messages import ArrayRow, RunningRow, Snapshot
from goq.core.messages.people import ROWS_EACH
from goq.core.state.running import RunningJob
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.job import Job


def take_snapshot(
    state: State,
    counters: dict[str, int | str],
    suspects: set[JobId],
    waiting: list[JobId],
    max_show: int,
) -> Snapshot:
    """The counters, these waiting jobs, and of running and finished ones at most `max_show`: oldest, newest."""
    max_show = min(max_show, ROWS_EACH)
    running = sorted(state.running.values(), key=lambda run: run.job.id)[:max_show]
    finished = list(reversed(state.recent_finished.values()))[:max_show]
    return Snapshot(
        counters,
        tuple(_running_row(run, suspect=run.job.id in suspects) for run in running),
        tuple(_waiting(state, job) for job in waiting),
        tuple(finished),
        arrays=_arrays(state, [*waiting, *(run.job.id for run in running)]),
    )


def _waiting(state: State, job: JobId) -> Job:
    shown = state.job(job)
    return replace(shown, terms=replace(shown.terms, held=job in state.held))


def _arrays(state: State, jobs: list[JobId]) -> tuple[ArrayRow, ...]:
    lives = {live.first: live for job in jobs if (live := state.submissions[job]).submission.is_array}
    return tuple(ArrayRow(live.first, live.count, live.count - live.left) for live in lives.values())


def _running_row(run: RunningJob, *, suspect: bool) -> RunningRow:
    return RunningRow(run.job, run.worker, run.delegated_ns, bool(run.kill_signal), suspect, run.paused)
