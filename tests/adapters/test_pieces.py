"""Pieces of an output: each byte once and in order, and nothing that is not what was read before."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.files.pieces import CHUNK_BYTES, SEAM_BYTES, Damaged, Piece, Pieces


class Output:
    """A file that grows, shrinks and changes, and the pieces that are made of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w+b", buffering=0)
        self.pieces = Pieces(self._file.fileno())

    def grow(self, data: bytes) -> None:
        """What a job does."""
        with self.path.open("ab") as file:
            file.write(data)

    def change(self, at: int, data: bytes) -> None:
        """What nobody should do."""
        os.pwrite(self._file.fileno(), data, at)

    def cut(self, size: int) -> None:
        """Nor this."""
        os.truncate(self.path, size)

    def all(self, limit: int = CHUNK_BYTES) -> list[Piece]:
        """All pieces that there are now."""
        return list(iter(lambda: self.pieces.next(limit), None))

    def close(self) -> None:
        """No more of this."""
        self._file.close()


@pytest.fixture(name="output")
def _output(tmp_path: Path) -> Iterator[Output]:
    output = Output(tmp_path / "7.1.out")
    yield output
    output.close()


def sha256(data: bytes) -> bytes:
    """Of all that was written."""
    return hashlib.sha256(data).digest()


def check(pieces: list[Piece], whole: bytes, start: int = 0) -> None:
    """They are the output from there to its end, and each leads from one digest to the next."""
    at = start
    for piece in pieces:
        end = at + len(piece.data)
        assert Piece(at, whole[at:end], sha256(whole[:at]), sha256(whole[:end])) == piece
        at = end
    assert len(whole) == at


# --- forward -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.binary(max_size=30), max_size=8), limits=st.lists(st.integers(1, 50), min_size=1))
def test_pieces_are_the_output_however_it_grows(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], limits: list[int]
) -> None:
    """The worker reads while the job writes."""
    output = Output(tmp_path_factory.mktemp("spool") / "out")
    pieces: list[Piece] = []
    for number, part in enumerate(parts):
        output.grow(part)
        if number % 2:
            pieces += output.all(limits[number % len(limits)])
    pieces += output.all(limits[0])
    at, digest = output.pieces.at, output.pieces.sha256
    output.close()
    whole = b"".join(parts)

    check(pieces, whole)
    assert (len(whole), sha256(whole)) == (at, digest)


def test_a_piece_is_not_longer_than_a_chunk(output: Output) -> None:
    """It must fit a message."""
    output.grow(bytes(CHUNK_BYTES + 10))

    assert [CHUNK_BYTES, 10] == [len(piece.data) for piece in output.all()]


def test_of_an_empty_output_there_is_no_piece(output: Output) -> None:
    """And of one that has not grown, no more."""
    assert output.pieces.next() is None
    assert sha256(b"") == output.pieces.sha256
    output.grow(b"x")
    output.all()
    assert output.pieces.next() is None


# --- back and forth ------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    whole=st.binary(min_size=1, max_size=80),
    moves=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 4), st.integers(1, 40)), max_size=12),
)
def test_wherever_it_goes_on_the_digests_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, moves: list[tuple[int, int, int]]
) -> None:
    """A server asks for a piece again, begins at 0 after a restart, or has more from a worker that died."""
    output = Output(tmp_path_factory.mktemp("spool") / "out")
    output.grow(whole)
    for place, count, limit in moves:
        start = place % (len(whole) + 1)
        output.pieces.go_to(start)
        while output.pieces.is_behind:
            output.pieces.next(limit)
        pieces = [piece for _ in range(count) if (piece := output.pieces.next(limit))]
        end = pieces[-1].offset + len(pieces[-1].data) if pieces else start
        check(pieces, whole[:end], start)
        output.pieces.settle(start)
        assert end == output.pieces.at
    output.pieces.go_to(0)
    check(output.all(7), whole)
    output.close()


def test_what_the_server_has_already_is_hashed_in_steps(output: Output) -> None:
    """It may be gigabytes, and other jobs want their turn."""
    output.grow(b"a" * 10 + b"b" * 5)
    output.pieces.go_to(10)
    steps = []
    while output.pieces.is_behind:
        steps.append(output.pieces.next(4))

    assert [4, 4, 2] == [len(step.data) for step in steps if step]
    check(output.all(), b"a" * 10 + b"b" * 5, start=10)


def test_no_state_is_kept_that_nobody_can_want(output: Output) -> None:
    """An output of a terabyte has a million places to go back to."""
    output.grow(bytes(1000))
    output.pieces.go_to(500)
    while output.pieces.is_behind:
        output.pieces.next(1)
    skipped = len(output.pieces._states)
    for _ in range(500):
        piece = output.pieces.next(1)
        assert piece is not None
        output.pieces.settle(piece.offset)

    assert 1 == skipped
    assert 2 == len(output.pieces._states)


# --- damage --------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1, 5])
def test_an_output_that_shrank_is_damaged(output: Output, left: int) -> None:
    """What the server has of it was in it once."""
    output.grow(b"abcdef")
    output.all()
    output.cut(left)

    with pytest.raises(Damaged, match=rf"shrank from 6 to {left} bytes"):
        output.pieces.next()


def test_an_output_that_shrank_and_grew_again_is_damaged_when_it_is_seen(output: Output) -> None:
    """It need not be read on for that."""
    output.grow(b"abcdef")
    output.all()
    output.cut(2)
    output.grow(b"xyz")

    with pytest.raises(Damaged, match="shrank from 6 to 5 bytes"):
        output.pieces.next()


@pytest.mark.parametrize("more", [b"", b"xyz"])
def test_an_output_that_shrank_and_grew_beyond_what_it_was_is_damaged(output: Output, more: bytes) -> None:
    """What was written meanwhile would be missing in the middle, and nobody would know."""
    output.grow(b"abcdef")
    output.all()
    output.cut(2)
    output.grow(b"ghij" + more)

    with pytest.raises(Damaged, match="changed after it had been read"):
        output.pieces.next()


@pytest.mark.parametrize("limit", [400, 5000, 7000])
@pytest.mark.parametrize("at", [0, 1, 2500, 5000 - SEAM_BYTES - 1, 5000 - SEAM_BYTES, 4999])
def test_an_output_that_is_read_again_must_be_the_same(output: Output, at: int, limit: int) -> None:
    """After a restart of the server it is sent once more; a digest of other bytes would be another's."""
    output.grow(b"abcde" * 1000)
    output.all()
    output.change(at, b"X")
    output.grow(b"fgh")
    output.pieces.go_to(0)

    with pytest.raises(Damaged, match="changed after it had been read"):
        output.all(limit)


def test_what_was_not_read_yet_may_still_change(output: Output) -> None:
    """A program that writes over its own last line does so."""
    output.grow(b"abcdef")
    first = output.pieces.next(3)
    output.change(3, b"DEF")
    output.pieces.go_to(0)

    assert first is not None
    check(output.all(2), b"abcDEF")


def test_a_server_that_has_more_than_there_is_finds_it_damaged(output: Output) -> None:
    """Its worker died, and somebody has cut what it left behind."""
    output.grow(b"abc")

    with pytest.raises(Damaged, match="the server has 4 bytes of it, and the worker 3"):
        output.pieces.go_to(4)


def test_a_disk_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    """A folder cannot be read, and stands for a file on a dying disk; a closed one for a stale handle."""
    fileno = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(Damaged, match="cannot be read: Is a directory"):
            Pieces(fileno).next()
    finally:
        os.close(fileno)
    with pytest.raises(Damaged, match="cannot be read: Bad file descriptor"):
        Pieces(fileno).next()


# --- last words ----------------------------------------------------------------------------


def test_last_words_follow_what_the_server_has(output: Output) -> None:
    """What came before the damage is worth having."""
    output.grow(b"abcdef")
    output.pieces.next(2)
    output.pieces.settle(2)
    output.all(2)
    output.cut(0)
    output.pieces.end_with(4, b"the end")
    size = output.pieces.size()

    check(output.all(5), b"abcdthe end", start=4)
    assert (11, 11, sha256(b"abcdthe end")) == (size, output.pieces.at, output.pieces.sha256)


def test_last_words_may_stand_alone(output: Output) -> None:
    """The server was started again, and has nothing."""
    output.grow(b"abcdef")
    output.all(2)
    output.pieces.settle(6)
    output.cut(0)
    output.pieces.end_with(6, b"once")
    output.all()
    output.pieces.end_with(0, b"again")

    check(output.all(), b"again")


def test_nothing_follows_what_is_not_known(output: Output) -> None:
    """The digest of what the server has from a worker that died cannot be made any more."""
    output.grow(b"abcdef")
    output.pieces.next(2)

    with pytest.raises(Damaged):
        output.pieces.end_with(1, b"the end")
