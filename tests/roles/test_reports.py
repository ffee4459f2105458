"""What a slot has done, on its way to the server: one message at a time, and nothing is lost."""

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapters.until import wait_until

from goq.adapters.files.spool import SpoolFolder
from goq.adapters.wire.codec import decode
from goq.core.messages import (
    AckFinished,
    Answer,
    FinishedWork,
    Refused,
    Report,
    Returned,
    ShutdownWorker,
)
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Result
from goq.roles.worker.delivery import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S
from goq.roles.worker.reports import BATCH_BYTES, REPORT_S, Ended, Reports
from goq.roles.worker.work import Label
from roles.talk import Talk

WORKER = WorkerId("node7-1")
LABEL = Label("a job", {})


def claim(job: int, attempt: int = 1) -> Claim:
    """One attempt of this slot."""
    return Claim(JobId(job), attempt, WORKER)


def back(*jobs: int) -> tuple[Returned, ...]:
    """Attempts that were not started."""
    return tuple(Returned(claim(job)) for job in jobs)


def ended(job: int, output: bytes = b"output\n") -> Report:
    """The report of an attempt."""
    digest = hashlib.sha256(output).digest()
    result = Result(exit_code=job % 256, output=output, output_length=len(output), output_sha256=digest)
    return Report(claim(job), result)


class Desk:
    """A slot's reports, the server that they go to, and what came of them."""

    def __init__(self, talk: Talk, folder: SpoolFolder) -> None:
        self.talk = talk
        self.folder = folder
        self.answers: list[Answer] = []
        self.confirmed: list[list[int]] = []
        self.reports = Reports(WORKER, talk.calls, folder, self._take)

    def _take(self, answer: Answer, confirmed: list[Ended]) -> None:
        self.answers.append(answer)
        self.confirmed.append([each.report.claim.job for each in confirmed])

    def add(self, *jobs: int) -> None:
        """These have ended."""
        for job in jobs:
            self.reports.add(ended(job), LABEL)

    def told(self, count: int = 1) -> FinishedWork:
        """Wait for the message of that number: what it says."""
        question = self.talk.asked(count)[-1].question
        assert isinstance(question, FinishedWork)
        return question

    def answer(self, answer: Answer) -> None:
        """Answer the latest message, and wait until that has been taken in."""
        self.talk.counter.answer(self.talk.counter.asked[-1], answer)
        self.talk.until(lambda: not self.reports.is_under_way, "the answer")

    def kept(self) -> dict[int, tuple[bytes, Report]]:
        """What lies on the disk for whoever comes after: outputs and reports by job."""
        found = {}
        for spool, kept in self.folder.kept():
            finished = decode(kept).message
            assert isinstance(finished, FinishedWork)
            (report,) = finished.reports
            assert (WORKER, (), (), 0) == (
                finished.worker,
                finished.returned,
                finished.kept,
                finished.wants,
            )
            found[int(report.claim.job)] = (spool.read(0), report)
            spool.close()
        return found

    def kept_in_time(self, *jobs: int) -> None:
        """Wait, as a slot does, until these reports are on the disk."""

        def kept() -> bool:
            self.reports.turn()
            return {*jobs} == self.kept().keys()

        wait_until(kept, f"the reports of {jobs} on the disk")


@pytest.fixture(name="desk")
def _desk(talk: Talk, tmp_path: Path) -> Iterator[Desk]:
    folder = SpoolFolder(tmp_path / "spool" / "worker-1")
    desk = Desk(talk, folder)
    yield desk
    for spool, _ in folder.kept():
        spool.remove()
    for each in desk.reports._all():
        if each.kept:
            each.kept.close()
    folder.close()


# --- messages --------------------------------------------------------------------------------


def test_all_that_has_ended_goes_in_one_message(desk: Desk) -> None:
    """With what the slot still has, and how many jobs it wants."""
    desk.add(1, 2)
    desk.reports.give_back([claim(5), claim(6)])
    desk.reports.give_back([claim(7)])
    desk.reports.send((JobId(3), JobId(4)), 9)

    expected = FinishedWork(WORKER, (ended(1), ended(2)), back(5, 6, 7), (JobId(3), JobId(4)), 9)
    assert expected == desk.told()


def test_an_answer_confirms_what_was_sent_and_nothing_else(desk: Desk) -> None:
    """What ended meanwhile goes with the next message."""
    desk.add(1, 2)
    desk.reports.send((), 0)
    desk.told()
    desk.add(3)
    desk.answer(AckFinished((JobId(2),)))
    assert ([AckFinished((JobId(2),))], [[1, 2]]) == (desk.answers, desk.confirmed)
    assert not desk.reports.is_empty
    desk.reports.send((), 0)

    assert (ended(3),) == desk.told(2).reports


def test_one_message_is_under_way_at_a_time(desk: Desk) -> None:
    """Two could overtake each other, and the older would say what the slot has no more."""
    desk.add(1)
    assert not desk.reports.is_under_way
    desk.reports.send((), 1)
    desk.told()
    desk.add(2)
    desk.reports.give_back([claim(3)])

    assert desk.reports.is_under_way
    assert NEVER == desk.reports.due_s(idle=True) == desk.reports.due_s(idle=False)
    desk.answer(AckFinished())
    assert desk.reports.due_s(idle=False) <= time.monotonic()


def test_nothing_is_left_when_all_is_confirmed(desk: Desk) -> None:
    """Then the slot may ask for work, or say goodbye."""
    assert desk.reports.is_empty
    desk.add(1)
    desk.reports.give_back([claim(2)])
    assert not desk.reports.is_empty
    desk.reports.send((), 0)
    assert not desk.reports.is_empty
    desk.told()
    desk.answer(ShutdownWorker())

    assert desk.reports.is_empty
    assert ([ShutdownWorker()], [[1]]) == (desk.answers, desk.confirmed)


def test_what_is_returned_alone_is_a_message(desk: Desk) -> None:
    """It confirms no report."""
    desk.reports.give_back([claim(2)])
    assert not desk.reports.is_empty
    desk.reports.send((JobId(1),), 0)
    assert FinishedWork(WORKER, (), back(2), (JobId(1),)) == desk.told()
    desk.answer(AckFinished())

    assert [[]] == desk.confirmed
    assert NEVER == desk.reports.due_s(idle=True)


# --- when ------------------------------------------------------------------------------------


def test_nothing_to_tell_is_never_due(desk: Desk) -> None:
    """An idle slot sleeps."""
    assert NEVER == desk.reports.due_s(idle=True) == desk.reports.due_s(idle=False)
    assert NEVER == desk.reports.next_deadline()


def test_a_report_waits_a_moment_for_company_while_another_job_runs(desk: Desk) -> None:
    """Short jobs that follow each other are told together; the first says how long it waits."""
    before = time.monotonic()
    desk.add(1)
    after = time.monotonic()
    desk.add(2)

    assert before + REPORT_S <= desk.reports.due_s(idle=False) <= after + REPORT_S


def test_a_report_is_due_at_once_when_nothing_runs(desk: Desk) -> None:
    """The slot waits for the answer."""
    desk.add(1)

    assert desk.reports.due_s(idle=True) <= time.monotonic()


def test_what_is_returned_is_due_at_once(desk: Desk) -> None:
    """Others wait for it."""
    desk.add(1)
    desk.reports.give_back([claim(2)])

    assert desk.reports.due_s(idle=False) <= time.monotonic()


def test_many_bytes_are_due_at_once(desk: Desk) -> None:
    """So that a message stays small enough for its frame."""
    size = BATCH_BYTES // 4
    for job in range(1, 4):
        desk.reports.add(ended(job, bytes(size)), LABEL)
    almost = desk.reports.due_s(idle=False)
    desk.reports.add(ended(4, bytes(size)), LABEL)

    assert 0.0 < almost
    assert desk.reports.due_s(idle=False) == 0.0


def test_what_does_not_fit_a_message_goes_with_the_next(desk: Desk) -> None:
    """A server that was away for long must not get a frame that it cannot take, over and over."""
    for job in range(1, 10):
        desk.reports.add(ended(job, bytes(BATCH_BYTES // 4)), LABEL)
    desk.reports.send((JobId(20),), 3)
    first = desk.told()
    assert [1, 2, 3, 4] == [report.claim.job for report in first.reports]
    assert (20, 5, 6, 7, 8, 9) == first.kept
    desk.answer(AckFinished())
    assert 0.0 == desk.reports.due_s(idle=False)
    desk.reports.send((), 0)
    second = desk.told(2)
    assert ([5, 6, 7, 8], (9,)) == ([report.claim.job for report in second.reports], second.kept)
    desk.answer(AckFinished())
    assert 0.0 < desk.reports.due_s(idle=False)
    desk.reports.send((), 0)

    assert ([9], ()) == ([report.claim.job for report in desk.told(3).reports], desk.told(3).kept)


def test_what_was_refused_counts_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else later messages would be taken for shorter than they are."""
    monkeypatch.setattr("goq.roles.worker.reports.REFUSED_PAUSE_S", 0.0)
    for job in range(1, 5):
        desk.reports.add(ended(job, bytes(BATCH_BYTES // 4)), LABEL)
    desk.reports.send((), 0)
    desk.told()
    desk.answer(Refused("set your clock"))
    desk.reports.send((), 0)
    assert [1, 2, 3, 4] == [report.claim.job for report in desk.told(2).reports]
    desk.answer(AckFinished())
    before = time.monotonic()
    for job in range(5, 9):
        desk.reports.add(ended(job, bytes(BATCH_BYTES // 4)), LABEL)

    assert desk.reports.due_s(idle=False) <= before


# --- when the server does not answer ---------------------------------------------------------


def test_a_report_that_is_not_confirmed_soon_is_kept(desk: Desk) -> None:
    """It must outlive the worker: the job has been run, and is not to run again."""
    began = time.monotonic()
    desk.add(1)
    desk.reports.send((), 0)
    assert began + KEEP_AFTER_S <= desk.reports.next_deadline() <= time.monotonic() + KEEP_AFTER_S
    desk.reports.turn()
    assert {} == desk.kept()
    desk.kept_in_time(1)

    assert time.monotonic() >= began + KEEP_AFTER_S
    assert {1: (b"output\n", ended(1))} == desk.kept()
    assert NEVER == desk.reports.next_deadline()


def test_a_report_behind_a_message_that_is_not_answered_is_kept_too(desk: Desk) -> None:
    """It cannot be sent before."""
    desk.add(1)
    desk.reports.send((), 0)
    desk.add(2)
    desk.kept_in_time(1, 2)

    assert ended(2) == desk.kept()[2][1]


def test_a_report_without_a_server_is_kept_at_once(desk: Desk) -> None:
    """There is nobody to wait for."""
    desk.talk.counter.close()
    desk.talk.until_noticed()
    desk.add(1)
    desk.reports.turn()

    assert [1] == list(desk.kept())


def test_what_was_kept_goes_when_it_is_confirmed(desk: Desk) -> None:
    """Nobody must inherit it; and what was not confirmed stays."""
    desk.add(1)
    desk.reports.send((), 0)
    desk.told()
    desk.add(2)
    desk.kept_in_time(1, 2)
    desk.answer(AckFinished())

    assert [2] == list(desk.kept())
    assert [[1]] == desk.confirmed
    desk.reports.send((), 0)
    desk.told(2)
    desk.answer(AckFinished((JobId(2),)))
    assert {} == desk.kept()
    assert ["lock"] == [path.name for path in desk.folder.path.iterdir()]


def test_a_worker_that_must_go_keeps_all_at_once(desk: Desk) -> None:
    """There is no time to wait for the server."""
    desk.add(1)
    desk.reports.send((), 0)
    desk.add(2, 3)
    desk.reports.keep()
    desk.reports.keep()

    assert {job: (b"output\n", ended(job)) for job in (1, 2, 3)} == desk.kept()


def test_a_full_disk_is_tried_again_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is in memory, and the server may come back first."""

    def full(_fileno: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    desk.add(1)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        desk.reports.keep()
    again_s = desk.reports.next_deadline()
    assert {} == desk.kept()
    assert REFUSED_PAUSE_S - 1 < again_s - time.monotonic() <= REFUSED_PAUSE_S
    desk.reports.keep()

    assert [1] == list(desk.kept())


def test_a_message_whose_answer_was_lost_with_the_server_is_sent_to_the_next(desk: Desk) -> None:
    """Word for word; the answer to either confirms it, once."""
    desk.add(1)
    desk.reports.send((JobId(2),), 3)
    first = desk.told()
    desk.talk.restart()

    assert first == desk.told()
    desk.answer(AckFinished())
    assert [[1]] == desk.confirmed


# --- when the server refuses -----------------------------------------------------------------


def test_what_was_refused_is_put_back(desk: Desk) -> None:
    """A clock was wrong, or the server had no room: nothing of it was taken."""
    desk.add(1, 2)
    desk.reports.give_back([claim(5)])
    desk.reports.send((), 4)
    desk.told()
    desk.add(3)
    desk.reports.give_back([claim(6)])
    desk.answer(Refused("set your clock"))
    assert ([], []) == (desk.answers, desk.confirmed)
    assert not desk.reports.is_empty
    desk.reports.send((JobId(9),), 1)

    expected = FinishedWork(WORKER, (ended(1), ended(2), ended(3)), back(5, 6), (JobId(9),), 1)
    assert expected == desk.told(2)
    desk.answer(AckFinished())
    assert [[1, 2, 3]] == desk.confirmed


def test_after_a_refusal_there_is_a_pause(desk: Desk) -> None:
    """Else refusals would go to and fro as fast as they can."""
    desk.add(1)
    desk.reports.send((), 0)
    desk.told()
    desk.answer(Refused("set your clock"))

    for idle in (True, False):
        pause_s = desk.reports.due_s(idle=idle) - time.monotonic()
        assert REFUSED_PAUSE_S - 1 < pause_s <= REFUSED_PAUSE_S
    desk.reports.give_back([claim(2)])
    assert REFUSED_PAUSE_S - 1 < desk.reports.due_s(idle=True) - time.monotonic()


def test_what_was_refused_is_kept_like_the_rest(desk: Desk) -> None:
    """The worker may not live to see the server's mind change."""
    desk.add(1)
    desk.reports.send((), 0)
    desk.told()
    desk.answer(Refused("set your clock"))
    desk.kept_in_time(1)
    desk.reports.send((), 0)
    desk.told(2)
    desk.answer(AckFinished())

    assert {} == desk.kept()
