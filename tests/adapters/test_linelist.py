"""The lines of a long list, in the pieces in which they travel, and how many there may be."""

import pytest

from goq.adapters.files import linelist
from goq.adapters.files.linelist import LIST_BYTES, LIST_COUNT, LineList
from goq.errors import BadCommand


def whole(lines: LineList) -> list[bytes]:
    """All of them, from their pieces."""
    return [line for number in range(lines.pieces) for line in lines.piece(number)[1]]


def test_the_bounds_are_those_that_people_are_told() -> None:
    """In the README, and with each refusal."""
    assert (10_000_000, 1 << 30) == (LIST_COUNT, LIST_BYTES)


def test_pieces_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """By count and by bytes; the first ones in memory, the others in a file, and any of them again."""
    monkeypatch.setattr(linelist, "PIECE_COUNT", 3)
    monkeypatch.setattr(linelist, "PIECE_BYTES", 50)
    monkeypatch.setattr(linelist, "PIECES_IN_MEMORY", 2)
    given = [b"line %d" % at * (1 + at % 4) for at in range(100)]
    lines = LineList(given)

    assert given == whole(lines) == whole(lines)
    assert (100, sum(map(len, given))) == (lines.count, lines.size)
    for at in (0, 7, 50, 99):
        first, piece = lines.piece_of(at)
        assert given[at] == piece[at - first]
    assert lines._file is not None
    lines._file.close()  # which otherwise ends with the process


@pytest.mark.parametrize(("name", "limit"), [("LIST_COUNT", 4), ("LIST_BYTES", 12)])
def test_one_line_too_many_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, limit: int) -> None:
    """The last that fits is taken; the message says both bounds, and that nothing was submitted."""
    monkeypatch.setattr(linelist, name, limit)
    lines = LineList([b"one"] * 4)
    with pytest.raises(
        BadCommand, match=r"^a list holds \d+ lines and \d+ bytes at most, .*; nothing was submitted$"
    ):
        lines.append(b"x")

    assert [b"one"] * 4 == whole(lines)


def test_other_lines_are_another_list() -> None:
    """Who tries the same again goes on; where a line ends and the next begins counts as well."""
    assert LineList([b"a", b"b"]).digest == LineList([b"a", b"b"]).digest
    assert LineList([b"a", b"b"]).digest != LineList([b"ab"]).digest
