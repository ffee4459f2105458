"""What a job writes into a file of its own host: whole lines, behind whatever is there, and on the disk at its end."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.jobs.appending import LINE_BYTES, Appender
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.outlets import open_drains
from goq.adapters.jobs.spawning import CannotStart, refused_output
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE


class Job:
    """One that writes, and the way to its file."""

    def __init__(self, file: Path, umask: int = 0o022) -> None:
        self.drain = Appender(bytes(file), umask)
        self.entry = self.drain.take_entry()
        self.drain.begin(0.0)
        self._now_s = 1.0

    def say(self, data: bytes) -> None:
        """It writes, and its shepherd looks."""
        os.write(self.entry, data)
        self._now_s += 1.0
        self.drain.look(self._now_s)

    def end(self, line: str = "") -> str:
        """It has ended; the trouble that there was with the file."""
        os.close(self.entry)
        self.drain.finish(line)
        return self.drain.trouble


def test_it_goes_behind_what_is_there(tmp_path: Path) -> None:
    """Nobody's bytes are written over."""
    file = tmp_path / "log"
    file.write_bytes(b"older\n")
    job = Job(file)
    job.say(b"one\ntwo")
    between = file.read_bytes()
    job.say(b" and more\n")

    assert "" == job.end()
    assert b"older\none\n" == between
    assert b"older\none\ntwo and more\n" == file.read_bytes()


def test_lines_of_several_do_not_mix(tmp_path: Path) -> None:
    """Each has a shepherd of its own, at one host or another."""
    jobs = [Job(tmp_path / "log") for _ in range(3)]
    for number, job in enumerate(jobs):
        job.say(b"%d: be" % number)
    for job in jobs:
        job.say(b"gun\n")
    for number, job in enumerate(jobs):
        job.say(b"%d: end" % number)
    for job in jobs:
        job.end("goq: line")

    lines = (tmp_path / "log").read_bytes().splitlines()
    assert [b"0: begun", b"1: begun", b"2: begun"] == lines[:3]
    assert [line for n in range(3) for line in (b"%d: end" % n, b"goq: line")] == lines[3:]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50) | st.sampled_from([b"\n", b"x" * 40_000]), max_size=10))
def test_exactly_its_bytes_are_there(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    """In order, with or without a newline at the end."""
    file = tmp_path_factory.mktemp("a") / "log"
    job = Job(file)
    for piece in pieces:
        if piece:
            job.say(piece)
    job.end()

    assert b"".join(pieces) == file.read_bytes()


def test_a_line_that_is_too_long_does_not_wait(tmp_path: Path) -> None:
    """Of memory a shepherd has little."""
    job = Job(tmp_path / "log")
    for _ in range(5):
        job.say(b"x" * (LINE_BYTES // 4))

    assert LINE_BYTES == (tmp_path / "log").stat().st_size
    job.end()


def test_what_others_cut_off_is_gone_and_no_more(tmp_path: Path) -> None:
    """A log is rotated by copying and cutting it."""
    job = Job(tmp_path / "log")
    job.say(b"one\n")
    os.truncate(tmp_path / "log", 0)
    job.say(b"two\n")
    job.end()

    assert b"two\n" == (tmp_path / "log").read_bytes()


def test_a_full_disk_is_told_and_nothing_of_others_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a spool some bytes go, so that a line has room; here they may be anybody's."""
    file = tmp_path / "log"
    file.write_bytes(bytes(100_000))
    job = Job(file)
    os.write(job.entry, b"lost\n")

    def fail(_fileno: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)

    assert "was full: No space left on device" == job.end("goq: line")
    assert 100_000 == file.stat().st_size


def test_what_cannot_be_synced_is_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS says only then that there is no room."""

    def fail(_fileno: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    job = Job(tmp_path / "log")
    job.say(b"lost\n")
    monkeypatch.setattr(os, "fsync", fail)

    assert "could not be written: Input/output error" == job.end()


def test_dev_null_is_no_trouble() -> None:
    """It cannot be synced, and need not be."""
    job = Job(Path("/dev/null"))
    job.say(b"x\n")

    assert "" == job.end("goq: line")


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_that_the_job_s_umask_gives(tmp_path: Path, umask: int, mode: int) -> None:
    """A lab's group folders depend on it; and ours is as before."""
    ours = os.umask(0o027)
    try:
        Job(tmp_path / "log", umask).end()
        assert 0o027 == os.umask(0o027)
    finally:
        os.umask(ours)

    assert mode == (tmp_path / "log").stat().st_mode & 0o777


def _folder(place: Path) -> None:
    place.mkdir()


def _fifo(place: Path) -> None:
    os.mkfifo(place)


def _loop(place: Path) -> None:
    place.symlink_to(place)


@pytest.mark.parametrize("make", [_folder, _fifo, _loop])
def test_something_else_in_its_place_is_the_job_s_fault(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """So it is at each host."""
    make(tmp_path / "log")
    with pytest.raises(CannotStart) as refusal:
        Job(tmp_path / "log")

    assert ("", 1) == (refusal.value.trouble, refusal.value.exit_code)
    assert f"its output '{tmp_path}/log' cannot be written: " in refusal.value.problem


def test_a_fifo_with_a_reader_is_no_file_either(tmp_path: Path) -> None:
    """Once that is full the shepherd could do nothing else."""
    os.mkfifo(tmp_path / "log")
    reader = os.open(tmp_path / "log", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(CannotStart, match="that is no file"):
        Job(tmp_path / "log")
    os.close(reader)


def test_a_folder_that_is_missing_is_the_host_s(tmp_path: Path) -> None:
    """Another one may have it."""
    with pytest.raises(CannotStart) as refusal:
        Job(tmp_path / "nowhere" / "log")

    assert FOLDER_TROUBLE == refusal.value.trouble


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (errno.ENOENT, FOLDER_TROUBLE),
        (errno.ENOTDIR, FOLDER_TROUBLE),
        (errno.ESTALE, FOLDER_TROUBLE),
        (errno.ENOSPC, FOLDER_TROUBLE),
        (errno.EDQUOT, FOLDER_TROUBLE),
        (errno.EMFILE, NODE_TROUBLE),
        (errno.ENOMEM, NODE_TROUBLE),
        (errno.EIO, NODE_TROUBLE),
        (errno.EACCES, ""),
        (errno.EROFS, ""),
        (errno.EISDIR, ""),
        (errno.ENXIO, ""),
        (errno.ELOOP, ""),
    ],
)
def test_whose_fault_it_is(number: int, trouble: str) -> None:
    """A disk that one user has filled must not stop the others' jobs on that host."""
    assert trouble == refused_output(OSError(number, os.strerror(number)), b"/x").trouble


def test_a_spool_and_a_file_are_open_together_or_not_at_all(tmp_path: Path) -> None:
    """Or each start in vain would leave a descriptor behind."""
    good = (bytes(tmp_path / "spool"), False), (bytes(tmp_path / "log"), True)
    drains = open_drains(good, 0o022)
    assert [Drain, Appender] == [type(drain) for drain in drains]
    for drain in drains:
        os.close(drain.take_entry())
        drain.close()
    before = len(os.listdir("/proc/self/fd"))
    for bad in (tmp_path / "no" / "log", tmp_path):
        with pytest.raises(CannotStart):
            open_drains((good[0], (bytes(bad), True)), 0o022)
    with pytest.raises(CannotStart, match="the worker cannot write"):
        open_drains(bytes(tmp_path / "no" / "spool"), 0o022)

    assert before == len(os.listdir("/proc/self/fd"))
