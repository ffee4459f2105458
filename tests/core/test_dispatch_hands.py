"""Workers with several jobs: what they get at once, give back, and get again when an answer was lost."""

import pytest
from ledger import Place
from rig import Rig, claim, reports_of, submission

from goq.core.board.hands import HAND_LIMIT
from goq.core.messages import AckImmolate, AckSubmit, ImmolateWorkers, Orders, Returned
from goq.core.state.records import JobFinished, JobRequeued, ResultRefused
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Ending
from goq.core.values.terms import Terms
from goq.core.worker.talk import AckFinished, CancelWip, DelegateToWorker, FinishedWork, ShutdownWorker


def numbers(claims: list[Claim]) -> list[int]:
    """The jobs that are claimed."""
    return [each.job for each in claims]


# --- getting several -------------------------------------------------------------------------


def test_a_report_can_bring_several_jobs(rig: Rig) -> None:
    """A worker whose jobs are short need not wait for the server between them."""
    rig.submit(21)

    assert [2, 3, 4, 5] == numbers(rig.claims_in(rig.finish(rig.delegate("w1"), wants=4)))
    assert [6, *range(7, 22)] == rig.waiting()


def test_a_worker_that_was_idle_gets_one_job(rig: Rig) -> None:
    """How long it takes nobody knows yet."""
    rig.submit(21)

    assert JobId(1) == rig.delegate("w1").job


def test_a_worker_gets_its_share_of_the_queue_and_no_more(rig: Rig) -> None:
    """The last jobs are to run everywhere at once, not one after the other in one place."""
    rig.submit(10)
    first, other = rig.delegate("w1"), rig.delegate("w2")

    assert [3, 4, 5, 6] == numbers(rig.claims_in(rig.finish(first, wants=HAND_LIMIT)))
    assert [7, 8] == numbers(rig.claims_in(rig.finish(other, wants=HAND_LIMIT)))
    assert [9, 10] == rig.waiting()


def test_the_last_job_goes_to_whoever_is_free_first(rig: Rig) -> None:
    """A share is a job at least."""
    rig.submit(2)

    assert [2] == numbers(rig.claims_in(rig.finish(rig.delegate("w1"), wants=9)))


def test_a_worker_fills_its_hand_while_it_runs(rig: Rig) -> None:
    """It reports some of its jobs while another of them is running."""
    rig.submit(41)
    hand = rig.deal("w1", 3)

    assert [5, 6] == numbers(rig.claims_in(rig.finish(hand[0], wants=2)))
    assert [3, 4, 5, 6] == rig.ledger.held_by_worker(WorkerId("w1"))


def test_jobs_of_another_origin_come_with_another_answer(rig: Rig) -> None:
    """The origin travels once for all jobs of an answer."""
    rig.submit(3)
    rig.ask(submission(20, folder=b"/home/ann/data"))
    rig.submit(20)

    given = rig.claims_in(rig.finish(rig.delegate("w1"), wants=9))
    assert [2, 3] == numbers(given)
    assert [4, 5] == numbers(rig.claims_in(rig.finish(given[0], wants=2)))


@pytest.mark.parametrize(("before", "given"), [(0, [2]), (1, [2]), (2, [2, 3])])
def test_a_job_that_must_not_start_twice_is_in_no_hand_with_others(
    rig: Rig, before: int, given: list[int]
) -> None:
    """It would be lost with its worker though it had not begun; and nobody overtakes it."""
    rig.submit(1 + before)
    rig.submit(requeue=False)
    rig.submit(20)
    hand = rig.claims_in(rig.finish(rig.delegate("w1"), wants=3))
    assert given == numbers(hand)
    after = rig.claims_in(rig.finish(*hand, wants=3))

    assert ([2 + before] if before else [3, 4, 5]) == numbers(after)


def test_a_job_that_lost_a_worker_goes_alone(rig: Rig) -> None:
    """Else each try would count as a crash of its neighbours too, until they are all given up."""
    rig.submit(21)
    rig.delegate("w1")
    rig.pass_time(60)
    suspect = rig.delegate("w2")
    assert 1 == suspect.job
    assert [2] == numbers([rig.delegate("w3")])

    rig.pass_time(60)
    assert [(1, 2), (2, 1)] == [(job.id, job.crashes) for job in rig.waiting_jobs()[:2]]
    alone = rig.delegate("w4")
    assert [2] == numbers(rig.claims_in(rig.finish(alone, wants=9)))
    assert [3, 4] == numbers(rig.claims_in(rig.finish(claim(2, 2, "w4"), wants=2)))


def test_a_lost_worker_loses_its_whole_hand(rig: Rig) -> None:
    """Nobody knows which of the jobs it was running."""
    rig.submit(21)
    hand = rig.deal("w1", 3)
    rig.pass_time(60)

    assert [2, 3, 4] == rig.waiting()[:3]
    assert [1, 1, 1] == [job.crashes for job in rig.waiting_jobs()[:3]]
    assert [(each, "worker lost") for each in hand] == [
        (record.claim, record.reason) for record in rig.story[-3:] if isinstance(record, JobRequeued)
    ]


def test_all_jobs_of_a_hand_have_one_lease(rig: Rig) -> None:
    """Their worker's."""
    rig.submit(21)
    running, *_ = rig.deal("w1", 3)
    rig.pass_time(59)
    rig.beat(running)
    rig.pass_time(1)

    assert [Place.RUNNING] * 3 == [rig.where(job) for job in (2, 3, 4)]


# --- reporting several -----------------------------------------------------------------------


def test_several_results_end_several_jobs(rig: Rig) -> None:
    """One message and one transaction for all of them."""
    rig.submit(21)
    hand = rig.deal("w1", 3)

    assert AckFinished() == rig.finish(*hand)
    ends = [record.ended for record in rig.story[-3:] if isinstance(record, JobFinished)]
    assert [(2, Ending.FINISHED), (3, Ending.FINISHED), (4, Ending.FINISHED)] == [
        (ended.job, ended.ending) for ended in ends
    ]


def test_among_several_results_those_that_come_too_late_are_named(rig: Rig) -> None:
    """The others are taken all the same."""
    rig.submit(21)
    lost = rig.delegate("w1")
    rig.pass_time(60)
    rig.delegate("w2")
    hand = [rig.delegate("w1")]

    assert AckFinished((lost.job, JobId(99))) == rig.finish(lost, *hand, claim(99, 1, "w1"))
    assert Place.ENDED is rig.where(hand[0].job)
    assert 2 == rig.snapshot().counters["staleResultCount"]
    assert [lost] == [record.claim for record in rig.story if isinstance(record, ResultRefused)]


def test_a_result_that_is_in_one_message_twice_counts_once(rig: Rig) -> None:
    """Whoever wrote that message."""
    rig.submit()
    held = rig.delegate("w1")

    assert AckFinished() == rig.finish(held, held)
    assert 1 == rig.snapshot().counters["finishedJobsCount"]


def test_a_result_that_is_known_is_known_among_many_new_ones(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new ones push the memory of it out, but only after it was looked up."""
    monkeypatch.setattr("goq.core.state.state.RECENT_FINISHED", 2)
    rig.submit(41)
    hand = rig.deal("w1", 4)
    rig.finish(hand[0])

    assert AckFinished() == rig.finish(*hand[1:], hand[0])
    assert 0 == rig.snapshot().counters["staleResultCount"]


def test_results_long_after_their_end_are_looked_up_in_the_journal(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them by its own job."""
    monkeypatch.setattr("goq.core.state.state.RECENT_FINISHED", 1)
    rig.submit(41)
    hand = rig.deal("w1", 4)
    rig.finish(*hand[:3])

    assert AckFinished((JobId(4),)) == rig.finish(hand[0], hand[1], claim(4, 7, "w1"), hand[3])


def test_a_killed_job_in_a_hand_ends_cancelled_and_alone(rig: Rig) -> None:
    """Its neighbours were not meant."""
    rig.submit(21)
    hand = rig.deal("w1", 3)
    rig.cancel(3)
    assert CancelWip(JobId(3), lost=False, signal=15) == rig.answer_to(rig.beat(hand[1]))
    rig.finish(*hand)

    ended = [rig.ledger.ended(each.job) for each in hand]
    assert [Ending.FINISHED, Ending.CANCELLED, Ending.FINISHED] == [each.ending for each in ended if each]


# --- giving back -----------------------------------------------------------------------------


def test_what_is_returned_waits_again_in_its_place(rig: Rig) -> None:
    """Another worker can have it now; it was not started, so nobody was lost with it."""
    rig.submit(21)
    hand = rig.deal("w1", 3)

    assert AckFinished() == rig.tell("w1", returned=(hand[2], hand[1]))
    assert [3, 4, 5] == rig.waiting()[:3]
    assert [(1, 0), (1, 0)] == [(job.attempts, job.crashes) for job in rig.waiting_jobs()[:2]]
    assert [
        JobRequeued(each, "handed back unstarted", CountsAs.NOTHING, rig.now.wall_ns)
        for each in (hand[2], hand[1])
    ] == (rig.story[-2:])


def test_what_is_returned_goes_to_a_worker_that_waits_at_once(rig: Rig) -> None:
    """That is what it is returned for."""
    rig.submit(5)
    hand = rig.deal("w1", 2)
    for name in ("w2", "w3"):
        rig.delegate(name)
    waiting = rig.want_work("w4")
    rig.tell("w1", returned=(hand[1],), wants=9)

    assert claim(3, 2, "w4") == rig.claim_in(rig.answer_to(waiting))


def test_a_worker_that_returns_jobs_gets_no_new_ones(rig: Rig) -> None:
    """It would get back what it has just returned, and return it again, as fast as messages travel."""
    rig.submit(21)
    hand = rig.deal("w1", 3)

    assert AckFinished() == rig.tell("w1", returned=tuple(hand[1:]), wants=9)
    assert AckFinished() == rig.tell("w1", hand[0], wants=0)


def test_a_returned_job_that_was_killed_ends(rig: Rig) -> None:
    """Somebody wanted it not to run."""
    rig.submit(21)
    hand = rig.deal("w1", 3)
    rig.cancel(4)
    rig.tell("w1", returned=(hand[2],))

    ended = rig.ledger.ended(JobId(4))
    assert ended is not None
    assert Ending.CANCELLED is ended.ending


@pytest.mark.parametrize(
    "wrong", [claim(3, 2, "w1"), claim(3, 1, "w2"), claim(5, 1, "w1"), claim(99, 1, "w1")]
)
def test_only_its_holder_returns_a_job(rig: Rig, wrong: Claim) -> None:
    """Job, attempt and worker must all be right."""
    rig.submit(21)
    rig.deal("w1", 3)
    story = list(rig.story)

    kept = (2, 3, 4) if wrong.worker == "w1" else ()
    assert AckFinished() == rig.tell(wrong.worker, returned=(wrong,), kept=kept)
    assert story == rig.story


def test_a_message_that_returns_a_job_and_comes_again_returns_it_once(rig: Rig) -> None:
    """By then another worker may have it, or this one in another attempt."""
    rig.submit(21)
    hand = rig.deal("w1", 3)
    request = rig.send(FinishedWork(WorkerId("w1"), (), (Returned(hand[2]),), (JobId(2), JobId(3))))
    assert claim(4, 2, "w2") == rig.delegate("w2")
    rig.deliver(rig.copy(request, peer=2))

    assert Place.RUNNING is rig.where(4)


def test_goodbye_hands_the_whole_hand_back(rig: Rig) -> None:
    """Started or not, all of it."""
    rig.submit(21)
    rig.deal("w1", 3)
    rig.goodbye("w1")

    assert [2, 3, 4] == rig.waiting()[:3]
    assert [] == rig.ledger.running


# --- answers that were lost ------------------------------------------------------------------


def test_a_worker_that_names_what_it_kept_gets_what_it_lacks(rig: Rig) -> None:
    """The answer that brought it was lost; without this it would lie idle until its lease ends."""
    rig.submit(41)
    hand = rig.deal("w1", 4)
    story = list(rig.story)

    assert [3, 5] == numbers(rig.claims_in(rig.tell("w1", kept=(2, 4), wants=1)))
    assert [2, 3, 4, 5] == numbers(rig.claims_in(rig.tell("w1", kept=(), wants=1)))
    assert rig.tell("w1", kept=(2, 3, 4, 5), wants=1) is None
    assert story == rig.story
    assert hand == [rig.ledger.claim(JobId(job)) for job in (2, 3, 4, 5)]


def test_a_worker_that_lacks_jobs_gets_no_new_ones(rig: Rig) -> None:
    """First what it was given, or it would be lost from sight."""
    rig.submit(41)
    hand = rig.deal("w1", 4)

    assert [4, 5] == numbers(rig.claims_in(rig.tell("w1", hand[0], kept=(3,), wants=9)))


def test_a_worker_that_wants_nothing_is_given_what_it_lacks_all_the_same(rig: Rig) -> None:
    """It has it in the server's eyes; what it cannot start soon it returns."""
    rig.submit(41)
    hand = rig.deal("w1", 4)

    assert [4, 5] == numbers(rig.claims_in(rig.tell("w1", hand[0], kept=(3,), wants=0)))


def test_whatever_a_worker_says_all_that_it_has_is_leased_to_it_anew(rig: Rig) -> None:
    """The lease is the worker's."""
    rig.submit(41)
    rig.deal("w1", 4)
    rig.pass_time(50)
    rig.tell("w1", kept=(2, 3), wants=1)
    rig.pass_time(50)

    assert [Place.RUNNING] * 4 == [rig.where(job) for job in (2, 3, 4, 5)]


def test_what_is_to_be_killed_is_not_given_again(rig: Rig) -> None:
    """Its worker never had it; with the lease it ends, cancelled."""
    rig.submit(41)
    rig.deal("w1", 4)
    rig.cancel(4)

    assert [3, 5] == numbers(rig.claims_in(rig.tell("w1", kept=(2,), wants=1)))
    rig.pass_time(60)
    ended = rig.ledger.ended(JobId(4))
    assert ended is not None
    assert Ending.CANCELLED is ended.ending


def test_a_worker_that_asks_for_work_with_jobs_in_hand_gets_them_all_again(rig: Rig) -> None:
    """It runs nothing, so it has none of them; what was to be killed has ended."""
    rig.submit(41)
    hand = rig.deal("w1", 3)
    rig.cancel(3)

    again = rig.answer_to(rig.want_work("w1"))
    assert isinstance(again, DelegateToWorker)
    assert [hand[0], hand[2]] == rig.claims_in(again)
    assert Place.ENDED is rig.where(3)


def test_jobs_of_two_origins_are_given_again_together(rig: Rig) -> None:
    """Each origin travels once."""
    rig.submit(3)
    rig.ask(submission(40, folder=b"/home/ann/data"))
    given = rig.claims_in(rig.finish(rig.delegate("w1"), wants=9))
    rig.finish(given[0], wants=2)
    assert [3, 4, 5] == rig.ledger.held_by_worker(WorkerId("w1"))

    again = rig.claims_in(rig.answer_to(rig.want_work("w1")))
    assert [3, 4, 5] == numbers(again)


def test_an_old_message_that_comes_again_brings_nothing_new(rig: Rig) -> None:
    """Whoever replays it, or the network: the queue stays as it is."""
    rig.submit(41)
    first = rig.delegate("w1")
    request = rig.send(FinishedWork(WorkerId("w1"), reports_of(first), wants=3))
    hand = rig.claims_in(rig.answer_to(request))
    later = rig.claims_in(rig.finish(*hand, wants=2))
    waiting, story = rig.waiting(), list(rig.story)

    assert rig.deliver(rig.copy(request, peer=2)) is None
    assert later == rig.claims_in(rig.answer_to(rig.want_work("w1")))
    assert (waiting, story) == (rig.waiting(), rig.story)


@pytest.mark.parametrize("wants", [1, 9])
def test_a_worker_that_has_nothing_to_tell_gets_nothing(rig: Rig, wants: int) -> None:
    """Whoever has a job gets more with news alone, however much it wants; who has none gets one."""
    rig.submit(21)
    rig.delegate("w1")

    assert rig.tell("w1", wants=wants) is None
    assert AckFinished((JobId(2),)) == rig.tell("w1", claim(2, 1, "w1"), wants=wants)
    assert 20 == len(rig.waiting())
    assert [2] == numbers(rig.claims_in(rig.tell("w2", wants=wants)))


def test_a_hand_survives_the_server(rig: Rig) -> None:
    """The worker goes on with it, and the journal knows whose each job is."""
    rig.submit(41)
    hand = rig.deal("w1", 4)
    rig.restart(from_checkpoint=True)

    assert [4, 5] == numbers(rig.claims_in(rig.tell("w1", hand[0], kept=(3,), wants=1)))
    assert AckFinished() == rig.finish(*hand[1:])


# --- workers that leave ----------------------------------------------------------------------


def test_a_worker_that_is_to_leave_works_its_hand_off(rig: Rig) -> None:
    """It gets nothing new, and is told when nothing of it is left, until it has said goodbye."""
    rig.submit(41)
    hand = rig.deal("w1", 3)

    assert AckImmolate(1) == rig.ask(ImmolateWorkers())
    assert AckFinished() == rig.finish(hand[0], wants=9)
    assert AckFinished() == rig.tell("w1", returned=(hand[2],), wants=9)
    assert ShutdownWorker() == rig.finish(hand[1], wants=9)
    assert ShutdownWorker() == rig.answer_to(rig.want_work("w1"))


def test_a_worker_that_is_to_leave_learns_as_well_which_results_were_refused(rig: Rig) -> None:
    """Both are in one answer."""
    rig.submit(3)
    late = rig.delegate("w1")
    rig.pass_time(60)
    rig.delegate("w2")
    held = rig.delegate("w1")
    rig.ask(ImmolateWorkers())

    request = rig.send(FinishedWork(WorkerId("w1"), reports_of(late, held), wants=1))
    assert Orders(WorkerId("w1"), (late,), leave=True) == rig.answers[request.handle][-1]


def test_workers_that_leave_are_counted_not_their_jobs(rig: Rig) -> None:
    """People are told how many workers will exit."""
    rig.submit(41)
    rig.deal("w1", 3)
    rig.delegate("w2")

    assert AckImmolate(2) == rig.ask(ImmolateWorkers())


def test_a_key_is_held_by_a_job_in_a_hand(rig: Rig) -> None:
    """Started or not, it is live."""
    rig.submit()
    rig.submit(unique="nightly")
    rig.submit(20)
    hand = rig.claims_in(rig.finish(rig.delegate("w1"), wants=3))

    assert [2, 3, 4] == numbers(hand)
    assert AckSubmit(JobId(2), JobId(2), existed=True) == rig.ask(submission(1, Terms(unique="nightly")))
