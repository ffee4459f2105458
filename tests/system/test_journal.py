"""Journals that are not as they should be: refused in one line, and left as they are."""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from system.cluster import Cluster
from system.test_bad_input import complaint

PAGE = 4096


@pytest.fixture
def journal(cluster: Cluster) -> Path:
    """The journal of a server that was stopped; ten jobs wait in it."""
    server = cluster.start_server()
    cluster.submit_lines([f"echo {number}" for number in range(10)])
    server.stop()
    return cluster.here / ".goq" / "journal.sqlite"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(cluster: Cluster, journal: Path) -> None:
    """An older goq would misread it, and write what the newer one cannot read."""
    with sqlite3.connect(journal) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = digest(journal)
    line = complaint(cluster.goq("serve", cwd=cluster.here), 1)

    assert "is of version 99" in line
    assert "upgrade goq" in line
    assert before == digest(journal)


def all_random(data: bytes) -> bytes:
    return os.urandom(len(data))


def second_page_zero(data: bytes) -> bytes:
    return data[:PAGE] + bytes(PAGE) + data[2 * PAGE :]


def last_page_ones(data: bytes) -> bytes:
    return data[:-PAGE] + b"\xff" * PAGE


def half(data: bytes) -> bytes:
    return data[: len(data) // 2 // PAGE * PAGE]


@pytest.mark.parametrize("damage", [all_random, second_page_zero, last_page_ones, half])
def test_a_damaged_journal_is_refused_and_left_alone(
    cluster: Cluster, journal: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Whoever repairs it needs it as it was; a server that starts anyway would give numbers twice."""
    journal.write_bytes(damage(journal.read_bytes()))
    before = digest(journal)
    line = complaint(cluster.goq("serve", cwd=cluster.here), 1)

    assert f"the journal {journal} cannot be read" in line
    assert "move it away" in line
    assert before == digest(journal)


@pytest.mark.parametrize("name", ["lock", "journal.sqlite"])
def test_a_folder_in_the_journals_place_is_refused(cluster: Cluster, name: str) -> None:
    """Whatever is wrong there, it is one line."""
    (cluster.here / ".goq" / name).mkdir(parents=True)

    assert str(cluster.here / ".goq") in complaint(cluster.goq("serve", cwd=cluster.here), 1)


def test_a_copy_of_the_journal_in_its_place_is_as_good(cluster: Cluster, journal: Path) -> None:
    """What the message proposes must work."""
    good = journal.read_bytes()
    journal.write_bytes(half(good))
    cluster.goq("serve", cwd=cluster.here)
    journal.write_bytes(good)
    cluster.start_server()

    assert "10" == cluster.stat()["waitingJobs"]
    assert 11 == cluster.submit("true")
