"""A job that runs, as the state has it. Pure."""

from msgspec import Struct

from goq.core.state.submissions import NO_PAST, Past
from goq.core.values.job import Claim, Job, Worker


class RunningJob(Struct, frozen=True, gc=False):
    """A job in a worker's hands."""

    job: Job
    claim: Claim
    worker: Worker
    delegated_ns: int
    kill_signal: int = 0  # the signal to kill it with, 0 while nobody wants that
    past: Past = NO_PAST  # this attempt is counted, but not how it ends
    paused: bool = False  # somebody wants it stopped
