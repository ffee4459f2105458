"""A dispatcher that is asked one thing after the other, and that nobody audits."""

from epochs import EPOCH
from loop import START_NS, WINDOW_S, replayed
from spokesman import Asked, Heard, Spokesman, told

from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages import Answer, Done, Orders, Request, Returned
from goq.core.state.records import Checkpoint, Record
from goq.core.values.ids import Handle, JobId, Nonce, Now, WorkerId
from goq.core.values.job import Claim, Worker
from goq.core.values.result import Result
from goq.core.values.room import ANYTHING, Offer
from goq.core.worker.talk import FinishedWork, RequestForWork


class Plain:
    """One server's life; `story` are its records."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.now = Now(0.0, START_NS)
        self.story: list[Record] = [Checkpoint(JobId(1), 0, 0, 0, 0, 0, (), EPOCH)]
        self.pushed: list[Answer] = []  # to who had waited
        self._asked = 0
        self.spokesman = Spokesman()
        self.restart()

    def restart(self) -> None:
        """The server dies, and the next one replays its records."""
        self.state = replayed(self.story)
        gate = FreshnessGate(WINDOW_S, self.now)
        self.dispatcher = Dispatcher(self.state, gate, self.rules, {})
        self.story += self.dispatcher.resume(self.now).records

    def ask(self, asked: Asked) -> Heard:
        """The answer, as whoever asks is told it; None when there is none yet."""
        self._asked += 1
        nonce = Nonce(b"%016d" % self._asked)
        question = self.spokesman.question(asked, self.dispatcher)
        request = Request(Handle(1, nonce), nonce, self.now.wall_ns, question)
        outcome = self.dispatcher.handle(request, self.now)
        self.story += outcome.records
        self.pushed += [reply.answer for reply in outcome.replies if reply.in_reply_to != nonce]
        for reply in outcome.replies:
            if isinstance(reply.answer, Orders):
                self.spokesman.heard(reply.answer)
        answer = next((reply.answer for reply in outcome.replies if reply.in_reply_to == nonce), None)
        return told(asked, answer)

    def again(self, asked: Asked) -> Heard:
        """The answer to what was asked last, when it is asked once more: the first one was lost."""
        self._asked -= 1
        return self.ask(asked)

    def pass_time(self, seconds: float) -> None:
        """Time passes, and the loop ticks."""
        self.now = Now(self.now.attended_s + seconds, self.now.wall_ns + round(seconds * 10**9))
        outcome = self.dispatcher.tick(self.now)
        self.story += outcome.records
        self.pushed += [reply.answer for reply in outcome.replies]

    def offer(self, name: str, offered: Offer = ANYTHING) -> Claim | None:
        """A place asks, and says what its worker has; "a/1" and "a/2" are of one worker. The claim, if there is one."""
        worker = Worker(WorkerId(name), f"host-of-{name.partition('/')[0]}", 1)
        self.ask(RequestForWork(worker, 20.0, offered))
        held = self.state.held_by_worker(worker.id)
        return held[0].claim if held else None

    def finish(self, claim: Claim, exit_code: int = 0, wants: int = 0) -> None:
        """The attempt has ended so; its place has what else it was given, and wants so many more."""
        kept = tuple(each.job.id for each in self.state.held_by_worker(claim.worker) if each.claim != claim)
        self.ask(FinishedWork(claim.worker, (Done(claim, Result(exit_code, pid=7)),), (), kept, wants))

    def finish_again(self, claim: Claim) -> None:
        """Somebody tells again, or late, how the attempt ended."""
        self.ask(FinishedWork(claim.worker, (Done(claim, Result(pid=7)),)))

    def refuse(self, claim: Claim, problem: str) -> None:
        """Its host cannot start it."""
        self.ask(FinishedWork(claim.worker, (), (Returned(claim, "folder", problem),)))
