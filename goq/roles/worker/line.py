"""The way from a place to its worker's conversation with the server."""

from typing import Protocol

from goq.core.values.ids import WorkerId
from goq.core.values.job import Claim
from goq.core.worker.talk import Saying


class Line(Protocol):
    """What a place says goes over it; what comes of that the place hears as `Answered`."""

    def ask(self, place: WorkerId, number: int, question: Saying) -> None:
        """Have that told."""

    def drop(self, place: WorkerId, number: int) -> None:
        """Want no answer to that any more."""

    def settled(self, claim: Claim) -> None:
        """The server knows what came of the attempt."""
