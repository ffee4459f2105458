"""The spool: outputs and results on a worker's disk, for the server, or for the next worker."""

import fcntl
import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.spool import CHUNK_BYTES, Spool, SpoolFolder
from goq.errors import BadSetting


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[SpoolFolder]:
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    yield folder
    folder.close()


@pytest.fixture(name="spool")
def _spool(folder: SpoolFolder) -> Iterator[Spool]:
    spool = folder.spool(7, 1)
    yield spool
    spool.remove()


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
    assert (b"abcdef", b"def", b"cd", b"") == (
        spool.read(0),
        spool.read(3),
        spool.read(2, 2),
        spool.read(6),
    )


def test_a_read_is_not_longer_than_a_chunk(spool: Spool) -> None:
    """Output of any length goes to the server in pieces that fit a message."""
    grow(spool, bytes(CHUNK_BYTES + 10))

    assert CHUNK_BYTES == len(spool.read(0))
    assert 10 == len(spool.read(CHUNK_BYTES))


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.binary(max_size=30), max_size=8),
    reads=st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), max_size=20),
)
def test_the_digest_is_that_of_the_whole_however_it_was_read(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], reads: list[tuple[int, int]]
) -> None:
    """Pieces are read again when an answer was lost, and from the start when the server was."""
    spool = Spool(tmp_path_factory.mktemp("spool") / "7.1")
    for number, piece in enumerate(pieces):
        grow(spool, piece)
        for offset, limit in reads[number::8]:
            spool.read(offset, limit)
    grow(spool, b"the end")
    digest = spool.sha256()
    spool.remove()

    assert hashlib.sha256(b"".join(pieces) + b"the end").digest() == digest


def test_the_digest_follows_what_is_added(spool: Spool) -> None:
    """A last line is added after most of it was digested."""
    grow(spool, b"output\n")
    first = spool.sha256()
    spool.add_line("goq: exit status 3")

    assert hashlib.sha256(b"output\n").digest() == first
    assert hashlib.sha256(b"output\ngoq: exit status 3\n").digest() == spool.sha256()


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


def test_an_attempt_has_a_spool_of_its_own(folder: SpoolFolder, spool: Spool) -> None:
    """Two attempts of one job must not write into one file."""
    second = folder.spool(7, 2)
    grow(second, b"second")

    assert 0 == spool.size()
    with pytest.raises(BadSetting, match=rf"^cannot write in {folder.path}"):
        folder.spool(7, 1)
    second.remove()


def test_nobody_else_can_read_a_spool(tmp_path: Path) -> None:
    """Outputs hold what the job's user may see, and not everybody on the node."""
    old_umask = os.umask(0)
    try:
        folder = SpoolFolder(tmp_path / "spool" / "worker-1")
        spool = folder.spool(7, 1)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path.parent, folder.path, spool.path)]
        spool.remove()
        folder.close()
    finally:
        os.umask(old_umask)

    assert [0o700, 0o700, 0o600] == modes


# --- results that could not be delivered ---------------------------------------------------


def test_a_folder_without_results_goes_with_its_worker(tmp_path: Path) -> None:
    """Nodes that run for years must not fill up with empty folders and dead outputs."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    spool = folder.spool(7, 1)
    grow(spool, b"output of an attempt that was given up")
    spool.close()
    folder.close()

    assert [] == list((tmp_path / "spool").iterdir())


def test_a_kept_result_is_inherited(tmp_path: Path) -> None:
    """The worker ended while the server was away; the job has been run, and is not run again."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    for job, result in ((7, b"result\0\xff"), (8, b"")):
        spool = folder.spool(job, 1)
        grow(spool, b"output %d" % job)
        spool.keep(result)
        spool.close()
    folder.spool(9, 1).close()
    folder.close()
    (heir,) = SpoolFolder.left_behind(tmp_path)
    inherited = list(heir.kept())
    kept = [(spool.read(0), result, spool.sha256()) for spool, result in inherited]
    for spool, _ in inherited:
        spool.remove()
    heir.close()

    assert [
        (b"output 7", b"result\0\xff", hashlib.sha256(b"output 7").digest()),
        (b"output 8", b"", hashlib.sha256(b"output 8").digest()),
    ] == kept
    assert [] == list((tmp_path / "spool").iterdir())


def test_a_living_worker_s_folder_is_left_alone(folder: SpoolFolder, tmp_path: Path) -> None:
    """Its outputs are being written."""
    spool = folder.spool(7, 1)
    spool.keep(b"result")
    found = list(SpoolFolder.left_behind(tmp_path))
    spool.remove()

    assert [] == found


def test_a_folder_has_one_heir(tmp_path: Path) -> None:
    """Two would deliver the same result."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    spool = folder.spool(7, 1)
    spool.keep(b"result")
    folder.close()
    heirs = list(SpoolFolder.left_behind(tmp_path))
    later = list(SpoolFolder.left_behind(tmp_path))
    spool.remove()
    heirs[0].close()

    assert (1, []) == (len(heirs), later)


def test_a_folder_that_goes_while_it_is_looked_at_is_not_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker ends at the very moment: what the heir has locked is no folder any more."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    really_lock = fcntl.flock

    def late(fileno: int, how: int) -> None:
        if folder.path.exists():
            folder.close()
        really_lock(fileno, how)

    with monkeypatch.context() as slow:
        slow.setattr(fcntl, "flock", late)
        heirs = list(SpoolFolder.left_behind(tmp_path))

    assert [] == heirs
    assert [] == list((tmp_path / "spool").iterdir())


def test_half_a_result_is_none(tmp_path: Path) -> None:
    """The worker was killed while it wrote; the job's lease ends, and it is run again."""
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    folder.spool(7, 1).close()
    (folder.path / "7.1.new").write_bytes(b"half a res")
    (folder.path / "8.1.result").write_bytes(b"whose output is gone")
    kept = list(folder.kept())
    folder.close()

    assert [] == kept
    assert [] == list((tmp_path / "spool").iterdir())


def test_no_spool_at_all_is_nothing_left_behind(tmp_path: Path) -> None:
    """The first worker on a machine."""
    assert [] == list(SpoolFolder.left_behind(tmp_path))


def test_workers_may_come_and_go_at_the_same_time(tmp_path: Path) -> None:
    """Sixty-four of them start with one command and end with the last job, each looking for dead ones."""
    troubles: list[BaseException] = []

    def come_and_go(name: str) -> None:
        try:
            for _ in range(40):
                folder = SpoolFolder(tmp_path / "spool" / name)
                for dead in SpoolFolder.left_behind(tmp_path):
                    assert [] == list(dead.kept())
                    dead.close()
                folder.close()
        except BaseException as error:
            troubles.append(error)

    workers = [threading.Thread(target=come_and_go, args=(f"worker-{number}",)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [] == troubles
    assert [] == list((tmp_path / "spool").iterdir())
