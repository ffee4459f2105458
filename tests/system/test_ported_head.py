"""What the later goq's tests and features claim, against the installed program.

Left out, because nothing here corresponds to them:
* keys_test, djbnacl_test, clisrv_test (AES, NaCl, an RPC library of their own): the signature
  is tested in `test_strangers`, the encrypted transport where it is made.
* web_test (a debugging web server), the rbtree under the nonces, the Windows paths.
* sloc_test's `serverloc` file: there is none; GOQ_* variables tell where the server is.
* `work oneshot`: `goq work` ends by itself when there is no work.
* the script file around each job (`.goq.run.script_*`) and its unquoting: words stay words,
  and whoever wants a shell names one (`test_a_shell_line_redirects_and_reads_back`).
* home mapping between machines: a job runs in the folder where it was submitted.
"""

import concurrent.futures
import os
import stat
from pathlib import Path

from system.cluster import Cluster
from system.jobs import held_until, shell, touch

# --- cancel_test ---------------------------------------------------------------------------


def test_cancelling_an_endless_job_leaves_its_worker_alive(working: Cluster) -> None:
    """A kill that costs a worker costs a node."""
    job = working.submit(*shell("while true; do sleep 0.05; done"))
    working.wait_for_start(job)
    working.done("kill", str(job))
    working.status(job)

    assert working.daemons[1].alive
    assert "1" == working.stat()["cancelledJobCount"]
    assert b"next\n" == working.run("echo", "next")


def test_the_output_of_a_cancelled_job_says_so(working: Cluster) -> None:
    """Half an output must not pass for a whole one."""
    started = working.folder / "started"
    job = working.submit(*shell('echo begun; touch "$1"; sleep 300', started))
    working.wait_until(started.exists)
    working.done("kill", str(job))
    working.status(job)
    first, last = working.output(job).splitlines()

    assert b"begun" == first
    assert b"cancelled" in last
    assert str(working.away).encode() in last


# --- immo_test -----------------------------------------------------------------------------


def test_immolateworkers_ends_ten_idle_workers(served: Cluster) -> None:
    """One command to take a cluster's workers down."""
    workers = [served.start_worker("forever", "-j", "5") for _ in range(2)]
    served.wait_for_stat(waitingWorkers=10)
    said = served.done("immolateworkers")
    codes = [worker.wait() for worker in workers]

    assert "immolate workers command submitted" in said
    assert [0, 0] == codes
    assert "0" == served.stat()["waitingWorkers"]


def test_immolateworkers_lets_a_busy_worker_finish_first(working: Cluster) -> None:
    """The job that runs is somebody's work."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo whole"))
    working.wait_for_start(job)
    working.done("immolateworkers")
    working.daemons[1].may_end = True
    touch(gate)

    assert 0 == working.status(job)
    assert b"whole\n" == working.output(job)
    assert 0 == working.daemons[1].wait()


# --- nextjob_test, save_test ---------------------------------------------------------------


def test_the_next_job_id_stays_over_a_restart(served: Cluster) -> None:
    """A number that comes back would name two jobs."""
    served.submit("true")
    before = served.stat()["nextJobId"]
    served.daemons[0].stop()
    served.start_server()

    assert "2" == before == served.stat()["nextJobId"]
    assert 2 == served.submit("true")


def test_a_running_and_a_waiting_job_survive_a_restart(working: Cluster) -> None:
    """The head node may be rebooted under the work."""
    gate = working.folder / "gate"
    running = working.submit(*held_until(gate, "echo first"))
    waiting = working.submit("echo", "second")
    before = working.wait_for_stat(runQlen=1, waitingJobs=1)
    working.daemons[0].stop()
    working.start_server()
    after = working.stat()
    touch(gate)

    assert (before["runQlen"], before["waitingJobs"]) == (after["runQlen"], after["waitingJobs"])
    assert [0, 0] == [working.status(running), working.status(waiting)]
    assert b"first\n" == working.output(running)
    assert b"second\n" == working.output(waiting)


# --- startup_test, out_test ----------------------------------------------------------------


def test_the_server_keeps_its_things_where_it_was_started(working: Cluster) -> None:
    """Its user must know where to look, and nothing may appear elsewhere."""
    working.run("true")

    assert {".goq", ".goqclusterid", "o"} == set(os.listdir(working.here))
    assert [] == os.listdir(working.away)


def test_goq_odir_says_where_outputs_go(cluster: Cluster) -> None:
    """Outputs may belong on another disk."""
    cluster.env["GOQ_ODIR"] = "testo/deep"
    cluster.start_server()
    cluster.start_worker()
    job = cluster.submit("echo", "there")
    cluster.status(job)

    assert b"there\n" == (cluster.here / "testo" / "deep" / f"out.{job:05d}").read_bytes()
    assert not (cluster.here / "o").exists()


# --- sloc_test, cfgenv_test ----------------------------------------------------------------


def test_the_folders_id_file_wins_over_the_environment(served: Cluster) -> None:
    """The README's precedence: whoever stands in the server's folder talks to that server."""
    counters = served.goq("stat", cwd=served.here, env={"GOQ_CLUSTERID": "5" * 40})

    assert 0 == counters.returncode


def test_of_a_dozen_variables_only_the_secret_is_held_back(working: Cluster) -> None:
    """A job needs its environment, and must not learn the key of the cluster."""
    secret = working.done("clusterid", "--current", cwd=working.here).strip()
    sane = {f"SANE_{number}": f"value {number}" for number in range(10)}
    leaks = {"GOQ_CLUSTERID": secret, "COPY": f"my id is {secret}!", f"N{secret}": "1"}
    output = working.run("env", env={**sane, **leaks}, cwd=working.here)

    assert {f"{name}={value}".encode() for name, value in sane.items()} <= set(output.splitlines())
    assert secret.encode() not in output
    assert b"COPY=" not in output


def test_the_first_server_makes_the_home_with_its_id(served: Cluster) -> None:
    """Without this file, commands from other folders could not sign anything."""
    path = served.home / "goqclusterid"

    assert (served.here / ".goqclusterid").read_bytes() == path.read_bytes()
    assert 0o700 == stat.S_IMODE(served.home.stat().st_mode)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


# --- shell_test ----------------------------------------------------------------------------


def test_a_shell_line_redirects_and_reads_back(working: Cluster) -> None:
    """Redirections and `;` work where a shell was asked for."""
    output = working.run("bash", "-c", "/bin/echo hello > hi.there; cat hi.there")

    assert b"hello\n" == output
    assert "hello\n" == (working.away / "hi.there").read_text()


# --- bytes_test, cryrand_test --------------------------------------------------------------


def test_every_byte_survives_its_round_trip(working: Cluster) -> None:
    """Output is data, not text."""
    every = bytes(range(256)) * 3
    data = working.folder / "data"
    data.write_bytes(every)

    assert every == working.run("cat", str(data))


# --- replay_test ---------------------------------------------------------------------------
# See test_strangers: a captured submission that is sent again queues nothing.


# --- ofh_test ------------------------------------------------------------------------------


def test_forty_submissions_leave_no_open_files_behind(served: Cluster) -> None:
    """The original ran out of file descriptors after 500 jobs."""
    fds = Path(f"/proc/{served.daemons[0].pid}/fd")
    served.submit("true")
    served.stat()
    before = len(os.listdir(fds))
    with concurrent.futures.ThreadPoolExecutor(4) as shells:
        list(shells.map(lambda _: served.submit("true"), range(40)))

    assert served.wait_until(lambda: len(os.listdir(fds)) < before + 8, or_show=lambda: os.listdir(fds))


# --- init, reset, version, the environment that a worker sees ----------------------------------


def test_init_makes_a_home_and_refuses_to_make_it_twice(cluster: Cluster) -> None:
    """A second key would lock out every node that has the first."""
    said = cluster.done("init")
    key = (cluster.home / "goqclusterid").read_bytes()
    again = cluster.goq("init")

    assert f"key created in '{cluster.home}/goqclusterid'" in said
    assert 1 == again.returncode
    assert b"already exists" in again.stderr
    assert key == (cluster.home / "goqclusterid").read_bytes()


def test_reset_zeroes_the_counts_and_the_history(working: Cluster) -> None:
    """Counters since the last reset; numbers and results stay."""
    done = working.submit("true")
    working.status(done)
    said = working.done("reset")
    counters = working.stat()

    assert "reset command submitted" in said
    assert ("0", "0") == (counters["finishedJobsCount"], counters["cancelledJobCount"])
    assert "finished:" not in working.done("stat")
    assert 0 == working.status(done)
    assert done + 1 == working.submit("true")


def test_a_job_knows_its_number_and_attempt(working: Cluster) -> None:
    """Jobs name their files after it."""
    working.submit("true")
    job = working.submit(*shell("echo $GOQ_JOB_ID $GOQ_ATTEMPT"))
    working.status(job)

    assert b"2 1\n" == working.output(job)
