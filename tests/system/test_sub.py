"""`goq sub`: words that nobody touches, and files of lines."""

import re
from pathlib import Path

from system.cluster import Cluster
from system.test_bad_input import complaint


def test_words_after_the_command_belong_to_it(working: Cluster) -> None:
    """`goq sub ls -l` must list, and not explain `goq`."""
    ran = {
        "printf <%s> -l": b"<-l>",
        "printf <%s> -- x": b"<--><x>",
        "printf <%s> --help": b"<--help>",
        "-- printf <%s> -h --": b"<-h><-->",
        "printf <%s> lines@ --version": b"<lines@><--version>",
    }

    assert ran == {words: working.run(*words.split()) for words in ran}


def test_ls_l_lists(working: Cluster) -> None:
    """The README's own kind of example."""
    (working.away / "here.txt").touch()

    assert re.search(rb"^-rw.* here\.txt$", working.run("ls", "-l"), re.MULTILINE)


def test_a_command_that_begins_with_a_dash_follows_two_dashes(working: Cluster) -> None:
    """There is a way for every name that a file can have."""
    odd = working.away / "-odd"
    odd.write_text("#!/bin/sh\necho odd\n")
    odd.chmod(0o755)
    job = working.submit("--", "-odd", env={"PATH": f"{working.away}:/usr/bin:/bin"})

    assert 0 == working.status(job)
    assert b"odd\n" == working.output(job)


def test_an_option_before_the_command_is_goqs(served: Cluster) -> None:
    """A word that is neither goq's option nor a command must not be guessed at."""
    ended = served.goq("sub", "-l")

    assert 2 == ended.returncode
    assert b"'-l'" in ended.stderr
    assert "1" == served.stat()["nextJobId"]


def test_a_job_runs_in_the_folder_of_its_submission(working: Cluster) -> None:
    """Relative paths in a command mean what they meant in the shell."""
    deep = working.away / "deep er" / "down"
    deep.mkdir(parents=True)

    assert f"{deep}\n".encode() == working.run("/bin/pwd", cwd=deep)


# --- lines@ ----------------------------------------------------------------------------------


def test_each_line_of_a_file_is_a_job(working: Cluster) -> None:
    """Ten thousand jobs need one command, not ten thousand."""
    lines = working.away / "jobs.txt"
    lines.write_text("echo one\n\n   \nprintf '%s|' 'two words' \"it's\" a\\ b\necho three")
    said = working.done("sub", "lines@", "jobs.txt")
    for job in (1, 2, 3):
        working.status(job)

    assert f"submitted 3 jobs [1 : 3] to server at '{working.address}'." in said
    assert b"one\n" == working.output(1)
    assert b"two words|it's|a b|" == working.output(2)
    assert b"three\n" == working.output(3)


def test_lines_come_from_the_standard_input_for_a_dash(working: Cluster) -> None:
    """A generator of jobs needs no file between."""
    jobs = working.submit_lines(["echo a", "echo b"])
    for job in jobs:
        working.status(job)

    assert [b"a\n", b"b\n"] == [working.output(job) for job in jobs]


def test_one_bad_line_submits_nothing(served: Cluster) -> None:
    """Half a file submitted leaves its user to find out which half."""
    complaints = {
        b"echo fine\necho 'never closed\necho fine\n": "line 2: No closing quotation",
        b"echo fine\n'' first word is empty\n": "line 2",
        b"echo fine\necho a\0b\n": "line 2 holds a NUL byte",
        b"\n  \n": "refusing to submit empty job",
        b"": "refusing to submit empty job",
    }
    for content, wanted in complaints.items():
        (served.away / "jobs.txt").write_bytes(content)

        assert wanted in complaint(served.goq("sub", "lines@", "jobs.txt"), 2)
    assert "1" == served.stat()["nextJobId"]


def test_lines_without_a_readable_file_is_one_line(served: Cluster) -> None:
    """Wrong usage of the special word must not become a job of that name."""
    for words in ("lines@", "lines@ a b", "lines@ missing.txt", "lines@ /"):
        complaint(served.goq("sub", *words.split()), 2)

    assert "1" == served.stat()["nextJobId"]


def test_a_long_file_of_lines_gets_one_unbroken_range_of_ids(served: Cluster) -> None:
    """More than fits in one message is still in order."""
    jobs = served.submit_lines([f"echo {number} {'x' * 100}" for number in range(12_000)])
    shown = served.done("stat", "3")

    assert range(1, 12_001) == jobs
    assert "waitingJobs=12000" in shown
    assert ["echo 0", "echo 1", "echo 2"] == re.findall(r"= '(echo \d+) ", shown)


def test_lines_may_hold_any_bytes_but_nul(working: Cluster, tmp_path: Path) -> None:
    """File names in other encodings come out of `find` like this."""
    lines = tmp_path / "lines"
    lines.write_bytes(b"printf %s caf\xe9\xff\n")
    working.done("sub", "lines@", str(lines))
    working.status(1)

    assert b"caf\xe9\xff" == working.output(1)
