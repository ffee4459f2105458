"""Nodes that are drained by no person, and who takes that back."""

import pytest
from plain import Plain
from rig import submission

from goq.core.messages import AckLimit, Answer, LimitsShown, SetLimit, ShowLimits, ShowWorkers, WorkersShown
from goq.core.values.job import By
from goq.core.values.room import Offer

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
