"""What is not signed by who may say it: a stranger's messages, and recorded ones of somebody else's."""

import os
import socket
import time

import pytest
from questions import questions
from strangers.wire import GREETING, connect, framed

from goq.adapters.wire.codec import encode
from goq.adapters.wire.keys import secret_of
from goq.adapters.wire.signing import Signer
from goq.core.values.who import ADMINISTRATOR, Role, Who
from system.cluster import Cluster
from system.tap import Tap, replay
from system.test_people import Person

WRONG_ID, WRONG_KEY = "7" * 40, "89abcdef" * 8
ANN = Who(Role.USER, "ann", 1)
UNTOLD = ("badNonceCount", "jservPid", "droppedBadSigCount")


@pytest.fixture(name="ann")
def _ann(served: Cluster) -> Person:
    person = Person(served, "user", "ann")
    person.join()
    return person


def heard(link: socket.socket) -> bytes:
    """What has come until now."""
    link.setblocking(False)
    found = b""
    try:
        while more := link.recv(65536):
            found += more
    except (BlockingIOError, ConnectionResetError):
        pass
    return found


@pytest.mark.parametrize("who", [ADMINISTRATOR, ANN], ids=lambda who: who.role)
def test_no_message_of_a_stranger_is_heard(ann: Person, who: Who) -> None:
    """Whatever it asks, with an id or a key that he has made up: it is counted, and nothing else."""
    cluster = ann.cluster
    ann.submit("--hold", "true")
    signer = Signer(WRONG_ID if who.is_administrator else secret_of(who, WRONG_KEY))
    links = [connect(cluster.port) for _ in questions(who)]
    for link, question in zip(links, questions(who), strict=True):
        frame = signer.seal(encode(question, os.urandom(16), b"", time.time_ns()))
        link.sendall(GREETING + framed(frame))
    cluster.wait_until(lambda: cluster.stat()["droppedBadSigCount"] == str(len(links)))
    said = [heard(link) for link in links]
    for link in links:
        link.close()

    assert {GREETING[:4] + b"\0\x31\0\0"} == set(said), "the greeting of a server, and nothing behind it"
    assert "held" in ann.done("list")
    assert "0" == cluster.stat()["deniedCount"]


def what_is_there(cluster: Cluster) -> dict[str, str]:
    """All that the server counts, but for what comes of a repetition."""
    return {key: value for key, value in cluster.stat().items() if key not in UNTOLD}


@pytest.mark.parametrize(
    "words", [("sub", "true"), ("kill", "--user", "ann"), ("release", "--user", "ann")], ids=" ".join
)
def test_what_another_has_recorded_of_anns_moves_nothing(ann: Person, words: tuple[str, ...]) -> None:
    """Neither said again as it was, nor by bob on a connection over which he has just been heard."""
    cluster = ann.cluster
    bob = Person(cluster, "user", "bob")
    bob.join()
    ann.submit("--hold", "true")
    with Tap(cluster.port) as tap:
        for person, said in ((ann, words), (bob, ("list", "-a"))):
            person.env["GOQ_JSERV_PORT"] = str(tap.port)
            person.done(*said)
            del person.env["GOQ_JSERV_PORT"]
        anns, bobs = (each for each in tap.heard if len(each) > len(GREETING))
    ann.submit("--hold", "true")
    before = what_is_there(cluster)
    replay(cluster.port, anns)
    replay(cluster.port, bobs + anns.removeprefix(GREETING))

    assert before == what_is_there(cluster)
