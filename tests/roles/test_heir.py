"""The heir: results of dead workers come home, a few at a time, and nothing of them is left."""

from collections.abc import Callable
from pathlib import Path

import pytest
from descriptors import opened_below
from epochs import EPOCH, FOREIGN

from goq.adapters.files.spool import SpoolFolder
from goq.core.messages import Done, Orders, Refused, Report, Snapshot, TakeSnapshot
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Result
from goq.core.waits.allegiance import Allegiance
from goq.roles.worker.delivery import as_kept
from goq.roles.worker.heir import AT_ONCE, Heir
from roles.talk import Talk


class Estate:
    """Folders that dead workers have left, and an heir."""

    def __init__(self, talk: Talk, home: Path) -> None:
        self.talk = talk
        self.home = home
        self.said: list[str] = []
        self.folders: list[SpoolFolder] = []
        self._answered = 0

    def leave(self, *jobs: int) -> SpoolFolder:
        """A folder with the results of these jobs."""
        folder = SpoolFolder(self.home / f"worker-{len(self.folders)}")
        for job in jobs:
            claim = Claim(EPOCH, JobId(job), 1, WorkerId("dead"))
            folder.keep(claim, b"output", as_kept(Done(claim, Result()))).close()
        self.folders.append(folder)
        return folder

    def heir(self) -> Heir:
        """Who gets all of it."""
        return Heir(self.folders, self.talk.calls, self._say)

    def _say(self, text: str, _event: str = "", /, **_about: int | str) -> None:
        self.said.append(text)

    def until(self, heir: Heir, claim: Callable[[], bool], what: str) -> None:
        """Let the heir have turns until something is true."""

        def turned() -> bool:
            heir.turn()
            return claim()

        self.talk.until(turned, what)

    def answer_all(self, heir: Heir, expected: int) -> list[int]:
        """Take so many reports, and confirm them; whose they are."""
        asked = self.talk.counter.asked
        self.until(heir, lambda: len(asked) - self._answered >= expected, f"{expected} reports")
        jobs: list[int] = []
        for each in asked[self._answered :]:
            assert isinstance(each.question, Report)
            jobs += [done.claim.job for done in each.question.ended]
            self.talk.counter.answer(each, Orders(WorkerId("dead")))
        self._answered = len(asked)
        return sorted(jobs)


@pytest.fixture(name="estate")
def _estate(talk: Talk, tmp_path: Path) -> Estate:
    return Estate(talk, tmp_path)


def test_what_is_delivered_goes_with_its_folder(estate: Estate) -> None:
    """Each folder as soon as nothing is in it: another worker may look at the rest."""
    first, second = estate.leave(1, 2), estate.leave(3)
    heir = estate.heir()
    delivered = estate.answer_all(heir, 3)
    estate.until(heir, lambda: heir.is_done, "the end")

    assert [1, 2, 3] == delivered
    assert [False, False] == [first.path.exists(), second.path.exists()]
    assert 3 == sum("is delivered" in text for text in estate.said)


def test_many_are_delivered_a_few_at_a_time(estate: Estate) -> None:
    """Each holds a descriptor open, and a worker has a thousand of them at most."""
    count = AT_ONCE * 2 + 10
    folder = estate.leave(*range(1, count + 1))
    heir = estate.heir()
    opened = [path for path in opened_below(folder.path) if path.endswith(".out")]
    delivered: list[int] = []
    while len(delivered) < count:
        delivered += estate.answer_all(heir, 1)
    estate.until(heir, lambda: heir.is_done, "the end")

    assert AT_ONCE == len(opened)
    assert list(range(1, count + 1)) == sorted(delivered)
    assert not folder.path.exists()


def test_a_result_that_cannot_be_read_holds_up_no_other(estate: Estate) -> None:
    """It stays where it is, for a person to look at."""
    folder = estate.leave(1, 2, 3)
    (folder.path / "2.1.out").unlink()
    (folder.path / "2.1.out").mkdir()
    heir = estate.heir()
    delivered = estate.answer_all(heir, 2)
    estate.until(heir, lambda: heir.is_done, "the end")

    assert [1, 3] == delivered
    assert {"2.1.out", "2.1.result"} == {path.name for path in folder.path.iterdir()}
    assert any(f"cannot read '{folder.path}/2.1'" in text for text in estate.said)


def test_what_is_no_result_is_left_out(estate: Estate) -> None:
    """A disk may give back anything."""
    folder = estate.leave(1)
    (folder.path / "1.1.result").write_bytes(b"garbage")
    heir = estate.heir()

    assert heir.is_done
    assert not folder.path.exists()
    assert any("no result in" in text for text in estate.said)


def test_a_folder_that_has_gone_meanwhile_is_told_and_no_more(estate: Estate) -> None:
    """Somebody tidies up in GOQ_SPOOL."""
    folder = estate.leave(1)
    for path in folder.path.iterdir():
        path.unlink()
    folder.path.rmdir()

    assert estate.heir().is_done
    assert any("cannot read" in text for text in estate.said)


def test_what_is_not_delivered_in_time_is_left_to_the_next_heir(estate: Estate) -> None:
    """A worker inherits, and is told to stop while the server is away still."""
    count = AT_ONCE + 5
    folder = estate.leave(*range(1, count + 1))
    heir = estate.heir()
    heir.close()

    assert heir.is_done
    assert 2 * count == len(list(folder.path.iterdir()))


def test_a_result_goes_to_its_own_queue_only(estate: Estate) -> None:
    """Another one that is at the address would refuse it, and it would be thrown away."""
    folder = estate.leave(1, 2)
    estate.talk.ask(TakeSnapshot(0))
    estate.talk.counter.answer(estate.talk.asked(1)[0], Snapshot(), FOREIGN)
    estate.talk.answered(Snapshot())
    estate.talk.counter.asked.clear()
    heir = estate.heir()
    heir.turn()

    assert heir.is_done
    assert 1 == sum("wait here" in text for text in estate.said)
    heir.close()
    assert {"1.1.result", "2.1.result"} <= {path.name for path in folder.path.iterdir()}


def test_a_result_is_delivered_when_its_queue_is_back(estate: Estate) -> None:
    """It has waited meanwhile."""
    estate.talk.calls.allegiance = Allegiance(lambda: False)
    folder = estate.leave(1, 2)
    heir = estate.heir()
    estate.until(heir, lambda: len(estate.talk.counter.asked) == 2, "two reports")
    for each in estate.talk.counter.asked:
        estate.talk.counter.answer(each, Refused("another queue"), FOREIGN)
    estate.until(heir, lambda: heir.is_done, "an heir that waits")
    estate.talk.counter.asked.clear()
    estate.talk.ask(TakeSnapshot(0))
    estate.talk.counter.answer(estate.talk.asked(1)[0], Snapshot())
    estate.talk.counter.asked.clear()
    estate.until(heir, lambda: not heir.is_done, "its own queue")
    delivered = estate.answer_all(heir, 2)
    estate.until(heir, lambda: heir.is_done, "the end")

    assert [1, 2] == delivered
    assert not folder.path.exists()
