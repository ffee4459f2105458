"""An agent, one step at a time: what it asks, starts, kills, tells and says."""

from math import inf

import pytest
from worker_bench import BEHIND, FOREVER, ONCE, WORKER, Bench, claim, job

from goq.core.messages import AckGoodbye, AskAgain, Done, Goodbye, Orders, Refused, Returned, Signal
from goq.core.values.ids import JobId
from goq.core.values.result import SIGKILL, SIGTERM, Result
from goq.core.worker import work
from goq.core.worker.agent import Phase
from goq.core.worker.attempts import SHEPHERD_JOBS
from goq.core.worker.events import Leave, NoTime, Unstarted
from goq.core.worker.instructions import Collect, Keep, Kill, Unkeep
from goq.core.worker.rules import (
    FIRST_BEAT_S,
    KEEP_AFTER_S,
    LONGEST_PATIENCE_S,
    REFUSED_PAUSE_S,
    REPORT_S,
    RETURN_S,
    STALE_S,
    STREAM_EVERY_S,
    Rules,
)
from goq.core.worker.talk import (
    AckFinished,
    CancelWip,
    CarryOn,
    DelegateToWorker,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    ShutdownWorker,
)


@pytest.fixture(name="bench")
def _bench() -> Bench:
    return Bench()


# --- asking ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rules", "patience_s"), [(FOREVER, LONGEST_PATIENCE_S), (ONCE, 1.0)])
def test_an_agent_asks_for_work_as_long_as_it_would_wait(rules: Rules, patience_s: float) -> None:
    """Once: its worker asks again, when no answer comes."""
    bench = Bench(rules)

    assert [(1, RequestForWork(WORKER, patience_s))] == bench.sent


def test_without_an_answer_there_is_nothing_to_do(bench: Bench) -> None:
    """An idle worker sleeps."""
    assert inf == bench.next_deadline()
    assert Phase.ASKING is bench.agent.phase


def test_forever_asks_again_when_no_work_has_come(bench: Bench) -> None:
    """At once; the server has waited as long as it would."""
    bench.answer(RequestForWork, AskAgain())

    assert 2 == len(bench.sent)
    assert bench.asked(RequestForWork)


def test_once_ends_when_no_work_has_come() -> None:
    """And says so."""
    bench = Bench(ONCE)
    bench.answer(RequestForWork, AskAgain())

    assert Phase.GONE is bench.agent.phase
    assert ["worker could not fetch job: no work came in 1000 msec."] == bench.said


def test_a_refused_request_is_made_again_after_a_pause(bench: Bench) -> None:
    """A clock was wrong; refusals must not go to and fro as fast as they can."""
    bench.answer(RequestForWork, Refused("set your clock"))
    assert ["the server refused: set your clock; trying again in 5 s"] == bench.said
    assert bench.now_s + REFUSED_PAUSE_S == bench.next_deadline()
    bench.wait(REFUSED_PAUSE_S - 0.1)
    assert {} == bench.open
    bench.wait(0.1)

    assert bench.asked(RequestForWork)


def test_an_agent_that_is_told_to_exit_does(bench: Bench) -> None:
    """Idle, it is gone at once."""
    bench.answer(RequestForWork, ShutdownWorker())

    assert Phase.GONE is bench.agent.phase
    assert ["vanishing in a puff of smoke, as the server asks."] == bench.said


def test_an_answer_to_nothing_is_ignored(bench: Bench) -> None:
    """It may have crossed the word that it is wanted no more."""
    bench.give(1)
    bench.open[1] = RequestForWork(WORKER, 0.0)
    bench.answered(1, DelegateToWorker((job(2),)))

    assert [1] == bench.started()


# --- several jobs ----------------------------------------------------------------------------


def test_jobs_run_one_after_the_other_and_are_told_of(bench: Bench) -> None:
    """In their order, each with its own result, and none of them twice."""
    bench.give(1, 2, 3)
    for code in (1, 2, 3):
        bench.end(code)
    bench.hear()
    bench.tick()
    message = bench.message()
    bench.give()

    assert [1, 2, 3] == bench.started()
    assert [(1, 1), (2, 2), (3, 3)] == [(each.claim.job, each.result.exit_code) for each in message.reports]
    assert bench.asked(RequestForWork)
    assert ["starting job 1", "starting job 2", "starting job 3"] == [line[:14] for line in bench.said[:3]]
    assert ["done with job 1: 'run 1' in '/home/ann'"] == bench.said[3:4]


def test_a_message_names_what_is_still_here(bench: Bench) -> None:
    """In the hand, with the shepherd, or on: so that the server knows what it lacks."""
    bench.give(1, *BEHIND)
    bench.finish()
    bench.wait(REPORT_S)
    message = bench.message()

    assert [1] == [report.claim.job for report in message.reports]
    assert sorted(BEHIND) == sorted(message.kept)


def test_so_many_are_with_the_shepherd_at_once(bench: Bench) -> None:
    """It has enough to go on with, and what it has must be withdrawn one day."""
    bench.give(1, *BEHIND)
    assert SHEPHERD_JOBS == len(bench.runs)
    assert bench.agent.is_supplied
    bench.finish()

    assert SHEPHERD_JOBS == len(bench.runs)


@pytest.mark.parametrize("where", ["on", "hand", "reported", "delivered"])
def test_a_job_that_is_given_again_is_not_started_again(bench: Bench, where: str) -> None:
    """The answer that brought it was not lost after all; wherever it is now, it is here once."""
    bench.give(1, *BEHIND)
    if where == "delivered":
        bench.is_long = True
        bench.finish()
    else:
        bench.finish()
        bench.finish()
    bench.tick()
    bench.wait(REPORT_S)
    again = {"on": 3, "hand": BEHIND[-1], "reported": 2, "delivered": 1}[where]
    if where == "reported":
        bench.finish()  # so that it is there when the answer comes
        again = 3
    bench.give(again)
    while bench.runs:
        bench.finish()

    assert len(bench.started()) == len(set(bench.started()))


def test_an_agent_that_asks_for_work_does_not_ask_twice(bench: Bench) -> None:
    """The shepherd says late that there was nothing to withdraw; two answers would start one job twice."""
    bench.tell(Unstarted(()))
    bench.tick()

    assert 1 == len(bench.sent)


def test_what_waits_behind_a_long_job_is_returned_unstarted(bench: Bench) -> None:
    """Wherever it waits, in the hand or with the shepherd; and each of them once."""
    bench.give(1, *BEHIND)
    assert bench.now_s + RETURN_S == bench.next_deadline()
    bench.wait(RETURN_S)
    returned = [each.claim for each in bench.message().returned]
    assert {1, *(each.claim.job for each in bench.runs)} <= {*bench.message().kept}
    bench.hear()
    bench.give()
    bench.tick()
    returned += [each.claim for each in bench.message().returned]
    bench.give()
    bench.wait(1.0)

    assert [claim(number) for number in BEHIND] == sorted(returned, key=lambda each: each.job)
    assert 1 == len(bench.runs)


def test_the_loop_wakes_for_what_waits_behind_a_long_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing else is due."""
    monkeypatch.setattr(work, "FIRST_BEAT_S", 100.0)
    bench.give(1, 2)

    assert bench.now_s + RETURN_S == bench.next_deadline()


def test_what_comes_while_the_shepherd_withdraws_is_returned_too(bench: Bench) -> None:
    """A message that wanted more was under way."""
    bench.give(1, 2, 3)
    bench.finish()
    bench.wait(REPORT_S)
    bench.message()
    bench.wait(RETURN_S)
    assert bench.is_withdrawing
    bench.give(4)
    bench.tick()

    assert (Returned(claim(4)),) == bench.message().returned
    assert [1, 2, 3] == bench.started()


def test_what_a_frozen_worker_has_in_its_hand_is_returned(bench: Bench) -> None:
    """Its leases may have ended meanwhile, and others may run the jobs."""
    bench.give(1, *BEHIND)
    bench.now_s += STALE_S + 0.1
    bench.finish()

    assert [1] == [each.job for each in sorted(bench.fates.begun, key=lambda each: each.job)]
    assert [*BEHIND] == sorted(each.claim.job for each in bench.message().returned)


def test_a_job_whose_forerunners_were_all_withdrawn_has_begun(bench: Bench) -> None:
    """Its heartbeats begin, and the log says so."""
    bench.give(1, *BEHIND)
    bench.end()
    bench._withdraw(keep=0)
    bench.hear()

    assert f"starting job {SHEPHERD_JOBS + 1}: 'run {SHEPHERD_JOBS + 1}' in '/home/ann'" in bench.said
    assert bench.agent.next_deadline() <= bench.now_s + FIRST_BEAT_S


# --- heartbeats and kills --------------------------------------------------------------------


def test_heartbeats_follow_each_other(bench: Bench) -> None:
    """The server parks one as long as all is well, so there is always one open."""
    bench.give(1)
    assert bench.now_s + FIRST_BEAT_S == bench.next_deadline()
    bench.wait(FIRST_BEAT_S)
    assert Heartbeat(claim(1)) == bench.asked(Heartbeat)
    bench.answer(Heartbeat, CarryOn())
    assert bench.next_deadline() <= bench.now_s
    bench.tick()

    assert Heartbeat(claim(1)) == bench.asked(Heartbeat)


def test_a_refused_heartbeat_waits_for_its_turn(bench: Bench) -> None:
    """Refusals must not go to and fro as fast as they can."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, Refused("set your clock"))
    bench.tick()
    assert {} == bench.open
    bench.wait(FOREVER.heartbeat_s)

    assert bench.asked(Heartbeat)


def test_a_kill_begins_as_it_is_wanted_and_ends_the_job(bench: Bench) -> None:
    """What the server has said is not said again, and the result tells of it."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    assert [Kill(claim(1), SIGTERM, FOREVER.kill_grace_s)] == bench.did(Kill)
    bench.tick()
    assert Heartbeat(claim(1), SIGTERM) == bench.asked(Heartbeat)
    bench.finish(signal=SIGTERM)

    assert [SIGTERM] == [each.told for each in bench.done if isinstance(each, Collect)]
    assert [Done(claim(1), Result(signal=SIGTERM, pid=7))] == list(bench.message().reports)
    assert "cancelling job 1: 'run 1' in '/home/ann'" in bench.said


def test_a_harder_kill_follows_a_gentle_one(bench: Bench) -> None:
    """A job may not mind the first."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    bench.tick()
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGKILL))

    assert [SIGTERM, SIGKILL] == bench.runs[0].signals


def test_a_lost_job_is_killed_and_its_result_forgotten(bench: Bench) -> None:
    """Another attempt may be running; the agent asks for other work."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))
    assert [Kill(claim(1), SIGKILL, 0.0)] == bench.did(Kill)
    bench.tick()
    assert {} == bench.open
    bench.finish(signal=SIGKILL)

    assert bench.asked(RequestForWork)
    assert [] == bench.did(Collect)
    assert "lost the lease of job 1: 'run 1' in '/home/ann'; killing it" in bench.said


def test_no_heartbeat_outlives_its_job(bench: Bench) -> None:
    """Its answer would be for nobody."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.finish()

    assert [FinishedWork] == [type(each) for each in bench.open.values()]


# --- outputs ---------------------------------------------------------------------------------


def test_output_that_grows_slowly_goes_ahead(bench: Bench) -> None:
    """`goq` shows it while the job runs; whoever writes nothing costs nothing."""
    bench.give(1)
    bench.wait(STREAM_EVERY_S)
    assert {} == bench.deliveries
    bench.has_output = True
    bench.wait(STREAM_EVERY_S)
    assert [claim(1)] == list(bench.deliveries)
    bench.finish()

    assert bench.deliveries[claim(1)].result == Result(pid=7)


def test_a_long_output_is_brought_before_anything_else_is_asked_for(bench: Bench) -> None:
    """And others get what waits behind it."""
    bench.is_long = True
    bench.give(1, *BEHIND)
    bench.finish()
    message = bench.message()

    assert bench.deliveries[claim(1)].is_reporting
    assert 0 == message.wants
    assert message.returned


def test_a_delivered_output_is_told_and_forgotten(bench: Bench) -> None:
    """Then comes other work."""
    bench.is_long = True
    bench.give(1)
    bench.finish()
    bench.brought(bench.deliveries[claim(1)].call, Orders(WORKER.id))

    assert {} == bench.deliveries
    assert bench.asked(RequestForWork)
    assert "done with job 1: 'run 1' in '/home/ann'" == bench.said[-1]


def test_a_heartbeat_beside_the_result_means_nothing(bench: Bench) -> None:
    """The server has answered it because the result is there."""
    bench.is_long = True
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.finish()
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))

    assert [claim(1)] == list(bench.deliveries)
    assert not any("lost the lease" in line for line in bench.said)


def test_an_output_that_nobody_wants_is_brought_no_further(bench: Bench) -> None:
    """The job is not ours any more."""
    bench.has_output = True
    bench.give(1)
    bench.wait(STREAM_EVERY_S)
    lost = Signal(claim(1), SIGKILL, lost=True)
    bench.brought(bench.deliveries[claim(1)].call, Orders(WORKER.id, signals=(lost,)))

    assert [Kill(claim(1), SIGKILL, 0.0)] == bench.did(Kill)
    assert 0 == bench.deliveries[claim(1)].call


def test_the_output_of_a_lost_job_is_brought_no_further(bench: Bench) -> None:
    """It is killed; until then it may write on."""
    bench.has_output = True
    bench.give(1)
    bench.wait(STREAM_EVERY_S)
    assert bench.deliveries[claim(1)].call
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))

    assert 0 == bench.deliveries[claim(1)].call


def test_the_output_of_a_lost_job_is_not_even_looked_at(bench: Bench) -> None:
    """It may take its time to die, and begin to write only now."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=True))
    bench.has_output = True
    bench.wait(STREAM_EVERY_S)

    assert {} == bench.deliveries


# --- reports that must outlive the worker ----------------------------------------------------


def test_a_report_that_is_not_taken_soon_goes_to_the_disk_until_it_is(bench: Bench) -> None:
    """Whoever comes after a dead worker inherits it."""
    bench.give(1)
    bench.finish()
    bench.wait(KEEP_AFTER_S)
    assert [claim(1)] == list(bench.disk)
    bench.give()

    assert {} == bench.disk
    assert [Unkeep(claim(1))] == bench.did(Unkeep)


def test_without_a_server_a_report_goes_to_the_disk_at_once(bench: Bench) -> None:
    """There is nobody to wait for."""
    bench.give(1)
    bench.connected(is_up=False)
    bench.finish()

    assert [claim(1)] == list(bench.disk)


def test_a_worker_that_must_go_keeps_all_at_once(bench: Bench) -> None:
    """There is no time to wait for the server."""
    bench.give(1, 2)
    bench.finish()
    bench.finish()
    bench.tell(NoTime())
    bench.tell(NoTime())

    assert [claim(1), claim(2)] == list(bench.disk)
    assert 2 == len(bench.did(Keep))


# --- leaving ---------------------------------------------------------------------------------


def test_an_idle_agent_says_goodbye_and_wants_no_answer_any_more(bench: Bench) -> None:
    """A job that was given to it now would wait for its lease."""
    bench.tell(Leave())
    assert [Goodbye(WORKER)] == list(bench.open.values())
    bench.answer(Goodbye, AckGoodbye())

    assert Phase.GONE is bench.agent.phase


def test_an_agent_that_leaves_hands_all_back(bench: Bench) -> None:
    """Its jobs are returned or left to the goodbye, and none begins any more."""
    bench.give(1, *BEHIND)
    bench.tell(Leave())
    assert [SIGTERM] == bench.runs[0].signals
    bench.tick()
    returned = [each.claim.job for each in bench.message().returned]
    bench.hear()
    bench.give()
    bench.tick()
    returned += [each.claim.job for each in bench.message().returned]
    bench.give()
    bench.finish(signal=SIGTERM)

    assert list(BEHIND) == sorted(returned)
    assert [Goodbye(WORKER)] == list(bench.open.values())
    assert "handing back job 1: 'run 1' in '/home/ann'" == bench.said[-1]


def test_a_job_that_began_before_the_shepherd_heard_is_killed_too(bench: Bench) -> None:
    """The shepherd had gone on with the next one."""
    bench.give(1, 2)
    bench.end()
    bench.tell(Leave())
    bench.hear()

    assert [SIGTERM] == bench.runs[0].signals


def test_what_was_to_be_killed_is_told_by_a_leaving_agent_too(bench: Bench) -> None:
    """It is not to run again."""
    bench.give(1)
    bench.wait(FIRST_BEAT_S)
    bench.answer(Heartbeat, CancelWip(JobId(1), lost=False, signal=SIGTERM))
    bench.tell(Leave())
    bench.finish(signal=SIGTERM)

    assert [1] == [each.claim.job for each in bench.message().reports]


def test_an_agent_whose_life_is_over_says_so(bench: Bench) -> None:
    """What it hands back then has outlived it, which is no matter of somebody who stops a worker."""
    bench.give(1)
    bench.tell(Leave(outlived=True))
    bench.finish(signal=SIGTERM)

    assert [Goodbye(WORKER, outlived=True)] == list(bench.open.values())


def test_a_late_result_is_told_as_refused(bench: Bench) -> None:
    """Short or long: it came to nothing."""
    bench.give(1)
    bench.finish()
    bench.answer(FinishedWork, AckFinished((JobId(1),)))
    bench.is_long = True
    bench.give(2)
    bench.finish()
    bench.brought(bench.deliveries[claim(2)].call, Orders(WORKER.id, (claim(2),)))
    refused = [line for line in bench.said if line.startswith("too late, and refused: the result of job ")]

    assert 2 == len(refused)
    assert not any(line.startswith("done with") for line in bench.said)


def test_a_leaving_agent_tells_what_has_ended_first(bench: Bench) -> None:
    """A result is not lost because somebody stops the worker."""
    bench.give(1)
    bench.finish(exit_code=3)
    bench.tell(Leave())
    assert [1] == [each.claim.job for each in bench.message().reports]
    bench.give(2)

    assert [1] == bench.started()
    assert [Goodbye(WORKER)] == list(bench.open.values())


def test_who_is_told_to_exit_goes_when_its_report_is_taken(bench: Bench) -> None:
    """`goq immolateworkers` lets each run its job to the end."""
    bench.give(1)
    bench.finish()
    bench.answer(FinishedWork, AckFinished())
    bench.answer(RequestForWork, ShutdownWorker())

    assert Phase.GONE is bench.agent.phase
    assert ["done with job 1", "vanishing in a "] == [line[:15] for line in bench.said[1:]]


# --- shepherds -------------------------------------------------------------------------------


def test_a_shepherd_that_was_killed_takes_one_job_along(bench: Bench) -> None:
    """Those that waited in it had not begun, and go back."""
    bench.give(1, 2, 3)
    bench.die()
    bench.hear()
    bench.tick()
    message = bench.message()

    assert [(1, SIGKILL)] == [(each.claim.job, each.result.signal) for each in message.reports]
    assert (Returned(claim(2)), Returned(claim(3))) == message.returned


def test_a_shepherd_that_dies_while_it_withdraws_is_followed_by_one_that_works(bench: Bench) -> None:
    """What was asked of the dead one is not waited for."""
    bench.give(1, 2)
    bench.wait(RETURN_S)
    bench.unheard.clear()  # it was killed before it said so
    bench.die()
    bench.hear()
    bench.tick()
    bench.give()
    bench.give(3)

    assert [1, 2, 3] == bench.started()


# --- whose it is -----------------------------------------------------------------------------------


def test_an_agent_is_bound_from_its_first_job_to_the_last_word_about_it() -> None:
    """What it has to tell is its queue's, as is the job."""
    bench = Bench()
    bound = [bench.agent.is_bound]
    bench.give(1)
    bound.append(bench.agent.is_bound)
    bench.finish()
    bench.wait(1.0)
    bound.append(bench.agent.is_bound)
    bench.answer(FinishedWork, AckFinished())
    bound.append(bench.agent.is_bound)

    assert [False, True, True, False] == bound
