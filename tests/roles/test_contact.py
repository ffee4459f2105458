"""Is the server there? How long a command waits, and what it and a worker say when it is not."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from adapters.until import wait_until
from epochs import EPOCH
from msgspec.structs import replace
from ports import free_port

from goq.adapters.config import Config
from goq.adapters.remembered import Remembered, Served, remember
from goq.adapters.wire.certificates import KeyPair, new_key_pair
from goq.adapters.wire.codec import encode
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import ServerSocket
from goq.core.messages import AckReset, Answer, Reset
from goq.errors import ServerUnreachable
from goq.roles.client.ask import ask_over, connect
from goq.roles.client.calls import LONGEST_BEAT_S, Calls
from goq.roles.client.contact import ANSWER_TIMES, Contact, advice
from roles.counter import ID, OTHER_ID, Asked, Counter

pytestmark = pytest.mark.timeout(60)

TIMEOUT_S = 0.1
SP_REP_GREETING = b"\x00SP\x00\x00\x31\x00\x00"


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    """Of a server that would be here."""
    return Config(
        ip="127.0.0.1",
        port=free_port(),
        home=tmp_path,
        spool=tmp_path,
        output_folder=tmp_path,
        journal_folder=tmp_path,
        timeout_s=TIMEOUT_S,
        heartbeat_s=5.0,
        lease_s=60.0,
        kill_grace_s=5.0,
        crash_limit=5,
        keep_s=0.0,
        debug=False,
    )


def asked(config: Config) -> tuple[str, float]:
    """What a command says that asks in vain, and how many of its time-outs it has waited."""
    begun_s = time.monotonic()
    with connect(config, Signer(ID)) as calls, pytest.raises(ServerUnreachable) as refusal:
        ask_over(calls, config, Reset())
    return str(refusal.value), (time.monotonic() - begun_s) / config.timeout_s


@contextlib.contextmanager
def listener(config: Config, serve: Callable[[socket.socket], None]) -> Iterator[None]:
    """Somebody who takes connections there, and does this with each."""
    with socket.create_server((config.ip, config.port)) as listening:

        def go() -> None:
            with contextlib.suppress(OSError):
                while True:
                    serve(listening.accept()[0])

        thread = threading.Thread(target=go, daemon=True)
        thread.start()
        yield
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_where_nobody_listens_it_is_told_after_the_time_out(config: Config) -> None:
    """A typing error in the address must not cost a minute."""
    text, waited = asked(replace(config, timeout_s=1.0))

    assert f"no job server at tcp://127.0.0.1:{config.port} (Connection refused)" in text
    assert 1 <= waited < ANSWER_TIMES


def test_who_is_taken_and_not_greeted_waits_longer(config: Config) -> None:
    """A server that has no time just now answers everybody in the end; one that was stopped does not."""
    kept: list[socket.socket] = []
    with listener(config, kept.append):
        text, waited = asked(config)
    for each in kept:
        each.close()

    assert "does not speak with us: it is overloaded or stopped" in text
    assert waited >= ANSWER_TIMES


def test_who_is_greeted_and_not_answered_waits_longer(config: Config) -> None:
    """In a storm of commands each waits for all before it; a full disk does not end by waiting."""
    with ServerSocket(config.address):
        text, waited = asked(config)

    assert "no answer from" in text
    assert waited >= ANSWER_TIMES


def test_a_late_answer_is_waited_for(config: Config) -> None:
    """Many time-outs late; that is what the waiting is for."""
    counter = Counter(config.address)
    with connect(config, Signer(ID)) as calls:
        timer = threading.Timer(5 * TIMEOUT_S, lambda: counter.answer(counter.asked[0], AckReset()))

        def look() -> None:
            wait_until(counter.look, "the question")
            timer.start()

        looking = threading.Thread(target=look)
        looking.start()
        answer = ask_over(calls, config, Reset())
        looking.join()
        timer.join()
    counter.close()

    assert AckReset() == answer


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_another_kind_of_server_is_told_soon(config: Config, greeting: bytes) -> None:
    """Something listens there, and it is no goq server."""

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.sendall(greeting)

    with listener(config, serve):
        text, _ = asked(replace(config, timeout_s=0.5))

    assert "it is no goq server" in text


@pytest.mark.parametrize(("ours", "theirs"), [(True, True), (True, False), (False, True)])
def test_a_certificate_that_does_not_fit_is_told_soon(config: Config, ours: bool, theirs: bool) -> None:
    """Another one, or one on one side only."""
    pair = new_key_pair() if theirs else KeyPair("", "")
    place = replace(config.place, scheme="tls+tcp" if theirs else "tcp")
    mine = replace(config, timeout_s=0.5, tls_pem=new_key_pair().certificate if ours else "")
    with ServerSocket(place.address, pair.certificate, pair.private_key):
        text, _ = asked(mine)

    assert ("so nothing is said to it" in text) == ours
    assert "certificate" in text
    assert "goq init --join" in text


def test_another_cluster_s_answer_is_told_soon(config: Config) -> None:
    """It signs with another id."""
    counter = Counter(config.address)
    with connect(config, Signer(ID)) as calls:
        calls.ask(Reset(), lambda _: None, resend_s=1e9)
        turn_until(calls, counter.look, "the question")
        frame = Signer(OTHER_ID).seal(encode(AckReset(), b"", counter.asked[0].nonce, 1))
        counter.send(counter.asked[0], frame)
        turn_until(calls, lambda: calls.foreign_answers, "its answer")
        with pytest.raises(ServerUnreachable, match="has another cluster id than ours"):
            ask_over(calls, config, Reset())
    counter.close()


def turn_until(calls: Calls, claim: Callable[[], object], what: str) -> None:
    """Let the client have turns until the claim is true."""

    def turned() -> object:
        calls.turn()
        return claim()

    wait_until(turned, what)


def test_who_is_hung_up_on_is_of_another_cluster(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server says nothing to strangers; but it keeps no connection of theirs. They ask it once."""
    monkeypatch.setattr("goq.roles.client.calls.HANG_UP_S", 0.0)
    questions = 0

    def serve(connection: socket.socket) -> None:
        nonlocal questions
        with connection:
            connection.sendall(SP_REP_GREETING)
            connection.settimeout(5.0)
            while b"goq1" not in connection.recv(65536):
                pass
            questions += 1

    with listener(config, serve):
        text, _ = asked(replace(config, timeout_s=5.0))

    assert "most likely it has another cluster id than ours" in text
    assert 1 == questions


def resets_in(asked: list[Asked]) -> list[Asked]:
    """The question, apart from those for a sign of life."""
    return [each for each in asked if isinstance(each.question, Reset)]


def test_one_of_ours_who_was_sent_away_in_a_crowd_asks_again(config: Config) -> None:
    """A server that has no time closes connections as well; but not so late."""
    counters: list[Counter] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.sendall(SP_REP_GREETING)

    with connect(config, Signer(ID)) as calls:
        answers: list[Answer] = []
        calls.ask(Reset(), answers.append, resend_s=1e9)
        with listener(config, serve):
            turn_until(calls, lambda: calls._hang_ups >= 2, "being sent away twice")
            turn_until(calls, lambda: calls.connected, "another connection")
            pauses_s = [call.due_s - calls._connected_s for call in calls._open.values()]
        counters.append(Counter(config.address))
        turn_until(calls, lambda: resets_in(counters[0].look()), "the question again")
        counters[0].answer(resets_in(counters[0].asked)[0], AckReset())
        turn_until(calls, lambda: answers, "its answer")
        hung_up_on = calls.is_hung_up_on
    counters[0].close()

    assert not hung_up_on
    assert 1.0 <= pauses_s[0] <= LONGEST_BEAT_S  # and not at once
    assert [AckReset()] == answers


def test_a_guess_is_named_as_one(config: Config) -> None:
    """Nobody has told us where the server is."""
    text, _ = asked(replace(config, guessed=True))

    assert text.endswith("GOQ_JSERV_IP is not set; tried this machine's address")


HERE = Served(EPOCH.queue, 3, Path("/srv/q/.goq"), Path("/srv/q/o"), 1, Path("/"), "head")


@pytest.mark.parametrize(
    ("changes", "known", "expected"),
    [
        ({}, None, "; start one with 'goq serve'"),
        ({"ip": "192.0.2.7", "guessed": True}, None, "; 'goq up' starts one here, with a worker, and"),
        ({"ip": "192.0.2.7"}, None, "; see that 'goq serve' runs on that machine"),
        ({"ip": "head"}, None, "; see that 'goq serve' runs on that machine"),
        ({}, HERE, "in '/srv/q' on head: start 'goq serve' in that folder again"),
        ({}, replace(HERE, folder=Path("/srv/j")), "in a folder with GOQ_JOURNAL='/srv/j' on head: start"),
        ({"ip": "192.0.2.7"}, HERE, "; see that 'goq serve' runs on that machine"),
    ],
)
def test_it_is_told_where_to_start_a_server(
    config: Config, changes: dict[str, object], known: Served | None, expected: str
) -> None:
    """A second one beside the one that was there would be the wrong one."""
    if known:
        remember(config.home, Remembered("127.0.0.1", config.port, served=known))

    assert expected in advice(replace(config, **changes))


# --- a worker that waits on --------------------------------------------------------------------


class Watched:
    """A worker's connection, and what it says of it."""

    def __init__(self, config: Config) -> None:
        self.said: list[str] = []
        self.calls: Calls = connect(config, Signer(ID))
        self.contact = Contact(self.calls, config, self._say, config.timeout_s)

    def _say(self, text: str, _event: str = "", /, **_about: int | str) -> None:
        self.said.append(text)

    def until(self, claim: Callable[[], object], what: str) -> None:
        def turned() -> object:
            self.calls.turn()
            self.contact.turn()
            return claim()

        wait_until(turned, what)


def test_each_reason_is_said_once_and_its_end_too(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, then taken and not greeted, then refused again, then there: four lines, not forty."""
    monkeypatch.setattr("goq.roles.client.contact.LOOK_EVERY_S", 0.02)
    watched = Watched(config)
    kept: list[socket.socket] = []
    watched.until(lambda: watched.said, "the first reason")
    looks: set[float] = set()

    def looked_often() -> bool:
        looks.add(watched.contact.next_deadline())
        return len(looks) > 5

    watched.until(looked_often, "more looks")
    with listener(config, kept.append):
        watched.until(lambda: len(watched.said) == 2, "another reason")
    for each in kept:
        each.close()
    watched.until(lambda: len(watched.said) == 3, "the first reason again")
    counter = Counter(config.address)
    watched.calls.ask(Reset(), lambda _: None, resend_s=1e9)
    watched.until(counter.look, "a question")
    counter.answer(counter.asked[0], AckReset())
    watched.until(lambda: watched.calls.is_well, "a word of the server")
    watched.until(lambda: "is there again" in watched.said[-1], "the end of it")
    reasons = ["Connection refused", "does not speak with us", "Connection refused"]
    watched.calls.close()
    counter.close()

    assert [True] * 3 == [reason in text for reason, text in zip(reasons, watched.said[:3], strict=True)]
    assert all(text.endswith("(trying on)") for text in watched.said[:3])


def test_a_worker_whose_server_is_well_says_and_does_nothing(config: Config) -> None:
    """It sleeps until it is spoken to."""
    counter = Counter(config.address)
    watched = Watched(config)
    watched.calls.ask(Reset(), lambda _: None, resend_s=1e9)
    watched.until(counter.look, "a question")
    counter.answer(counter.asked[0], AckReset())
    watched.until(lambda: watched.calls.is_well, "a word of the server")
    watched.contact.turn()
    deadline = watched.contact.next_deadline()
    watched.calls.close()
    counter.close()

    assert float("inf") == deadline
    assert all("is there again" not in text for text in watched.said[1:])
