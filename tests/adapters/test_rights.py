"""Files of others that a server of root's opens and writes: with their rights, and where they may."""

import errno
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.until import wait_until
from goq.adapters.accounts import Account
from goq.adapters.files import below, rights
from goq.adapters.files.below import OURS, PRIVATE, Whose, open_below, sync_names
from goq.adapters.files.outputs import Outputs
from goq.adapters.files.rights import (
    ActingAs,
    account_of,
    account_of_uid,
    can_be_others,
    own_name,
    writing,
)
from goq.core.values.ids import JobId
from goq.core.values.result import OUT

pytestmark = pytest.mark.skipif(not can_be_others(), reason="not root: nobody else's files can be made here")

ANN, BOB = Account("ann", 54_321, 54_321, (54_321, 54_400)), Account("bob", 54_322, 54_322)
ACCOUNTS = {"ann": ANN, "bob": BOB, "root": Account("root", 0, 0)}
ANN_S = Whose(0o022, "ann", "ann")
CREATED = os.O_WRONLY | os.O_CREAT


@pytest.fixture(autouse=True)
def _accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that this host need not know; their numbers are as good as any."""
    monkeypatch.setattr(below, "account_of", ACCOUNTS.get)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[Path]:
    before = os.umask(0o022)
    (tmp_path / "o").mkdir()
    yield tmp_path / "o"
    os.umask(before)


def written(folder: Path, path: str, whose: Whose = ANN_S, data: bytes = b"word") -> Path:
    """Write that into it; where it is."""
    fileno = open_below(str(folder), path, CREATED, whose)
    try:
        with writing(fileno):
            os.write(fileno, data)
    finally:
        os.close(fileno)
    return folder / path


def read(folder: Path, path: str) -> bytes:
    """As `goq logs` reads it."""
    fileno = open_below(str(folder), path, os.O_RDONLY)
    try:
        return os.read(fileno, 99)
    finally:
        os.close(fileno)


def given(path: Path, account: Account, mode: int = 0o755) -> Path:
    """The folder or file is that one's."""
    os.chown(path, account.uid, account.gid)
    path.chmod(mode)
    return path


def owner(path: Path) -> tuple[int, int, int]:
    """Whose it is, and who may do what."""
    found = path.lstat()
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


# --- who we are ------------------------------------------------------------------------------------


def test_within_it_we_have_the_rights_of_another_and_nothing_of_root_s(folder: Path) -> None:
    """Neither what is root's can be read, nor what is the other's be missed."""
    secret = folder / "secret"
    secret.write_bytes(b"root's")
    secret.chmod(0o600)
    others_before = os.getgroups(), os.getegid()
    with ActingAs(ANN):
        with pytest.raises(PermissionError):
            secret.read_bytes()
        within = os.geteuid(), os.getegid(), os.getgroups(), os.getuid()

    assert (ANN.uid, ANN.gid, [*ANN.groups], 0) == within
    assert b"root's" == secret.read_bytes()
    assert others_before == (os.getgroups(), os.getegid())


def test_only_this_thread_is_another() -> None:
    """Those of the library that listens go on as they are."""
    seen: list[int] = []
    started, asked = threading.Event(), threading.Event()

    def look() -> None:
        started.set()
        asked.wait()
        seen.append(os.geteuid())

    thread = threading.Thread(target=look)
    thread.start()
    started.wait()
    with ActingAs(ANN):
        asked.set()
        thread.join()

    assert [0] == seen


def test_whatever_happens_within_we_are_root_again() -> None:
    """Else the server would write its journal as somebody else."""
    with pytest.raises(ZeroDivisionError), ActingAs(ANN):
        _ = 1 / 0

    assert 0 == os.geteuid()


def test_who_cannot_be_another_is_root_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that a container does not have, say; what was changed by then is changed back."""
    set_uid = rights._set_uid

    def refuse(uid: int) -> None:
        if uid:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        set_uid(uid)

    monkeypatch.setattr(rights, "_set_uid", refuse)
    before = os.getgroups(), os.getegid()
    with pytest.raises(OSError, match="Invalid"), ActingAs(ANN):
        pass

    assert (*before, 0) == (os.getgroups(), os.getegid(), os.geteuid())


def test_a_machine_whose_calls_have_other_numbers_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the C library, for the whole process."""
    monkeypatch.setattr(platform, "machine", lambda: "another")
    with ActingAs(ANN):
        within = os.geteuid(), os.getegid(), os.getgroups()

    assert (ANN.uid, ANN.gid, [*ANN.groups]) == within
    assert (0, 0) == (os.geteuid(), os.getegid())


def test_accounts_are_those_of_this_host() -> None:
    """Whoever has none is a number, of that group alone."""
    found = account_of("daemon")

    assert found is not None
    assert found == account_of_uid(found.uid, 7)
    assert found.gid in found.groups
    assert account_of("nobody has such a name") is None
    assert account_of("\0") is None
    assert Account(str(ANN.uid), ANN.uid, 7) == account_of_uid(ANN.uid, 7)
    assert "root" == own_name()


# --- what is made ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("umask", "mode", "inner"),
    [(0o022, 0o644, 0o755), (0o002, 0o664, 0o775), (0o077, 0o600, 0o700), (0o777, 0o600, 0o700)],
)
def test_an_owner_has_a_folder_that_nobody_else_enters(
    folder: Path, umask: int, mode: int, inner: int
) -> None:
    """In it files are the owner's as the submission's umask says, whatever root's is."""
    os.umask(0o027)
    path = written(folder, "ann/logs/x", Whose(umask, "ann", "ann"))
    written(folder, "ann/logs/x", Whose(umask, "ann", "ann"), b"WORD")

    assert (ANN.uid, ANN.gid, 0o700) == owner(folder / "ann")
    assert (ANN.uid, ANN.gid, inner) == owner(folder / "ann" / "logs")
    assert (ANN.uid, ANN.gid, mode) == owner(path)
    assert b"WORD" == path.read_bytes() == read(folder, "ann/logs/x")
    assert 0o027 == os.umask(0o027)


def test_a_folder_that_was_opened_to_others_stays_open(folder: Path) -> None:
    """Its owner, or who keeps the server, told otherwise."""
    written(folder, "ann/x")
    (folder / "ann").chmod(0o750)
    written(folder, "ann/y")

    assert 0o750 == (folder / "ann").stat().st_mode & 0o777


def test_whoever_has_no_account_has_files_of_root_s(folder: Path) -> None:
    """That nobody else may read."""
    path = written(folder, "ghost/d/x", Whose(0o000, "ghost", "ghost"))

    assert [(0, 0, 0o700), (0, 0, 0o700), (0, 0, 0o600)] == [
        *map(owner, (folder / "ghost", folder / "ghost" / "d", path))
    ]


def test_an_account_that_comes_later_finds_them_as_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outputs go on; root may give the folder away."""
    monkeypatch.setattr(below, "account_of", lambda _: None)
    written(folder, "ann/x")
    monkeypatch.setattr(below, "account_of", ACCOUNTS.get)
    path = written(folder, "ann/y")

    assert (0, 0, 0o600) == owner(path)


def test_what_lies_elsewhere_is_root_s_and_private(folder: Path) -> None:
    """The job began when there were no such folders."""
    assert (0, 0, 0o600) == owner(written(folder, "out.00001", Whose(0, "ann", "ann")))


def test_what_is_root_s_own_is_as_it_was(folder: Path) -> None:
    """As open as its umask and that of its submission agree on."""
    modes = [
        owner(written(folder, f"d/{umask:o}", Whose(umask)))[2] for umask in (0o000, 0o022, 0o027, 0o077)
    ]

    assert [0o644, 0o644, 0o640, 0o600] == modes
    assert (0, 0, 0o755) == owner(folder / "d")


# --- tricks ----------------------------------------------------------------------------------------


def _link_folder(his: Path, outside: Path) -> None:
    (his / "logs").symlink_to(outside)


def _link_file(his: Path, outside: Path) -> None:
    (his / "logs").mkdir()
    (his / "logs" / "x").symlink_to(outside / "x")


def _hard_link(his: Path, outside: Path) -> None:
    (his / "logs").mkdir()
    os.link(outside / "x", his / "logs" / "x")


def _root_s_folder(his: Path, outside: Path) -> None:
    outside.rename(his / "logs")


@pytest.mark.parametrize("trick", [_link_folder, _link_file, _hard_link, _root_s_folder])
def test_an_owner_has_root_neither_write_nor_read_what_is_not_his(
    folder: Path, tmp_path: Path, trick: Callable[[Path, Path], None]
) -> None:
    """Whatever lies in his folder; also where the kernel would let him make such links."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "x").write_bytes(b"root's")
    (outside / "x").chmod(0o600)
    (folder / "ann").mkdir()
    trick(given(folder / "ann", ANN), outside)
    for does in (lambda: written(folder, "ann/logs/x"), lambda: read(folder, "ann/logs/x")):
        with pytest.raises(OSError):
            does()
    (left,) = {each.read_bytes() for each in tmp_path.rglob("x") if each.is_file()}

    assert b"root's" == left
    assert 0 == os.geteuid()


def test_what_root_may_read_is_not_read_for_whom_it_was_moved_to(folder: Path) -> None:
    """A file of root's in a folder of ann's home: she may give it another place, and may not read it."""
    written(folder, "ann/x")
    (folder / "ann" / "x").unlink()
    (folder / "ann" / "x").write_bytes(b"root's")
    (folder / "ann" / "x").chmod(0o600)

    with pytest.raises(PermissionError):
        read(folder, "ann/x")


def test_a_folder_of_another_takes_no_output(folder: Path) -> None:
    """Neither bob's, nor root's own."""
    (folder / "ann").mkdir()
    given(folder / "ann", BOB)
    for path, whose in (("ann/x", ANN_S), ("ann/x", OURS)):
        with pytest.raises(PermissionError, match="that folder is another user's"):
            open_below(str(folder), path, CREATED, whose)

    assert [] == list((folder / "ann").iterdir())


def test_a_folder_whose_owner_nobody_can_tell_now_is_its_owner_s(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service that knows the accounts is away: outputs go on, with no more rights than before."""
    written(folder, "ann/x")
    monkeypatch.setattr(below, "account_of", lambda _: None)

    assert ANN.uid == owner(written(folder, "ann/y"))[0]


def test_a_folder_for_outputs_that_is_another_s_is_used_as_it_was(folder: Path) -> None:
    """Root in a container serves from a folder of the user who has started that."""
    given(folder, BOB)
    (folder / "d").mkdir()
    given(folder / "d", BOB)
    root_s = written(folder, "d/x", OURS)
    ann_s = written(folder, "ann/x")

    assert [0, ANN.uid] == [owner(root_s)[0], owner(ann_s)[0]]
    assert b"word" == read(folder, "d/x")


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_file_that_another_has_put_there_is_not_written_into(folder: Path, mode: int) -> None:
    """He could read what comes."""
    folder.chmod(mode)
    (folder / "x").touch()
    given(folder / "x", BOB, 0o666)

    with pytest.raises(PermissionError, match="that file is another user's"):
        open_below(str(folder), "x", CREATED)
    if mode == 0o777:
        with pytest.raises(PermissionError):
            read(folder, "x")


_SWAPPER = """
import os, shutil
os.setgroups([])
os.setgid({gid})
os.setuid({uid})
print("on", flush=True)

def attempt(does, *where):
    try:
        does(*where)
    except OSError:
        pass

while True:
    for put in (os.symlink, os.link):
        attempt(os.mkdir, "logs")
        attempt(os.unlink, "logs/x")
        attempt(put, "{outside}/x", "logs/x")
        attempt(os.unlink, "logs/x")
    shutil.rmtree("logs", ignore_errors=True)
    attempt(os.symlink, "{outside}", "logs")
    attempt(os.unlink, "logs")
"""


def test_who_swaps_a_folder_and_a_link_in_a_loop_gets_nothing_written_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    """There is no moment between a look and the opening. Elsewhere anybody may write, so that it would be seen."""
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    (outside / "x").touch()
    (outside / "x").chmod(0o666)
    written(folder, "ann/logs/x")
    tmp_path.chmod(0o755)
    program = _SWAPPER.format(outside=outside, uid=ANN.uid, gid=ANN.gid)
    swapper = subprocess.Popen([sys.executable, "-c", program], cwd=folder / "ann", stdout=subprocess.PIPE)
    counts = {True: 0, False: 0}

    def tried() -> bool:
        try:
            written(folder, "ann/logs/x")
            counts[True] += 1
        except OSError:
            counts[False] += 1
        return min(counts.values()) >= 30

    try:
        assert swapper.stdout is not None
        assert b"on\n" == swapper.stdout.readline()
        wait_until(tried, "thirty are written, and thirty refused")
    finally:
        swapper.kill()
        swapper.communicate()

    assert [outside / "x"] == list(outside.iterdir())
    assert b"" == (outside / "x").read_bytes()
    assert not any((folder / "ann").rglob("outside"))


# --- whole outputs ---------------------------------------------------------------------------------


def test_outputs_of_several_owners_lie_each_in_their_folder(folder: Path) -> None:
    """Written, made durable, and read by the server."""
    jobs = {JobId(1): ANN_S, JobId(2): Whose(0o077, "bob", "bob"), JobId(3): Whose(0o022)}
    outputs = Outputs(folder, {}, whose=jobs.__getitem__)
    for job, whose in jobs.items():
        if whose.folder:
            outputs.reserve_named((job, 1, OUT), f"{whose.folder}/out.{job:05d}")
        outputs.write(job, b"of %d" % job)
    synced = outputs.sync_some(9)
    paths = [folder / "ann/out.00001", folder / "bob/out.00002", folder / "out.00003"]

    assert [(job, 1, OUT) for job in jobs] == synced
    assert [(54_321, 54_321, 0o644), (54_322, 54_322, 0o600), (0, 0, 0o644)] == [*map(owner, paths)]
    assert [b"of 1", b"of 2", b"of 3"] == [each.read_bytes() for each in paths]


def test_trouble_with_one_owner_s_file_leaves_the_others_safe(folder: Path) -> None:
    """What could not be made durable is told, and to be written again."""
    jobs = {JobId(1): ANN_S, JobId(2): Whose(0o077, "bob", "bob")}
    outputs = Outputs(folder, {}, whose=jobs.__getitem__)
    for job, whose in jobs.items():
        outputs.reserve_named((job, 1, OUT), f"{whose.folder}/x")
        outputs.end_named((job, 1, OUT), 4)
        outputs.write(job, b"word")
    (folder / "ann").chmod(0)
    first, failed = outputs.sync_some(9), outputs.failed
    outputs.failed = {}
    (folder / "ann").chmod(0o700)
    outputs.write(JobId(1), b"word")

    assert [(2, 1, OUT)] == first
    assert [(1, 1, OUT)] == list(failed)
    assert [(1, 1, OUT)] == outputs.sync_some(9)
    assert b"word" == (folder / "ann" / "x").read_bytes()


def test_names_are_made_durable_with_the_rights_of_whose_they_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system that knows no root there is no other way."""
    written(folder, "ann/d/x")
    asked: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: asked.append(os.geteuid()))
    sync_names(str(folder), "ann/d")

    assert [0, ANN.uid, ANN.uid] == asked
    assert PRIVATE == 0o077
