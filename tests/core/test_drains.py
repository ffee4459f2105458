"""Nodes that are drained by no person, and who takes that back."""

import pytest
from msgspec.structs import replace
from plain import Plain
from rig import submission

from goq.core.messages import (
    AckLimit,
    Answer,
    Cancel,
    Done,
    LimitsShown,
    Refused,
    SetLimit,
    ShowLimits,
    ShowWorkers,
    Snapshot,
    TakeSnapshot,
    WorkersShown,
)
from goq.core.values.items import Numbers
from goq.core.values.job import By
from goq.core.values.result import Result
from goq.core.values.room import Offer
from goq.core.values.terms import Terms
from goq.core.worker.talk import FinishedWork

S = 10**9
ANN = By("ann", "head", 7)
NODE = "node:host-of-w1"


@pytest.fixture
def server() -> Plain:
    """One with a worker that waits, of process 1."""
    server = Plain()
    server.offer("w1", Offer(4))
    return server


def check(server: Plain, problem: str = "", pid: int = 1) -> Answer | None:
    """What a worker's check has found."""
    by = By("health", "host-of-w1", pid)
    answer = server.ask(SetLimit(NODE, 0 if problem else None, problem, by))
    assert isinstance(answer, AckLimit)
    return answer


def limits(server: Plain) -> list[tuple[int, str, str]]:
    """How many jobs may be there, who says so, and why."""
    answer = server.ask(ShowLimits())
    assert isinstance(answer, LimitsShown)
    return [(row.amount, row.by, row.why) for row in answer.rows]


def test_a_node_that_is_not_well_gets_nothing_until_it_is(server: Plain) -> None:
    """And people read why."""
    check(server, "/scratch is full")
    server.ask(submission())
    assert [1] == list(server.state.waiting)
    answer = server.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    assert ["drained: /scratch is full"] == [row.trouble for row in answer.rows]
    server.restart()
    server.offer("w1", Offer(4))
    assert [1] == list(server.state.waiting), "it is in the journal"
    check(server)

    assert [] == list(server.state.waiting)
    assert [] == limits(server)


def test_what_is_found_again_is_no_news(server: Plain) -> None:
    """Each minute it is told; a journal of that would be long."""
    check(server, "full")
    story = len(server.story)
    check(server, "full")
    assert story == len(server.story)
    check(server, "fuller")

    assert [(0, "health", "fuller")] == limits(server)


def test_what_a_person_has_drained_stays_so(server: Plain) -> None:
    """Before the check, or after it."""
    server.ask(SetLimit(NODE, 0, "new disk", ANN))
    check(server, "full")
    assert [(0, "ann", "new disk")] == limits(server)
    check(server)
    assert [(0, "ann", "new disk")] == limits(server)
    server.ask(SetLimit(NODE, None, "", ANN))
    check(server, "full")
    server.ask(SetLimit(NODE, 0, "new disk", ANN))
    check(server)

    assert [(0, "ann", "new disk")] == limits(server)


def test_how_many_jobs_a_person_has_limited_it_to_it_has_again(server: Plain) -> None:
    """Also over a restart, and when it has had two troubles."""
    server.ask(SetLimit(NODE, 3, "", ANN))
    check(server, "full")
    check(server, "fuller")
    server.restart()
    check(server)
    assert [3] == [amount for amount, _, _ in limits(server)]
    check(server)

    assert [3] == [amount for amount, _, _ in limits(server)]


def test_one_of_two_workers_that_is_not_well_is_enough(server: Plain) -> None:
    """As long as it is there; then the other's word counts."""
    check(server, "full", pid=1)
    check(server, "", pid=2)
    check(server, "hot", pid=2)
    assert [(0, "health", "full")] == limits(server)
    server.pass_time(30)
    check(server, "", pid=2)

    assert [] == limits(server)


# --- hosts that swallow jobs ----------------------------------------------------------------------


def run(server: Plain, name: str, status: int = 1, took_s: float = 1.0, **how: object) -> None:
    """A place of that host asks, and the job that it is given ends so."""
    claim = server.offer(name)
    assert claim
    result = Result(status, pid=7, started_ns=S, ended_ns=S + round(took_s * S), **how)  # type: ignore[arg-type]
    server.ask(FinishedWork(claim.worker, (Done(claim, result),)))


def swallow(server: Plain, count: int = 20, name: str = "w1") -> None:
    """So many jobs fail there at once, one after the other."""
    for _ in range(count):
        run(server, name)


def troubles(server: Plain) -> tuple[str, ...]:
    """What people see of hosts."""
    answer = server.ask(TakeSnapshot(0))
    assert isinstance(answer, Snapshot)
    return answer.troubles


@pytest.fixture(name="array")
def _array() -> Plain:
    """A server with an array of a hundred."""
    server = Plain()
    server.ask(replace(submission(), items=Numbers(((1, 100, 1),)), terms=Terms(retries=1, backoff_s=0)))
    return server


SHOWN = (
    "'host-of-w1' swallows jobs: its last 20 jobs failed within 5 s each, and others of the same submissions"
    " ended well elsewhere"
)


def test_a_host_where_all_fails_at_once_that_does_well_elsewhere_is_shown(array: Plain) -> None:
    """Whichever came first, and with its next success no more."""
    swallow(array, 19)
    run(array, "w2", 0)
    assert () == troubles(array)
    swallow(array, 1)
    assert (SHOWN,) == troubles(array)
    answer = array.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    assert SHOWN.partition("' ")[2] in [row.trouble for row in answer.rows]
    assert [] == limits(array), "nobody has asked for more"
    run(array, "w1", 0)

    assert () == troubles(array)


def test_a_success_elsewhere_may_come_late(array: Plain) -> None:
    """Then the host is one from that moment on."""
    swallow(array, 25)
    assert () == troubles(array), "perhaps it is the jobs"
    run(array, "w1/2", 1)
    run(array, "w2", 0)

    assert (SHOWN,) == troubles(array)


@pytest.mark.parametrize(
    ("status", "took_s", "how", "is_shown"),
    [(1, 5.0, {}, True), (1, 5.1, {}, False), (0, 1.0, {}, False), (0, 1.0, {"signal": 11}, True)],
)
def test_one_that_fails_late_or_not_speaks_for_the_host(
    array: Plain, status: int, took_s: float, how: dict[str, object], is_shown: bool
) -> None:
    """Only what fails at once is swallowed."""
    run(array, "w2", 0)
    swallow(array, 10)
    run(array, "w1", status, took_s, **how)
    swallow(array, 9)

    assert is_shown == bool(troubles(array))


def test_what_was_too_large_or_killed_says_nothing(array: Plain) -> None:
    """It is the job's own doing, or somebody's."""
    run(array, "w2", 0)
    swallow(array, 19)
    run(array, "w1", 1, cause="time")
    run(array, "w1", 1, cause="memory")
    claim = array.offer("w1")
    assert claim
    array.ask(Cancel(claim.job))
    array.ask(FinishedWork(claim.worker, (Done(claim, Result(1, pid=7)),)))
    assert () == troubles(array)
    swallow(array, 1)

    assert (SHOWN,) == troubles(array)


def test_jobs_that_fail_everywhere_blame_no_host(array: Plain) -> None:
    """Nor do those of two submissions of which one does well nowhere."""
    swallow(array, 30)
    swallow(array, 10, "w2")
    assert () == troubles(array)
    array.ask(submission(1, Terms(priority=9)))
    run(array, "w1")
    run(array, "w2", 0)

    assert () == troubles(array)


def test_a_host_is_no_witness_for_itself(array: Plain) -> None:
    """It may have lost a disk since."""
    run(array, "w1", 0)
    swallow(array)

    assert () == troubles(array)


def test_with_a_limit_it_is_drained(array: Plain) -> None:
    """After as many as that says, with the reason; what comes when somebody takes it back counts anew."""
    array.ask(SetLimit("blackhole", 3, "", ANN))
    run(array, "w2", 0)
    swallow(array, 3)
    why = SHOWN.partition("jobs: ")[2].replace("20", "3")
    assert [(3, "ann", ""), (0, "blackhole", why)] == limits(array)
    assert None is array.offer("w1")
    array.ask(SetLimit(NODE, None, "", ANN))
    swallow(array, 2)
    assert [3] == [amount for amount, _, _ in limits(array)]
    swallow(array, 1)

    assert [3, 0] == [amount for amount, _, _ in limits(array)]


def test_a_limit_that_comes_later_drains_what_is_one(array: Plain) -> None:
    """And the health of that host takes nothing of that back."""
    run(array, "w2", 0)
    swallow(array)
    array.ask(SetLimit("blackhole", 20, "", ANN))
    assert [20, 0] == [amount for amount, _, _ in limits(array)]
    check(array)

    assert [20, 0] == [amount for amount, _, _ in limits(array)]


def test_a_success_elsewhere_drains_what_it_shows(array: Plain) -> None:
    """At once, and not with the next failure."""
    array.ask(SetLimit("blackhole", 20, "", ANN))
    swallow(array, 25)
    assert [20] == [amount for amount, _, _ in limits(array)]
    run(array, "w2", 0)

    assert [20, 0] == [amount for amount, _, _ in limits(array)]


@pytest.mark.parametrize("amount", [0, 1001])
def test_a_black_hole_is_a_number_of_jobs(server: Plain, amount: int) -> None:
    """0 would drain whoever is there."""
    assert isinstance(server.ask(SetLimit("blackhole", amount, "", ANN)), Refused)
