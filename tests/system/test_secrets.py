"""The cluster id: who has it can run anything as its owner, so it must be nowhere else."""

from pathlib import Path

from system.cluster import Cluster
from system.jobs import held_until, touch


def test_the_cluster_id_is_in_no_log_journal_output_or_command_line(working: Cluster) -> None:
    """Logs are sent around, journals are copied, command lines are seen by everybody."""
    secret = (working.here / ".goqclusterid").read_text().strip()
    env = {"GOQ_CLUSTERID": secret, "COPY": f"x{secret}x"}
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "env"), env=env)
    working.wait_for_start(job)
    command_lines = [Path(f"/proc/{daemon.pid}/cmdline").read_bytes() for daemon in working.daemons[:2]]
    touch(gate)
    working.status(job)
    working.daemons[0].stop()
    kept = [
        path
        for place in (working.here / ".goq", working.here / "o", working.logs)
        for path in place.iterdir()
    ]
    holders = [path.name for path in kept if path.is_file() and secret.encode() in path.read_bytes()]

    assert [] == holders
    assert not any(secret.encode() in line for line in command_lines)


def test_only_the_two_files_meant_for_it_hold_the_cluster_id(working: Cluster) -> None:
    """Everything that the cluster has written anywhere, while it runs and after."""
    secret = (working.here / ".goqclusterid").read_bytes().strip()
    working.run_all(("true",), ("false",), ("./missing",))
    everything = [path for path in working.folder.rglob("*") if path.is_file()]
    holders = {path for path in everything if secret in path.read_bytes()}

    assert {working.here / ".goqclusterid", working.home / "goqclusterid"} == holders
