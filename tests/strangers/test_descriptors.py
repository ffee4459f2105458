"""More strangers than the server has descriptors: who is inside goes on, and all is well afterwards."""

from system.cluster import Cluster
from system.jobs import held_until, touch
from system.proc import cpu_s, open_files

from strangers.others import Other

DESCRIPTORS = 100


def test_a_server_without_descriptors_keeps_its_jobs(cluster: Cluster) -> None:
    """A job ends while not one more file can be opened: its output is written later, not lost."""
    server = cluster.start_server(prefix=["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"])
    cluster.start_worker()
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate, "echo written in the end"))
    cluster.wait_for_start(job)
    with Other(cluster, "crowd", cluster.port, 2 * DESCRIPTORS, 0, 0, 0) as crowd:
        cluster.wait_until(lambda: open_files(server.pid) == DESCRIPTORS)
        used_s = cpu_s(server.pid)
        touch(gate)
        cluster.wait_until(lambda: "cannot write" in server.text())
        assert cluster.goq("stat", env={"GOQ_SENDTIMEOUT_MSEC": "50"}).returncode == 3

        assert cpu_s(server.pid) - used_s < 1.0, "it does not spin"
        crowd.end()
    cluster.wait_until(lambda: cluster.goq("stat").returncode == 0)

    assert 0 == cluster.status(job)
    cluster.wait_until(cluster.output_file(job).exists)
    cluster.wait_until(lambda: cluster.output(job) == b"written in the end\n")


def test_handshakes_that_never_end_give_their_descriptors_back(cluster: Cluster) -> None:
    """Not one file can be opened any more, not even to look for them; the strangers stay, and yet have no more."""
    cluster.done("init", "--tls")
    server = cluster.start_server(prefix=["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"])
    with Other(cluster, "crowd", cluster.port, DESCRIPTORS + 10, 0, 0, 0, "tls") as crowd:
        cluster.wait_until(lambda: open_files(server.pid) == DESCRIPTORS)
        cluster.wait_until(lambda: cluster.goq("stat").returncode == 0, within_s=60)
        crowd.end()

    assert cluster.goq("stat").returncode == 0
