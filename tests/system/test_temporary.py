"""TMPDIR: each job has one of its own, which goes with it."""

import os

from system.cluster import Cluster
from system.jobs import held_until, shell, touch


def test_jobs_that_run_at_once_have_folders_apart(cluster: Cluster) -> None:
    """Two of the same program, with the same names for their files."""
    cluster.start_server()
    worker = cluster.start_worker("forever", "-j", "2")
    gate = cluster.folder / "gate"
    then = 'echo "$TMPDIR"; touch "$TMPDIR/file"; stat -c %a "$TMPDIR"; python3 -c "import tempfile as t; print(t.mkdtemp())"'
    jobs = [cluster.submit(*held_until(gate, then)) for _ in range(2)]
    cluster.wait_for_stat(runQlen=2)
    touch(gate)
    for job in jobs:
        cluster.wait_for_end(job)
    (one, mode, below), (other, *_) = (cluster.output(job).decode().splitlines() for job in jobs)

    assert one != other
    assert "700" == mode
    assert below.startswith(f"{one}/")
    assert one.startswith(f"{cluster.temporary}/goq.")
    cluster.wait_until(lambda: not os.path.exists(one) and not os.path.exists(other))
    worker.stop()
    cluster.wait_until(lambda: [] == list(cluster.temporary.iterdir()))


def test_of_a_worker_that_was_killed_nothing_is_left(working: Cluster) -> None:
    """With all its processes, as when a machine loses its power: then the next one tidies up."""
    job = working.submit("--no-requeue", *shell('touch "$TMPDIR/file"; exec sleep 300'))
    working.wait_for_start(job)
    working.wait_until(lambda: list(working.temporary.glob("goq.*/*/file")))
    working.daemons[1].crash()
    working.wait_until(lambda: [] == list(working.temporary.iterdir()))
    left = working.temporary / "goq.1234"
    (folder,) = [path for path in working.spool.glob("*/*/*") if path.is_dir()]
    (left / "0").mkdir(parents=True)
    (folder / "tmp").unlink()
    (folder / "tmp").symlink_to(left)
    working.start_worker()

    working.wait_until(lambda: not left.exists())
