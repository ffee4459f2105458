"""A node that works for all users: each job runs as its owner, and has nothing but its owner's rights."""

import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.core.values.who import Role
from system.accounts import Lab, a_lab, home_of, why_not
from system.cluster import GOQ, Cluster
from system.jobs import shell

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


@pytest.fixture(name="people")
def _people(served: Cluster) -> Iterator[tuple[Lab, str, str]]:
    with a_lab(served) as made:
        yield made


def can(user: str, *command: str) -> bool:
    """The user succeeds with that, without goq."""
    account = pwd.getpwnam(user)
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups")
    done = subprocess.run(["setpriv", *ids, "--", *command], capture_output=True, cwd="/", check=False)
    return done.returncode == 0


def test_each_job_is_its_owners(people: tuple[Lab, str, str]) -> None:
    """With home and shell of the node, whatever its submitter's environment says."""
    lab, ann, bob = people
    worker = lab.start_node("-j", "2")
    lab.cluster.wait_until(lambda: "looking for work, each job as its owner." in worker.text())
    for user in (ann, bob):
        said = lab.run(user, *shell('id -un; id -ru; echo "$HOME $USER $SHELL"; touch "$HOME/was-here"'))
        account = pwd.getpwnam(user)

        assert [user, str(account.pw_uid), f"{account.pw_dir} {user} /bin/bash"] == said.splitlines()
        assert account.pw_uid == (home_of(user) / "was-here").stat().st_uid


def test_what_was_taken_along_is_read_by_its_owner(people: tuple[Lab, str, str]) -> None:
    """And by nobody else: the same script of two users is two files."""
    lab, ann, bob = people
    lab.start_node("-j", "2")
    script = lab.ground / "script"
    script.write_text(
        '#!/bin/sh\nid -un\ncat /dev/stdin\nstat -c "%U %a" "$0"\necho "$0" > "$HOME/path"\nwhile [ ! -e go ]; do sleep 0.05; done\n'
    )
    jobs = [
        lab.cluster.goq(
            "sub", "-i", "-", "--script", str(script), env=lab.by(user), cwd=lab.ground, stdin=b"piped\n"
        )
        for user in (ann, bob)
    ]
    assert [0, 0] == [job.returncode for job in jobs]
    lab.cluster.wait_until(
        lambda: all(
            (home_of(user) / "path").exists() and (home_of(user) / "path").read_text() for user in (ann, bob)
        )
    )
    paths = {user: (home_of(user) / "path").read_text().strip() for user in (ann, bob)}

    assert can(ann, "cat", paths[ann])
    assert not can(bob, "cat", paths[ann])
    assert not can(bob, "ls", str(Path(paths[ann]).parent))
    (lab.ground / "go").touch()
    for number, user in enumerate((ann, bob), 1):
        lab.cluster.wait_for_end(number)
        assert [user, "piped", f"{user} 400"] == lab.output(number).splitlines()
    lab.cluster.wait_until(lambda: not any(os.path.exists(path) for path in paths.values()))


@pytest.mark.parametrize("where", ["home", "home/out", "/etc/goq-test-output", "link"])
def test_what_is_anothers_is_refused_by_the_kernel(people: tuple[Lab, str, str], where: str) -> None:
    """A folder to run in, and files for output: that is the job's fault, as in a shell."""
    lab, ann, bob = people
    lab.start_node()
    (lab.ground / "link").symlink_to(home_of(ann) / "out")
    place = {"home": home_of(ann), "home/out": home_of(ann) / "out", "link": lab.ground / "link"}.get(
        where, Path(where)
    )
    option = ("-C", str(place)) if where == "home" else ("-o", str(place))
    job = lab.submit(bob, *option, "true")
    status = lab.cluster.status(job)
    in_etc = Path("/etc/goq-test-output")
    was_made = in_etc.exists()
    in_etc.unlink(missing_ok=True)

    assert {"home": 125}.get(where, 1) == status
    shown = lab.cluster.done("show", str(job))
    assert ("may not be entered" if where == "home" else "Permission denied") in shown
    assert not (home_of(ann) / "out").exists()
    assert not was_made
    assert "" == lab.run(ann, *((*option, "true") if where == "home" else ("-C", str(home_of(ann)), "true")))


def test_an_owner_without_an_account_is_the_nodes_trouble(people: tuple[Lab, str, str]) -> None:
    """Of a node that is the only one it is the reason why the job cannot run; others run theirs."""
    lab, ann, _ = people
    lab.start_node()
    lab.add(Role.USER, "nobody-here")
    job = lab.submit("nobody-here", "true")

    assert 125 == lab.cluster.status(job)
    assert "there is no account 'nobody-here' here, at node7" in lab.cluster.done("show", str(job))
    assert "" == lab.run(ann, "true")


@pytest.mark.parametrize("is_allowed", [True, False])
def test_jobs_of_root_run_where_that_is_allowed(people: tuple[Lab, str, str], *, is_allowed: bool) -> None:
    """Whoever holds the cluster id can submit as root."""
    lab, ann, _ = people
    lab.start_node(*(["--allow-root"] if is_allowed else []))
    job = lab.cluster.submit("id", "-u", env={"LOGNAME": "root", "USER": "root"}, cwd=lab.ground)

    assert (0 if is_allowed else 125) == lab.cluster.status(job)
    assert f"{pwd.getpwnam(ann).pw_uid}\n" == lab.run(ann, "id", "-u")


def test_what_one_node_refuses_another_runs(people: tuple[Lab, str, str]) -> None:
    """It is the node that lacks something: no attempt of the job counts there."""
    lab, _, _ = people
    refusing = lab.start_node(name="node8")
    lab.start_node("--allow-root", name="node7")
    lab.cluster.wait_for_stat(workerCount=2)
    assert 0 == lab.cluster.goq("drain", "node7").returncode
    job = lab.cluster.submit("true", env={"LOGNAME": "root", "USER": "root"}, cwd=lab.ground)
    lab.cluster.wait_until(lambda: "jobs of root do not run here" in refusing.text())
    why = lab.cluster.goq("why", str(job)).stdout.decode()
    assert 0 == lab.cluster.goq("undrain", "node7").returncode

    assert 0 == lab.cluster.status(job)
    assert "jobs of root do not run here" in why
    assert "node7" in lab.cluster.done("show", str(job))


def test_the_key_of_the_node_is_out_of_reach(people: tuple[Lab, str, str]) -> None:
    """So is what other users' jobs write, until the server has it."""
    lab, ann, bob = people
    worker = lab.start_node("-j", "2")
    other = lab.submit(ann, *shell("echo secret; exec sleep 1000"))
    lab.cluster.wait_for_start(other)
    key = lab.homes["node7"] / "goqkey"
    look = f"cat {key} /proc/{worker.pid}/environ /proc/{worker.pid}/mem; ls /proc/{worker.pid}/fd; find {lab.cluster.spool} {lab.temporary}"
    said = lab.run(bob, *shell(f"({look}) 2>/dev/null; id -un"))
    digits = key.read_text().rpartition(":")[2].strip()

    assert [bob] == [
        line
        for line in said.splitlines()
        if not line.startswith((str(lab.temporary), str(lab.cluster.spool)))
    ]
    assert digits not in said
    for path in lab.cluster.spool.rglob("*"):
        if not path.is_symlink():
            assert (0, 0) == (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode) & 0o077), path
    assert 0 == lab.cluster.goq("kill", "--now", str(other)).returncode
    lab.cluster.wait_for_end(other)


def test_a_job_is_paused_and_killed_though_it_is_anothers(people: tuple[Lab, str, str]) -> None:
    """Who does so is the worker, which is root; and whose word counts is the owner's."""
    lab, ann, bob = people
    lab.start_node()
    job = lab.submit(ann, *shell('echo $$ > "$HOME/pid"; exec sleep 1000'))
    path = home_of(ann) / "pid"
    lab.cluster.wait_until(lambda: path.exists() and path.read_text())
    status = Path("/proc", path.read_text().strip(), "stat")
    assert 0 != lab.cluster.goq("kill", str(job), env=lab.by(bob)).returncode
    assert 0 == lab.cluster.goq("pause", str(job), env=lab.by(ann)).returncode
    lab.cluster.wait_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T")
    assert 0 == lab.cluster.goq("kill", str(job), env=lab.by(ann)).returncode
    lab.cluster.wait_for_end(job)

    assert not status.exists()


def test_of_a_killed_worker_nothing_is_left_and_nothing_is_lost(people: tuple[Lab, str, str]) -> None:
    """The next one removes as root what the owner left: his links lead nowhere."""
    lab, ann, bob = people
    worker = lab.start_node()
    kept = home_of(ann) / "kept"
    kept.write_text("kept")
    script = f'cd "$TMPDIR"; ln -s {home_of(ann)} folder; mkdir a; ln -s {kept} a/file; chmod 0 a; echo "$TMPDIR" > "$HOME/tmpdir"; exec sleep 1000'
    job = lab.submit(bob, "--no-requeue", *shell(script))
    path = home_of(bob) / "tmpdir"
    lab.cluster.wait_until(lambda: path.exists() and path.read_text())
    made = Path(path.read_text().strip())
    # The shepherd would clear up as well: only what a machine does that loses its power leaves all of it.
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    for pid in children:
        os.kill(int(pid), signal.SIGSTOP)
    worker.crash()
    for pid in children:
        os.kill(int(pid), signal.SIGKILL)
    lab.start_node()
    lab.cluster.wait_until(lambda: not made.parent.exists())

    assert "kept" == kept.read_text()
    assert 0o700 == stat.S_IMODE(home_of(ann).stat().st_mode)
    assert 0 == lab.cluster.goq("kill", "--now", str(job)).returncode


def test_only_root_can_hold_the_key_of_a_node(people: tuple[Lab, str, str]) -> None:
    """Anybody else is told so at once, and what to do."""
    lab, ann, _ = people
    lab.add(Role.NODE, "node9")
    account = pwd.getpwnam(ann)
    home = home_of(ann) / "goq"
    home.mkdir(mode=0o700)
    key = home / "goqkey"
    key.write_bytes((lab.homes["node9"] / "goqkey").read_bytes())
    key.chmod(0o600)
    for path in (home, key):
        os.chown(path, account.pw_uid, account.pw_gid)
    if not can(ann, GOQ, "version"):
        pytest.skip("goq is installed where only root gets to")
    lab.cluster.env |= {"GOQ_HOME": str(home), "GOQ_SPOOL": str(home / "spool"), "XDG_CONFIG_HOME": str(home)}
    ended = lab.cluster.goq_by(
        ["setpriv", f"--reuid={ann}", f"--regid={account.pw_gid}", "--init-groups"], "work", "forever"
    )

    assert 1 == ended.returncode
    assert b"only root can do; start this worker as root" in ended.stderr
