"""Refusals, the administrator's questions, and what people are shown."""

import pytest
from ledger import Place
from msgspec.structs import replace
from rig import ONCE_ONLY, START_NS, WINDOW_S, Rig, submission, worker

from goq.core.dispatch.freshness import NS_PER_S, FreshnessGate
from goq.core.messages import (
    AckGoodbye,
    AckImmolate,
    AckReset,
    AckShutdownServer,
    AckSubmit,
    Cancel,
    Done,
    Goodbye,
    ImmolateWorkers,
    Observe,
    Question,
    Refused,
    Reset,
    ShutdownServer,
    TakeSnapshot,
)
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.result import Result
from goq.core.worker.talk import FinishedWork, Heartbeat, RequestForWork, ShutdownWorker

ONCE_ONLY_QUESTIONS: list[Question] = [
    Goodbye(worker("w1")),
    ShutdownServer(),
    ImmolateWorkers(),
    Reset(),
]
OTHER_QUESTIONS: list[Question] = [
    submission(),
    Cancel(JobId(1)),
    Observe(JobId(1)),
    TakeSnapshot(1),
]

# --- freshness -------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ONCE_ONLY_QUESTIONS + OTHER_QUESTIONS)
def test_an_old_request_is_refused_and_changes_nothing(rig: Rig, question: Question) -> None:
    """Whoever captured a message must not be able to use it later."""
    rig.submit()
    request = rig.request(question)
    rig.jump(WINDOW_S + 15)
    story = list(rig.story)

    assert Refused("your clock is 75 s behind the server's; set it") == rig.deliver(request)
    assert story == rig.story
    assert 1 == rig.snapshot().counters["badNonceCount"]


def test_a_request_from_the_future_is_refused(rig: Rig) -> None:
    """It would stay usable for long; its sender must learn which clock is wrong, and by how much."""
    rig.jump(200)
    ahead = rig.request(Reset())
    rig.now = Now(rig.now.attended_s, rig.now.wall_ns - 90 * NS_PER_S)

    assert Refused("your clock is 90 s ahead of the server's; set it") == rig.deliver(ahead)


@pytest.mark.parametrize(("age_s", "timely"), [(0, True), (60, True), (61, False), (-60, True), (-61, False)])
def test_a_request_is_timely_inside_the_window(rig: Rig, age_s: int, timely: bool) -> None:
    """A peer who has sent nothing timely may be somebody with a recording."""
    request = replace(rig.request(TakeSnapshot(1)), sent_ns=rig.now.wall_ns - age_s * NS_PER_S)

    assert timely == rig.dispatcher.gate.is_fresh(request.sent_ns, rig.now)


@pytest.mark.parametrize("question", ONCE_ONLY_QUESTIONS)
def test_a_once_only_request_from_before_the_start_is_refused(rig: Rig, question: Question) -> None:
    """The server before this one may have done it already, and forgot that it did."""
    request = rig.request(question)
    rig.restart(downtime_s=1)

    expected = Refused("the request was sent before this server started; send it again")
    assert expected == rig.deliver(request)
    assert 1 == rig.snapshot().counters["badNonceCount"]


def test_a_request_that_may_be_repeated_is_welcome_after_a_restart(rig: Rig) -> None:
    """The submitter was waiting for its answer when the server died."""
    request = rig.request(submission())
    rig.restart(downtime_s=1)

    assert AckSubmit(JobId(1), JobId(1)) == rig.deliver(request)


@pytest.mark.parametrize("question", ONCE_ONLY_QUESTIONS)
def test_a_once_only_request_that_is_repeated_gets_silence(rig: Rig, question: Question) -> None:
    """The first copy has its answer or will get it; a second effect would do harm."""
    assert isinstance(question, ONCE_ONLY)
    request = rig.send(question)
    rig.submit()

    assert rig.deliver(rig.copy(request, peer=2)) is None
    assert 1 == rig.snapshot().counters["badNonceCount"]


def test_a_gate_that_is_full_refuses_and_says_what_to_do() -> None:
    """Memory is bounded; whoever is refused may come back."""
    rig = Rig(gate=FreshnessGate(WINDOW_S, Now(100.0, START_NS), limit=1))
    first = rig.send(Goodbye(worker("w1")))
    refused = rig.send(Goodbye(worker("w2")))

    expected = Refused("the server has more requests to remember than it can; try again in a minute")
    assert expected == rig.answer_to(refused)
    rig.jump(2 * WINDOW_S + 1)
    assert AckGoodbye() == rig.answer_to(first)
    assert AckGoodbye() == rig.goodbye("w2")


# --- the administrator -----------------------------------------------------------------------


def test_a_shutdown_stops_the_server_and_keeps_the_jobs(rig: Rig) -> None:
    """The next server finds them in the journal."""
    rig.submit(2)
    rig.delegate("w1")

    assert AckShutdownServer() == rig.ask(ShutdownServer())
    assert rig.turns[-1].stop
    assert () == rig.turns[-1].records


def test_only_a_shutdown_stops_the_server(rig: Rig) -> None:
    """Not even a refused one."""
    old = rig.request(ShutdownServer())
    rig.submit()
    rig.jump(100)
    rig.deliver(old)

    assert not any(turn.stop for turn in rig.turns)


def test_idle_workers_are_told_to_exit_at_once(rig: Rig) -> None:
    """Their open request for work is answered with it."""
    first, second = rig.want_work("w1"), rig.want_work("w2")

    assert AckImmolate(2) == rig.ask(ImmolateWorkers())
    assert ShutdownWorker() == rig.answer_to(first)
    assert ShutdownWorker() == rig.answer_to(second)
    assert 0 == rig.snapshot().counters["waitingWorkers"]


def test_a_busy_worker_is_told_to_exit_after_its_job(rig: Rig) -> None:
    """Its work is not thrown away, and the next job is not for it."""
    rig.submit(2)
    held = rig.delegate("w1")

    assert AckImmolate(1) == rig.ask(ImmolateWorkers())
    assert Place.RUNNING is rig.where(1)
    assert ShutdownWorker() == rig.finish(held, wants=1)
    assert Place.ENDED is rig.where(1)
    assert [2] == rig.waiting()


def test_a_worker_that_is_lost_is_not_told_to_exit_when_it_comes_back(rig: Rig) -> None:
    """Nobody knew of it any more."""
    rig.submit()
    rig.delegate("w1")
    rig.ask(ImmolateWorkers())
    rig.pass_time(60)

    assert rig.delegate("w1")


def test_a_worker_whose_delegation_was_lost_runs_its_job_before_it_exits(rig: Rig) -> None:
    """It was busy when the workers were told to exit, as far as the server knew."""
    rig.submit()
    held = rig.delegate("w1")
    rig.ask(ImmolateWorkers())

    assert held == rig.delegate("w1")
    assert ShutdownWorker() == rig.finish(held)


def test_a_worker_is_told_to_exit_until_it_says_goodbye(rig: Rig) -> None:
    """An answer may be lost."""
    rig.submit(2)
    held = rig.delegate("w1")
    rig.ask(ImmolateWorkers())

    assert ShutdownWorker() == rig.finish(held)
    assert ShutdownWorker() == rig.answer_to(rig.want_work("w1"))
    assert AckGoodbye() == rig.goodbye("w1")
    assert [2] == rig.waiting()


def test_what_a_worker_said_before_its_goodbye_means_nothing_after_it(rig: Rig) -> None:
    """A report that arrives late would be given a job that nobody runs."""
    late = rig.request(RequestForWork(worker("w1"), 20.0))
    rig.goodbye("w1")
    rig.submit()

    assert rig.deliver(late) is None
    assert [1] == rig.waiting()


def test_a_report_from_before_the_start_is_heard_and_given_nothing(rig: Rig) -> None:
    """It may be an old one that is repeated; what its worker has it keeps."""
    rig.submit(2)
    held = rig.delegate("w1")
    beat, ask = rig.request(Heartbeat(held)), rig.request(RequestForWork(worker("w2"), 20.0))
    rig.restart(downtime_s=1)

    assert (None, None) == (rig.deliver(beat), rig.deliver(ask))
    assert [2] == rig.waiting()
    assert JobId(2) == rig.delegate("w2").job


def test_workers_that_come_later_are_not_told_to_exit(rig: Rig) -> None:
    """The order was for those who were there."""
    rig.ask(ImmolateWorkers())

    assert rig.answer_to(rig.want_work("w1")) is None


def test_a_reset_forgets_counters_and_the_finished_but_no_job(rig: Rig) -> None:
    """What waits and runs is nobody's history."""
    rig.submit(4)
    rig.finish(rig.delegate("w1"))
    rig.cancel(2)
    rig.delegate("w2")

    assert AckReset() == rig.ask(Reset())
    snapshot = rig.snapshot()
    assert (0, 0) == (snapshot.counters["finishedJobsCount"], snapshot.counters["cancelledJobCount"])
    assert () == snapshot.finished
    assert (1, 1) == (len(snapshot.running), len(snapshot.waiting))
    assert [5] == rig.submit()


# --- what people see -------------------------------------------------------------------------


def test_a_snapshot_shows_all_places_in_order(rig: Rig) -> None:
    """Running and waiting by id, finished with the latest first."""
    rig.submit(8)
    rig.finish(rig.delegate("w1"), exit_code=3)
    rig.finish(rig.delegate("w1"))
    second, first = rig.delegate("w2"), rig.delegate("w3")
    rig.goodbye("w2")
    rig.delegate("w4")
    rig.cancel(first.job)
    rig.want_work("w4")

    snapshot = rig.snapshot()
    assert [second.job, first.job] == [row.job.id for row in snapshot.running]
    assert [(False, worker("w4")), (True, worker("w3"))] == [
        (row.cancelling, row.worker) for row in snapshot.running
    ]
    assert [5, 6, 7, 8] == [job.id for job in snapshot.waiting]
    assert [2, 1] == [row.ended.job for row in snapshot.finished]
    assert [0, 3] == [row.ended.status for row in snapshot.finished]


def test_a_snapshot_shows_no_more_than_asked_and_counts_all(rig: Rig) -> None:
    """A list of a million jobs is of no use to anybody."""
    rig.submit(6)
    for name in ("w1", "w2"):
        rig.finish(rig.delegate(name))
        rig.delegate(name)

    snapshot = rig.snapshot(max_show=1)
    assert [2] == [row.job.id for row in snapshot.running]
    assert [5] == [job.id for job in snapshot.waiting]
    assert [3] == [row.ended.job for row in snapshot.finished]
    assert (2, 2, 2) == tuple(
        snapshot.counters[key] for key in ("runQlen", "waitingJobs", "finishedJobsCount")
    )


@pytest.mark.parametrize("max_show", [0, -1])
def test_a_snapshot_of_nothing_shows_nothing(rig: Rig, max_show: int) -> None:
    """A negative number must not show all but one."""
    rig.submit(3)
    rig.finish(rig.delegate("w1"))
    rig.delegate("w1")

    snapshot = rig.snapshot(max_show)
    assert ((), (), ()) == (snapshot.running, snapshot.waiting, snapshot.finished)


def test_counters_come_in_their_order_with_newer_ones_last(rig: Rig) -> None:
    """Scripts have read these lines for years."""
    expected = [
        "runQlen",
        "waitingJobs",
        "waitingWorkers",
        "finishedJobsCount",
        "droppedBadSigCount",
        "cancelledJobCount",
        "lostJobCount",
        "nextJobId",
        "badNonceCount",
        "badMessageCount",
        "staleResultCount",
        "jservPid",
        "failedJobsCount",
        "skippedJobCount",
        "workerCount",
        "deniedCount",
        "pausedHosts",
        "shutFolders",
    ]

    assert expected == list(rig.snapshot().counters)


def test_a_finished_job_is_kept_without_its_output(rig: Rig) -> None:
    """The output is in its file; a thousand of them would fill the memory."""
    rig.submit()
    result = Result(output=b"x" * 100, output_length=100)
    rig.ask(FinishedWork(WorkerId("w1"), (Done(rig.delegate("w1"), result),)))

    ended = rig.state.ended(JobId(1))
    assert ended is not None
    assert (b"", 100) == (ended.result.output, ended.result.output_length)
