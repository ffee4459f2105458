"""Secret files and folders: nobody else can read them, not even for a moment."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.adapters.files.secretfile import SECRET_LIMIT, make_private_folder, read_secret, write_secret
from goq.errors import BadSetting


@pytest.fixture(name="generous", autouse=True)
def _generous() -> Iterator[None]:
    """The umask that gives away most."""
    old = os.umask(0)
    yield
    os.umask(old)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_private_from_birth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode that is set afterwards leaves a moment in which the file can be opened."""
    births: list[int] = []
    really_open = os.open

    def watched(path: str, flags: int, mode: int) -> int:
        fileno = really_open(path, flags, mode)
        births.append(stat.S_IMODE(os.fstat(fileno).st_mode))
        return fileno

    with monkeypatch.context() as watching:
        watching.setattr(os, "open", watched)
        write_secret(tmp_path / "id", "secret")

    assert [0o600] == births
    assert 0o600 == mode(tmp_path / "id")


def test_no_reader_sees_half_a_secret(tmp_path: Path) -> None:
    """Commands may start at the very moment in which the server writes the id."""
    path = tmp_path / "id"
    texts = {letter * 20_000 for letter in "abcdef"}
    write_secret(path, min(texts))
    over = threading.Event()

    def write() -> None:
        for _ in range(20):
            for text in texts:
                write_secret(path, text)
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not over.is_set():
        seen.add(read_secret(path))
        assert 0o600 == mode(path)
    writer.join()

    assert seen <= texts


def test_a_secret_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Certificates are of several lines."""
    write_secret(tmp_path / "id", "first\nsecond")

    assert "first\nsecond" == read_secret(tmp_path / "id")
    assert b"first\nsecond\n" == (tmp_path / "id").read_bytes()


def test_an_old_secret_is_replaced(tmp_path: Path) -> None:
    """Whole, and with it the mode that somebody gave it."""
    (tmp_path / "id").write_text("an older and much longer one")
    (tmp_path / "id").chmod(0o644)
    write_secret(tmp_path / "id", "new")

    assert "new" == read_secret(tmp_path / "id")
    assert [tmp_path / "id"] == list(tmp_path.iterdir())


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """In a folder that others can write, a link could lead the secret anywhere."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "id").symlink_to(victim)
    write_secret(tmp_path / "id", "secret")

    assert "precious" == victim.read_text()
    assert not (tmp_path / "id").is_symlink()
    assert "secret" == read_secret(tmp_path / "id")


def test_a_link_at_the_place_of_the_new_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same one step earlier: the file is written aside first, should anybody guess where."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    monkeypatch.setattr(os, "urandom", bytes)
    (tmp_path / f"id.{os.getpid()}.00000000.new").symlink_to(victim)

    with pytest.raises(BadSetting, match="cannot write"):
        write_secret(tmp_path / "id", "secret")
    assert "precious" == victim.read_text()
    assert not (tmp_path / "id").exists()


def test_what_a_crash_has_left_is_in_nobody_s_way_and_goes_later(tmp_path: Path) -> None:
    """In a container the next process may well have the same pid."""
    crashed = [tmp_path / f"id.{os.getpid()}.{token}.new" for token in ("aa", "bb")]
    for path in crashed:
        path.write_text("sec")
    os.utime(crashed[0], (0, 0))
    write_secret(tmp_path / "id", "secret")

    assert "secret" == read_secret(tmp_path / "id")
    assert [False, True] == [path.exists() for path in crashed]


def test_what_cannot_be_written_is_told_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    """A folder in its place, or none around it."""
    (tmp_path / "id").mkdir()
    for path in (tmp_path / "id", tmp_path / "missing" / "id"):
        with pytest.raises(BadSetting, match=rf"^cannot write {path}: ") as refusal:
            write_secret(path, "secret")

        assert "\n" not in str(refusal.value)
    assert [tmp_path / "id"] == list(tmp_path.iterdir())


def test_no_file_is_no_secret(tmp_path: Path) -> None:
    """Which is no error: it is looked for elsewhere."""
    assert read_secret(tmp_path / "id") is None


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder of that name is not nothing."""
    (tmp_path / "id").mkdir(mode=0o700)

    with pytest.raises(BadSetting, match=r"^cannot read "):
        read_secret(tmp_path / "id")


@pytest.mark.parametrize("generous_mode", [0o640, 0o604, 0o610, 0o601, 0o666])
def test_what_others_may_touch_is_refused(tmp_path: Path, generous_mode: int) -> None:
    """It is no secret any more; the message says how to mend it."""
    (tmp_path / "id").write_text("secret")
    (tmp_path / "id").chmod(generous_mode)

    with pytest.raises(BadSetting, match=rf"^others can read .*{generous_mode:04o}.*chmod 600 {tmp_path}/id"):
        read_secret(tmp_path / "id")


def test_any_bytes_can_be_read(tmp_path: Path) -> None:
    """Whether they make sense is for others to say; a huge file is not read to its end."""
    (tmp_path / "id").write_bytes(b"\xff\0" * SECRET_LIMIT)
    (tmp_path / "id").chmod(0o600)
    text = read_secret(tmp_path / "id")

    assert text is not None
    assert SECRET_LIMIT == len(text)


def test_a_folder_is_made_private_with_all_above_it(tmp_path: Path) -> None:
    """GOQ_HOME may be deep in something that is not there yet."""
    made = make_private_folder(tmp_path / "a" / "b" / "c")

    assert tmp_path / "a" / "b" / "c" == made
    assert [0o700] * 3 == [mode(folder) for folder in (made, made.parent, made.parent.parent)]
    assert made == make_private_folder(made)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "taken").write_text("")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "a" / "b"):
        with pytest.raises(BadSetting, match=rf"^cannot make the folder {tmp_path}/taken"):
            make_private_folder(folder)
