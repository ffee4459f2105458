"""What one user's flood costs another: measured at a real server, from the outside.

Ann has a worker with jobs to do, and a client that asks one question after the other; Bob floods with a key of his own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from system.cluster import Cluster
from system.proc import cpu_s, resident_kib

from strangers.others import Other

CONNECTIONS = 8  # of whoever floods
JOBS = 50_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What Ann had while Bob did that, and what he took of the server."""

    kind: str
    answers_a_second: float
    slowest_answer_s: float
    jobs_a_second: float
    questions_a_second: float
    server_cores: float
    grown_kib: int

    def text(self) -> str:
        """For people."""
        return (
            f"{self.kind}: {self.questions_a_second:.0f} questions/s of Bob's; Ann has {self.answers_a_second:.0f}"
            f" answers/s, the slowest after {self.slowest_answer_s:.3f} s, and {self.jobs_a_second:.0f} jobs/s;"
            f" the server takes {self.server_cores:.2f} cores and grew by {self.grown_kib} KiB"
        )


def user(cluster: Cluster, name: str) -> Mapping[str, str | None]:
    """The environment of somebody who has joined with a key."""
    env: dict[str, str | None] = {
        "GOQ_HOME": str(cluster.folder / f"home-of-{name}"),
        "GOQ_SPOOL": str(cluster.folder / f"spool-of-{name}"),
        "GOQ_CLUSTERID": None,
    }
    token = cluster.done("user", "add", name)
    joined = cluster.goq("init", "--join", env=env, stdin=token.encode())
    assert joined.returncode == 0, joined
    return env


class Yard:
    """Ann at work, and Bob."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._ann, self._bob = user(cluster, "ann"), user(cluster, "bob")
        lines = "\n".join(["true"] * JOBS).encode()
        assert cluster.goq("sub", "lines@", "-", env=self._ann, stdin=lines).returncode == 0
        cluster.start_worker(env=self._ann)
        cluster.wait_until(lambda: cluster.stat()["finishedJobsCount"] != "0", every_s=0.1)

    def measure(self, kind: str, seconds: float) -> Cost:
        """What Ann has while Bob floods with that; "" for peace."""
        cluster, server = self._cluster, self._cluster.daemons[0].pid
        memory, cpu, ended = resident_kib(server), cpu_s(server), self._ended()
        if kind:
            with Other(cluster, "insider", kind, CONNECTIONS, env=self._bob) as bob:
                told = self._honest(seconds)
                flood = bob.end()
        else:
            told, flood = self._honest(seconds), {"frames": 0, "elapsed_s": 1.0}
        took_s = told["elapsed_s"]
        return Cost(
            kind or "peace",
            told["answers"] / took_s,
            told["slowest_s"],
            (self._ended() - ended) / took_s,
            flood["frames"] / flood["elapsed_s"],
            (cpu_s(server) - cpu) / took_s,
            resident_kib(server) - memory,
        )

    def _honest(self, seconds: float) -> dict[str, float]:
        with Other(self._cluster, "honest", seconds, env=self._ann) as client:
            told: dict[str, float] = client.told()
        return told

    def _ended(self) -> int:
        return int(self._cluster.stat()["finishedJobsCount"])
