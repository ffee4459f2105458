"""Where outputs go: `goq sub --out` and `--err`, below the server's folder or at the job's own node."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from goq.adapters.machine import host_name
from system.cluster import Cluster
from system.disk import SmallDisk, small_disk
from system.jobs import shell, touch
from system.test_bad_input import complaint
from system.test_terminal import on_a_terminal

HOST = host_name()


def audit(cluster: Cluster) -> str:
    """What it says when all is well."""
    return cluster.done("audit", cwd=cluster.here)


def history(cluster: Cluster, job: int) -> str:
    """The life of a job."""
    return cluster.done("history", str(job), cwd=cluster.here)


def below(cluster: Cluster, *parts: str) -> bytes:
    """The bytes of a file in the server's folder for outputs."""
    return cluster.here.joinpath("o", *parts).read_bytes()


def test_a_job_s_output_is_where_its_submitter_wants_it(working: Cluster) -> None:
    """Folders that are missing are made; who waits is told, and history and audit know."""
    job = working.submit("-N", "fold", "-o", "logs/{name}.{id}.{attempt}.out", "echo", "hello")
    status = working.status(job)
    said = working.goq("sub", "--wait", "-q", "-o", "two/{{x}}/{id}", "echo", "there")

    assert 0 == status
    assert b"hello\n" == below(working, "logs", "fold.1.1.out")
    assert b"there\n" == below(working, "two", "{x}", "2")
    assert b"there\n" == said.stdout
    assert not working.output_file(job).exists()
    assert f"output: 6 bytes in {working.here}/o/logs/fold.1.1.out, sha256" in history(working, job)
    assert " 2 checked outputs" in audit(working)


def test_each_task_of_an_array_has_its_own(working: Cluster) -> None:
    """By its number in the array."""
    ended = working.goq(
        "sub", "--wait", "-q", "-o", "a/{array}.{task}", "--array", "3,7", *shell("echo $GOQ_TASK_ID")
    )

    assert b"3\n7\n" == ended.stdout
    assert [b"3\n", b"7\n"] == [below(working, "a", "1.3"), below(working, "a", "1.7")]


def test_a_long_output_grows_in_its_file(working: Cluster) -> None:
    """And is there, whole and proven, when the job has ended."""
    gate = working.away / "gate"
    job = working.submit(
        "-o",
        "long/{id}",
        *shell('head -c 300000 /dev/zero; until test -e "$1"; do sleep 0.02; done; echo end', gate),
    )
    file = working.here / "o" / "long" / "1"
    working.wait_until(lambda: file.exists() and file.stat().st_size >= 300_000)
    touch(gate)

    assert 0 == working.status(job)
    assert bytes(300_000) + b"end\n" == file.read_bytes()
    audit(working)


def test_attempts_write_one_behind_the_other_or_each_a_file_of_its_own(working: Cluster) -> None:
    """As the template says: what was tried before is not lost."""
    tries = ("--retries", "1", "--backoff", "0", *shell("echo try $GOQ_ATTEMPT; test $GOQ_ATTEMPT = 2"))
    one, each = working.submit("-o", "one", *tries), working.submit("-o", "each.{attempt}", *tries)
    statuses = [working.status(one), working.status(each)]

    assert [0, 0] == statuses
    assert below(working, "one").startswith(b"try 1\n")
    assert below(working, "one").endswith(b"\ntry 2\n")
    assert below(working, "each.1").startswith(b"try 1\n")
    assert b"try 2\n" == below(working, "each.2")
    assert f"output of attempt 1: in {working.here}/o/each.1" in history(working, each)
    audit(working)


def test_what_lies_in_the_file_already_stays(working: Cluster) -> None:
    """Somebody calls each night's output the same."""
    jobs = [working.submit("-o", "night", "echo", word) for word in ("one",)]
    working.status(jobs[0])
    jobs.append(working.submit("-o", "night", "echo", "two"))
    working.status(jobs[1])

    assert b"one\ntwo\n" == below(working, "night")
    audit(working)


def test_two_that_live_do_not_share_a_file(served: Cluster) -> None:
    """The second is refused, and hears whose it is."""
    job = served.submit("--hold", "-o", "x/{user}", "true")
    refused = served.goq("sub", "-o", "x/{user}", "true")
    other = served.submit("--hold", "-o", "x/{user}.{id}", "true")
    served.done("kill", str(job))

    assert 1 == refused.returncode
    assert b"/" in refused.stderr
    assert b"is that of job 1, which has not ended; with {id} in it each has its own" in refused.stderr
    assert 2 == other
    assert 3 == served.submit("-o", "x/{user}", "true")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "../x", "true"), "--out '../x': it leaves the server's folder for outputs; logs/{id}.out"),
        (
            ("-o", "x.{jid}", "true"),
            "--out 'x.{jid}': there is no field {jid}; known are {id} {array} {task}",
        ),
        (
            ("-o", "x", "--array", "1-3", "true"),
            "--out 'x': 3 jobs would share that file; with {task} or {id}",
        ),
        (("--err", "e/", "true"), "--err 'e/': it names a folder"),
        (("-o", "{name}", "true"), "--out '{name}': there is {name} in it, and no name; --name fold is one"),
        (("-o", "", "true"), "--out takes a name of 1 to 1024 characters"),
    ],
)
def test_a_bad_template_is_refused(served: Cluster, words: tuple[str, ...], said: str) -> None:
    """By its bad word, with a right one beside it."""
    told = complaint(served.goq("sub", *words), 2)

    assert said in told
    assert "Nothing was queued." in told
    assert "0" == served.stat()["waitingJobs"]


def test_a_script_says_where_its_output_goes(working: Cluster) -> None:
    """On its #GOQ lines, as what is typed."""
    (working.away / "job.sh").write_text("#!/bin/sh\n#GOQ -o from/{id}.script\necho script\n")
    job = working.submit("--script", "job.sh")
    working.status(job)

    assert b"script\n" == below(working, "from", "1.script")


# --- errors apart -----------------------------------------------------------------------------------


def test_errors_are_apart_where_somebody_wants_them_so(working: Cluster) -> None:
    """What the job has for its output is its output alone; what goq says of it is among the errors."""
    both = shell("echo out; echo err >&2; exit 3")
    said = working.goq("sub", "--wait", "-q", "-o", "{id}.out", "--err", "{id}.err", *both)
    by_the_rule = working.submit("--err", "e/{id}", *both)
    status = working.status(by_the_rule)

    assert (3, 3) == (said.returncode, status)
    assert b"out\n" == said.stdout
    assert said.stderr.startswith(b"1\nerr\ngoq: job 1: ")
    assert b"out\n" == below(working, "1.out") == working.output(by_the_rule)
    assert below(working, "1.err").startswith(b"err\ngoq: job 1: ")
    assert below(working, "e", "2").startswith(b"err\ngoq: job 2: ")
    assert f"errors: {len(below(working, '1.err'))} bytes in {working.here}/o/1.err, sha256" in history(
        working, 1
    )
    assert " 4 checked outputs" in audit(working)


@pytest.mark.parametrize(("out", "err"), [(200_000, 5), (5, 200_000), (150_000, 300_000), (0, 0)])
def test_long_ones_come_in_pieces(working: Cluster, out: int, err: int) -> None:
    """Each by itself, and the job ends when all is there."""
    script = f"head -c {out} /dev/zero | tr '\\0' o; head -c {err} /dev/zero | tr '\\0' e >&2"
    job = working.submit("-o", "long", "--err", "long.err", *shell(script))

    assert 0 == working.status(job)
    assert [b"o" * out, b"e" * err] == [below(working, "long"), below(working, "long.err")]
    assert " 2 checked outputs" in audit(working)


def test_errors_of_each_attempt_lie_one_behind_the_other(working: Cluster) -> None:
    """As the outputs do, and without a line of ours in these."""
    script = shell("echo out $GOQ_ATTEMPT; echo err $GOQ_ATTEMPT >&2; test $GOQ_ATTEMPT = 2")
    job = working.submit("-o", "o", "--err", "e", "--retries", "1", "--backoff", "0", *script)

    assert 0 == working.status(job)
    assert b"out 1\nout 2\n" == below(working, "o")
    assert below(working, "e").startswith(b"err 1\ngoq: job 1: ")
    assert below(working, "e").endswith(b"\nerr 2\n")
    assert " 4 checked outputs" in audit(working)


def test_what_was_not_written_is_after_a_crash(served: Cluster) -> None:
    """The journal has short outputs, and where they belong, until their files are on the disk."""
    server, worker = served.daemons[0], served.start_worker()
    folder = served.here / "o"
    folder.mkdir(exist_ok=True)
    (folder / "a").write_bytes(b"in the way")
    script = shell("echo out; echo err >&2")
    job = served.submit("-o", "a/{id}", "--err", "a/{id}.err", *script)
    status = served.status(job)
    served.wait_until(lambda: "cannot write the output" in server.text())
    server.crash()
    (folder / "a").unlink()
    served.start_server()
    served.wait_until(lambda: (folder / "a" / "1.err").exists() and below(served, "a", "1.err") == b"err\n")

    assert 0 == status
    assert b"out\n" == below(served, "a", "1")
    served.wait_until(lambda: " 0 pending outputs" in audit(served))
    assert " 2 checked outputs" in audit(served)
    assert worker.alive


def test_what_a_dead_worker_had_is_brought_by_the_next(served: Cluster) -> None:
    """The server was away when the job ended, and then the worker was killed."""
    gate = served.away / "gate"
    server, worker = served.daemons[0], served.start_worker()
    script = 'until test -e "$1"; do sleep 0.02; done; head -c 200000 /dev/zero; head -c 100000 /dev/zero >&2'
    long = served.submit("-o", "x", "--err", "y", *shell(script, gate))
    served.wait_for_start(long)
    server.crash()
    touch(gate)
    kept = served.spool
    served.wait_until(lambda: list(kept.rglob("*.result")))
    worker.crash()
    served.start_server()
    served.start_worker()

    assert 0 == served.status(long)
    assert [bytes(200_000), bytes(100_000)] == [below(served, "x"), below(served, "y")]
    assert " 2 checked outputs" in audit(served)


# --- at the job's own node ----------------------------------------------------------------------------


def test_an_absolute_one_is_written_by_the_job_s_own_node(working: Cluster) -> None:
    """It is there, synced, before anybody hears of the end; nothing of it goes to the server."""
    out, err = working.away / "n {id}.out", working.away / "{user}.err"
    script = shell("echo out; echo err >&2; exit 4")
    said = working.goq("sub", "--wait", "-q", "-o", str(out), "--err", str(err), *script)
    file = working.away / "n 1.out"
    errors = next(working.away.glob("*.err"))

    assert 4 == said.returncode
    assert b"" == said.stdout
    assert f"what it writes as out is in {file} at {HOST}".encode() in said.stderr
    assert f"{errors} at {HOST}\n".encode() in said.stderr
    assert b"out\n" == file.read_bytes()
    assert b"err\ngoq: job 1: exit status 4\n" == errors.read_bytes()
    assert not working.output_file(1).exists()
    told = history(working, 1)
    assert f"output: in {file} at {HOST}" in told
    assert f"errors: in {errors} at {HOST}" in told
    assert " 0 checked outputs" in audit(working)


def test_both_kinds_may_be_mixed(working: Cluster) -> None:
    """Data stay at the node, and what is wrong is seen at the server; or the other way round."""
    script = shell("head -c 100000 /dev/zero; echo err >&2")
    first = working.submit("-o", f"{working.away}/data.{{id}}", "--err", "{id}.err", *script)
    second = working.submit("-o", "{id}.out", "--err", f"{working.away}/err.{{id}}", *script)

    assert [0, 0] == [working.status(first), working.status(second)]
    assert bytes(100_000) == (working.away / "data.1").read_bytes() == below(working, "2.out")
    assert b"err\n" == below(working, "1.err") == (working.away / "err.2").read_bytes()


def test_several_share_a_file_line_by_line(working: Cluster) -> None:
    """Two workers, and each line is whole."""
    working.start_worker("forever", "-j", "3")
    log = working.away / "all.log"
    log.write_text("older\n")
    script = "for i in $(seq 200); do printf '%s' $GOQ_TASK_ID:; printf '%s\\n' $i; done"
    ended = working.goq("sub", "--wait", "-q", "-o", str(log), "--array", "1-8", *shell(script))
    lines = log.read_text().splitlines()

    assert 0 == ended.returncode
    assert "older" == lines[0]
    assert sorted(f"{task}:{i}" for task in range(1, 9) for i in range(1, 201)) == sorted(lines[1:])
    for task in range(1, 9):
        its = [line for line in lines if line.startswith(f"{task}:")]
        assert its == [f"{task}:{i}" for i in range(1, 201)]


def test_attempts_append_to_the_same_file(working: Cluster) -> None:
    """With our line between, as in a file of the server's."""
    log = working.away / "log"
    script = shell("echo try $GOQ_ATTEMPT; test $GOQ_ATTEMPT = 2")
    job = working.submit("-o", str(log), "--retries", "1", "--backoff", "0", *script)

    assert 0 == working.status(job)
    assert b"try 1\ngoq: job 1: exit status 1\ntry 2\n" == log.read_bytes()


def test_dev_null_takes_anything(working: Cluster) -> None:
    """Whoever wants no output says so as everywhere."""
    assert 0 == working.status(working.submit("-o", "/dev/null", *shell("seq 100000")))
    assert not working.output_file(1).exists()


def test_a_folder_that_is_missing_is_trouble_of_the_node(working: Cluster) -> None:
    """As that of the job: it may be there at another one; where it is nowhere, the job fails with these words."""
    job = working.submit("-o", "/nowhere/at/all", "echo", "hello")
    other = working.submit("echo", "well")

    assert 0 == working.status(other)
    assert 125 == working.status(job)
    assert "its output '/nowhere/at/all' cannot be written: No such file or directory" in history(
        working, job
    )


def test_a_file_that_may_not_be_written_is_the_job_s_own_fault(working: Cluster) -> None:
    """A folder, a fifo that nobody reads: so it is at each node."""
    os.mkfifo(working.away / "fifo")
    jobs = [working.submit("-o", str(each), "true") for each in (working.away, working.away / "fifo")]
    refused = working.goq("sub", "-o", f"{working.away}/", "true")

    assert [1, 1] == [working.status(job) for job in jobs]
    assert f"its output '{working.away}' cannot be written: Is a directory" in history(working, jobs[0])
    assert f"its output '{working.away}/fifo' cannot be written: No such device" in history(working, jobs[1])
    assert 2 == refused.returncode


def test_on_a_terminal_the_place_is_named(working: Cluster) -> None:
    """By whoever submits, as far as it is known, and by whoever waits."""
    script = shell("echo out; echo err >&2")
    first = on_a_terminal(working, "sub", "-o", "{id}.{host}", "--err", f"{working.away}/e.{{id}}", *script)
    array = on_a_terminal(working, "sub", "--array", "1-2", "-o", "a/{array}.{task}", "true")
    waited = on_a_terminal(working, "wait", "1")
    place, err = f"{working.here}/o", f"{working.away}/e.1"

    assert f"output: {place}/1.{{host}}, errors: {err} at the host that runs it" in first
    assert f"output: {place}/a/2.{{task}}" in array
    assert f"output: {place}/1.{HOST}, errors: {err} at {HOST}" in waited


@pytest.fixture
def disk(served: Cluster) -> Iterator[SmallDisk]:
    """One megabyte, that a worker sees and the server does not."""
    place = served.folder / "disk"
    place.mkdir()
    made = small_disk(place)
    try:
        yield made
    finally:
        for daemon in served.daemons:
            daemon.end_group()
        made.close()


def test_a_full_disk_ends_the_job_that_writes_there_and_stops_no_other(
    served: Cluster, disk: SmallDisk
) -> None:
    """It is the user's disk, and not the worker's: the host goes on for everybody else."""
    worker = served.start_worker(prefix=disk.enter)
    full = served.submit("-o", f"{disk.folder}/log", *shell("head -c 3000000 /dev/zero; exec sleep 300"))
    others = served.submit("echo", "well")
    kept = (disk.root / "log").exists

    assert [143, 0] == [served.status(full), served.status(others)]
    assert kept()
    told = history(served, full)
    assert f"(output: its output '{disk.folder}/log' at {HOST} was full: No space left on device)" in told
    assert "no job can be started on this host" not in worker.text()


def test_a_job_has_failed_whose_output_could_not_be_kept(served: Cluster, disk: SmallDisk) -> None:
    """It says itself that all is well."""
    served.start_worker(prefix=disk.enter)
    tidy = shell("trap 'exit 0' TERM; head -c 3000000 /dev/zero; while :; do sleep 0.1; done")

    assert 74 == served.status(served.submit("-o", f"{disk.folder}/log", *tidy))


def test_a_folder_that_is_read_only_is_the_job_s_own_fault(served: Cluster, disk: SmallDisk) -> None:
    """Whoever names one must not stop a host."""
    subprocess.run([*disk.enter, "mount", "-o", "remount,ro", str(disk.folder)], check=True)
    worker = served.start_worker(prefix=disk.enter)
    refused, others = served.submit("-o", f"{disk.folder}/log", "true"), served.submit("true")

    assert [1, 0] == [served.status(refused), served.status(others)]
    assert f"its output '{disk.folder}/log' cannot be written: Read-only file system" in history(
        served, refused
    )
    assert "no job can be started on this host" not in worker.text()


def test_what_is_retried_has_its_name_again_or_another(working: Cluster) -> None:
    """The old output stays; tasks keep their numbers in it."""
    script = shell("echo $GOQ_TASK_ID; test -e good")
    working.goq("sub", "--wait", "-q", "-o", "r/{task}", "--array", "3,7", *script)
    (working.away / "good").touch()
    working.done("retry", "-q", "1.7")
    other = working.done("retry", "-q", "--out", "other/{id}", "1.3")
    refused = working.goq("retry", "--out", "../x", "1.3")
    statuses = [working.status(3), working.status(int(other))]

    assert [0, 0] == statuses
    assert below(working, "r", "7").startswith(b"7\ngoq: job 2: ")
    assert below(working, "r", "7").endswith(b"\n7\n")
    assert b"3\n" == below(working, "other", other.strip())
    assert 1 == refused.returncode
    assert b"--out '../x': it leaves" in refused.stderr


# --- who plays tricks ------------------------------------------------------------------------------


def test_nothing_goes_by_a_symbolic_link(working: Cluster) -> None:
    """Whoever may write there could have files of the server's user written anywhere."""
    outside = working.folder / "outside"
    outside.mkdir()
    folder = working.here / "o"
    folder.mkdir(exist_ok=True)
    (folder / "link").symlink_to(outside)
    refused = working.goq("sub", "-o", "link/{id}", "true")
    late = working.submit("--hold", "-o", "late/{id}", "echo", "kept")
    (folder / "late").symlink_to(outside)
    working.done("release", str(late))
    status = working.status(late)
    working.wait_until(lambda: f"cannot write the output of job {late}" in working.daemons[0].text())
    (folder / "late").unlink()
    working.wait_until((folder / "late" / "1").exists)

    assert 1 == refused.returncode
    assert b"link' is a symbolic link, by which no output goes; name another folder" in refused.stderr
    assert 0 == status
    assert [] == list(outside.iterdir())
    working.wait_until(lambda: below(working, "late", "1") == b"kept\n")


def test_a_fifo_in_place_of_the_file_holds_up_nobody(working: Cluster) -> None:
    """The server would wait for a reader for ever, and everybody with it."""
    folder = working.here / "o"
    folder.mkdir(exist_ok=True)
    os.mkfifo(folder / "fifo")
    job = working.submit("-o", "fifo", "echo", "kept")
    statuses = [working.status(job), working.status(working.submit("true"))]
    (folder / "fifo").unlink()

    assert [0, 0] == statuses
    working.wait_until(lambda: (folder / "fifo").is_file() and below(working, "fifo") == b"kept\n")
