"""What an agent has to tell, on its way to the server: one message at a time, and nothing is lost."""

import pytest
from epochs import EPOCH

from goq.core.messages import Done, Refused, Returned
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Result
from goq.core.worker.reports import BATCH_BYTES, Reports
from goq.core.worker.rules import KEEP_AFTER_S, NEVER, REFUSED_PAUSE_S, REPORT_S
from goq.core.worker.talk import AckFinished, FinishedWork, ShutdownWorker
from goq.core.worker.work import Label

WORKER = WorkerId("node7-1")
LABEL = Label("a job", {})
NOW_S = 1000.0
REFUSED = Refused("set your clock")


def claim(job: int, attempt: int = 1) -> Claim:
    """One attempt of this agent."""
    return Claim(EPOCH, JobId(job), attempt, WORKER)


def back(*jobs: int) -> tuple[Returned, ...]:
    """Attempts that were not started."""
    return tuple(Returned(claim(job)) for job in jobs)


def ended(job: int, output: bytes = b"output\n") -> Done:
    """The report of an attempt."""
    result = Result(exit_code=job % 256, output=output, output_length=len(output))
    return Done(claim(job), result)


def numbers(reports: list[Done] | tuple[Done, ...]) -> list[int]:
    """The jobs that are reported."""
    return [report.claim.job for report in reports]


class Teller(Reports):
    """Reports, with shorthands."""

    def end(self, *jobs: int, at_s: float = NOW_S, size: int = 7, connected: bool = True) -> None:
        """These have ended."""
        for job in jobs:
            self.add(ended(job, bytes(size)), LABEL, at_s, connected=connected)

    def confirm(self, *refused: int) -> list[int]:
        """The server takes what was sent, but for late results; the jobs that this confirms."""
        answer = AckFinished(tuple(map(JobId, refused)))
        return numbers([each.done for each in self.answered(answer, NOW_S)])


@pytest.fixture(name="teller")
def _teller() -> Teller:
    return Teller(WORKER)


# --- messages --------------------------------------------------------------------------------


def test_all_that_has_ended_goes_in_one_message(teller: Teller) -> None:
    """With what the agent still has, and how many jobs it wants."""
    teller.end(1, 2, size=3)
    teller.give_back([claim(5), claim(6)])
    teller.give_back([claim(7)])

    expected = FinishedWork(
        WORKER,
        (ended(1, bytes(3)), ended(2, bytes(3))),
        (Returned(claim(5)), Returned(claim(6)), Returned(claim(7))),
        (JobId(3), JobId(4)),
        9,
    )
    assert expected == teller.send((JobId(3), JobId(4)), 9)


def test_an_answer_confirms_what_was_sent_and_nothing_else(teller: Teller) -> None:
    """What ended meanwhile goes with the next message."""
    teller.end(1, 2)
    teller.send((), 0)
    teller.end(3)
    assert [1, 2] == teller.confirm(2)
    assert not teller.is_empty

    assert [3] == numbers(teller.send((), 0).reports)


def test_one_message_is_under_way_at_a_time(teller: Teller) -> None:
    """Two could overtake each other, and the older would say what the agent has no more."""
    teller.end(1)
    assert not teller.is_under_way
    teller.send((), 1)
    teller.end(2)
    teller.give_back([claim(3)])

    assert teller.is_under_way
    assert NEVER == teller.due_s(idle=True) == teller.due_s(idle=False)
    teller.confirm()
    assert teller.due_s(idle=False) <= NOW_S


def test_nothing_is_left_when_all_is_confirmed(teller: Teller) -> None:
    """Then the agent may ask for work, or say goodbye."""
    assert teller.is_empty
    teller.end(1)
    teller.give_back([claim(2)])
    assert not teller.is_empty
    teller.send((), 0)
    assert not teller.is_empty
    assert [1] == numbers([each.done for each in teller.answered(ShutdownWorker(), NOW_S)])

    assert teller.is_empty


def test_what_is_returned_alone_is_a_message(teller: Teller) -> None:
    """It confirms no report."""
    teller.give_back([claim(2)])
    assert not teller.is_empty
    assert FinishedWork(WORKER, (), (Returned(claim(2)),), (JobId(1),)) == teller.send((JobId(1),), 0)

    assert [] == teller.confirm()
    assert NEVER == teller.due_s(idle=True)


def test_jobs_with_reports_are_known(teller: Teller) -> None:
    """Told or not: a copy of one that comes now is not started."""
    teller.end(1, 2)
    teller.send((), 0)
    teller.end(3)
    assert {1, 2, 3} == teller.jobs()
    teller.confirm()

    assert {3} == teller.jobs()


# --- when ------------------------------------------------------------------------------------


def test_nothing_to_tell_is_never_due(teller: Teller) -> None:
    """An idle worker sleeps."""
    assert NEVER == teller.due_s(idle=True) == teller.due_s(idle=False)
    assert NEVER == teller.next_keep_s


def test_a_report_waits_a_moment_for_company_while_another_job_runs(teller: Teller) -> None:
    """Short jobs that follow each other are told together; the first says how long it waits."""
    teller.end(1)
    teller.end(2, at_s=NOW_S + REPORT_S / 2)

    assert NOW_S + REPORT_S == teller.due_s(idle=False)


def test_a_report_is_due_at_once_when_nothing_runs(teller: Teller) -> None:
    """The place waits for the answer."""
    teller.end(1)

    assert teller.due_s(idle=True) <= NOW_S


def test_what_is_returned_is_due_at_once(teller: Teller) -> None:
    """Others wait for it."""
    teller.end(1)
    teller.give_back([claim(2)])

    assert teller.due_s(idle=False) <= NOW_S


def test_many_bytes_are_due_at_once(teller: Teller) -> None:
    """So that a message stays small enough for its frame."""
    size = BATCH_BYTES // 4
    teller.end(1, 2, 3, size=size)
    assert NOW_S < teller.due_s(idle=False)
    teller.end(4, size=size)

    assert teller.due_s(idle=False) <= NOW_S


def test_what_does_not_fit_a_message_goes_with_the_next(teller: Teller) -> None:
    """A server that was away for long must not get a frame that it cannot take, over and over."""
    teller.end(*range(1, 10), size=BATCH_BYTES // 4)
    first = teller.send((JobId(20),), 3)
    assert [1, 2, 3, 4] == numbers(first.reports)
    assert (20, 5, 6, 7, 8, 9) == first.kept
    teller.confirm()
    assert teller.due_s(idle=False) <= NOW_S
    second = teller.send((), 0)
    assert ([5, 6, 7, 8], (9,)) == (numbers(second.reports), second.kept)
    teller.confirm()
    assert NOW_S < teller.due_s(idle=False)
    third = teller.send((), 0)

    assert ([9], ()) == (numbers(third.reports), third.kept)


def test_what_was_refused_counts_again(teller: Teller) -> None:
    """Else later messages would be taken for shorter than they are."""
    teller.end(1, 2, 3, 4, size=BATCH_BYTES // 4)
    teller.send((), 0)
    teller.answered(REFUSED, NOW_S)
    assert [1, 2, 3, 4] == numbers(teller.send((), 0).reports)
    teller.confirm()
    later_s = NOW_S + REFUSED_PAUSE_S
    teller.end(5, 6, 7, 8, at_s=later_s, size=BATCH_BYTES // 4)

    assert teller.due_s(idle=False) <= later_s


# --- when the server does not answer ---------------------------------------------------------


def test_a_report_that_is_not_confirmed_soon_goes_to_the_disk(teller: Teller) -> None:
    """It must outlive the worker: the job has been run, and is not to run again."""
    teller.end(1)
    teller.send((), 0)
    due_s = NOW_S + KEEP_AFTER_S
    assert due_s == teller.next_keep_s
    assert [] == teller.to_keep(due_s - 0.01)
    assert [1] == numbers(teller.to_keep(due_s))
    assert [] == teller.to_keep(due_s), "asked for once"
    assert NEVER == teller.next_keep_s
    teller.kept(claim(1), due_s, is_on_disk=True)

    assert NEVER == teller.next_keep_s
    assert [] == teller.to_keep(NEVER), "kept once"


def test_a_report_behind_a_message_that_is_not_answered_is_kept_too(teller: Teller) -> None:
    """It cannot be sent before."""
    teller.end(1)
    teller.send((), 0)
    teller.end(2)

    assert [1, 2] == numbers(teller.to_keep(NOW_S + KEEP_AFTER_S))


def test_each_report_is_kept_in_its_own_time(teller: Teller) -> None:
    """The server may take the later one in time."""
    later_s = NOW_S + KEEP_AFTER_S / 2
    teller.end(1)
    teller.end(2, at_s=later_s)
    assert [1] == numbers(teller.to_keep(NOW_S + KEEP_AFTER_S))

    assert later_s + KEEP_AFTER_S == teller.next_keep_s


def test_a_report_without_a_server_is_kept_at_once(teller: Teller) -> None:
    """There is nobody to wait for."""
    teller.end(1, connected=False)

    assert [1] == numbers(teller.to_keep(NOW_S))


def test_what_was_kept_is_known_when_it_is_confirmed(teller: Teller) -> None:
    """Nobody must inherit it."""
    teller.end(1, 2)
    teller.send((), 0)
    teller.to_keep(NEVER)
    teller.kept(claim(2), NOW_S, is_on_disk=True)
    confirmed = teller.answered(AckFinished(), NOW_S)

    assert [(1, False), (2, True)] == [(each.done.claim.job, each.is_kept) for each in confirmed]


def test_a_full_disk_is_tried_again_later(teller: Teller) -> None:
    """The report is in memory, and the server may come back first."""
    teller.end(1, 2)
    assert [1, 2] == numbers(teller.to_keep(NEVER))
    teller.kept(claim(1), NOW_S, is_on_disk=False)
    teller.kept(claim(2), NOW_S, is_on_disk=True)

    assert NOW_S + REFUSED_PAUSE_S == teller.next_keep_s
    assert [1] == numbers(teller.to_keep(NOW_S + REFUSED_PAUSE_S))


# --- when the server refuses -----------------------------------------------------------------


def test_what_was_refused_is_put_back(teller: Teller) -> None:
    """A clock was wrong, or the server had no room: nothing of it was taken."""
    teller.end(1, 2)
    teller.give_back([claim(5)])
    teller.send((), 4)
    teller.end(3)
    teller.give_back([claim(6)])
    assert [] == teller.answered(REFUSED, NOW_S)
    assert not teller.is_empty
    again = teller.send((JobId(9),), 1)

    assert ([1, 2, 3], (Returned(claim(5)), Returned(claim(6)))) == (numbers(again.reports), again.returned)
    assert ((9,), 1) == (again.kept, again.wants)
    assert [1, 2, 3] == teller.confirm()
    assert teller.is_empty


def test_after_a_refusal_there_is_a_pause(teller: Teller) -> None:
    """Else refusals would go to and fro as fast as they can."""
    teller.end(1)
    teller.send((), 0)
    teller.answered(REFUSED, NOW_S)
    assert NOW_S + REFUSED_PAUSE_S == teller.due_s(idle=True) == teller.due_s(idle=False)
    teller.give_back([claim(2)])

    assert NOW_S + REFUSED_PAUSE_S == teller.due_s(idle=True)


def test_what_was_refused_is_kept_like_the_rest(teller: Teller) -> None:
    """The worker may not live to see the server's mind change."""
    teller.end(1)
    teller.send((), 0)
    teller.answered(REFUSED, NOW_S)

    assert [1] == numbers(teller.to_keep(NOW_S + KEEP_AFTER_S))
