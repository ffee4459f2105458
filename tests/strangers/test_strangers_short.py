"""The short form of the hostile suite; `make hostile` is the long one."""

import pytest
from system.cluster import Cluster

from goq.adapters.wire.peers import STRANGERS
from strangers.measure import measure_crowd, measure_flood
from strangers.users import Yard

GROWN_KIB = 20 * 1024
TLS_GROWN_KIB = 1000 * 64  # for each of a thousand what a handshake leaves


def test_a_flood_of_forged_frames_keeps_nobody_out(served: Cluster) -> None:
    """It costs the processor time of refusing it, and no memory."""
    report = measure_flood(served, rate=5000, seconds=1.0, rounds=1)
    print(report.text())

    assert report.flooded[0].answers_a_second > 10
    assert report.flooded[0].jobs_a_second > 0
    assert report.flooded[0].slowest_answer_s < 10.0
    assert report.dropped > 1000
    assert report.grown_kib < GROWN_KIB


def test_a_crowd_that_greets_and_says_nothing_is_sent_away(working: Cluster) -> None:
    """So many connections may wait for a first word; the older ones of more leave at once."""
    report = measure_crowd(working, [50, 50, 0, 4 * STRANGERS], until=STRANGERS + 100, within_s=30)
    print(report.text())

    assert report.peak_files > STRANGERS
    assert max(report.jobs_s) < 10.0
    assert report.grown_kib < GROWN_KIB


def test_a_crowd_that_shakes_hands_and_says_nothing_is_sent_away(cluster: Cluster) -> None:
    """With TLS too a stranger gets so far without any certificate: a thousand have no more than their time."""
    cluster.done("init", "--tls")
    cluster.start_server()
    cluster.start_worker()
    report = measure_crowd(cluster, [250, 250, 0, 500], until=0, within_s=60, tls=True)
    print(report.text())

    assert "tls+tcp://" in cluster.daemons[0].text()
    assert report.peak_files > STRANGERS
    assert max(report.jobs_s) < 10.0
    assert report.given_back_s < 30.0
    assert report.grown_kib < TLS_GROWN_KIB


@pytest.mark.parametrize("kind", ["snapshot", "work"])
def test_a_flood_with_one_users_key_keeps_no_other_user_out(served: Cluster, kind: str) -> None:
    """It costs time, and it stays his own trouble: what he is not told fast enough he waits for."""
    cost = Yard(served).measure(kind, seconds=1.0)
    print(cost.text())

    assert cost.questions_a_second > 10
    assert cost.answers_a_second > 0
    assert cost.jobs_a_second > 0
    assert cost.slowest_answer_s < 10.0
