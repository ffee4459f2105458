"""What a snapshot shows of the state. Pure."""

from goq.core.messages import RunningRow, Snapshot
from goq.core.state.state import RunningJob, State
from goq.core.values.ids import JobId

ROWS_EACH = 1000  # `goq stat` shows no more; a peer that asked for a million would hold up the loop


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
        tuple(map(state.job, waiting)),
        tuple(finished),
    )


def _running_row(run: RunningJob, *, suspect: bool) -> RunningRow:
    return RunningRow(run.job, run.worker, run.delegated_ns, bool(run.kill_signal), suspect)
