"""A log file survives those who rotate it, and whoever writes it survives the log file."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from descriptors import opened_below

from goq.adapters.files.log import LogFile
from goq.errors import BadSetting


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "goq.log"


def test_lines_are_appended(path: Path) -> None:
    """A restart does not wipe out what led to it."""
    path.write_text("before\n")
    log = LogFile(path)

    assert log.write("one\ntwo\n")
    assert log.write("three\n")
    assert "before\none\ntwo\nthree\n" == path.read_text()


def test_a_log_is_born_private(path: Path) -> None:
    """It holds everybody's commands, long after `ps` has forgotten them."""
    before = os.umask(0)
    try:
        LogFile(path)
    finally:
        os.umask(before)

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_the_mode_of_a_file_that_is_there_is_kept(path: Path) -> None:
    """Whoever made it, logrotate say, knows who may read it."""
    path.touch(0o640)
    LogFile(path).write("line\n")

    assert 0o640 == stat.S_IMODE(path.stat().st_mode)


def test_a_renamed_log_is_opened_again(path: Path) -> None:
    """logrotate: rename, and nobody has to be told."""
    log = LogFile(path)
    log.write("one\n")
    path.rename(path.with_suffix(".1"))
    log.write("two\n")

    assert "one\n" == path.with_suffix(".1").read_text()
    assert "two\n" == path.read_text()


def test_a_log_that_was_put_in_its_place_is_used(path: Path) -> None:
    """logrotate with `create`."""
    log = LogFile(path)
    path.rename(path.with_suffix(".1"))
    path.touch()
    log.write("two\n")

    assert ["", "two\n"] == [path.with_suffix(".1").read_text(), path.read_text()]


def test_a_removed_log_is_made_again_with_its_folder(path: Path) -> None:
    """A person with `rm -r`."""
    below = path / "deep" / "goq.log"
    below.parent.mkdir(parents=True)
    log = LogFile(below)
    below.unlink()
    below.parent.rmdir()

    assert log.write("line\n")
    assert "line\n" == below.read_text()


def test_a_cut_log_goes_on_from_its_beginning(path: Path) -> None:
    """logrotate with `copytruncate`: no hole of zeros."""
    log = LogFile(path)
    log.write("one\n")
    os.truncate(path, 0)
    log.write("two\n")

    assert "two\n" == path.read_text()


def test_a_relative_name_is_meant_from_here(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is opened again."""
    monkeypatch.chdir(path.parent)
    log = LogFile(Path("goq.log"))
    path.unlink()
    monkeypatch.chdir("/")

    assert log.write("line\n")
    assert "line\n" == path.read_text()


def test_a_log_that_cannot_be_written_at_first_is_refused(path: Path) -> None:
    """A slip in the name is noticed at the start."""
    path.write_text("")
    with pytest.raises(BadSetting, match=r"cannot write the log file .*Not a directory"):
        LogFile(path / "below")


def test_a_log_that_cannot_be_written_later_is_told_and_no_more(path: Path) -> None:
    """Jobs are worth more than a log."""
    log = LogFile(Path("/dev/full"))
    assert not log.write("line\n")

    log = LogFile(path)
    path.unlink()
    path.mkdir()
    assert not log.write("line\n")
    path.rmdir()
    assert log.write("again\n")
    assert "again\n" == path.read_text()


def test_descriptors_do_not_pile_up(path: Path) -> None:
    """Rotated daily for years."""
    log = LogFile(path)
    log.write("line\n")
    for _ in range(20):
        path.unlink()
        log.write("line\n")

    assert [str(path)] == opened_below(path.parent)


def test_any_text_can_be_written(path: Path) -> None:
    """Also what no encoding has."""
    assert LogFile(path).write("caf\u00e9 \udcff\n")
    assert b"caf\xc3\xa9 \\udcff\n" == path.read_bytes()


def test_two_that_write_into_one_standard_output_do_not_overwrite_each_other(path: Path) -> None:
    """`goq work forever > work.log &`, typed twice in one folder."""
    script = "import sys; from goq.adapters.files.log import StandardOutput; log = StandardOutput()\n"
    script += "for line in sys.stdin: log.write(line)"
    with path.open("w") as first, path.open("w") as second:
        writers = [
            subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=file, text=True)
            for file in (first, second)
        ]
    written = []
    for turn in range(3):
        for writer, name in zip(writers, ("first", "second"), strict=True):
            assert writer.stdin is not None
            writer.stdin.write(f"{name} {turn}\n")
            writer.stdin.flush()
            written.append(f"{name} {turn}")
    for writer in writers:
        writer.communicate()

    assert sorted(written) == sorted(path.read_text().splitlines())


def test_a_standard_output_that_is_cut_goes_on_at_its_new_end(path: Path) -> None:
    """`> serve.log` and logrotate's copytruncate, or a person: no hole of a gigabyte of zeros."""
    script = "import os; from goq.adapters.files.log import StandardOutput; log = StandardOutput()\n"
    script += "log.write('before'); os.truncate(1, 0); log.write('after')"
    with path.open("w") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)

    assert "after" == path.read_text()


@pytest.mark.parametrize("redirection", ["", "| cat", ">&-", "> /dev/null"])
def test_a_standard_output_may_be_anything(redirection: str) -> None:
    """A pipe, a device, or nothing."""
    script = "import sys, os; sys.stdout = sys.stdout or open(os.devnull, 'w')\n"
    script += "from goq.adapters.files.log import StandardOutput; StandardOutput().write('line')"
    done = subprocess.run(
        ["sh", "-c", f'"$1" -c "$2" {redirection}', "sh", sys.executable, script],
        capture_output=True,
        check=True,
    )

    assert b"" == done.stderr
