"""Outputs in files that have names: each its own bytes, whatever is written late, or twice, or after a crash."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.chunks import chunk_of
from goq.adapters.files.named import Named
from goq.adapters.files.outputs import Outputs
from goq.core.values.ids import JobId
from goq.core.values.result import ERR, OUT, Apart, OutputKey, Reserved, Result

A, B = JobId(7), JobId(8)


def put(outputs: Outputs, key: OutputKey, output: bytes, path: str = "x/y") -> None:
    """An attempt begins, and ends at once with this output."""
    outputs.reserve_named(key, path)
    outputs.end_named(key, len(output))
    outputs.write(key[0], output, key[1], key[2])


def test_each_lies_behind_the_one_before(tmp_path: Path) -> None:
    """Also when that is not written yet, as when both are in one turn."""
    outputs = Outputs(tmp_path, {})
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "y").write_bytes(b"older\n")
    starts = []
    for job, length in ((A, 4), (B, 4)):
        starts.append(outputs.reserve_named((job, 1, OUT), "x/y"))
        outputs.end_named((job, 1, OUT), length)
    outputs.write(B, b"two\n")
    outputs.write(A, b"one\n")

    assert [6, 10] == starts
    assert b"older\none\ntwo\n" == (tmp_path / "x" / "y").read_bytes()
    assert [(B, 1, OUT), (A, 1, OUT)] == outputs.sync_some(2)
    assert not outputs._named


def test_what_is_safe_is_not_cut_off_by_what_was_written_before(tmp_path: Path) -> None:
    """The last of three is on the disk, and known by nobody but us."""
    outputs = Outputs(tmp_path, {})
    keys = [(JobId(job), 1, OUT) for job in (1, 2, 3)]
    for key in keys:
        outputs.reserve_named(key, "x")
        outputs.end_named(key, 4)
    for which in (2, 1, 0):
        outputs.write(keys[which][0], b"abcd")
        outputs.sync_some(1)

    assert b"abcd" * 3 == (tmp_path / "x").read_bytes()
    assert not outputs._named


def test_an_attempt_that_is_tried_again_keeps_its_place(tmp_path: Path) -> None:
    """Its end is known, and may be written when the next one is on already; another stream is none of its."""
    outputs = Outputs(tmp_path, {})
    outputs.reserve_named((A, 1, ERR), "e")
    outputs.reserve_named((A, 1, OUT), "x")
    outputs.end_named((A, 1, OUT), 4)
    start = outputs.reserve_named((A, 2, OUT), "x")
    outputs.end_named((A, 2, OUT), 4)
    outputs.write(A, b"two\n", 2)
    outputs.write(A, b"one\n", 1)

    assert 4 == start
    assert b"one\ntwo\n" == (tmp_path / "x").read_bytes()
    assert str(tmp_path / "e") == outputs.name(A, 1, ERR)


def test_what_a_lost_attempt_left_is_written_over(tmp_path: Path) -> None:
    """It never counts; and what of it is longer goes."""
    outputs = Outputs(tmp_path, {})
    outputs.reserve_named((A, 1, OUT), "x")
    outputs.append(chunk_of(b"a long attempt that was lost"))
    start = outputs.reserve_named((A, 2, OUT), "x")
    outputs.end_named((A, 2, OUT), 5)
    outputs.write(A, b"short", 2)

    assert 0 == start
    assert b"short" == (tmp_path / "x").read_bytes()


def test_what_a_lost_attempt_left_stays_when_others_came_behind_it(tmp_path: Path) -> None:
    """Bytes of nobody are better than none of somebody."""
    outputs = Outputs(tmp_path, {})
    outputs.reserve_named((A, 1, OUT), "x")
    outputs.append(chunk_of(b"lost"))
    put(outputs, (B, 1, OUT), b"kept", "x")
    outputs.sync_some(9)
    put(outputs, (A, 2, OUT), b"again", "x")

    assert b"lostkeptagain" == (tmp_path / "x").read_bytes()


def test_another_name_leaves_the_first_alone(tmp_path: Path) -> None:
    """With {attempt} in it."""
    outputs = Outputs(tmp_path, {})
    put(outputs, (A, 1, OUT), b"one", "x.1")
    put(outputs, (A, 2, OUT), b"two", "x.2")

    assert [b"one", b"two"] == [(tmp_path / name).read_bytes() for name in ("x.1", "x.2")]


def test_both_streams_of_a_job_are_apart(tmp_path: Path) -> None:
    """Short or long; the other by the rule."""
    outputs = Outputs(tmp_path, {})
    outputs.reserve_named((A, 1, ERR), "e")
    whole = b"error" * 1000
    outputs.append(replace(chunk_of(whole), stream=ERR))
    result = Result(err=Apart(b"", len(whole), hashlib.sha256(whole).digest()))
    outputs.write(A, b"out")

    assert outputs.seal(A, 1, result, ERR) is None
    assert b"out" == outputs.path(A).read_bytes()
    assert whole == (tmp_path / "e").read_bytes()


@pytest.mark.parametrize("is_saved", [False, True])
def test_after_a_crash_nothing_behind_it_is_touched(tmp_path: Path, is_saved: bool) -> None:
    """The disk took the second, and not the first; then the server died."""
    (tmp_path / "x").write_bytes(b"\0\0\0two")
    behind = [Reserved((B, 1, OUT), "x", 3, 6 if is_saved else None)]
    outputs = Outputs(tmp_path, {}, [Reserved((A, 1, OUT), "x", 0, 3), *behind])
    outputs.write(A, b"one")

    assert b"onetwo" == (tmp_path / "x").read_bytes()


def test_the_older_attempt_is_no_attempt_after_a_crash() -> None:
    """Both are in the journal, and the first was lost."""
    named = Named([Reserved((A, 1, OUT), "x", 0), Reserved((A, 2, OUT), "x", 0)])

    assert named.get((A, 1, OUT)) is None
    assert 0 == named.reserve((A, 3, OUT), "x", 100)


def test_what_has_ended_is_forgotten(tmp_path: Path) -> None:
    """A server lives for years."""
    outputs = Outputs(tmp_path, {})
    outputs.reserve_named((A, 1, OUT), "x")
    outputs.reserve_named((B, 1, ERR), "y")
    outputs.drop_ended(((A, JobId(A + 1)),))
    outputs.drop_named((B, 1, ERR))

    assert not outputs._named
    assert {} == outputs._named._files
    assert {} == outputs._named._of_job


def test_a_fifo_or_a_link_that_came_later_holds_up_no_sync(tmp_path: Path) -> None:
    """Others' outputs are synced with it."""
    outputs = Outputs(tmp_path, {})
    put(outputs, (A, 1, OUT), b"one", "a/x")
    put(outputs, (B, 1, OUT), b"two", "b")
    (tmp_path / "a" / "x").unlink()
    (tmp_path / "a").rmdir()
    (tmp_path / "a").symlink_to("/nowhere")
    (tmp_path / "b").unlink()
    (tmp_path / "b").symlink_to("/nowhere")

    assert [(A, 1, OUT), (B, 1, OUT)] == outputs.sync_some(9)


class Life:
    """One file, and what should be in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outputs = Outputs(folder, {})
        self.rows: dict[OutputKey, Reserved] = {}  # as a journal has them
        self.unsaved: dict[OutputKey, bytes] = {}
        self.wanted: dict[OutputKey, bytes] = {}
        self.attempt = 0

    def run(self, output: bytes) -> None:
        """A job runs, and ends; its output is not written yet."""
        self.attempt += 1
        key = (JobId(self.attempt), 1, OUT)
        start = self.outputs.reserve_named(key, "x")
        self.outputs.end_named(key, len(output))
        self.rows[key] = Reserved(key, "x", start, start + len(output))
        self.unsaved[key] = self.wanted[key] = output

    def write(self, which: int) -> None:
        """One of those that are not in the file comes into it."""
        if self.unsaved:
            key = sorted(self.unsaved)[which % len(self.unsaved)]
            self.outputs.write(key[0], self.unsaved[key])

    def sync(self) -> None:
        """What is written is saved."""
        for key in self.outputs.sync_some(9):
            self.unsaved.pop(key, None)

    def crash(self) -> None:
        """Another server reads what the journal has."""
        rows = sorted(self.rows.values(), key=lambda each: (each.start, each.key))
        self.outputs = Outputs(self.folder, {}, rows if self.unsaved else [])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("rrwwsc"), st.integers(0, 5), st.binary(max_size=9)),
        min_size=1,
        max_size=25,
    )
)
def test_whatever_happens_each_has_its_own_bytes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bytes]]
) -> None:
    """In one file, one behind the other, as the journal says."""
    life = Life(tmp_path_factory.mktemp("o"))
    for what, which, output in steps:
        match what:
            case "r":
                life.run(output)
            case "w":
                life.write(which)
            case "s":
                life.sync()
            case _:
                life.crash()
    while life.unsaved:
        life.write(0)
        life.sync()
    data = (life.folder / "x").read_bytes() if (life.folder / "x").exists() else b""

    for key, output in life.wanted.items():
        start = life.rows[key].start
        assert output == data[start : start + len(output)]
    assert sum(map(len, life.wanted.values())) == len(data)
