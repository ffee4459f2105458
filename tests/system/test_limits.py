"""What bounds a running job: its time, its memory; and what a node does before and after it."""

import re
import sys
import time

from system.cluster import SHORT_LEASES, Cluster
from system.jobs import shell, touch
from system.proc import marked_pids
from system.test_bad_input import complaint
from system.test_terminal import on_a_terminal

DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"


def waited(cluster: Cluster, job: int) -> str:
    """What `goq wait` says of it."""
    return cluster.goq("wait", str(job)).stdout.decode().splitlines()[-1].partition("result: ")[2]


# --- time ----------------------------------------------------------------------------------------


def test_a_job_ends_when_its_time_is_up(working: Cluster) -> None:
    """Whoever looks for the reason finds it, wherever it is looked for."""
    before = time.monotonic()
    job = working.submit("--time", "0.6s", "sleep", "1000")

    assert 143 == working.status(job)
    assert 0.6 <= time.monotonic() - before < 10
    assert "job was ended: its time of 0.6 s was up." == waited(working, job)
    assert working.output(job).endswith(b": its time of 0.6 s was up\n")
    history = working.done("history", str(job), cwd=working.here)
    assert "result: finished, signal 15 (time: its time of 0.6 s was up), from" in history
    said = f"worker finished job {job}, exit status 143; job was ended: its time of 0.6 s was up."
    assert said in working.daemons[0].text()


def test_a_job_that_ends_in_time_ends_as_it_likes(working: Cluster) -> None:
    """The first one's time comes while the second one runs."""
    jobs = [working.submit("--time", limit, *shell("sleep 0.2; exit 3")) for limit in ("1.2", "1h30m")]
    jobs.append(working.submit(*shell("sleep 1.3")))

    assert [3, 3, 0] == working.statuses(jobs)
    assert "job failed with exit status 3." == waited(working, jobs[0])


def test_a_job_that_does_not_listen_is_killed_after_the_grace(served: Cluster) -> None:
    """As by `goq kill`."""
    served.start_worker(env={"GOQ_KILL_GRACE_SEC": "0.3"})
    job = served.submit("--time", "0.3", *shell(DEAF))

    assert 137 == served.status(job)
    assert "job was ended: its time of 0.3 s was up." == waited(served, job)


def test_a_job_may_tidy_up_when_its_time_is_up(working: Cluster) -> None:
    """With a status of its own; but in no case it has ended well."""
    tidy = "trap 'echo tidied; exit %d' TERM; while :; do sleep 0.05; done"
    jobs = [working.submit("--time", "0.4", *shell(tidy % code)) for code in (9, 0)]

    assert [9, 124] == working.statuses(jobs)
    assert [True, True] == [b"tidied\ngoq: job" in working.output(job) for job in jobs]
    assert "2" == working.stat()["failedJobsCount"]


def test_all_that_a_job_has_started_ends_with_its_time(served: Cluster) -> None:
    """Though it has left its session, and its parent."""
    served.start_worker(env={"GOQ_KILL_GRACE_SEC": "0.3"})
    script = "setsid bash -c 'trap \"\" TERM; setsid sleep 1000 & while :; do sleep 0.1; done' & (setsid sleep 1000 &); wait"
    job = served.submit("-e", "OF_LIMITED=1", "--time", "0.6", *shell(script))
    served.wait_until(lambda: len(marked_pids("OF_LIMITED", "1")) >= 5)

    assert served.status(job) in (137, 143)
    assert [] == marked_pids("OF_LIMITED", "1")


def test_a_frozen_worker_lengthens_no_job(working: Cluster) -> None:
    """The time is its shepherd's, which lives on its own."""
    worker = working.daemons[1]
    gate = working.folder / "begun"
    job = working.submit("-e", "OF_LIMITED=2", "--time", "1", *shell('touch "$1"; exec sleep 1000', gate))
    working.wait_until(gate.exists)
    worker.freeze()
    try:
        working.wait_until(lambda: not marked_pids("OF_LIMITED", "2"))
    finally:
        worker.thaw()

    assert 143 == working.status(job)
    assert "job was ended: its time of 1 s was up." == waited(working, job)


def test_the_first_reason_counts(served: Cluster) -> None:
    """A job that somebody kills is cancelled, though its time comes while it dies."""
    served.start_worker(env={"GOQ_KILL_GRACE_SEC": "2"})
    deaf = served.folder / "deaf"
    job = served.submit("--time", "1", *shell("trap '' TERM; touch $1; while :; do sleep 0.05; done", deaf))
    served.wait_until(deaf.exists)
    served.done("kill", str(job))

    assert 143 == served.status(job)
    assert "job was cancelled." == waited(served, job)
    assert "its time" not in served.done("history", str(job), cwd=served.here)


def test_each_attempt_has_the_whole_time(cluster: Cluster) -> None:
    """What an earlier one had was lost with its worker."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    worker = cluster.start_worker()
    begun = cluster.folder / "begun"
    job = cluster.submit("--time", "5", *shell('date +%N >> "$1"; sleep 1; echo done', begun))
    cluster.wait_until(begun.exists)
    worker.crash()
    cluster.start_worker()

    assert 0 == cluster.status(job)
    assert 2 == len(begun.read_text().splitlines())


def test_jobs_of_many_times_end_each_at_its_own(working: Cluster) -> None:
    """One after the other by the same shepherd, which minds each one's bound, and none of the one before."""
    limits = ["0.2", "1h", "0.3s", "2d", "150ms", "0:00:00.4"]
    jobs = [
        working.submit("--time", limit, *(("true",) if limit in ("1h", "2d") else ("sleep", "60")))
        for limit in limits
    ]

    assert [143, 0, 143, 0, 143, 143] == working.statuses(jobs)
    assert "job was ended: its time of 0.15 s was up." == waited(working, jobs[4])


# --- a signal before -----------------------------------------------------------------------------


def test_a_job_is_told_before_its_time_is_up(working: Cluster) -> None:
    """It saves what it has, and ends well; those of its processes that know nothing of it do not die of it."""
    save = "trap 'echo saved; exit 0' USR1; sleep 1000 & while :; do sleep 0.05; done"
    job = working.submit("--time", "60", "--signal", "USR1@59.5", *shell(save))

    assert 0 == working.status(job)
    assert re.fullmatch(
        rb"saved\ngoq: job 1: ended \d process(es)? left behind: sleep.*\n", working.output(job)
    )
    assert "success, job was completed." == waited(working, job)


def test_a_job_that_was_told_ends_all_the_same(working: Cluster) -> None:
    """Once is enough to be told."""
    count = "trap 'echo told' SIGUSR2; while :; do sleep 0.05; done"
    job = working.submit("--time", "2", "--signal", "sigusr2@1", *shell(count))

    assert 143 == working.status(job)
    assert re.fullmatch(rb"told\ngoq: job .*: its time of 2 s was up\n", working.output(job))


def test_bounds_may_stand_in_a_script_and_hold_for_each_line(working: Cluster) -> None:
    """Wherever options may be said."""
    script = working.away / "train.sh"
    script.write_text("#!/bin/sh\n#GOQ --time 0.3 --mem 1G\nsleep 100\n")
    jobs = [working.submit("--script", str(script))]
    (working.away / "lines").write_text("sleep 100\ntrue\nsleep 200\n")
    first, last = working.done("sub", "-q", "--time", "0.3", "lines@", "lines").strip().split("-")
    jobs += range(int(first), int(last) + 1)

    assert [143, 143, 0, 143] == working.statuses(jobs)
    shown = on_a_terminal(working, "list", "--tasks")
    assert 3 == len(re.findall(r"^ *\d+ .*\btime\b.*time limit", shown, re.MULTILINE)), shown


# --- what makes no sense -------------------------------------------------------------------------


def test_bounds_that_make_no_sense_queue_nothing(served: Cluster) -> None:
    """One line that names the word, and shows a right one."""
    wanted = {
        ("--time", "5x"): "--time: '5x' is no duration; 90, 0.5s, 1h30m and 2d are",
        ("--time", "-5"): "--time: '-5' is no duration",
        ("--time", ""): "--time: '' is no duration",
        ("--time", "1:30"): "--time: '1:30' is no duration",
        ("--time", "0"): "--time: '0' is no time at all; --time 1h30m is right",
        ("--time", "nan"): "--time: 'nan' is no duration",
        ("--time", "9" * 60): "... is longer than 100 years".replace("...", "9...'"),
        ("--signal", "USR1@60"): "--signal USR1@60 needs --time",
        ("--time", "60", "--signal", "USR1@60"): "--signal USR1@60 would come before the job has begun",
        (
            "--time",
            "60",
            "--signal",
            "USR1",
        ): "--signal: 'USR1' does not say how long before the end; --signal USR1@60",
        ("--time", "60", "--signal", "FOO@5"): "--signal: 'FOO' is no signal; 'kill -l' shows their names",
        ("--time", "60", "--signal", "@5"): "--signal: '' is no signal",
        ("--time", "60", "--signal", "KILL@5"): "--signal: no job can hear KILL",
        ("--time", "60", "--signal", "USR1@"): "--signal: '' is no duration",
        ("--mem", "4X"): "--mem: '4X' is no size; 512M, 4G and 1.5GiB are",
        ("--mem", "-4G"): "--mem: '-4G' is no size",
        ("--mem", "0"): "--mem: '0' is less than 1 MiB, in which nothing runs; --mem 512M is right",
        ("--mem", "512B"): "--mem: '512B' is less than 1 MiB",
        ("--mem", "9E"): "--mem: '9E' is more than 1 EiB",
    }
    for words, line in wanted.items():
        said = complaint(served.goq("sub", *words, "true"), 2)
        assert line in said
        assert said.endswith(". Nothing was queued.\n"), said
    assert "1" == served.stat()["nextJobId"]


# --- memory --------------------------------------------------------------------------------------

HOG = "import sys, time; x = b'x' * (int(sys.argv[1]) << 20); print('full', flush=True); time.sleep(float(sys.argv[2]))"


def hog(mib: int, for_s: float = 60.0) -> tuple[str, ...]:
    """A job that takes so much memory, and keeps it."""
    return (sys.executable, "-c", HOG, str(mib), str(for_s))


def test_a_job_that_has_too_much_memory_ends(working: Cluster) -> None:
    """Both numbers are told: somebody has to find the right one."""
    job = working.submit("--mem", "100M", *hog(300))

    assert 137 == working.status(job)
    found = re.fullmatch(r"job was ended: it had (\d+) MiB, and asked for 100 MiB\.", waited(working, job))
    assert found, waited(working, job)
    assert 100 < int(found[1]) < 400
    assert "(memory: it had" in working.done("history", str(job), cwd=working.here)


def test_a_job_that_fits_is_left_alone(working: Cluster) -> None:
    """And so are those that asked for nothing."""
    jobs = [working.submit("--mem", "300", *hog(100, 1.2)), working.submit(*hog(200, 1.2))]

    assert [0, 0] == working.statuses(jobs)


def test_a_job_that_forks_has_what_all_have_together(served: Cluster) -> None:
    """Though they have left its session, and hear no SIGTERM."""
    served.start_worker()
    script = 'trap "" TERM; for i in 1 2 3 4; do setsid "$@" & done; wait'
    job = served.submit("-e", "OF_LIMITED=3", "--mem", "150M", *shell(script, *hog(60)))

    assert 137 == served.status(job)
    assert "MiB, and asked for 150 MiB." in waited(served, job)
    assert [] == marked_pids("OF_LIMITED", "3")


def test_what_processes_share_counts_once(working: Cluster) -> None:
    """Children of a program that has its data in memory are no reason to end it."""
    fork = "import os; [os.fork() for _ in range(3)]; time.sleep(1.5)"
    job = working.submit("--mem", "200M", sys.executable, "-c", f"{HOG}; {fork}", "100", "0")

    assert 0 == working.status(job)


def test_a_file_that_is_mapped_is_no_memory(working: Cluster) -> None:
    """The kernel drops its pages when somebody needs the room."""
    big = working.folder / "big"
    with big.open("wb") as file:
        file.truncate(200 << 20)
    read = "import mmap, sys, time; f = open(sys.argv[1]); m = mmap.mmap(f.fileno(), 0, prot=1); sum(m[i] for i in range(0, len(m), 4096)); time.sleep(1.2)"
    job = working.submit("--mem", "60M", sys.executable, "-c", read, str(big))

    assert 0 == working.status(job)


def test_a_frozen_worker_lets_no_job_grow(working: Cluster) -> None:
    """Memory is watched by the shepherd too."""
    gate = working.folder / "gate"
    script = 'touch "$1.begun"; until test -e "$1"; do sleep 0.02; done; shift; exec "$@"'
    job = working.submit("-e", "OF_LIMITED=4", "--mem", "100M", *shell(script, gate, *hog(300)))
    working.wait_until((working.folder / "gate.begun").exists)
    working.daemons[1].freeze()
    try:
        touch(gate)
        working.wait_until(lambda: not marked_pids("OF_LIMITED", "4"))
    finally:
        working.daemons[1].thaw()

    assert 137 == working.status(job)


# --- before and after ----------------------------------------------------------------------------


def test_a_node_does_its_chores_around_each_job(served: Cluster) -> None:
    """What they print is the node's affair; a killed job has its epilog too."""
    log = served.folder / "log"
    served.start_worker(
        *("forever", "--prolog", f'echo "ready for $GOQ_JOB_ID"; echo before $GOQ_JOB_ID >> {log}'),
        *("--epilog", f"echo after $GOQ_JOB_ID $GOQ_EXIT_STATUS >> {log}"),
    )
    first, second = served.submit(*shell("echo hello; exit 3")), served.submit("sleep", "1000")
    assert 3 == served.status(first)
    served.wait_for_start(second)
    served.wait_until(lambda: "before 2" in log.read_text())
    served.done("kill", str(second))

    assert served.status(second) == 143
    assert ["before 1", "after 1 3", "before 2", "after 2 143"] == log.read_text().splitlines()
    assert "] prolog of job 1: ready for 1\n" in re.sub(r"; tcp\S+\]", "]", served.daemons[1].text())
    assert served.output(first).startswith(b"hello\ngoq: job 1:")


def test_a_node_whose_prolog_fails_gets_no_jobs(served: Cluster) -> None:
    """They run elsewhere; why not here, `goq stat` says."""
    broken = served.start_worker("forever", "--prolog", "echo /scratch is gone; exit 1")
    job = served.submit("-e", "WHERE=there", *shell('echo "$WHERE"'))
    why = "the prolog ended with exit status 1: /scratch is gone"
    served.wait_until(lambda: why in served.done("stat"), or_show=broken.text)
    broken.stop()
    served.start_worker()

    assert 0 == served.status(job)
    assert b"there\n" == served.output(job)


def test_the_epilog_comes_though_the_worker_is_killed(cluster: Cluster) -> None:
    """kill -9 of the worker; its shepherd sees to it that the node is tidy."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    log, begun = cluster.folder / "log", cluster.folder / "begun"
    worker = cluster.start_worker("forever", "--epilog", f"echo $GOQ_ATTEMPT $GOQ_EXIT_STATUS >> {log}")
    job = cluster.submit(*shell('test -e "$1" || { touch "$1"; exec sleep 1000; }', begun))
    cluster.wait_until(begun.exists)
    worker.crash()
    cluster.wait_until(log.exists)
    cluster.start_worker()

    assert 0 == cluster.status(job)
    assert "1 137\n" == log.read_text()


def test_a_worker_that_is_told_to_stop_tidies_up(served: Cluster) -> None:
    """Its job goes back, and has its epilog here."""
    log, begun = served.folder / "log", served.folder / "begun"
    worker = served.start_worker("forever", "--epilog", f"echo $GOQ_EXIT_STATUS >> {log}")
    job = served.submit(*shell('test -e "$1" || { touch "$1"; exec sleep 1000; }', begun))
    served.wait_until(begun.exists)

    assert 0 == worker.stop()
    assert "143\n" == log.read_text()
    served.start_worker()
    assert 0 == served.status(job)
