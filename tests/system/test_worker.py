"""`goq work`: when it ends, what a job gets from it, what it says of jobs that cannot start."""

import os
import re
import signal
import time

import pytest

from system.cluster import STAMP, Cluster
from system.jobs import JOB_MARK, held_until, lines_of, script, shell, touch
from system.proc import marked_pids, peak_kib

OF_THE_C_LIBRARY = 0b11 << 31  # signals 32 and 33: ignored after its posix_spawn, and set by who uses them

# --- its life ------------------------------------------------------------------------------------


def test_an_idle_worker_ends_after_a_second(served: Cluster) -> None:
    """The README: it stops after 1000 msec of inactivity."""
    before = time.monotonic()
    worker = served.start("work")
    code = worker.wait()
    took_s = time.monotonic() - before

    assert 0 == code
    assert 1.0 <= took_s < 10.0
    assert "no work came in 1000 msec" in worker.text()


def test_a_worker_without_forever_works_off_the_queue_first(served: Cluster) -> None:
    """It works until there are no more jobs."""
    jobs = served.submit_lines([f"echo {number}" for number in range(5)])
    worker = served.start("work", env={"GOQ_SENDTIMEOUT_MSEC": "200"})

    assert 0 == worker.wait()
    assert [b"%d\n" % number for number in range(5)] == [served.output(job) for job in jobs]


def test_an_idle_worker_without_forever_notices_that_its_server_is_gone(served: Cluster) -> None:
    """Nothing can come any more, so it must not stay for ever."""
    worker = served.start("work", env={"GOQ_SENDTIMEOUT_MSEC": "1500"})
    served.wait_for_stat(waitingWorkers=1)
    served.daemons[0].crash()

    assert 3 == worker.wait(within_s=10)
    assert "has gone" in worker.text().splitlines()[-1]


def test_forever_outlives_its_server_and_works_for_the_next(working: Cluster) -> None:
    """A node's workers are started once; the head node is rebooted now and then."""
    server = working.daemons[0]
    for round_number in range(2):
        working.wait_for_stat(waitingWorkers=1)
        server.stop()
        server = working.start_server()

        assert b"%d\n" % round_number == working.run("echo", str(round_number))
    assert working.daemons[1].alive


def test_forever_may_be_started_before_its_server(cluster: Cluster) -> None:
    """Machines come up in any order."""
    cluster.done("init")
    worker = cluster.start_worker()
    cluster.wait_until(lambda: "no job server" in worker.text())
    cluster.start_server()

    assert b"late\n" == cluster.run("echo", "late")


def test_the_worker_says_what_it_starts_and_finishes(working: Cluster) -> None:
    """Its log answers which machine ran what."""
    working.run("echo", "told")
    working.wait_until(lambda: "done with job 1" in working.daemons[1].text())
    text = working.daemons[1].text()
    begin = rf"(?m)^{STAMP}---- \[worker pid {working.daemons[1].pid}; {re.escape(working.address)}\] "

    assert re.search(begin + "looping forever", text)
    assert re.search(begin + rf"starting job 1: 'echo told' in '{working.away}'", text)
    assert re.search(begin + r"done with job 1: 'echo told'", text)


def test_four_slots_run_four_jobs_at_once(served: Cluster) -> None:
    """`-j 4` is four workers in one process."""
    served.start_worker("forever", "-j", "4")
    meet = 'touch "$1.$GOQ_JOB_ID"; until test $(ls "$1".* | wc -l) = 4; do sleep 0.02; done; echo met'
    served.submit_lines(lines_of(*[shell(meet, served.folder / "here")] * 4))

    assert [0] * 4 == served.statuses(range(1, 5))


def test_a_worker_leaves_nothing_in_its_spool(working: Cluster) -> None:
    """A node must not fill up with old outputs."""
    working.run_all(("echo", "a"), shell("head -c 200000 /dev/zero"), ("false",), ("./missing",))
    kept = [path.stat().st_size for path in working.spool.rglob("*.out")]
    working.daemons[1].stop()

    assert [0] == kept, "one file for the outputs to come"
    assert [] == list(working.spool.glob("*/*/*"))


# --- what a job gets -------------------------------------------------------------------------------


def test_a_job_has_its_own_group_and_nothing_on_its_standard_input(working: Cluster) -> None:
    """A job that reads must not wait for ever, nor steal from a terminal; a kill must not hit its worker."""
    group, stdin, open_files, read = working.run_all(
        shell("ps -o pgid= -p $$ | tr -d ' '; echo $$; ps -o pgid= -p $PPID | tr -d ' '"),
        ("readlink", "/proc/self/fd/0"),
        ("ls", "/proc/self/fd"),
        ("cat",),
    )
    pgid, pid, parents_pgid = group.split()

    assert pgid not in {pid, parents_pgid}
    assert b"/dev/null\n" == stdin
    assert {b"0", b"1", b"2"} >= set(open_files.split()) - {b"3"}  # 3 is ls's own
    assert b"" == read


def test_a_jobs_signals_are_as_in_a_shell(working: Cluster) -> None:
    """A job that inherits ignored signals cannot be interrupted, nor notice a broken pipe."""
    ignored, blocked = working.run_all(
        ("grep", "SigIgn", "/proc/self/status"), ("grep", "SigBlk", "/proc/self/status")
    )

    assert 0 == int(ignored.split()[1], 16) & ~OF_THE_C_LIBRARY
    assert 0 == int(blocked.split()[1], 16)


def test_the_cluster_id_is_nowhere_in_a_jobs_processes(working: Cluster) -> None:
    """Neither in its environment, nor in those of the processes above it."""
    secret = (working.here / ".goqclusterid").read_bytes().strip()
    gate = working.folder / "gate"
    env = {"GOQ_CLUSTERID": secret.decode(), JOB_MARK: working.mark}
    working.daemons[1].stop()
    working.start_worker(env={"GOQ_CLUSTERID": secret.decode()})
    job = working.submit(*held_until(gate), env=env)
    working.wait_for_start(job)
    pids = working.wait_until(lambda: marked_pids(JOB_MARK, working.mark))
    parents = [int(fields[1]) for pid in pids if (fields := _stat(pid))]
    seen = [_read(f"/proc/{pid}/{name}") for pid in pids + parents for name in ("environ", "cmdline")]
    touch(gate)
    working.status(job)

    assert any(seen)
    assert not any(secret in each for each in seen)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, ppid, pgrp, session, ...; none of what has ended."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].decode("ascii").split()


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


# --- jobs that cannot start ------------------------------------------------------------------------


def test_each_way_not_to_start_is_told_for_what_it_is(working: Cluster) -> None:
    """Missing, not executable, no interpreter, no folder: each needs another remedy."""
    script(working.away / "plain.sh", "#!/bin/sh", mode=0o644)
    script(working.away / "orphan.sh", "#!/no/such/interpreter")
    script(working.away / "garbage", "\x7f not a program", mode=0o755)
    gone = working.away / "gone"
    gone.mkdir()
    busy = working.folder / "gate"
    working.submit(*held_until(busy))
    commands = ["no-such-command", "./missing", "./plain.sh", "./orphan.sh", "./garbage", "/tmp"]
    jobs = dict(zip(commands, working.submit_lines(commands), strict=True))
    jobs["in gone"] = working.submit("true", cwd=gone)
    gone.rmdir()
    touch(busy)
    status = dict(zip(jobs, working.statuses(list(jobs.values())), strict=True))
    output = {what: working.output(job) for what, job in jobs.items() if what != "in gone"}
    told = working.goq("wait", str(jobs["in gone"])).stdout

    assert 127 == status["no-such-command"]
    assert b"command not found: 'no-such-command'" in output["no-such-command"]
    assert b"command not found: './missing'" in output["./missing"]
    assert 126 == status["./plain.sh"]
    assert b"'./plain.sh' is not executable" in output["./plain.sh"]
    assert 127 == status["./orphan.sh"]
    assert b"the interpreter of './orphan.sh' is not there" in output["./orphan.sh"]
    assert 126 == status["./garbage"]
    assert b"'./garbage' is no program" in output["./garbage"]
    assert b"'/tmp' is not executable" in output["/tmp"]
    assert 125 == status["in gone"]
    assert f"the folder '{gone}' is not there".encode() in told, "no host has started it, so it has no output"


def test_a_command_is_looked_up_on_the_submitters_path(working: Cluster) -> None:
    """What runs must be what `which` showed in the submitter's shell."""
    tools = working.folder / "tools"
    tools.mkdir()
    script(tools / "our-tool", "#!/bin/sh", "echo ours")

    assert b"ours\n" == working.run("our-tool", env={"PATH": f"{tools}:/usr/bin:/bin"})


# --- handing back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_hands_its_job_back(working: Cluster, number: int) -> None:
    """The job is killed, waits again in its place, and runs elsewhere as attempt 2."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo $GOQ_ATTEMPT"), env={JOB_MARK: working.mark})
    behind = working.submit("echo", "behind")
    working.wait_until(lambda: marked_pids(JOB_MARK, working.mark))
    code = working.daemons[1].stop(number)
    left = marked_pids(JOB_MARK, working.mark)
    counters = working.stat()
    touch(gate)
    working.start_worker()

    assert 0 == code
    assert [] == left
    assert ("0", "2") == (counters["runQlen"], counters["waitingJobs"])
    assert 0 == working.status(job)
    assert b"2\n" == working.output(job)
    assert 0 == working.status(behind)


def test_a_worker_with_many_slots_hands_all_its_jobs_back(served: Cluster) -> None:
    """In their order: none is lost, none overtakes another."""
    worker = served.start_worker("forever", "-j", "4")
    gate = served.folder / "gate"
    jobs = served.submit_lines(lines_of(*[held_until(gate, "echo $GOQ_ATTEMPT")] * 4))
    for job in jobs:
        served.wait_for_start(job)
    code = worker.stop()
    counters = served.stat()
    waiting = re.findall(r"WaitingJob\[jid (\d+)\]", served.done("stat"))
    touch(gate)
    served.start_worker()

    assert 0 == code
    assert ("0", "4") == (counters["runQlen"], counters["waitingJobs"])
    assert [str(job) for job in jobs] == waiting
    assert [0] * 4 == served.statuses(jobs)
    assert {b"2\n"} == {served.output(job) for job in jobs}


def start_stubborn(cluster: Cluster, *words: str) -> int:
    """A job that SIGTERM does not end."""
    started = cluster.folder / "started"
    stubborn = shell('trap "" TERM; touch "$1"; while true; do sleep 0.1; done', started)
    job = cluster.submit(*words, *stubborn, env={JOB_MARK: cluster.mark})
    cluster.wait_until(started.exists)
    return job


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_a_second_signal_kills_at_once_and_hands_back_all_the_same(working: Cluster, number: int) -> None:
    """Who presses Ctrl-C twice does not want to wait for a stubborn job; the server hears of it."""
    working.env["GOQ_KILL_GRACE_SEC"] = "60"
    worker = working.start_worker("forever")
    working.daemons[1].stop()
    start_stubborn(working)
    worker.tell(number)
    working.wait_until(lambda: "handing back" in worker.text())

    assert 0 == worker.stop(number)
    assert "killing what runs at once" in worker.text()
    counters = working.stat()
    assert ("0", "1", "0") == (counters["runQlen"], counters["waitingJobs"], counters["lostJobCount"])
    assert not marked_pids(JOB_MARK, working.mark)


def test_who_cannot_hand_back_says_so(working: Cluster) -> None:
    """The server is frozen: two seconds are enough. A third signal does not even wait for these."""
    working.env["GOQ_KILL_GRACE_SEC"] = "60"
    worker = working.start_worker("forever")
    working.daemons[1].stop()
    start_stubborn(working)
    working.daemons[0].freeze()
    worker.tell(signal.SIGTERM)
    working.wait_until(lambda: "handing back" in worker.text())
    worker.tell(signal.SIGTERM)

    assert 1 == worker.wait()
    assert "before the server had taken back all" in worker.text()
    working.daemons[0].thaw()
    working.wait_until(lambda: not marked_pids(JOB_MARK, working.mark), within_s=5)


def test_warnings_of_batch_systems_end_nothing(working: Cluster) -> None:
    """They go to all processes of a batch job: worker, shepherds, and here the server too."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo on"))
    working.wait_for_start(job)
    for daemon in working.daemons[:2]:
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGIO):
            os.killpg(daemon.pid, number)
        working.wait_until(lambda daemon=daemon: daemon.text().count("which means nothing here") == 5)  # type: ignore[misc]
    gate.touch()

    assert 0 == working.status(job)
    assert b"on\n" == working.output(job)
    assert 0 == working.daemons[0].stop(signal.SIGQUIT)


# --- long outputs ----------------------------------------------------------------------------------


def run_large(cluster: Cluster, size: int) -> None:
    """A job with so many bytes of output; neither server nor worker may hold them."""
    cluster.run("true")
    watched = cluster.daemons[:2]
    before = [peak_kib(daemon.pid) for daemon in watched]
    job = cluster.submit(
        *shell("yes 'a line of some length' | head -c $1 > data; sha256sum < data > sum; cat data", size)
    )
    cluster.wait_until(lambda: cluster.stat()["finishedJobsCount"] == "2", within_s=100)
    grown = [peak_kib(daemon.pid) - then for daemon, then in zip(watched, before, strict=True)]
    summed = cluster.goq_by(["sh", "-c", 'sha256sum "$0"', str(cluster.output_file(job))])

    assert size == cluster.output_file(job).stat().st_size
    assert summed.stdout.split()[0] == (cluster.away / "sum").read_bytes().split()[0]
    assert all(kib < 32 * 1024 for kib in grown), grown


def test_64_megabytes_of_output_need_no_memory(working: Cluster) -> None:
    """Bounded chunks, whatever the length."""
    run_large(working, 64_000_000)


@pytest.mark.skipif("GOQ_SLOW_TESTS" not in os.environ, reason="GOQ_SLOW_TESTS=1 runs it")
def test_500_megabytes_of_output_need_no_memory(working: Cluster) -> None:
    """The same for as much as anybody has asked for."""
    run_large(working, 500_000_000)


def test_a_long_job_shows_its_first_line_while_it_runs(working: Cluster) -> None:
    """A run of days that shows nothing is a run that is killed."""
    gate = working.folder / "gate"
    first = shell('echo first; until test -e "$1"; do sleep 0.02; done; echo last', gate)
    job = working.submit(*first)
    working.wait_until(lambda: working.output_file(job).exists() and working.output(job) == b"first\n")
    counters = working.stat()
    touch(gate)
    working.status(job)

    assert "1" == counters["runQlen"]
    assert b"first\nlast\n" == working.output(job)


def test_stdout_and_stderr_keep_their_order_in_a_long_output(working: Cluster) -> None:
    """One file, in the order written, however much it is."""
    both = 'for n in $(seq 1 20000); do echo "out $n"; echo "err $n" >&2; done'
    expected = "".join(f"out {n}\nerr {n}\n" for n in range(1, 20_001))

    assert expected.encode() == working.run(*shell(both))
