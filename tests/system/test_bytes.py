"""What users write is bytes, and much of it: nothing is lost, bent or cut."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from system.cluster import GOQ, MARK, Cluster
from system.jobs import shell

ODD = os.fsdecode(b"caf\xe9 \xff\xfe\x80")
LONGEST_WORD = 128 * 1024 - 1  # the kernel gives no program a longer one


def environment_of(output: bytes) -> dict[bytes, bytes]:
    """/proc/PID/environ, parsed."""
    return dict(entry.split(b"=", 1) for entry in output.split(b"\0") if entry)


def test_arguments_that_are_not_utf_8_arrive_byte_exact(working: Cluster) -> None:
    """File names of the last century still have to be computed on."""
    words = [ODD, "\x01\x7f", os.fsdecode(bytes(range(1, 256)))]

    assert os.fsencode("".join(f"{word}\0" for word in words)) == working.run("printf", r"%s\0", *words)


def test_a_folder_and_a_command_that_are_not_utf_8_are_found(working: Cluster) -> None:
    """The job runs where it was submitted, whatever that is called."""
    folder = working.away / ODD
    folder.mkdir()
    program = folder / f"run {ODD}"
    program.write_text("#!/bin/sh\n/bin/pwd\ncat *.txt\n")
    program.chmod(0o755)
    (folder / f"{ODD}.txt").write_text("found\n")
    output = working.run(f"./run {ODD}", cwd=folder)

    assert os.fsencode(folder) + b"\nfound\n" == output


def test_variables_that_are_not_utf_8_arrive_byte_exact(working: Cluster) -> None:
    """The environment is bytes as well, and so are its names."""
    odd = {"ODD": ODD, "NAME_" + os.fsdecode(b"\xe9"): "x", "NEWLINE": "a\nb", "EMPTY": "", "EQUALS": "a=b=c"}
    seen = environment_of(working.run("cat", "/proc/self/environ", env=odd))

    assert {os.fsencode(name): os.fsencode(value) for name, value in odd.items()}.items() <= seen.items()


def test_a_user_with_an_odd_name_can_submit(working: Cluster) -> None:
    """His name is shown in `goq stat`; it must not be what fails."""
    job = working.submit("true", env={"USER": ODD, "LOGNAME": ODD})

    assert 0 == working.status(job)


def test_the_jobs_environment_is_the_submitters_and_no_more(working: Cluster) -> None:
    """A variable too much changes a program as surely as one too few; Python adds LC_CTYPE."""
    given = {
        "PATH": os.environ["PATH"],
        "GOQ_HOME": str(working.home),
        "GOQ_SPOOL": str(working.spool),
        "GOQ_JSERV_IP": "127.0.0.1",
        "GOQ_JSERV_PORT": str(working.port),
        MARK: working.mark,
    }
    subprocess.run([GOQ, "sub", "cat", "/proc/self/environ"], env=given, cwd=working.away, check=True)
    working.status(1)
    found = environment_of(working.output(1))
    own = {b"GOQ_JOB_ID": b"1", b"GOQ_TASK": b"1", b"GOQ_ATTEMPT": b"1", b"GOQ_CPUS": b"1"}
    own |= {b"TMPDIR": found[b"TMPDIR"], b"OMP_NUM_THREADS": b"1"}

    assert {name.encode(): value.encode() for name, value in given.items()} | own == found


def test_ten_thousand_variables_arrive_intact(working: Cluster) -> None:
    """Some build systems really do that."""
    many = {f"VARIABLE_{number:05d}": f"the value of number {number}" for number in range(10_000)}
    seen = environment_of(working.run("cat", "/proc/self/environ", env=many))

    assert {name.encode(): value.encode() for name, value in many.items()}.items() <= seen.items()


def test_nearly_two_megabytes_of_arguments_arrive_intact(working: Cluster) -> None:
    """As much as the kernel lets anybody have."""
    words = [f"{number:05d}" + "x" * 95 for number in range(16_500)]
    count = "import sys; print(len(sys.argv) - 1, sum(map(len, sys.argv[1:])))"
    output = working.run(sys.executable, "-c", count, *words)

    assert b"16500 1650000\n" == output


def test_the_longest_word_that_the_kernel_takes_arrives_intact(working: Cluster) -> None:
    """Up to the last byte."""
    word = "w" * LONGEST_WORD
    output = working.run("sh", "-c", 'printf %s "$1"', "sh", word)

    assert word.encode() == output


def test_stat_shows_huge_jobs_in_short(served: Cluster) -> None:
    """A few of them would not fit an answer if they were shown whole."""
    for _ in range(5):
        served.submit("true", *["x" * 100_000] * 9)
    shown = served.done("stat")

    assert 5 == shown.count("WaitingJob")
    assert 5_000 > len(shown)


@pytest.mark.skipif(os.sysconf("SC_ARG_MAX") != 1 << 21, reason="a shell with another stack limit")
def test_what_is_too_much_for_one_program_is_told_in_its_output(working: Cluster) -> None:
    """Accepted, but the machine cannot start it: a failed job that says why, not a lost one."""
    lines = working.folder / "lines"
    lines.write_text("true " + " ".join(["x" * 120] * 1000) + "\n")
    working.done("sub", "lines@", str(lines), env={f"V{n}": "v" * 100_000 for n in range(20)})
    status = working.status(1)

    assert 126 == status
    assert b"Argument list too long" in working.output(1)


def test_a_server_in_a_folder_that_is_not_utf_8_works(cluster: Cluster) -> None:
    """Its log names the folder; that must not be what fails."""
    folder = cluster.folder / ODD
    folder.mkdir()
    cluster.here = Path(folder)
    cluster.start_server(cwd=folder)
    cluster.start_worker()

    assert b"fine\n" == cluster.run("echo", "fine")


def test_output_without_a_newline_at_its_end_stays_so(working: Cluster) -> None:
    """The original lost, or invented, the last newline."""
    texts = ("no newline", r"\n", r"\n\n", r"\0", "")
    outputs = working.run_all(*(("printf", text) for text in texts))

    assert [b"no newline", b"\n", b"\n\n", b"\0", b""] == outputs


def test_outputs_around_the_inline_limit_are_byte_exact(working: Cluster) -> None:
    """Short ones travel inside the result, long ones ahead of it."""
    sizes = [65_535, 65_536, 65_537, 524_288, 524_289, 1_048_576]
    copies = [working.folder / f"copy.{size}" for size in sizes]
    script = 'head -c $1 /dev/urandom | tee "$2"'
    outputs = working.run_all(*(shell(script, size, copy) for size, copy in zip(sizes, copies, strict=True)))

    assert sizes == [len(output) for output in outputs]
    assert [copy.read_bytes() for copy in copies] == outputs


def test_a_failure_after_output_without_newline_gets_a_line_of_its_own(working: Cluster) -> None:
    """The line that tells must not be glued to the job's last word."""
    job = working.submit(*shell("printf half; exit 2"))
    working.status(job)

    assert re.fullmatch(rb"half\ngoq: job 1: .*: exit status 2\n", working.output(job))
