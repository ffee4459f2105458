"""Whoever records what ours say, and says it again: inside the window, after it, after a restart."""

import os
import select
import socket
import time
from collections.abc import Callable

import pytest
from submissions import submit_of
from system.cluster import Cluster
from system.tap import Tap, replay

from goq.adapters.wire.codec import encode
from goq.adapters.wire.peers import STRANGER_S
from goq.adapters.wire.signing import Signer
from goq.core import messages as m
from goq.core.dispatch.freshness import NS_PER_S
from strangers.wire import GREETING, connect, framed

WINDOW_S = 60


def recorded(cluster: Cluster, run: Callable[[dict[str, str]], None]) -> list[bytes]:
    """All that was said to the server over a tapped line, a connection each."""
    with Tap(cluster.port) as tap:
        run({"GOQ_JSERV_PORT": str(tap.port)})
        return [heard for heard in tap.heard if len(heard) > len(GREETING)]


def a_worker_s_day(cluster: Cluster, job: int, line: dict[str, str]) -> None:
    """A worker asks for work, runs the job, reports it, and leaves."""
    worker = cluster.start_worker(env=line)
    cluster.wait_for_end(job)
    worker.stop()


def moment(cluster: Cluster) -> dict[str, str]:
    """What the server holds, but for what recordings may count up."""
    counted = ("badNonceCount", "staleResultCount", "jservPid")
    return {key: value for key, value in cluster.stat().items() if key not in counted}


@pytest.mark.parametrize("restart", [False, True], ids=["inside the window", "across a restart"])
def test_a_worker_s_recorded_day_moves_no_job(served: Cluster, restart: bool) -> None:
    """It had asked for a job, reported one and said goodbye; none of that may happen again."""
    first = served.submit("echo", "first")
    said = recorded(served, lambda line: a_worker_s_day(served, first, line))
    served.submit("echo", "not for the recording")
    if restart:
        served.daemons[0].crash()
        served.start_server()
    before = moment(served)
    for heard in said:
        replay(served.port, heard)

    assert said
    assert before == moment(served)
    assert ("1", "0") == (before["waitingJobs"], before["runQlen"])


def signed(cluster: Cluster, question: m.Question, age_s: float) -> bytes:
    """What one of ours has said so long ago, as somebody recorded it."""
    cluster_id = cluster.done("clusterid", "--current").strip()
    sent_ns = time.time_ns() - round(age_s * NS_PER_S)
    return framed(Signer(cluster_id).seal(encode(question, os.urandom(16), b"", sent_ns)))


def submission(cluster: Cluster) -> m.Submit:
    """What `goq sub` says, when it is recorded before it arrives."""
    return submit_of(b"true", folder=os.fsencode(cluster.away), submitter="ann@head")


@pytest.mark.parametrize("age_s", [WINDOW_S + 5, -WINDOW_S - 5, 10**9])
def test_what_was_said_outside_the_window_does_nothing(served: Cluster, age_s: float) -> None:
    """A message that was held up on its way, too: what it asks for may be wanted no more."""
    before = moment(served)
    questions: list[m.Question] = [
        submission(served),
        m.Reset(),
        m.ShutdownServer(),
        m.ImmolateWorkers(),
        m.TakeSnapshot(9),
    ]
    for question in questions:
        replay(served.port, GREETING + signed(served, question, age_s))
    after = served.stat()

    assert before == {key: after[key] for key in before}
    assert str(len(questions)) == after["badNonceCount"]


def is_open(connection: socket.socket) -> bool:
    """The server has not closed it; answers that have come are thrown away."""
    while select.select([connection], [], [], 0)[0]:
        if not connection.recv(4096):
            return False
    return True


def test_an_old_recording_does_not_keep_a_connection(served: Cluster) -> None:
    """Only who speaks for the cluster now may hold one of the server's descriptors for long."""
    with connect(served.port) as recording, connect(served.port) as ours:
        recording.sendall(GREETING + signed(served, m.TakeSnapshot(0), WINDOW_S + 5))
        ours.sendall(GREETING + signed(served, m.TakeSnapshot(0), 0))
        served.wait_until(lambda: not is_open(recording), within_s=STRANGER_S + 15)

        assert is_open(ours)
