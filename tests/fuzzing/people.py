"""Dialogues of several people: each message is signed with the key of whoever says it, and an overseer looks at what comes of it.

Who speaks follows from the connection: an administrator, two users, a node, and a key that counts no more.
"""

from typing import assert_never

from epochs import EPOCH

from fuzzing.overseer import ROOT, Overseer, marked
from fuzzing.targets import JOBS, SIGNER, TURNS, PeerGone, Restart, Said, TimePasses, read, understood
from goq.adapters.wire.codec import encode
from goq.adapters.wire.transport import FRAME_LIMIT
from goq.core import messages as m
from goq.core.dispatch.decision import Outcome, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages.keys import KeyDeed
from goq.core.state.records import EpochBegun, Record
from goq.core.state.state import State
from goq.core.values.ids import Handle, Nonce, Now
from goq.core.values.job import By
from goq.core.values.who import ADMINISTRATOR, Role, Who

START_NS = 1_700_000_000 * 10**9
WINDOW_S = 60.0
ANN, BOB = Who(Role.USER, "ann", 2), Who(Role.USER, "bob", 1)
N1 = Who(Role.NODE, "n1", 1)
OLD = Who(Role.USER, "ann", 1)
SPEAKERS = (ADMINISTRATOR, ANN, BOB, N1, OLD)


class House:
    """A server of all of them, over restarts."""

    def __init__(self) -> None:
        self.now = Now(100.0, START_NS)
        self.story: list[Record] = [EpochBegun(EPOCH, START_NS)]
        self.overseer = Overseer()
        self._asked = 0
        self.dispatcher = self._begun()
        for role, name, deed in (
            (Role.USER, "ann", KeyDeed.ADD),
            (Role.USER, "ann", KeyDeed.RENEW),
            (Role.USER, "bob", KeyDeed.ADD),
            (Role.NODE, "n1", KeyDeed.ADD),
        ):
            self.say(ADMINISTRATOR, 0, m.SetKey(role, name, deed, By(ROOT, "head", 1)))

    def _begun(self) -> Dispatcher:
        state = State()
        for record in self.story:
            state.apply(record)
        dispatcher = Dispatcher(state, FreshnessGate(WINDOW_S, self.now), Rules(), {"jservPid": 1})
        self.story += dispatcher.resume(self.now).records
        return dispatcher

    @property
    def state(self) -> State:
        """That of the server at hand."""
        return self.dispatcher.state

    def say(self, who: Who, peer: int, question: m.Question, said: m.Request | None = None) -> list[m.Reply]:
        """They ask that now; what anybody is answered."""
        self._asked += 1
        generation = self.state.keys.generation_of(who.holder)
        if not who.is_administrator and generation != who.generation:
            who = Who(who.role, who.name, who.generation, is_retired=True)
        nonce = said.nonce if said else Nonce(b"%016d" % self._asked)
        epoch = said.epoch if said else self.state.epoch
        handle = Handle(peer, b"%d" % self._asked, who)
        request = m.Request(handle, nonce, self.now.wall_ns, question, epoch)
        outcome = Outcome()
        admitted = self.dispatcher.admit(request, self.now, outcome)
        if admitted is not None:
            self._see(who, question, self.dispatcher.copies.examine(admitted, self.now))
            outcome = self.dispatcher.handle(admitted, self.now)
        return self._see(who, question, outcome)

    def pass_time(self, seconds: float) -> None:
        """It passes, and what is due is done."""
        self.now = Now(self.now.attended_s + seconds, self.now.wall_ns + round(seconds * 10**9))
        self._see(ADMINISTRATOR, None, self.dispatcher.tick(self.now))

    def restart(self) -> None:
        """Another server goes on with the same journal."""
        self.now = Now(1.0, self.now.wall_ns + 10**9)
        self.dispatcher = self._begun()

    def _see(self, who: Who, question: m.Question | None, outcome: Outcome) -> list[m.Reply]:
        self.story += outcome.records
        self.overseer.look(who, question, outcome.records, outcome.replies, stop=outcome.stop)
        for reply in outcome.replies:
            payload = encode(reply.answer, b"", reply.in_reply_to, self.now.wall_ns, self.state.epoch)
            assert len(SIGNER.seal(payload)) <= FRAME_LIMIT
        return outcome.replies


def people(data: bytes) -> None:
    """A conversation of them all with a server."""
    house = House()
    for turn, event in enumerate(read(data)):
        match event:
            case Said():
                _say(house, event)
            case TimePasses(seconds):
                house.pass_time(seconds)
            case PeerGone(peer):
                house.dispatcher.peer_gone(peer)
            case Restart():
                house.restart()
            case _:
                assert_never(event)
        if turn == TURNS or house.state.next_job > JOBS:
            return


def _say(house: House, said: Said) -> None:
    envelope = understood(said.payload)
    if envelope is None or not isinstance(envelope.message, m.Question):
        return
    question, who = envelope.message, SPEAKERS[said.peer % len(SPEAKERS)]
    if isinstance(question, m.Submit) and question.count > JOBS:
        return
    question = marked(who, question)
    if isinstance(question, m.Report):
        question = house.overseer.marked_report(question)
    as_said = m.Request(Handle(said.peer, b""), envelope.nonce, 0, question, envelope.epoch)
    house.say(who, said.peer, question, as_said)
