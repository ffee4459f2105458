"""Workers that leave, and the place of the jobs that they hand back."""

from rig import Rig, claim

from goq.core.messages import AckGoodbye
from goq.core.state.records import JobRequeued
from goq.core.state.submissions import CountsAs


def test_goodbye_hands_the_job_back(rig: Rig) -> None:
    """A worker that is stopped need not be waited for until its lease ends."""
    rig.submit()
    held = rig.delegate("w1")

    assert AckGoodbye() == rig.goodbye("w1")
    assert [1] == rig.waiting()
    assert (
        JobRequeued(held, "handed back", counts_as=CountsAs.NOTHING, at_ns=rig.now.wall_ns) == rig.story[-1]
    )
    assert claim(1, 2, "w2") == rig.delegate("w2")


def test_a_job_that_is_handed_back_goes_to_a_worker_that_waits_at_once(rig: Rig) -> None:
    """A job and a worker never both wait."""
    rig.submit()
    rig.delegate("w1")
    waiting = rig.want_work("w2")
    rig.goodbye("w1")

    assert claim(1, 2, "w2") == rig.claim_in(rig.answer_to(waiting))


def test_goodbye_of_an_idle_worker_takes_it_off_the_line(rig: Rig) -> None:
    """It is gone, and would not run what it is given."""
    left = rig.want_work("w1")
    rig.goodbye("w1")
    rig.submit()

    assert rig.answer_to(left) is None
    assert [1] == rig.waiting()


def test_jobs_that_come_back_stand_where_they_stood(rig: Rig) -> None:
    """At the front of the line the first to come back would end up behind the second."""
    rig.submit(4)
    for name in ("w1", "w2", "w3"):
        rig.delegate(name)
    rig.goodbye("w2")
    rig.goodbye("w1")
    rig.goodbye("w3")

    assert [1, 2, 3, 4] == rig.waiting()


def test_the_next_job_is_the_oldest_even_when_a_younger_came_back_first(rig: Rig) -> None:
    """The order of ids is the order of turns."""
    rig.submit(3)
    first, third = rig.delegate("w1"), None
    rig.delegate("w2")
    third = rig.delegate("w3")
    rig.goodbye("w2")

    assert claim(2, 2, "w3") == rig.claim_in(rig.finish(third, wants=1))
    assert claim(1, 1, "w1") == first
