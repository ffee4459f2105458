"""Whoever can reach the port but has not the cluster's id: he changes nothing but a counter."""

import os
import socket

import pynng
import pytest

from system.cluster import Cluster
from system.jobs import held_until, touch
from system.proc import peak_kib
from system.tap import Tap, replay

HANDSHAKE = b"\0SP\0\0\x30\0\0"  # what an nng request socket says first


def tapped(cluster: Cluster, *words: str) -> bytes:
    """Run a command through a man in the middle; what it said to the server."""
    with Tap(cluster.port) as tap:
        ended = cluster.goq(*words, env={"GOQ_JSERV_PORT": str(tap.port)})
        assert 0 == ended.returncode, ended
        (heard,) = [each for each in tap.heard if len(each) > len(HANDSHAKE)]
        return heard


# --- replays -------------------------------------------------------------------------------------


def test_a_replayed_submission_queues_nothing(served: Cluster) -> None:
    """It is validly signed, and still it is the same submission."""
    heard = tapped(served, "sub", "echo", "once")
    for _ in range(3):
        replay(served.port, heard)
    counters = served.stat()

    assert ("1", "2") == (counters["waitingJobs"], counters["nextJobId"])


def test_a_replayed_submission_queues_nothing_after_a_restart(served: Cluster) -> None:
    """What the server remembers of it must outlive the server."""
    heard = tapped(served, "sub", "echo", "once")
    served.daemons[0].crash()
    served.start_server()
    replay(served.port, heard)
    counters = served.stat()

    assert ("1", "2") == (counters["waitingJobs"], counters["nextJobId"])


@pytest.mark.parametrize("restart", [False, True])
def test_a_replayed_shutdown_stops_no_server(served: Cluster, restart: bool) -> None:
    """A word of command, recorded and said again, must not be obeyed."""
    heard = tapped(served, "reset") if not restart else tapped(served, "shutdown")
    if restart:
        served.daemons[0].wait()
        served.start_server()
    replay(served.port, heard)
    counters = served.stat()

    assert "1" == counters["badNonceCount"]
    assert served.daemons[-1].alive


def test_a_message_that_was_changed_on_its_way_is_dropped(served: Cluster) -> None:
    """Every bit counts: of the command as of the signature."""
    heard = tapped(served, "sub", "echo", "original")
    changed = heard.replace(b"original", b"tampered")
    replay(served.port, changed)
    replay(served.port, heard[:-1] + bytes([heard[-1] ^ 1]))
    counters = served.stat()

    assert changed != heard
    assert "2" == counters["droppedBadSigCount"]
    assert "2" == counters["nextJobId"]


# --- garbage -------------------------------------------------------------------------------------


def test_garbage_on_the_socket_disturbs_nobody(working: Cluster) -> None:
    """Port scanners, browsers, and worse."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo undisturbed"))
    working.wait_for_start(job)
    for garbage in (
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(100_000),
        HANDSHAKE,
        HANDSHAKE + b"\0" * 8,  # an empty frame
        HANDSHAKE + b"\xff" * 8 + b"x" * 1000,  # a frame of 2**64 - 1 bytes
        HANDSHAKE + (1 << 40).to_bytes(8, "big") + b"x" * 1000,
        HANDSHAKE + (4).to_bytes(8, "big") + b"\x80\0\0\1",  # a request with nothing in it
        HANDSHAKE + (100).to_bytes(8, "big") + b"cut",
    ):
        with socket.create_connection(("127.0.0.1", working.port), timeout=5) as connection:
            connection.sendall(garbage)
    touch(gate)

    assert 0 == working.status(job)
    assert b"undisturbed\n" == working.output(job)
    assert b"next\n" == working.run("echo", "next")


def test_garbage_in_frames_is_counted_and_unanswered(served: Cluster) -> None:
    """The counter is how the keeper hears of it; an answer would help the attacker."""
    frames = [b"", b"x", b"goq1", b"goq1" + bytes(32), b"goq1" + os.urandom(5000), os.urandom(1_000_000)]
    with pynng.Req0(dial=served.address.replace("tcp", "tcp"), recv_timeout=100, resend_time=-1) as stranger:
        for frame in frames:
            with stranger.new_context() as context:
                context.send(frame)
                with pytest.raises(pynng.Timeout):
                    context.recv()
    served.wait_for_stat(droppedBadSigCount=len(frames))

    assert "1" == served.stat()["nextJobId"]


def test_a_flood_of_garbage_grows_no_memory(served: Cluster) -> None:
    """What is not signed is dropped before anything is kept of it."""
    server = served.daemons[0]
    served.stat()
    before = peak_kib(server.pid)
    frame = os.urandom(1_000_000)
    with pynng.Req0(dial=served.address, send_timeout=20_000) as stranger:
        for _ in range(150):
            stranger.send(frame)  # a request socket gives up the one before
    served.wait_until(lambda: served.goq("stat").returncode == 0)
    grown = peak_kib(server.pid) - before

    assert grown < 100 * 1024, grown


def test_strangers_who_only_hold_connections_keep_nobody_out(working: Cluster) -> None:
    """Two hundred open sockets that say nothing."""
    silent = [socket.create_connection(("127.0.0.1", working.port), timeout=5) for _ in range(200)]
    try:
        assert b"served\n" == working.run("echo", "served")
    finally:
        for each in silent:
            each.close()
