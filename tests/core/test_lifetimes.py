"""Workers whose lives end: what they may be given, and what becomes of jobs that outlive them."""

import pytest
from msgspec.structs import replace
from plain import Plain
from reasons import asked, sentence
from rig import submission, worker

from goq.core.messages import Cancel, Change, Goodbye, ShowWorkers, WorkersShown
from goq.core.values.changes import Alter, Hold, Release
from goq.core.values.ids import JobId
from goq.core.values.items import Numbers
from goq.core.values.job import By, Claim
from goq.core.values.room import ENDLESS, Offer, need_of
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.terms import Terms

ANN = By("ann", "head", 7)


@pytest.fixture
def server() -> Plain:
    """One that knows nobody."""
    return Plain()


def living(server: Plain, seconds: float) -> Offer:
    """The offer of a worker that lives so long yet."""
    return Offer(9, ends_ns=server.now.wall_ns + round(seconds * 10**9))


def outlive(server: Plain, name: str = "w1") -> Claim | None:
    """A worker comes, is given a job, and its life is over before that has ended."""
    claim = server.offer(name, living(server, 60))
    if claim:
        server.ask(Goodbye(worker(name), outlived=True))
    return claim


def why(server: Plain, job: int = 1) -> str:
    """The sentence."""
    return sentence(server.ask(asked(job)), server.now.wall_ns)


@pytest.mark.parametrize(
    ("time_s", "left_s", "given"), [(60, 60, True), (61, 60, False), (0, 1, True), (0.5, 0.9, False)]
)
def test_a_worker_takes_what_its_life_is_long_enough_for(
    server: Plain, time_s: float, left_s: float, given: bool
) -> None:
    """In whole seconds; of a job without a time nobody knows."""
    server.ask(submission(1, Terms(time_limit_s=time_s)))

    assert given == (server.offer("w1", living(server, left_s)) is not None)


def test_a_life_gets_shorter(server: Plain) -> None:
    """What a worker may be given is seen each time anew, and by those that wait as well."""
    offer = living(server, 100)
    server.offer("w1", offer)
    server.pass_time(50)
    server.ask(submission(1, Terms(time_limit_s=60)))
    assert [1] == list(server.state.waiting)
    assert None is server.offer("w1", offer)

    assert server.offer("w2") is not None, "one without an end may have it"


def test_a_life_that_is_over_takes_nothing(server: Plain) -> None:
    """Also no job of which nobody knows how long it takes; its worker may not have noticed yet."""
    offer = living(server, 10)
    server.offer("w1", offer)
    server.pass_time(10)
    server.ask(submission())

    assert None is server.offer("w1", offer)
    assert "no worker is there" in why(server)


def test_a_life_is_compared_and_not_taken(server: Plain) -> None:
    """Two jobs of an hour fit beside each other into an hour and a bit."""
    offer = living(server, 4000)
    server.ask(submission(2, Terms(time_limit_s=3600)))

    assert None not in (server.offer("w1/1", offer), server.offer("w1/2", offer))
    answer = server.ask(ShowWorkers())
    assert isinstance(answer, WorkersShown)
    assert [{"cpus": 2}] == [row.taken for row in answer.rows]


def test_needs_of_times_are_few() -> None:
    """Rounded up by a thirtieth at most: else each --time would be a lane of its own."""
    assert need_of(Terms(time_limit_s=3600)) == need_of(Terms(time_limit_s=3599.5))
    assert ("time", 3712) in need_of(Terms(time_limit_s=3601 + 90))


def test_what_outlives_a_worker_counts_as_nothing(server: Plain) -> None:
    """It waits again, in its place, and may outlive one more."""
    server.ask(submission(1, Terms(retries=0)))
    first, second = outlive(server), outlive(server, "w2")
    assert first
    assert second

    past = server.state.past[first.job]
    assert (2, 0, 0, 2) == (past.attempts, past.crashes, past.failures, past.outlived)
    assert [1] == list(server.state.waiting)


def test_after_two_ends_it_needs_a_worker_without_one(server: Plain) -> None:
    """However long that would live; also after a restart, and others go on."""
    server.ask(replace(submission(), items=Numbers(((1, 3, 1),))))
    for name in ("w1", "w2"):
        assert 1 == (outlive(server, name) or Claim).job
    assert "it outlived 2 workers, and needs one without an end" in _alone(server)
    server.restart()
    claim = server.offer("w3", living(server, ENDLESS / 100))
    assert claim
    assert 2 == claim.job
    claim = server.offer("w4")
    assert claim
    assert (1, 3) == (claim.job, claim.attempt)


def _alone(server: Plain) -> str:
    """Why the first job waits where all workers have lifetimes."""
    server.pass_time(100)
    offer = living(server, 100)
    server.ask(Change(Selector((Jobs(JobId(2), JobId(4)),)), Hold(), ANN))
    server.offer("w9", offer)
    words = why(server)
    server.ask(Change(Selector((Jobs(JobId(2), JobId(4)),)), Release(), ANN))
    server.ask(Goodbye(worker("w9")))
    return words


@pytest.mark.parametrize("what", [(Hold(), Release()), (Alter(("priority",), Terms(priority=3)),)])
def test_a_change_does_not_make_it_forgotten(server: Plain, what: tuple[Hold | Release | Alter, ...]) -> None:
    """It leaves its lane, and comes into one again."""
    server.ask(submission(3))
    outlive(server)
    outlive(server)
    for each in what:
        server.ask(Change(Selector((Jobs(JobId(1), JobId(4)),)), each, ANN))
    assert 2 == (server.offer("w1", living(server, 999)) or Claim).job

    assert 1 == (server.offer("w2") or Claim).job


def test_only_what_waits_needs_a_worker_without_an_end(server: Plain) -> None:
    """A state that remembers all that ever did would grow for ever."""
    server.ask(submission(2))
    for name in ("w1", "w2"):
        outlive(server, name)
    assert [1] == list(server.state.endless)
    claim = server.offer("w3")
    assert claim
    assert [] == list(server.state.endless)
    server.ask(Goodbye(worker("w3")))
    assert [1] == list(server.state.endless)
    server.restart()
    assert [1] == list(server.state.endless)
    server.ask(Cancel(JobId(1)))

    assert [] == list(server.state.endless)


def test_it_is_found_when_it_is_held(server: Plain) -> None:
    """It is in another lane than its terms say."""
    server.ask(submission())
    outlive(server)
    outlive(server)
    server.ask(Change(Selector((Jobs(JobId(1), JobId(2)),)), Hold(), ANN))

    assert None is server.offer("w2")


def test_why_tells_how_long_the_last_worker_lives(server: Plain) -> None:
    """In words of people."""
    server.offer("w1", living(server, 90))
    server.ask(submission(1, Terms(time_limit_s=3600)))

    assert "can run nowhere: it may run for 1h, and the last worker ends in 1m 30s" == why(server)


def test_what_must_not_start_twice_is_lost_with_its_worker(server: Plain) -> None:
    """`--no-requeue`."""
    server.ask(submission(1, Terms(requeue=False)))
    outlive(server)

    assert 1 == server.state.lost_count
