"""Whether another server of this queue has given what this journal knows nothing of. Pure.

Then one of the two journals is a copy. A question that names a later epoch, or this one of another server,
is refused: the true server may live. What was given in an epoch that is over proves that this journal was
behind: its server goes on as with '--restored', and throws nothing of it away.
"""

from math import inf

from goq.core.dispatch.decision import Note, Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import (
    AddBlob,
    AddItems,
    OutputChunk,
    Report,
    Request,
    Retry,
    Submit,
)
from goq.core.state.state import State
from goq.core.state.submissions import NO_PAST
from goq.core.values.ids import NO_EPOCH, JobId, Now, QueueId
from goq.core.values.job import Claim
from goq.core.values.place import Birth
from goq.core.values.text import show_queue
from goq.core.values.who import Role

_NOT_OURS = "this is an earlier epoch of that queue, or the same of another server"
SAID_LIMIT = 1000  # other queues; whoever makes up more of them fills neither the log nor the memory
_GIVING = (Submit, AddItems, AddBlob, Retry)  # what is answered with numbers


class Copies:
    """Watches for them."""

    def __init__(self, moves: Moves) -> None:
        self.trouble = ""  # a line for people, once there was one
        self.birth = Birth()
        self._moves = moves
        self._state = moves.state
        self._is_old = ""  # why this server gives nothing any more
        self._misdirected: set[QueueId] = set()  # whose questions have come here, and that was said

    def misdirection(self, request: Request, outcome: Outcome) -> str | None:
        """A reason to refuse what is meant for another queue, or for a later journal of this one."""
        asked, ours = request.epoch, self._state.epoch
        if asked.queue == ours.queue and (asked.number > ours.number or asked.differs(ours)):
            return self._refuse_as_old(request, outcome) if _is_trusted(request) else _NOT_OURS
        if asked.queue not in (NO_EPOCH.queue, ours.queue):
            name, theirs = show_queue(ours.queue), show_queue(asked.queue)
            refusal = f"this is the queue {name}, and the question is for {theirs}"
            if _is_trusted(request):
                self._say(request, f"{refusal}; if this is the wrong folder, stop this server.", outcome)
            return refusal
        return self._is_old if self._is_old and self._is_giving(request) else None

    @property
    def may_give(self) -> bool:
        """Jobs may be given out."""
        return not self._is_old

    def _is_giving(self, request: Request) -> bool:
        """The answer would bring numbers or jobs, and nothing else that matters."""
        question = request.question
        return not question.claims() if isinstance(question, Report) else isinstance(question, _GIVING)

    def _refuse_as_old(self, request: Request, outcome: Outcome) -> str:
        asked, ours = request.epoch, self._state.epoch
        name, theirs = show_queue(ours.queue), asked.number
        if asked.number > ours.number:
            refusal = f"this is epoch {ours.number} of queue {name}, and the question knows of {theirs}"
        else:
            refusal = f"this is epoch {ours.number} of queue {name}, and the question knows of that epoch of another server"
        advice = (
            "this journal is an old copy: stop this server, and start the latest one, or this with --restored"
        )
        self.trouble = self._is_old = f"{advice} ({refusal}); until then nothing is given out"
        self._say(request, f"{refusal}; {advice}. Until then nothing is given out.", outcome)
        return refusal

    def _say(self, request: Request, text: str, outcome: Outcome) -> None:
        asked = request.epoch.queue
        if asked not in self._misdirected and len(self._misdirected) < SAID_LIMIT:
            self._misdirected.add(asked)
            about: dict[str, int | str] = {
                "queue": show_queue(self._state.epoch.queue),
                "asked": show_queue(asked),
            }
            outcome.notes.append(Note(text, "foreign queue", about))

    def examine(self, request: Request, now: Now) -> Outcome:
        """Go on as with a copy, when a fresh request shows that this journal is one."""
        outcome, last = Outcome(), self._state.epoch
        proof = self._proof(request)
        if not proof:
            return outcome
        first = self._state.next_job
        self._moves.restore(last.number, now, outcome, self.birth, proof)
        text = (
            f"this journal is an old copy of queue {show_queue(last.queue)}: {proof}. Nothing of that is ended;"
            f" new jobs have numbers from {self._state.next_job} on. Numbers below {first} may have been given"
            " twice, and jobs that ended since the copy was made may run again: look through 'goq stat' and"
            " 'goq history', and see docs/operations.md"
        )
        self.trouble = text
        outcome.notes.append(Note(f"{text}.", "old journal", {"first": first, "next": self._state.next_job}))
        return outcome

    def _proof(self, request: Request) -> str:
        """What shows that there was another server of this queue; "" for nothing."""
        asked, ours = request.epoch, self._state.epoch
        if (
            not _is_trusted(request)
            or asked.queue != ours.queue
            or asked.number > ours.number
            or asked.differs(ours)
        ):
            return ""  # and refused for that
        if self._state.restored <= asked.number and self._is_of_another(asked.number, asked.draw):
            return f"another server has served it in epoch {asked.number}"
        for claim in _claims(request):
            if _is_foreign(self._state, claim):
                return f"job {claim.job}, attempt {claim.attempt}, was given in epoch {claim.epoch.number}, and is unknown here"
        return ""

    def _is_of_another(self, number: int, draw: int) -> bool:
        drawn = _drawn(self._state, number)
        return bool(drawn and draw) and drawn != draw


def _is_trusted(request: Request) -> bool:
    """What they say of other servers counts: of a user it would let him stop this one."""
    return request.who.role is not Role.USER


def _claims(request: Request) -> list[Claim]:
    """Those that a worker holds by its own account."""
    match request.question:
        case OutputChunk(claim):
            return [claim]
        case Report() as report:
            return report.claims()
        case _:
            return []


def _is_foreign(state: State, claim: Claim) -> bool:
    """A server of this queue has given the attempt, and this journal knows nothing of it."""
    epoch = claim.epoch
    drawn = _drawn(state, epoch.number) if epoch.queue == state.epoch.queue else 0
    if not (drawn and epoch.draw) or state.is_stray(claim):
        return False
    return epoch.draw != drawn or claim.job >= state.next_job or claim.attempt > _attempts(state, claim.job)


def _drawn(state: State, number: int) -> int:
    """What the server of that epoch drew; 0 where nobody knows."""
    return state.epoch.draw if number == state.epoch.number else state.draws.get(number, 0)


def _attempts(state: State, job: JobId) -> float:
    """How many are known of a job that has not ended; of one that has there may be any number."""
    if running := state.running.get(job):
        return running.job.attempts
    return state.past.get(job, NO_PAST).attempts if job in state.waiting else inf
