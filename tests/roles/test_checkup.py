"""A worker that has its node checked: when, and what the server is told of it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from goq.adapters.jobs.checks import Check
from goq.adapters.jobs.launcher import Launcher
from goq.core.messages import AckLimit, Answer, SetLimit
from goq.roles.client.calls import Calls
from goq.roles.worker.checkup import Checkup

PATIENCE_S = 20.0


class Desk:
    """Takes questions, and answers none by itself."""

    def __init__(self) -> None:
        self.asked: list[SetLimit] = []
        self.open: list[Callable[[Answer], None]] = []

    def ask(self, question: SetLimit, on_answer: Callable[[Answer], None], *, resend_s: float) -> object:
        assert resend_s > 0
        self.asked.append(question)
        self.open.append(on_answer)
        return on_answer

    def cancel(self, call: Callable[[Answer], None]) -> None:
        self.open.remove(call)

    def answer(self) -> None:
        self.open.pop()(AckLimit(0))


class Room:
    """A checkup whose check is a file that a test can change."""

    def __init__(self, folder: Path, every_s: float) -> None:
        self.desk, self.said = Desk(), list[tuple[str, str]]()
        self.file = folder / "check"
        self.tell("exit 0")
        self.launcher = Launcher({b"PATH": b"/usr/bin:/bin"})
        check = Check(bytes(self.file), self.launcher, {b"PATH": b"/usr/bin:/bin"})

        def say(text: str, event: str = "", /, **_about: int | str) -> None:
            self.said.append((event, text))

        self.checkup = Checkup(check, cast("Calls", self.desk), say, "node7", every_s)

    def tell(self, line: str) -> None:
        """What the next check does."""
        aside = self.file.with_name("aside")
        aside.write_text(f"#!/bin/sh\n{line}\n")
        aside.chmod(0o755)
        aside.rename(self.file)

    def next(self) -> tuple[int | None, str]:
        """What the server is told next."""
        count, until_s = len(self.desk.asked), time.monotonic() + PATIENCE_S
        while len(self.desk.asked) == count:
            assert time.monotonic() < until_s
            time.sleep(min(0.005, max(0.0, self.checkup.next_deadline() - time.monotonic())))
            self.checkup.turn()
        last = self.desk.asked[-1]
        assert ("node:node7", "health") == (last.name, last.by.owner)
        return last.amount, last.why


@pytest.fixture(name="room")
def _room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path, 0.1)
    yield room
    room.checkup.close()
    room.launcher.close()


def test_the_server_is_told_each_time(room: Room) -> None:
    """What is lost, or undone by a person, is told again; a log tells what is new."""
    assert (None, "") == room.next()
    room.tell("echo full; exit 1")
    told = [room.next() for _ in range(3)]
    assert (0, "full") == told[-1] == told[-2]
    room.tell("exit 0")
    assert (None, "") in [room.next() for _ in range(2)]

    assert ["health trouble", "health recovered"] == [event for event, _ in room.said]
    assert 1 == len(room.desk.open), "only the latest counts"


def test_how_the_node_is_is_known_once_the_server_has_answered(room: Room) -> None:
    """Until then the worker asks for no work."""
    room.next()
    assert not room.checkup.is_known
    room.desk.answer()

    assert room.checkup.is_known


def test_checks_are_so_far_apart(tmp_path: Path) -> None:
    """However long each of them takes; there is never a second one at a time."""
    room = Room(tmp_path, 0.4)
    begun_s = time.monotonic()
    try:
        room.tell("sleep 0.2")
        for _ in range(3):
            room.next()
        assert 1.0 <= time.monotonic() - begun_s < PATIENCE_S
        assert room.checkup.next_deadline() > begun_s + 1.1
    finally:
        room.checkup.close()
        room.launcher.close()
