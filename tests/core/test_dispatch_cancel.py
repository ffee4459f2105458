"""Killing jobs, and those who wait for a job's end."""

import pytest
from epochs import EPOCH
from ledger import Place
from rig import Rig

from goq.core.dispatch import moves, people
from goq.core.messages import (
    AckCancel,
    AckCancelEach,
    AskAgain,
    Cancel,
    CancelEach,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    ObserveEach,
    Refused,
    Reset,
)
from goq.core.state.records import CancelRequested, RangeEnded
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.result import CANCELLED_STATUS, SIGTERM, Ended, Ending, Result
from goq.core.worker.talk import AckFinished, CancelWip

# --- kill ------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_while_others_wait(rig: Rig) -> None:
    """The original indexed an empty list here, and its server died."""
    rig.submit(3)

    assert AckCancel(JobId(2), was_running=False) == rig.cancel(2)
    assert [1, 3] == rig.waiting()
    assert [1, 3] == [rig.delegate(name).job for name in ("w1", "w2")]


def test_the_only_waiting_job_is_cancelled(rig: Rig) -> None:
    """The queue is empty then, and a worker waits for the next submission."""
    rig.submit()
    rig.cancel(1)

    assert rig.answer_to(rig.want_work("w1")) is None
    assert Place.ENDED is rig.where(1)


def test_a_running_job_is_cancelled_while_others_wait(rig: Rig) -> None:
    """The original looked for it among the waiting ones, and its server died."""
    rig.submit(2)
    held = rig.delegate("w1")

    assert AckCancel(JobId(1), was_running=True) == rig.cancel(1)
    assert CancelRequested(JobId(1), SIGTERM, rig.now.wall_ns) == rig.story[-1]
    assert [2] == rig.waiting()
    assert AckFinished() == rig.finish(held)
    assert [2] == rig.waiting()


@pytest.mark.parametrize("several", [False, True])
def test_who_cancelled_a_job_is_on_record(rig: Rig, several: bool) -> None:
    """Whether it was taken off the queue or killed: two people who share a queue want to know."""
    ann = By("ann", "head", 815)
    rig.submit(2)
    rig.delegate("w1")
    cancels = [CancelEach((JobId(1), JobId(2)), SIGTERM, ann)]
    for question in cancels if several else [Cancel(JobId(job), SIGTERM, ann) for job in (1, 2)]:
        rig.ask(question)
    killed, taken = rig.story[-2:][:: -1 if several else 1]

    assert CancelRequested(JobId(1), SIGTERM, rig.now.wall_ns, ann) == killed
    assert RangeEnded(((JobId(2), JobId(3)),), Ending.CANCELLED, "", rig.now.wall_ns, ann) == taken


def test_the_worker_of_a_cancelled_job_is_told_at_once(rig: Rig) -> None:
    """Its heartbeat is open for just that."""
    rig.submit()
    beat = rig.beat(rig.delegate("w1"))
    assert rig.answer_to(beat) is None
    rig.cancel(1)

    assert CancelWip(JobId(1), lost=False, signal=SIGTERM) == rig.answer_to(beat)


def test_a_worker_that_beats_late_hears_of_the_cancellation(rig: Rig) -> None:
    """There may have been no open heartbeat when the job was killed."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1)

    assert CancelWip(JobId(1), lost=False, signal=SIGTERM) == rig.answer_to(rig.beat(held))


def test_a_job_that_ends_by_itself_after_a_kill_ends_cancelled(rig: Rig) -> None:
    """Whoever killed it was told that it is being killed."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1)
    rig.finish(held, exit_code=0)

    assert Ended(JobId(1), 1, ending=Ending.CANCELLED, result=Result(), epoch=EPOCH) == rig.state.ended(
        JobId(1)
    )
    assert 1 == rig.snapshot().counters["cancelledJobCount"]
    assert 0 == rig.snapshot().counters["finishedJobsCount"]


def test_a_cancelled_job_is_killed_once(rig: Rig) -> None:
    """A second kill says the same and records nothing."""
    rig.submit()
    rig.delegate("w1")
    rig.cancel(1)

    assert AckCancel(JobId(1), was_running=True) == rig.cancel(1)
    assert 1 == sum(isinstance(record, CancelRequested) for record in rig.story)


def test_a_cancelled_job_of_a_lost_worker_ends_instead_of_waiting_again(rig: Rig) -> None:
    """Somebody wanted it not to run."""
    rig.submit()
    rig.delegate("w1")
    rig.cancel(1)
    rig.pass_time(60)

    ended = rig.state.ended(JobId(1))
    assert ended is not None
    assert (1, Ending.CANCELLED, 143, "worker lost") == (
        ended.attempt,
        ended.ending,
        ended.status,
        ended.result.problem,
    )
    assert ended.result.signal == SIGTERM, "the one that was wanted"


def test_a_cancelled_job_that_is_handed_back_ends(rig: Rig) -> None:
    """As above, with a worker that says goodbye."""
    rig.submit()
    rig.delegate("w1")
    rig.cancel(1)
    rig.goodbye("w1")

    assert Place.ENDED is rig.where(1)
    assert rig.answer_to(rig.want_work("w2")) is None


def test_a_cancelled_job_whose_delegation_was_lost_never_starts(rig: Rig) -> None:
    """Its worker asks for work, so it runs nothing, and gets the next job."""
    rig.submit(2)
    rig.delegate("w1")
    rig.cancel(1)

    assert JobId(2) == rig.delegate("w1").job
    assert Place.ENDED is rig.where(1)


def test_a_cancelled_job_whose_delegation_may_be_on_its_way_is_not_over(rig: Rig) -> None:
    """The question that it was the answer to comes once more: its worker may start the job yet."""
    rig.submit()
    request = rig.want_work("w1")
    rig.cancel(1)

    assert AskAgain() == rig.deliver(rig.copy(request, peer=1)), (
        "at once, without the job: its next report tells"
    )
    assert Place.RUNNING is rig.where(1)


def test_a_cancellation_survives_a_restart(rig: Rig) -> None:
    """The one who killed the job has been told that it will not run on."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1)
    rig.restart()

    assert CancelWip(JobId(1), lost=False, signal=SIGTERM) == rig.answer_to(rig.beat(held))


def test_a_job_that_has_ended_cannot_be_killed(rig: Rig) -> None:
    """The person must learn how it ended instead."""
    rig.submit()
    rig.finish(rig.delegate("w1"), exit_code=3)

    assert Refused("job 1 has already ended, with exit status 3") == rig.cancel(1)


def test_a_job_that_was_cancelled_may_be_killed_again(rig: Rig) -> None:
    """A repeated kill is no mistake, whether or not its first answer arrived."""
    rig.submit()
    rig.cancel(1)

    assert AckCancel(JobId(1), was_running=False) == rig.cancel(1)


def test_an_unknown_job_cannot_be_killed_nor_waited_for(rig: Rig) -> None:
    """A wrong number must not hang."""
    rig.submit()

    assert JobNotKnown(JobId(2)) == rig.cancel(2)
    assert JobNotKnown(JobId(2)) == rig.answer_to(rig.observe(2))


def test_the_journal_is_asked_about_jobs_that_ended_long_ago(rig: Rig) -> None:
    """`goq wait` and `goq kill` of an old job answer as for a new one."""
    rig.submit(2)
    rig.finish(rig.delegate("w1"), exit_code=3)
    rig.cancel(2)
    rig.ask(Reset())

    assert isinstance(rig.cancel(1), Refused)
    assert AckCancel(JobId(2), was_running=False) == rig.cancel(2)
    ended = Ended(JobId(1), 1, ending=Ending.FINISHED, result=Result(exit_code=3), epoch=EPOCH)
    assert JobFinishedNotice(ended) == rig.answer_to(rig.observe(1))


# --- observers -------------------------------------------------------------------------------


def test_observers_hear_of_the_end(rig: Rig) -> None:
    """Waiting or running, and from several shells at once."""
    rig.submit()
    early = rig.observe(1)
    held = rig.delegate("w1")
    late = rig.observe(1, peer=2)
    rig.finish(held, exit_code=3)

    notice = JobFinishedNotice(
        Ended(JobId(1), 1, ending=Ending.FINISHED, result=Result(exit_code=3), epoch=EPOCH)
    )
    assert notice == rig.answer_to(early)
    assert notice == rig.answer_to(late)


def test_observers_hear_of_the_cancellation_of_a_waiting_job(rig: Rig) -> None:
    """A job that never runs would be waited for for ever."""
    rig.submit()
    observer = rig.observe(1)
    rig.cancel(1)

    notice = rig.answer_to(observer)
    assert isinstance(notice, JobFinishedNotice)
    assert (0, Ending.CANCELLED) == (notice.ended.attempt, notice.ended.ending)
    assert CANCELLED_STATUS == notice.ended.status


def test_observers_hear_of_the_end_of_a_cancelled_running_job(rig: Rig) -> None:
    """Not when it is killed but when it is dead."""
    rig.submit()
    held = rig.delegate("w1")
    observer = rig.observe(1)
    rig.cancel(1)
    assert rig.answer_to(observer) is None
    rig.finish(held)

    assert isinstance(rig.answer_to(observer), JobFinishedNotice)


def test_whoever_observes_a_job_that_has_ended_hears_at_once(rig: Rig) -> None:
    """`goq wait` may come late."""
    rig.submit()
    rig.finish(rig.delegate("w1"))

    assert isinstance(rig.answer_to(rig.observe(1)), JobFinishedNotice)


def test_an_observer_waits_on_when_the_job_is_queued_again(rig: Rig) -> None:
    """A lost worker is not the end of a job."""
    rig.submit()
    rig.delegate("w1")
    observer = rig.observe(1)
    rig.goodbye("w1")
    assert rig.answer_to(observer) is None
    rig.finish(rig.delegate("w2"))

    assert isinstance(rig.answer_to(observer), JobFinishedNotice)


def test_an_observer_is_asked_to_ask_again(rig: Rig) -> None:
    """So that it learns in time when there is no server any more."""
    rig.submit()
    observer = rig.observe(1)
    rig.pass_time(19)
    assert rig.answer_to(observer) is None
    rig.pass_time(1)

    assert AskAgain() == rig.answer_to(observer)


def test_an_observer_is_answered_in_time_however_many_come_after(rig: Rig) -> None:
    """With a new one every ten seconds the first would otherwise wait for ever."""
    rig.submit()
    first = rig.observe(1)
    rig.pass_time(10)
    rig.observe(1)
    rig.pass_time(10)

    assert AskAgain() == rig.answer_to(first)


def test_a_resent_observation_is_answered_once(rig: Rig) -> None:
    """A copy is no second observer."""
    rig.submit()
    observer = rig.observe(1)
    rig.deliver(observer)
    rig.cancel(1)

    assert 1 == len(rig.answers[observer.handle])


def test_a_job_takes_so_many_observers_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; the oldest has the best chance to be gone."""
    monkeypatch.setattr(moves, "OBSERVERS_EACH_JOB", 2)
    rig = Rig()
    rig.submit()
    observers = [rig.observe(1) for _ in range(3)]
    rig.cancel(1)

    assert rig.answer_to(observers[0]) is None
    assert isinstance(rig.answer_to(observers[1]), JobFinishedNotice)
    assert isinstance(rig.answer_to(observers[2]), JobFinishedNotice)


def test_observers_of_too_many_jobs_are_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; those who are there already wait on."""
    monkeypatch.setattr(people, "PARKED_JOBS_LIMIT", 2)
    rig.submit(3)
    rig.observe(1)
    rig.observe(2)

    assert Refused("too many jobs are being waited for") == rig.answer_to(rig.observe(3))
    assert rig.answer_to(rig.observe(2)) is None


# --- several at once -------------------------------------------------------------------------


def test_several_are_cancelled_in_one_turn(rig: Rig) -> None:
    """Killed one by one, the end of each lets the next one begin."""
    rig.submit(3)
    rig.delegate("w")
    answer = rig.ask(CancelEach((JobId(1), JobId(2), JobId(3))))

    assert (
        AckCancelEach(
            (
                AckCancel(JobId(1), was_running=True),
                AckCancel(JobId(2), was_running=False),
                AckCancel(JobId(3), was_running=False),
            )
        )
        == answer
    )
    assert [] == rig.waiting()


def test_an_unknown_job_does_not_save_the_others(rig: Rig) -> None:
    """Who kills ten jobs of which one has just ended wants the nine killed."""
    rig.submit()
    answer = rig.ask(CancelEach((JobId(9), JobId(1))))

    assert AckCancelEach((JobNotKnown(JobId(9)), AckCancel(JobId(1), was_running=False))) == answer


def test_an_observer_of_several_hears_of_those_that_have_ended(rig: Rig) -> None:
    """It asks again for the rest."""
    rig.submit(3)
    rig.cancel(1)
    rig.cancel(3)
    answer = rig.ask(ObserveEach((JobId(3), JobId(2), JobId(1))))

    assert isinstance(answer, JobsFinishedNotice)
    assert [3, 1] == [ended.job for ended in answer.ends]


def test_an_observer_of_several_that_live_waits_for_the_first(rig: Rig) -> None:
    """One request waits, however many jobs it names."""
    rig.submit(3)
    observer = rig.send(ObserveEach((JobId(3), JobId(2))))
    rig.cancel(2)
    notice = rig.answer_to(observer)

    assert isinstance(notice, JobFinishedNotice)
    assert 2 == notice.ended.job


def test_an_observer_of_an_unknown_job_among_others_is_told(rig: Rig) -> None:
    """It would wait for ever."""
    rig.submit()

    assert JobNotKnown(JobId(7)) == rig.ask(ObserveEach((JobId(1), JobId(7))))
