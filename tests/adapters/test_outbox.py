"""The outbox: submissions that wait for a server, and nonces that may be tried again, once."""

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from goq.adapters.files.outbox import RETRY_WITHIN_S, Outbox
from goq.adapters.files.spoolroot import cluster_part
from goq.core.values.ids import Nonce
from goq.errors import BadSetting

NONCE = Nonce(bytes(range(16)))
ID = "0123456789abcdef" * 2
DIGEST = "0123456789abcdef" * 2


@pytest.fixture(name="outbox")
def _outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "spool", ID)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Where its files are."""
    return cluster_part(tmp_path / "spool", ID) / "outbox"


def mode_of(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def make_older(path: Path, seconds: float) -> None:
    """Let the file be so old."""
    changed_ns = path.stat().st_mtime_ns - int(seconds * 1e9)
    os.utime(path, ns=(changed_ns, changed_ns))


# --- long lists ------------------------------------------------------------------------------


def test_the_rest_of_a_list_lies_beside_its_beginning(outbox: Outbox, folder: Path) -> None:
    """Whoever delivers it asks for what comes next, wherever the server is."""
    entry = outbox.put(NONCE, b"first", [(10, b"second"), (9_000_000, b"third")])

    assert [entry] == outbox.entries()
    found = [outbox.items_at(entry, here) for here in (9, 10, 8_999_999, 9_000_000)]
    assert [None, b"second", b"second", b"third"] == [path and path.read_bytes() for path in found]
    outbox.remove(entry)
    assert [] == list(folder.iterdir())


def test_a_list_that_cannot_be_kept_leaves_nothing(outbox: Outbox, folder: Path) -> None:
    """Half of it would be worse than none."""
    (folder / f"{NONCE.hex()}.zjob").mkdir(parents=True)
    folder.chmod(0o700)
    for part in (folder.parent, folder.parent.parent):
        part.chmod(0o700)
    with pytest.raises(BadSetting):
        outbox.put(NONCE, b"first", [(10, b"second")])

    assert [f"{NONCE.hex()}.zjob"] == [path.name for path in folder.iterdir()]


def test_the_rest_of_a_list_waits_as_long_as_its_beginning(outbox: Outbox, folder: Path) -> None:
    """A machine may be off for a week; what has no beginning was left by a crash."""
    entry = outbox.put(NONCE, b"first", [(10, b"second")])
    for path in folder.iterdir():
        make_older(path, 7200)
    outbox.leave_retry(DIGEST, NONCE)
    assert outbox.items_at(entry, 10)
    entry.unlink()
    outbox.leave_retry(DIGEST, NONCE)

    assert outbox.items_at(entry, 10) is None


@pytest.mark.parametrize(("age_s", "is_taken_up"), [(0, True), (RETRY_WITHIN_S + 5, False)])
def test_who_was_killed_at_a_list_can_go_on(
    outbox: Outbox, folder: Path, age_s: float, is_taken_up: bool
) -> None:
    """Not while somebody is at it, which is another submission of the same; and not for ever."""
    begun = [outbox.begin(DIGEST, Nonce(bytes([at]) * 16)) for at in (1, 2)]
    assert [b"\1" * 16, b"\2" * 16] == [each.nonce for each in begun]
    os.close(begun[0]._lock)  # as the system does when a process is killed
    make_older(folder / f"{DIGEST}.{'01' * 16}.begun", age_s)
    third = outbox.begin(DIGEST, NONCE)

    assert (b"\1" * 16 if is_taken_up else NONCE) == third.nonce
    third.end()
    begun[1].end()
    assert [] == list(folder.iterdir())


# --- spooled submissions ---------------------------------------------------------------------


def test_an_outbox_that_was_never_used_is_empty(outbox: Outbox, folder: Path) -> None:
    """Looking makes no folder."""
    assert [] == outbox.entries()
    assert outbox.take_retry(DIGEST) is None
    assert not folder.exists()


def test_a_submission_is_kept_byte_for_byte(outbox: Outbox, folder: Path) -> None:
    """It is signed: a changed byte makes it worthless."""
    outbox.put(NONCE, b"\0signed\xff")

    assert [folder / f"{NONCE.hex()}.zjob"] == outbox.entries()
    assert b"\0signed\xff" == outbox.entries()[0].read_bytes()


def test_submissions_come_oldest_first(outbox: Outbox, folder: Path) -> None:
    """They are to run in the order in which they were made."""
    for number in (3, 1, 2):
        nonce = Nonce(bytes([number]) * 16)
        outbox.put(nonce, b"%d" % number)
        make_older(folder / f"{nonce.hex()}.zjob", 60 * number)

    assert [b"3", b"2", b"1"] == [path.read_bytes() for path in outbox.entries()]


def test_only_whole_submissions_are_entries(outbox: Outbox, folder: Path) -> None:
    """Not what is being written, what was set aside, nor the nonces."""
    outbox.put(NONCE, b"whole")
    outbox.leave_retry(DIGEST, NONCE)
    (folder / "00.zjob.7.new").write_bytes(b"ha")
    (folder / "00.bad").write_bytes(b"forged")

    assert [b"whole"] == [path.read_bytes() for path in outbox.entries()]


def test_a_submission_that_somebody_else_delivers_meanwhile_does_no_harm(
    outbox: Outbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every worker and every `goq sub` of this user empties the outbox."""
    outbox.put(NONCE, b"here")
    gone = folder / "gone.zjob"
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([gone, folder / f"{NONCE.hex()}.zjob"]))

    assert [gone, folder / f"{NONCE.hex()}.zjob"] == outbox.entries()


# --- private ---------------------------------------------------------------------------------


def test_what_is_kept_is_private_whatever_the_umask(outbox: Outbox, folder: Path) -> None:
    """An environment may hold passwords; a signed submission lets its reader submit."""
    before = os.umask(0)
    try:
        outbox.put(NONCE, b"secret")
        outbox.leave_retry(DIGEST, NONCE)
    finally:
        os.umask(before)

    assert 0o700 == mode_of(folder)
    assert [0o600, 0o600] == [mode_of(path) for path in folder.iterdir()]


def test_what_is_kept_is_private_from_birth(
    outbox: Outbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made readable for a moment, it can be opened in that moment and read later."""
    seen: list[int] = []
    monkeypatch.setattr(
        "goq.adapters.files.outbox.os.fsync",
        lambda fileno: seen.append(stat.S_IMODE(os.fstat(fileno).st_mode)),
    )
    made: list[tuple[int, int]] = []
    really_open = os.open

    def watch(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            made.append((flags & (os.O_CREAT | os.O_EXCL), mode))
        return really_open(path, flags, mode)

    monkeypatch.setattr("goq.adapters.files.outbox.os.open", watch)
    before = os.umask(0)
    try:
        outbox.put(NONCE, b"secret")
    finally:
        os.umask(before)

    assert [(os.O_CREAT | os.O_EXCL, 0o600)] == made
    assert [0o600, 0o700] == seen, "the file, and the folder that has its name"


def test_a_file_appears_whole_or_not_at_all(
    outbox: Outbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker may look at any moment. When it is there, its name is on the disk as well."""
    looks: list[list[Path]] = []
    monkeypatch.setattr("goq.adapters.files.outbox.os.fsync", lambda _: looks.append(outbox.entries()))
    outbox.put(NONCE, b"whole")

    assert [[], outbox.entries()] == looks
    assert [f"{NONCE.hex()}.zjob"] == os.listdir(folder)


# --- nonces to be tried again ----------------------------------------------------------------


def test_a_nonce_is_given_back_for_the_same_submission(outbox: Outbox) -> None:
    """The server may have it already."""
    outbox.leave_retry(DIGEST, NONCE)

    assert outbox.take_retry("f" * 32) is None
    assert NONCE == outbox.take_retry(DIGEST)


def test_a_nonce_is_given_to_one_taker(outbox: Outbox, folder: Path) -> None:
    """The second of two equal submissions is a job of its own."""
    outbox.leave_retry(DIGEST, NONCE)

    assert NONCE == outbox.take_retry(DIGEST)
    assert outbox.take_retry(DIGEST) is None
    assert [] == list(folder.iterdir())


def test_a_nonce_is_given_to_one_taker_of_many_threads(outbox: Outbox) -> None:
    """Whoever comes second must not find the first one's file."""
    starting = threading.Barrier(8)

    def take(_: int) -> Nonce | None:
        starting.wait()
        return outbox.take_retry(DIGEST)

    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            outbox.leave_retry(DIGEST, NONCE)
            assert [NONCE] == [nonce for nonce in pool.map(take, range(8)) if nonce]


def test_a_nonce_is_given_to_one_taker_of_many_processes(tmp_path: Path) -> None:
    """Shells in two windows, and cron."""
    outboxes = [Outbox(tmp_path / "spool", ID)] * 2
    with get_context("spawn").Pool(2) as pool:
        for _ in range(10):
            Outbox(tmp_path / "spool", ID).leave_retry(DIGEST, NONCE)
            assert [NONCE] == [nonce for nonce in pool.map(_take, outboxes, chunksize=1) if nonce]
        pool.close()
        pool.join()


def _take(outbox: Outbox) -> Nonce | None:
    return outbox.take_retry(DIGEST)


@pytest.mark.parametrize(("age_s", "nonce"), [(RETRY_WITHIN_S - 30, NONCE), (RETRY_WITHIN_S + 1, None)])
def test_a_nonce_is_good_for_a_while(outbox: Outbox, folder: Path, age_s: float, nonce: Nonce | None) -> None:
    """Tomorrow's submission of the same command is another one."""
    outbox.leave_retry(DIGEST, NONCE)
    make_older(folder / f"{DIGEST}.retry", age_s)

    assert nonce == outbox.take_retry(DIGEST)
    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 17])
def test_what_is_no_nonce_is_not_used(outbox: Outbox, folder: Path, content: bytes) -> None:
    """A disk that was full may leave anything."""
    outbox.leave_retry(DIGEST, Nonce(content))

    assert outbox.take_retry(DIGEST) is None
    assert [] == list(folder.iterdir())


def test_the_latest_nonce_counts(outbox: Outbox) -> None:
    """It was tried again, and timed out again."""
    outbox.leave_retry(DIGEST, Nonce(b"a" * 16))
    outbox.leave_retry(DIGEST, NONCE)

    assert NONCE == outbox.take_retry(DIGEST)


def test_two_clusters_of_a_user_have_an_outbox_each(tmp_path: Path, outbox: Outbox) -> None:
    """What is signed with one id would be set aside as nonsense by the other's workers."""
    other = Outbox(tmp_path / "spool", "f" * 40)
    outbox.put(NONCE, b"ours")
    outbox.leave_retry(DIGEST, NONCE)

    assert [] == other.entries()
    assert other.take_retry(DIGEST) is None
    assert NONCE == outbox.take_retry(DIGEST)


# --- where nothing can be kept -----------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o755, 0o711, 0o777])
def test_what_others_could_have_left_is_not_looked_at(tmp_path: Path, outbox: Outbox, mode: int) -> None:
    """A nonce that somebody else has put there would make our job one of his."""
    outbox.put(NONCE, b"whose?")
    outbox.leave_retry(DIGEST, NONCE)
    (tmp_path / "spool").chmod(mode)

    assert [] == outbox.entries()
    assert outbox.take_retry(DIGEST) is None
    with pytest.raises(BadSetting, match="is open to others"):
        outbox.put(NONCE, b"ours")
    with pytest.raises(BadSetting, match="is open to others"):
        outbox.leave_retry(DIGEST, NONCE)


def test_what_cannot_be_kept_is_told_and_leaves_nothing(outbox: Outbox, folder: Path) -> None:
    """There is a folder in its place, or a file where the folder should be."""
    for name in (f"{NONCE.hex()}.zjob", f"{DIGEST}.retry"):
        (folder / name).mkdir(parents=True, mode=0o700)
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o700)
    with pytest.raises(BadSetting, match=rf"^cannot write in {folder}: Is a directory"):
        outbox.put(NONCE, b"kept?")
    with pytest.raises(BadSetting, match=rf"^cannot write in {folder}: Is a directory"):
        outbox.leave_retry(DIGEST, NONCE)

    assert {f"{NONCE.hex()}.zjob", f"{DIGEST}.retry"} == {path.name for path in folder.iterdir()}


def test_a_try_that_cannot_be_read_is_told(outbox: Outbox, folder: Path) -> None:
    """Whether it is the same submission nobody knows then."""
    (folder / f"{DIGEST}.retry").mkdir(parents=True)
    folder.parent.parent.chmod(0o700)

    with pytest.raises(BadSetting, match=r"^cannot take "):
        outbox.take_retry(DIGEST)


def test_what_crashes_have_left_goes_after_an_hour(outbox: Outbox, folder: Path) -> None:
    """What waits for a server, and what a person is to look at, stays."""
    outbox.put(NONCE, b"waits")
    names = ("old.zjob.7.aa.new", "old.retry", "old.7.taken", "new.retry", "00.bad", ".nfs0001")
    for name in names:
        (folder / name).touch()
    for path in folder.iterdir():
        if not path.name.startswith("new"):
            make_older(path, 3601)
    outbox.leave_retry(DIGEST, NONCE)

    assert {f"{NONCE.hex()}.zjob", f"{DIGEST}.retry", "new.retry", "00.bad", ".nfs0001"} == {
        path.name for path in folder.iterdir()
    }
