"""What may be in a worker's hand: how many jobs, which ones, and which it must get again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.board.hands import HAND_BYTES, HAND_LIMIT, Deal, share
from goq.core.values.ids import Argv, Environment, JobId
from goq.core.values.job import Job, Origin
from goq.core.values.terms import DEFAULT_TERMS, Terms

ORIGIN = Origin(b"/", Environment(b""), "ann@host")
OTHER = Origin(b"/home", Environment(b""), "ann@host")
FRAGILE = Terms(requeue=False)


def job(
    number: int, *, crashes: int = 0, terms: Terms = DEFAULT_TERMS, size: int = 4, origin: Origin = ORIGIN
) -> Job:
    """A job with a command of that many bytes."""
    return Job(JobId(number), Argv(b"x" * size), origin, 0, 1, crashes, terms)


# --- how many ----------------------------------------------------------------------------------


@given(wants=st.integers(1, 1000), waiting=st.integers(1, 10_000), workers=st.integers(0, 500))
def test_a_share_is_a_job_at_least_and_leaves_half_of_the_queue_at_least(
    wants: int, waiting: int, workers: int
) -> None:
    """Else one worker would run what several could, while these ask in vain."""
    taken = share(wants, waiting, workers)

    assert 1 <= taken <= min(wants, HAND_LIMIT)
    assert taken == 1 or taken * 2 * max(1, workers) <= waiting


@given(waiting=st.integers(1, 10_000), workers=st.integers(1, 500))
def test_all_workers_together_take_no_more_than_half_of_the_queue(waiting: int, workers: int) -> None:
    """Unless there is not even one for each."""
    taken = sum(share(HAND_LIMIT, waiting, workers) for _ in range(workers))

    assert taken <= max(workers, waiting / 2)


def test_a_long_queue_fills_a_hand() -> None:
    """The limit bounds what is lost with a worker, and one answer."""
    assert HAND_LIMIT == share(1000, 100_000, 2)
    assert 10 == share(10, 100_000, 2)
    assert 25 == share(1000, 100, 2)


def test_who_wants_nothing_gets_nothing() -> None:
    """A worker whose jobs are long, or that leaves."""
    assert 0 == share(0, 100_000, 1)


def fits(next_one: Job, held: list[Job], given: list[Job]) -> bool:
    """The job may follow in an answer that brings these, to a worker that holds those."""
    deal = Deal(held)
    for each in given:
        deal.add(each)
    return deal.fits(next_one)


# --- which -------------------------------------------------------------------------------------


@pytest.mark.parametrize("harmful", [job(1, terms=FRAGILE), job(1, crashes=1)])
def test_a_job_that_may_do_harm_goes_alone(harmful: Job) -> None:
    """With its worker all the others in the hand would be lost, and it must not wait in one unstarted."""
    harmless = job(2)

    assert fits(harmful, [], [])
    assert not fits(harmful, [harmless], [])
    assert not fits(harmful, [], [harmless])
    assert not fits(harmless, [harmful], [])
    assert not fits(harmless, [], [harmful])
    assert not fits(harmless, [harmless, harmful], [harmless])


def test_harmless_jobs_share_a_hand() -> None:
    """So that a worker need not wait for the server between them."""
    assert fits(job(3), [job(1)], [job(2)])
    assert fits(job(3, terms=Terms(unique="nightly")), [job(1)], [job(2)])


def test_jobs_of_one_answer_are_of_one_origin() -> None:
    """It travels once for all of them."""
    assert not fits(job(2, origin=OTHER), [], [job(1)])
    assert fits(job(2, origin=OTHER), [job(1)], [])


def test_jobs_of_one_answer_have_only_so_many_bytes() -> None:
    """An answer that no frame can hold would be sent in vain for ever."""
    assert fits(job(1, size=2 * HAND_BYTES), [], [])
    assert fits(job(2, size=HAND_BYTES - 4), [], [job(1)])
    assert not fits(job(2, size=HAND_BYTES - 3), [], [job(1)])
    assert not fits(job(2), [], [job(1, size=HAND_BYTES)])
    assert fits(job(2, size=HAND_BYTES), [job(1, size=HAND_BYTES)], [])


def test_an_environment_counts_as_well() -> None:
    """It may be as long as all the commands."""
    rich = Origin(b"/", Environment(b"A=" + bytes(HAND_BYTES - 10)), "ann@host")

    assert fits(job(2, origin=rich), [], [job(1, origin=rich)])
    assert not fits(job(2, origin=rich, size=5), [], [job(1, origin=rich)])
