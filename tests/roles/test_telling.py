"""A command is told what has ended: one at a time, in order, each once, from where it was before."""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest
from adapters.ledgers import delegated, finished, submitted, unstarted, write
from adapters.until import wait_until

from goq.adapters.files.told import Told, forget
from goq.adapters.store.archive import Archive
from goq.core.state.records import Record
from goq.core.values.terms import Terms
from goq.roles.reader.telling import WAITING_LIMIT, Teller

TELL = b'echo "$GOQ_JOB_ID $GOQ_JOB_COUNT $GOQ_JOB_NAME $GOQ_JOB_OWNER $GOQ_EXIT_STATUS" >> $HEARD'


class Owner:
    """Somebody who wants to be told, of a journal in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "journal"
        self.heard = folder / "heard"
        self.said: list[str] = []

    def commit(self, *records: Record) -> None:
        write(self.folder, records)

    def hear(self, command: bytes = TELL, limit_s: float = 60.0) -> None:
        """Be told of all that there is, by another process's life."""
        with closing(Archive(self.folder)) as archive, Told(self.folder, archive.queue()) as told:
            teller = self.teller(archive, told, command, limit_s)
            teller.look()
            wait_until(lambda: self._turn(teller), "its end")

    def teller(self, archive: Archive, told: Told, command: bytes = TELL, limit_s: float = 60.0) -> Teller:
        environment = dict(os.environb) | {b"HEARD": os.fsencode(self.heard)}
        seq = archive.latest().seq
        return Teller(archive, told, seq, command, environment, self._say, limit_s)

    def _turn(self, teller: Teller) -> bool:
        teller.turn()
        return not teller.is_on and teller.next_deadline() == float("inf")

    def rest(self, teller: Teller) -> bool:
        """Begin nothing more; whether it has ended."""
        teller.turn(goes_on=False)
        return not teller.is_on

    def _say(self, text: str, _event: str = "", /, **_about: int | str) -> None:
        self.said.append(text)

    @property
    def lines(self) -> list[str]:
        return self.heard.read_text().splitlines() if self.heard.exists() else []


@pytest.fixture(name="owner")
def _owner(tmp_path: Path) -> Owner:
    owner = Owner(tmp_path)
    owner.commit()
    owner.hear()  # from now on
    return owner


def test_it_is_told_what_ended_and_how(owner: Owner) -> None:
    """A submission when its last job has ended, with the status of the first that did not end well."""
    owner.commit(
        submitted(1, 2, terms=Terms(name="fold")), delegated(1), delegated(2), finished(1, exit_code=3)
    )
    owner.hear()
    assert [] == owner.lines
    owner.commit(finished(2), submitted(3), unstarted(3))
    owner.hear()

    assert ["1 2 fold ann 3", "3 1  ann 143"] == owner.lines


def test_it_goes_on_where_it_was(owner: Owner) -> None:
    """By another process too; nothing is told twice, and nothing missed."""
    for job in range(1, 6):
        owner.commit(submitted(job), unstarted(job))
        owner.hear()
        owner.hear()
    assert list("12345") == [line.split()[0] for line in owner.lines]
    owner.commit(*(record for job in (6, 7, 8) for record in (submitted(job), unstarted(job))))
    with closing(Archive(owner.folder)) as archive, Told(owner.folder, archive.queue()) as told:
        teller = owner.teller(archive, told)
        teller.look()
        teller.turn()
        wait_until(lambda: owner.rest(teller), "the end of the first")
    assert list("123456") == [line.split()[0] for line in owner.lines]
    owner.hear()

    assert list("12345678") == [line.split()[0] for line in owner.lines], "those of one event too"


def test_what_ended_before_anybody_wanted_to_know_is_not_told(tmp_path: Path) -> None:
    """Neither at first, nor after a time in which nobody was told; nor by the mark of another queue."""
    owner = Owner(tmp_path)
    owner.commit(submitted(1), unstarted(1))
    owner.hear()
    owner.commit(submitted(2), unstarted(2))
    forget(owner.folder)
    owner.hear()
    owner.commit(submitted(3), unstarted(3))
    (owner.folder / "told").write_text(f"{'00' * 16} 0 0\n")
    owner.hear()
    owner.hear()
    (owner.folder / "told").write_text("no mark")
    owner.hear()
    queue = (owner.folder / "told").read_text().split()[0]
    (owner.folder / "told").write_text(f"{queue} 99999 0\n")
    owner.hear()
    assert [] == owner.lines
    owner.commit(submitted(4), unstarted(4))
    owner.hear()

    assert ["4"] == [line.split()[0] for line in owner.lines]


def test_one_that_fails_is_said_once_and_the_next_is_told(owner: Owner) -> None:
    """With its last line, and not for each job as long as it is the same."""
    owner.commit(*(record for job in (1, 2, 3) for record in (submitted(job), unstarted(job))))
    owner.hear(TELL + b"; echo no such host >&2; exit 1")

    assert 3 == len(owner.lines)
    assert ["the command of --on-end for job 1: no such host"] == owner.said


def test_one_that_takes_too_long_is_ended(owner: Owner) -> None:
    """With all that it has started."""
    owner.commit(submitted(1), unstarted(1), submitted(2), unstarted(2))
    begun_s = time.monotonic()
    owner.hear(TELL + b'; [ "$GOQ_JOB_ID" = 2 ] || sleep 600', limit_s=0.3)

    assert ["1", "2"] == [line.split()[0] for line in owner.lines]
    assert "took longer than 0.3 s" in owner.said[0]
    assert time.monotonic() - begun_s < 300


def test_when_too_many_wait_the_oldest_are_left_out_and_counted(owner: Owner) -> None:
    """Memory has a bound, and the news of today counts more."""
    count = WAITING_LIMIT + 7
    story = [record for job in range(1, count + 1) for record in (submitted(job), unstarted(job))]
    owner.commit(*story)
    with closing(Archive(owner.folder)) as archive, Told(owner.folder, archive.queue()) as told:
        teller = owner.teller(archive, told)
        teller.look()
        teller.turn()
        wait_until(lambda: owner.rest(teller), "the end of the first")

    assert ["8"] == [line.split()[0] for line in owner.lines]
    assert [
        f"7 submissions that ended are not told to the command of --on-end: more than {WAITING_LIMIT} waited for it."
    ] == owner.said


def test_one_tells_at_a_time(owner: Owner) -> None:
    """Who comes next waits until whoever is at it has kept how far it was."""
    import fcntl

    with closing(Archive(owner.folder)) as archive, Told(owner.folder, archive.queue()):
        fileno = os.open(owner.folder / "told.lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(fileno)
    owner.commit(submitted(1), unstarted(1))
    owner.hear()
    assert 1 == len(owner.lines)
