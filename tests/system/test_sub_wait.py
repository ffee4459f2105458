"""`goq sub --wait`: a job as if it ran here."""

import signal

import pytest

from system.cluster import Cluster
from system.jobs import held_until, lines_of, shell, touch
from system.test_bad_input import IMPATIENT, complaint


def test_it_ends_as_the_job_ended_and_prints_what_it_wrote(working: Cluster) -> None:
    """Byte for byte, short or long."""
    good = working.goq("sub", "--wait", *shell("printf 'a\\0b\\xff'"))
    bad = working.goq("sub", "-q", "--wait", *shell("echo no luck >&2; exit 3"))
    long = working.goq("sub", "-q", "--wait", *shell("head -c 300000 /dev/zero | tr '\\0' x"))
    silent = working.goq("sub", "-q", "--wait", "true")

    assert (0, b"") == (good.returncode, good.stderr)
    assert good.stdout.endswith(b"submitted job 1 to server at '%b'.\na\0b\xff" % working.address.encode())
    assert 3 == bad.returncode
    assert bad.stdout.startswith(b"no luck\ngoq: job 2: ")
    assert b"2\ngoq: job 2: job failed with exit status 3.\n" == bad.stderr
    assert b"x" * 300_000 == long.stdout
    assert (b"", b"4\n") == (silent.stdout, silent.stderr)


def test_what_it_writes_is_seen_while_it_runs(working: Cluster) -> None:
    """A long one; errors apart go to the standard error."""
    gate = working.folder / "gate"
    job = held_until(gate, "head -c 70000 /dev/zero | tr '\\0' y; echo bad >&2")
    script = ("bash", "-c", "head -c 70000 /dev/zero | tr '\\0' x; exec \"$@\"", "job", *job)
    waiting = working.start("sub", "-q", "--wait", "--err", "{id}.err", *script)
    working.wait_until(lambda: waiting.text().endswith("x" * 70_000))
    touch(gate)

    assert 0 == waiting.wait()
    assert "1\n" + "x" * 70_000 + "y" * 70_000 == waiting.text().replace("bad\n", "")
    assert "bad\n" in waiting.text()


def test_all_attempts_are_passed_on(working: Cluster) -> None:
    ended = working.goq(
        "sub",
        "-q",
        "--wait",
        "--retries",
        "1",
        "--backoff",
        "0",
        *shell("echo $GOQ_ATTEMPT; test $GOQ_ATTEMPT = 2"),
    )

    assert 0 == ended.returncode
    assert [b"1", b"2"] == [each for each in ended.stdout.splitlines() if each.isdigit()]


def test_of_several_jobs_the_first_that_did_not_end_well_counts(working: Cluster) -> None:
    """Their outputs come in order, whoever ended first."""
    working.start_worker()
    gate = working.away / "gate"
    lines = lines_of(held_until(gate, "echo one"), shell("touch gate; echo two; exit 5"), shell("exit 6"))
    (working.away / "lines").write_text("\n".join(lines))
    ended = working.goq("sub", "-q", "--wait", "lines@", "lines")

    assert 5 == ended.returncode
    assert ended.stdout.startswith(b"one\ntwo\n")


def test_a_program_gets_its_object_alone(working: Cluster) -> None:
    """What the job wrote would be no JSON."""
    ended = working.goq("sub", "--json", "--wait", *shell("echo hello; exit 4"))

    assert 4 == ended.returncode
    assert 1 == ended.stdout.count(b"\n")


def test_ctrl_c_leaves_the_job_and_says_how_to_come_back(working: Cluster) -> None:
    """Who looks away does not end what he looked at."""
    gate = working.folder / "gate"
    waiting = working.start("sub", "--wait", *held_until(gate))
    working.wait_for_start(1)
    working.wait_until(lambda: "submitted job 1" in waiting.text())
    code = waiting.stop(signal.SIGINT)
    touch(gate)

    assert 130 == code
    assert waiting.text().endswith("goq: job 1 goes on; come back with: goq wait 1\n")
    assert 0 == working.status(1)


def test_trouble_of_its_own_is_told_from_a_status_of_the_job(cluster: Cluster) -> None:
    """A job may end with 3; wrong usage is 2 as ever."""
    cluster.done("init")

    assert "goq serve" in complaint(cluster.goq("sub", "--wait", "true", env=IMPATIENT), 69)
    assert "refusing" in complaint(cluster.goq("sub", "--wait"), 2)


@pytest.mark.parametrize("words", [("-q", "--wait"), ("--wait", "--quiet"), ("-q", "--wait", "--tag", "x")])
def test_the_number_is_no_part_of_the_output(working: Cluster, words: tuple[str, ...]) -> None:
    """`x=$(goq sub -q --wait CMD)` wants what the job wrote."""
    ended = working.goq("sub", *words, "echo", "hello")

    assert (0, b"hello\n", b"1\n") == (ended.returncode, ended.stdout, ended.stderr)
