"""`make hostile`: strangers flood and crowd a real server; what honest clients notice of it.

Exit 0 only if throughput falls by less than the flood takes, and memory stays.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from strangers.measure import measure_crowd, measure_flood
from system.cluster import Cluster

GROWN_KIB = 20 * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each quiet and flooded time (30)")
    parser.add_argument("--rounds", type=int, default=3, help="of a quiet and a flooded time (3)")
    parser.add_argument("--rate", type=int, default=5000, help="forged frames a second (5000)")
    parser.add_argument("--crowd", type=int, default=10_000, help="connections that say nothing (10000)")
    options = parser.parse_args()
    breaches = flooded(options.rate, options.seconds, options.rounds) + crowded(options.crowd)
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
