"""Where a job runs, by which name, and what else it has from its submitter's shell: the umask."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from system.cluster import Cluster
from system.jobs import shell
from system.test_terminal import on_a_terminal

WHERE = shell('printf "%s\\n" "$PWD"; pwd; pwd -P')


def linked(cluster: Cluster, name: str = "data") -> tuple[Path, Path]:
    """A folder, and a symbolic link to it, which is what its user calls it."""
    physical = cluster.folder / "disk7" / name
    physical.mkdir(parents=True)
    logical = cluster.folder / name
    logical.symlink_to(physical)
    return logical, physical


def submit_from(cluster: Cluster, folder: Path, pwd: str | None, *words: str) -> int:
    return cluster.submit(*words, cwd=folder, env={"PWD": pwd})


def shown_places(cluster: Cluster, job: int) -> list[str]:
    cluster.wait_for_end(job)
    return cluster.output(job).decode("utf-8", "surrogateescape").splitlines()


def test_a_folder_behind_a_link_is_what_its_user_calls_it(working: Cluster) -> None:
    """Where the automounter puts it is another path on each node."""
    logical, physical = linked(working)
    job = submit_from(working, logical, str(logical), *WHERE)

    assert [str(logical), str(logical), str(physical)] == shown_places(working, job)
    assert f"in '{logical}'" in working.daemons[1].text()
    assert f"folder: {logical}\n" in working.done("history", str(job), cwd=working.here)


@pytest.mark.parametrize(
    "name", ["two words", "new\nline", os.fsdecode(b"caf\xe9\xff"), "日本", "-x", "a..b", "..."]
)
def test_whatever_the_folder_is_called(working: Cluster, name: str) -> None:
    """Names are bytes."""
    logical, physical = linked(working, name)
    job = submit_from(working, logical, str(logical), *shell('printf "%s|" "$PWD" "$(pwd)" "$(pwd -P)"'))
    working.wait_for_end(job)

    assert [os.fsencode(each) for each in (logical, logical, physical)] == working.output(job).split(b"|")[:3]


def test_a_name_that_leads_elsewhere_is_none(working: Cluster) -> None:
    """PWD is whatever was left in it: by another user's shell, by a program that changed its folder."""
    logical, physical = linked(working)
    other = working.folder / "other"
    other.mkdir()
    wrong = {
        "another folder": str(other),
        "gone": str(working.folder / "gone"),
        "relative": "data",
        "a dot": f"{logical}/.",
        "two dots": f"{other}/../data",
        "a file": f"{__file__}",
        "empty": "",
        "too long": "/" + "x/" * 5000,
    }
    for why, pwd in wrong.items():
        job = submit_from(working, logical, pwd, *WHERE)

        assert [str(physical)] * 3 == shown_places(working, job), why


def test_who_has_no_pwd_is_given_none(working: Cluster) -> None:
    """Nor has his job's environment one more variable."""
    logical, physical = linked(working)
    job = submit_from(working, logical, None, *shell("/usr/bin/env | grep ^PWD=; exec /bin/pwd"))
    direct = submit_from(working, logical, None, "printenv", "PWD")

    assert str(physical) in shown_places(working, job)
    assert 1 == working.status(direct)


def test_where_the_name_leads_nowhere_the_path_does(served: Cluster) -> None:
    """This node has the disk, but no such link; the job must not believe otherwise."""
    logical, physical = linked(served)
    job = submit_from(served, logical, str(logical), *WHERE)
    logical.unlink()
    served.start_worker()

    assert [str(physical)] * 3 == shown_places(served, job)


def test_a_name_that_was_given_to_another_folder_is_followed(served: Cluster) -> None:
    """A name is all that two machines have in common: of `current` the job gets what it is then."""
    logical, _ = linked(served)
    job = submit_from(served, logical, str(logical), *WHERE)
    newer = served.folder / "disk8"
    newer.mkdir()
    logical.unlink()
    logical.symlink_to(newer)
    served.start_worker()

    assert [str(logical), str(logical), str(newer)] == shown_places(served, job)


def test_where_neither_is_there_the_name_is_told(served: Cluster) -> None:
    """It is what the submitter knows."""
    logical, physical = linked(served)
    job = submit_from(served, logical, str(logical), "true")
    logical.unlink()
    physical.rmdir()
    served.start_worker()
    ended = served.goq("wait", str(job))

    assert 125 == ended.returncode
    assert f"the folder '{logical}' is not there" in ended.stdout.decode()


def test_both_names_and_the_umask_outlive_the_server(served: Cluster) -> None:
    """They are in the journal."""
    logical, physical = linked(served)
    here = submit_from(served, logical, str(logical), *WHERE)
    masked = submit_with(served, "027", *shell("umask"))
    served.daemons[0].crash()
    logical.unlink()
    served.start_server()
    served.start_worker()
    served.wait_for_end(masked)

    assert [str(physical)] * 3 == shown_places(served, here)
    assert b"0027\n" == served.output(masked)


def test_a_spooled_job_keeps_both_names_and_the_umask(cluster: Cluster) -> None:
    """It is delivered by another process, from another folder."""
    cluster.done("init")
    logical, _ = linked(cluster)
    env = {"PWD": str(logical), "GOQ_SENDTIMEOUT_MSEC": "200"}
    job = shell("umask; pwd", "x")
    masked = ["sh", "-c", 'umask 007; cd "$1"; shift; exec "$@"', "sh", str(logical)]
    cluster.env |= {"GOQ_SENDTIMEOUT_MSEC": "200"}
    assert 0 == cluster.goq_by(masked, "sub", "--spool", *job).returncode, env
    del cluster.env["GOQ_SENDTIMEOUT_MSEC"]
    cluster.start_server()
    cluster.start_worker()
    cluster.wait_for_end(1)

    assert f"0007\n{logical}\n".encode() == cluster.output(1)


# --- the umask ---------------------------------------------------------------------------------


def submit_with(cluster: Cluster, umask: str, *words: str) -> int:
    """Submit from a shell with this umask; the job's number."""
    ended = cluster.goq_by(["sh", "-c", f'umask {umask}; exec "$@"', "sh"], "sub", *words)
    found = re.search(rb"submitted job (\d+)", ended.stdout)
    assert found, ended
    return int(found[1])


@pytest.mark.parametrize("worker_umask", ["022", "077"])
def test_files_of_a_job_have_the_permissions_that_its_submitter_wants(
    served: Cluster, worker_umask: str
) -> None:
    """A group shares its folders by umask 002; the worker's own is another."""
    served.start_worker(prefix=["sh", "-c", f'umask {worker_umask}; exec "$@"', "sh"])
    modes: Mapping[str, tuple[int, int]] = {
        "002": (0o664, 0o775),
        "022": (0o644, 0o755),
        "027": (0o640, 0o750),
        "077": (0o600, 0o700),
        "000": (0o666, 0o777),
    }
    for umask in modes:
        job = submit_with(
            served, umask, *shell('umask; : > "$1.file"; mkdir "$1.folder"', served.folder / umask)
        )
        served.wait_for_end(job)

        assert f"0{umask}\n".encode() == served.output(job)
    found = {
        umask: tuple(
            (served.folder / f"{umask}.{kind}").stat().st_mode & 0o777 for kind in ("file", "folder")
        )
        for umask in modes
    }
    assert modes == found


def test_even_a_job_that_may_make_nothing_readable_has_its_output(working: Cluster) -> None:
    """The umask is of the job's files, not of ours."""
    job = submit_with(working, "777", *shell("umask; echo said"))
    working.wait_for_end(job)
    after = submit_with(working, "022", *shell("umask"))
    working.wait_for_end(after)

    assert b"0777\nsaid\n" == working.output(job)
    assert b"0022\n" == working.output(after)


def test_niceness_and_limits_are_the_workers(served: Cluster) -> None:
    """They belong to the node, and whoever runs it sets them there."""
    served.start_worker(prefix=["sh", "-c", 'ulimit -Sc 0; ulimit -St 1234; exec nice -n 3 "$@"', "sh"])
    asked = ["sh", "-c", 'ulimit -St 99; exec nice -n 7 "$@"', "sh"]
    assert 0 == served.goq_by(asked, "sub", *shell("nice; ulimit -St")).returncode
    served.wait_for_end(1)

    assert b"3\n1234\n" == served.output(1)


# --- where the output is -----------------------------------------------------------------------


def test_a_person_is_told_where_the_output_will_be(cluster: Cluster) -> None:
    """The server was started by somebody else, somewhere else."""
    elsewhere = cluster.folder / "outputs of all"
    cluster.start_server(env={"GOQ_ODIR": str(elsewhere)})
    one = on_a_terminal(cluster, "sub", "true")
    (cluster.away / "jobs.txt").write_text("echo a\n" * 3)
    three = on_a_terminal(cluster, "sub", "lines@", "jobs.txt")

    assert one.splitlines()[1] == f"output: {elsewhere}/out.00001"
    assert three.splitlines()[1] == f"output: {elsewhere}/out.00002 to out.00004"


def test_a_person_who_waits_is_told_where_the_output_is(cluster: Cluster) -> None:
    """Of each job that had one, also of those that failed; not of one that never ran."""
    elsewhere = cluster.folder / "outputs of all"
    cluster.start_server(env={"GOQ_ODIR": str(elsewhere)})
    gone = cluster.submit("true")
    cluster.done("kill", str(gone))
    cluster.start_worker()
    jobs = [cluster.submit("echo", "a"), cluster.submit("false")]
    shown = on_a_terminal(cluster, "wait", *map(str, (gone, *jobs)))

    told = [line for line in shown.splitlines() if line.startswith("output: ")]
    assert [f"output: {elsewhere}/out.{job:05d}" for job in jobs] == sorted(told)
    assert all((elsewhere / f"out.{job:05d}").exists() for job in jobs)


def test_a_script_that_waits_is_told_what_it_was_told(working: Cluster) -> None:
    """Two lines a job, which are parsed."""
    job = working.submit("echo", "a")
    working.wait_for_end(job)  # by then its worker is there, and nothing is to be said of that

    assert 2 == working.done("wait", str(job)).count("\n")


def test_a_script_is_told_what_it_was_told(served: Cluster) -> None:
    """One line, which is parsed."""
    assert 1 == served.done("sub", "true").count("\n")
    assert "outputs" not in served.done("stat")
