"""Whose file the output of a job is to be: known from the state while it is given out, from the journal after a restart."""

from collections import OrderedDict

from goq.adapters.files.below import PRIVATE, Whose
from goq.adapters.files.rights import own_name
from goq.adapters.store.port import Store
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.job import Origin
from goq.core.values.terms import Terms

REMEMBERED = 50_000  # jobs; of those that were given out earlier the journal knows


class Owners:
    """Asked with every output that is written.

    A server that has folders for owners writes as they are; of another all files are its own, and those of other
    owners are read by nobody else, since nobody asked them.
    """

    def __init__(self, state: State, journal: Store) -> None:
        self._state = state
        self._journal = journal
        self._layout = state.names.layout
        self._own = own_name()
        self._known: OrderedDict[JobId, Whose] = OrderedDict()

    def note(self, job: JobId) -> None:
        """The job was given out."""
        running = self._state.running.get(job)
        if running is not None:
            self._remember(job, running.job.origin, running.job.terms)

    def whose(self, job: JobId) -> Whose:
        """Whose file its output is to be; ours and private when nobody knows."""
        if job not in self._known:
            submission = self._journal.submission_of(job)
            if submission is None:
                return Whose(PRIVATE)
            self._remember(job, submission.origin, submission.terms)
        return self._known[job]

    def folder_of(self, owner: str) -> str:
        """The folder of that owner's outputs; "" for the one of all."""
        return self._layout.folder_of(owner)

    def _remember(self, job: JobId, origin: Origin, terms: Terms) -> None:
        self._known[job] = self._decide(origin.owner, terms.umask)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _decide(self, owner: str, umask: int) -> Whose:
        folder = self._layout.folder_of(owner)
        if folder:
            return Whose(umask, owner, folder)
        return Whose(umask if owner == self._own else umask | PRIVATE)
