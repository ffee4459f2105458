"""What is limited in the whole cluster, and how much of it is drawn. Pure.

A limit that is not set does not exist. When one is lowered, what runs keeps what it has.
"""

import math
from collections import Counter

from goq.core.board.views import Draws
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.blobs import size_of
from goq.core.values.changes import Alter, What
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.limit_names import ALL, ARRAY, KEPT, PRIORITY, QUEUED, TAG, USER
from goq.core.values.quantities import show_size
from goq.core.values.terms import Terms


def kept_of(live: Live) -> int:
    """How many bytes the server keeps of what came with a submission, or are to come."""
    origin, lines = live.origin, live.lines.size if live.lines is not None else 0
    return sum(map(size_of, origin.blobs)) + lines + len(origin.environment) + len(live.submission.argv)


class Limits:
    """How much is drawn of what is limited, or may come to be, by the places that run something."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._limits = state.limits
        self._drawn: Counter[str] = Counter()

    def draws_of(self, owner: str, terms: Terms, array: JobId) -> Draws:
        """What a job with these terms draws of what is limited, by name."""
        if not self._limits:
            return ()
        wanted = {ALL: 1, f"{USER}{owner}": terms.cpus, f"{ARRAY}{array}": 1, **dict(terms.licenses)}
        wanted |= {f"{TAG}{tag}": 1 for tag in terms.tags}
        return tuple(sorted((name, n) for name, n in wanted.items() if name in self._limits))

    def draws_of_job(self, job: Job) -> Draws:
        """What this job draws of what is limited, by name."""
        array = job.task.array if job.task else job.id
        return self.draws_of(job.origin.owner, job.terms, array)

    def refusal(self, owner: str, priority: int, count: int, size: int = 0, *, keyed: bool = False) -> str:
        """Why that is too much, so many jobs of an owner of that priority; "" when it is not.

        Of what they came with, `size` bytes are to be kept. `keyed`: with a user's key, which is for no priority above 0 unless a limit says so.
        """
        most = self.bound(f"{QUEUED}{owner}")
        if too_high := self._too_high(owner, priority, keyed=keyed):
            return too_high
        if most < math.inf and (waiting := self._waiting(owner)) + count > most:
            return f"{most:.0f} jobs of {owner} may wait ('goq limit'), {waiting} do, and these are {count}"
        return self.refusal_of_bytes(owner, size)

    def refusal_of_bytes(self, owner: str, size: int) -> str:
        """Why so many bytes more of that owner's are not kept; "" when they are."""
        most = self._limits.get(f"{KEPT}{owner}")
        if most is None or (kept := self._kept(owner)) + size <= most:
            return ""
        return (
            f"{show_size(most)} of {owner}'s may be kept ('goq limit'): inputs, scripts and lines of jobs that have not"
            f" ended; {show_size(kept)} are, and these take {show_size(size)}"
        )

    def _kept(self, owner: str) -> int:
        """How many bytes of what came with the owner's live submissions the server keeps."""
        return sum(kept_of(live) for live in self._state.submissions if live.origin.owner == owner)

    def refusal_of(self, what: What, owner: str, *, keyed: bool = False) -> str:
        """Why the owner may not have jobs changed so; "" when he may."""
        if not isinstance(what, Alter) or "priority" not in what.fields:
            return ""
        return self._too_high(owner, what.terms.priority, keyed=keyed)

    def _too_high(self, owner: str, priority: int, *, keyed: bool) -> str:
        highest = self._limits.get(f"{PRIORITY}{owner}", 0 if keyed else math.inf)
        if priority <= max(highest, 0):
            return ""
        return (
            f"{owner} may ask for a priority of {highest:.0f} at most ('goq limit'), and not for {priority}"
        )

    def _waiting(self, owner: str) -> int:
        state = self._state
        theirs = (live for live in state.submissions if live.origin.owner == owner)
        return sum(
            end - first for live in theirs for first, end in state.waiting.between(live.first, live.end)
        )

    def bound(self, name: str) -> float:
        """How much of it there is; infinity where it is not limited."""
        return self._limits.get(name, math.inf)

    def rest(self, name: str) -> float:
        """How much of it is left; below 0 when the limit was lowered."""
        return self.bound(name) - self._drawn[name]

    def drawn(self, name: str) -> int:
        """How much of it is drawn, by what ran or was started since it is limited; of what waits, what does."""
        if name.startswith(QUEUED):
            return self._waiting(name.removeprefix(QUEUED))
        if name.startswith(KEPT):
            return self._kept(name.removeprefix(KEPT))
        return self._drawn[name]

    def allows(self, draws: Draws) -> bool:
        """A job that draws this may start."""
        return all(n <= self.rest(name) for name, n in draws)

    def take(self, draws: Draws) -> None:
        """A place draws this from now on."""
        self._drawn.update(dict(draws))

    def give_back(self, draws: Draws) -> None:
        """A place draws it no more."""
        self._drawn.subtract(dict(draws))
