"""Opening what lies below a folder: by no link, and nothing but files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from goq.adapters.files.below import Whose, is_gone, link_on_the_way, open_below, sync_names

CREATED = os.O_WRONLY | os.O_CREAT


def written(folder: Path, path: str) -> None:
    """Write a word into it."""
    fileno = open_below(str(folder), path, CREATED)
    os.write(fileno, b"word")
    os.close(fileno)


@pytest.mark.parametrize("path", ["x", "a/x", "a/b/c/x"])
def test_folders_that_are_missing_are_made(tmp_path: Path, path: str) -> None:
    """The first job that writes there comes before anybody has made them."""
    folder = tmp_path / "deep" / "o"
    written(folder, path)
    written(folder, path)
    sync_names(str(folder), os.path.dirname(path) or ".")

    assert b"word" == (folder / path).read_bytes()
    assert 0o666 & ~os.umask(os.umask(0o022)) == (folder / path).stat().st_mode & 0o777


def test_what_is_only_read_is_not_made(tmp_path: Path) -> None:
    """Somebody looks how long it is."""
    for folder in (tmp_path / "o", tmp_path):
        for path in ("x", "a/x"):
            with pytest.raises(FileNotFoundError):
                open_below(str(folder), path, os.O_RDONLY)
    assert [] == list(tmp_path.iterdir())


def _as_link(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def _as_relative_link(place: Path, outside: Path) -> None:
    place.symlink_to(os.path.relpath(outside, place.parent))


def _as_fifo(place: Path, _outside: Path) -> None:
    os.mkfifo(place)


def _as_other(place: Path, _outside: Path) -> None:
    if place.name == "x":
        place.mkdir()
    else:
        place.write_bytes(b"")


@pytest.mark.parametrize("trick", [_as_link, _as_relative_link, _as_fifo, _as_other])
@pytest.mark.parametrize("where", ["x", "a", "a/b", "a/b/x"])
@pytest.mark.parametrize("flags", [CREATED, os.O_RDONLY])
def test_nothing_else_is_opened(
    tmp_path: Path, trick: Callable[[Path, Path], None], where: str, flags: int
) -> None:
    """A link leads where the server's user may write, a fifo holds him up."""
    folder, outside = tmp_path / "o", tmp_path / "outside"
    place = folder / where
    place.parent.mkdir(parents=True)
    if place.name == "x":
        outside.write_bytes(b"")
    else:
        (outside / "b").mkdir(parents=True)
        (outside / "x").write_bytes(b"")
        (outside / "b" / "x").write_bytes(b"")
    trick(place, outside)
    path = where if place.name == "x" else f"{where}/x"
    with pytest.raises(OSError) as refusal:
        open_below(str(folder), path, flags)

    assert is_gone(refusal.value)
    assert not any(each.stat().st_size for each in tmp_path.rglob("x") if each.is_file())
    assert (str(place) if trick in (_as_link, _as_relative_link) else "") == link_on_the_way(
        str(folder), path
    )


def test_a_full_disk_is_no_other_thing() -> None:
    """What is only not written yet must not be forgotten."""
    assert not any(is_gone(OSError(number, "")) for number in (5, 28, 122))


def test_a_file_with_other_names_is_not_opened_where_anybody_may_make_one(tmp_path: Path) -> None:
    """In a folder that is ours alone it is a copy that we made: `cp -al` does. What is refused is not emptied."""
    folder, precious = tmp_path / "o", tmp_path / "precious"
    folder.mkdir(mode=0o755)
    precious.write_bytes(b"ours")
    os.link(precious, folder / "x")
    written(folder, "x")
    folder.chmod(0o1777)
    for flags in (CREATED, CREATED | os.O_TRUNC, os.O_RDONLY):
        with pytest.raises(OSError, match="that file has other names"):
            open_below(str(folder), "x", flags)

    assert b"word" == precious.read_bytes()


def test_what_is_to_be_empty_is(tmp_path: Path) -> None:
    """Of a job that wrote nothing."""
    written(tmp_path, "x")
    os.close(open_below(str(tmp_path), "x", CREATED | os.O_TRUNC))

    assert b"" == (tmp_path / "x").read_bytes()


@pytest.mark.parametrize("path", ["x", "a/x"])
def test_our_umask_stays_what_it_was(tmp_path: Path, path: str) -> None:
    """What is made next is made as we would."""
    before = os.umask(0o022)
    try:
        os.close(open_below(str(tmp_path), path, CREATED, Whose(0o077)))
        assert 0o022 == os.umask(before)
    finally:
        os.umask(before)


@pytest.mark.parametrize("umask", [0o777, 0o277, 0o077])
def test_whatever_the_umask_what_was_made_is_written_again(tmp_path: Path, umask: int) -> None:
    """An output comes in pieces, and the file is opened for each."""
    for _ in range(2):
        os.close(open_below(str(tmp_path), "a/x", CREATED, Whose(umask)))

    assert 0o600 == (tmp_path / "a" / "x").stat().st_mode & 0o777
    assert 0o700 == (tmp_path / "a").stat().st_mode & 0o777
