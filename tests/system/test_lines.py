"""`goq sub lines@` and `goq sub --shell`: which words a job gets, and who reads them first."""

import os
import re
from collections.abc import Sequence

import pytest

from system.cluster import Cluster
from system.jobs import script
from system.test_bad_input import complaint
from system.test_terminal import on_a_terminal


def outputs_of(cluster: Cluster, text: bytes, *options: str) -> list[bytes]:
    """Submit the text as lines, and give the outputs of the jobs that came of it."""
    (cluster.away / "jobs.txt").write_bytes(text)
    said = cluster.done("sub", *options, "lines@", "jobs.txt")
    found = re.search(r"submitted (?:job (\d+)|\d+ jobs \[(\d+) : (\d+)\])", said)
    assert found, said
    first, last = int(found[1] or found[2]), int(found[1] or found[3])
    for job in range(first, last + 1):
        cluster.wait_for_end(job)
    return [cluster.output(job) for job in range(first, last + 1)]


def test_words_are_those_of_a_shell(working: Cluster) -> None:
    """Comments, a price in double quotes, a quote in single ones."""
    text = rb"""# which jobs, and why
printf '<%s>' a b  # the first
   # indented
printf '<%s>' "\$5" "a\b" 'it'\''s' x#y '#'
printf '<%s>' \# 5$ http://h/?a=1 x[3] {}
"""
    expected = [b"<a><b>", rb"<$5><a\b><it's><x#y><#>", b"<#><5$><http://h/?a=1><x[3]><{}>"]

    assert expected == outputs_of(working, text)


@pytest.mark.parametrize("options", [(), ("--shell",)], ids=["words", "shell"])
def test_files_of_other_systems_are_lines_too(working: Cluster, options: Sequence[str]) -> None:
    """Notepad begins with a mark and ends its lines with two characters; none of them is of a word."""
    text = b"\xef\xbb\xbfecho one\r\n\r\n# two\r\necho 'three '\r\necho four\r"

    assert [b"one\n", b"three \n", b"four\n"] == outputs_of(working, text, *options)


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        ("sort in > out", ">"),
        ("sort < in", "<"),
        ("ls | wc", "|"),
        ("sleep 1 & sleep 2", "&"),
        ("cd /tmp && ls", "&"),
        ("echo a; echo b", ";"),
        ("echo $(date)", "$("),
        ("(echo a)", "("),
        ("ls *.txt", "*"),
        ("FOO=1 ./run", "FOO=1"),
        ("./run $SEED", "$SEED"),
        ("./run `date`", "`"),
        ("~/bin/run", "~"),
        ("! ./run", "!"),
    ],
)
def test_what_only_a_shell_understands_is_refused(served: Cluster, line: str, piece: str) -> None:
    """A program would be given the character, and ten thousand jobs would do something else."""
    (served.away / "jobs.txt").write_text(f"echo fine\n{line}\n")
    said = complaint(served.goq("sub", "lines@", "jobs.txt"), 2)

    assert f"jobs.txt, line 2: only a shell gives {piece} its meaning" in said
    assert "quote it, or goq sub --shell lines@ jobs.txt" in said
    assert "nothing was submitted" in said
    assert "1" == served.stat()["nextJobId"]


def test_a_line_that_goes_on_in_the_next_is_refused(served: Cluster) -> None:
    """It would be two jobs, neither of them what was meant."""
    (served.away / "jobs.txt").write_text("echo a \\\n  b\n")
    for options in ([], ["--shell"]):
        said = complaint(served.goq("sub", *options, "lines@", "jobs.txt"), 2)

        assert "jobs.txt, line 1: a line cannot go on in the next one" in said
    assert "1" == served.stat()["nextJobId"]


# --- --shell -----------------------------------------------------------------------------------


def test_each_line_may_have_a_shell_of_its_own(working: Cluster) -> None:
    """Pipes, variables of the job, several commands, bash's own words: all of them in the job."""
    text = b"""# a comment is no job
echo $GOQ_JOB_ID | tr 123 abc
A=1; [[ $A == 1 ]] && echo "bash: $A"

  cd / && pwd  # with a comment
echo {a,b} > x; cat x
"""

    assert [b"a\n", b"bash: 1\n", b"/\n", b"a b\n"] == outputs_of(working, text, "--shell")


def test_one_word_may_be_a_line_for_a_shell(working: Cluster) -> None:
    """What everybody tries first."""
    assert b"hi\n" == working.run("--shell", "sleep 0; echo hi")
    assert b"3\n" == working.run("--shell", "echo $(( 1 + 2 ))")
    assert 7 == working.status(working.submit("--shell", "exit 7"))


def test_a_shell_takes_one_word(served: Cluster) -> None:
    """Of several nobody knows where the quotes were."""
    for words in (["sleep", "3"], ["./run", ""], ["echo", "a;b"]):
        said = complaint(served.goq("sub", "--shell", *words), 2)

        assert "quote the command: goq sub --shell 'sleep 3; echo hi'" in said
    for words in ([""], [" "]):
        assert "empty" in complaint(served.goq("sub", "--shell", *words), 2)
    assert "1" == served.stat()["nextJobId"]


def test_a_submitter_without_bash_has_the_other_shell(working: Cluster) -> None:
    """Small images have none."""
    small = working.folder / "small"
    small.mkdir()
    (small / "sh").symlink_to("/bin/sh")
    (small / "echo").symlink_to("/bin/echo")
    job = working.submit("--shell", "echo a; echo b", env={"PATH": str(small)})

    assert 0 == working.status(job)
    assert b"a\nb\n" == working.output(job)


# --- what fails later ------------------------------------------------------------------------------


def test_a_command_that_is_not_found_says_what_may_have_been_meant(working: Cluster) -> None:
    """Each of these is typed by somebody every day."""
    script(working.away / "task.sh", "#!/bin/sh", "echo ran")
    meant = {
        ("sleep 3; echo hi",): "'sleep 3; echo hi'; it is one word; --shell runs it by a shell",
        ("echo hi > out",): "'echo hi > out'; it is one word; --shell runs it by a shell",
        ("./task.sh 5",): "'./task.sh 5'; it is one word; --shell runs it by a shell",
        ("x" * 300 + "; echo hi",): "; it is one word; --shell runs it by a shell",
        ("./task.sh/x y",): "'./task.sh/x y'; it is one word; --shell runs it by a shell",
        ("task.sh",): "'task.sh'; ./task.sh is in that folder",
        ("task.sh", "5"): "'task.sh'; ./task.sh is in that folder",
        ("cd", "/tmp"): "'cd'; only shells know that word",
        ("FOO=1", "./task.sh"): "'FOO=1'; a variable is set by 'env' before it",
        ("no-such-command",): "'no-such-command'",
    }
    for words, hint in meant.items():
        job = working.submit(*words)

        assert 127 == working.status(job)
        (line,) = working.output(job).decode().splitlines()
        assert hint in line
        assert "command not found: " in line


def test_whoever_types_such_a_command_is_asked_at_once(served: Cluster) -> None:
    """On a terminal only; it is submitted all the same, since the worker may know better."""
    script(served.away / "task.sh", "#!/bin/sh")
    shown = {
        ("sleep 3; echo hi",): "that is one word; for a shell: goq sub --shell 'sleep 3; echo hi'",
        ("task.sh", "5"): "no task.sh is on the PATH; the one in this folder is ./task.sh",
        ("source", "env.sh"): "source: only shells know that word",
    }
    for at, (words, note) in enumerate(shown.items(), start=1):
        said = on_a_terminal(served, "sub", *words)

        assert f"submitted job {at}" in said
        assert f"goq: note: {note}" in re.sub(r"\x1b\[[0-9;]*m", "", said)
    for words in (("true",), ("no-such-command",), ("./task.sh",), ("echo", "a;b"), ("--shell", "a; b")):
        assert "note:" not in on_a_terminal(served, "sub", *words)
    assert b"" == served.goq("sub", "sleep 3; echo hi").stderr


def test_a_hundred_thousand_lines_are_read_quickly(served: Cluster) -> None:
    """As long as they need no shell to be read, reading them is no part of the cost."""
    lines = [f"./simulate --seed {number} in/{number}.txt" for number in range(100_000)]
    said = served.goq("sub", "lines@", "-", stdin=os.fsencode("\n".join(lines)), timeout=60)

    assert b"submitted 100000 jobs [1 : 100000]" in said.stdout
