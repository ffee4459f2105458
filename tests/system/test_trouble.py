"""Nodes that lack something: what cannot be started there is started elsewhere, and nobody else waits for it."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespaces import mounted, on_host

from system.cluster import Cluster, Daemon
from system.jobs import lines_of, shell
from system.proc import shepherds


@pytest.fixture(name="data")
def _data(cluster: Cluster) -> Path:
    """A folder in which jobs run, below one that a node may not have."""
    data = cluster.folder / "mount" / "data"
    data.mkdir(parents=True)
    return data


def start_node(cluster: Cluster, name: str, *words: str, without: Path | None = None) -> Daemon:
    """A worker on a host of that name, which may lack a mount; it has asked for work when we go on."""
    prefix = on_host(name.encode())
    if without is not None:
        prefix += mounted('mount -t tmpfs none "$1"', without.parent)
    before = int(cluster.stat()["waitingWorkers"])
    node = cluster.start_worker("forever", *words, prefix=prefix)
    cluster.wait_until(lambda: int(cluster.stat()["waitingWorkers"]) > before, every_s=0.06)
    return node


def submit_in(cluster: Cluster, folder: Path, *commands: tuple[str, ...]) -> range:
    """Submit a job a command, to run in that folder; their numbers."""
    ended = cluster.goq("sub", "lines@", "-", stdin="\n".join(lines_of(*commands)).encode(), cwd=folder)
    found = re.search(rb"\[(\d+) : (\d+)\]|submitted job (\d+) ", ended.stdout)
    assert found, ended
    first, last = int(found[1] or found[3]), int(found[2] or found[3])
    return range(first, last + 1)


def verdict(cluster: Cluster, job: int) -> tuple[int, str]:
    """How the job ended, as `goq wait` tells."""
    ended = cluster.goq("wait", str(job), timeout=60)
    return ended.returncode, ended.stdout.decode().rpartition("result: ")[2].strip()


def test_jobs_run_where_their_folder_is(served: Cluster, data: Path) -> None:
    """A mount is missing on one of two nodes: no job fails, and the node is not asked for each."""
    start_node(served, "n1", "-j", "2", without=data)
    start_node(served, "n2")
    jobs = submit_in(served, data, *(shell("pwd"),) * 200)

    assert [0] * 200 == served.statuses(jobs)
    server = served.daemons[0].text()
    refused = server.count(" is not there, at n1, ")
    assert 1 <= refused <= 6, "after the first refusal one at a time is tried"
    assert (
        f"host 'n1' gets no jobs of {user()} in '{data}' for 5 s: the folder '{data}' is not there." in server
    )
    served.done("audit", cwd=served.here)  # fails when anything is amiss


def user() -> str:
    """Whose jobs ours are."""
    return os.environ.get("USER") or os.environ.get("LOGNAME") or "root"


def test_a_node_without_the_folder_works_for_others(served: Cluster, data: Path) -> None:
    """It is shut for that folder alone, and says so."""
    busy = start_node(served, "n2")
    held = served.submit("sleep", "300")
    served.wait_for_start(held)
    start_node(served, "n1", without=data)
    waiting = submit_in(served, data, ("true",))[0]
    served.wait_until(lambda: "gets no jobs of" in served.daemons[0].text())

    assert [0] * 20 == served.statuses(submit_in(served, served.away, *(("true",),) * 20))
    shown = served.done("stat")
    assert "\nshutFolders=1\n" in shown
    assert "\npausedHosts=0\n" in shown
    assert f"\ntrouble: no jobs to 'n1' of {user()} in '{data}': the folder '{data}' is not there\n" in shown
    assert f"WaitingJob[jid {waiting}]" in shown
    served.done("kill", "--now", str(held))
    assert 0 == served.status(waiting)
    assert busy.alive


@pytest.mark.parametrize("count", [1, 300])
def test_a_folder_that_is_nowhere_fails_its_jobs_with_words(served: Cluster, data: Path, count: int) -> None:
    """Without trying them one by one; and the user may mend it, and is tried again at once."""
    for name in ("n1", "n2"):
        start_node(served, name, without=data)
    jobs = submit_in(served, data, *(("true",),) * count)

    assert (125, f"job could not be run: the folder '{data}' is not there, at n1, n2.") == verdict(
        served, jobs[-1]
    )
    assert [125] * count == served.statuses(jobs)
    assert 2 >= served.daemons[0].text().count("dispatching job")
    assert "0" == served.stat()["waitingJobs"]


def test_a_folder_that_one_job_removes_fails_the_next(working: Cluster) -> None:
    """On a single machine there is nobody else to ask: it fails with words, quickly, and only there."""
    gone = working.folder / "gone"
    gone.mkdir()
    gate = working.folder / "gate"
    held = working.submit(*shell('until [ -e "$1" ]; do sleep 0.05; done; rmdir "$2"', gate, gone))
    working.wait_for_start(held)
    jobs = submit_in(working, gone, *(("true",),) * 50)
    others = submit_in(working, working.away, *(("true",),) * 5)
    gate.touch()

    assert [125] * 50 == working.statuses(jobs)
    assert [0] * 5 == working.statuses(others)
    status, text = verdict(working, jobs[0])
    assert (125, True) == (status, f"the folder '{gone}' is not there, at " in text)
    gone.mkdir()
    assert [0] == working.statuses(submit_in(working, gone, ("true",)))


# --- a mount without the programs ---------------------------------------------------------------


@pytest.fixture(name="apps")
def _apps(cluster: Cluster) -> Path:
    """A folder of programs, which a node may not have; it is empty there."""
    apps = cluster.folder / "apps"
    (apps / "bin").mkdir(parents=True)
    for tool in (apps / "bin" / "tool", apps / "top"):
        tool.write_text("#!/bin/sh\necho here\n")
        tool.chmod(0o755)
    (apps / "bin" / "sh").symlink_to("/bin/sh")
    (apps / "in").write_text("here\n")
    ours = cluster.away
    (ours / "sc").write_text(f"#!{apps}/bin/sh\necho here\n")
    (ours / "sc").chmod(0o755)
    (ours / "bin").symlink_to(apps / "bin")
    (ours / "ltool").symlink_to(apps / "bin" / "tool")
    (ours / "link").symlink_to(apps / "in")
    return apps


def with_path(cluster: Cluster, *folders: Path) -> dict[str, str]:
    """A PATH that begins with these."""
    return {"PATH": ":".join([*map(str, folders), cluster.variables()["PATH"]])}


@pytest.mark.parametrize(
    "words",
    [
        ("tool",),
        ("sc",),
        ("{apps}/bin/tool",),
        ("{apps}/top",),
        ("./sc",),
        ("./bin/tool",),
        ("./ltool",),
        ("{here}/ltool",),
        ("-i", "{apps}/in", "cat"),
        ("-i", "link", "cat"),
        ("--script", "sc"),
    ],
)
def test_jobs_run_where_their_program_is(served: Cluster, apps: Path, words: tuple[str, ...]) -> None:
    """However they name it: the node that lacks its mount hands them back, and is shut for their folder."""
    start_node(served, "n2")
    held = served.submit("sleep", "300", cwd=served.folder)
    served.wait_for_start(held)
    start_node(served, "n1", without=apps / "bin")
    env = with_path(served, apps / "bin", served.away)
    told = [word.format(apps=apps, here=served.away) for word in words]
    first = served.submit(*told, env=env)
    served.wait_until(lambda: "gets no jobs of" in served.daemons[0].text())
    served.done("kill", "--now", str(held))
    second = served.submit(*told, env=env)

    assert [0, 0] == served.statuses([first, second])
    assert b"here\n" == served.output(first) == served.output(second)
    assert f"host 'n1' gets no jobs of {user()} in '{served.away}' for " in served.daemons[0].text()
    assert f"the folder '{apps}' of " in served.daemons[0].text() or words[0] == "-i"


def test_many_jobs_of_a_missing_program_are_handed_back(served: Cluster, apps: Path) -> None:
    """Not failed at once, as fast as a node can."""
    start_node(served, "n1", "-j", "2", without=apps / "bin")
    start_node(served, "n2")
    ended = served.goq("sub", "lines@", "-", stdin=b"tool\n" * 200, env=with_path(served, apps / "bin"))

    assert 0 == ended.returncode
    assert [0] * 200 == served.statuses(range(1, 201))


@pytest.mark.parametrize("words", [("tol",), ("./tol",), ("{apps}/bin/tol",), ("./bin/tol",)])
def test_a_mistyped_command_fails_at_once(served: Cluster, apps: Path, words: tuple[str, ...]) -> None:
    """On a node that lacks nothing it is nobody's trouble, though a bin of one's home is empty."""
    start_node(served, "n1")
    mine = served.home.parent / "bin"
    mine.mkdir()
    env = with_path(served, apps / "bin", mine, Path("/no/such/bin"))
    told = [word.format(apps=apps) for word in words]
    job = served.submit(*told, env=env)

    assert (127, f"job could not be run: command not found: '{told[0]}'.") == verdict(served, job)
    assert "gets no jobs" not in served.daemons[0].text()


# --- what every job needs -----------------------------------------------------------------------

ANOTHER = "61234"
# Another user has a limit of processes, which root has not; the way to our files may be root's alone.
AS_ANOTHER = [
    *("setpriv", "--reuid", ANOTHER, "--regid", ANOTHER, "--clear-groups"),
    *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--"),
]


@pytest.fixture(name="home_of_another")
def _home_of_another() -> Iterator[Path]:
    """A home that another user can reach, whatever the way to ours."""
    with tempfile.TemporaryDirectory(prefix="goq-test-", dir="/var/tmp") as name:
        os.chown(name, int(ANOTHER), int(ANOTHER))
        yield Path(name)


def limit_processes(worker: Daemon, most: str) -> None:
    """What starts the worker's jobs may have so many processes of its user beside it."""
    for pid in shepherds(worker.pid):
        subprocess.run([*AS_ANOTHER, "prlimit", f"--pid={pid}", f"--nproc={most}:"], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user, and has no limit of processes")
def test_a_host_without_room_for_a_process_is_paused(served: Cluster, home_of_another: Path) -> None:
    """Its jobs run elsewhere; when it has room again it works on."""
    served.env["GOQ_CLUSTERID"] = (served.here / ".goqclusterid").read_text().strip()
    env = {"GOQ_HOME": str(home_of_another), "GOQ_SPOOL": str(home_of_another / "spool"), "HOME": "/"}
    prefix = [*on_host(b"n1"), *AS_ANOTHER]
    full = served.start_worker("forever", "-j", "2", env=env, cwd=Path("/"), prefix=prefix)
    served.wait_for_stat(waitingWorkers=2)
    limit_processes(full, "1")
    first = served.submit("true", cwd=Path("/"))
    paused = served.wait_for_stat(pausedHosts=1)
    start_node(served, "n2")
    jobs = submit_in(served, Path("/"), *(("true",),) * 30)

    assert [0] * 31 == served.statuses([first, *jobs])
    assert "0" == paused["finishedJobsCount"], "no job has ended because of its host"
    server = served.daemons[0].text()
    assert "host 'n1' gets no jobs for 1 s: " in server
    assert "Resource temporarily unavailable" in server
    limit_processes(full, "4000")
    served.wait_until(
        lambda: served.submit("true", cwd=Path("/")) and " done with job " in full.text(), every_s=0.5
    )
    served.done("audit", cwd=served.here)


def test_what_no_job_waits_for_is_no_trouble_any_more(served: Cluster, data: Path) -> None:
    """Else `goq stat` speaks of a folder for as long as the server lives."""
    start_node(served, "n1", without=data)
    busy = start_node(served, "n2")
    jobs = submit_in(served, data, *(shell("pwd"),) * 40)

    assert [0] * 40 == served.statuses(jobs)
    assert busy.alive
    assert "trouble:" not in served.done("stat")
