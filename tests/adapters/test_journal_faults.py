"""The journal when things go wrong: damage, a full disk, a server that is killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.ledgers import ORIGIN, picture, ran, read, replayed, submitted, waiting, write
from goq.adapters.store.journal import Journal
from goq.core.state.records import Record
from goq.core.values.ids import Environment
from goq.core.values.job import Origin
from goq.errors import JournalError, JournalFull

PAGE = 4096
MIB = 1 << 20


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


# --- damage --------------------------------------------------------------------------------


def refusal(folder: Path) -> str:
    """What a server that cannot use the journal says."""
    with pytest.raises(JournalError) as error:
        read(folder)
    return str(error.value)


def write_text(path: Path) -> None:
    """A file that somebody put there by mistake."""
    path.write_text("To do: buy milk, feed the cat.\n" * 100)


def write_noise(path: Path) -> None:
    """The first page is lost, the rest is as it was."""
    data = path.read_bytes()
    path.write_bytes(random.Random(1).randbytes(PAGE) + data[PAGE:])


def cut(path: Path) -> None:
    """The end is missing, as after a bad copy."""
    path.write_bytes(path.read_bytes()[: 5 * PAGE // 2])


def put_another_s(path: Path) -> None:
    """The database of another program, which is of version 1 as well."""
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE milk (litres)")
        db.execute("PRAGMA user_version = 1")
    db.close()


@pytest.mark.parametrize("spoil", [write_text, write_noise, cut, put_another_s])
def test_what_is_not_a_journal_is_refused_in_one_line(folder: Path, spoil: Callable[[Path], None]) -> None:
    """The person at the head node must learn which file it is about, and may still have a copy."""
    write(folder, [submitted(1, 50)], ran(51))
    good = (folder / "journal.sqlite").read_bytes()
    spoil(folder / "journal.sqlite")
    said = refusal(folder)
    (folder / "journal.sqlite").write_bytes(good)

    assert str(folder / "journal.sqlite") in said
    assert "put a backup in its place and start 'goq serve --restored', or move it away" in said
    assert "\n" not in said
    assert 50 == len(waiting(read(folder)))


def test_no_damaged_page_goes_unnoticed(folder: Path) -> None:
    """Whichever page of the file is lost, the server says so, rather than forget some jobs."""
    write(folder, [submitted(1, 200)], *(ran(job, problem="x" * 50) for job in range(201, 260)))
    path = folder / "journal.sqlite"
    good = path.read_bytes()
    before = picture(read(folder))
    for at in range(0, len(good), PAGE):
        path.write_bytes(good[:at] + b"\xff" * PAGE + good[at + PAGE :])

        assert "cannot be read" in refusal(folder), f"page {at // PAGE}"
    path.write_bytes(good)
    assert before == picture(read(folder))


@pytest.mark.parametrize("name", ["journal.sqlite", "lock"])
def test_a_folder_in_the_place_of_a_file_is_refused_in_one_line(folder: Path, name: str) -> None:
    """Odd, but no reason for a traceback."""
    (folder / name).mkdir(parents=True)

    assert str(folder) in refusal(folder)


def test_a_refused_journal_is_free_again(folder: Path) -> None:
    """Whoever mends it must not have to look for a process that still has it."""
    write(folder, [submitted(1)])
    good = (folder / "journal.sqlite").read_bytes()
    write_text(folder / "journal.sqlite")
    with pytest.raises(JournalError) as error:  # which holds on to what the refused one had
        Journal(folder)
    (folder / "journal.sqlite").write_bytes(good)

    assert [1] == waiting(read(folder)), error


# --- a full disk ---------------------------------------------------------------------------


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    if not mounted:
        assert not (os.environ.get("CI") and os.geteuid() == 0), "cannot mount a small file system"
        pytest.skip("a small file system can only be mounted by root")
    try:
        yield place
    finally:
        # Lazily: a test that failed may still have a journal open there.
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def big(first: int, size: int = MIB) -> list[Record]:
    """A submission that takes room."""
    environment = Environment(random.Random(first).randbytes(size))
    return [submitted(first, 10, Origin(ORIGIN.folder, environment, ORIGIN.submitter))]


def test_a_full_disk_leaves_the_journal_as_it_was(small_disk: Path) -> None:
    """Nothing was promised; as soon as there is room the same batch is taken."""
    ballast = small_disk / "ballast"
    journal = Journal(small_disk / "journal")
    journal.commit([submitted(1)])
    before = picture(replayed(journal))
    ballast.write_bytes(bytes(MIB))
    for _ in range(3):
        with pytest.raises(JournalFull, match="cannot write the journal"):
            journal.commit(big(2))

        assert before == picture(replayed(journal))
    ballast.unlink()
    journal.commit(big(2, MIB // 4))
    journal.close()

    assert list(range(1, 12)) == waiting(read(small_disk / "journal"))


def fill(journal: Journal) -> int:
    """Commit small batches until one is refused; its number."""
    for first in range(1, 10_000):
        try:
            journal.commit([submitted(first)])
        except JournalFull:
            return first
    raise AssertionError("the disk is never full")


def test_a_disk_may_fill_to_the_brim(small_disk: Path) -> None:
    """Small batches are taken as long as there is room at all, then refused; none is lost."""
    journal = Journal(small_disk / "journal")
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(PAGE))
    first = fill(journal)
    ballast.unlink()
    journal.commit([submitted(first)])
    journal.close()

    assert list(range(1, first + 1)) == waiting(read(small_disk / "journal"))


def test_a_database_that_may_not_grow_leaves_the_journal_as_it_was(folder: Path) -> None:
    """The same as SQLite itself tells it, wherever no small disk can be made."""
    journal = Journal(folder)
    journal.commit([submitted(1)])
    before = picture(replayed(journal))
    journal._db.execute("PRAGMA max_page_count = 30")
    with pytest.raises(JournalFull):
        journal.commit(big(2))
    assert before == picture(replayed(journal))
    journal._db.execute("PRAGMA max_page_count = 1000000")
    journal.commit(big(2))
    journal.close()

    assert list(range(1, 12)) == waiting(read(folder))


def test_small_batches_go_on_beside_one_that_is_too_large(folder: Path) -> None:
    """A failed batch leaves no transaction open in which later ones would be lost."""
    journal = Journal(folder)
    journal._db.execute("PRAGMA max_page_count = 30")
    journal.commit([submitted(1)])
    with pytest.raises(JournalFull):
        journal.commit(big(2))
    journal.commit([submitted(2)])
    journal.close()

    assert [1, 2] == waiting(read(folder))


# --- kill -9 -------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from adapters.ledgers import delegated, finished, submitted
from goq.adapters.store.journal import Journal

journal = Journal(Path(sys.argv[1]))
first = int(sys.argv[3])
while True:
    journal.commit([submitted(first, 3), delegated(first), finished(first), delegated(first + 1)])
    print(first, flush=True)
    first += 3
"""


def killed_writer(folder: Path, first: int, after_lines: int) -> list[int]:
    """Start a writer, kill it at a moment of chance, and give what it had promised by then."""
    tests = str(Path(__file__).resolve().parent.parent)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), tests, str(first)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        promised = [int(writer.stdout.readline()) for _ in range(after_lines)]
        writer.send_signal(signal.SIGKILL)
        promised += [int(line) for line in writer.stdout if line.endswith("\n")]
    return promised


def test_what_was_promised_survives_a_kill_at_any_moment(folder: Path) -> None:
    """A job whose number was printed is never lost; and no batch is there by half."""
    rng = random.Random(9)
    first, promises = 1, 0
    for _ in range(6):
        promised = killed_writer(folder, first, rng.randrange(1, 60))
        promises += len(promised)
        state = read(folder)

        assert promised[-1] + 3 <= state.next_job <= promised[-1] + 6
        assert 1 == state.next_job % 3
        assert list(range(3, state.next_job, 3)) == waiting(state)
        assert list(range(2, state.next_job, 3)) == sorted(state.running)
        assert (state.next_job - 1) // 3 == state.finished_count
        first = state.next_job
    assert 30 < promises
