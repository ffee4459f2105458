"""What a job wrote moves no cursor and asks a terminal nothing, however it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.views.harmless import Harmless


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"plain\ttext\n", "plain\ttext\n"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b[38;5;9mred\x1b[m", "red"),
        (b"10%\r20%\r\n", "10%\n20%\n"),
        (b"\x1b[2J\x1b[H", r"\x1b[2J\x1b[H"),
        (b"\x1b]0;title\x07", r"\x1b]0;title\x07"),
        (b"\x1b", r"\x1b"),
        (b"\x1b[3", r"\x1b[3"),
        ("\x9b2J\u202e".encode(), r"\x9b2J\u202e"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("grün 数".encode(), "grün 数"),
        (b"end\r", "end\n"),
    ],
)
def test_control_characters_are_spelled_out_and_colours_left_out(written: bytes, shown: str) -> None:
    assert shown == Harmless().feed(written, is_last=True)


@given(
    st.lists(st.sampled_from([b"\x1b", b"[", b"3", b"1", b"m", b"\r", b"\n", b"\xc3", b"\xbc", b"J", b";"]))
)
def test_it_is_the_same_in_whatever_pieces_it_comes(pieces: list[bytes]) -> None:
    whole, piecewise = Harmless(), Harmless()
    shown = "".join([*map(piecewise.feed, pieces), piecewise.feed(b"", is_last=True)])

    assert whole.feed(b"".join(pieces), is_last=True) == shown


@given(st.lists(st.binary(max_size=20)))
def test_nothing_but_line_ends_and_tabs_gets_through(pieces: list[bytes]) -> None:
    harmless = Harmless()
    shown = "".join([*map(harmless.feed, pieces), harmless.feed(b"", is_last=True)])

    assert shown.replace("\n", "").replace("\t", "").isprintable()


def test_nothing_is_held_that_need_not_be() -> None:
    """A line without an end is seen while it is written."""
    harmless = Harmless()

    assert "50 %" == harmless.feed(b"50 %")
    assert "" == harmless.feed(b"\x1b[3")
    assert "x" == harmless.feed(b"2mx")
    assert 45 < len(harmless.feed(b"\x1b[" + b"1;" * 30))
