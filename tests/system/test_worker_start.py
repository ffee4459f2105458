"""A worker's jobs do not feel how it was started; and what it cannot have is refused in one line."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from system.cluster import GOQ, Cluster
from system.disk import small_disk
from system.jobs import script, shell
from system.proc import marked_pids, open_files, status_field

OF_THE_C_LIBRARY = 0b11 << 31  # signals 32 and 33: ignored after its posix_spawn, and set by who uses them
SIGNALS_OFF = "import os, signal, sys\n{}\nos.execvp(sys.argv[1], sys.argv[1:])"
IGNORE_ALL = """
for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM}:
    signal.signal(each, signal.SIG_IGN)
"""
BLOCK_ALL = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - {signal.SIGTERM})"

# --- signals ---------------------------------------------------------------------------------------


def signals_of_a_job(cluster: Cluster) -> tuple[int, int]:
    """Which signals a job ignores, and which are blocked in it."""
    said = cluster.run("grep", "-E", "SigIgn|SigBlk", "/proc/self/status")
    masks = dict(line.split(b":\t") for line in said.splitlines())
    return int(masks[b"SigIgn"], 16) & ~OF_THE_C_LIBRARY, int(masks[b"SigBlk"], 16)


def test_jobs_of_a_worker_in_a_script_s_background_can_be_interrupted(served: Cluster) -> None:
    """`sh start.sh` with `goq work forever &` in it: the shell has INT and QUIT ignored there."""
    start = script(served.folder / "start.sh", "#!/bin/sh", f"{GOQ} work forever &", "echo $! > pid", "wait")
    served.start_worker(prefix=["sh", str(start), "unused"])
    served.wait_for_stat(waitingWorkers=1)
    worker = int((served.away / "pid").read_text())

    assert int(status_field(worker, "SigIgn"), 16) & 0b110 == 0b110
    assert (0, 0) == signals_of_a_job(served)
    assert 130 == served.status(served.submit(*shell("kill -INT $$; echo lives")))
    assert 131 == served.status(served.submit("sh", "-c", "ulimit -c 0; kill -QUIT $$; echo lives"))
    os.kill(worker, signal.SIGTERM)
    assert 0 == served.daemons[-1].wait()


@pytest.mark.parametrize(
    "prefix",
    [
        ["nohup"],
        [sys.executable, "-c", SIGNALS_OFF.format(IGNORE_ALL)],
        [sys.executable, "-c", SIGNALS_OFF.format(BLOCK_ALL)],
    ],
    ids=["nohup", "all ignored", "all blocked"],
)
def test_jobs_find_all_signals_as_a_new_login_does(served: Cluster, prefix: list[str]) -> None:
    """Whatever its worker was made to ignore or to block; a job under nohup is still to hear of HUP."""
    worker = served.start_worker(prefix=prefix)

    assert (0, 0) == signals_of_a_job(served)
    assert 129 == served.status(served.submit(*shell("kill -HUP $$; echo lives")))
    assert 0 == worker.stop()


# --- open files ------------------------------------------------------------------------------------


def limited(soft: int, hard: int | None = None) -> list[str]:
    """What starts a program that may have so many files open."""
    below = "" if hard is None else f"ulimit -Hn {hard}; "
    return ["sh", "-c", f'ulimit -Sn {soft}; {below}exec "$@"', "limited"]


def test_a_worker_takes_more_open_files_than_it_was_given_and_its_jobs_do_not(served: Cluster) -> None:
    """A low limit that may be raised is no reason to fail, nor is a high one good for everybody."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    worker = served.start_worker("forever", "-j", "20", prefix=limited(32))
    served.wait_for_stat(waitingWorkers=20)

    assert b"32\n" == served.run(*shell("ulimit -Sn"))
    assert b"%d\n" % hard == served.run(*shell("ulimit -Hn"))
    assert open_files(worker.pid) > 32
    meet = 'touch "$1.$GOQ_JOB_ID"; until test $(ls "$1".* | wc -l) = 20; do sleep 0.05; done; ulimit -Sn'
    jobs = [served.submit(*shell(meet, served.folder / "here")) for _ in range(20)]
    assert [0] * 20 == served.statuses(jobs)
    assert {b"32\n"} == {served.output(job) for job in jobs}


@pytest.mark.parametrize(("slots", "hard"), [(20, 64), (1, 40), (4000, 4096)])
def test_a_worker_that_would_need_more_open_files_is_refused(served: Cluster, slots: int, hard: int) -> None:
    """In one line, before it has taken a job."""
    ended = served.goq_by(limited(32, hard), "work", "forever", "-j", str(slots))
    (line,) = ended.stderr.decode().splitlines()

    assert 1 == ended.returncode
    assert line.startswith(f"goq: -j {slots} needs up to ")
    assert f"a process may have {hard} (ulimit -Hn)" in line
    assert [] == marked_pids("OF_CLUSTER", served.mark)[1:], "only the server is left"


def test_what_fits_is_not_refused(served: Cluster) -> None:
    """With as many jobs as it may run, all at once, each of them writing."""
    slots = 5
    worker = served.start_worker("forever", "-j", str(slots), prefix=limited(32, 150))
    lines = [f"sh -c 'echo {number}; exec sleep 0.01'" for number in range(300)]
    served.submit_lines(lines)
    served.wait_for_stat(finishedJobsCount=300)

    assert worker.alive
    assert open_files(worker.pid) < 150


# --- what is said of a job -------------------------------------------------------------------------


def test_a_program_on_a_noexec_mount_is_called_so(cluster: Cluster) -> None:
    """ "Not executable" of a file with all its bits would send its owner in circles."""
    disk = small_disk(cluster.away)
    try:
        subprocess.run([*disk.enter, "mount", "-o", "remount,noexec", str(cluster.away)], check=True)
        for name, mode in (("task.sh", 0o755), ("plain.sh", 0o644)):
            (disk.root / name).write_text("#!/bin/sh\necho ran\n")
            (disk.root / name).chmod(mode)
        cluster.start_server()
        cluster.start_worker(prefix=disk.enter)
        home = cluster.folder / "outside"
        home.mkdir()
        by_path = cluster.submit("task.sh", cwd=home, env={"PATH": f"{cluster.away}:{os.environ['PATH']}"})
        named = cluster.submit(f"{cluster.away}/task.sh", cwd=home)
        plain = cluster.submit(f"{cluster.away}/plain.sh", cwd=home)
        by_shell = cluster.submit("sh", f"{cluster.away}/task.sh", cwd=home)
        for job, what in ((by_path, "'task.sh'"), (named, f"'{cluster.away}/task.sh'")):
            assert 126 == cluster.status(job)
            assert f"{what} is on a file system that is mounted noexec" in cluster.output(job).decode()
        assert 126 == cluster.status(plain)
        assert b"mounted noexec" not in cluster.output(plain)
        assert 0 == cluster.status(by_shell)
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        disk.close()


def memory(cluster: Cluster, *words: str) -> str:
    """What `goq history` says of a job's memory."""
    job = cluster.submit(*words)
    cluster.status(job)
    return cluster.done("history", str(job), cwd=cluster.here).partition(", memory ")[2].splitlines()[0]


def test_the_memory_of_a_job_is_its_own_or_unknown(working: Cluster) -> None:
    """A job that does nothing has not had the megabytes of what started it."""
    for words in (("true",), shell("exit 3"), ("sleep", "0.2"), ("no-such-command",)):
        assert "unknown" == memory(working, *words)
    kib = memory(working, sys.executable, "-c", "x = b'x' * (64 << 20)").removesuffix(" KiB")

    assert 64 << 10 < int(kib) < 200 << 10


# --- in place --------------------------------------------------------------------------------------


def test_setsid_runs_in_place(working: Cluster) -> None:
    """It ended at once and did nothing: setsid(1) forks where it leads its group, and its child was ended."""
    gate = working.folder / "written"
    job = working.submit("setsid", *shell(f"sleep 0.3; echo done; touch {gate}; exit 5"))

    assert 5 == working.status(job)
    assert working.output(job).startswith(b"done\n")
    assert gate.exists()


@pytest.mark.parametrize("number", ["TERM", "INT", "KILL", "HUP"])
def test_a_signal_to_its_own_group_ends_the_job_and_nothing_else(served: Cluster, number: str) -> None:
    """`kill 0` in a script; the jobs beside it, their shepherds and the worker are not meant."""
    worker = served.start_worker("forever", "-j", "2")
    started, gate = served.folder / "started", served.folder / "gate"
    wait_for_gate = 'touch "$1"; until test -e "$2"; do sleep 0.02; done; echo "$3"'
    beside = served.submit(*shell(wait_for_gate, started, gate, "beside"))
    served.wait_until(started.exists)
    job = served.submit(*shell(f"sleep 300 & kill -{number} 0; sleep 300"))
    status = served.status(job)
    gate.touch()

    assert 128 + getattr(signal, f"SIG{number}") == status
    assert 0 == served.status(beside)
    assert b"beside\n" == served.output(beside)
    assert b"next\n" == served.run("setsid", "echo", "next")
    assert worker.alive


def test_what_had_to_be_ended_is_told_in_a_last_line(working: Cluster) -> None:
    """How many, by name; of a job that failed, before the line that says how."""
    begin = "ready() { until test -s $1; do sleep 0.01; done; }; "
    daemon = "(setsid sh -c 'echo > a; exec sleep 300' &); ready a; sleep 0.1; "
    job = working.submit(*shell(begin + daemon + "echo out"))
    failed = working.submit(*shell(begin + daemon + "exit 3"))
    tidy = working.submit(*shell("sleep 0.05 & wait; echo out"))
    assert [0, 3, 0] == [working.status(each) for each in (job, failed, tidy)]

    assert b"out\ngoq: job 1: ended 1 process left behind: sleep\n" == working.output(job)
    first, second = working.output(failed).decode().splitlines()
    assert "goq: job 2: ended 1 process left behind: sleep" == first
    assert second.startswith("goq: job 2: ")
    assert second.endswith(": exit status 3")
    assert b"out\n" == working.output(tidy)


@pytest.mark.parametrize("command", ["work", "serve"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_who_was_started_with_a_signal_blocked_can_be_ended(
    served: Cluster, command: str, number: signal.Signals
) -> None:
    """A batch system may have had it blocked; nobody else will take that back."""
    blocked = "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); os.execvp(sys.argv[1], sys.argv[1:])"
    prefix = [sys.executable, "-c", blocked]
    if command == "work":
        started = served.start_worker(prefix=prefix)
        served.wait_for_stat(waitingWorkers=1)
    else:
        served.daemons[0].stop()
        started = served.start_server(prefix=prefix)
    if number == signal.SIGHUP:  # which means us in the foreground of a terminal only
        number = signal.SIGTERM

    assert 0 == started.stop(number)


@pytest.mark.parametrize("allowed", [1, 2, 3])
def test_a_bound_of_processes_is_told(served: Cluster, allowed: int) -> None:
    """By its name, so that one knows what to raise."""
    another = [
        "setpriv",
        "--reuid",
        "61233",
        "--regid",
        "61233",
        "--clear-groups",
        "--inh-caps=-all,+dac_override",
    ]
    another += ["--ambient-caps=-all,+dac_override", "--", "prlimit", f"--nproc={allowed}:{allowed}"]
    if os.geteuid():
        pytest.skip("only root can be somebody else")
    env = {"GOQ_SPOOL": str(served.folder / "another")}
    ended = served.start_worker(prefix=another, env=env)
    ended.wait()

    assert "(ulimit -u)" in ended.text()
    assert "Traceback" not in ended.text()
