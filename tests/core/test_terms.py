"""What was asked for, as one text: nothing for nothing, refused when it is not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from goq.core.values.quantities import LARGEST_BYTES, LONGEST_S
from goq.core.values.terms import (
    AFTER_LIMIT,
    DEFAULT_TERMS,
    LABEL_LIMIT,
    MOMENT_LIMIT_NS,
    NAME_LIMIT,
    PATH_LIMIT,
    TAGS_LIMIT,
    TEXT_LIMIT,
    After,
    BadTerms,
    Terms,
    UnknownTerm,
    is_label,
    read_terms,
    terms_text,
)

names = st.text(st.characters(codec="utf-8"), max_size=NAME_LIMIT)
labels = st.text(max_size=LABEL_LIMIT).filter(is_label)
tags = st.lists(labels, max_size=TAGS_LIMIT).map(tuple)
paths = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=PATH_LIMIT)
seconds = st.just(0) | st.floats(0, LONGEST_S, exclude_min=True)
signals, sizes = st.integers(0, 64), st.integers(0, LARGEST_BYTES)
numbers = st.integers(1, 2**53)
afters = st.builds(
    After,
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["any", "ok", "fail"]),
    st.booleans(),
)
all_terms = st.builds(
    *(Terms, st.booleans(), names, st.integers(0, 0o777), st.just("") | labels, tags, paths),
    priority=st.integers(-1000, 1000),
    cpus=st.integers(1, 2**53),
    at_once=st.integers(0, 2**53),
    held=st.booleans(),
    not_before_ns=st.integers(0, MOMENT_LIMIT_NS),
    time_limit_s=seconds,
    warn_signal=signals,
    warn_s=seconds,
    memory=sizes,
    after=st.lists(afters, max_size=3).map(tuple),
    keep=st.booleans(),
)


@given(all_terms)
def test_terms_are_read_as_they_were_written(terms: Terms) -> None:
    """On the wire and in the journal."""
    assert terms == read_terms(terms_text(terms))


@given(all_terms)
def test_what_was_not_asked_for_is_written_nowhere(terms: Terms) -> None:
    """A million plain jobs take no room for it; and a newer goq's defaults hold for what was not said."""
    said = json.decode(terms_text(terms) or b"{}")

    assert _all(terms) == said


def _all(terms: Terms) -> dict[str, object]:
    """The fields that are not as they are by default."""
    pairs = ((name, getattr(terms, name)) for name in Terms.__struct_fields__)
    return {
        name: json.decode(json.encode(value))
        for name, value in pairs
        if value != getattr(DEFAULT_TERMS, name)
    }


def test_default_terms_are_no_text() -> None:
    """The absent field of a message, and no row of a journal."""
    assert b"" == terms_text(DEFAULT_TERMS) == terms_text(Terms())


def test_equal_terms_are_one_object() -> None:
    """A million jobs of one umask must not hold a million of them."""
    for text in (b"", b"{}", b'{"umask":18}', terms_text(Terms())):
        assert read_terms(text) is DEFAULT_TERMS
    for terms in (Terms(umask=0o002), Terms(requeue=False), Terms(umask=0o077, requeue=False)):
        assert read_terms(terms_text(terms)) is read_terms(terms_text(terms))


@pytest.mark.parametrize(
    ("text", "name"), [(b'{"later":[1]}', "later"), (b'{"umask":-1,"z":1,"b":2}', "b"), (b'{"":1}', "")]
)
def test_a_term_that_is_not_known_is_named(text: bytes, name: str) -> None:
    """Whoever asked for it must learn which it was, and that nothing was done without it."""
    with pytest.raises(UnknownTerm) as refusal:
        read_terms(text)

    assert name == refusal.value.name


def test_the_name_of_an_unknown_term_is_cut() -> None:
    """It comes from a peer."""
    with pytest.raises(UnknownTerm) as refusal:
        read_terms(b'{"%b":1}' % (b"x" * 5000))

    assert "x" * 100 == refusal.value.name


NONSENSE = {
    "a negative umask": b'{"umask":-1}',
    "a umask with a bit too many": b'{"umask":512}',
    "a huge number": b'{"umask":99999999999999999999999999}',
    "a word for a number": b'{"umask":"18"}',
    "too long a name": b'{"unique":"%b"}' % (b"x" * (NAME_LIMIT + 1)),
    "too long a label": b'{"name":"%b"}' % (b"x" * (LABEL_LIMIT + 1)),
    "an empty name": b'{"name":""}',
    "a tag that is a number": b'{"tags":["12"]}',
    "too many tags": b'{"tags":["a"%b]}' % (b',"a"' * TAGS_LIMIT),
    "a negative time": b'{"time_limit_s":-1}',
    "a time without end": b'{"time_limit_s":1e400}',
    "a longer time than there is": b'{"time_limit_s":4e9}',
    "no such signal": b'{"warn_signal":65}',
    "a warning after the end": b'{"warn_s":-1.0}',
    "negative memory": b'{"memory":-1}',
    "half a byte": b'{"memory":0.5}',
    "more memory than there is": b'{"memory":1152921504606846977}',
    "a NUL in a path": b'{"stdin":"a\\u0000"}',
    "too long a path": b'{"stdin":"%b"}' % (b"x" * (PATH_LIMIT + 1)),
    "behind nothing": b'{"after":[{"jobs":[]}]}',
    "behind no number": b'{"after":[{"jobs":[[0,1]]}]}',
    "behind a wish": b'{"after":[{"jobs":[[1,2]],"when":"soon"}]}',
    "behind too much": b'{"after":[{"jobs":[%b[1,2]]}]}' % (b"[1,2]," * AFTER_LIMIT),
    "half a character": b'{"unique":"\\ud800"}',
    "no text": b"\xff\xfe",
    "no object": b"[1]",
    "something behind it": b"{}{}",
    "a half": b'{"umask":1',
    "depths": b'{"unique":' * 5000,
    "too much of it": b" " * TEXT_LIMIT + b"{}",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused(text: bytes) -> None:
    """Whatever a peer sends, and whatever stands in a file."""
    with pytest.raises(BadTerms) as refusal:
        read_terms(text)

    assert not isinstance(refusal.value, UnknownTerm)


@pytest.mark.parametrize(
    "word", ["a", "fold", "fold-7", "2024-sweep", "_x.y@z+%", "7é", "日本", "x" * LABEL_LIMIT]
)
def test_a_name_may_be_nearly_any_word(word: str) -> None:
    """People know what they call things."""
    assert is_label(word)
    assert word == read_terms(terms_text(Terms(name=word))).name


SELECTORS = ["12", "12-20", "12.3", "12[3-7]", "12.*", "a,b", "a:b", "fold*", "*"]
UNFIT = [
    "",
    "_",
    "-x",
    "a b",
    "a\n",
    "\na",
    "a/b",
    "..",
    "\x1ba",
    "a\x7f",
    "a\u2003b",
    "x" * (LABEL_LIMIT + 1),
]


@pytest.mark.parametrize("word", SELECTORS + UNFIT)
def test_what_means_something_else_is_no_name(word: str) -> None:
    """Selectors, patterns, options, lists, and parts of a path."""
    assert not is_label(word)
