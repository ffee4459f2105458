"""What submitters may count on: started once, tried so often, one of a kind, dead when killed.

And what people can look up afterwards: which workers were lost, and which results were refused.
"""

import pytest
from epochs import EPOCH
from ledger import Place
from loop import picture
from rig import Rig, submission

from goq.core.dispatch.decision import Rules
from goq.core.messages import AckCancel, AckSubmit, AskAgain, JobFinishedNotice, Refused, Reset
from goq.core.state.records import CancelRequested, JobFinished, ResultRefused
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import SIGKILL, SIGTERM, UNKNOWN_STATUS, Ended, Ending
from goq.core.values.terms import Terms
from goq.core.worker.talk import AckFinished, CancelWip, CarryOn

SIGINT = 2
CRASH_LIMIT = 3


@pytest.fixture
def rig() -> Rig:
    """A server that gives a job up after three lost workers."""
    return Rig(Rules(crash_limit=CRASH_LIMIT))


def lose_workers(rig: Rig, count: int) -> None:
    """So many workers, one after the other, are lost with the oldest job."""
    for number in range(count):
        rig.delegate(f"lost{number}")
        rig.pass_time(60)


def how_it_ended(rig: Rig, job: int) -> Ended:
    """The final state of the job, which must have one."""
    ended = rig.ledger.ended(JobId(job))
    assert ended is not None
    return ended


# --- started once ----------------------------------------------------------------------------


def test_a_job_that_must_not_be_requeued_ends_lost_with_its_worker(rig: Rig) -> None:
    """Half a run may have charged a card already; a second one would charge it again."""
    rig.submit(requeue=False)
    rig.delegate("w1")
    rig.jump(50)
    observer = rig.observe(1)
    rig.jump(10)

    ended = how_it_ended(rig, 1)
    assert (1, Ending.LOST, "worker lost") == (ended.attempt, ended.ending, ended.result.problem)
    assert UNKNOWN_STATUS == ended.status
    assert JobFinishedNotice(ended) == rig.answer_to(observer)
    assert rig.answer_to(rig.want_work("w2")) is None


def test_a_job_that_must_not_be_requeued_ends_lost_when_it_is_handed_back(rig: Rig) -> None:
    """It was started, however orderly its worker left."""
    rig.submit(requeue=False)
    beat = rig.beat(rig.delegate("w1"))
    observer = rig.observe(1)
    rig.goodbye("w1")

    ended = how_it_ended(rig, 1)
    assert (Ending.LOST, "handed back") == (ended.ending, ended.result.problem)
    assert JobFinishedNotice(ended) == rig.answer_to(observer)
    assert rig.answer_to(beat) is None


def test_a_job_that_must_not_be_requeued_is_given_again_when_it_never_arrived(rig: Rig) -> None:
    """The same attempt: its worker asks for work, so it runs nothing."""
    rig.submit(requeue=False)

    assert rig.delegate("w1") == rig.delegate("w1")


def test_a_job_that_must_not_be_requeued_survives_the_server(rig: Rig) -> None:
    """What was asked for is in the journal, also when the journal tells only the rest of the story."""
    rig.submit(2, requeue=False)
    rig.delegate("w1")
    rig.restart(from_checkpoint=True)
    rig.pass_time(60)
    assert Ending.LOST is how_it_ended(rig, 1).ending
    rig.delegate("w1")
    rig.goodbye("w1")

    assert Ending.LOST is how_it_ended(rig, 2).ending


def test_a_job_that_must_not_be_requeued_ends_cancelled_when_it_was_killed(rig: Rig) -> None:
    """Whoever killed it was told so; how its worker ended matters no more."""
    rig.submit(requeue=False)
    rig.delegate("w1")
    rig.cancel(1)
    rig.pass_time(60)

    assert Ending.CANCELLED is how_it_ended(rig, 1).ending


def test_lost_jobs_are_counted_by_themselves(rig: Rig) -> None:
    """They are neither a success nor somebody's wish."""
    rig.submit(requeue=False)
    rig.delegate("w1")
    rig.goodbye("w1")

    counters = rig.snapshot().counters
    assert (0, 0, 1) == tuple(
        counters[key] for key in ("finishedJobsCount", "cancelledJobCount", "lostJobCount")
    )
    rig.ask(Reset())
    assert 0 == rig.snapshot().counters["lostJobCount"]


def test_a_lost_job_cannot_be_killed(rig: Rig) -> None:
    """It has ended; that it may still run somewhere nobody can help."""
    rig.submit(requeue=False)
    rig.delegate("w1")
    rig.goodbye("w1")

    assert Refused("job 1 has already ended, with exit status 255") == rig.cancel(1)


def test_a_job_does_not_go_to_the_next_place_of_a_silent_worker(rig: Rig) -> None:
    """All of it is frozen or cut off; the job would be lost again with each place."""
    rig.submit()
    rig.delegate("w5-1")
    rig.asks_again = False
    beside = rig.want_work("w5-2")
    rig.pass_time(50)
    rig.asks_again = True
    elsewhere = rig.want_work("w2")
    rig.pass_time(10)

    assert "w2" == rig.claim_in(rig.answer_to(elsewhere)).worker
    assert AskAgain() == rig.answer_to(beside)


def test_whatever_place_of_a_worker_speaks_all_of_it_is_there(rig: Rig) -> None:
    """The lease is the worker's, and so is its end."""
    rig.submit(2)
    rig.delegate("w5-1")
    rig.pass_time(50)
    rig.delegate("w5-2")
    rig.pass_time(59)
    assert [Place.RUNNING] * 2 == [rig.where(job) for job in (1, 2)]
    rig.pass_time(1)

    assert [Place.WAITING] * 2 == [rig.where(job) for job in (1, 2)]


# --- tried so often --------------------------------------------------------------------------


def test_a_job_that_lost_too_many_workers_ends_as_poisonous(rig: Rig) -> None:
    """A job that fills the memory would take down one host after the other."""
    rig.submit()
    lose_workers(rig, CRASH_LIMIT - 1)
    assert Place.WAITING is rig.where(1)
    lose_workers(rig, 1)

    ended = how_it_ended(rig, 1)
    assert (CRASH_LIMIT, Ending.LOST) == (ended.attempt, ended.ending)
    assert "poisonous: 3 workers were lost with it" == ended.result.problem
    assert rig.answer_to(rig.want_work("w2")) is None


def test_jobs_that_are_handed_back_are_not_poisonous(rig: Rig) -> None:
    """Nodes are drained every night; that says nothing of the job."""
    rig.submit()
    lose_workers(rig, 1)
    for _ in range(CRASH_LIMIT):
        rig.delegate("w1")
        rig.goodbye("w1")
    lose_workers(rig, 1)
    rig.delegate("w1")
    rig.goodbye("w1")

    assert [(2, CRASH_LIMIT + 3)] == [(job.crashes, job.attempts) for job in rig.waiting_jobs()]


@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_lost_workers_are_counted_over_restarts(rig: Rig, from_checkpoint: bool) -> None:
    """The head node may be the next victim."""
    rig.submit()
    lose_workers(rig, CRASH_LIMIT - 1)
    rig.restart(from_checkpoint=from_checkpoint)
    lose_workers(rig, 1)

    assert Ending.LOST is how_it_ended(rig, 1).ending


def test_a_worker_learns_how_many_were_lost_before_it(rig: Rig) -> None:
    """The job as it is delegated carries its history."""
    rig.submit()
    lose_workers(rig, 1)
    rig.delegate("w1")

    assert [(2, 1)] == [(run.job.attempts, run.job.crashes) for run in rig.state.running.values()]


# --- one of a kind ---------------------------------------------------------------------------


@pytest.mark.parametrize("running", [False, True])
def test_a_key_that_is_taken_gives_the_job_that_has_it(rig: Rig, running: bool) -> None:
    """Cron submits the same job again while yesterday's still waits or runs."""
    rig.submit()
    rig.submit(unique="nightly")
    if running:
        rig.finish(rig.delegate("w1"), wants=1)
    story = list(rig.story)

    assert AckSubmit(JobId(2), JobId(2), existed=True) == rig.ask(submission(1, Terms(unique="nightly")))
    assert story == rig.story


def test_other_keys_and_no_key_are_free(rig: Rig) -> None:
    """Only a key that is the same is in the way."""
    rig.submit(unique="nightly")

    assert AckSubmit(JobId(2), JobId(2)) == rig.ask(submission(1, Terms(unique="weekly")))
    assert AckSubmit(JobId(3), JobId(4)) == rig.ask(submission(2))


@pytest.mark.parametrize("end", ["finish", "cancel", "kill", "lose"])
def test_a_key_is_free_when_its_job_has_ended(rig: Rig, end: str) -> None:
    """However it ended, the next night needs its job."""
    rig.submit(unique="nightly", requeue=False)
    if end != "cancel":
        held = rig.delegate("w1")
    if end in ("cancel", "kill"):
        rig.cancel(1)
    if end == "lose":
        rig.pass_time(60)
    elif end != "cancel":
        rig.finish(held)

    assert AckSubmit(JobId(2), JobId(2)) == rig.ask(submission(1, Terms(unique="nightly")))


def test_a_key_is_held_by_a_job_that_waits_again(rig: Rig) -> None:
    """It is the same job."""
    rig.submit(unique="nightly")
    lose_workers(rig, 1)

    assert AckSubmit(JobId(1), JobId(1), existed=True) == rig.ask(submission(1, Terms(unique="nightly")))


@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_a_key_is_held_over_restarts(rig: Rig, from_checkpoint: bool) -> None:
    """Two jobs that write one file must not run because the server was restarted between them."""
    rig.submit(unique="nightly")
    rig.submit(unique="weekly")
    rig.delegate("w1")
    rig.restart(from_checkpoint=from_checkpoint)

    assert AckSubmit(JobId(1), JobId(1), existed=True) == rig.ask(submission(1, Terms(unique="nightly")))
    assert AckSubmit(JobId(2), JobId(2), existed=True) == rig.ask(submission(1, Terms(unique="weekly")))


def test_a_resent_submission_with_a_key_did_not_exist_before(rig: Rig) -> None:
    """The submitter whose answer was lost must hear that the job is its own, also after its end."""
    request = rig.send(submission(1, Terms(unique="nightly")))
    assert AckSubmit(JobId(1), JobId(1)) == rig.deliver(rig.copy(request, peer=2))
    rig.finish(rig.delegate("w1"))

    assert AckSubmit(JobId(1), JobId(1)) == rig.deliver(rig.copy(request, peer=2))
    assert [1] == list(rig.ledger.lives)


# --- dead when killed ------------------------------------------------------------------------


def test_a_second_kill_with_another_signal_reaches_the_worker(rig: Rig) -> None:
    """The first was ignored, and the person loses patience."""
    rig.submit()
    held = rig.delegate("w1")
    first = rig.beat(held)
    rig.cancel(1, SIGINT)
    second = rig.beat(held, told=SIGINT)

    assert AckCancel(JobId(1), was_running=True) == rig.cancel(1, SIGKILL)
    assert CancelWip(JobId(1), lost=False, signal=SIGINT) == rig.answer_to(first)
    assert CancelWip(JobId(1), lost=False, signal=SIGKILL) == rig.answer_to(second)
    assert CancelRequested(JobId(1), SIGKILL, rig.now.wall_ns) == rig.story[-1]


@pytest.mark.parametrize("gentler", [SIGTERM, SIGINT])
def test_a_kill_is_never_taken_back(rig: Rig, gentler: int) -> None:
    """A second person with a plain `goq kill` must not let the job live on."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1, SIGKILL)
    story = list(rig.story)

    assert AckCancel(JobId(1), was_running=True) == rig.cancel(1, gentler)
    assert story == rig.story
    assert CancelWip(JobId(1), lost=False, signal=SIGKILL) == rig.answer_to(rig.beat(held))


def test_a_worker_that_was_told_the_signal_is_not_told_again_and_again(rig: Rig) -> None:
    """While the job takes its time to die, heartbeats would go to and fro as fast as they can."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1)
    beat = rig.beat(held, told=SIGTERM)
    rig.pass_time(4.9)
    assert rig.answer_to(beat) is None
    rig.pass_time(0.1)

    assert CarryOn() == rig.answer_to(beat)


def test_a_worker_that_was_told_another_signal_is_told_at_once(rig: Rig) -> None:
    """It may have been between two heartbeats when the kill was made stronger."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1)
    rig.cancel(1, SIGKILL)

    assert CancelWip(JobId(1), lost=False, signal=SIGKILL) == rig.answer_to(rig.beat(held, told=SIGTERM))


@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_the_signal_survives_a_restart(rig: Rig, from_checkpoint: bool) -> None:
    """A worker that reconnects is told the latest."""
    rig.submit()
    held = rig.delegate("w1")
    rig.cancel(1, SIGINT)
    rig.cancel(1, SIGKILL)
    rig.restart(from_checkpoint=from_checkpoint)

    assert CancelWip(JobId(1), lost=False, signal=SIGKILL) == rig.answer_to(rig.beat(held))


# --- late results ----------------------------------------------------------------------------


def test_a_late_result_is_recorded_and_not_accepted(rig: Rig) -> None:
    """People who find two outputs must be able to look up why."""
    rig.submit()
    late = rig.delegate("w1")
    rig.pass_time(60)
    held = rig.delegate("w2")

    assert AckFinished((late.job,)) == rig.finish(late, exit_code=3)
    assert ResultRefused(late, 3, rig.now.wall_ns) == rig.story[-1]
    assert 1 == rig.snapshot().counters["staleResultCount"]
    assert AckFinished() == rig.finish(held)


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_late_result_of_a_lost_job_is_not_accepted(rig: Rig, forgotten: bool) -> None:
    """Its end was told to whoever waited; it cannot become a success afterwards."""
    rig.submit(requeue=False)
    late = rig.delegate("w1")
    rig.pass_time(60)
    if forgotten:
        rig.ask(Reset())

    assert AckFinished((late.job,)) == rig.finish(late)
    assert ResultRefused(late, 0, rig.now.wall_ns) == rig.story[-1]
    assert 1 == rig.snapshot().counters["staleResultCount"]
    assert Ending.LOST is how_it_ended(rig, 1).ending


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_late_result_of_a_killed_job_is_not_accepted(rig: Rig, forgotten: bool) -> None:
    """The job has ended as one whose worker was lost: nobody may read in a log that the result is with it."""
    rig.submit()
    late = rig.delegate("w1")
    rig.cancel(1)
    rig.pass_time(60)
    if forgotten:
        rig.ask(Reset())

    assert AckFinished((late.job,)) == rig.finish(late)
    assert ResultRefused(late, 0, rig.now.wall_ns) == rig.story[-1]
    assert 1 == rig.snapshot().counters["staleResultCount"]
    assert "worker lost" == how_it_ended(rig, 1).result.problem


def test_a_late_result_of_a_poisonous_job_is_not_accepted(rig: Rig) -> None:
    """Its last worker was silent for too long; that it comes back makes the job no better."""
    rig.submit()
    lose_workers(rig, CRASH_LIMIT - 1)
    late = rig.delegate("w1")
    rig.pass_time(60)

    assert AckFinished((late.job,)) == rig.finish(late)
    assert ResultRefused(late, 0, rig.now.wall_ns) == rig.story[-1]
    assert Ending.LOST is how_it_ended(rig, 1).ending


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_repeated_result_is_no_late_one(rig: Rig, killed: bool, forgotten: bool) -> None:
    """Its answer was lost, nothing else."""
    rig.submit()
    held = rig.delegate("w1")
    if killed:
        rig.cancel(1)
    rig.finish(held)
    end = rig.story[-1]
    if forgotten:
        rig.ask(Reset())

    assert AckFinished() == rig.finish(held)
    assert isinstance(end, JobFinished)
    assert not any(isinstance(record, ResultRefused) for record in rig.story)
    assert 0 == rig.snapshot().counters["staleResultCount"]


def test_a_result_of_a_job_that_never_was_is_counted_only(rig: Rig) -> None:
    """A worker of another server; there is no job in the journal to write it to."""
    assert AckFinished((JobId(1),)) == rig.finish(Claim(EPOCH, JobId(1), 1, WorkerId("w1")))
    assert 1 == len(rig.story)
    assert 1 == rig.snapshot().counters["staleResultCount"]


# --- suspects --------------------------------------------------------------------------------


def suspects(rig: Rig) -> list[int]:
    """The running jobs that people are warned of."""
    return [row.job.id for row in rig.snapshot().running if row.suspect]


def test_a_job_whose_worker_s_connection_has_gone_is_suspect_until_the_next_heartbeat(rig: Rig) -> None:
    """People see at once what the lease will say in a minute, or the worker will deny."""
    rig.submit(2)
    held = rig.delegate("w1")
    rig.beat(held, peer=3)
    rig.beat(rig.delegate("w2"), peer=4)
    assert [] == suspects(rig)
    rig.peer_gone(3)
    assert [1] == suspects(rig)
    rig.beat(held, peer=5)

    assert [] == suspects(rig)


def test_a_job_is_no_suspect_after_it_was_given_up(rig: Rig) -> None:
    """Its next worker has done nothing."""
    rig.submit()
    rig.beat(rig.delegate("w1"), peer=3)
    rig.peer_gone(3)
    waiting = rig.want_work("w2")
    rig.goodbye("w1")

    assert JobId(1) == rig.claim_in(rig.answer_to(waiting)).job
    assert [] == suspects(rig)


def test_a_worker_that_has_reconnected_is_no_suspect(rig: Rig) -> None:
    """The old connection may be closed after the new one has been used."""
    rig.submit()
    held = rig.delegate("w1")
    rig.beat(held, peer=3)
    rig.beat(held, peer=4)
    rig.peer_gone(3)

    assert [] == suspects(rig)


# --- all of it, over a restart ---------------------------------------------------------------


@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_a_restart_keeps_what_was_promised(rig: Rig, from_checkpoint: bool) -> None:
    """Crashes, terms, keys, signals and counts: all must be told by the journal."""
    rig.submit(requeue=False)
    rig.delegate("w1")
    rig.goodbye("w1")
    rig.submit(unique="nightly", requeue=False)
    rig.cancel(rig.delegate("w2").job, SIGINT)
    rig.submit(2)
    lose_workers(rig, 1)
    before = picture(rig.state)
    rig.restart(from_checkpoint=from_checkpoint)
    after = picture(rig.state)

    for name in ("waiting", "running", "unique_jobs", "lost_count", "cancelled_count", "next_job"):
        assert before[name] == after[name]
    assert 1 == rig.state.lost_count
