"""The link between a worker and its shepherd: whole messages over a socket pair."""

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.until import wait_until
from goq import __version__
from goq.adapters.jobs.link import GREETING, Link, Message

MESSAGE: Message = ("start", [b"ls", b"\xff"], b"/tmp", {b"A": b"1"}, 1.5, -7, "text \udcff")
plain = st.none() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.text()


@pytest.fixture(name="ends")
def _ends() -> Iterator[tuple[Link, Link]]:
    near, far = map(Link, socket.socketpair())
    yield near, far
    near.close()
    far.close()


@pytest.fixture(name="raw")
def _raw() -> Iterator[tuple[socket.socket, Link]]:
    """A link, and the bare other end of it."""
    near, far = socket.socketpair()
    link = Link(far)
    yield near, link
    near.close()
    link.close()


def wire(message: Message) -> bytes:
    """A message as it goes over the wire."""
    near, far = socket.socketpair()
    with near, far:
        Link(near).send(message)
        return far.recv(1 << 16).removeprefix(GREETING)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(plain, max_size=5).map(tuple), max_size=5))
def test_messages_arrive_whole_and_in_order(messages: list[Message]) -> None:
    """A job is started with exactly the words and variables that were meant."""
    near, far = map(Link, socket.socketpair())
    for message in messages:
        near.send(message)
    received = far.receive()
    near.close()
    far.close()

    assert messages == received


def test_nothing_there_is_no_message(ends: tuple[Link, Link]) -> None:
    """Reading never blocks: the loop has other things to do."""
    assert [] == ends[1].receive()
    assert not ends[1].closed


def test_what_is_put_goes_with_what_is_sent_next(ends: tuple[Link, Link]) -> None:
    """Several jobs wake the shepherd once."""
    near, far = ends
    near.put(("first",))
    near.put(("second",))
    assert [] == far.receive()
    near.send(("third",))
    assert [("first",), ("second",), ("third",)] == far.receive()
    near.put(("fourth",))
    near.flush()
    near.flush()
    assert [("fourth",)] == far.receive()


def test_both_directions_are_independent(ends: tuple[Link, Link]) -> None:
    """A kill may cross the report of the job's end."""
    ends[0].send(MESSAGE)
    ends[1].send(("ended",))

    assert ([("ended",)], [MESSAGE]) == (ends[0].receive(), ends[1].receive())


def test_a_message_may_come_in_pieces(raw: tuple[socket.socket, Link]) -> None:
    """Sockets deliver what they have; half a message is none yet."""
    near, link = raw
    data = GREETING + wire(MESSAGE) + wire(("kill", 15, 5.0))
    received = []
    for at in range(len(data)):
        near.send(data[at : at + 1])
        received.append(link.receive())
    whole = [at for at, messages in enumerate(received) if messages]

    assert [len(GREETING + wire(MESSAGE)) - 1, len(data) - 1] == whole
    assert [[MESSAGE], [("kill", 15, 5.0)]] == [received[at] for at in whole]


def test_a_message_may_be_large(ends: tuple[Link, Link]) -> None:
    """Arguments and environment of a job are up to 3 MiB, far more than a socket holds."""
    message = ("start", [b"x" * (3 << 20)])
    sender = threading.Thread(target=ends[0].send, args=(message,))
    sender.start()
    received = wait_until(ends[1].receive, "a large message")
    sender.join()

    assert [message] == received


def test_what_was_sent_before_the_end_is_still_received(ends: tuple[Link, Link]) -> None:
    """A shepherd reports, and may be killed right after."""
    ends[0].send(MESSAGE)
    ends[0].send(MESSAGE)
    ends[0].close()

    assert [MESSAGE, MESSAGE] == ends[1].receive()
    assert [] == ends[1].receive()
    assert ends[1].closed
    assert [] == ends[1].receive()


def test_half_a_message_before_the_end_is_dropped(raw: tuple[socket.socket, Link]) -> None:
    """The other end died while it wrote."""
    near, link = raw
    near.send(GREETING + wire(MESSAGE) + wire(MESSAGE)[:-1])
    near.close()

    assert [MESSAGE] == link.receive()
    assert [] == link.receive()
    assert link.closed


def test_sending_to_an_end_that_is_gone_raises_nothing(ends: tuple[Link, Link]) -> None:
    """The loop learns of it as of everything else: by looking. What that end has said is heard first."""
    near, far = ends
    far.send(MESSAGE)
    near.send(MESSAGE)
    near.close()
    far.send(MESSAGE)
    far.send(MESSAGE)

    assert [MESSAGE] == far.receive()
    assert [] == far.receive()
    assert far.closed


def test_a_closed_link_stays_closed(ends: tuple[Link, Link]) -> None:
    """Closing twice, and reading after that, are no errors."""
    ends[0].close()
    ends[0].close()

    assert ends[0].closed
    assert [] == ends[0].receive()


# --- which goq is at the other end ---------------------------------------------------------------


def test_the_first_that_is_said_is_which_goq_it_is(raw: tuple[socket.socket, Link]) -> None:
    """Once, before whatever comes first."""
    near, link = raw
    link.send(MESSAGE)
    link.send(MESSAGE)

    assert GREETING + wire(MESSAGE) + wire(MESSAGE) == near.recv(1 << 16)
    assert __version__.encode() in GREETING


@pytest.mark.parametrize(
    "greeting",
    [
        b"goq 0.0.9, marshal 4\n",
        GREETING.replace(b"marshal ", b"marshal 1"),
        GREETING[:-1] + b"0\n",
        b"\0\0\0\x05",
        b"",
    ],
)
def test_another_version_is_refused_and_not_read(raw: tuple[socket.socket, Link], greeting: bytes) -> None:
    """A goq that was replaced while it ran would take one message for another."""
    near, link = raw
    near.send(greeting + wire(MESSAGE))

    assert [] == link.receive()
    assert link.closed
    assert [] == link.receive()


def test_a_greeting_alone_is_no_message(raw: tuple[socket.socket, Link]) -> None:
    """Nor is half of one the end."""
    near, link = raw
    for piece in (GREETING[:3], GREETING[3:]):
        near.send(piece)

        assert [] == link.receive()
        assert not link.closed
    near.send(wire(MESSAGE))

    assert [MESSAGE] == link.receive()
