"""What runs, and which files it writes. Pure."""

from msgspec import Struct

from goq.core.state.submissions import NO_PAST, Past
from goq.core.values.ids import JobId
from goq.core.values.job import Claim, Job, Submission, Worker
from goq.core.values.layout import EVERYBODY_S, Layout
from goq.core.values.named import is_absolute, keys_of, names_any
from goq.core.values.result import Files


class RunningJob(Struct, frozen=True, gc=False):
    """A job in a worker's hands."""

    job: Job
    claim: Claim
    worker: Worker
    delegated_ns: int
    kill_signal: int = 0  # the signal to kill it with, 0 while nobody wants that
    past: Past = NO_PAST  # this attempt is counted, but not how it ends
    files: Files = ()  # that its submitter named, or that lie in its owner's folder
    paused: bool = False  # somebody wants it stopped


class Names(Struct):
    """Files of the server's that are not free: `wanted` by live submissions, and `in_use` by jobs that run.

    The `layout` is that of this server, and no part of what survives it.
    """

    layout: Layout = EVERYBODY_S
    wanted: dict[str, JobId] = {}
    in_use: dict[str, JobId] = {}

    def add(self, submission: Submission) -> None:
        """A submission is there."""
        if names_any(submission.terms):
            self.wanted |= dict.fromkeys(keys_of(submission, self.layout), submission.first)

    def drop(self, submission: Submission) -> None:
        """All its jobs have ended."""
        if names_any(submission.terms):
            for key in keys_of(submission, self.layout):
                self.wanted.pop(key, None)

    def begin(self, job: JobId, files: Files) -> None:
        """The job runs."""
        self.in_use |= {path: job for _, path in files if not is_absolute(path)}

    def end(self, files: Files) -> None:
        """It does so no more."""
        for _, path in files:
            self.in_use.pop(path, None)
