"""A place with several jobs: what runs, what is reported, and what goes back to the server."""

import os
import select
import signal
import time

import pytest
from adapters.until import wait_until
from epochs import EPOCH

from goq.core.messages import AckGoodbye, AckOutput, Done, Goodbye, Orders, OutputChunk, Refused, Report
from goq.core.values.ids import JobId, worker_of
from goq.core.values.job import Claim
from goq.core.values.result import INLINE_OUTPUT_BYTES, SIGTERM
from goq.core.worker.agent import Phase
from goq.core.worker.attempts import SHEPHERD_JOBS
from goq.core.worker.events import Leave
from goq.core.worker.rules import FIRST_BEAT_S, STALE_S
from goq.core.worker.talk import (
    AckFinished,
    CancelWip,
    CarryOn,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    ShutdownWorker,
)
from roles.bench import FOREVER, WORKER, Bench

BEHIND = tuple(range(2, SHEPHERD_JOBS + 4))  # jobs behind the first, some of them still in the hand


def numbers(finished: FinishedWork) -> list[int]:
    """The jobs that are reported."""
    return [report.claim.job for report in finished.reports]


# --- several jobs ----------------------------------------------------------------------------


def test_jobs_of_one_answer_run_one_after_the_other_and_are_reported(bench: Bench) -> None:
    """Each with its own output and exit code, and none of them twice."""
    scripts = {number: f"echo {number} | tee -a log; exit {number}" for number in (1, 2, 3, 4, 5)}
    bench.begin(*(bench.job(number, script) for number, script in scripts.items()))
    reports: list[Done] = []
    returned: list[Claim] = []
    while len(reports) + len(returned) < 5:
        asked, told = bench.tells()
        reports += told.reports
        returned += [each.claim for each in told.returned]
        bench.answer(asked, AckFinished())
    bench.asks(RequestForWork)

    assert [1, 2, 3, 4, 5] == [
        *(each.claim.job for each in reports),
        *sorted(claim.job for claim in returned),
    ]
    assert all(each.result.exit_code == each.claim.job for each in reports)
    assert all(each.result.output.startswith(b"%d\n" % each.claim.job) for each in reports)
    assert [each.claim.job for each in reports] == [
        int(line) for line in (bench.home / "log").read_text().split()
    ]


def test_a_message_names_what_the_place_still_has(bench: Bench) -> None:
    """In the hand, with the shepherd, or on: so that the server knows what it lacks."""
    bench.begin(bench.job(1, "exit 1"), *(bench.job(number, FOREVER) for number in BEHIND))
    _, told = bench.tells()
    there = {*numbers(told), *told.kept, *(each.claim.job for each in told.returned)}

    assert {1, *BEHIND} == there
    assert len(there) == len(told.reports) + len(told.kept) + len(told.returned)


@pytest.mark.parametrize("waiting", [(2, 3), BEHIND])
def test_what_waits_behind_a_long_job_is_returned_unstarted(bench: Bench, waiting: tuple[int, ...]) -> None:
    """Wherever it waits, in the hand or with the shepherd; and each of them once."""
    bench.begin(bench.job(1, FOREVER), *(bench.job(number, "touch begun") for number in waiting))
    returned: list[Claim] = []
    while len(returned) < len(waiting):
        asked, told = bench.tells()
        assert () == told.reports
        assert 1 in told.kept
        returned += [each.claim for each in told.returned]
        bench.answer(asked, AckFinished())

    assert [Claim(EPOCH, JobId(number), 1, WORKER.id) for number in waiting] == sorted(
        returned, key=lambda it: it.job
    )
    assert not bench.has("begun")


def test_what_a_frozen_place_has_in_its_hand_is_returned(bench: Bench) -> None:
    """Its leases may have ended meanwhile, and others may run the jobs."""
    first = "touch on; while [ ! -e go ]; do sleep 0.01; done"
    bench.begin(bench.job(1, first), *(bench.job(number, "touch begun") for number in BEHIND))
    bench.until(lambda: len(bench.place.agent._attempts._hand), "a hand")
    wait_until(lambda: bench.has("on"), "the first job")
    since_s = time.monotonic() + 0.2  # the shepherd has read of the others meanwhile
    wait_until(lambda: time.monotonic() > since_s + STALE_S, "a long time without a turn")
    (bench.home / "go").touch()
    wait_until(lambda: select.select([bench.place.executor], [], [], 0)[0], "the end of the first job")
    returned: list[int] = []
    while len(returned) < len(BEHIND):
        asked, told = bench.tells()
        returned += [each.claim.job for each in told.returned]
        bench.answer(asked, AckFinished())

    assert list(BEHIND) == sorted(returned)
    assert not bench.has("begun")


def test_a_long_output_goes_alone_and_holds_nothing_up(bench: Bench) -> None:
    """Others may run what waits behind it; the result follows the last piece."""
    size = INLINE_OUTPUT_BYTES + 10
    bench.begin(bench.job(1, f"head -c {size} /dev/zero"), bench.job(2, "exit 4"))
    ended: dict[int, FinishedWork] = {}
    while len(ended) < 2:
        asked = bench.next_question()
        match asked.question:
            case OutputChunk(_, offset, data):
                bench.answer(asked, AckOutput(offset + len(data)))
            case Report(ended=(done,)):
                ended |= {done.claim.job: FinishedWork(done.claim.worker, (done,))}
                bench.answer(asked, Orders(worker_of(done.claim.worker)))
            case FinishedWork() as told:
                ended |= dict.fromkeys([*numbers(told), *(each.claim.job for each in told.returned)], told)
                bench.answer(asked, AckFinished())

    assert [1] == numbers(ended[1])
    assert (size, True) == (ended[1].reports[0].result.output_length, ended[1].reports[0].result.streamed)


def test_while_a_result_is_refused_its_job_keeps_its_lease(bench: Bench) -> None:
    """Beside a result there are no heartbeats; until it is sent again there are."""
    bench.begin(bench.job(1, f"head -c {INLINE_OUTPUT_BYTES + 10} /dev/zero"))
    while not isinstance((asked := bench.next_question()).question, Report):
        match asked.question:
            case OutputChunk(_, offset, data):
                bench.answer(asked, AckOutput(offset + len(data)))
            case Heartbeat():
                bench.answer(asked, CarryOn())
    later_s = time.monotonic() + 2 * FIRST_BEAT_S
    bench.until(lambda: time.monotonic() > later_s, "a heartbeat would have been due")
    assert asked is bench.asked[-1]
    bench.answer(asked, Refused("the disk is full"))

    assert bench.asks(Heartbeat)


# --- jobs that are killed, lost or handed back -----------------------------------------------


def test_a_kill_hits_the_job_that_it_is_for(bench: Bench) -> None:
    """The one after it runs."""
    bench.begin(bench.job(1, FOREVER))
    bench.answer(bench.asks(Heartbeat), CancelWip(JobId(1), lost=False, signal=SIGTERM))
    asked, told = bench.tells()
    bench.answer(asked, AckFinished((), (bench.job(2, "exit 3"),)))

    assert [(1, signal.SIGTERM)] == [(each.claim.job, each.result.signal) for each in told.reports]
    assert [2] == numbers(bench.tells()[1])


def test_a_lost_job_is_killed_and_its_result_forgotten(bench: Bench) -> None:
    """Another attempt may be running; the place asks for other work."""
    bench.begin(bench.job(1, FOREVER))
    bench.answer(bench.asks(Heartbeat), CancelWip(JobId(1), lost=True))

    assert bench.asks(RequestForWork)
    assert any("lost the lease of job 1" in line for line in bench.said)


def test_a_place_that_leaves_hands_all_back(bench: Bench) -> None:
    """Its jobs are returned or left to the goodbye, and none begins any more."""
    jobs = [bench.job(1, f"touch on; {FOREVER}"), *(bench.job(at, "touch begun") for at in BEHIND)]
    bench.begin(*jobs)
    bench.until(lambda: bench.has("on"), "a job")
    bench.place.tell(Leave())
    returned: list[int] = []
    asked = bench.next_question()
    while not isinstance(asked.question, Goodbye):
        if isinstance(asked.question, FinishedWork):
            assert (0, ()) == (asked.question.wants, asked.question.reports)
            returned += [each.claim.job for each in asked.question.returned]
            bench.answer(asked, AckFinished())
        asked = bench.next_question()
    bench.answer(asked, AckGoodbye())
    bench.until(lambda: bench.place.agent.phase is Phase.GONE, "the end")

    assert list(BEHIND) == sorted(returned)
    assert not bench.has("begun")


def test_a_place_that_leaves_kills_the_job_that_has_just_begun(bench: Bench) -> None:
    """The shepherd had gone on with the next one before it heard of it."""
    bench.begin(bench.job(1, "sleep 0.02"), bench.job(2, f"touch on; {FOREVER}"))
    bench.until(lambda: len(bench.place._runs) == 2, "both jobs with the shepherd")
    wait_until(lambda: bench.has("on"), "the second job")  # and no turn of the place meanwhile
    began = time.monotonic()
    bench.place.tell(Leave())
    asked = bench.next_question()
    while not isinstance(asked.question, Goodbye):
        if isinstance(asked.question, FinishedWork):
            bench.answer(asked, AckFinished())
        asked = bench.next_question()
    bench.answer(asked, AckGoodbye())
    bench.until(lambda: bench.place.agent.phase is Phase.GONE, "the end")

    assert time.monotonic() - began < 5.0


def test_a_shepherd_that_was_killed_takes_one_job_along(bench: Bench) -> None:
    """Those that waited in it had not begun, and go back."""
    jobs = [bench.job(1, f"echo $$ > pid; {FOREVER}"), *(bench.job(at, "touch begun") for at in (2, 3))]
    bench.begin(*jobs)
    wait = bench.home / "pid"
    bench.until(lambda: bench.has("pid") and wait.read_text().endswith("\n"), "a job")
    os.kill(bench.place.executor.pid, signal.SIGKILL)
    messages: list[FinishedWork] = []
    while not any(message.reports for message in messages):
        asked, told = bench.tells()
        messages.append(told)
        bench.answer(asked, AckFinished())
    os.kill(int(wait.read_text()), signal.SIGKILL)  # a worker kills what its shepherd has left

    (report,) = messages[-1].reports
    assert (1, signal.SIGKILL, "its shepherd was killed") == (
        report.claim.job,
        report.result.signal,
        report.result.problem,
    )
    assert {2, 3} == {each.claim.job for message in messages for each in message.returned}
    assert not bench.has("begun")


def test_a_place_that_is_told_to_exit_does(bench: Bench) -> None:
    """With its last report confirmed."""
    bench.begin(bench.job(1, "exit 3"))
    asked, told = bench.tells()
    bench.answer(asked, AckFinished())
    bench.answer(bench.asks(RequestForWork), ShutdownWorker())
    bench.until(lambda: bench.place.agent.phase is Phase.GONE, "the end")

    assert [1] == numbers(told)
    assert any("puff of smoke" in line for line in bench.said)


def test_a_script_is_there_while_its_job_is_and_no_longer(bench: Bench) -> None:
    """Its text is what was submitted."""
    text = b"#!/bin/sh -e\ncat $0 > copy; stat -c %a $0; false; echo on\n"
    bench.begin(bench.job(1, "", taken=text))
    bench.lend(text)
    _, told = bench.tells()
    (report,) = told.reports

    assert 1 == report.result.exit_code
    assert report.result.output.startswith(b"400\ngoq: job 1: ")
    assert b"#!/bin/sh -e\ncat $0" == (bench.home / "copy").read_bytes()[:19]
    assert [] == list(bench.folder.path.glob("*.script"))


def test_a_script_that_has_no_room_is_trouble_of_the_node(bench: Bench) -> None:
    """Another one has it."""
    (bench.folder.path / "1.1.script").mkdir()
    bench.begin(bench.job(1, "", taken=b"true"))
    bench.lend(b"true")
    _, told = bench.tells()
    (returned,) = told.returned

    assert ("node", "cannot write what was taken along for the job: Is a directory") == (
        returned.trouble,
        returned.problem,
    )
