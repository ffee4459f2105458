"""The options of `goq sub`, from the shell to the job."""

import json
import re

from system.cluster import GOQ, Cluster
from system.jobs import shell, touch
from system.test_bad_input import complaint
from system.test_terminal import on_a_terminal


def test_the_number_alone_is_for_scripts(served: Cluster) -> None:
    """`job=$(goq sub -q ...)`."""
    (served.away / "lines").write_text("true\nfalse\ntrue\n")

    assert "1\n" == served.done("sub", "-q", "true")
    assert "2-4\n" == served.done("sub", "--quiet", "lines@", "lines")
    assert "5\n" == served.done("sub", "-q", "--unique", "k", "true")
    assert "5\n" == served.done("sub", "-q", "--unique", "k", "true")


def test_one_object_is_for_programs(served: Cluster) -> None:
    """With a version, since programs are older than what they read."""
    (served.away / "lines").write_text("true\nfalse\n")
    one, lines, again = (
        json.loads(served.done("sub", "--json", *words))
        for words in (("--unique", "k", "true"), ("lines@", "lines"), ("--unique", "k", "true"))
    )
    folder = str(served.here / "o")

    assert (1, "submitted", None) == (one["goq"], one["kind"], one["next"])
    assert [
        {"id": 1, "last": 1, "count": 1, "existed": False, "spooled": False, "output_folder": folder}
    ] == one["rows"]
    assert (2, 3, 2) == tuple(lines["rows"][0][key] for key in ("id", "last", "count"))
    assert again["rows"] == [one["rows"][0] | {"existed": True}]


def test_what_was_spooled_has_no_number(cluster: Cluster) -> None:
    """A script that takes a word for a number would wait for another's job."""
    cluster.done("init")
    env = {"GOQ_SENDTIMEOUT_MSEC": "200"}
    quiet = cluster.goq("sub", "-q", "--spool", "true", env=env)
    (row,) = json.loads(cluster.goq("sub", "--json", "--spool", "false", env=env).stdout)["rows"]

    assert (0, b"") == (quiet.returncode, quiet.stdout)
    assert b"spooled, to be submitted when one is there" in quiet.stderr
    assert {
        "id": None,
        "last": None,
        "count": 1,
        "existed": False,
        "spooled": True,
        "output_folder": None,
    } == row


def test_a_job_runs_in_the_folder_that_is_named(working: Cluster) -> None:
    """Its PWD says so too."""
    (working.away / "deep").mkdir()
    where = f"{working.away}/deep\n".encode()

    assert where + where == working.run("-C", "deep", *shell('pwd; echo "$PWD"'))


def test_a_job_has_the_variables_that_are_named(working: Cluster) -> None:
    """On top of those of the shell, or of few."""
    show = shell('echo "$SEED $KEPT $LEFT"')
    env = {"KEPT": "k", "LEFT": "l"}

    assert b"7 k l\n" == working.run("-e", "SEED=7", *show, env=env)
    assert b"7 k \n" == working.run("--clean-env", "--env", "SEED=7", "-e", "KEPT", *show, env=env)


def test_a_name_is_in_the_job_and_where_people_look(working: Cluster) -> None:
    """Tags too, where there is room for them."""
    gate = working.folder / "gate"
    show = 'until test -e "$1"; do sleep 0.02; done; echo "$GOQ_JOB_NAME"; "$2" sub -q env'
    job = working.submit(
        "-N", "fold-7", "--tag", "paper", "--tag", "x2", "--tag", "paper", *shell(show, gate, GOQ)
    )
    working.submit("--name", "later", *shell("true"))
    working.wait_for_stat(runQlen=1)
    shown = on_a_terminal(working, "list")
    touch(gate)
    working.wait_for_end(3)

    assert b"fold-7\n" in working.output(job)
    assert b"GOQ_JOB_NAME" not in working.output(3), "the job of a job has not its name"
    assert "NAME" in shown
    assert re.search(r"^ *1 +fold-7 ", shown, re.MULTILINE)
    assert re.search(r"^ *2 +later ", shown, re.MULTILINE)
    assert " as 'fold-7', tagged paper, x2\n" in working.done("history", str(job), cwd=working.here)


def test_a_job_reads_the_file_that_is_named(working: Cluster) -> None:
    """As it is when the job begins, and from the folder of the job."""
    (working.away / "deep").mkdir()
    (working.away / "deep" / "input").write_text("hello\n")

    assert b"hello\n" == working.run("-C", "deep", "-i", "input", "cat")
    assert b"" == working.run("cat")
    failed = working.submit("--stdin", "none", "cat")
    assert 1 == working.status(failed)
    assert b"its standard input 'none' cannot be opened: No such file" in working.output(failed)


def test_options_that_make_no_sense_queue_nothing(served: Cluster) -> None:
    """One line that names the word, and shows a right one."""
    wanted = {
        ("-C", "none", "true"): "-C 'none': No such file or directory; name a folder that is here",
        ("-e", "NONE", "true"): "-e NONE: not set here; -e NONE=VALUE sets it",
        ("-e", "=1", "true"): "-e takes NAME=VALUE",
        ("-N", "12-20", "true"): "--name '12-20': a letter must be in it",
        ("--name", "", "true"): "--name '': a letter",
        ("--tag", "a", "--tag", "b,c", "true"): "--tag 'b,c': a letter must be in it, no blank",
        (*[f"--tag=t{number}" for number in range(11)], "true"): "--tag: a job has 10 tags at most",
        ("-i", "", "true"): "-i '': name a file, or - for what is piped",
        ("-i", "-", "--each", "-", "true"): "-i - and --each - read the same pipe",
        ("-i", "-", "lines@", "-"): "-i - and lines@ - read the same pipe",
        ("-i", "x" * 1025, "true"): "-i takes a name of 1024 characters at most",
        ("-i", "caf\udce9", "true"): "-i takes a name of 1024 characters at most, in UTF-8",
        ("--wait", "--spool", "true"): "--wait needs a server, --spool does without; choose one",
        ("-q", "--json", "true"): "--quiet and --json are two ways to say it; choose one",
    }
    for words, line in wanted.items():
        assert line in complaint(served.goq("sub", *words), 2)
    assert "1" == served.stat()["nextJobId"]
