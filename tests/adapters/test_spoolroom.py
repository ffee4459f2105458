"""GOQ_SPOOL: nobody takes what may still be in use, and the next worker here takes what is not."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from errno import EDQUOT, EINVAL, EIO, ENOLCK, ENOSPC, ENOSYS, ENOTSUP
from pathlib import Path

import pytest
from epochs import EPOCH
from namespaces import booted_again, in_container, on_host
from refusals import refusing

from goq.adapters.files.spool import SpoolFolder
from goq.adapters.files.spoolroom import SpoolRoom
from goq.adapters.files.spoolroot import cluster_part, is_own, take_spool
from goq.adapters.machine import boot_id, host_file_name
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.errors import BadSetting

ID = "0123456789abcdef" * 2
CLAIM = Claim(EPOCH, JobId(7), 1, WorkerId("w"))

# A worker, as far as its spool goes. It says what it inherits, and lives until its input ends.
WORKER = """
import sys
from pathlib import Path
from goq.adapters.files.spoolroom import SpoolRoom
from goq.core.values.ids import NO_EPOCH, JobId, WorkerId
from goq.core.values.job import Claim

room = SpoolRoom(Path(sys.argv[1]), sys.argv[2])
inherited = [result for folder in room.left_behind() for _, result in folder.kept()]
ours = room.new_folder()
ours.keep(Claim(NO_EPOCH, JobId(7), 1, WorkerId("w")), b"output", sys.argv[3].encode())
print(inherited, ours.is_locked, flush=True)
sys.stdin.read()
"""


@pytest.fixture(name="spool")
def _spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@contextmanager
def living(spool: Path, result: str, *prefix: str, cluster: str = ID) -> Iterator[str]:
    """A worker that keeps a result, somewhere; what it says. It is killed in the end."""
    command = [*prefix, sys.executable, "-c", WORKER, str(spool), cluster, result]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def said_by(spool: Path, result: str, *prefix: str, cluster: str = ID) -> str:
    """What a worker says that is killed at once."""
    with living(spool, result, *prefix, cluster=cluster) as said:
        return said


# --- who inherits -----------------------------------------------------------------------------

Place = Callable[[Path], list[str]]
NOLOCKS = refusing("flock", ENOLCK)
PLACES: dict[str, Place] = {
    "here": lambda _: [],
    "another host": lambda _: on_host(b"node2"),
    "after a boot": booted_again,
    "in a container": lambda _: in_container(),
    "here, no locks": lambda _: NOLOCKS,
    "another host, no locks": lambda _: [*on_host(b"node2"), *NOLOCKS],
    "after a boot, no locks": lambda folder: [*booted_again(folder), *NOLOCKS],
    "in a container, no locks": lambda _: [*in_container(), *NOLOCKS],
}
# (where somebody keeps a result, where the next worker starts): does it inherit from the dead?
INHERITS = {
    ("here", "here"): True,
    ("here", "another host"): False,
    ("another host", "here"): False,
    ("here", "after a boot"): True,
    ("here", "in a container"): True,
    ("in a container", "here"): True,
    ("here, no locks", "here, no locks"): True,
    ("here, no locks", "another host, no locks"): False,
    ("another host, no locks", "here, no locks"): False,
    ("here, no locks", "after a boot, no locks"): True,
    ("in a container, no locks", "after a boot, no locks"): True,
    ("here, no locks", "in a container, no locks"): False,
    ("in a container, no locks", "here, no locks"): False,
}


@pytest.mark.parametrize(("first", "second"), INHERITS)
def test_the_dead_are_inherited_from_where_they_surely_are_dead(
    tmp_path: Path, spool: Path, first: str, second: str
) -> None:
    """Also where homes are shared and locks do not reach the other host."""
    said_by(spool, "first", *PLACES[first](tmp_path))
    said = said_by(spool, "second", *PLACES[second](tmp_path))

    assert f"{[b'first'] if INHERITS[first, second] else []} {'no locks' not in second}" == said


@pytest.mark.parametrize(
    ("first", "second"), [pair for pair in INHERITS if pair[1] != "after a boot, no locks"]
)
def test_the_living_are_left_alone(tmp_path: Path, spool: Path, first: str, second: str) -> None:
    """Whose spool is deleted works on, and loses what its jobs wrote."""
    with living(spool, "first", *PLACES[first](tmp_path)):
        said = said_by(spool, "second", *PLACES[second](tmp_path))
        (result,) = [path for path in spool.rglob("*.result") if path.read_bytes() == b"first"]

    assert said.startswith("[] ")
    assert b"output" == result.with_suffix(".out").read_bytes()


def test_a_second_cluster_leaves_the_first_one_s_results_alone(spool: Path) -> None:
    """Its server would refuse them, and they would be lost."""
    said_by(spool, "first")

    assert "[] True" == said_by(spool, "second", cluster="f" * 40)
    assert "[b'first'] True" == said_by(spool, "third")


@pytest.mark.parametrize("error", [ENOLCK, ENOTSUP, ENOSYS, EINVAL])
def test_without_locks_each_goes_by_process_ids(spool: Path, error: int) -> None:
    """File systems have many ways to say that they have none."""
    nolocks = refusing("flock", error)
    with living(spool, "first", *nolocks):
        assert "[] False" == said_by(spool, "second", *nolocks)

    inherited = said_by(spool, "third", *nolocks)
    assert inherited in ("[b'first', b'second'] False", "[b'second', b'first'] False")


def test_without_locks_a_folder_has_one_heir(tmp_path: Path, spool: Path) -> None:
    """A node comes up, and starts as many workers as it has cores."""
    said_by(spool, "first", *NOLOCKS)
    again = [*booted_again(tmp_path), *NOLOCKS]
    all_here = threading.Barrier(4)

    def start(at: int) -> str:
        with living(spool, f"worker {at}", *again) as said:
            all_here.wait()  # or the next one would inherit from this one
            return said

    with ThreadPoolExecutor(4) as starts:
        said = list(starts.map(start, range(4)))

    assert 1 == sum("b'first'" in each for each in said), said


# --- where it is --------------------------------------------------------------------------------


def test_a_room_is_named_by_cluster_host_and_boot(spool: Path) -> None:
    """Who looks into a shared GOQ_SPOOL sees what is whose; the cluster's id he does not see."""
    room = SpoolRoom(spool, ID)
    folder = room.new_folder()
    (part,) = spool.iterdir()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (spool, part, room.path, folder.path)}
    folder.close()

    assert part / f"{host_file_name()}.{boot_id()}" == room.path
    assert cluster_part(spool, ID) == part
    assert re.fullmatch(r"[0-9a-f]{16}", part.name)
    assert part.name not in ID
    assert {0o700} == modes


def test_another_host_whose_name_begins_alike_is_another_host(spool: Path) -> None:
    """node1 and node1.example.org; node1 and node10."""
    room = SpoolRoom(spool, ID)
    for name in (f"{host_file_name()}.org.00ff", f"{host_file_name()}0.00ff", f"x{host_file_name()}.00ff"):
        left = SpoolFolder(room.path.parent / name / "1.1.1.aa")
        left.keep(CLAIM, b"", name.encode()).close()
        left.close()

    assert [] == room.left_behind()


def test_what_is_no_worker_s_folder_stays(spool: Path) -> None:
    """Somebody put it there, and knows why."""
    room = SpoolRoom(spool, ID)
    (spool / "lost+found").mkdir()
    (room.path / "notes").write_text("mine")
    (room.path.parent / "outbox").mkdir()
    room.left_behind()

    assert {"lost+found", room.path.parent.name} == {path.name for path in spool.iterdir()}
    assert "mine" == (room.path / "notes").read_text()
    assert (room.path.parent / "outbox").exists()


def test_of_earlier_boots_nothing_is_left_in_the_end(tmp_path: Path, spool: Path) -> None:
    """Nor of those that died before they had a name."""
    said_by(spool, "first")
    (room,) = (path for path in cluster_part(spool, ID).iterdir())
    (room / ".1.2.3.aa").mkdir()
    again = booted_again(tmp_path)
    said_by(spool, "second", *again)
    for path in room.iterdir():
        for file in path.iterdir():
            file.unlink()  # as whoever inherits does, once it is delivered
        path.rmdir()
    said_by(spool, "third", *again)

    assert not room.exists()


def test_who_died_before_having_a_name_is_buried(spool: Path) -> None:
    """The one who is just being born is not."""
    room = SpoolRoom(spool, ID)
    ours = room.new_folder()
    owner = ours.path.name.rpartition(".")[0]
    pid, started, namespace = owner.split(".")
    dead, born = f".{pid}.{int(started) - 1}.{namespace}.aa", f".{owner}.bb"
    for name in (dead, born):
        (room.path / name).mkdir()
    room.left_behind()

    assert {born, ours.path.name} == {path.name for path in room.path.iterdir()}
    ours.close()


def test_a_folder_that_goes_while_it_is_looked_at_is_not_inherited(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker ends at the very moment: what the heir has locked is no folder any more."""
    room = SpoolRoom(spool, ID)
    folder = room.new_folder()
    really_open = os.open

    def slow(path: Path, *how: int) -> int:
        fileno = really_open(path, *how)
        if path == folder.path:
            folder.close()
        return fileno

    with monkeypatch.context() as slowly:
        slowly.setattr(os, "open", slow)
        heirs = room.left_behind()

    assert [] == heirs
    assert not folder.path.exists()


def test_workers_may_come_and_go_at_the_same_time(spool: Path) -> None:
    """Sixty-four of them start with one command and end with the last job, each looking for dead ones."""
    troubles: list[BaseException] = []

    def come_and_go() -> None:
        try:
            for _ in range(30):
                room = SpoolRoom(spool, ID)
                folder = room.new_folder()
                assert [] == room.left_behind()
                assert folder.path.exists()
                folder.close()
        except BaseException as error:
            troubles.append(error)

    workers = [threading.Thread(target=come_and_go) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [] == troubles
    assert [] == list(SpoolRoom(spool, ID).path.iterdir())


# --- what is taken away ---------------------------------------------------------------------------


@pytest.mark.parametrize("above", [0, 1, 2, 3])
def test_a_folder_that_was_cleared_away_is_made_again(spool: Path, above: int) -> None:
    """Something removes what is old from /var/tmp; a worker that was idle for a month goes on."""
    room = SpoolRoom(spool, ID)
    folder = room.new_folder()
    shutil.rmtree([folder.path, *folder.path.parents][above])
    scratch = folder.scratch("w.1.1")
    shutil.rmtree([folder.path, *folder.path.parents][above])
    kept = folder.keep(CLAIM, b"output", b"result")
    living = SpoolRoom(spool, ID).left_behind()
    found = list(folder.kept())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (spool, room.path, folder.path)}
    for each in (scratch, kept):
        each.remove()
    folder.close()

    assert [b"result"] == [result for _, result in found]
    assert [] == living
    assert {0o700} == modes


def test_what_was_cleared_away_and_made_by_another_is_not_used(spool: Path) -> None:
    """He waited for it for a month."""
    folder = SpoolRoom(spool, ID).new_folder()
    shutil.rmtree(spool)
    spool.mkdir(mode=0o700)
    spool.chmod(0o777)

    with pytest.raises(BadSetting, match="is open to others"):
        folder.scratch("w.1.1")
    with pytest.raises(OSError, match="is open to others"):
        folder.keep(CLAIM, b"output", b"result")
    assert [] == list(spool.iterdir())
    folder.close()


def test_an_output_that_was_cleared_away_can_be_read_still(spool: Path) -> None:
    """Its job runs on, and ends well."""
    folder = SpoolRoom(spool, ID).new_folder()
    output = folder.scratch("w.1.1")
    output.fill(b"output")
    shutil.rmtree(spool)
    output.own(CLAIM)

    assert b"output" == output.take(100)
    output.remove()
    folder.close()


# --- what cannot be tidied ------------------------------------------------------------------------


def test_what_cannot_be_removed_goes_with_a_later_worker(spool: Path) -> None:
    """An NFS client keeps a name for a file that is still open; somebody's shell stands in the folder."""
    room = SpoolRoom(spool, ID)
    folder = room.new_folder()
    in_the_way = folder.path / "folder" / "file"
    in_the_way.parent.mkdir()
    in_the_way.touch()
    folder.close()
    for _ in range(2):
        assert [] == room.left_behind()
        assert folder.path.exists()
    in_the_way.unlink()
    in_the_way.parent.rmdir()
    room.left_behind()

    assert not folder.path.exists()


def test_a_folder_that_cannot_be_read_stays_for_a_later_worker(spool: Path) -> None:
    """It is skipped, and the others are not."""
    room = SpoolRoom(spool, ID)
    said_by(spool, "first")
    (first,) = room.path.iterdir()
    said_by(spool, "second")
    (first / "7.1.result").unlink()
    (first / "7.1.result").mkdir()
    left = room.left_behind()
    unreadable, readable = sorted(left, key=lambda each: each.path != first)
    with pytest.raises(IsADirectoryError):
        list(unreadable.kept())
    found = list(readable.kept())
    for folder in left:
        folder.close()

    assert [b"second"] == [result for _, result in found]
    assert first.exists()


@pytest.mark.parametrize("error", [ENOSPC, EDQUOT, EIO])
def test_a_disk_that_takes_nothing_is_noticed_before_there_is_a_job(spool: Path, error: int) -> None:
    """Not every file system says so when a file is opened, nor when it is written."""
    script = (
        "import sys; from pathlib import Path; from goq.adapters.files.spoolroom import SpoolRoom\n"
        "from goq.errors import BadSetting\n"
        "try: SpoolRoom(Path(sys.argv[1]), 'a' * 40).new_folder()\n"
        "except BadSetting as refusal: print(refusal)\n"
    )
    command = [*refusing("fsync", error), sys.executable, "-c", script, str(spool)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert f": {os.strerror(error)}; a worker needs that, so make room, or set GOQ_SPOOL\n" in told
    assert told.startswith(f"cannot write in {spool}/")
    assert [] == list(spool.glob("*/*/*"))


# --- whose it is ----------------------------------------------------------------------------------


def test_a_spool_is_made_private_and_taken_again(tmp_path: Path) -> None:
    """By the next command, and from birth."""
    spool = tmp_path / "deep" / "spool"
    before = os.umask(0)
    try:
        assert not is_own(spool)
        for _ in range(2):
            assert spool == take_spool(spool)
    finally:
        os.umask(before)

    assert is_own(spool)
    assert 0o700 == stat.S_IMODE(spool.stat().st_mode)


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701, 0o777, 0o1777])
def test_a_spool_that_others_may_enter_is_refused(spool: Path, mode: int) -> None:
    """They could read outputs, or leave submissions there."""
    spool.mkdir()
    spool.chmod(mode)

    with pytest.raises(
        BadSetting, match=rf"GOQ_SPOOL is {spool}, .*\(mode {mode:04o}\); say: chmod 700 {spool}"
    ):
        take_spool(spool)
    assert not is_own(spool)


@pytest.mark.parametrize("kind", ["a link", "a dangling link", "a file", "a fifo"])
def test_a_spool_that_is_no_folder_is_refused(tmp_path: Path, spool: Path, kind: str) -> None:
    """Whoever may put a link into /var/tmp could lead a worker anywhere."""
    target = tmp_path / "target"
    if kind == "a link":
        target.mkdir(mode=0o700)
    if "link" in kind:
        spool.symlink_to(target)
    elif kind == "a file":
        spool.touch(0o600)
    else:
        os.mkfifo(spool, 0o600)

    with pytest.raises(BadSetting) as refusal:
        take_spool(spool)
    assert str(spool) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not is_own(spool)
    assert not target.exists() or [] == list(target.iterdir())


def test_another_user_s_spool_is_refused(spool: Path) -> None:
    """He made it first, and could read and change all that is put there."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder another user's")
    spool.mkdir(mode=0o700)
    os.chown(spool, 65534, 65534)

    with pytest.raises(BadSetting, match=r"belongs to another user \(uid 65534\)"):
        take_spool(spool)
    assert not is_own(spool)


def test_a_spool_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """There is a file where it should lie."""
    (tmp_path / "file").touch()

    with pytest.raises(BadSetting, match="cannot make the folder"):
        take_spool(tmp_path / "file" / "spool")
    assert not is_own(tmp_path / "file" / "spool")
