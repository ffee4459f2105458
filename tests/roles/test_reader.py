"""The way to the reader: a real process, which may be killed, frozen, or asked too much."""

import os
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import msgpack

from goq.adapters.store.journal import Journal
from goq.core.messages import Answer, Look, Refused, Reply, Shown
from goq.core.values.ids import Handle, Nonce
from goq.core.values.queries import AskLatest, Latest, query_bytes
from goq.core.values.who import ADMINISTRATOR, Role, Who
from goq.core.waits.parking import Parked
from goq.roles.server import reader as reader_module
from goq.roles.server.reader import WAITING_EACH, WAITING_LIMIT, Reader

LATEST = Look(query_bytes(AskLatest()))
PATIENCE_S = 30.0


class Way:
    """A reader of an empty journal, and who asks."""

    def __init__(self, folder: Path) -> None:
        Journal(folder).close()
        self.poll = select.poll()
        self.said: list[str] = []
        self.results = Counter[str]()
        self.reader = Reader(folder, folder / "o", self._say, self.poll, results=self.results)
        self._asked = 0

    def _say(self, text: str, _event: str = "", /, **_about: int | str) -> None:
        self.said.append(text)

    def ask(self, look: Look = LATEST, peer: int = 1, who: Who = ADMINISTRATOR) -> list[Reply]:
        self._asked += 1
        return self.reader.ask(Parked(Handle(peer, b"", who), Nonce(self._asked.to_bytes(16))), look)

    def answers(self, count: int = 1) -> list[Answer]:
        """The next answers, in their order."""
        return [reply.answer for reply in self.until(lambda replies: len(replies) >= count)]

    def until(self, enough: Callable[[list[Reply]], bool]) -> list[Reply]:
        replies, give_up_s = list[Reply](), time.monotonic() + PATIENCE_S
        while not enough(replies):
            assert time.monotonic() < give_up_s
            replies += self.reader.turn()
            self.poll.poll(10)
        return replies

    def begin(self) -> int:
        """Have the reader started; its pid."""
        self.ask()
        self.answers()
        (pid,) = self.reader.children
        return pid


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    way = Way(tmp_path / "journal")
    yield way
    way.reader.close()


def test_a_look_is_answered_from_the_journal(way: Way) -> None:
    way.ask()

    (answer,) = way.answers()

    assert isinstance(answer, Shown)
    assert {"found": 1} == way.results
    assert msgpack.decode(answer.found, type=Latest).last == 0


def test_no_reader_is_there_before_somebody_looks(way: Way) -> None:
    assert way.reader.turn() == []
    assert way.reader.children == ()


def test_looks_are_answered_in_their_order(way: Way) -> None:
    for peer in range(WAITING_LIMIT):
        assert way.ask(peer=peer) == []

    assert [reply.handle.peer for reply in way.until(lambda all_: len(all_) == WAITING_LIMIT)] == list(
        range(WAITING_LIMIT)
    )


def test_too_many_looks_at_once_are_refused_at_once(way: Way) -> None:
    for _ in range(WAITING_LIMIT):
        way.ask()

    (refused,) = way.ask()

    assert isinstance(refused.answer, Refused)
    assert "busy" in refused.answer.reason
    assert {"refused": 1} == way.results


@pytest.mark.parametrize("nonsense", [b"\xc1", b"", msgpack.encode({"type": "walk"}), b"\x91" * 60_000])
def test_nonsense_is_refused_and_does_no_harm(way: Way, nonsense: bytes) -> None:
    way.ask(Look(nonsense))
    way.ask()

    refused, shown = way.answers(2)

    assert isinstance(refused, Refused)
    assert isinstance(shown, Shown)
    assert {"refused": 1, "found": 1} == way.results


def test_a_reader_that_is_killed_is_followed_by_another(way: Way) -> None:
    pid = way.begin()
    os.kill(pid, signal.SIGKILL)
    way.until(lambda _: not way.reader.children)

    assert ["what looks into the journal was ended by signal 9; the next look starts it again."] == way.said
    assert way.begin() != pid


def test_who_has_a_look_there_when_it_is_killed_hears_of_it(way: Way) -> None:
    pid = way.begin()
    os.kill(pid, signal.SIGSTOP)
    way.ask()
    way.reader.turn()
    os.kill(pid, signal.SIGKILL)

    (refused,) = way.answers()

    assert isinstance(refused, Refused)
    assert 1 == way.results["lost"]


def test_a_look_that_takes_too_long_ends_with_its_reader(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = way.begin()
    monkeypatch.setattr(reader_module, "PATIENCE_S", 0.05)
    os.kill(pid, signal.SIGSTOP)
    way.ask()

    (refused,) = way.answers()

    assert isinstance(refused, Refused)
    assert way.reader.children == ()


def test_who_has_gone_is_not_looked_for(way: Way) -> None:
    way.ask(peer=1)
    way.ask(peer=2)
    way.reader.forget_peer(1)

    (reply,) = way.until(bool)

    assert reply.handle.peer == 2


def test_the_reader_ends_with_its_server(way: Way) -> None:
    """A server that was killed leaves nobody behind."""
    pid = way.begin()
    pidfd = os.pidfd_open(pid)
    assert way.reader._companion
    way.reader._companion.link._end.shutdown(2)

    assert select.select([pidfd], [], [], PATIENCE_S)[0]
    os.close(pidfd)


def test_who_looks_often_with_a_key_waits_for_himself(way: Way) -> None:
    """The next look is that of somebody else, and there is room for it."""
    ann, bob = Who(Role.USER, "ann", 1), Who(Role.USER, "bob", 1)
    refused = [way.ask(peer=at, who=bob) for at in range(WAITING_EACH + 5)]
    assert [1] * 5 == [len(each) for each in refused if each]
    assert [] == way.ask(peer=100, who=ann)

    order = [reply.handle.peer for reply in way.until(lambda all_: len(all_) == WAITING_EACH + 1)]
    assert order.index(100) <= 1
