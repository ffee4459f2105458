"""Which queue may be served from a folder, as GOQ_HOME remembers another one or the same."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from submissions import submitted_of

from goq.adapters.config import Config, load_config
from goq.adapters.machine import host_name
from goq.adapters.remembered import Remembered, Served, remember
from goq.adapters.store.audit import back_up
from goq.adapters.store.file import standing
from goq.adapters.store.journal import Journal
from goq.core.state.records import EpochBegun
from goq.core.values.ids import Environment, Nonce
from goq.core.values.job import Origin
from goq.errors import WrongFolder
from goq.roles.server.standing import home_of, latest_epoch, place_of, settle_folder

ORIGIN = Origin(b"/", Environment(b""), "ann@head")


class Ground:
    """A GOQ_HOME, and folders in which servers have been."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = load_config()

    def at(self, name: str) -> Config:
        return replace(self.config, journal_folder=self.root / name / ".goq")

    def serve(self, name: str, jobs: int = 0) -> Config:
        """Be a server there for a moment, whose jobs wait; GOQ_HOME remembers it."""
        config = self.at(name)
        journal = Journal(config.journal_folder)
        last = journal.last_epoch
        begun = replace(last, number=last.number + 1)
        journal.commit([EpochBegun(begun, 1)])
        for job in range(1, jobs + 1):
            nonce = Nonce(job.to_bytes(16))
            journal.commit([submitted_of(job, nonce, (b"ls",), ORIGIN)])
        journal.close()
        self.remember(place_of(config, begun))
        return config

    def remember(self, served: Served) -> None:
        remember(self.config.home, Remembered("head", 1776, served=served))
        self.served = served

    def go(self, name: str, *, new: bool = False, restored: bool = False, is_ours: bool = True) -> str:
        """What is said of a server that starts there."""
        return settle_folder(self.at(name), new=new, restored=restored, is_ours=is_ours)

    def refusal(self, name: str, *, new: bool = False, restored: bool = False) -> str:
        with pytest.raises(WrongFolder) as caught:
            self.go(name, new=new, restored=restored)
        return str(caught.value)


@pytest.fixture(name="ground")
def _ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    for name in [name for name in os.environ if name.startswith("GOQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOQ_HOME", str(tmp_path / "home"))
    return Ground(tmp_path)


def test_the_first_server_starts_anywhere(ground: Ground) -> None:
    """Nothing is remembered."""
    assert "" == ground.go("a") == ground.go("a", new=True)


def test_a_server_goes_on_where_it_was(ground: Ground) -> None:
    """Without a word."""
    ground.serve("a", jobs=2)

    assert "" == ground.go("a")


def test_a_folder_without_a_journal_is_refused_while_there_are_jobs(ground: Ground) -> None:
    """Both are named."""
    ground.serve("a", jobs=2)
    said = ground.refusal("b")

    assert f"{ground.root}/a/.goq" in said
    assert f"{ground.root}/b/.goq" in said
    assert "2 jobs" in said
    assert "" == ground.go("b", new=True) == ground.go("b", is_ours=False)


def test_a_queue_without_jobs_and_one_that_is_gone_stand_in_nobodys_way(ground: Ground) -> None:
    """A line says which it was."""
    ground.serve("a")
    assert "has no job" in ground.go("b")
    shutil.rmtree(ground.root / "a")

    assert "is gone" in ground.go("b")


def test_a_server_that_was_killed_as_it_began_has_left_no_journal(ground: Ground) -> None:
    """An empty file."""
    (ground.root / "a" / ".goq").mkdir(parents=True)
    (ground.root / "a" / ".goq" / "journal.sqlite").touch()

    assert "" == ground.go("a")
    assert "holds no journal" in ground.refusal("a", restored=True)


def test_a_copy_is_not_gone_on_with_beside_its_original(ground: Ground) -> None:
    """Both would give the same jobs, as different attempts, and no worker could tell."""
    original = ground.serve("a", jobs=1)
    shutil.copytree(ground.root / "a", ground.root / "b")
    with closing(Journal(original.journal_folder)):
        said = ground.refusal("b", restored=True)
        assert f"'{ground.root}/a/.goq'" in said
        assert f"pid {os.getpid()} " in said
        assert "" == ground.go("a", restored=True)  # which will hear of the lock

    assert "" == ground.go("b", restored=True)


def unmounted(served: Served) -> Served:
    return replace(served, folder=served.folder.parent / "disk", mount=served.folder.parent)


def elsewhere(served: Served) -> Served:
    return replace(served, folder=served.folder.parent / "gone", host="another-host")


@pytest.mark.parametrize(("change", "why"), [(unmounted, "nothing is mounted"), (elsewhere, "another-host")])
def test_what_cannot_be_seen_may_have_jobs(
    ground: Ground, change: Callable[[Served], Served], why: str
) -> None:
    """A disk comes back, and another host is not looked into from here."""
    ground.serve("a")
    ground.remember(change(ground.served))

    assert why in ground.refusal("b")
    assert "" == ground.go("b", new=True)


def test_what_cannot_be_read_may_have_jobs(ground: Ground) -> None:
    """It is damaged, or another's."""
    ground.serve("a")
    (ground.root / "a" / ".goq" / "journal.sqlite").write_bytes(b"x" * 10_000)

    assert "cannot be seen" in ground.refusal("b")


def test_a_moved_folder_is_told(ground: Ground) -> None:
    """From where to where."""
    ground.serve("a", jobs=1)
    (ground.root / "a").rename(ground.root / "b")
    said = ground.go("b")

    assert "has moved" in said
    assert f"{ground.root}/a/.goq" in said


def test_a_copy_is_refused_and_so_is_an_older_one(ground: Ground) -> None:
    """As long as the other one is there; an old one always."""
    ground.serve("a", jobs=1)
    shutil.copytree(ground.root / "a", ground.root / "b")
    assert "one of them is a copy" in ground.refusal("b")
    assert "" == ground.go("a") == ground.go("b", restored=True)
    ground.serve("a")
    assert "old copy" in ground.refusal("b")
    shutil.rmtree(ground.root / "a")

    assert "old copy" in ground.refusal("b")


def test_the_original_goes_on_after_its_old_copy_was_started(ground: Ground) -> None:
    """GOQ_HOME remembers the copy, and what is here is later."""
    ground.serve("a")
    shutil.copytree(ground.root / "a", ground.root / "b")
    ground.serve("a")
    ground.serve("a")
    ground.serve("b")

    assert "has moved" in ground.go("a")


def test_a_copy_whose_other_cannot_be_seen_is_refused(ground: Ground) -> None:
    """The disk may come back with it; but the very same file is no copy, nor is what came from another host."""
    ground.serve("a")
    shutil.copytree(ground.root / "a", ground.root / "b")
    here = ground.served
    ground.remember(unmounted(here))
    assert "nothing is mounted" in ground.refusal("b")
    assert "has moved" in ground.go("a")
    ground.remember(elsewhere(here))

    assert "has moved" in ground.go("b")


def test_another_name_is_no_other_place(ground: Ground) -> None:
    """The file is the same."""
    ground.serve("a")
    (ground.root / "b").symlink_to(ground.root / "a")

    assert "" == ground.go("b")


def test_another_queue_is_told(ground: Ground) -> None:
    """Commands ask this one from now on."""
    ground.serve("a")
    ground.serve("b", jobs=1)

    assert "this is queue" in ground.go("a")


def test_a_backup_is_gone_on_with_by_name_only(ground: Ground) -> None:
    """Also where nothing is remembered."""
    config = ground.serve("a", jobs=1)
    (ground.root / "b" / ".goq").mkdir(mode=0o700, parents=True)
    back_up(config.journal_folder, ground.root / "b" / ".goq" / "journal.sqlite")
    (config.home / "server").unlink()

    assert "is a backup" in ground.refusal("b")
    assert "" == ground.go("b", restored=True)


def test_new_is_for_a_new_folder(ground: Ground) -> None:
    """There is a queue already."""
    ground.serve("a")

    assert "holds a journal already" in ground.refusal("a", new=True)


def test_what_is_remembered_says_where_and_when(ground: Ground) -> None:
    """The epoch is the latest that anybody here knows of, of that queue."""
    config = ground.serve("a")
    served = ground.served
    last = replace(EPOCH, number=0)
    ours = replace(EPOCH, queue=served.queue, number=0)

    assert host_name() == served.host
    assert (config.journal_folder / "journal.sqlite").stat().st_ino == served.inode
    assert os.path.ismount(served.mount)
    assert last.number == latest_epoch(config, last)
    assert served.epoch == latest_epoch(config, ours)
    assert 9 == latest_epoch(config, replace(ours, number=9))


def test_what_is_damaged_here_is_told_by_whoever_opens_it(ground: Ground) -> None:
    """Or it is of an older version, and upgraded."""
    ground.serve("a")
    (ground.root / "a" / ".goq" / "journal.sqlite").write_bytes(b"x" * 10_000)

    assert "" == ground.go("a") == ground.go("a", restored=True)


# --- what the journal knows of its own place, and what is remembered of several ---------------


def begin(ground: Ground, name: str, *, rests: bool) -> Config:
    """Be a server there, whose journal knows where it is; GOQ_HOME does not."""
    config = ground.at(name)
    with closing(Journal(config.journal_folder)) as journal:
        last = journal.last_epoch
        journal.commit([EpochBegun(replace(last, number=last.number + 1, draw=7), 1, home_of(config))])
        if rests:
            journal.rest()
    return config


@pytest.mark.parametrize("rests", [True, False])
def test_a_journal_knows_its_place(ground: Ground, rests: bool) -> None:
    """A copy beside it is one, whoever starts it; it itself goes on unsaid, and after a move."""
    begin(ground, "a", rests=rests)
    shutil.copytree(ground.root / "a", ground.root / "b")

    assert "one of them is a copy" in ground.refusal("b")
    assert "" == ground.go("a")
    (ground.root / "a").rename(ground.root / "c")
    assert "has moved" in ground.go("c")
    assert "one of them is a copy" not in (ground.go("b") if rests else ground.refusal("b"))


@pytest.mark.parametrize("rests", [True, False])
def test_a_copy_in_the_place_of_the_original(ground: Ground, rests: bool) -> None:
    """Made while a server had it, it lacks what that one did since."""
    begin(ground, "a", rests=rests)
    shutil.copytree(ground.root / "a", ground.root / "b")
    (ground.root / "a").rename(ground.root / "c")
    (ground.root / "b").rename(ground.root / "a")

    if rests:
        assert "" == ground.go("a")
    else:
        assert "made while a server had it" in ground.refusal("a")
        assert "" == ground.go("a", restored=True)


def test_who_has_begun_again_is_not_at_rest(ground: Ground) -> None:
    """The mark of the stop before it is gone."""
    begin(ground, "a", rests=True)
    begin(ground, "a", rests=False)
    found = standing(ground.at("a").journal_folder)

    assert found
    assert not found.is_at_rest


def remember_all(ground: Ground, *queues: Served) -> None:
    remember(ground.config.home, Remembered("head", 1776, served=queues[0], others=queues[1:]))


def test_each_queue_that_is_remembered_counts(ground: Ground) -> None:
    """The latest is not the only one with jobs."""
    ground.serve("a", jobs=1)
    first = ground.served
    ground.serve("b")
    remember_all(ground, ground.served, first)

    assert "has 1 job that waits" in ground.refusal("c")
    assert "this is queue" in ground.go("a")
    assert first.epoch == latest_epoch(ground.config, replace(EPOCH, queue=first.queue, number=0))


def test_a_damaged_memory_is_told(ground: Ground) -> None:
    """Where there is a journal it goes on; elsewhere there may be another queue."""
    config = ground.serve("a")
    (config.home / "server").write_text("")

    assert "does not name a server" in ground.refusal("b")
    assert "written anew" in ground.go("a")
    assert "" == ground.go("b", new=True)
    assert "" == ground.go("b", is_ours=False)
