"""Who follows what jobs write, beside the loop: he hears when there is more of it, and asks the reader for that."""

import time

from goq.adapters.files.outputs import Outputs
from goq.core.messages import Follow, Reply
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.logs import Phase, Stand
from goq.core.waits.followers import Followers
from goq.core.waits.parking import Parked


class Following:
    """What is followed, held against what the state says, and what has come of outputs."""

    def __init__(self, state: State, outputs: Outputs, patience_s: float) -> None:
        self._state = state
        self._outputs = outputs
        self._followers = Followers(patience_s)

    def ask(self, asker: Parked, follow: Follow) -> list[Reply]:
        """Somebody follows; who may not hears that."""
        return self._followers.ask(asker, follow, time.monotonic())

    def stir(self) -> None:
        """Something was decided, or written."""
        self._followers.stir()

    def followed(self) -> frozenset[JobId]:
        """The jobs that somebody reads on in; the same value as long as they are the same."""
        return self._followers.followed(time.monotonic())

    def turn(self) -> list[Reply]:
        """What is to be answered now: all of this turn is in the journal, and in its file."""
        return self._followers.turn(self._stand_of, time.monotonic())

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return self._followers.next_deadline()

    def forget_peer(self, peer: int) -> None:
        """Nobody would read what it asked for."""
        self._followers.forget_peer(peer)

    def _stand_of(self, job: JobId, stream: int) -> Stand | None:
        running = self._state.running.get(job)
        if running:
            attempt = running.claim.attempt
            return Stand(job, attempt, Phase.RUNS, self._outputs.come(job, attempt, stream), stream)
        if self._state.is_live(job):
            past = self._state.past.get(job)
            return Stand(job, past.attempts if past else 0, Phase.WAITS, 0, stream)
        return Stand(job, 0, Phase.OVER, 0, stream) if 0 < job < self._state.next_job else None
