"""The fate of an attempt: the table, row by row, and what holds for all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.dispatch.fate import (
    RERUNS,
    Again,
    HandedBack,
    How,
    Over,
    Told,
    Unstarted,
    WorkerLost,
    backoff_s,
    fate,
)
from goq.core.state.submissions import CountsAs, Past
from goq.core.values.result import CAUSES, Ending, Result
from goq.core.values.terms import LONGEST_BACKOFF_S, Terms

LIMIT = 5
FINISHED, CANCELLED, LOST = map(Over, (Ending.FINISHED, Ending.CANCELLED, Ending.LOST))
ONCE = Terms(requeue=False, retries=3, rerun_codes=(99,), hold_codes=(100,))
THRICE = Terms(retries=3)
ONLY_SEVEN = Terms(retries=3, retry_on=(7, 9))
SGE = Terms(rerun_codes=(99,), hold_codes=(100,), backoff_s=5)


def ended(exit_code: int = 0, signal: int = 0, cause: str = "") -> Told:
    """Its worker says so."""
    return Told(Result(exit_code, signal, cause=cause))


ROWS: list[tuple[str, Terms, Past, How, Over | Again]] = [
    ("handed back unstarted", THRICE, Past(1), Unstarted(), Again()),
    ("also what starts only once", ONCE, Past(1), Unstarted(), Again()),
    ("handed back started", THRICE, Past(1), HandedBack(), Again()),
    ("handed back started, once only", ONCE, Past(1), HandedBack(), LOST),
    ("its worker's life was over", THRICE, Past(1), HandedBack(outlived=True), Again(CountsAs.OUTLIVED)),
    ("its worker's life was over, once only", ONCE, Past(1), HandedBack(outlived=True), LOST),
    ("worker lost", THRICE, Past(1, 3), WorkerLost(), Again(CountsAs.CRASH)),
    ("worker lost, once only", ONCE, Past(1), WorkerLost(), LOST),
    (
        "the last worker that may be lost",
        THRICE,
        Past(5, 4),
        WorkerLost(),
        Over(Ending.LOST, "poisonous: 5 workers were lost with it"),
    ),
    ("held by its status", SGE, Past(1), ended(100), Again(held=True)),
    (
        "held rather than run again",
        Terms(hold_codes=(9,), rerun_codes=(9,)),
        Past(1),
        ended(9),
        Again(held=True),
    ),
    ("run again by its status", SGE, Past(1), ended(99), Again(CountsAs.RERUN, 5)),
    ("at every time as late", SGE, Past(8, 0, 0, 7), ended(99), Again(CountsAs.RERUN, 5)),
    ("not for ever", SGE, Past(1001, 0, 0, RERUNS), ended(99), FINISHED),
    ("statuses are as a shell gives them", Terms(hold_codes=(143,)), Past(1), ended(0, 15), Again(held=True)),
    ("none is tried again by itself", Terms(), Past(1), ended(1), FINISHED),
    ("failed", THRICE, Past(1), ended(1), Again(CountsAs.FAILURE, 1)),
    ("failed again", THRICE, Past(3, 0, 2), ended(1), Again(CountsAs.FAILURE, 4)),
    ("lost workers are no failures", THRICE, Past(9, 4, 2), ended(1), Again(CountsAs.FAILURE, 4)),
    ("failed too often", THRICE, Past(4, 0, 3), ended(1), FINISHED),
    ("failed, once only", ONCE, Past(1), ended(1), FINISHED),
    ("held or run again, once only", ONCE, Past(1), ended(99), FINISHED),
    ("a status that is listed", ONLY_SEVEN, Past(1), ended(9), Again(CountsAs.FAILURE, 1)),
    ("one that is not", ONLY_SEVEN, Past(1), ended(8), FINISHED),
    ("0, when it is listed", Terms(retries=1, retry_on=(0,)), Past(1), ended(), Again(CountsAs.FAILURE, 1)),
    ("a signal", ONLY_SEVEN, Past(1), ended(0, 11), Again(CountsAs.FAILURE, 1)),
    ("time was up, and it said 0", ONLY_SEVEN, Past(1), ended(0, 0, "time"), Again(CountsAs.FAILURE, 1)),
    ("too much memory", ONLY_SEVEN, Past(1), ended(0, 9, "memory"), Again(CountsAs.FAILURE, 1)),
    ("ended well", THRICE, Past(2, 0, 1), ended(), FINISHED),
]


@pytest.mark.parametrize(("row", "terms", "past", "how", "met"), ROWS, ids=[row[0] for row in ROWS])
def test_the_first_row_that_fits_is_the_fate(
    row: str, terms: Terms, past: Past, how: How, met: Over | Again
) -> None:
    """What people read in the table is what happens."""
    assert met == fate(terms, past, how, LIMIT), row


CODES = st.lists(st.integers(0, 255), max_size=3).map(tuple)
TERMS = st.builds(
    Terms,
    requeue=st.booleans(),
    retries=st.integers(0, 5),
    backoff_s=st.floats(0, LONGEST_BACKOFF_S),
    retry_on=CODES,
    rerun_codes=CODES,
    hold_codes=CODES,
)
HOWS = st.one_of(
    st.just(Unstarted()),
    st.builds(HandedBack, st.booleans()),
    st.just(WorkerLost()),
    st.builds(ended, st.integers(0, 255), st.sampled_from([0, 9, 15]), st.sampled_from(CAUSES)),
)


@given(TERMS, HOWS)
def test_what_is_to_be_killed_is_cancelled(terms: Terms, how: How) -> None:
    """However its attempt ends: people want no other."""
    assert CANCELLED == fate(terms, Past(1), how, LIMIT, killed=True)


@given(TERMS, st.lists(HOWS, max_size=30))
def test_a_life_of_attempts_keeps_the_bounds(terms: Terms, hows: list[How]) -> None:
    """Failures, crashes and reruns are bounded, and what starts only once is started once."""
    past, has_started = Past(), False
    for how in hows:
        past = Past(past.attempts + 1, past.crashes, past.failures, past.reruns)
        met = fate(terms, past, how, LIMIT)
        has_started |= not isinstance(how, Unstarted)
        if isinstance(met, Over):
            return
        assert terms.requeue or not has_started, "never tried again once it has started"
        assert met.backoff_s <= LONGEST_BACKOFF_S, "an hour at most"
        if met.counts_as in (CountsAs.FAILURE, CountsAs.RERUN):
            assert met.backoff_s >= terms.backoff_s, "never sooner than was asked"
        past = past.and_one_more(met.counts_as, 0, 0)
        assert past.failures <= terms.retries
        assert past.crashes < LIMIT


@given(st.floats(0.001, LONGEST_BACKOFF_S), st.integers(0, 5000))
def test_each_failure_doubles_the_time_up_to_an_hour(first_s: float, failures: int) -> None:
    """Also after as many as any job may have."""
    terms = Terms(backoff_s=first_s)
    now_s, then_s = backoff_s(terms, failures), backoff_s(terms, failures + 1)

    assert then_s == min(2 * now_s, LONGEST_BACKOFF_S)
    assert first_s == backoff_s(terms, 0)
