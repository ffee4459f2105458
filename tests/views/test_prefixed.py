"""Of several jobs whole lines are shown, each behind the word for its job."""

from hypothesis import given
from hypothesis import strategies as st

from goq.views.prefixed import LINE_BYTES, Prefixed


@given(st.lists(st.sampled_from([b"a", b"\n", b"bc", b"\n\n", b"\0"])))
def test_each_line_is_there_once_behind_its_word(pieces: list[bytes]) -> None:
    lines = Prefixed("7")
    shown = b"".join([*map(lines.feed, pieces), lines.end()])
    written = b"".join(pieces).split(b"\n")
    last = [written.pop()] if written[-1] else written.pop() and []

    assert b"".join(b"[7] %b\n" % line for line in [*written, *last]) == shown


def test_a_line_that_has_not_ended_is_held() -> None:
    lines = Prefixed("12")

    assert b"" == lines.feed(b"half")
    assert b"[12] half a line\n" == lines.feed(b" a line\nnext")
    assert b"[12] next\n" == lines.end()
    assert b"" == lines.end()


def test_a_line_without_an_end_is_not_held_for_ever() -> None:
    """A job may write gigabytes without one."""
    lines = Prefixed("1")
    shown = [lines.feed(b"x" * (LINE_BYTES // 4)) for _ in range(9)]

    assert 2 == len([each for each in shown if each])
    assert LINE_BYTES + 5 == len(shown[3])
