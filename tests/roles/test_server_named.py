"""Outputs with names in the server's turn: where they are written, what is behind what, and what stands in the way."""

import errno
import hashlib
import os
import stat
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from reports import asks, jobs_in
from submissions import submit_of

from goq.adapters.files.rights import own_name
from goq.core.messages import AckOutput, AckSubmit, Orders, Refused
from goq.core.messages.people import KEPT_OUTPUTS
from goq.core.values.ids import Now, WorkerId
from goq.core.values.job import Claim
from goq.core.values.job import Worker as Slot
from goq.core.values.result import ERR, OUT, Apart, Result
from goq.core.values.terms import Terms
from goq.core.values.who import ADMINISTRATOR
from roles.test_server_output import WHOLE, Worker
from roles.test_server_turn import Turns, _turns

__all__ = ["_turns"]  # the fixture: a server that has given job 1 to worker w1


def written(output: bytes, err: bytes | None = None, exit_code: int = 0) -> Result:
    """What a job wrote, and how it ended."""
    apart = None if err is None else Apart(err, len(err), hashlib.sha256(err).digest())
    sha256 = hashlib.sha256(output).digest()
    return Result(exit_code, output=output, output_length=len(output), output_sha256=sha256, err=apart)


class Room:
    """A server, its one worker, and the folder for outputs."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.worker = Worker(turns)
        self.folder: Path = self.worker.file.parent
        self.worker.ask(self.worker.report(written(b"")))

    def submit(self, terms: Terms) -> object:
        """Queue a job; the answer."""
        (answer,) = self.worker.ask(submit_of(b"run", terms=terms))
        return answer

    def begin(self) -> Worker:
        """The worker of the next job."""
        (given,) = self.worker.ask(asks(Slot(self.worker.claim.worker, "host", 1)))
        (job,) = jobs_in(given)
        its = Worker(self.turns)
        its.claim = Claim(job.epoch, job.id, job.attempts, self.worker.claim.worker)
        return its

    def run(self, result: Result) -> None:
        """The next job ends so."""
        its = self.begin()
        assert [Orders(WorkerId("w1"))] == its.ask(its.report(result))

    def file(self, name: str) -> bytes:
        """What is in it."""
        return (self.folder / name).read_bytes()


@pytest.fixture(name="room")
def _room(turns: Turns) -> Room:
    return Room(turns)


def test_both_streams_are_written_where_they_belong(room: Room) -> None:
    """And nothing by the rule."""
    room.submit(Terms(out="d/{id}", err="d/{id}.err"))
    room.run(written(b"out", b"err"))

    assert [b"out", b"err"] == [room.file("d/4"), room.file("d/4.err")]
    assert not (room.folder / "out.00004").exists()


def test_only_the_errors_may_have_a_name(room: Room) -> None:
    """The output is where it always was, behind what was there."""
    (room.folder).mkdir(exist_ok=True)
    (room.folder / "out.00004").write_bytes(b"old")
    room.submit(Terms(err="e"))
    room.run(written(b"out", b"err"))

    assert [b"oldout", b"err"] == [room.file("out.00004"), room.file("e")]


def test_what_is_at_its_own_host_is_not_here(room: Room) -> None:
    """Whatever its worker says."""
    room.submit(Terms(out="/x", err="/y"))
    room.run(written(b"out", b"err"))

    assert [] == list(room.folder.glob("out.00004"))


def test_the_next_of_that_name_comes_behind(room: Room) -> None:
    """Also that of a job which was tried again, with our line between."""
    for _ in range(2):
        room.submit(Terms(out="x"))
        room.run(written(b"one\n"))
    files = room.turns.server._files._outputs
    files.sync_some(9)

    assert b"one\none\n" == room.file("x")
    assert not files._named


def test_a_long_one_is_sealed_by_its_stream(room: Room) -> None:
    """The server asks for what it lacks of either."""
    room.submit(Terms(out="x", err="y"))
    its = room.begin()
    sha256 = hashlib.sha256(WHOLE).digest()
    apart = Apart(b"", len(WHOLE), sha256)
    result = Result(output_length=len(WHOLE), output_sha256=sha256, err=apart)
    first = its.ask(its.report(result))
    its.ask(its.piece(0))
    second = its.ask(its.report(result))
    piece = its.ask(replace(its.piece(0), stream=ERR))
    last = its.ask(its.report(result))

    assert [AckOutput(0, stream=OUT)] == first
    assert [AckOutput(0, stream=ERR)] == second
    assert [AckOutput(len(WHOLE), stream=ERR)] == piece
    assert [Orders(WorkerId("w1"))] == last
    assert [WHOLE, WHOLE] == [room.file("x"), room.file("y")]


def test_a_link_in_the_way_is_told_before_anything_runs(room: Room) -> None:
    """And what was accepted before is not refused when it is asked again."""
    room.folder.mkdir(exist_ok=True)
    (room.folder / "link").symlink_to("/tmp")
    answer = room.submit(Terms(out="link/{id}"))
    good = room.submit(Terms(out="x/link", err="{id}/link"))

    assert isinstance(answer, Refused)
    assert f"'{room.folder}/link' is a symbolic link" in answer.reason
    assert isinstance(good, AckSubmit)


def test_what_a_crash_left_is_written_by_the_next_server(room: Room) -> None:
    """As the journal has it, behind what was there."""
    room.submit(Terms(out="x", err="y"))
    room.folder.mkdir(exist_ok=True)
    (room.folder / "x").write_bytes(b"old\n")
    its = room.begin()
    (room.folder / "x").rename(room.folder / "away")
    (room.folder / "x").mkdir()
    its.ask(its.report(written(b"out", b"err")))
    journal = room.turns.journal
    kept = [journal.output(*key) for key in journal.unsaved_outputs() if key[0] == its.claim.job]
    places = [(each.path, each.start, each.end) for each in journal.named_outputs()]

    assert [b"out", b"err"] == kept
    assert [("x", 4, 7), ("y", 0, 3)] == places


def test_what_is_not_safe_yet_has_its_place_and_what_is_elsewhere_none(room: Room) -> None:
    """Whoever writes into that file next begins behind it."""
    named = room.turns.server._files._outputs._named
    room.submit(Terms(out="/x"))
    at_home = room.begin()
    assert not named
    at_home.ask(at_home.report(written(b"")))
    room.submit(Terms(out="x"))
    its = room.begin()
    its.ask(its.report(written(b"out")))
    part = named.get((its.claim.job, 1, OUT))

    assert part
    assert (0, 3) == (part.start, part.end)


def test_trouble_with_one_folder_holds_up_no_other_and_is_told(room: Room) -> None:
    """Where a disk of its own is full, say: its outputs wait in the journal, and people hear where."""
    room.folder.mkdir(exist_ok=True)
    (room.folder / "bad").write_text("a file in its place")
    server = room.turns.server
    server._dispatcher._people._outputs = bytes(room.folder)
    for name in ("bad/1", "bad/2", "good/1"):
        room.submit(Terms(out=name))
        room.run(written(name.encode()))
    server._turn(Now(101.0, time.time_ns()))
    told = list(server._dispatcher._people.troubles(ADMINISTRATOR))
    (room.folder / "bad").unlink()
    server._files._unwritten.hurry()
    server._turn(Now(102.0, time.time_ns()))

    assert b"good/1" == room.file("good/1")
    assert [f"{KEPT_OUTPUTS} '{room.folder}/bad' takes them"] == told
    assert [b"bad/1", b"bad/2"] == [room.file("bad/1"), room.file("bad/2")]
    assert [] == list(server._dispatcher._people.troubles(ADMINISTRATOR))


def test_a_file_that_is_not_synced_is_written_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the journal keeps it until it is."""
    fsync, calls = os.fsync, 0

    def fail(fileno: int) -> None:
        nonlocal calls
        if stat.S_ISREG(os.fstat(fileno).st_mode) and not calls:
            calls += 1
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        fsync(fileno)

    files = room.turns.server._files
    files._sync()
    room.submit(Terms(out="x"))
    room.run(written(b"word"))
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", fail)
        files._sync()
    kept = room.turns.server._journal.unsaved_outputs()
    room.file("x")
    (room.folder / "x").write_bytes(b"....")
    files._unwritten.hurry()
    files._write_kept()
    files._sync()

    assert [(4, 1, OUT)] == kept
    assert b"word" == room.file("x")
    assert [] == room.turns.server._journal.unsaved_outputs()


def test_what_another_owner_wrote_is_read_by_the_server_alone(room: Room) -> None:
    """Nobody asked ann whether all who work on the head may read it; what is the server's own is as its umask says."""
    answer = room.worker.ask(submit_of(b"run", submitter=f"{own_name()}@host"))
    room.run(written(b"ours"))
    room.submit(Terms())
    room.run(written(b"ann's"))
    modes = [(room.folder / name).stat().st_mode & 0o077 for name in ("out.00004", "out.00005")]

    assert isinstance(answer[0], AckSubmit)
    assert [0o077 & ~os.umask(os.umask(0o022)) & 0o066, 0] == modes
