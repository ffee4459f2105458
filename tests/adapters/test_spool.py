"""The spool: outputs and results on a worker's disk, for the server, or for the next worker."""

import errno
import hashlib
import os
import resource
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from descriptors import opened_below
from epochs import EPOCH

from goq.adapters.files import temporary
from goq.adapters.files.pieces import Damaged
from goq.adapters.files.spool import LOOK_EVERY_S, Spool, SpoolFolder
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.errors import BadSetting


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[SpoolFolder]:
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    yield folder
    folder.close()


@pytest.fixture(name="spool")
def _spool(folder: SpoolFolder) -> Iterator[Spool]:
    spool = folder.scratch("worker-1.7.1")
    yield spool
    spool.remove()


def claim(job: int, attempt: int = 1) -> Claim:
    """One attempt of a worker here."""
    return Claim(EPOCH, JobId(job), attempt, WorkerId("worker-1"))


def owned(folder: SpoolFolder, job: int, attempt: int = 1) -> Spool:
    """The file of a long output, which belongs to its attempt alone."""
    spool = folder.scratch(f"worker-1.{job}.{attempt}")
    spool.own(claim(job, attempt))
    return spool


def kept_in(folder: SpoolFolder) -> list[tuple[bytes, bytes]]:
    """The outputs and results that an heir would find."""
    found = []
    for spool, result in folder.kept():
        found.append((held(spool), result))
        spool.close()
    return found


def held(spool: Spool) -> bytes:
    """All that is in it."""
    return b"".join(piece.data for piece in iter(spool.pieces().next, None))


def grow(spool: Spool, data: bytes) -> None:
    """What a job does with its standard output."""
    with spool.path.open("ab") as file:
        file.write(data)


# --- outputs -------------------------------------------------------------------------------


def test_a_spool_grows_with_its_job(spool: Spool) -> None:
    """The worker reads while the job writes."""
    sizes = [spool.size()]
    for data in (b"abc", b"def"):
        grow(spool, data)
        sizes.append(spool.size())

    assert [0, 3, 6] == sizes
    assert b"abcdef" == held(spool)


def test_each_reader_of_a_spool_begins_at_its_start(spool: Spool) -> None:
    """What was streamed for one attempt says nothing of the next one's place."""
    grow(spool, b"abc")
    first = spool.pieces()
    first.next()
    grow(spool, b"def")
    rest, whole = first.next(), spool.pieces().next()

    assert rest is not None
    assert whole is not None
    assert ((3, b"def"), (0, b"abcdef")) == ((rest.offset, rest.data), (whole.offset, whole.data))


def test_a_line_is_a_piece_like_any_other(spool: Spool) -> None:
    """A last line is added after most of it was read."""
    grow(spool, b"output\n")
    pieces = spool.pieces()
    pieces.next()
    spool.add_line("goq: exit status 3")
    last = pieces.next()

    assert last is not None
    assert hashlib.sha256(b"output\n").digest() == last.before
    assert hashlib.sha256(b"output\ngoq: exit status 3\n").digest() == last.after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"goq: odd \xff\n"),
        (b"output\n", b"output\ngoq: odd \xff\n"),
        (b"output", b"output\ngoq: odd \xff\n"),
        (b"\n", b"\ngoq: odd \xff\n"),
    ],
)
def test_our_own_line_stands_on_a_line_of_its_own(spool: Spool, before: bytes, after: bytes) -> None:
    """People see at a glance what the job wrote and what goq did."""
    grow(spool, before)
    spool.add_line("goq: odd \udcff")

    assert after == spool.path.read_bytes()


def test_a_line_that_the_disk_does_not_take_leaves_no_half_of_it(spool: Spool) -> None:
    """Whoever gets the output otherwise must not find that in it."""
    grow(spool, b"output")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        assert not spool.add_line("goq: exit status 3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)

    assert b"output" == spool.path.read_bytes()


def test_a_spool_without_room_is_told_until_there_is_some(
    folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may have filled the disk, and cleans up."""
    folder.check_room(1.0)
    monkeypatch.setattr("goq.adapters.files.spool.ROOM_BYTES", 1 << 60)
    folder.check_room(1.0 + LOOK_EVERY_S / 2)
    for at_s in (2.0, 2.1):
        with pytest.raises(OSError, match="is full") as refusal:
            folder.check_room(at_s)
        assert errno.ENOSPC == refusal.value.errno
    monkeypatch.undo()
    folder.check_room(3.0)


def test_a_slot_has_a_spool_of_its_own(folder: SpoolFolder, spool: Spool) -> None:
    """Two jobs must not write into one file."""
    second = folder.scratch("worker-2.7.1")
    grow(second, b"second")

    assert 0 == spool.size()
    with pytest.raises(BadSetting, match=rf"^cannot write in {folder.path}"):
        folder.scratch("worker-1.7.1")
    second.remove()


@pytest.mark.parametrize("output", [b"", b"a", b"12345678"])
def test_a_short_output_is_taken_and_leaves_an_empty_file(spool: Spool, output: bytes) -> None:
    """The next job of the slot writes into the same file."""
    grow(spool, output)

    assert output == spool.take(8)
    assert 0 == spool.size()
    grow(spool, b"next")
    assert b"next" == spool.take(8)


def test_a_long_output_is_not_taken(spool: Spool) -> None:
    """It stays where it is, and goes to the server in pieces."""
    grow(spool, b"123456789")

    assert spool.take(8) is None
    assert b"123456789" == held(spool)


def test_an_output_that_cannot_be_read_is_not_taken(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is dying: the job has ended all the same, and the worker goes on."""

    def dying(*_: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    grow(spool, b"12345678")
    with monkeypatch.context() as disk:
        disk.setattr(os, "pread", dying)
        taken = spool.take(8)
        with pytest.raises(Damaged, match="Input/output error"):
            spool.pieces().next()

    assert taken is None


def test_a_job_appends_at_the_start_of_a_file_that_was_emptied(spool: Spool) -> None:
    """A process of the job before, if it wrote on, must not leave a hole before the next one's output."""
    with spool.path.open("ab", buffering=0) as late:
        late.write(b"first")
        spool.take(100)
        late.write(b"late")
        spool.clear()
        grow(spool, b"second")

    assert b"second" == spool.take(100)


def test_the_output_of_an_attempt_that_was_given_up_is_cleared(spool: Spool) -> None:
    """The next job's must not begin with it."""
    spool.clear()
    grow(spool, b"given up")
    spool.clear()

    assert 0 == spool.size()


def test_a_spool_that_is_owned_keeps_what_it_holds(folder: SpoolFolder) -> None:
    """The job may be writing into it at this very moment."""
    spool = folder.scratch("worker-1.7.1")
    with spool.path.open("ab", buffering=0) as job:
        job.write(b"before, ")
        spool.own(claim(7, 2))
        job.write(b"after")
    names = sorted(path.name for path in folder.path.iterdir())
    content = spool.path.read_bytes()
    spool.keep(b"result")
    kept = kept_in(folder)
    spool.remove()

    assert (["7.2.out"], b"before, after") == (names, content)
    assert [(b"before, after", b"result")] == kept


def test_a_file_that_was_taken_away_is_missed(spool: Spool) -> None:
    """Somebody tidies up in GOQ_SPOOL; a job's output would go into a file that nobody finds."""
    there = spool.is_there
    spool.path.unlink()

    assert (True, False) == (there, spool.is_there)


def test_nobody_else_can_read_a_spool(tmp_path: Path) -> None:
    """Outputs hold what the job's user may see, and not everybody on the node."""
    old_umask = os.umask(0)
    try:
        folder = SpoolFolder(tmp_path / "spool" / "worker-1")
        spool = folder.scratch("worker-1.7.1")
        kept = folder.keep(claim(8), b"output", b"result")
        files = (spool.path, kept.path, kept.result_path)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path.parent, folder.path, *files)]
        kept.remove()
        spool.remove()
        folder.close()
    finally:
        os.umask(old_umask)

    assert [0o700, 0o700, 0o600, 0o600, 0o600] == modes


# --- results that could not be delivered ---------------------------------------------------


def test_a_folder_without_results_goes_with_its_worker(tmp_path: Path) -> None:
    """Nodes that run for years must not fill up with empty folders and dead outputs."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    spool = owned(folder, 7)
    grow(spool, b"output of an attempt that was given up")
    spool.close()
    folder.close()

    assert [] == list((tmp_path / "spool").iterdir())


def test_no_file_of_a_folder_is_open_when_it_goes(tmp_path: Path) -> None:
    """An NFS client gives a file that is open another name, instead of removing it, and the folder stays."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    spools = [folder.scratch(f"worker-1.{number}.1") for number in range(3)]
    spools.append(folder.keep(claim(7), b"output", b"result"))
    folder.close()

    assert 4 == len(spools)
    assert [] == opened_below(tmp_path)
    assert {"7.1.out", "7.1.result"} == {path.name for path in folder.path.iterdir()}


def test_what_is_left_beside_a_kept_result_goes_at_once(folder: SpoolFolder) -> None:
    """The outputs of attempts that were given up may be huge, and the server away for long."""
    kept = folder.keep(claim(7), b"output", b"result")
    owned(folder, 8).close()
    (folder.path / "9.1.result").write_bytes(b"whose output is gone")

    assert folder.tidy()
    assert {"7.1.out", "7.1.result"} == {path.name for path in folder.path.iterdir()}
    assert folder.is_locked
    kept.remove()


def test_a_short_result_is_kept_once(folder: SpoolFolder) -> None:
    """A second copy would say that its place is taken; the first one stays whole."""
    spool = folder.keep(claim(7), b"output", b"result")
    with pytest.raises(FileExistsError):
        folder.keep(claim(7), b"other", b"other")
    kept = kept_in(folder)
    spool.remove()

    assert [(b"output", b"result")] == kept
    assert [] == list(folder.path.iterdir())


def test_what_cannot_be_kept_leaves_nothing_behind(
    folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full; it is tried again, and must find its place free."""

    def full(_fileno: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            folder.keep(claim(7), b"output", b"result")
    left = [path.name for path in folder.path.iterdir()]
    folder.keep(claim(7), b"output", b"result").remove()

    assert [] == left


def test_half_a_result_is_none(tmp_path: Path) -> None:
    """The worker was killed while it wrote; the job's lease ends, and it is run again."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    owned(folder, 7).close()
    (folder.path / "7.1.new").write_bytes(b"half a res")
    (folder.path / "8.1.result").write_bytes(b"whose output is gone")
    kept = list(folder.kept())
    folder.close()

    assert [] == kept
    assert [] == list((tmp_path / "spool").iterdir())


# --- temporary files of jobs -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["", "relative", "/proc", "/none"])
def test_temporary_files_have_a_place_anyway(
    folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    """A TMPDIR that cannot be used stops no worker; nor does a /tmp."""
    monkeypatch.setenv("TMPDIR", place)
    monkeypatch.setattr(temporary, "_PLACES", ("/none", str(tmp_path / "t")))
    (tmp_path / "t").mkdir()
    made = folder.make_temporary()

    assert tmp_path / "t" == made.parent
    assert 0o700 == stat.S_IMODE(made.stat().st_mode)


def test_without_any_place_they_are_in_the_spool(
    folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets will be too long there, and most jobs have none."""
    monkeypatch.setenv("TMPDIR", "/none")
    monkeypatch.setattr(temporary, "_PLACES", ())
    made = folder.make_temporary()

    assert made.is_dir()
    assert folder.path == made.parent


def test_temporary_files_go_with_the_folder(
    folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the end of a worker, or when the next one finds what a dead one left."""
    (tmp_path / "t").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    made = folder.make_temporary()
    (made / "0").mkdir()
    (made / "0" / "file").touch()

    assert made.parent == tmp_path / "t"
    assert not folder.tidy()
    assert [] == list((tmp_path / "t").iterdir())
    assert not folder.path.exists()
