"""A pipeline as a lab has it: three stages over an array, on workers that differ, with failures, a death and a drain."""

from pathlib import Path

from namespaces import on_host

from system.cluster import Cluster
from system.jobs import shell

TASKS = 1000
RETRIES = 3
QUICK = {"GOQ_HEARTBEAT_SEC": "1", "GOQ_LEASE_SEC": "4"}

# One attempt in fifty fails, which one is known beforehand, and never four of a task; the others say in the log that they are done.
STEP = """
if [ $(( (GOQ_TASK_ID * 7919 + GOQ_ATTEMPT * 29 + $2) % 50 )) -eq 0 ]; then exit 7; fi
echo "$2 $GOQ_TASK_ID ${GOQ_GPUS:-none}" >>"$1"
"""


def done(log: Path) -> list[tuple[int, int]]:
    """The stages and tasks that have been done, in their order."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(int(stage), int(task)) for stage, task, _ in (line.split(" ") for line in lines)]


def test_a_pipeline_is_complete_whatever_happens_to_its_workers(cluster: Cluster) -> None:
    """Each task of a stage begins once the same one of the stage before has ended well; none is left out."""
    log = cluster.away / "log"
    cluster.env.update(QUICK)
    cluster.start_server()
    stages: list[str] = []
    for stage, needs in enumerate((["-N", "map"], ["-N", "fold", "-c", "2"], ["-N", "plot", "--gpus", "1"])):
        behind = ["--after-each-ok", stages[-1]] if stages else []
        options = ["--array", f"1-{TASKS}", "--retries", str(RETRIES), "--backoff", "0.2", *needs, *behind]
        stages.append(cluster.done("sub", "-q", *options, *shell(STEP, log, stage)).strip())

    cluster.start_worker("forever", prefix=on_host(b"one"))
    four = cluster.start_worker("forever", "-j", "4", prefix=on_host(b"four"))
    cluster.start_worker("forever", "-j", "8", "--gpus", "2", prefix=on_host(b"eight"))
    cluster.wait_until(lambda: len(done(log)) > TASKS // 3)
    four.crash()
    cluster.wait_until(lambda: len(done(log)) > TASKS)
    cluster.done("drain", "one", "--why", "for the test")

    assert 0 == cluster.goq("wait", *stages).returncode
    firsts = {each: at for at, each in reversed(list(enumerate(done(log))))}
    assert {(stage, task) for stage in range(3) for task in range(1, TASKS + 1)} == set(firsts)
    for (stage, task), at in firsts.items():
        assert not stage or firsts[stage - 1, task] < at
    assert {"0", "1", "none"} == {line.split(" ")[2] for line in log.read_text().splitlines()}
    audited = cluster.goq("audit", cwd=cluster.here)
    assert 0 == audited.returncode, audited.stdout
