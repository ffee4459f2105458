"""Jobs that are tried again for how they ended: when, what is kept of that, and when an array has had enough."""

import pytest
from ledger import Place
from msgspec.structs import replace
from reasons import asked, explained
from rig import Rig, claim, reports_of, submission

from goq.core.dispatch import refusals
from goq.core.messages import JobFinishedNotice
from goq.core.state.records import Held, JobRequeued, RangeEnded, ResultRefused
from goq.core.state.submissions import CountsAs, Past
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import NOBODY
from goq.core.values.reasons import Again, Reason
from goq.core.values.result import Ending, Result
from goq.core.values.terms import Terms
from goq.core.worker.talk import AckFinished, FinishedWork


def queue(rig: Rig, count: int = 1, **terms: object) -> None:
    """Jobs with these terms."""
    rig.ask(submission(count, replace(Terms(), **terms)))


def failed(rig: Rig, exit_code: int = 1, name: str = "w1") -> None:
    """A worker gets the next job, which fails."""
    rig.finish(rig.delegate(name), exit_code=exit_code)


def test_it_waits_twice_as_long_each_time(rig: Rig) -> None:
    """Whatever is down may need a while."""
    queue(rig, retries=2, backoff_s=3.0)
    failed(rig)
    rig.want_work("w1", patience_s=20)
    rig.pass_time(2.9)
    assert [1] == rig.waiting()
    rig.pass_time(0.2)
    assert Place.RUNNING is rig.where(1)
    rig.finish(claim(1, 2, "w1"), exit_code=1)
    rig.want_work("w1", patience_s=20)
    rig.pass_time(5.9)
    assert [1] == rig.waiting()
    rig.pass_time(0.2)
    rig.finish(claim(1, 3, "w1"), exit_code=7)

    ended = rig.ledger.ended(JobId(1))
    assert ended
    assert (Ending.FINISHED, 7, 3) == (ended.ending, ended.status, ended.attempt)


def test_others_go_first_meanwhile(rig: Rig) -> None:
    """A job that waits for its time holds up nobody."""
    queue(rig, retries=1, backoff_s=5.0)
    rig.submit()
    failed(rig)

    assert claim(2, 1, "w1") == rig.delegate("w1")


def test_whoever_waits_for_it_hears_of_the_last_attempt(rig: Rig) -> None:
    """And of no other."""
    queue(rig, retries=1, backoff_s=0.0)
    waits = rig.observe(1)
    failed(rig)
    assert rig.answer_to(waits) is None
    rig.pass_time(1)
    failed(rig, 5)

    notice = rig.answer_to(waits)
    assert isinstance(notice, JobFinishedNotice)
    assert (2, 5) == (notice.ended.attempt, notice.ended.status)


def test_the_record_says_how_and_why(rig: Rig) -> None:
    """For `goq history`, and for the server that comes after this one."""
    queue(rig, retries=3, backoff_s=3.0)
    failed(rig)
    at_ns = rig.now.wall_ns
    how = "exit status 1, retry 1 of 3 in 3 s"
    record = JobRequeued(claim(1, 1, "w1"), how, CountsAs.FAILURE, at_ns, Result(1), at_ns + 3 * 10**9)

    assert record == rig.story[-1]
    assert Past(1, 0, 1, 0, record.not_before_ns, at_ns) == rig.state.past[JobId(1)]


def test_words_are_those_of_the_end(rig: Rig) -> None:
    """A signal, a limit, a second failure."""
    queue(rig, retries=3, backoff_s=0.0)
    for result in (Result(signal=11), Result(signal=15, problem="its time of 2 s was up", cause="time")):
        (report,) = reports_of(rig.delegate("w1"))
        rig.ask(FinishedWork(WorkerId("w1"), (replace(report, result=result),)))
        rig.pass_time(1)
    reasons = [each.reason for each in rig.story if isinstance(each, JobRequeued)]

    assert ["signal 11, retry 1 of 3 in 0 s", "its time of 2 s was up, retry 2 of 3 in 0 s"] == reasons


def test_a_status_may_hold_it(rig: Rig) -> None:
    """Until somebody has looked at what is the matter."""
    queue(rig, hold_codes=(100,))
    failed(rig, 100)
    rig.pass_time(9999)

    record = rig.story[-1]
    assert isinstance(record, Held)
    how = "exit status 100, on which it is held"
    assert (((1, 2),), NOBODY, how) == (record.ranges, record.by, record.reason)
    assert [1] == list(rig.state.held)


def test_a_result_that_is_told_twice_is_no_late_one(rig: Rig) -> None:
    """The answer was lost; the worker must not hear that it was refused."""
    queue(rig, retries=1, backoff_s=5.0)
    first = rig.delegate("w1")
    rig.finish(first, exit_code=1)

    assert AckFinished() == rig.finish(first, exit_code=1)
    rig.pass_time(6)
    rig.delegate("w2")
    assert AckFinished() == rig.finish(first, exit_code=1)
    assert [] == [each for each in rig.story if isinstance(each, ResultRefused)]


def test_what_is_killed_while_it_waits_is_cancelled(rig: Rig) -> None:
    """There is no other attempt."""
    queue(rig, retries=1, backoff_s=5.0)
    failed(rig)
    rig.cancel(1)
    rig.want_work("w1")
    rig.pass_time(10)

    assert Place.ENDED is rig.where(1)


def test_what_is_killed_while_it_runs_is_not_tried_again(rig: Rig) -> None:
    """Even if it fails by itself at that moment."""
    queue(rig, retries=1, backoff_s=0.0)
    its = rig.delegate("w1")
    rig.cancel(1)
    rig.finish(its, exit_code=1)

    ended = rig.ledger.ended(JobId(1))
    assert ended
    assert Ending.CANCELLED is ended.ending


def test_when_enough_tasks_have_failed_what_waits_is_cancelled(rig: Rig) -> None:
    """What runs goes on, and ends as it ends."""
    queue(rig, 6, max_fails=2)
    running = rig.delegate("w2")
    failed(rig)
    assert [3, 4, 5, 6] == rig.waiting()
    failed(rig)

    record = rig.story[-1]
    assert isinstance(record, RangeEnded)
    assert (((4, 7),), Ending.CANCELLED, "2 of its tasks failed") == (
        record.ranges,
        record.ending,
        record.reason,
    )
    assert Place.RUNNING is rig.where(running.job)
    rig.finish(running)
    assert Ending.FINISHED is rig.ledger.lives[running.job].ended.ending  # type: ignore[union-attr] # it has ended


def test_cancelled_tasks_have_not_failed(rig: Rig) -> None:
    """Nor have those that are tried again."""
    queue(rig, 6, max_fails=2, retries=1, backoff_s=100.0)
    rig.cancel(6)
    rig.cancel(5)
    failed(rig)
    failed(rig)

    assert [1, 2, 3, 4] == rig.waiting()


def test_failures_of_an_array_count_through_restarts(rig: Rig) -> None:
    """Those that were lost too."""
    queue(rig, 6, max_fails=3, requeue=False)
    failed(rig)
    rig.delegate("w1")
    rig.pass_time(100)
    rig.restart(from_checkpoint=True)
    assert [3, 4, 5, 6] == rig.waiting()
    failed(rig)

    assert [] == rig.waiting()


def test_a_running_task_that_fails_later_is_not_tried_again(rig: Rig) -> None:
    """The array has had enough."""
    queue(rig, 3, max_fails=1, retries=1, retry_on=(9,), backoff_s=1.0)
    running = rig.delegate("w2")
    failed(rig, 1)
    rig.finish(running, exit_code=9)

    assert Place.ENDED is rig.where(running.job)


@pytest.mark.parametrize("exit_code", [2, 100])
def test_only_the_right_status_counts(rig: Rig, exit_code: int) -> None:
    """`--retry-on 1`."""
    queue(rig, retries=1, retry_on=(1,), hold_codes=(99,), rerun_codes=(98,))
    failed(rig, exit_code)

    assert Place.ENDED is rig.where(1)


def test_people_learn_why_it_waits_and_until_when(rig: Rig) -> None:
    """Also of a server that has started anew."""
    queue(rig, retries=1, backoff_s=5.0)
    failed(rig)
    said = Reason("retry", rig.now.wall_ns + 5 * 10**9, again=Again(1, 1, 1))

    assert said == explained(rig.ask(asked(1))).reasons[0]
    rig.restart()
    assert said == explained(rig.ask(asked(1))).reasons[0]


@pytest.mark.parametrize(("max_fails", "fail"), [(0, 6), (2, 2)])
def test_tasks_that_no_host_can_start_have_failed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, max_fails: int, fail: int
) -> None:
    """They are ended a slice at a time; where nobody has set a bound, all of them."""
    monkeypatch.setattr(refusals, "SLICE_JOBS", 2)
    queue(rig, 6, max_fails=max_fails)
    for name in ("w1", "w2", "w3"):
        rig.refuse(rig.delegate(name))
    rig.pass_time(30)
    endings = [ended.ending for job in range(1, 7) if (ended := rig.ledger.ended(JobId(job)))]

    assert [Ending.FINISHED] * fail + [Ending.CANCELLED] * (6 - fail) == endings
