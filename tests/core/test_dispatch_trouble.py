"""Hosts in trouble: what becomes of the jobs that they give back, and of those that nobody can start."""

import pytest
from ledger import Place
from rig import Rig, submission

from goq.core.board.hosts import ABSENT_S, SETTLE_S
from goq.core.board.trouble import FORGET_S, LAST_S, SHUT_LIMIT_S, SHUT_S
from goq.core.dispatch.refusals import IDLE_S, SLICE_EVERY_S, SLICE_JOBS
from goq.core.messages import AckSubmit, Change, JobFinishedNotice, TakeSnapshot
from goq.core.state.records import JobDelegated, JobRequeued, RangeEnded
from goq.core.state.submissions import CountsAs
from goq.core.values.changes import Hold, Release
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import By, Claim
from goq.core.values.selectors import selector_of
from goq.core.worker.talk import AckFinished

GONE = "the folder '/x' is not there"


def settled(rig: Rig, *names: str) -> None:
    """These workers are there, and have been for a while."""
    for name in names:
        rig.want_work(name)
    rig.pass_time(SETTLE_S)


def held(rig: Rig, name: str) -> list[Claim]:
    """What the worker of that name has."""
    return [rig.ledger.claim(job) for job in rig.ledger.held_by_worker(WorkerId(name))]


def problems(rig: Rig) -> list[str]:
    """The words of all that has failed without an attempt."""
    return [record.reason for record in rig.story if isinstance(record, RangeEnded)]


# --- one attempt -------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["folder", "node"])
@pytest.mark.parametrize("requeue", [True, False])
def test_what_a_host_could_not_start_waits_again_and_counts_as_nothing(
    rig: Rig, trouble: str, requeue: bool
) -> None:
    """Also a job that must not start twice: it has not started."""
    settled(rig, "w1", "w2")
    rig.submit(requeue=requeue)
    assert AckFinished() == rig.refuse(held(rig, "w1")[0], trouble=trouble, problem=GONE)

    assert (1, 2, 0) == (
        len(held(rig, "w2")),
        held(rig, "w2")[0].attempt,
        rig.state.running[JobId(1)].job.crashes,
    )
    (requeued,) = [record for record in rig.story if isinstance(record, JobRequeued)]
    assert (f"{GONE}, at host-of-w1", CountsAs.NOTHING) == (requeued.reason, requeued.counts_as)


def test_a_killed_job_that_comes_back_ends(rig: Rig) -> None:
    """Whoever killed it does not care where it could have run."""
    settled(rig, "w1", "w2")
    rig.submit()
    rig.cancel(1)
    rig.refuse(held(rig, "w1")[0])

    assert Place.ENDED is rig.where(1)


# --- folders -----------------------------------------------------------------------------------


def test_a_host_without_the_folder_serves_others_at_once(rig: Rig) -> None:
    """It is shut for one folder of one owner, and its other places for that one as well."""
    settled(rig, "w1", "w1/2", "w2")
    rig.submit(3)
    rig.refuse(held(rig, "w1")[0])
    rig.want_work("w1")
    rig.submit(1, folder=b"/home/ann/data")

    assert [4] == [claim.job for claim in held(rig, "w1")]
    assert Place.WAITING is rig.where(1)
    rig.finish(held(rig, "w2")[0], wants=1)
    assert [1] == [claim.job for claim in held(rig, "w2")], "by id, wherever it was before"


def test_one_place_of_a_host_tries_a_folder_again(rig: Rig) -> None:
    """Sixty-four at once would all fail, each time."""
    settled(rig, "w1", "w1/2", "w2")
    rig.submit(1)
    assert [1] == [claim.job for claim in held(rig, "w1")]
    rig.submit(4)
    rig.refuse(held(rig, "w1")[0])
    rig.refuse(held(rig, "w1/2")[0])
    for name in ("w1", "w1/2"):
        rig.want_work(name)
    rig.pass_time(SHUT_S)

    assert (1, 0) == (len(held(rig, "w1")), len(held(rig, "w1/2")))
    rig.beat(held(rig, "w1")[0])
    rig.pass_time(LAST_S)
    assert 1 == len(held(rig, "w1/2")), "it has started, so all is as before"


def on_trial(rig: Rig) -> Claim:
    """What a host that was shut for a folder has of it, to be tried; more waits for that."""
    settled(rig, "w1", "w1/2", "w2")
    rig.submit(8)
    for name in ("w1", "w1/2"):
        rig.refuse(held(rig, name)[0])
        rig.want_work(name)
    rig.pass_time(SHUT_S)
    (trial,) = held(rig, "w1")
    return trial


def test_a_start_that_does_not_last_opens_no_host(rig: Rig) -> None:
    """A mount that hangs before it fails lets a job seem to be on: the rest would fall into the same hole."""
    trial = on_trial(rig)
    rig.beat(trial)
    rig.pass_time(LAST_S / 2)
    assert [] == held(rig, "w1/2"), "it may come back yet"
    rig.refuse(trial)
    rig.want_work("w1")
    rig.pass_time(SHUT_S)

    assert [] == held(rig, "w1") + held(rig, "w1/2"), "for the second time, so twice as long"
    rig.beat(held(rig, "w2")[0])
    rig.pass_time(SHUT_S)
    assert 1 == len(held(rig, "w1") + held(rig, "w1/2"))


def test_an_older_start_opens_no_host(rig: Rig) -> None:
    """It says nothing of what the host lacks since then."""
    settled(rig, "w1", "w2", "w2/2", "w3")
    rig.submit(8)
    rig.refuse(held(rig, "w1")[0])
    for name in ("w2", "w2/2"):
        rig.finish(held(rig, name)[0])
        rig.want_work(name)
    older = held(rig, "w2/2")[0]
    rig.refuse(held(rig, "w2")[0])
    rig.finish(older)
    rig.want_work("w2")

    assert [] == held(rig, "w2")


def test_a_job_that_ends_by_itself_has_started_however_short_it_was(rig: Rig) -> None:
    """Most jobs that are tried do not last a second."""
    trial = on_trial(rig)
    rig.finish(trial)

    assert 1 == len(held(rig, "w1/2"))


def test_a_trial_that_was_killed_says_nothing(rig: Rig) -> None:
    """It may have hung in the folder that is not there; another one is tried."""
    trial = on_trial(rig)
    rig.beat(trial)
    rig.cancel(trial.job)
    rig.finish(trial)

    assert 1 == len(held(rig, "w1/2")), "the next trial"
    rig.want_work("w1")
    assert [] == held(rig, "w1"), "which is alone again"
    rig.beat(held(rig, "w1/2")[0])
    rig.pass_time(LAST_S)
    assert 1 == len(held(rig, "w1"))


def test_after_a_trial_that_came_to_nothing_the_host_is_open_for_another(rig: Rig) -> None:
    """Nothing is said against it meanwhile."""
    settled(rig, "w1", "w2")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0])
    rig.want_work("w1")
    rig.pass_time(SHUT_S)
    (trial,) = held(rig, "w1")
    assert 1 == rig.snapshot().counters["shutFolders"]
    rig.cancel(trial.job)
    rig.finish(trial)

    assert 0 == rig.snapshot().counters["shutFolders"]


def test_the_time_grows_while_a_host_refuses(rig: Rig) -> None:
    """A mount that is gone for the night costs a try every ten minutes, not one a second."""
    settled(rig, "w1", "w2")
    rig.submit(1, folder=b"/home/ann/data")
    rig.submit(40)
    rig.finish(held(rig, "w1")[0])
    rig.want_work("w1")
    times_s, at_s = [], rig.now.attended_s
    for _ in range(10):
        rig.refuse(held(rig, "w1")[0])
        at_s = rig.now.attended_s
        rig.want_work("w1")
        while not held(rig, "w1"):
            rig.beat(held(rig, "w2")[0])
            rig.pass_time(1)
            rig.want_work("w1")
        times_s.append(rig.now.attended_s - at_s)

    assert [SHUT_S * 2**each for each in range(7)] == times_s[:7]
    assert [SHUT_LIMIT_S] * 3 == times_s[7:]


@pytest.mark.parametrize("names", [["w1"], ["w1", "w2"], ["w1", "w2", "w3", "w4"]])
def test_a_folder_that_is_nowhere_fails_all_its_jobs(rig: Rig, names: list[str]) -> None:
    """When three hosts have refused it, or all there are; none of them is tried afterwards."""
    settled(rig, *names)
    rig.submit(5, folder=b"/x")
    waiting = rig.observe(5)
    for name in names[:3]:
        if held(rig, name):
            rig.refuse(held(rig, name)[0], problem=GONE)
    tried = len([record for record in rig.story if isinstance(record, JobDelegated)])
    for name in names[3:]:
        rig.beat(held(rig, name)[0])
    rig.tick()

    hosts = ", ".join(f"host-of-{name}" for name in names[:3])
    assert [f"{GONE}, at {hosts}"] == problems(rig)
    answer = rig.answer_to(waiting)
    assert isinstance(answer, JobFinishedNotice)
    assert (125, 0) == (answer.ended.status, answer.ended.attempt)
    assert tried == len([record for record in rig.story if isinstance(record, JobDelegated)])


def test_jobs_of_a_folder_that_is_somewhere_do_not_fail(rig: Rig) -> None:
    """Three hosts of a hundred lack the mount; the others work it off."""
    settled(rig, "w1", "w2", "w3", "w4")
    rig.submit(12)
    rig.refuse(held(rig, "w1")[0])
    rig.finish(held(rig, "w4")[0], wants=1)
    rig.finish(held(rig, "w4")[0], wants=1)
    rig.refuse(held(rig, "w2")[0])
    rig.refuse(held(rig, "w3")[0])
    rig.tick()

    assert [] == problems(rig)
    assert 1 == len(held(rig, "w4"))


def test_a_folder_is_somewhere_as_soon_as_a_job_is_on_in_it(rig: Rig) -> None:
    """Long jobs run there: nobody waits for their end, or for a second, to believe that."""
    settled(rig, "w1", "w2", "w3", "w4")
    rig.submit(12)
    rig.refuse(held(rig, "w1")[0])
    rig.finish(held(rig, "w4")[0])
    rig.want_work("w4")
    rig.refuse(held(rig, "w2")[0])
    rig.beat(held(rig, "w4")[0])
    rig.refuse(held(rig, "w3")[0])
    rig.tick()

    assert [] == problems(rig)


def test_a_host_that_has_just_come_is_waited_for(rig: Rig) -> None:
    """After a power cut the first node to be there must not speak for all."""
    rig.want_work("w1")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0])
    rig.want_work("w1")
    assert 2 == len(rig.waiting())
    rig.want_work("w2")

    assert 1 == len(held(rig, "w2"))
    rig.finish(held(rig, "w2")[0], wants=1)
    rig.pass_time(SETTLE_S)
    assert [] == problems(rig)


def test_the_first_host_of_all_speaks_for_all_after_a_while(rig: Rig) -> None:
    """Nobody waits for ever for nodes that do not come."""
    rig.want_work("w1")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0], problem=GONE)
    rig.want_work("w1")
    rig.pass_time(SETTLE_S)

    assert [f"{GONE}, at host-of-w1"] == problems(rig)


def test_a_host_whose_worker_is_started_again_is_waited_for(rig: Rig) -> None:
    """The one that lacks the folder must not speak for all meanwhile."""
    settled(rig, "w1", "w2")
    rig.pass_time(20)
    for name in ("w1", "w2"):
        rig.want_work(name)
    rig.goodbye("w2")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0])
    rig.want_work("w1")
    rig.pass_time(SETTLE_S + 5)
    assert [] == problems(rig)
    rig.want_work("w2")

    assert 1 == len(held(rig, "w2"))


def test_a_host_that_has_left_is_not_waited_for(rig: Rig) -> None:
    """It said goodbye, or was not heard for long."""
    settled(rig, "w1", "w2", "w3")
    rig.goodbye("w2")
    rig.peer_gone(1)
    for _ in range(int(ABSENT_S) + 1):
        rig.want_work("w1", peer=2)
        rig.pass_time(1)
    rig.submit()
    rig.refuse(held(rig, "w1")[0], problem=GONE)
    rig.tick()

    assert [f"{GONE}, at host-of-w1"] == problems(rig)


def test_a_new_submission_is_tried_afresh(rig: Rig) -> None:
    """Whoever has mended the mount must not wait ten minutes, nor fail for what was before."""
    settled(rig, "w1")
    for _ in range(3):
        rig.submit()
        rig.want_work("w1")
        rig.pass_time(1)
        rig.refuse(held(rig, "w1")[0])
        rig.want_work("w1")
        rig.tick()
        rig.pass_time(1)
    (mended,) = rig.submit()
    rig.tick()

    assert [mended] == [claim.job for claim in held(rig, "w1")]
    assert 3 == len(problems(rig))


def test_a_long_queue_fails_in_slices(rig: Rig) -> None:
    """Nobody else may have to wait for a hundred thousand of them; and none of them starts meanwhile."""
    settled(rig, "w1", "w2")
    rig.ask(submission(3 * SLICE_JOBS, folder=b"/x"))
    rig.refuse(held(rig, "w1")[0])
    rig.refuse(held(rig, "w2")[0])
    rig.want_work("w1")
    rig.tick()
    assert 2 * SLICE_JOBS == len(rig.waiting()), "a slice at once"
    rig.ask(TakeSnapshot(5))
    rig.tick()
    assert 2 * SLICE_JOBS == len(rig.waiting()), "the next one not at once, since somebody has a request"
    rig.jump(SLICE_EVERY_S)
    assert SLICE_JOBS == len(rig.waiting()), "but soon, also while there are requests all the time"
    rig.jump(IDLE_S)

    assert [] == rig.waiting()
    assert [] == rig.ledger.running


def test_a_long_queue_fails_quickly_while_nobody_asks_anything(rig: Rig) -> None:
    """Then nobody has to wait for it."""
    settled(rig, "w1", "w2")
    rig.ask(submission(5 * SLICE_JOBS, folder=b"/x"))
    rig.refuse(held(rig, "w1")[0])
    rig.refuse(held(rig, "w2")[0])
    rig.tick()
    rig.jump(IDLE_S)
    for left in (2, 1, 0):
        rig.tick()
        assert left * SLICE_JOBS == len(rig.waiting())


def test_a_failing_job_can_be_killed(rig: Rig) -> None:
    """It is shown until then, and not afterwards."""
    settled(rig, "w1")
    rig.submit(3)
    rig.refuse(held(rig, "w1")[0])
    assert [1, 2, 3] == [job.id for job in rig.snapshot().waiting]
    rig.cancel(2)

    assert [1, 3] == [job.id for job in rig.snapshot().waiting]
    rig.tick()
    assert 1 == rig.snapshot().counters["cancelledJobCount"]
    assert [] == rig.waiting()


# --- nodes -------------------------------------------------------------------------------------


def test_a_host_that_can_start_nothing_gets_nothing_for_a_while(rig: Rig) -> None:
    """Whosever the jobs are; then one is tried, and not the one that may be the reason."""
    settled(rig, "w1", "w1/2")
    rig.submit(2)
    rig.submit(2, folder=b"/home/ann/data")
    rig.refuse(held(rig, "w1")[0], trouble="node")
    rig.refuse(held(rig, "w1/2")[0], trouble="node")
    for name in ("w1", "w1/2"):
        rig.want_work(name)
    assert [] == held(rig, "w1")
    rig.pass_time(1)

    assert [3] == [claim.job for claim in held(rig, "w1")]
    assert [] == held(rig, "w1/2")
    rig.finish(held(rig, "w1")[0])
    assert [4] == [claim.job for claim in held(rig, "w1/2")]
    rig.pass_time(1)
    rig.want_work("w1")
    assert [1] == [claim.job for claim in held(rig, "w1")]


def test_what_ends_at_a_host_lets_it_be_tried_sooner(rig: Rig) -> None:
    """What it lacked may have come free."""
    settled(rig, "w1", "w1/2")
    rig.submit(6)
    for _ in range(3):
        rig.refuse(held(rig, "w1")[0], trouble="node")
        rig.want_work("w1")
        rig.pass_time(4)
    (trial,) = held(rig, "w1")
    rig.refuse(trial, trouble="node")
    rig.want_work("w1")
    rig.finish(held(rig, "w1/2")[0])
    assert [] == held(rig, "w1")
    rig.pass_time(1)

    assert 1 == len(held(rig, "w1"))


def test_a_refusal_of_long_ago_is_forgotten(rig: Rig) -> None:
    """Nobody has tried the host since: its next pause is as short as a first one."""
    settled(rig, "w1")
    rig.submit(3)
    rig.refuse(held(rig, "w1")[0], trouble="node")
    rig.pass_time(3 * FORGET_S)
    rig.want_work("w1")
    rig.refuse(held(rig, "w1")[0], trouble="node")
    rig.want_work("w1")
    assert [] == held(rig, "w1")
    rig.pass_time(1)

    assert 1 == len(held(rig, "w1"))


def test_a_hold_and_a_release_do_not_send_a_job_where_it_could_not_start(rig: Rig) -> None:
    """It is not what that host tries first."""
    settled(rig, "w1")
    rig.submit(1)
    rig.submit(1, folder=b"/home/ann/data")
    rig.refuse(held(rig, "w1")[0], trouble="node")
    for what in (Hold(), Release()):
        rig.ask(Change(selector_of(["1"]), what, By("ann", "head", 7)))
    rig.want_work("w1")
    rig.pass_time(1)

    assert [2] == [claim.job for claim in held(rig, "w1")]


def test_a_job_that_no_host_can_start_holds_up_nobody(rig: Rig) -> None:
    """An exec that fails with ENOMEM everywhere must not be what each host tries first."""
    settled(rig, "w1")
    rig.submit(1)
    rig.submit(30, folder=b"/home/ann/data")
    done = 0
    for _ in range(200):
        for claim in held(rig, "w1"):
            if claim.job == 1:
                rig.refuse(claim, trouble="node")
            else:
                rig.finish(claim)
                done += 1
        rig.want_work("w1")
        rig.pass_time(0.5)

    assert 30 == done


def test_what_hosts_cannot_do_is_told(rig: Rig) -> None:
    """By `goq stat`, and in the log."""
    settled(rig, "w1", "w2", "w3")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0], problem=GONE)
    rig.refuse(held(rig, "w2")[0], trouble="node", problem="no process")
    shown = rig.snapshot()

    assert (1, 1) == (shown.counters["pausedHosts"], shown.counters["shutFolders"])
    assert (
        "no jobs to 'host-of-w2': no process",
        f"no jobs to 'host-of-w1' of ann in '/home/ann': {GONE}",
    ) == shown.troubles


def test_a_restart_tries_each_host_again(rig: Rig) -> None:
    """What hosts lack is not worth a place in the journal."""
    settled(rig, "w1", "w2")
    rig.submit(2)
    rig.refuse(held(rig, "w1")[0])
    rig.restart(from_checkpoint=True)
    rig.want_work("w1")

    assert 1 == len(held(rig, "w1"))
    assert isinstance(rig.ask(submission()), AckSubmit)
