"""Connections that die in silence: noticed, replaced, and nothing asked in vain."""

import time
from collections.abc import Iterator

import pytest
from adapters.until import wait_until
from epochs import EPOCH
from faults.proxy import Proxy
from ports import free_port
from reports import asks, beats
from submissions import submit_of

from goq.adapters.wire.signing import Signer
from goq.core.messages import (
    AckReset,
    AckSubmit,
    Answer,
    AskAgain,
    News,
    Observe,
    ObserveEach,
    Question,
    Report,
    Reset,
    Snapshot,
    TakeSnapshot,
)
from goq.core.values.ids import NO_EPOCH, JobId, WorkerId
from goq.core.values.job import Claim, Worker
from goq.roles.client import calls
from goq.roles.client.calls import SHORTEST_BEAT_S, Calls
from roles.counter import ID, Asked, Counter
from roles.talk import NEVER

SUBMIT = submit_of(b"ls")
OBSERVE = Observe(JobId(1))
PARKED = [
    OBSERVE,
    ObserveEach((JobId(1), JobId(2))),
    News(7),
    asks(Worker(WorkerId("w"), "node", 1)),
    beats(Claim(EPOCH, JobId(1), 1, WorkerId("w"))),
]


class Line:
    """A client, a server, and a firewall between them that may forget their connections."""

    def __init__(self) -> None:
        port = free_port()
        self.counter = Counter(f"tcp://127.0.0.1:{port}")
        self.proxy = Proxy(port, 1)
        self.route = self.proxy.routes[0]
        self.calls = Calls(f"tcp://127.0.0.1:{self.route.port}", Signer(ID), beat_s=SHORTEST_BEAT_S)
        self.answers: list[Answer] = []
        self.until(lambda: self.calls.connected, "a connection")

    def ask(self, question: Question) -> None:
        wanted = EPOCH if isinstance(question, Report) and question.held else NO_EPOCH
        self.calls.ask(question, self.answers.append, resend_s=NEVER, wanted=wanted)

    def turn(self) -> None:
        self.calls.turn()
        self.counter.look()

    def until(self, claim: object, what: str) -> None:
        assert callable(claim)

        def turned() -> object:
            self.turn()
            return claim()

        wait_until(turned, what)

    def asked(self, question: Question, times: int = 1) -> list[Asked]:
        """Wait until the server was asked this so often."""

        def found() -> list[Asked]:
            return [each for each in self.counter.asked if each.question == question]

        self.until(lambda: len(found()) >= times, f"{question} for the {times}. time")
        return found()

    def forget(self) -> None:
        """From now on nothing passes over the connection that is there."""
        before = self.route.port
        self.route.forget = True
        wait_until(lambda: not self.route.forget, "the firewall's forgetting")
        assert before == self.route.port

    def close(self) -> None:
        self.calls.close()
        self.counter.close()
        self.proxy.close()


@pytest.fixture(name="line")
def _line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.mark.parametrize("question", [*PARKED, SUBMIT, Reset()], ids=lambda question: type(question).__name__)
def test_a_question_over_a_dead_connection_is_asked_over_another(line: Line, question: Question) -> None:
    """A NAT has forgotten it; neither end is told, and neither may wait for ever."""
    line.ask(question)
    line.asked(question)
    line.forget()
    again = line.asked(question, times=2)[1]
    line.counter.answer(again, AskAgain())
    line.until(lambda: line.answers, "its answer")

    assert [AskAgain()] == line.answers
    assert line.calls.is_well


def test_a_question_that_died_on_its_way_is_asked_again(line: Line) -> None:
    """The connection was dead already when it was asked."""
    line.forget()
    line.ask(SUBMIT)
    (asked,) = line.asked(SUBMIT)
    line.counter.answer(asked, AckSubmit(JobId(1), JobId(1)))
    line.until(lambda: line.answers, "its answer")

    assert [AckSubmit(JobId(1), JobId(1))] == line.answers


def test_an_answer_over_the_old_connection_is_as_good(line: Line) -> None:
    """The server was slow, and the new connection is not there yet."""
    line.ask(OBSERVE)
    (asked,) = line.asked(OBSERVE)
    line.route.still_until = 1e12  # new connections are not taken; the old one is only held
    line.until(lambda: not line.calls.is_well and len(line.calls.ways._ways) == 2, "another one to be made")
    line.route.still_until = 0.0
    line.counter.answer(asked, AskAgain())
    line.until(lambda: line.answers, "its answer")

    assert [AskAgain()] == line.answers


@pytest.mark.parametrize("question", PARKED, ids=lambda question: type(question).__name__)
def test_while_an_answer_may_take_long_a_sign_of_life_is_asked_for(line: Line, question: Question) -> None:
    """The job that is waited for may run for days, and the server has nothing to say meanwhile."""
    line.ask(question)
    peers = {line.asked(question)[0].handle.peer}
    for times in range(1, 6):  # longer than a connection without a word would live
        sign = line.asked(TakeSnapshot(0), times)[-1]
        line.counter.answer(sign, Snapshot())
        peers.add(sign.handle.peer)

    assert 1 == len(peers)
    assert 1 == len(line.asked(question))
    assert [] == line.answers


@pytest.mark.parametrize("question", [SUBMIT, Reset()], ids=lambda question: type(question).__name__)
def test_who_is_to_be_answered_at_once_asks_for_nothing_else(line: Line, question: Question) -> None:
    """In a storm of commands each would ask twice."""
    line.ask(question)
    line.asked(question, times=2)  # over another connection, since there was no answer

    assert {question} == {each.question for each in line.counter.asked}


def test_what_may_be_parked_is_tried_here() -> None:
    """To all else there is an answer at once, and its silence is a fault."""
    assert {type(question) for question in PARKED} == set(calls.PARKED)


def test_the_loop_wakes_for_a_silence(line: Line) -> None:
    """Nothing else would wake it: neither a frame, nor news of the connection."""
    line.ask(OBSERVE)

    assert line.calls.next_deadline() - time.monotonic() <= SHORTEST_BEAT_S


def test_who_asks_nothing_is_not_disturbed(line: Line) -> None:
    """Nothing can be lost then."""
    line.ask(Reset())
    line.counter.answer(line.asked(Reset())[0], AckReset())
    line.until(lambda: line.answers, "the answer")

    assert NEVER == line.calls.next_deadline()


def test_a_server_that_stays_silent_is_not_stormed(line: Line) -> None:
    """Its disk is full, say: each new connection comes later than the one before."""
    line.ask(OBSERVE)
    peers: list[int] = []

    def came() -> int:
        for asked in line.counter.asked:
            if asked.handle.peer not in peers:
                peers.append(asked.handle.peer)
        return len(peers)

    deadlines = []
    for count in (1, 2, 3):
        line.until(lambda count=count: came() >= count, f"connection {count}")
        deadlines.append(line.calls._pulse._last_s() - line.calls._pulse._since_s)

    assert [1, 2, 4] == [round(each / deadlines[0]) for each in deadlines]
