"""Jobs and workers: submission, delegation, results, in the simplest order of events."""

import pytest
from epochs import EPOCH
from ledger import Place
from msgspec.structs import replace
from rig import START_NS, Rig, claim, reports_of, submission, worker
from submissions import submitted_of

from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages import (
    AckOutput,
    AckSubmit,
    Orders,
    Question,
    Request,
    Signal,
    Snapshot,
    TakeSnapshot,
)
from goq.core.state.records import JobDelegated, JobFinished, JobsSubmitted
from goq.core.state.state import State
from goq.core.values.blobs import blob_of
from goq.core.values.ids import Handle, JobId, Nonce, Now, WorkerId
from goq.core.values.job import Claim, Job, Origin, Worker
from goq.core.values.result import SIGKILL, Ending
from goq.core.values.terms import Terms
from goq.core.worker.talk import AckFinished, DelegateToWorker, FinishedWork, RequestForWork

# --- submission ------------------------------------------------------------------------------


def test_ids_start_at_one_and_grow_by_one(rig: Rig) -> None:
    """People type these numbers, and find their output by them."""
    assert AckSubmit(JobId(1), JobId(1)) == rig.ask(submission(1))
    assert AckSubmit(JobId(2), JobId(4)) == rig.ask(submission(3))
    assert [1, 2, 3, 4] == rig.waiting()


def test_a_submission_is_recorded_as_it_was_made(rig: Rig) -> None:
    """The job must run in the submitter's folder with the submitter's environment."""
    request = rig.send(submission(2))
    asked = submission(2)
    origin = Origin(asked.folder, asked.environment, asked.submitter)

    at_ns = rig.now.wall_ns
    expected = submitted_of(1, request.nonce, asked.lines, origin, asked.terms, at_ns)
    assert expected == rig.story[-1]
    assert 2 == len(rig.story)


def test_a_submission_that_arrives_twice_queues_once(rig: Rig) -> None:
    """Sockets resend by themselves when an answer is late."""
    request = rig.send(submission(2))

    assert AckSubmit(JobId(1), JobId(2)) == rig.deliver(rig.copy(request, peer=2))
    assert [1, 2] == rig.waiting()


def test_a_submission_that_arrives_again_after_a_restart_queues_once(rig: Rig) -> None:
    """A client whose answer was lost with the server asks the next one."""
    request = rig.send(submission(2))
    rig.restart(from_checkpoint=True)

    assert AckSubmit(JobId(1), JobId(2)) == rig.deliver(rig.copy(request, peer=2))
    assert [1, 2] == rig.waiting()


def test_a_submission_is_recorded_with_all_that_was_asked_for(rig: Rig) -> None:
    """Another name for its folder, and the umask of its files."""
    asked = replace(submission(1, Terms(umask=0o007)), physical=b"/disk1/ann", script=rig.has(b"true"))
    rig.ask(asked)
    recorded = rig.story[-1]

    assert isinstance(recorded, JobsSubmitted)
    assert asked.origin == recorded.submission.origin
    assert b"/disk1/ann" == recorded.submission.origin.physical
    assert blob_of(b"true") == recorded.submission.origin.script
    assert 0o007 == recorded.submission.terms.umask


def test_people_are_told_where_outputs_go() -> None:
    """With the answer to a submission, to one that was sent again, and in a snapshot."""
    now = Now(0.0, START_NS)
    gate = FreshnessGate(60.0, Now(0.0, START_NS - 1))
    dispatcher = Dispatcher(State(), gate, Rules(), {}, b"/srv/o")

    def told(question: Question, nonce: bytes) -> object:
        request = Request(Handle(1, nonce), Nonce(nonce * 16), START_NS, question)
        (reply,) = dispatcher.handle(request, now).replies
        return reply.answer

    keyed = submission(1, Terms(unique="nightly"))
    first = AckSubmit(JobId(1), JobId(1), outputs=b"/srv/o")
    snapshot = told(TakeSnapshot(0), b"s")

    assert [first, first] == [told(keyed, b"a"), told(keyed, b"a")]
    assert replace(first, existed=True) == told(keyed, b"b")
    assert isinstance(snapshot, Snapshot)
    assert b"/srv/o" == snapshot.outputs


# --- delegation ------------------------------------------------------------------------------


def test_a_worker_that_waits_gets_the_next_job_at_once(rig: Rig) -> None:
    """Nobody polls: the answer to an open request is the job."""
    request = rig.want_work("w1")
    assert rig.answer_to(request) is None
    rig.submit()

    asked = submission(1)
    origin = Origin(asked.folder, asked.environment, asked.submitter)
    job = Job(JobId(1), asked.argv, origin, rig.now.wall_ns, attempts=1, epoch=EPOCH)
    assert DelegateToWorker((job,)) == rig.answer_to(request)
    assert JobDelegated(claim(1, 1, "w1"), worker("w1"), rig.now.wall_ns) == rig.story[-1]


def test_jobs_are_delegated_in_the_order_of_their_ids(rig: Rig) -> None:
    """First in, first out."""
    rig.submit(3)

    assert [1, 2, 3] == [rig.delegate(name).job for name in ("w1", "w2", "w3")]


def test_one_submission_feeds_all_idle_workers(rig: Rig) -> None:
    """A job that waits while a worker is idle is time that somebody pays for."""
    requests = [rig.want_work(name) for name in ("w2", "w1", "w3")]
    rig.submit(2)

    assert claim(1, 1, "w2") == rig.claim_in(rig.answer_to(requests[0]))
    assert claim(2, 1, "w1") == rig.claim_in(rig.answer_to(requests[1]))
    assert rig.answer_to(requests[2]) is None


def test_a_worker_that_asks_again_keeps_its_turn_and_is_answered_once(rig: Rig) -> None:
    """One worker has one place in the line, and runs one job."""
    old = rig.want_work("w1")
    other = rig.want_work("w2")
    new = rig.want_work("w1")
    rig.submit(2)

    assert rig.answer_to(old) is None
    assert claim(1, 1, "w1") == rig.claim_in(rig.answer_to(new))
    assert claim(2, 1, "w2") == rig.claim_in(rig.answer_to(other))


def test_a_worker_whose_answer_was_lost_gets_the_same_claim_again(rig: Rig) -> None:
    """It runs nothing, so the attempt that it was given has not begun."""
    rig.submit(2)
    first = rig.delegate("w1")
    record_count = len(rig.story)

    assert first == rig.delegate("w1")
    assert record_count == len(rig.story)
    assert [2] == rig.waiting()


def test_asking_again_renews_the_lease(rig: Rig) -> None:
    """The job begins now, not when the lost answer was sent."""
    rig.submit()
    rig.delegate("w1")
    rig.pass_time(50)
    rig.delegate("w1")
    rig.pass_time(50)

    assert Place.RUNNING is rig.where(1)


def test_a_worker_s_request_is_remembered_and_its_copy_dropped(rig: Rig) -> None:
    """A resent request for work must not take a second job."""
    rig.submit(2)
    request = rig.want_work("w1")
    rig.finish(rig.claim_in(rig.answer_to(request)))

    assert rig.deliver(request) is None
    assert [2] == rig.waiting()


def test_a_worker_whose_connection_closed_gets_no_job(rig: Rig) -> None:
    """The job would lie idle until the lease ends."""
    gone = rig.want_work("w1", peer=1)
    there = rig.want_work("w2", peer=2)
    rig.peer_gone(1)
    rig.submit()

    assert rig.answer_to(gone) is None
    assert claim(1, 1, "w2") == rig.claim_in(rig.answer_to(there))


def test_two_workers_under_one_id_cannot_stop_the_server(rig: Rig) -> None:
    """A copied worker is its owner's mistake, and must stay its owner's trouble."""
    first = rig.want_work("w1")
    twin = rig.send(RequestForWork(Worker(WorkerId("w1"), "another host", 2), 20.0))
    rig.submit(2)

    held = rig.claim_in(rig.answer_to(twin))
    assert rig.answer_to(first) is None
    assert AckFinished() == rig.finish(held)
    assert [2] == rig.waiting()


# --- results ---------------------------------------------------------------------------------


def test_a_result_ends_the_job(rig: Rig) -> None:
    """What the worker reports is what is recorded."""
    rig.submit()
    held = rig.delegate("w1")

    assert AckFinished() == rig.finish(held, exit_code=3)
    assert Place.ENDED is rig.where(1)
    last = rig.story[-1]
    assert isinstance(last, JobFinished)
    assert (1, Ending.FINISHED, 3) == (last.ended.attempt, last.ended.ending, last.ended.status)


def test_a_result_can_bring_the_next_job(rig: Rig) -> None:
    """One round trip a job, not two."""
    rig.submit(3)
    first = rig.delegate("w1")
    rig.delegate("w2")

    assert claim(3, 1, "w1") == rig.claim_in(rig.finish(first, wants=1))


def test_the_next_job_is_given_only_to_a_worker_that_wants_one(rig: Rig) -> None:
    """A worker that is about to leave must not be left with a job."""
    rig.submit(2)

    assert AckFinished() == rig.finish(rig.delegate("w1"))
    assert [2] == rig.waiting()


def test_a_worker_that_wants_more_is_told_when_there_is_none(rig: Rig) -> None:
    """It then asks, and waits."""
    rig.submit()

    assert AckFinished() == rig.finish(rig.delegate("w1"), wants=1)


def test_a_result_that_arrives_twice_counts_once_and_is_accepted_twice(rig: Rig) -> None:
    """The worker whose answer was lost must learn that its result is safe."""
    rig.submit(2)
    held = rig.delegate("w1")
    request = rig.send(FinishedWork(held.worker, reports_of(held)))

    assert AckFinished() == rig.deliver(rig.copy(request, peer=2))
    assert 1 == rig.snapshot().counters["finishedJobsCount"]
    assert 0 == rig.snapshot().counters["staleResultCount"]


def test_a_repeated_result_brings_the_same_job_and_no_other(rig: Rig) -> None:
    """The first answer did, and it may have been lost."""
    rig.submit(3)
    request = rig.send(FinishedWork(WorkerId("w1"), reports_of(rig.delegate("w1")), wants=1))

    assert [claim(2, 1, "w1")] == rig.claims_in(rig.deliver(request))
    assert claim(2, 1, "w1") == rig.delegate("w1")
    assert [3] == rig.waiting()


def test_a_result_long_after_its_end_is_looked_up_in_the_journal(rig: Rig) -> None:
    """The state forgets what ended long ago; the worker's question is the same."""
    rig.submit()
    held = rig.delegate("w1")
    rig.finish(held)
    rig.ask(submission(1))
    rig.restart(from_checkpoint=True)
    rig.state.recent_finished.clear()
    rig._shadow.recent_finished.clear()

    assert AckFinished() == rig.finish(held)
    assert AckFinished((JobId(1),)) == rig.finish(claim(1, 2, "w1"))


@pytest.mark.parametrize("unknown", [claim(1, 1, "w1"), claim(99, 1, "w1"), claim(2, 1, "w2")])
def test_a_result_of_a_job_that_nobody_gave_out_is_counted_and_dropped(rig: Rig, unknown: Claim) -> None:
    """The original's server died of it."""
    rig.submit(2)

    assert AckFinished((unknown.job,)) == rig.finish(unknown)
    assert [1, 2] == rig.waiting()
    assert 1 == rig.snapshot().counters["staleResultCount"]


@pytest.mark.parametrize("wrong", [claim(1, 2, "w1"), claim(1, 1, "w2"), claim(1, 0, "w1")])
def test_only_the_claim_s_holder_finishes_a_job(rig: Rig, wrong: Claim) -> None:
    """Job, attempt and worker must all be right."""
    rig.submit()
    rig.delegate("w1")

    kept = (1,) if wrong.worker == "w1" else ()
    assert AckFinished((wrong.job,)) == rig.tell(wrong.worker, wrong, kept=kept)
    assert Place.RUNNING is rig.where(1)


def test_the_output_of_a_running_job_is_passed_on(rig: Rig) -> None:
    """The loop writes it to the file, and then acknowledges how much is there."""
    rig.submit()

    assert AckOutput(6) == rig.chunk(rig.delegate("w1"), b"output")


def test_the_output_of_an_attempt_that_was_given_up_is_not_wanted(rig: Rig) -> None:
    """Two attempts must not write into one file."""
    rig.submit()
    lost = rig.delegate("w1")
    rig.goodbye("w1")
    rig.delegate("w2")

    assert Orders(WorkerId("w1"), signals=(Signal(lost, SIGKILL, lost=True),)) == rig.chunk(lost)
