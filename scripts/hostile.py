"""`make hostile`: strangers flood and crowd a real server, and so does a user; what honest clients notice of it.

Exit 0 only if throughput falls by less than the flood takes, and memory stays.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from strangers.insider import KINDS
from strangers.measure import measure_crowd, measure_flood
from strangers.users import Yard
from system.cluster import Cluster

GROWN_KIB = 20 * 1024
USERS_KIB = 512 * 1024  # what is kept for who does not read, and what he queues
SLOWEST_S = 10.0  # half of what goq waits for


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each quiet and flooded time (30)")
    parser.add_argument("--rounds", type=int, default=3, help="of a quiet and a flooded time (3)")
    parser.add_argument("--rate", type=int, default=5000, help="forged frames a second (5000)")
    parser.add_argument("--crowd", type=int, default=10_000, help="connections that say nothing (10000)")
    options = parser.parse_args()
    breaches = flooded(options.rate, options.seconds, options.rounds) + crowded(options.crowd)
    breaches += outbid(options.seconds)
    print("\n".join(breaches) or "no promise was broken")
    return bool(breaches)


def flooded(rate: int, seconds: float, rounds: int) -> list[str]:
    """What the flood does that it must not."""
    with Room() as cluster:
        report = measure_flood(cluster, rate, seconds, rounds)
    print(report.text(), flush=True)
    breaches = [
        f"{figure} falls by more than the flood takes"
        for figure in ("answers_a_second", "jobs_a_second")
        if report.falls_too_far(figure)
    ]
    return breaches + ["the flood grows the server"] * (report.grown_kib > GROWN_KIB)


def crowded(count: int) -> list[str]:
    """What the crowd does that it must not."""
    with Room() as cluster:
        cluster.start_worker()
        report = measure_crowd(cluster, [count // 4] * 4, until=0, within_s=90)
    print(report.text(), flush=True)
    return ["a job took long in a crowd"] * (max(report.jobs_s) > 10)


def outbid(seconds: float) -> list[str]:
    """What one user does to another that he must not, with each kind of question."""
    breaches = []
    for kind in ("", *KINDS):
        with Room() as cluster:
            cost = Yard(cluster).measure(kind, seconds)
        print(cost.text(), flush=True)
        if cost.slowest_answer_s > SLOWEST_S or not cost.jobs_a_second:
            breaches.append(f"one user's flood of '{kind}' keeps another out")
        if cost.grown_kib > USERS_KIB:
            breaches.append(f"one user's flood of '{kind}' grows the server")
    return breaches


class Room:
    """A cluster with a server, in a folder that is gone afterwards."""

    def __enter__(self) -> Cluster:
        self._folder = Path(tempfile.mkdtemp(prefix="goq-hostile-"))
        self._cluster = Cluster(self._folder)
        self._cluster.start_server()
        return self._cluster

    def __exit__(self, *_: object) -> None:
        self._cluster.close()
        shutil.rmtree(self._folder)


if __name__ == "__main__":
    sys.exit(main())
