"""Coloured lines as values, and what a terminal is sent for them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.text import printable
from goq.views import marks
from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, padded, rendered, spread
from goq.views.paper import Paper, utc

TERMINAL = Paper(is_terminal=True, has_color=True)
SPANS = st.builds(Span, st.text(st.sampled_from("ab 日\N{COMBINING ACUTE ACCENT}▸")), st.sampled_from(Ink))
LINES = st.lists(SPANS, max_size=6).map(lambda spans: line(*spans))


def text_of(shown: Line) -> str:
    return "".join(span.text for span in shown)


def test_what_has_an_ink_is_coloured_and_the_rest_is_not() -> None:
    """Each span ends its own colour, so none leaks into the prompt."""
    shown = line(Span("✗ memory", Ink.FAILED), "  8.0 of 8 GiB")

    assert "\x1b[1;31m✗ memory\x1b[0m  8.0 of 8 GiB" == rendered(shown, TERMINAL)


def test_without_colour_the_same_stands_there() -> None:
    """NO_COLOR takes colour and nothing else."""
    assert "✗ memory" == rendered(line(Span("✗ memory", Ink.FAILED)), Paper(is_terminal=True))


def test_ascii_paper_is_shown_ascii() -> None:
    """Every mark that goq draws with has a stand-in of one cell."""
    drawn = "".join(value for name, value in vars(marks).items() if name.isupper() and isinstance(value, str))
    shown = rendered(line(drawn), Paper(is_ascii=True))

    assert shown.isascii()
    assert line_cells(line(drawn)) == len(drawn) == len(shown)
    assert "> . = + x ! ? ~ -" == rendered(line("▸ · ‖ ✓ ✗ ! ? ↷ ⊘"), Paper(is_ascii=True))
    assert "# x > . : /" == rendered(line("━ ✗ ▸ · ╍ /"), Paper(is_ascii=True))


@pytest.mark.parametrize("ink", Ink)
def test_only_names_that_every_terminal_has(ink: Ink) -> None:
    """No background and no exact colour: either would be unreadable on somebody's terminal."""
    assert re.fullmatch(r"(?:(?:1|2|3[0-7])(?:;3[0-7])?)?", ink.sgr)


def test_strangers_text_cannot_steer_a_terminal() -> None:
    """A job may be called whatever its owner likes."""
    shown = rendered(line("a\x1b]0;title\x07b\ttab\nline\u202ebidi"), TERMINAL)

    assert shown.isprintable()
    assert r"a\x1b]0;title\x07b\ttab\nline\u202ebidi" == shown


@given(st.lists(st.text(), max_size=4), st.sampled_from(Ink))
def test_a_span_is_printable_whatever_it_was_made_of(texts: list[str], ink: Ink) -> None:
    """So its cells can be counted."""
    shown = line(*(Span(text, ink) for text in texts))

    assert "".join(map(printable, texts)) == text_of(shown)
    assert all(span.text.isprintable() for span in shown)


def test_a_cut_line_ends_in_the_ink_that_it_is_cut_in() -> None:
    """The rest of the colours stay where they were."""
    shown = line(Span("ab", Ink.RED), Span("cd", Ink.DIM), "ef")

    assert (Span("ab", Ink.RED), Span("…", Ink.DIM)) == cut_line(shown, 3)
    assert (Span("ab", Ink.RED), Span("cd", Ink.DIM), Span("…")) == cut_line(shown, 5)
    assert (Span("…", Ink.RED),) == cut_line(shown, 1)
    assert () == cut_line(shown, 0)
    assert shown == cut_line(shown, 6)


@given(LINES, st.integers(-1, 30))
def test_a_cut_line_fits_and_says_that_it_is_cut(shown: Line, width: int) -> None:
    """As text does."""
    cut = cut_line(shown, width)

    assert line_cells(cut) <= max(0, width)
    if line_cells(shown) <= width:
        assert shown == cut
    elif width > 0:
        assert text_of(cut).endswith("…")
        assert text_of(shown).startswith(text_of(cut)[:-1])


@given(LINES, st.integers(0, 30), st.booleans())
def test_padding_fills_to_the_width(shown: Line, width: int, is_right: bool) -> None:
    """Columns stand below each other."""
    wide = padded(shown, width, is_right=is_right)

    assert max(width, line_cells(shown)) == line_cells(wide)
    assert text_of(shown) in text_of(wide)
    assert not is_right or text_of(wide).endswith(text_of(shown))


def test_two_ends_of_a_line_stand_apart() -> None:
    """The command that helps stands at the right margin."""
    left, right = line("! 14855 can run nowhere"), line(Span("goq why 14855", Ink.DIM))

    assert "! 14855 can run nowhere    goq why 14855" == text_of(spread(left, right, 40))
    assert "! 14855 can run…  goq why 14855" == text_of(spread(left, right, 31))
    assert "goq w…" == text_of(spread(left, right, 6)).strip()


@given(LINES, LINES, st.integers(0, 40))
def test_a_spread_line_is_one_line(left: Line, right: Line, width: int) -> None:
    """Never wider than the paper."""
    assert line_cells(spread(left, right, width)) <= width


def test_paper_is_a_pipe_unless_somebody_asked() -> None:
    """What is forgotten is then the plain thing."""
    assert not Paper().is_terminal
    assert not Paper().has_color
    assert 0 == utc(1) == Paper().offset(1)
    assert [False, True] == [Paper(width).is_wide for width in (119, 120)]
