"""What people ask about the board: why a job waits, limits, workers. Each sentence is read off, nothing is recorded."""

import pytest
from msgspec.structs import replace
from plain import Plain
from reasons import asked, explained, sentence
from rig import Rig, submission

from goq.core.dispatch import changing
from goq.core.dispatch.decision import Rules
from goq.core.messages import (
    AckChange,
    AckLimit,
    AckSubmit,
    Change,
    Done,
    JobNotKnown,
    LimitsShown,
    Mean,
    Meant,
    Orders,
    Refused,
    Reset,
    SetLimit,
    ShowLimits,
    ShowWorkers,
    Signal,
    WorkerRow,
    WorkersShown,
    alone,
)
from goq.core.values.changes import Alter, Hold, Kill, Pause, Resume
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.items import Numbers
from goq.core.values.job import By, Claim
from goq.core.values.ranges import Ranges
from goq.core.values.reasons import Reason, Turn
from goq.core.values.result import SIGKILL, Result
from goq.core.values.room import Offer
from goq.core.values.selectors import Jobs, Selector, selector_of
from goq.core.values.terms import Terms
from goq.core.values.wishes import Wish
from goq.core.worker.talk import Heartbeat

ANN = By("ann", "head", 7)


def why(server: Plain, job: int = 1) -> str:
    """The sentence."""
    return sentence(server.ask(asked(job)), server.now.wall_ns)


def limit(server: Plain, name: str, amount: int | None, words: str = "") -> int:
    """Set it; how much of it is drawn."""
    answer = server.ask(SetLimit(name, amount, words, ANN))
    assert isinstance(answer, AckLimit)
    return answer.drawn


def claim_of(server: Plain, name: str) -> Claim:
    """What the place is given when it asks."""
    claim = server.offer(name)
    assert claim
    return claim


@pytest.fixture
def server() -> Plain:
    """One that knows nobody."""
    return Plain()


def test_nobody_is_there(server: Plain) -> None:
    server.ask(submission())

    assert "no worker is there" in why(server)


def test_a_hold_and_a_moment(server: Plain) -> None:
    server.ask(submission(1, Terms(held=True)))
    server.ask(submission(1, Terms(not_before_ns=server.now.wall_ns + 10**12)))

    assert "is held" == why(server)
    (reason,) = explained(server.ask(asked(2))).reasons
    assert Reason("until", server.now.wall_ns + 10**12) == reason


def test_a_list_that_is_not_all_here(server: Plain) -> None:
    server.ask(submission(1, to_come=2))

    assert "not all here" in why(server, 3)


def test_what_no_worker_could_hold(server: Plain) -> None:
    """The amount that is missing is named, and the most that there is."""
    server.offer("w1", Offer(4, 100))
    server.ask(submission(1, Terms(cpus=9)))
    server.ask(submission(1, Terms(memory=200 << 20)))

    assert "can run nowhere: it asks 9 cpus, no machine has more than 4 (host-of-w1)" == why(server)
    assert "it asks 200 MiB, no machine has more than 100 MiB (host-of-w1)" in why(server, 2)


def test_what_is_taken_now(server: Plain) -> None:
    server.offer("w1", Offer(4))
    server.ask(submission(1, Terms(cpus=3)))
    server.offer("w1/2", Offer(4))
    server.ask(submission(1, Terms(cpus=2)))

    said = "waits for room: it needs 2 cpus in one machine. host-of-w1 keeps room for it; 1 more cpus must come free there"
    assert said == why(server, 2)


def test_a_worker_that_is_silent_is_told_of_its_jobs(server: Plain) -> None:
    """They run, as far as anybody knows, and go to others when its lease is over."""
    server.ask(submission())
    server.offer("w1", Offer(4))
    assert "heard" not in why(server)
    server.pass_time(40)

    assert why(server).endswith("nothing was heard of its worker for 40s, and in 20s it counts as lost there")


def test_a_full_limit(server: Plain) -> None:
    limit(server, "user:ann", 2)
    server.offer("w1", Offer(8))
    server.ask(submission(1, Terms(cpus=2)))
    server.ask(submission())

    assert "waits: of the limit of ann's cpus, 2 of 2 are in use" == why(server, 2)


def test_a_drained_host_says_why(server: Plain) -> None:
    limit(server, "node:host-of-w1", 0, "new disk")
    server.offer("w1", Offer(8))
    server.ask(submission())

    assert "may go to no machine that could run it: host-of-w1: new disk" == why(server)
    answer = server.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    assert ["drained: new disk"] == [row.trouble for row in answer.rows]


def test_a_host_in_trouble_says_so(server: Plain) -> None:
    server.ask(submission())
    server.refuse(claim_of(server, "w1"), "cannot enter '/home/ann'")

    assert "cannot enter '/home/ann'" in why(server)


def test_a_turn(server: Plain) -> None:
    """So many are before it."""
    server.offer("w1")
    server.ask(submission(5))
    server.ask(submission(1, Terms(priority=3)))

    assert (
        Turn(0, 1, 2, 1, fewest=True, next_job=JobId(6), next_owner="ann")
        == explained(server.ask(asked(4))).turn
    )
    turn = explained(server.ask(asked(6))).turn
    assert turn
    assert (0, 0, JobId(6)) == (turn.higher, turn.older, turn.next_job)


def test_what_does_not_wait(server: Plain) -> None:
    """Where it is; that it is on its way to its end."""
    server.ask(submission(1, Terms(retries=1)))
    assert JobNotKnown(JobId(9)) == server.ask(asked(9))
    claim = claim_of(server, "w1")
    assert why(server).startswith("runs on host-of-w1 since ")
    server.finish(claim, 3)
    assert "tries again in 1s: attempt 1 did not end well; 1 of 1 retries are used" == why(server)
    server.pass_time(2)
    claim_of(server, "w1")
    server.ask(Change(selector_of(["1"]), Pause(), ANN))
    assert "is paused on host-of-w1, attempt 2; goq resume 1 lets it go on" == why(server)
    server.ask(Change(selector_of(["1"]), Resume(), ANN))
    server.ask(SetLimit("node:host-of-w1", 0, "", ANN, now=True))
    assert "is being handed back by host-of-w1, which is drained, attempt 2" == why(server)
    server.ask(Change(selector_of(["1"]), Kill(), ANN))
    assert "is being killed on host-of-w1, attempt 2" == why(server)


def test_of_what_has_ended_it_is_said_how(rig: Rig) -> None:
    """In one sentence, with what is known beside the status; also when that is not remembered any more."""
    rig.submit(3)
    rig.submit(1, requeue=False)
    wish = Wish(selector_of(["2"]), "ok")
    rig.ask(replace(submission(1), wishes=(wish,)))
    rig.finish(rig.delegate("w1"))
    rig.finish(rig.delegate("w1"), exit_code=3)
    rig.cancel(3)
    rig.delegate("w1")
    rig.goodbye("w1")
    words = {
        1: "ended well",
        2: "ended with exit status 3",
        3: "was cancelled",
        4: "is lost: handed back",
        5: "was skipped: job 2, which it waits for, failed with exit status 3",
    }
    for _ in range(2):
        for job, text in words.items():
            assert text == sentence(rig.ask(asked(job)))
        rig.ask(Reset())


def test_what_is_being_changed_says_so(server: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one of so many that it takes some turns."""
    monkeypatch.setattr(changing, "SLICE_RANGES", 1)
    for _ in range(5):
        server.ask(submission())

    server.ask(Change(selector_of(["2", "4"]), Hold(), ANN))
    assert "is being changed just now, with many others" == why(server, 4)
    server.ask(Change(selector_of(["1", "3", "5"]), Kill(), ANN))
    assert "is about to end" == why(server, 1)


def test_workers_are_shown_with_what_is_taken(server: Plain) -> None:
    server.offer("w1", Offer(8, 1000, ("0", "1"), (("disk", 3),)))
    server.ask(submission(1, Terms(cpus=2, gpus=1, resources=(("disk", 2),), memory=5 << 20)))
    answer = server.ask(ShowWorkers())

    assert isinstance(answer, WorkersShown)
    (row,) = answer.rows
    assert ({"cpus": 2, "disk": 2, "gpus": 1, "memory": 5}, ("0",), 1) == (row.taken, row.gpus, row.running)


def test_a_worker_that_says_nothing_is_suspect_and_at_last_lost(server: Plain) -> None:
    """With how long it has; one that ran nothing has gone. Who drained one, and what it still runs."""
    server.ask(submission())
    server.offer("w1")
    server.offer("w2")
    limit(server, "node:host-of-w1", 0, "new disk")
    (busy, idle) = rows(server)
    assert ("draining", "ann", "new disk", [1]) == (
        busy.state,
        busy.drained_by,
        busy.drained_why,
        [job.job for job in busy.jobs],
    )
    assert ("ready", 1) == (idle.state, idle.free)
    server.pass_time(30)
    (busy, idle) = rows(server)

    assert ("suspect", 30.0, "lost", None) == (busy.state, busy.left_s, idle.state, idle.left_s)


def rows(server: Plain) -> tuple[WorkerRow, ...]:
    """The workers."""
    answer = server.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    return answer.rows


def test_limits_are_shown_with_who_set_them_over_a_restart(server: Plain) -> None:
    assert 0 == limit(server, "matlab", 4, "four seats")
    server.ask(submission())
    claim_of(server, "w1")
    assert 1 == limit(server, "all", 9)
    limit(server, "gone", 1)
    limit(server, "gone", None)
    server.restart()
    answer = server.ask(ShowLimits())

    assert isinstance(answer, LimitsShown)
    shown = [(row.name, row.amount, row.drawn, row.why, row.by) for row in answer.rows]
    assert [("all", 9, 1, "", "ann"), ("matlab", 4, 0, "four seats", "ann")] == shown


@pytest.mark.parametrize(("priority", "granted"), [(0, True), (-5, True), (2, True), (3, False)])
def test_a_priority_may_be_bounded(server: Plain, priority: int, granted: bool) -> None:
    """Below 0 everybody may go."""
    limit(server, "priority:ann", 2)
    answer = server.ask(submission(1, Terms(priority=priority)))

    assert granted == isinstance(answer, AckSubmit)
    assert granted or (isinstance(answer, Refused) and "2 at most" in answer.reason)


@pytest.mark.parametrize(("priority", "granted"), [(0, True), (2, True), (3, False)])
def test_a_priority_that_is_bounded_cannot_be_had_by_a_change(
    server: Plain, priority: int, granted: bool
) -> None:
    """`goq alter -p`."""
    limit(server, "priority:ann", 2)
    server.ask(submission(1, Terms(priority=-1)))
    jobs = Selector((Jobs(JobId(1), JobId(2)),))
    answer = server.ask(Change(jobs, Alter(("priority",), Terms(priority=priority)), ANN))
    assert granted == isinstance(answer, AckChange)
    assert isinstance(server.ask(Change(jobs, Alter(("name",), Terms(name="x", priority=9)), ANN)), AckChange)

    assert (priority if granted else -1) == server.state.job(JobId(1)).terms.priority


def test_a_testimony_brings_no_worker(server: Plain) -> None:
    """It speaks for what has ended, whoever brings it: also to a server that has heard of nobody so far."""
    server.ask(submission(1))
    claim = claim_of(server, "w1")
    server.restart()
    server.ask(alone(Done(claim, Result())))

    answer = server.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    assert ((), []) == (answer.rows, list(server.state.running))


def test_a_worker_whose_job_somebody_else_has_ended_hears_of_it_at_once(server: Plain) -> None:
    """As by a testimony: its question waits for an answer, and speaks of the job as its own."""
    server.ask(submission(1))
    claim = claim_of(server, "w1")
    assert server.ask(Heartbeat(claim)) is None
    server.pushed.clear()
    server.ask(alone(Done(claim, Result())))

    assert [Orders(WorkerId("w1"), signals=(Signal(claim, SIGKILL, lost=True),))] == server.pushed


def test_a_worker_that_is_given_up_is_answered() -> None:
    """With a lease that is shorter than an answer may take it lives, and would wait for nothing."""
    server = Plain(Rules(heartbeat_s=5.0, lease_s=2.0))
    server.ask(submission(1))
    claim = claim_of(server, "w1")
    assert server.ask(Heartbeat(claim)) is None
    server.pushed.clear()
    server.pass_time(3)

    assert [] == list(server.state.running)
    assert [Orders(WorkerId("w1"))] == server.pushed


def test_how_many_may_wait_may_be_bounded(server: Plain) -> None:
    """What runs does not count."""
    limit(server, "queued:ann", 3)
    server.ask(submission(3))
    assert isinstance(server.ask(submission(1)), Refused)
    claim_of(server, "w1")

    assert isinstance(server.ask(submission(1)), AckSubmit)


def test_what_was_accepted_is_not_refused_when_it_comes_again(server: Plain) -> None:
    """Because of a bound that it has reached itself."""
    limit(server, "queued:ann", 3)
    accepted = server.ask(submission(3))

    assert isinstance(accepted, AckSubmit)
    assert accepted == server.again(submission(3))


def test_a_lowered_limit_stops_nobody(server: Plain) -> None:
    """And nothing more starts until enough has ended."""
    server.ask(submission(3))
    first, second = claim_of(server, "w1"), claim_of(server, "w2")
    limit(server, "all", 1)
    server.offer("w3")
    server.finish(first)
    assert [3] == list(server.state.waiting)
    server.finish(second)

    assert [] == list(server.state.waiting)


def meant(server: Plain, *words: str) -> Ranges:
    """The jobs that ann means by these words."""
    answer = server.ask(Mean(selector_of(words), "ann"))
    assert isinstance(answer, Meant)
    return answer.ranges


def test_what_is_meant_is_told_live_or_not(server: Plain) -> None:
    """`goq wait` of an array, of a task, of a name, of what is there twice."""
    server.ask(replace(submission(), items=Numbers(((5, 9, 2),)), terms=Terms(name="fold")))
    server.ask(submission(2))
    server.ask(submission(1, Terms(tags=("night",))))

    assert ((1, 4),) == meant(server, "1") == meant(server, "fol*") == meant(server, "1-3", "2")
    assert ((2, 3),) == meant(server, "1.7")
    assert ((4, 5),) == meant(server, "4"), "of a list a number is one job"
    assert ((6, 7),) == meant(server, "tag:night")


@pytest.mark.parametrize("words", ["9", "1.3", "nobody", "8-12"])
def test_who_means_nothing_is_told(server: Plain, words: str) -> None:
    """Else it would be waited for, in vain."""
    server.ask(submission(2))

    assert isinstance(server.ask(Mean(selector_of((words,)), "ann")), Refused | JobNotKnown)


@pytest.mark.parametrize(
    "name",
    [
        "array:abc",
        "array:",
        "array:1.5",
        "array:9",
        "array:01",
        "foo:bar",
        "user:",
        "cpus",
        "none",
        "",
        "a b",
    ],
)
def test_what_is_no_limit_is_refused(server: Plain, name: str) -> None:
    """A typo must neither set something that nobody meets, nor end the server."""
    server.ask(submission())

    assert isinstance(server.ask(SetLimit(name, 3, "", ANN)), Refused)
    assert isinstance(server.ask(SetLimit("array:1", 3, "", ANN)), AckLimit)
