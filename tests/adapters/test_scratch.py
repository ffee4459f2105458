"""The TMPDIR of a place's jobs."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.until import wait_until
from goq.adapters.jobs.scratch import Scratch


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "goq.1" / "0"


def be_ready(path: Path) -> None:
    """Have it made ready, and see that it is."""
    Scratch(bytes(path)).be_ready()

    assert stat.S_IFDIR | 0o700 == path.lstat().st_mode
    assert [] == list(path.iterdir())


def replace_by_link(path: Path) -> None:
    path.rmdir()
    target = path.parent / "elsewhere"
    target.mkdir(mode=0o700)
    path.symlink_to(target)


def replace_by_file(path: Path) -> None:
    path.rmdir()
    path.touch()


SPOILED: dict[str, Callable[[Path], object]] = {
    "a file in it": lambda path: (path / "file").touch(),
    "a folder in it": lambda path: (path / "a" / "b").mkdir(parents=True),
    "gone": lambda path: path.rmdir(),
    "open to others": lambda path: path.chmod(0o777),
    "closed to us": lambda path: path.chmod(0),
    "a link to elsewhere": replace_by_link,
    "a file": replace_by_file,
    "all of it gone": lambda path: shutil.rmtree(path.parent),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_it_is_empty_and_private_whatever_a_job_did_to_it(
    path: Path, spoil: Callable[[Path], object]
) -> None:
    """The next job is another user's business, though it is the same user."""
    be_ready(path)
    spoil(path)
    be_ready(path)


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_folder_that_has_long_been_empty_is_looked_at_in_short(
    path: Path, spoil: Callable[[Path], object]
) -> None:
    """And seen to be so no more."""
    scratch = Scratch(bytes(path))
    scratch.be_ready()
    wait_until(lambda: scratch._is_fresh() and scratch._seen[0], "a while without a change")
    assert scratch._is_fresh()
    spoil(path)
    assert not scratch._is_fresh()
    scratch.be_ready()

    assert stat.S_IFDIR | 0o700 == path.lstat().st_mode
    assert [] == list(path.iterdir())


def test_what_a_job_left_goes_at_its_end(path: Path) -> None:
    """Not when the next one comes, which may be tomorrow."""
    be_ready(path)
    (path / "big").touch()
    Scratch(bytes(path)).clear()

    assert not path.exists()
    be_ready(path)
    number = path.stat().st_ino
    Scratch(bytes(path)).clear()

    assert number == path.stat().st_ino, "an empty one need not be made again"


def test_after_the_last_place_nothing_is_left(path: Path, tmp_path: Path) -> None:
    """A worker that was killed cannot do that itself."""
    other = path.with_name("1")
    be_ready(path)
    be_ready(other)
    (path / "file").touch()
    Scratch(bytes(path)).leave()
    assert [other] == list(path.parent.iterdir())
    Scratch(bytes(other)).leave()

    assert [] == list(tmp_path.iterdir())


def test_another_users_folder_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever clears old files may have taken ours, and somebody made one with its name."""
    path.parent.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: path.parent.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="is another user's"):
        Scratch(bytes(path)).be_ready()

    assert not path.exists()
