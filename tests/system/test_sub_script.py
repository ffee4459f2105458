"""`goq sub --script`: a script that is taken along."""

from pathlib import Path

from system.cluster import Cluster
from system.jobs import held_until, touch
from system.test_bad_input import complaint


def scripts_of(cluster: Cluster) -> list[Path]:
    """Those that lie in the spool."""
    return sorted(cluster.spool.rglob("*.script"))


def test_what_becomes_of_the_file_later_changes_nothing(working: Cluster) -> None:
    """The first thing that people do after a submission is to edit for the next one."""
    gate = working.folder / "gate"
    working.submit(*held_until(gate))
    file = working.away / "x.sh"
    for text in ("echo one $1 $GOQ_JOB_NAME; grep -c one $0", "#!/usr/bin/env python3\nprint('two')"):
        file.write_text(f"{text}\n#GOQ is a comment here\n")
        working.done("sub", "--script", "x.sh", "--", "-x")
    file.unlink()
    touch(gate)
    for job in (2, 3):
        working.wait_for_end(job)

    assert b"one -x\n1\n" == working.output(2)
    assert b"two\n" == working.output(3)
    working.wait_until(lambda: not scripts_of(working))


def test_it_may_come_from_a_pipe_and_bring_its_options(working: Cluster) -> None:
    """What was typed counts more; $0 is there while the job runs, and only its user's, to read."""
    text = b"#!/bin/bash\n#GOQ --name inner -e SEED=7\n#GOQ -C /\necho $GOQ_JOB_NAME $SEED $PWD $*\nstat -c %a $0\n"
    ended = working.goq("sub", "-q", "--name", "outer", "--script", "-", "a", "b", stdin=text)
    working.wait_for_end(1)

    assert b"1\n" == ended.stdout
    assert b"outer 7 / a b\n400\n" == working.output(1)
    assert "job 1: script a b\n" in working.done("history", "1", cwd=working.here)


def test_it_survives_a_restart_of_the_server(served: Cluster) -> None:
    """It is in the journal, as all that was asked for."""
    (served.away / "x.sh").write_text("echo here\n")
    served.done("sub", "--script", "x.sh")
    served.daemons[0].crash()
    served.start_server()
    served.start_worker()
    served.wait_for_end(1)

    assert b"here\n" == served.output(1)


def test_of_a_worker_that_was_killed_nothing_is_left(working: Cluster) -> None:
    """The next one on the machine tidies up."""
    (working.away / "x.sh").write_text("sleep 300\n")
    working.done("sub", "--no-requeue", "--script", "x.sh")
    working.wait_for_start(1)
    working.wait_until(lambda: scripts_of(working))
    working.daemons[1].crash()
    working.start_worker()

    working.wait_until(lambda: not scripts_of(working))


def test_a_bad_line_of_a_script_queues_nothing(served: Cluster) -> None:
    """It is told with file and line."""
    (served.away / "x.sh").write_text("#!/bin/sh\n#GOQ --cores 4\n")
    line = complaint(served.goq("sub", "--script", "x.sh"), 2)

    assert "goq: x.sh, line 2: " in line
    assert "--cores" in line
    (served.away / "y.sh").write_text("true\n")
    assert "--shell and --script" in complaint(served.goq("sub", "--shell", "--script", "y.sh"), 2)
    assert "1" == served.stat()["nextJobId"]
