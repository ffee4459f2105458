"""A pipe that is emptied into a file: what was written is there, in order, whoever else holds its ends."""

import errno
import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from descriptors import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.until import wait_until
from goq.adapters.jobs.drain import HUNG_UP_S, NAP_S, NEVER, Drain

NOW_S = 1000.0


class Job:
    """A drain, and the end that a job would have."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.drain = Drain(bytes(output))
        self.entry = self.drain.take_entry()
        self.drain.begin(NOW_S)

    def writes(self, data: bytes) -> None:
        assert len(data) == os.write(self.entry, data)

    @property
    def name(self) -> str:
        """How a job finds its standard output by name."""
        return f"/proc/self/fd/{self.entry}"

    def end(self, line: str = "") -> bytes:
        """The job has ended: what is in the file then."""
        os.close(self.entry)
        self.drain.finish(line)
        return self.output.read_bytes()


@pytest.fixture(name="job")
def _job(tmp_path: Path) -> Iterator[Job]:
    job = Job(tmp_path / "out")
    yield job
    job.drain.close()


# --- what is written is there --------------------------------------------------------------------


def test_what_was_written_is_there_at_the_end(job: Job) -> None:
    """Whether anybody looked meanwhile or not."""
    job.writes(b"first\n")
    job.drain.look(NOW_S + NAP_S)
    assert b"first\n" == job.output.read_bytes()
    job.writes(b"\0\xff")

    assert b"first\n\0\xff" == job.end()


def test_a_job_that_writes_nothing_leaves_an_empty_file(job: Job) -> None:
    """Which is there, as for any other job."""
    assert b"" == job.end()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40_000), st.booleans(), st.booleans()), max_size=12))
def test_pieces_of_any_size_keep_their_order(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[int, bool, bool]]
) -> None:
    """Through however many looks, and also where the file is filled by read and write only."""
    job = Job(tmp_path_factory.mktemp("drain") / "out")
    os.set_blocking(job.entry, False)
    written = b""
    for at, (size, looks, splices) in enumerate(pieces):
        data = bytes([at]) * size
        with suppress(BlockingIOError):
            written += data[: os.write(job.entry, data)]
        if looks:
            job.drain.look(NOW_S + at * NAP_S)
        if not splices:
            job.drain._refuse_splicing()

    assert written == job.end()


def test_an_output_goes_behind_what_is_in_the_file(tmp_path: Path) -> None:
    """Nothing that was kept is written over."""
    path = tmp_path / "out"
    path.write_bytes(b"before\n")
    job = Job(path)
    job.writes(b"after\n")

    assert b"before\nafter\n" == job.end()


def test_the_name_of_the_output_destroys_nothing(job: Job) -> None:
    """A job that opens /dev/stdout truncates nothing and writes over nothing, however it opens it."""
    job.writes(b"a\n")
    for flags in (os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_CREAT | os.O_TRUNC):
        again = os.open(job.name, flags)
        os.write(again, b"b\n")
        os.close(again)
    with pytest.raises(OSError, match="Invalid argument"):
        os.ftruncate(job.entry, 0)
    with pytest.raises(OSError, match="Illegal seek"):
        os.lseek(job.entry, 0, os.SEEK_SET)
    job.writes(b"c\n")

    assert b"a\nb\nb\nb\nc\n" == job.end()


# --- others at its ends --------------------------------------------------------------------------


def test_the_end_waits_for_nobody_who_holds_the_other_end(job: Job) -> None:
    """A daemon that fled with it, or a process that was passed it, may live for ever."""
    stranger = os.dup(job.entry)
    job.writes(b"of the job\n")
    output = job.end()
    with pytest.raises(BrokenPipeError):
        os.write(stranger, b"of a stranger\n")
    os.close(stranger)

    assert b"of the job\n" == output
    assert b"of the job\n" == job.output.read_bytes()


def test_a_stranger_who_writes_without_end_does_not_hold_up_the_end(job: Job) -> None:
    """What is there when the job has gone is taken, and no more."""
    flood = subprocess.Popen(["yes"], stdout=job.entry, stderr=subprocess.DEVNULL)
    wait_until(lambda: job.drain._take() > 0, "a flood")
    job.end()
    flood.wait()

    assert job.output.stat().st_size < 1 << 22


def test_one_who_reads_along_stops_nobody(job: Job) -> None:
    """`cat /dev/stdout` in a job takes what is in the pipe; looking for it must not wait."""
    job.drain._refuse_splicing()
    for _ in range(3):
        job.writes(b"x" * 100)
        with open(job.name, "rb", buffering=0) as reader:
            assert 100 == len(reader.read(100))
        job.drain._copy(100)
        job.drain.look(NOW_S + NAP_S)
    job.writes(b"y")

    assert b"y" == job.end()


def test_one_who_reads_along_stops_no_splicing_either(job: Job) -> None:
    """The same where nothing is copied."""
    job.writes(b"x")
    with open(job.name, "rb", buffering=0) as reader:
        assert b"x" == reader.read(1)

    assert 0 == job.drain._splice(100)
    assert b"" == job.end()


def test_a_job_that_does_not_want_to_wait_changes_its_own_end_only(job: Job) -> None:
    """O_NONBLOCK belongs to what it opened; what it was told is written is written."""
    os.set_blocking(job.entry, False)
    accepted = 0
    for look in range(4):
        try:
            while True:
                accepted += os.write(job.entry, b"z" * 10_000)
        except BlockingIOError:
            job.drain.look(NOW_S + look)
    with suppress(BlockingIOError):
        while True:
            accepted += os.write(job.entry, b"z" * 10_000)

    assert accepted > 4 * 60_000
    assert b"z" * accepted == job.end()


# --- when to look --------------------------------------------------------------------------------


def test_small_pieces_are_worth_a_nap_each(job: Job) -> None:
    """A job that writes line by line must not wake its shepherd for every line."""
    assert NOW_S + NAP_S == job.drain.look_at_s
    at_s = NOW_S
    for _ in range(5):
        at_s += NAP_S
        job.writes(b"a line\n")
        job.drain.look(at_s)

        assert at_s + NAP_S == job.drain.look_at_s
    job.drain.look(at_s + NAP_S)  # nothing came in a whole nap: be told of the next line

    assert NEVER == job.drain.look_at_s
    job.writes(b"a line\n")
    job.drain.look(at_s + 60.0)

    assert at_s + 60.0 + NAP_S == job.drain.look_at_s


def test_what_flows_is_taken_at_once_and_more_may_lie_in_the_pipe(job: Job) -> None:
    """A nap would hold up a job that writes much."""
    before = fcntl.fcntl(job.entry, fcntl.F_GETPIPE_SZ)
    job.writes(b"x" * 50_000)
    job.drain.look(NOW_S + NAP_S)

    assert NEVER == job.drain.look_at_s
    assert before < fcntl.fcntl(job.entry, fcntl.F_GETPIPE_SZ)
    for piece in range(20):
        job.writes(b"x" * 10_000)
        job.drain.look(NOW_S + NAP_S + piece * NAP_S / 10)
    assert NEVER == job.drain.look_at_s

    job.writes(b"x")
    job.drain.look(NOW_S + 4 * NAP_S)
    job.writes(b"x")
    job.drain.look(NOW_S + 8 * NAP_S)
    assert NOW_S + 9 * NAP_S == job.drain.look_at_s, "it flows no more"


def test_where_nobody_can_write_there_is_no_hurry(job: Job) -> None:
    """A closed end is always readable: to wait for that would be to wait never."""
    os.close(os.dup(job.entry))
    job.drain.look(NOW_S + NAP_S)
    assert NEVER == job.drain.look_at_s
    os.close(job.entry)
    job.drain.look(NOW_S + 1.0)

    assert NOW_S + 1.0 + HUNG_UP_S == job.drain.look_at_s
    job.entry = os.open(os.devnull, os.O_WRONLY)


# --- a spool that refuses ------------------------------------------------------------------------


def test_a_file_that_cannot_be_spliced_into_is_written(tmp_path: Path) -> None:
    """Some file systems and kinds of file cannot; the kernel says EINVAL."""
    place = Path(f"/proc/{os.getpid()}/comm")
    before = place.read_bytes()
    job = Job(place)
    job.writes(b"drained")
    try:
        assert b"drained\n" == job.end()
        assert "" == job.drain.trouble
    finally:
        place.write_bytes(before)
    read, write = os.pipe()
    os.write(write, b"x")
    refused = os.open(f"/proc/{os.getpid()}/comm", os.O_WRONLY)
    with pytest.raises(OSError, match=os.strerror(errno.EINVAL)):
        os.splice(read, refused, 1)
    for fileno in (read, write, refused):
        os.close(fileno)


def test_a_full_spool_is_told_and_the_job_may_write_on(tmp_path: Path) -> None:
    """It need not hang, nor be killed for its last words."""
    job = Job(Path("/dev/full"))
    for _ in range(5):
        job.writes(b"x" * 60_000)
        job.drain.look(NOW_S + NAP_S)

        assert f"was full: {os.strerror(errno.ENOSPC)}" == job.drain.trouble
    os.close(job.entry)
    job.drain.finish("a line")


LIMITED = """
import resource, sys
from pathlib import Path
from goq.adapters.jobs.drain import Drain
import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
drain = Drain(sys.argv[1].encode())
entry = drain.take_entry()
for letter in b"abc":
    os.write(entry, bytes([letter]) * 60_000)
    drain.look(0.0)
os.close(entry)
drain.finish("the last line")
print(drain.trouble)
"""


def test_what_fits_is_kept_with_room_for_a_line(tmp_path: Path) -> None:
    """Whoever looks into the file must find why it ends there."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    path = tmp_path / "out"
    command = [sys.executable, "-c", LIMITED, str(path)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    output, _, line = path.read_bytes().rpartition(b"b\n")

    assert f"could not be written: {os.strerror(errno.EFBIG)}\n" == said
    assert b"the last line\n" == line
    assert 90_000 < len(output) < 100_000
    assert b"a" * 60_000 + b"b" * (len(output) - 60_000) == output


def test_a_spool_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    """Its job is not started, and the next one finds as many descriptors."""
    before = opened()
    for place in (tmp_path / "missing" / "out", tmp_path):
        with pytest.raises(OSError, match=r"No such|directory"):
            Drain(bytes(place))

    assert set(opened()) <= set(before)


# --- a line of our own ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [(b"", b"said\n"), (b"x\n", b"x\nsaid\n"), (b"x", b"x\nsaid\n"), (b"\n", b"\nsaid\n")],
)
def test_a_line_of_ours_stands_on_a_line_of_its_own(job: Job, written: bytes, expected: bytes) -> None:
    """Behind an output that may end anywhere."""
    job.writes(written)

    assert expected == job.end("said")


# --- what is taken away from the file -------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 3, 5])
def test_a_file_that_somebody_cuts_off_is_told(job: Job, left: int) -> None:
    """And what comes then is not put behind a hole of zeros."""
    job.writes(b"first\n")
    job.drain.look(NOW_S + NAP_S)
    os.truncate(job.output, left)
    job.writes(b"second\n")

    assert b"first\n"[:left] + b"second\n" == job.end()
    assert f"lost what was in it: somebody cut it off at {left} bytes" == job.drain.damage
    assert "" == job.drain.trouble


def test_a_file_that_is_cut_off_after_the_last_word_is_told(job: Job) -> None:
    """Nothing comes then that would show it."""
    job.writes(b"first\n")
    job.drain.look(NOW_S + NAP_S)
    os.truncate(job.output, 0)
    job.end()

    assert job.drain.damage


def test_a_file_that_nobody_touches_is_not_damaged(job: Job) -> None:
    """However often it is looked at; one with more in it than we have written is not, either."""
    for _ in range(3):
        job.writes(b"word\n")
        job.drain.look(NOW_S + NAP_S)
    with job.output.open("ab") as file:
        file.write(b"x")
    job.writes(b"end\n")
    job.end()

    assert "" == job.drain.damage
