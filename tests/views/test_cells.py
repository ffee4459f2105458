"""How many cells text takes, and text cut to so many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.text import printable
from goq.views.text import beginning, cells, cut, cut_in_the_middle, end

TEXT = st.text(st.sampled_from("ab /\N{COMBINING ACUTE ACCENT}日ｱé한\u1161…"), max_size=30) | st.text().map(
    printable
)
WIDTHS = st.integers(-2, 40)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("fold", 4),
        ("é", 1),
        ("e\N{COMBINING ACUTE ACCENT}", 1),
        ("日本", 4),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}", 2),
        ("\u1112\u1161\u11ab", 2),
        ("\N{COMBINING ENCLOSING CIRCLE}", 0),
        ("━✗▸·╍", 5),
    ],
)
def test_a_character_takes_the_cells_that_terminals_give_it(text: str, width: int) -> None:
    """A table with a name in Chinese, or with an accent of its own, stands as straight as any."""
    assert width == cells(text)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("assembly", 8, "assembly"),
        ("assembly", 7, "assemb…"),
        ("assembly", 1, "…"),
        ("assembly", 0, ""),
        ("assembly", -3, ""),
        ("", 0, ""),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("e\N{COMBINING ACUTE ACCENT}tude", 4, "e\N{COMBINING ACUTE ACCENT}tu…"),
    ],
)
def test_what_is_too_long_ends_in_a_sign(text: str, width: int, shown: str) -> None:
    """Nothing is cut silently, and no character into halves."""
    assert shown == cut(text, width)


@pytest.mark.parametrize(
    ("command", "width", "shown"),
    [
        ("python train.py --seed 16", 25, "python train.py --seed 16"),
        ("python train.py --epochs 90 --seed 16", 24, "python …chs 90 --seed 16"),
        ("/opt/tools/bin/blast -db nt -query a.fa", 24, "…/blast … nt -query a.fa"),
        ("/opt/tools/bin/blast -db nt -query a.fa", 38, "…/blast -db nt -query a.fa"),
        ("a_program_with_a_long_name --seed 16", 14, "a_prog… …ed 16"),
        ("/opt/tools/bin/blast", 9, "…/blast"),
        ("ab cdef", 6, "ab …ef"),
        ("abcdefgh", 6, "abcde…"),
        ("ls ", 2, "l…"),
        ("ls", 1, "…"),
        ("ls -l", 2, "l…"),
        ("ls -l", 0, ""),
    ],
)
def test_a_command_keeps_its_program_and_its_end(command: str, width: int, shown: str) -> None:
    """Where commands differ is mostly the end; cut there, all of an array look alike."""
    assert shown == cut_in_the_middle(command, width)


@given(TEXT, WIDTHS)
def test_what_is_cut_fits(text: str, width: int) -> None:
    """A row that is one cell too long is two lines."""
    for shown in (cut(text, width), cut_in_the_middle(text, width), beginning(text, width), end(text, width)):
        assert cells(shown) <= max(0, width)


@given(TEXT, WIDTHS)
def test_what_fits_is_not_cut(text: str, width: int) -> None:
    """And what does not fit says so."""
    if cells(text) <= width:
        assert text == cut(text, width) == cut_in_the_middle(text, width)
    elif width > 0:
        assert "…" in cut(text, width)
        assert "…" in cut_in_the_middle(text, width)


@given(TEXT, st.integers(0, 40))
def test_ends_are_whole_and_as_long_as_they_can_be(text: str, width: int) -> None:
    """One character more would be too many."""
    first, last = beginning(text, width), end(text, width)

    assert text.startswith(first)
    assert text.endswith(last)
    assert first == text or cells(text[: len(first) + 1]) > width
    assert not last or cells(last[0])
