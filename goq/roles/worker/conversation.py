"""Between a worker's places and its connection: the one question that is always open, and the orders that answer it.

Decides nothing: what is said when `core/worker/conversation` knows.
"""

import time
from collections.abc import Sequence

from goq.adapters.machine import load_average, memory_in_use_kib
from goq.core.messages import Answer, Report
from goq.core.values.ids import WorkerId
from goq.core.values.job import Claim, Worker
from goq.core.values.room import Offer
from goq.core.worker import conversation
from goq.core.worker.agent import Phase
from goq.core.worker.events import Answered, GoAlong
from goq.core.worker.rules import LOOK_EVERY_S, REFUSED_PAUSE_S, RESEND_S
from goq.core.worker.talk import Saying
from goq.roles.client.calls import Call, Calls
from goq.roles.worker.places import Place


class Conversation:
    """One worker's conversation with its server. Begins with the places."""

    def __init__(
        self, calls: Calls, worker: Worker, names: Sequence[WorkerId], offer: Offer, beat_s: float
    ) -> None:
        self._calls = calls
        pause_s = min(REFUSED_PAUSE_S, beat_s)
        self._core = conversation.Conversation(worker, names, offer, time.time_ns(), pause_s)
        self._patience_s = 2 * beat_s + RESEND_S
        self._places: dict[WorkerId, Place] = {}
        self._call: Call | None = None
        self._look_s = 0.0

    def begin(self, places: Sequence[Place]) -> None:
        """These are the places."""
        self._places = {place.agent.worker.id: place for place in places}

    @property
    def is_over(self) -> bool:
        """The server knows that this worker has left."""
        return self._core.is_over

    # --- what places want ------------------------------------------------------------------

    def ask(self, place: WorkerId, number: int, question: Saying) -> None:
        """Have that told to the server; the place hears what it is answered."""
        self._core.ask(place, number, question, time.monotonic())

    def drop(self, place: WorkerId, number: int) -> None:
        """The place wants no answer to that any more."""
        self._core.drop(place, number)

    def settled(self, claim: Claim) -> None:
        """The server knows what came of the attempt."""
        self._core.settled(claim)

    # --- what the loop calls -----------------------------------------------------------------

    def turn(self) -> None:
        """Say what there is to say."""
        for name, place in self._places.items():
            if place.agent.phase is Phase.GONE:
                self._core.gone(name)
        self._pass_on()
        if not self._core.is_due(time.monotonic()):
            return
        for place in self._places.values():
            if place.agent.has_news:
                place.tell(GoAlong())
        if time.monotonic() >= self._look_s:
            self._look()
        question, wanted = self._core.next_question(time.monotonic())
        if self._call is not None:
            self._calls.cancel(self._call)
        is_parked = isinstance(question, Report) and not question.is_news
        resend_s = self._patience_s if is_parked else RESEND_S
        self._call = self._calls.ask(question, self._on_answer, resend_s=resend_s, wanted=wanted)

    def _look(self) -> None:
        """See how the machine is, and what jobs use that are so old that somebody has looked: of short ones nobody ever has."""
        self._look_s = time.monotonic() + LOOK_EVERY_S
        samples = filter(None, [place.sample() for place in self._places.values()])
        self._core.saw(load_average(), memory_in_use_kib(), samples)

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return self._core.next_deadline()

    def _on_answer(self, answer: Answer) -> None:
        self._call = None
        self._core.answered(answer, time.monotonic())
        self._pass_on()

    def _pass_on(self) -> None:
        """Tell places what they were answered; that may bring more at once."""
        while passed := self._core.take_passed():
            for name, number, answer in passed:
                self._places[name].tell(Answered(number, answer))
