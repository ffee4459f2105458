"""From what a submitter says to ranges of numbers: what may be waited for, and what is refused."""

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from submissions import submit_of

from goq.core.dispatch.decision import Bygone, Gone
from goq.core.dispatch.wishes import Plan, Unmet, asked_about, plan_of
from goq.core.messages import Submit
from goq.core.state.records import JobDelegated, JobFinished, JobsSubmitted
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, JobId, Nonce, WorkerId
from goq.core.values.items import Items, Numbers
from goq.core.values.job import Claim, Origin, Submission, Worker
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.selectors import Named, Owned, Tagged, selector_of
from goq.core.values.terms import AFTER_LIMIT, After, Terms, When
from goq.core.values.wishes import WISHES_LIMIT, BadWishes, Wish, read_wishes, wishes_text

HOUR_NS = 3600 * 10**9
WORKER = Worker(WorkerId("w"), "host", 1)


def an_array(first: int, *ranges: tuple[int, int, int], name: str = "", owner: str = "ann") -> Submission:
    items = Numbers(ranges)
    return what(first, len(items), Terms(name=name, tags=("night",) if name else ()), items, owner)


def what(
    first: int, count: int = 1, terms: Terms | None = None, items: Items | None = None, owner: str = "ann"
) -> Submission:
    origin = Origin(b"/", Environment(b""), f"{owner}@host")
    return Submission(
        JobId(first), count, Nonce(b"%016d" % first), Argv(b"run"), origin, terms or Terms(), 1, items
    )


def a_state(*submissions: Submission) -> State:
    state = State()
    for each in submissions:
        state.apply(JobsSubmitted(each))
    return state


def end(state: State, job: int, exit_code: int = 0) -> None:
    state.apply(JobDelegated(Claim(EPOCH, JobId(job), 1, WORKER.id), WORKER, 1))
    result = Result(exit_code, ended_ns=HOUR_NS)
    state.apply(JobFinished(Ended(JobId(job), 1, Ending.FINISHED, result), HOUR_NS))


def wish(*words: str, when: When = "any", each: bool = False, maybe: bool = False) -> Wish:
    return Wish(selector_of(words), when, each, maybe)


def plan(
    state: State, *wishes: Wish, count: int = 1, gone: tuple[Gone, ...] = (), keep: bool = False
) -> Plan:
    submit = submit_of(*[b"a"] * count, submitter="ann@host", terms=Terms(keep=keep))
    return plan_of(state, _with(submit, wishes), Bygone(gone))


def _with(submit: Submit, wishes: tuple[Wish, ...]) -> Submit:
    return replace(submit, wishes=wishes)


def after(*jobs: tuple[int, int], when: When = "any", each: bool = False) -> After:
    return After(tuple((JobId(first), JobId(stop)) for first, stop in jobs), when, each)


STATE = (
    an_array(1, (0, 9, 1), name="fold"),
    what(11, 5),
    what(16, 1, Terms(name="fold-2")),
    an_array(17, (0, 4, 2), name="fold", owner="bob"),
)


@pytest.mark.parametrize(
    ("words", "jobs"),
    [
        (("1",), [(1, 11)]),
        (("2",), [(2, 3)]),
        (("11",), [(11, 12)]),
        (("12-18",), [(12, 19)]),
        (("1.3-5,9",), [(4, 7), (10, 11)]),
        (("17.2",), [(18, 19)]),
        (("fold",), [(1, 11)]),
        (("fold*",), [(1, 11), (16, 17)]),
        (("tag:night",), [(1, 11), (17, 20)]),
        (("user:bob",), [(17, 20)]),
        (("1", "12", "5-11"), [(1, 13)]),
    ],
)
def test_selectors_become_ranges(words: tuple[str, ...], jobs: list[tuple[int, int]]) -> None:
    """Number, range, tasks, name, tag, owner; several are one set."""
    found = plan(a_state(*STATE), wish(*words))

    assert (after(*jobs),) == found.terms.after


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (wish("20"), "job 20 is not known"),
        (wish("15-25"), "job 20 is not known"),
        (wish("1.99"), "job 1 is no array that has such tasks"),
        (wish("11.1"), "job 11 is no array that has such tasks"),
        (wish("nobody"), "'nobody' names no job that lives, or ended within the last hour"),
        (wish("tag:day"), "'tag:day' names no job"),
        (wish("user:eve"), "'user:eve' names no job"),
        (wish("1", each=True), "--after-each needs as many jobs on both sides; 1-10 are 10, and these 5"),
        (wish("fold*", each=True), "--after-each takes jobs of one submission"),
        (wish("1.1,3", each=True, when="ok"), "--after-each-ok takes jobs of one submission without a gap"),
    ],
)
def test_what_meets_nothing_or_does_not_fit_is_refused(wanted: Wish, why: str) -> None:
    """In words that name it."""
    with pytest.raises(Unmet) as refusal:
        plan(a_state(*STATE), wanted, count=5)

    assert why in str(refusal.value)


def test_jobs_in_a_row_of_two_submissions_are_no_array() -> None:
    """Though as many."""
    with pytest.raises(Unmet, match="takes jobs of one submission"):
        plan(a_state(*STATE), wish("11-16", each=True), count=6)


def test_a_list_that_comes_in_pieces_follows_no_array() -> None:
    """It ends as a whole, or not at all, as long as it is not all here."""
    submit = replace(submit_of(b"a", to_come=9, submitter="ann@host"), wishes=(wish("1", each=True),))
    with pytest.raises(Unmet, match="for lists that one message brings; this list is too long"):
        plan_of(a_state(*STATE), submit, Bygone())


def test_what_need_not_be_there_is_no_trouble() -> None:
    """`--after-maybe`: as far as it is there, it is waited for."""
    words = (
        wish("nobody", maybe=True),
        wish("99", maybe=True),
        wish("15-25", maybe=True),
        wish("1.99", maybe=True),
    )

    assert (after((15, 20)),) == plan(a_state(*STATE), *words).terms.after


def test_equal_wishes_are_one_object() -> None:
    """Ten thousand jobs behind one have one text in the journal, and one watch."""
    state = a_state(*STATE)

    assert plan(state, wish("1")).terms is plan(state, wish("1", "1"), wish("1.*")).terms


def test_too_many_ranges_are_refused() -> None:
    """They are to be named as one."""
    state = a_state(*(what(job) for job in range(1, 2 * AFTER_LIMIT + 4)))
    words = [str(job) for job in range(1, 2 * AFTER_LIMIT + 3, 2)]
    halves = wish(*words[:AFTER_LIMIT]), wish(*words[AFTER_LIMIT:])
    with pytest.raises(Unmet, match="it would wait for 1001 ranges of jobs, and 1000 are the most"):
        plan(state, *halves)


def test_of_live_submissions_the_bad_ends_are_known() -> None:
    """They may have been pushed out of the memory of ends."""
    state = a_state(an_array(1, (0, 2, 1)))
    end(state, 2, 3)
    with pytest.raises(Unmet, match="job 2 failed with exit status 3, and --after-ok waits for a good end"):
        plan(state, wish("1", when="ok"))
    state.recent_finished.clear()
    with pytest.raises(Unmet, match="job 2 ended badly"):
        plan(state, wish("1.1", when="ok"))

    assert (after((1, 3 + 1), when="fail"),) == plan(state, wish("1", when="fail")).terms.after
    assert (after((1, 2), when="ok"),) == plan(state, wish("1.0", when="ok")).terms.after
    assert () == plan(state, wish("2", when="fail")).terms.after


def test_a_failure_is_wanted_of_each_submission() -> None:
    """Two jobs are two words; a watch knows no more than what still lives."""
    state = a_state(what(1), what(2), what(3, 4))

    assert (after((1, 2), when="fail"), after((2, 3), when="fail"), after((3, 6), when="fail")) == plan(
        state, wish("1-5", when="fail")
    ).terms.after


def test_of_an_array_that_fails_in_part_the_rest_is_followed() -> None:
    """Whoever comes late gets what whoever came in time got; of nothing that is left nothing is queued."""
    state = a_state(an_array(1, (0, 2, 1)))
    end(state, 2, 3)
    found = plan(state, wish("1", when="ok", each=True), count=3)

    assert (after((1, 4), when="ok", each=True),) == found.terms.after
    assert ((1, 2, "job 2, which it waits for, failed with exit status 3"),) == found.never
    with pytest.raises(Unmet, match="all of the jobs 2-2 have ended badly"):
        plan(state, wish("1.1", when="ok", each=True))


def test_what_has_ended_is_asked_of_the_journal() -> None:
    """Numbers that live are not; names by what ended within the hour."""
    state = a_state(*STATE, what(20), what(21), what(22))
    for job in (20, 21):
        end(state, job)

    def asked(*wishes: Wish) -> list[tuple[int, int]]:
        about = asked_about(state, wishes, "ann", HOUR_NS)
        assert ("ann", HOUR_NS) == (about.owner, about.since_ns)
        return list(about.ranges)

    assert [] == asked(wish("1", "16-18", "1.3", when="ok"), wish("99"))
    assert [(20, 21)] == asked(wish("20"))
    assert [] == asked(wish("20-22"))
    assert [(20, 22)] == asked(wish("10-99", when="ok")) == asked(wish("20-21", each=True))
    assert [] == asked(wish("x"))
    words = (wish("x", "tag:t"), wish("user:bob", "x"))
    assert (Named("x"), Tagged("t"), Owned("bob")) == asked_about(state, words, "ann", 0).words


def test_what_the_journal_tells_counts() -> None:
    """Arrays by their first number, names, and how they ended."""
    state = a_state(*STATE)
    state.next_job = JobId(40)
    worst = Ended(JobId(31), 1, Ending.CANCELLED, Result())
    bad = Gone(an_array(30, (0, 2, 1), name="old"), ((JobId(31), JobId(32)),), worst)
    good = Gone(what(33, 1, Terms(name="fine")))
    both = (bad, good)

    assert () == plan(state, wish("30", "old", "33"), wish("fine", when="ok"), gone=both).terms.after
    assert () == plan(state, wish("30", when="fail"), wish("30.2", "33", when="ok"), gone=both).terms.after
    for wanted, why in (
        (wish("old", when="ok"), "job 31 was cancelled, and --after-ok"),
        (wish("30.1", when="ok"), "job 31 was cancelled"),
        (wish("33", when="fail"), "job 33 has ended well, and --after-fail"),
        (wish("30.0", when="fail"), "job 30 has ended well"),
        (wish("35"), "job 35 is not known any more"),
    ):
        with pytest.raises(Unmet, match=why):
            plan(state, wanted, gone=both)
    skipped = plan(state, wish("30", when="ok", each=True), count=3, gone=both).never
    assert ((1, 2, "job 31, which it waits for, was cancelled"),) == skipped
    with pytest.raises(Unmet, match="too many submissions"):
        plan_of(state, submit_of(b"a"), Bygone(is_all=False))


@pytest.mark.parametrize("text", [b"1", b"[{}]", b"[" * 5000, b"\xff", b'[{"selector":{},"when":"soon"}]'])
def test_nonsense_is_refused(text: bytes) -> None:
    """Whatever a peer sends."""
    with pytest.raises(BadWishes):
        read_wishes(text)


def test_wishes_are_bounded() -> None:
    """A message is."""
    with pytest.raises(BadWishes):
        read_wishes(wishes_text((wish("1"),) * (WISHES_LIMIT + 1)))
    with pytest.raises(BadWishes):
        read_wishes(b" " * 600_000)
    assert (wish("1"),) * WISHES_LIMIT == read_wishes(wishes_text((wish("1"),) * WISHES_LIMIT))
