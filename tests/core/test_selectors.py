"""Which jobs the words mean that people name jobs by, and the same as a text."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goq.core.values.ids import JobId
from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.selectors import (
    ALL,
    PARTS_LIMIT,
    TEXT_LIMIT,
    BadSelector,
    Jobs,
    Named,
    Number,
    Owned,
    Part,
    Selector,
    Tagged,
    Tasks,
    read_selector,
    selector_of,
    selector_text,
)
from goq.core.values.states import BadState, JobState, states_of
from goq.core.values.terms import LABEL_LIMIT, NAME_LIMIT, is_label

numbers = st.integers(1, 50).map(JobId) | st.integers(1, NUMBER_LIMIT).map(JobId)
labels = st.text(st.characters(codec="utf-8"), max_size=8).filter(is_label)
patterns = (
    st.lists(labels, min_size=1, max_size=3).map("*".join).filter(lambda text: len(text) <= LABEL_LIMIT)
)
users = st.sampled_from(["ann", "1000", r"LAB\ann", "ann@lab", "x" * NAME_LIMIT])


def _jobs(first: JobId, more: int) -> Jobs:
    return Jobs(first, JobId(min(first + more, NUMBER_LIMIT + 1)))


def _tasks(job: JobId, bounds: list[int]) -> Tasks:
    """Ranges that neither overlap nor touch."""
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return Tasks(job, tuple((3 * low, 3 * high) for low, high in pairs))


bounds = st.lists(st.integers(0, 10**6), min_size=2, max_size=8, unique=True).map(sorted)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Number, numbers),
    st.builds(_jobs, numbers, st.integers(1, 99)),
    st.builds(Tasks, numbers),
    st.builds(_tasks, numbers, bounds),
    st.builds(Named, labels | patterns | st.just("*")),
    st.builds(Tagged, labels),
    st.builds(Owned, users),
)
states = st.lists(st.sampled_from(JobState), unique=True).map(tuple)
selectors = st.builds(
    Selector, st.lists(parts, unique=True, max_size=9).map(tuple), states, st.just("") | users
)


def _word(part: Part, brackets: bool) -> str:
    """How it is written."""
    match part:
        case Number(job):
            return str(job)
        case Jobs(first, end):
            return f"{first}-{end - 1}"
        case Tasks(job, ranges):
            text = "*" if ranges == ALL else ",".join(f"{low}-{high}" for low, high in ranges)
            return f"{job}[{text}]" if brackets else f"{job}.{text}"
        case Named(pattern):
            return f"name:{pattern}"
        case Tagged(tag):
            return f"tag:{tag}"
        case Owned(user):
            return f"user:{user}"


@given(selectors, st.booleans())
def test_a_selector_is_read_as_it_is_written(selector: Selector, brackets: bool) -> None:
    """Each word is a part, and all that it says is in it."""
    words = [_word(part, brackets) for part in selector.parts]

    assert selector == selector_of(words, [state.value for state in selector.states], selector.user)


@given(selectors)
def test_a_selector_travels_as_a_text(selector: Selector) -> None:
    """What the client makes of the words, the server reads."""
    assert selector == read_selector(selector_text(selector))


@given(labels)
def test_whatever_may_be_a_name_names_jobs(name: str) -> None:
    """As a word of its own, when it says nothing else; behind name: always."""
    assert (Named(name),) == selector_of([f"name:{name}"]).parts
    if not re.fullmatch(r"[-+]?[0-9][-0-9.\[\]_]*", name):
        assert (Named(name),) == selector_of([name]).parts


@given(st.text(alphabet="0123456789.,-[]*:_ ab", max_size=10) | st.text(max_size=8))
def test_any_word_names_jobs_or_is_refused(word: str) -> None:
    """Nothing else comes of it; what is taken can be sent."""
    try:
        selector = selector_of([word], user=word)
    except BadSelector as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert selector == read_selector(selector_text(selector))


def _job(number: int) -> JobId:
    return JobId(number)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("12", Number(_job(12))),
        ("012", Number(_job(12))),
        (f"{NUMBER_LIMIT}", Number(_job(NUMBER_LIMIT))),
        ("12-20", Jobs(_job(12), _job(21))),
        ("12-12", Jobs(_job(12), _job(13))),
        (f"1-{NUMBER_LIMIT}", Jobs(_job(1), _job(NUMBER_LIMIT + 1))),
        ("12.3", Tasks(_job(12), ((3, 3),))),
        ("12.0", Tasks(_job(12), ((0, 0),))),
        ("12[3]", Tasks(_job(12), ((3, 3),))),
        ("12[3-7,9]", Tasks(_job(12), ((3, 7), (9, 9)))),
        ("12.3-7,9", Tasks(_job(12), ((3, 7), (9, 9)))),
        ("12.9,3-7", Tasks(_job(12), ((3, 7), (9, 9)))),
        ("12.3-7,5-6,8,7", Tasks(_job(12), ((3, 8),))),
        ("12.1-9,3-4", Tasks(_job(12), ((1, 9),))),
        ("12.3,5", Tasks(_job(12), ((3, 3), (5, 5)))),
        ("12.*", Tasks(_job(12), ALL)),
        ("12[*]", Tasks(_job(12), ALL)),
        ("fold", Named("fold")),
        ("2024-sweep", Named("2024-sweep")),
        ("12x*", Named("12x*")),
        ("name:fold", Named("fold")),
        ("name:12*", Named("12*")),
        ("sim*", Named("sim*")),
        ("*", Named("*")),
        ("tag:night", Tagged("night")),
        ("user:ann", Owned("ann")),
        ("user:1000", Owned("1000")),
        ("user:a:b", Owned("a:b")),
    ],
)
def test_the_notation_of_selectors(word: str, part: Part) -> None:
    """What DESIGN promises, and what people come up with."""
    assert Selector((part,)) == selector_of([word])


BAD_WORDS = {
    "": "''",
    "0": "'0' is no job",
    "0-5": "'0'",
    "0.3": "'0'",
    "20-12": "wrong way round; write 12-20",
    "12.7-3": "'7-3' in '12.7-3' is the wrong way round; write 3-7",
    "12[7-3]": "'7-3'",
    "-5": "'-5'",
    "12-": "'12-' is no number of jobs",
    "12-20-30": "'12-20-30'",
    "12.": "'12.'",
    "12[": "'12['",
    "12[]": "'12[]'",
    "12[3": "'12[3'",
    "12.3[4]": "'12.3[4]'",
    "12.3-": "'12.3-'",
    "12.3,,4": "'12.3,,4'",
    "12.3:2": "'12.3:2' is no number of jobs",
    "12_3": "'12_3' is no number of jobs; write 12, 12-20, 12.3-7,9 or 12.*",
    "12*": "'12*' is no number of jobs",
    "12,14-20": "write 12 14-20",
    "12," * 200 + "12": "them as words of their own",
    "a,b": "'a,b' can be no name of jobs",
    "a b": "'a b'",
    "a/b": "'a/b'",
    "a\nb": r"'a\nb'",
    "--state": "'--state'",
    "१२": "can be no name",
    "_": "'_'",
    "x" * (LABEL_LIMIT + 1): "can be no name",
    "x" * LABEL_LIMIT + "*": "can be no name",
    "name:": "'name:'",
    "name:12": "'name:12'",
    "name:a:b": "'name:a:b'",
    "tag:": "can be no tag",
    "tag:12": "can be no tag",
    "tag:n*": "can be no tag",
    "user:": "can be no user",
    "user:a b": "can be no user",
    "user:" + "x" * (NAME_LIMIT + 1): "can be no user",
    "job:12": "'job:' in 'job:12' is no way to name jobs; write 12, 12-20, 12.3-7, a name, tag:T or user:U",
    ":12": "':' in ':12'",
    f"{NUMBER_LIMIT + 1}": "too large",
    f"1-{NUMBER_LIMIT + 1}": "too large",
    f"1.{NUMBER_LIMIT + 1}": "too large",
    "9" * 5000: "too large",
    "a\udcff": "names no jobs",
}


@pytest.mark.parametrize(("word", "says"), BAD_WORDS.items(), ids=[ascii(word)[:20] for word in BAD_WORDS])
def test_a_bad_word_is_refused_by_name(word: str, says: str) -> None:
    """One line, not too long, that shows a right one."""
    with pytest.raises(BadSelector) as refusal:
        selector_of(["12", word])

    assert says in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 200


def test_several_words_are_a_union() -> None:
    """Each once, in the order in which they were named."""
    selector = selector_of(["fold", "12", "012", "12.*", "fold"])

    assert (Named("fold"), Number(_job(12)), Tasks(_job(12))) == selector.parts


def test_as_many_parts_as_may_be_are_read() -> None:
    """The longest ones too."""
    names = [f"{'日' * (LABEL_LIMIT - 4)}{at:03}x" for at in range(PARTS_LIMIT)]
    selector = selector_of(names)

    assert selector == read_selector(selector_text(selector))


def test_too_many_parts_are_refused() -> None:
    """Words, or ranges in them."""
    odd = [str(2 * at + 1) for at in range(PARTS_LIMIT + 1)]
    for words in (odd, ["7." + ",".join(odd)], ["7", "8." + ",".join(odd[1:])]):
        with pytest.raises(
            BadSelector, match="1001 words and ranges are more than 1000; ranges as 12-20 are one"
        ):
            selector_of(words)
    assert PARTS_LIMIT == len(selector_of(odd[1:]).parts)


# --- states, users --------------------------------------------------------------------------------


def test_states_and_a_user_narrow() -> None:
    """Several states in a word, or in words; each once."""
    selector = selector_of(["*"], ["failed,lost", "lost", "held"], "ann")

    assert (JobState.FAILED, JobState.LOST, JobState.HELD) == selector.states
    assert (JobState.HELD, JobState.LOST) == states_of("held,lost,held")
    assert "ann" == selector.user


@pytest.mark.parametrize("word", ["quued", "", "failed,", "Failed", "failed lost", "failed\n"])
def test_an_unknown_state_is_told_which_there_are(word: str) -> None:
    """All nine."""
    names = "waiting held running paused done failed cancelled lost skipped"
    for ask in (lambda: states_of(word), lambda: selector_of([], [word])):
        with pytest.raises(
            (BadState, BadSelector), match=f"is no state of a job; they are {names}$"
        ) as refusal:
            ask()
        assert str(refusal.value).isprintable()


@pytest.mark.parametrize("user", ["a b", "\x1b", "x" * (NAME_LIMIT + 1), "\udcff"])
def test_what_can_be_no_user_is_refused(user: str) -> None:
    """By its name."""
    with pytest.raises(BadSelector, match="can be no user"):
        selector_of([], user=user)


def test_four_states_are_live() -> None:
    """A job leaves the others no more."""
    assert "waiting held running paused" == " ".join(state.value for state in JobState if state.is_live)


# --- names ----------------------------------------------------------------------------------------


@given(st.text("ab*", max_size=7), st.text("ab", max_size=9))
@example("*ab*b", "ab")
@example("ab*b", "ab")
def test_a_star_is_any_characters(pattern: str, name: str) -> None:
    """As in a shell."""
    by_regex = re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL)

    assert (by_regex is not None) == Named(pattern).meets(name)
    assert ("*" not in pattern) == Named(pattern).is_exact


def test_nothing_but_a_star_is_special() -> None:
    """Names may hold what patterns of shells are made of."""
    assert Named("x[3]?").meets("x[3]?")
    assert not Named("x[3]?*").meets("x3y")
    assert Named("*").meets("")


def test_a_pattern_from_hell_takes_no_time() -> None:
    """A server that tried all ways to read it would do nothing else."""
    assert not Named("a*" * 50).meets("a" * 45)
    assert not Named("*a" * 49 + "b*").meets("a" * 100)


# --- as text --------------------------------------------------------------------------------------

NONSENSE = {
    "a part of no kind": b'{"parts":[{"job":1}]}',
    "a part of another kind": b'{"parts":[{"type":"x"}]}',
    "job 0": b'{"parts":[{"type":"number","job":0}]}',
    "a huge job": b'{"parts":[{"type":"number","job":1000000000000000}]}',
    "no jobs": b'{"parts":[{"type":"jobs","first":5,"end":5}]}',
    "jobs from 0": b'{"parts":[{"type":"jobs","first":0,"end":5}]}',
    "a huge end": b'{"parts":[{"type":"jobs","first":1,"end":1000000000000001}]}',
    "no tasks": b'{"parts":[{"type":"tasks","job":1,"ranges":[]}]}',
    "tasks the wrong way round": b'{"parts":[{"type":"tasks","job":1,"ranges":[[3,1]]}]}',
    "a negative task": b'{"parts":[{"type":"tasks","job":1,"ranges":[[-1,1]]}]}',
    "a huge task": b'{"parts":[{"type":"tasks","job":1,"ranges":[[1,1000000000000000]]}]}',
    "tasks in no order": b'{"parts":[{"type":"tasks","job":1,"ranges":[[3,4],[1,2]]}]}',
    "tasks twice": b'{"parts":[{"type":"tasks","job":1,"ranges":[[1,3],[3,4]]}]}',
    "an empty pattern": b'{"parts":[{"type":"named","pattern":""}]}',
    "a pattern with a blank": b'{"parts":[{"type":"named","pattern":"a b"}]}',
    "a pattern that is an option": b'{"parts":[{"type":"named","pattern":"-x"}]}',
    "too long a pattern": b'{"parts":[{"type":"named","pattern":"%b"}]}' % (b"x" * (LABEL_LIMIT + 1)),
    "a tag that is none": b'{"parts":[{"type":"tagged","tag":"12"}]}',
    "no user": b'{"parts":[{"type":"owned","user":""}]}',
    "too long a user": b'{"user":"%b"}' % (b"x" * (NAME_LIMIT + 1)),
    "a user of two lines": b'{"user":"a\\nb"}',
    "too many parts": b'{"parts":[%b]}' % b",".join([b'{"type":"number","job":1}'] * (PARTS_LIMIT + 1)),
    "an unknown state": b'{"states":["x"]}',
    "too many states": b'{"states":[%b]}' % b",".join([b'"held"'] * 10),
    "a field of a newer goq": b'{"since":1}',
    "a part's field of a newer goq": b'{"parts":[{"type":"number","job":1,"x":1}]}',
    "half a character": b'{"user":"\\ud800"}',
    "no text": b"\xff",
    "nothing": b"",
    "no object": b"[1]",
    "depths": b'{"parts":' * 5000,
    "too much of it": b" " * TEXT_LIMIT + b"{}",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused(text: bytes) -> None:
    """Whatever a peer sends."""
    with pytest.raises(BadSelector) as refusal:
        read_selector(text)

    assert str(refusal.value).isprintable()


def test_all_jobs_are_a_short_text() -> None:
    """What nobody asked for is not written."""
    assert b"{}" == selector_text(Selector())
