"""Locks that tell the living from the dead: held by one, gone with him, and never on what is gone."""

import os
import subprocess
import sys
from errno import ENOLCK, ENOTSUP
from pathlib import Path

import pytest
from descriptors import opened_below
from refusals import refusing

from goq.adapters.files.locks import take_if_free, try_lock

FOLDER = os.O_RDONLY | os.O_DIRECTORY


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_a_lock_is_held_until_it_is_closed(folder: Path) -> None:
    """By one, whoever else opens the folder."""
    lock = take_if_free(folder, FOLDER)
    assert lock is not None
    taken = take_if_free(folder, FOLDER)
    os.close(lock)
    again = take_if_free(folder, FOLDER)

    assert taken is None
    assert again is not None
    os.close(again)
    assert [] == opened_below(folder)


@pytest.mark.parametrize("then", ["gone", "another one"])
def test_what_goes_while_it_is_looked_at_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """The lock of a folder without a name says nothing of the one that has its name now."""
    really_open = os.open

    def slow(path: Path, flags: int) -> int:
        fileno = really_open(path, flags)
        folder.rmdir()
        if then == "another one":
            folder.mkdir()
        return fileno

    with monkeypatch.context() as slowly:
        slowly.setattr(os, "open", slow)
        taken = take_if_free(folder, FOLDER)

    assert taken is None
    assert [] == opened_below(folder)


def test_what_is_not_there_is_not_taken(folder: Path) -> None:
    """Nor what is no folder where one is wanted."""
    (folder / "file").touch()

    assert take_if_free(folder / "nothing", FOLDER) is None
    assert take_if_free(folder / "file", FOLDER) is None


@pytest.mark.parametrize("error", [ENOLCK, ENOTSUP])
def test_no_locks_is_told_from_somebody_s_lock(folder: Path, error: int) -> None:
    """One means to wait, the other to do without."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from goq.adapters.files.locks import NoLocks, take_if_free\n"
        "try: take_if_free(Path(sys.argv[1]), os.O_RDONLY)\n"
        "except NoLocks as error: print(error.errno, error.strerror, len(os.listdir('/proc/self/fd')))\n"
    )
    command = [*refusing("flock", error), sys.executable, "-c", script, str(folder)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    assert f"{error} {os.strerror(error)} 4" == told, "three streams, and the look at them"


def test_a_lock_outlives_the_name_that_it_was_taken_under(folder: Path) -> None:
    """A folder is locked before it gets its name."""
    lock = take_if_free(folder, FOLDER)
    assert lock is not None
    renamed = folder.rename(folder.with_name("renamed"))

    assert take_if_free(renamed, FOLDER) is None
    assert try_lock(lock), "it is ours still"
    os.close(lock)
