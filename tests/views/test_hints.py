"""The next command, for people who do not know it yet."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.views.hints import Hint, hint
from goq.views.paper import Paper

TERMINAL = Paper(is_terminal=True)
OLDER = Hint("7,041 older:", ("goq", "list", "--since", "7d"))


def test_a_hint_is_a_dim_line() -> None:
    """It is there for who wants it, and in nobody's way."""
    assert "7,041 older:  goq list --since 7d" == hint([OLDER], TERMINAL)
    assert "\x1b[2m7,041 older:  goq list --since 7d\x1b[0m" == hint(
        [OLDER], TERMINAL._replace(has_color=True)
    )


def test_a_pipe_gets_none() -> None:
    """A program would take it for an answer."""
    assert hint([OLDER], Paper()) is None


def test_the_first_that_fits_is_given_whole() -> None:
    """Half of a command is another command."""
    shorter = Hint("", ("goq", "list"))

    assert "goq list" == hint([OLDER, shorter], TERMINAL._replace(width=32))
    assert "7,041 older:  goq list --since 7d" == hint([OLDER, shorter], TERMINAL._replace(width=33))
    assert hint([OLDER, shorter], TERMINAL._replace(width=7)) is None
    assert hint([], TERMINAL) is None


@pytest.mark.parametrize("word", ["a b", "*", "12[3]", "it's", "$HOME", "", "~", "a;b", "name=x"])
def test_a_hint_works_as_it_stands(word: str) -> None:
    """Whatever the job is called, the shell hands its name back."""
    assert ["goq", "why", word] == shlex.split(Hint("", ("goq", "why", word)).text)


@given(st.text())
def test_a_hint_is_one_line(word: str) -> None:
    """Also of a name with line ends in it."""
    shown = hint([Hint("so:", ("goq", "why", word.replace("\0", "")))], TERMINAL._replace(width=10_000))

    assert shown is not None
    assert shown.isprintable()
