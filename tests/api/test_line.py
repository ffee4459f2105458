"""Threads share a connection: each gets its own answer, whoever drives, and whatever becomes of the others."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from adapters.until import wait_until
from msgspec.structs import replace
from ports import free_address
from roles.counter import ID, Counter

from goq.adapters.config import Config, load_config
from goq.adapters.wire.places import place_of
from goq.core.messages import (
    AckReset,
    AskAgain,
    Happened,
    News,
    Observe,
    Refused,
    Reset,
    Snapshot,
    TakeSnapshot,
)
from goq.core.values.ids import JobId
from goq.errors import GoqError, RequestRefused, ServerUnreachable
from goq.roles.client import line as line_module
from goq.roles.client.line import Line

THREADS = 16


class Other:
    """The other end of a line, which a thread of ours drives; `answers` says what to each question."""

    def __init__(self, address: str) -> None:
        self.counter = Counter(address)
        self.seen = 0
        self.is_deaf = False
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def _go(self) -> None:
        while not self._ends.is_set():
            self.counter.look()
            for asked in self.counter.asked[self.seen :]:
                if self.is_deaf:
                    break
                self.seen += 1
                match asked.question:
                    case Observe(job):
                        self.counter.answer(asked, Refused(f"job {job}"))
                    case News(since):
                        self.counter.answer(asked, AskAgain() if since < 3 else Happened(since + 1))
                    case TakeSnapshot():
                        self.counter.answer(asked, Snapshot({"seen": self.seen}))
                    case _:
                        self.counter.answer(asked, AckReset())

    def close(self) -> None:
        self._ends.set()
        self._thread.join()
        self.counter.close()


@pytest.fixture(name="config")
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    place = place_of(free_address())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOQ_CLUSTERID", ID)
    monkeypatch.setenv("GOQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOQ_JSERV_IP", place.host)
    monkeypatch.setenv("GOQ_JSERV_PORT", str(place.port))
    monkeypatch.setenv("GOQ_SENDTIMEOUT_MSEC", "20000")
    return load_config()


@pytest.fixture(name="other")
def _other(config: Config) -> Iterator[Other]:
    other = Other(config.address)
    yield other
    other.close()


@pytest.fixture(name="line")
def _line(config: Config) -> Iterator[Line]:
    line = Line(config)
    yield line
    line.close()


def refusal(ask: Callable[[], object]) -> str:
    """What the server says no with."""
    with pytest.raises(RequestRefused) as caught:
        ask()
    return str(caught.value)


def test_each_thread_gets_its_own_answer(line: Line, other: Other) -> None:
    """However many there are, and whoever drives the connection for them."""

    def ask(which: int) -> list[str]:
        return [refusal(lambda job=which * 50 + at: line.ask(Observe(JobId(job)))) for at in range(1, 51)]  # type: ignore[misc]

    with ThreadPoolExecutor(THREADS) as pool:
        got = list(pool.map(ask, range(THREADS)))

    assert [[f"job {which * 50 + at}" for at in range(1, 51)] for which in range(THREADS)] == got
    assert THREADS * 50 == other.seen


def test_who_drives_hands_over(line: Line, other: Other) -> None:
    """The one at the socket leaves with its answer; who waits longer must not sleep on."""
    other.is_deaf = True
    with ThreadPoolExecutor(THREADS) as pool:
        asking = [pool.submit(refusal, lambda job=job: line.ask(Observe(JobId(job)))) for job in range(1, 17)]  # type: ignore[misc]
        wait_until(lambda: len(other.counter.asked) == THREADS, "all questions")
        for asked in other.counter.asked:  # one by one, from the first, who drives
            assert isinstance(asked.question, Observe)
            other.counter.answer(asked, Refused(f"job {asked.question.job}"))
            assert f"job {asked.question.job}" == asking[asked.question.job - 1].result(60)


def test_a_long_wait_is_in_nobody_s_way(line: Line, other: Other) -> None:
    """News may come late; others ask meanwhile, over the same connection."""
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(line.ask_until, News(1))
        wait_until(lambda: other.seen > 3, "questions")
        for job in range(1, 20):
            assert f"job {job}" == refusal(lambda job=job: line.ask(Observe(JobId(job))))  # type: ignore[misc]
        assert Happened(4) == line.ask_until(News(3))
        assert not waits.done(), "nobody had to wait for the one at the socket"
        line.close()
        assert isinstance(waits.exception(60), GoqError)


def test_one_that_gives_up_does_not_take_the_connection_along(config: Config, other: Other) -> None:
    """A question that nobody answers is its asker's trouble alone."""
    line = Line(config)
    assert line.ask(Reset()) == AckReset()
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(line.ask_until, News(0), time.monotonic() + 3)
        wait_until(lambda: other.seen > 2, "the long question")
        with pytest.raises(ZeroDivisionError):
            line.attend(lambda _: None, lambda: 1 // 0 > 0, 1.0)

        assert waits.result(60) is None
    line.close()


def test_what_was_given_up_is_not_asked_again(
    config: Config, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever uses the connection after it."""
    monkeypatch.setattr(line_module, "RESEND_S", 0.05)
    line = Line(config)

    def asked() -> int:
        return sum(each.question == News(0) for each in other.counter.asked)

    assert line.ask_until(News(0), time.monotonic() + 0.5) is None
    assert line.ask(Reset()) == AckReset()
    before = asked()
    line.attend(lambda _: None, lambda: False, 0.5)
    assert line.ask(Reset()) == AckReset()
    line.close()

    assert before == asked() > 1


def test_a_server_that_was_away_is_asked_again(config: Config) -> None:
    """Threads that wait for what may take its time go on with the next server."""
    first = Other(config.address)
    line = Line(config)
    assert line.ask(Reset()) == AckReset()
    with ThreadPoolExecutor(2) as pool:
        first.is_deaf = True
        waits = [pool.submit(line.ask_until, News(since)) for since in (5, 6)]
        wait_until(lambda: len(first.counter.asked) > first.seen + 1, "the questions")
        first.close()
        second = Other(config.address)

        assert [Happened(6), Happened(7)] == [each.result(60) for each in waits]
    line.close()
    second.close()


def test_closing_wakes_all(line: Line, other: Other) -> None:
    """Each hears that it was closed, also the one at the socket."""
    other.is_deaf = True
    with ThreadPoolExecutor(THREADS) as pool:
        asking = [pool.submit(line.ask, Observe(JobId(job))) for job in range(1, 17)]
        wait_until(lambda: len(other.counter.asked) == THREADS, "all questions")
        line.close()
        wait(asking, 60)

        for each in asking:
            assert isinstance(each.exception(0), GoqError)
            assert "closed" in str(each.exception(0))


def test_what_happened_while_nobody_asked_is_not_held_against_the_server(config: Config) -> None:
    """Connections that came and went in a rest say nothing: a program asks now and then, for days."""
    line = Line(config)
    other = Other(config.address)
    assert line.ask(Reset()) == AckReset()
    for _ in range(3):
        calls = line._calls
        assert calls is not None
        other.close()
        wait_until(lambda calls=calls: not (calls.turn(), calls.connected)[1], "the end")  # type: ignore[misc]
        other = Other(config.address)
        wait_until(lambda calls=calls: (calls.turn(), calls.connected)[1], "a new one")  # type: ignore[misc]
    assert calls is not None
    calls.is_hung_up_on, calls.foreign_answers = True, 3

    assert line.ask(Reset()) == AckReset()
    line.close()
    other.close()


def test_without_a_server_all_hear_that(config: Config) -> None:
    """Each after its own patience."""
    line = Line(replace(config, timeout_s=0.3))
    with ThreadPoolExecutor(THREADS) as pool:
        asking = [pool.submit(line.ask, Reset()) for _ in range(THREADS)]
        wait(asking, 60)

    assert all(isinstance(each.exception(0), ServerUnreachable) for each in asking)
    line.close()


def test_who_asks_for_days_while_there_is_no_server_opens_no_more_files(config: Config) -> None:
    """`goq top` asks again and again: what dials goes on with that, and each try is not another one that does."""
    line = Line(replace(config, timeout_s=0.1))
    for _ in range(2):
        with pytest.raises(ServerUnreachable):
            line.ask(Reset())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        with pytest.raises(ServerUnreachable):
            line.ask(Reset())
    assert len(os.listdir("/proc/self/fd")) <= before

    other = Other(config.address)
    line.config = config
    assert line.ask(Reset()) == AckReset()
    line.close()
    other.close()
