"""An agent on a host that is not well: what it hands back, when it asks again, when it gives up."""

import pytest
from place import KILLED
from worker_bench import BEHIND, FOREVER, WORKER, Bench, claim, job

from goq.core.messages import Goodbye, Orders, Returned
from goq.core.values.ids import JobId
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE, SIGKILL, SIGTERM, UNKNOWN_STATUS
from goq.core.worker import attempts
from goq.core.worker.events import Leave, NoTime, ShepherdDied, Stopped
from goq.core.worker.health import Health
from goq.core.worker.instructions import Collect, Relaunch, Withdraw
from goq.core.worker.notes import KILLED_WHEN_LOST, RAN_BEFORE
from goq.core.worker.rules import FIRST_BEAT_S, LAST_DEATH, PAUSE_S, RELAUNCH_S, REPORT_S, TERM_S
from goq.core.worker.talk import CancelWip, Heartbeat, RequestForWork, Saying


@pytest.fixture(name="bench")
def _bench() -> Bench:
    return Bench()


def asking(bench: Bench) -> list[type[Saying]]:
    """What kinds of questions are open."""
    return [type(question) for question in bench.open.values()]


# --- what this host cannot start ---------------------------------------------------------------


@pytest.mark.parametrize("trouble", [FOLDER_TROUBLE, NODE_TROUBLE])
def test_what_cannot_be_started_here_is_handed_back_with_the_reason(bench: Bench, trouble: str) -> None:
    """It is no end of the job; and what waits behind it may start elsewhere too."""
    bench.give(1, *BEHIND)
    returned: list[Returned] = []
    while len(returned) < 1 + len(BEHIND):
        if bench.runs:
            bench.refuse(trouble, "no such luck")
            assert bench.did(Withdraw)
        bench.hear()
        bench.tick()
        returned += bench.message().returned
        bench.give()
        bench.tick()

    assert [] == bench.did(Collect)
    assert Returned(claim(1), trouble, "no such luck") in returned
    assert [1, *BEHIND] == sorted(each.claim.job for each in returned)
    assert "cannot start job 1: run 1 in /home/ann: no such luck" in [
        line.replace("'", "") for line in bench.said
    ]


def test_a_host_that_lacks_something_asks_again_after_a_pause(bench: Bench) -> None:
    """And says so once, with the reason, and once when it is over."""
    pauses = []
    for number in (1, 2, 3):
        bench.give(number)
        bench.refuse(NODE_TROUBLE)
        assert 0 == bench.message().wants
        since_s = bench.now_s
        bench.give()
        bench.tick()
        assert [] == asking(bench)
        while [] == asking(bench):
            bench.now_s = max(bench.now_s, bench.next_deadline())
            bench.tick()
        pauses.append(bench.now_s - since_s)
    bench.give(4)
    bench.finish()

    assert [PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S] == pauses
    assert 1 == sum("no job can be started on this host: no room" in line for line in bench.said)
    assert 1 == bench.said.count("jobs start on this host again")


def test_a_missing_folder_is_no_reason_to_ask_later(bench: Bench) -> None:
    """Jobs of other folders can be started."""
    bench.give(1)
    bench.refuse(FOLDER_TROUBLE)
    bench.give()

    assert [RequestForWork] == asking(bench)


def test_who_leaves_during_a_pause_asks_for_nothing_after_it(bench: Bench) -> None:
    """It has said goodbye."""
    bench.give(1)
    bench.refuse(NODE_TROUBLE)
    bench.give()
    bench.tell(Leave())
    bench.wait(2 * PAUSE_S)

    assert [Goodbye] == asking(bench)


def test_all_places_of_a_host_pause(bench: Bench) -> None:
    """What one lacks the others lack too."""
    health = Health()
    one, other = Bench(FOREVER, health), Bench(FOREVER, health)
    one.give(1)
    other.give(2)
    one.refuse(NODE_TROUBLE)
    other.end()
    other.hear()
    assert health.problem == ""
    one.give()
    one.give(3)
    one.refuse(NODE_TROUBLE)
    other.tick()
    other.give()

    assert [] == asking(other)
    assert PAUSE_S == other.next_deadline() - other.now_s


def test_a_host_whose_spool_was_full_is_paused(bench: Bench) -> None:
    """The job is over; the next one would end in the same way."""
    bench.give(1, *BEHIND)
    bench.runs.popleft()
    bench._say_end(claim(1), Stopped(7, 0, 0, SIGTERM, "the spool was full", 0, 0.0, 0, cause="spool"))
    bench.hear()
    bench.tick()

    assert "no job can be started on this host: the spool was full; asking for work again later" in bench.said
    assert bench.did(Withdraw)
    assert bench.agent._attempts.asks_from_s == bench.now_s + PAUSE_S


@pytest.mark.parametrize("is_leaving", [False, True])
@pytest.mark.parametrize("cause", ["time", "memory"])
def test_a_job_that_exceeds_its_bounds_is_told_at_once(bench: Bench, cause: str, is_leaving: bool) -> None:
    """It would do the same wherever it is run again; and the host is as good as before."""
    bench.give(1)
    if is_leaving:
        bench.tell(Leave())
    bench.runs.popleft()
    bench._say_end(claim(1), Stopped(7, 0, 0, SIGTERM, "too much", 0, 0.0, 0, cause=cause))
    bench.hear()
    bench.wait(REPORT_S)

    assert [1] == [each.claim.job for each in bench.message().reports]
    assert not any("no job can be started" in line for line in bench.said)
    assert "handing back" not in bench.said[-1]


def test_a_job_that_cannot_be_started_gives_no_hope(bench: Bench) -> None:
    """It says nothing of the host."""
    bench.give(1)
    bench.refuse(NODE_TROUBLE)
    bench.give()
    bench.wait(PAUSE_S)
    bench.give(2)
    bench.refuse(FOLDER_TROUBLE)

    assert "jobs start on this host again" not in bench.said


def test_a_job_that_is_to_be_killed_is_not_left_to_others(bench: Bench) -> None:
    """It ends, whatever this host lacks."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    bench.refuse(NODE_TROUBLE)

    assert [1] == [each.claim.job for each in bench.message().reports]


def test_without_a_spool_nothing_is_started(bench: Bench) -> None:
    """The disk is full or gone: all goes back, and the host pauses."""
    bench.spool_is_broken = True
    bench.give(1, 2, 3)
    bench.hear()
    bench.tick()
    returned = list(bench.message().returned)
    bench.give()
    bench.tick()

    assert [Returned(claim(at), NODE_TROUBLE, "no room") for at in (1, 2, 3)] == returned
    assert [] == asking(bench)
    assert bench.now_s + PAUSE_S == bench.next_deadline()


# --- shepherds that die ------------------------------------------------------------------------


def test_what_never_began_is_handed_back(bench: Bench) -> None:
    """Its shepherd died before it had read of it: that is no end of a job."""
    bench.give(1, 2, 3)
    bench.lose_shepherd()

    assert () == bench.message().reports
    assert [1, 2, 3] == [each.claim.job for each in bench.message().returned]


@pytest.mark.parametrize(("job", "reported"), [(KILLED, [1]), (None, [])])
def test_what_was_with_a_dead_shepherd_goes_back_though_nobody_says_so(
    bench: Bench, job: Stopped | None, reported: list[int]
) -> None:
    """Only the job that was on has an end."""
    bench.give(1, 2, 3)
    bench.runs.clear()
    bench.is_dead = bench.is_buried = True
    if job:
        bench.ends[claim(1)] = job
    bench.tell(ShepherdDied(job))
    bench.known.clear()
    bench.fates.begun.clear()
    bench.tick()
    message = bench.message()

    assert reported == [each.claim.job for each in message.reports]
    assert {1, 2, 3} - {*reported} == {each.claim.job for each in message.returned}


def test_a_job_that_began_gives_hope(bench: Bench) -> None:
    """Shepherds that die early are counted from then on."""
    for _ in range(3):
        for _ in range(LAST_DEATH - 1):
            bench.lose_shepherd()
            bench.wait(RELAUNCH_S * 2**LAST_DEATH)
        bench.give(1 + len(bench.started()))
        bench.lose_shepherd(unread=False)
        bench.give()

    assert not bench.gave_up


def test_shepherds_that_die_early_follow_each_other_slower_until_there_is_no_hope(bench: Bench) -> None:
    """A goq that was replaced under the worker; somebody else is to start the new one."""
    waits = []
    while not bench.gave_up:
        since_s = bench.now_s
        bench.lose_shepherd()
        while bench.is_buried and not bench.gave_up:
            assert bench.next_deadline() < since_s + 60
            bench.now_s = max(bench.now_s, bench.next_deadline())
            bench.tick()
        waits.append(bench.now_s - since_s)

    assert [RELAUNCH_S * 2**at for at in range(LAST_DEATH - 1)] == waits[:-1]
    assert LAST_DEATH - 1 == len(bench.did(Relaunch))


def test_a_shepherd_that_cannot_be_made_is_one_that_died(bench: Bench) -> None:
    """The host has no room for another process."""
    bench.no_launches = True
    bench.lose_shepherd()
    bench.wait(60.0)

    assert bench.gave_up
    assert LAST_DEATH - 1 == len(bench.did(Relaunch))


def test_a_shepherd_that_falls_with_its_job_is_followed_at_once(bench: Bench) -> None:
    """A job that could not be killed otherwise: nothing is wrong with the host."""
    for number in range(1, 2 * LAST_DEATH):
        bench.give(number)
        bench.lose_shepherd(unread=False)
        bench.give()

    assert not bench.gave_up
    assert 2 * LAST_DEATH - 1 == len(bench.did(Relaunch))


def test_without_a_shepherd_nothing_is_asked_for_or_kept(bench: Bench) -> None:
    """What comes all the same goes back at once."""
    bench.lose_shepherd()
    bench.give(1)
    bench.tick()
    assert [Returned(claim(1))] == list(bench.message().returned)
    assert 0 == bench.message().wants
    bench.give()
    assert [] == asking(bench)
    bench.wait(RELAUNCH_S)

    assert [RequestForWork] == asking(bench)


def test_who_leaves_without_a_shepherd_needs_no_new_one(bench: Bench) -> None:
    """It says goodbye, or tells what it has to tell."""
    bench.lose_shepherd()
    bench.tell(Leave())
    bench.wait(60.0)

    assert [] == bench.did(Relaunch)
    assert [Goodbye] == asking(bench)


# --- a shutdown that begins with the jobs ------------------------------------------------------


@pytest.mark.parametrize(("code", "signal"), [(0, SIGTERM), (128 + SIGTERM, 0)])
def test_a_job_that_a_shutdown_killed_first_is_handed_back(bench: Bench, code: int, signal: int) -> None:
    """SIGTERM reached it before it reached the worker; it is to run again elsewhere."""
    bench.give(1)
    bench.finish(code, signal)
    bench.wait(TERM_S * 0.9)
    bench.tell(Leave())

    assert [] == bench.did(Collect)
    assert [Goodbye] == asking(bench)
    assert "handing back job 1: 'run 1' in '/home/ann'" == bench.said[-1]


def test_a_job_that_dies_of_its_own_sigterm_is_told_a_moment_later(bench: Bench) -> None:
    """Nobody stops the worker: it is the job's own end."""
    bench.give(1)
    bench.finish(signal=SIGTERM)
    assert [] == asking(bench)
    bench.wait(TERM_S)

    assert [(1, SIGTERM)] == [(each.claim.job, each.result.signal) for each in bench.message().reports]


def test_others_do_not_wait_for_that(bench: Bench) -> None:
    """They run, are told, and more are asked for."""
    bench.give(1, 2, 3)
    bench.end(signal=SIGTERM)
    bench.finish()
    bench.wait(REPORT_S)
    assert ([2], {1, 3}) == ([it.claim.job for it in bench.message().reports], {*bench.message().kept})
    bench.finish()
    bench.give(4)
    bench.finish()
    bench.wait(TERM_S)

    assert [1, 2, 3, 4] == bench.started()
    assert {1, 2, 3, 4} == {claim.job for claim in bench.fates.ended}


@pytest.mark.parametrize("code", [0, 1, 130, 137])
def test_other_ends_are_told_at_once(bench: Bench, code: int) -> None:
    """They wait for nobody."""
    bench.give(1)
    bench.finish(code)

    assert [code] == [each.result.exit_code for each in bench.message().reports]


def test_a_kill_that_was_asked_for_is_told_at_once(bench: Bench) -> None:
    """And by a worker that is stopped then, too."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    bench.finish(signal=SIGTERM)

    assert [1] == [each.claim.job for each in bench.message().reports]


def test_a_worker_without_time_decides_at_once(bench: Bench) -> None:
    """What has ended outlives it."""
    bench.give(1)
    bench.finish(signal=SIGTERM)
    bench.tell(NoTime())

    assert [claim(1)] == list(bench.disk)


def test_an_output_on_its_way_is_not_handed_back(bench: Bench) -> None:
    """It has ended, and is told."""
    bench.is_long = True
    bench.give(1)
    bench.finish()
    bench.tell(Leave())
    bench.brought(bench.deliveries[claim(1)].call, Orders(WORKER.id))

    assert "done with job 1: 'run 1' in '/home/ann'" in bench.said


# --- never twice -------------------------------------------------------------------------------


def test_what_was_killed_comes_back_as_that(bench: Bench) -> None:
    """A server that was away, and holds the claim still, must not have it run again."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))
    bench.finish(signal=SIGKILL)
    bench.give(1)
    bench.tick()
    (report,) = bench.message().reports
    bench.give()

    assert [1] == bench.started()
    assert (claim(1), SIGKILL, KILLED_WHEN_LOST) == (
        report.claim,
        report.result.signal,
        report.result.problem,
    )
    assert [RequestForWork] == asking(bench)


def test_what_ran_before_is_not_started_again(bench: Bench) -> None:
    """Whatever the server has forgotten."""
    bench.give(1)
    bench.finish()
    bench.give()
    bench.give(1)
    bench.tick()
    (report,) = bench.message().reports

    assert [1] == bench.started()
    assert (UNKNOWN_STATUS, RAN_BEFORE) == (report.result.exit_code, report.result.problem)


def test_another_attempt_is_another_job(bench: Bench) -> None:
    """The server has given the first one up."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))
    bench.finish(signal=SIGKILL)
    bench.give_jobs(job(1, attempt=2))

    assert [claim(1), claim(1, attempt=2)] == [run.claim for run in bench.starts()]


def test_what_was_returned_and_not_told_yet_is_not_taken_again(bench: Bench) -> None:
    """It would run here while the server gives it to others."""
    bench.give(1, 2, 3)
    bench.finish()
    bench.wait(REPORT_S)
    bench.message()
    bench.lose_shepherd()
    bench.give(3)
    bench.tick()

    assert [1, 2, 3] == bench.started()
    assert [Returned(claim(3))] == list(bench.message().returned)


def test_the_memory_of_what_is_gone_has_a_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker lives for years."""
    monkeypatch.setattr(attempts, "MEMORY", 3)
    for number in range(1, 10):
        bench.give(number)
        bench.finish()
        bench.give()

    assert 3 == len(bench.agent._attempts._gone)
