"""The waiting queue: jobs by id, wherever they come from."""

from hypothesis import given
from hypothesis import strategies as st

from goq.core.state.waiting import WaitingQueue
from goq.core.values.ids import Argv, Environment, JobId
from goq.core.values.job import Job, Origin

ORIGIN = Origin(b"/", Environment(b""), "ann@host")


def job(number: int) -> Job:
    """A job that differs from others by its id alone."""
    return Job(JobId(number), Argv(b"true"), ORIGIN, 0)


def queue_of(*numbers: int) -> WaitingQueue:
    """A queue to which the jobs came in this order."""
    queue = WaitingQueue()
    for number in numbers:
        queue.add(job(number))
    return queue


def test_jobs_that_come_back_in_any_order_stand_by_id() -> None:
    """With insertion at the front two jobs that come back one after the other would swap."""
    assert (job(1), job(2), job(3)) == queue_of(3, 1, 2).first(3)
    assert job(1) == queue_of(3, 1, 2).oldest()


def test_a_job_that_was_removed_and_came_back_is_there_once() -> None:
    """A job may be delegated and handed back many times."""
    queue = queue_of(1, 2)
    for _ in range(3):
        queue.add(queue.remove(JobId(1)))

    assert 2 == len(queue)
    assert job(1) == queue.remove(queue.oldest().id)
    assert job(2) == queue.oldest()


def test_a_queue_shows_what_runs_next_and_no_more_than_asked() -> None:
    """`goq stat` of a long queue must not sort all of it."""
    assert (job(1), job(2)) == queue_of(3, 2, 1).first(2)
    assert () == queue_of(1).first(0)
    assert (job(1),) == queue_of(1).first(9)


def test_an_empty_queue_is_false() -> None:
    """The dispatcher asks the queue itself whether anything waits."""
    queue = queue_of(1)
    queue.remove(JobId(1))

    assert not queue


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "take"]), st.integers(1, 12)), max_size=60))
def test_a_queue_behaves_like_a_sorted_set(steps: list[tuple[str, int]]) -> None:
    """The heap is there for speed and must not be seen."""
    queue, naive = WaitingQueue(), set[int]()
    for verb, number in steps:
        if verb == "add" and number not in naive:
            queue.add(job(number))
            naive.add(number)
        elif verb == "remove" and number in naive:
            assert job(number) == queue.remove(JobId(number))
            naive.remove(number)
        elif verb == "take" and naive:
            assert job(min(naive)) == queue.remove(queue.oldest().id)
            naive.remove(min(naive))

        assert sorted(naive) == [each.id for each in queue.first(12)]
        assert sorted(naive)[:3] == [each.id for each in queue.first(3)]
        assert naive == {each.id for each in queue}
        assert (len(naive), bool(naive)) == (len(queue), bool(queue))
        assert naive == {each for each in range(1, 13) if JobId(each) in queue}
