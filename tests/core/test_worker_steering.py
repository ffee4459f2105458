"""What a worker does when something else is wanted of the job that it runs."""

from worker_bench import BEHIND, Bench, claim

from goq.core.messages import Returned
from goq.core.values.ids import JobId
from goq.core.values.job import Course
from goq.core.values.result import BEGUN, SIGTERM
from goq.core.worker.events import Leave
from goq.core.worker.instructions import Deliver, Measure
from goq.core.worker.rules import FIRST_BEAT_S, FOLLOWED_EVERY_S, STREAM_EVERY_S
from goq.core.worker.talk import AckFinished, CancelWip, FinishedWork, Heartbeat, Steer

STOPPED, BACK, FOLLOWED = Course(paused=True), Course(back=True), Course(followed=True)


def steer(bench: Bench, course: Course, number: int = 1) -> None:
    """The server answers the next heartbeat so."""
    bench.wait(0.0 if any(isinstance(each, Heartbeat) for each in bench.open.values()) else FIRST_BEAT_S)
    bench.answer(Heartbeat, Steer(JobId(number), course))
    bench.tick()


def beat(bench: Bench) -> Heartbeat:
    """The heartbeat that is open."""
    question = bench.asked(Heartbeat)
    assert isinstance(question, Heartbeat)
    return question


def running(*behind: int) -> Bench:
    """One job runs, others wait behind it."""
    bench = Bench()
    bench.give(1, *behind)
    return bench


def test_a_job_is_stopped_and_goes_on() -> None:
    """The next heartbeat says at once that it was heard."""
    bench = running()
    steer(bench, STOPPED)
    assert [(claim(1), True, 0.0)] == bench.directed
    assert STOPPED == beat(bench).course
    steer(bench, STOPPED)
    steer(bench, Course())

    assert [(claim(1), True, 0.0), (claim(1), False, 0.0)] == bench.directed
    assert Course() == beat(bench).course


def test_another_time_is_passed_on() -> None:
    """With whether it is stopped."""
    bench = running()
    steer(bench, Course(paused=True, time_limit_s=9.0))

    assert [(claim(1), True, 9.0)] == bench.directed


def test_what_waits_behind_a_paused_job_goes_back() -> None:
    """Others can run it."""
    bench = running(*BEHIND)
    steer(bench, STOPPED)
    bench.hear()
    bench.tick()

    returned = [each.claim.job for each in bench.message().returned]
    bench.answer(FinishedWork, AckFinished())
    bench.tick()
    returned += [each.claim.job for each in bench.message().returned]
    assert set(BEHIND) == set(returned)


def test_a_job_is_handed_back() -> None:
    """It is killed for that, and its result does not count."""
    bench = running()
    steer(bench, BACK)
    assert [SIGTERM] == bench.runs[0].signals
    assert [] == bench.directed
    bench.finish(signal=SIGTERM)

    assert (Returned(claim(1), BEGUN, "handed back"),) == bench.message().returned
    assert () == bench.message().reports


def test_a_job_that_is_killed_as_well_is_not_handed_back() -> None:
    """Its end is wanted, wherever it is."""
    bench = running()
    steer(bench, BACK)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    bench.finish(signal=SIGTERM)

    assert [claim(1)] == [report.claim for report in bench.message().reports]


def test_who_leaves_takes_a_paused_job_along() -> None:
    """Its shepherd lets it go on for that."""
    bench = running()
    steer(bench, STOPPED)
    bench.tell(Leave())

    assert [SIGTERM] == bench.runs[0].signals


def test_what_a_job_writes_comes_at_once_while_somebody_reads_on() -> None:
    """However short it is; and seldom again, when nobody does."""
    bench = running()
    bench.has_output = True
    steer(bench, FOLLOWED)

    assert [Deliver(claim(1), FOLLOWED_EVERY_S)] == bench.did(Deliver)
    assert [] == bench.directed
    assert FOLLOWED == beat(bench).course
    steer(bench, Course())
    assert Deliver(claim(1), STREAM_EVERY_S) == bench.did(Deliver)[-1]


def test_an_output_that_is_on_its_way_goes_faster() -> None:
    bench = running()
    bench.has_output = True
    bench.wait(STREAM_EVERY_S)
    steer(bench, FOLLOWED)

    assert [Deliver(claim(1), STREAM_EVERY_S), Deliver(claim(1), FOLLOWED_EVERY_S)] == bench.did(Deliver)


def test_a_job_that_has_written_nothing_is_looked_at_often() -> None:
    """Its first line is waited for as much as the next."""
    bench = running()
    steer(bench, FOLLOWED)
    before = len(bench.did(Measure))
    bench.wait(10 * FOLLOWED_EVERY_S)

    assert 9 <= len(bench.did(Measure)) - before <= 11
    assert [] == bench.did(Deliver)
