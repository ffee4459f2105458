"""A head node that is away for twice a lease, amid many running jobs. ABSENCE_SEC=120 is the whole form."""

import os
import re
import signal
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from system.cluster import Cluster, Daemon
from system.jobs import lines_of, shell

ABSENCE_S = float(os.environ.get("ABSENCE_SEC") or 5)
WORKERS, SLOTS, EARLY = 5, 10, 10
JOBS = WORKERS * SLOTS


@pytest.mark.timeout(120 + 2 * ABSENCE_S)
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL], ids=lambda how: how.name)
def test_a_server_that_is_away_costs_no_running_job(cluster: Cluster, how: signal.Signals) -> None:
    """Every job runs once, also those that end meanwhile, and every result comes home once."""
    cluster.env |= {"GOQ_LEASE_SEC": str(ABSENCE_S / 2), "GOQ_HEARTBEAT_SEC": str(ABSENCE_S / 24)}
    server = cluster.start_server()
    for _ in range(WORKERS):
        cluster.start_worker("forever", "-j", str(SLOTS))
    starts = cluster.folder / "starts"
    starts.mkdir()
    early, late = (gate(cluster.folder / name) for name in ("early", "late"))
    jobs = cluster.submit_lines(
        lines_of(*(held(starts, early if at < EARLY else late) for at in range(JOBS)))
    )
    cluster.wait_until(lambda: len(list(starts.iterdir())) == JOBS)
    server.tell(how)
    with open_gate(early):
        wait_for_absence(cluster, time.monotonic() + ABSENCE_S)
        kept = list(cluster.spool.rglob("*.result"))
        bring_back(cluster, server, how)
        with open_gate(late):
            statuses = cluster.statuses(jobs)
    audit = cluster.done("audit", cwd=cluster.here)

    assert EARLY == len(kept)
    assert [0] * JOBS == statuses
    assert {str(job): "1\n" for job in jobs} == {path.name: path.read_text() for path in starts.iterdir()}
    assert [b"result of %d\n" % job for job in jobs] == [cluster.output(job) for job in jobs]
    assert str(JOBS) == cluster.stat()["finishedJobsCount"]
    assert re.search(rf"^ +{JOBS} attempts$", audit, re.MULTILINE), audit


def held(starts: Path, gate: Path) -> tuple[str, ...]:
    """A job that notes its attempt, waits at the gate, and prints its result."""
    return shell('echo $GOQ_ATTEMPT >> "$1/$GOQ_JOB_ID"; : < "$2"; echo result of $GOQ_JOB_ID', starts, gate)


def gate(path: Path) -> Path:
    """A closed gate: who opens it for reading waits, and uses no processor meanwhile."""
    os.mkfifo(path)
    return path


def open_gate(path: Path) -> BinaryIO:
    """Let all go on that wait there, or come there before this is closed."""
    return path.open("r+b", buffering=0)


def wait_for_absence(cluster: Cluster, until: float) -> None:
    """Let the time pass in which the server is away."""
    cluster.wait_until(lambda: time.monotonic() > until, within_s=ABSENCE_S + 1, every_s=0.1)


def bring_back(cluster: Cluster, server: Daemon, how: signal.Signals) -> None:
    """The same server goes on, or another one begins where it was."""
    if how is signal.SIGSTOP:
        server.thaw()
    else:
        server.wait()
        cluster.start_server()
