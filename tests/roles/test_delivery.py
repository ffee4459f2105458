"""A long output on its way: whatever happens between, all of it arrives, or a result says that it did not."""

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from adapters.until import wait_until
from epochs import EPOCH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.adapters.files.outputs import Outputs
from goq.adapters.files.pieces import CHUNK_BYTES
from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.files.streams import OutputLost
from goq.adapters.wire.codec import decode
from goq.core.messages import AckOutput, Answer, Orders, OutputChunk, Refused, Report, Signal
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import DAMAGED_STATUS, INLINE_OUTPUT_BYTES, SIGKILL, Result
from goq.errors import BadMessage
from goq.roles.worker import delivery as delivery_module
from goq.roles.worker import flow as flow_module
from goq.roles.worker.delivery import CHUNKS_AT_ONCE, Delivery
from goq.roles.worker.flow import FIRST_BYTES, LEAST_BYTES, QUICK_S, SLOW_S
from roles.counter import Asked
from roles.talk import Talk

JOB = JobId(7)
CLAIM = Claim(EPOCH, JOB, 1, WorkerId("w1"))
LONG = INLINE_OUTPUT_BYTES + 1
LOST = Orders(CLAIM.worker, signals=(Signal(CLAIM, SIGKILL, lost=True),))


class Way:
    """A spool, its delivery, and a server's files at the other end; a test may stand between."""

    def __init__(self, talk: Talk, folder: Path) -> None:
        self.talk = talk
        self.folder = folder
        self.spools = SpoolFolder(folder / "spool" / "worker-1")
        self.spool = self.spools.scratch("worker-1.7.1")
        self.spool.own(CLAIM)
        self.file = folder / "o" / "out.00007"
        self.outputs = Outputs(folder / "o", {})
        self.ends: list[Answer] = []
        self.result: Result | None = None  # as it was taken
        self.chunks: list[OutputChunk] = []  # all that have arrived
        self.forge: Callable[[OutputChunk], OutputChunk] = lambda chunk: chunk
        self.forged = 0
        self._seen = 0
        self.delivery = self.deliver(self.spool)

    def deliver(self, spool: Spool, *, kept: bool = False) -> Delivery:
        """Have it brought to the server."""
        self.delivery = Delivery(self.talk.calls, CLAIM, spool, self.ends.append, kept=kept)
        return self.delivery

    def grow(self, data: bytes) -> None:
        """What the job does."""
        with self.spool.path.open("ab") as file:
            file.write(data)

    def cut(self, size: int) -> None:
        """What a person does, or a disk."""
        os.truncate(self.spool.path, size)

    def restart(self) -> None:
        """The server is another one, with the same files."""
        self.outputs = Outputs(self.folder / "o", {})

    def turn(self) -> None:
        """A turn of the worker's loop, and one of the server's."""
        self.talk.calls.turn()
        self.delivery.turn()
        for asked in self.talk.counter.look()[self._seen :]:
            self._seen += 1
            self.talk.counter.answer(asked, self._answer(asked))

    def _answer(self, asked: Asked) -> Answer:
        match asked.question:
            case OutputChunk() as chunk:
                self.chunks.append(chunk)
                return self._write(self.forge(chunk))
            case Report(ended=(done,)):
                return self._take(done.result)
        raise AssertionError(asked.question)

    def _write(self, chunk: OutputChunk) -> Answer:
        try:
            return AckOutput(self.outputs.append(chunk))
        except BadMessage:
            self.forged += 1
            return AckOutput(chunk.offset)
        except OutputLost:
            return AckOutput(0, damaged=True)

    def _take(self, result: Result) -> Answer:
        if result.streamed:
            try:
                wanted = self.outputs.seal(JOB, 1, result)
            except OutputLost:
                return AckOutput(0, damaged=True)
            if wanted is not None:
                return AckOutput(wanted)
        else:
            self.outputs.write(JOB, result.output)
        self.result = result
        return Orders(CLAIM.worker)

    def until(self, claim: Callable[[], object], what: str) -> None:
        """Take turns until it is true."""

        def turned() -> bool:
            self.turn()
            return bool(claim())

        wait_until(turned, what)

    def until_here(self, size: int) -> None:
        """Take turns until so much of the output is in its file, and the worker knows."""
        self.until(lambda: self.delivery._out.offset >= size, f"{size} bytes at the server")

    def end(self, exit_code: int = 0) -> Result:
        """The job ends, and its result arrives."""
        self.delivery.finish(Result(exit_code, pid=4711))
        return self.arrive()

    def arrive(self) -> Result:
        """The result, once it has arrived; it says of the file what is in it."""
        self.until(lambda: self.ends, "the end of the delivery")
        assert [Orders(CLAIM.worker)] == self.ends
        assert self.result is not None
        whole = self.file.read_bytes()
        assert (len(whole), hashlib.sha256(whole).digest()) == (
            self.result.output_length,
            self.result.output_sha256,
        )
        return self.result

    def close(self) -> None:
        """No more of this."""
        self.delivery.stop()
        self.spool.close()
        self.spools.close()


@pytest.fixture(name="way")
def _way(talk: Talk, tmp_path: Path) -> Iterator[Way]:
    way = Way(talk, tmp_path)
    yield way
    way.close()


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits whole seconds in tests."""
    monkeypatch.setattr(delivery_module, "STREAM_EVERY_S", 0.01)
    monkeypatch.setattr(delivery_module, "ASKED_AGAIN_PAUSE_S", 0.01)
    monkeypatch.setattr(delivery_module, "REFUSED_PAUSE_S", 0.01)


def noise(size: int) -> bytes:
    """Bytes that are nowhere twice."""
    return hashlib.shake_128(b"noise").digest(size)


# --- all goes well -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, INLINE_OUTPUT_BYTES, LONG, CHUNK_BYTES, 6 * CHUNK_BYTES + 1])
def test_an_output_arrives_whole(way: Way, size: int) -> None:
    """Short with its result, or long before it; each byte is sent once."""
    way.grow(noise(size))
    result = way.end(exit_code=3)

    assert noise(size) == way.file.read_bytes()
    assert (3, "", size) == (result.exit_code, result.problem, result.output_length)
    assert (size if size > INLINE_OUTPUT_BYTES else 0) == sum(len(chunk.data) for chunk in way.chunks)


def test_an_output_grows_at_the_server_while_the_job_runs(way: Way) -> None:
    """People look at it meanwhile; the end may come when all is there."""
    whole = b""
    for number in range(4):
        whole += b"line %d\n" % number
        way.grow(b"line %d\n" % number)
        way.until_here(len(whole))
        assert whole == way.file.read_bytes()
    result = way.end()

    assert (whole, len(whole), "") == (way.file.read_bytes(), result.output_length, result.problem)
    assert 4 == len(way.chunks)


def test_no_more_is_remembered_than_is_on_its_way(way: Way) -> None:
    """An output of a terabyte has a million chunks."""
    for number in range(1, 30):
        way.grow(noise(1000))
        way.until_here(1000 * number)

    assert 1 == len(way.delivery._out.pieces._states)
    way.end()


def test_several_chunks_are_on_their_way_at_once(way: Way) -> None:
    """So that neither end waits for the other; and not more, since each is held in memory."""
    way.grow(noise(6 * CHUNK_BYTES))
    way.delivery.finish(Result())

    assert CHUNKS_AT_ONCE == len(way.delivery._out.chunks)
    way.arrive()


@pytest.mark.parametrize(("took_s", "longest"), [(0.0, CHUNK_BYTES), (2.0, FIRST_BYTES), (9.0, LEAST_BYTES)])
def test_chunks_are_as_long_as_the_way_is_quick(
    way: Way, monkeypatch: pytest.MonkeyPatch, took_s: float, longest: int
) -> None:
    """Four long ones on a slow line would hold up the heartbeats behind them, until the lease is over."""
    monkeypatch.setattr(flow_module, "QUICK_S", 1000.0 if took_s < QUICK_S else -1.0)
    monkeypatch.setattr(flow_module, "SLOW_S", -1.0 if took_s > SLOW_S else 1000.0)
    way.grow(noise(12 * CHUNK_BYTES))
    way.end()

    assert [FIRST_BYTES] * CHUNKS_AT_ONCE == [len(chunk.data) for chunk in way.chunks[:CHUNKS_AT_ONCE]]
    assert longest == len(way.chunks[-2].data)


# --- the way is bad ------------------------------------------------------------------------


def test_a_chunk_that_was_changed_on_its_way_is_sent_again(way: Way) -> None:
    """Nobody between the two can make an output another, nor a job fail."""
    way.grow(noise(3 * CHUNK_BYTES))
    left = [3]

    def forge(chunk: OutputChunk) -> OutputChunk:
        if chunk.offset != CHUNK_BYTES or not left[0]:
            return chunk
        left[0] -= 1
        return replace(chunk, data=bytes(len(chunk.data)))

    way.forge = forge
    result = way.end()

    assert noise(3 * CHUNK_BYTES) == way.file.read_bytes()
    assert (3, "", 0) == (way.forged, result.problem, result.status)


def test_a_server_that_takes_nothing_is_not_asked_all_the_time(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk is full: nothing is there, and nothing is the next one, however often it is said."""
    monkeypatch.setattr(delivery_module, "ASKED_AGAIN_PAUSE_S", 1000.0)
    way.grow(noise(4 * CHUNK_BYTES))
    monkeypatch.setattr(way, "_write", lambda chunk: AckOutput(0))
    way.delivery.finish(Result())
    way.until(lambda: not way.delivery._out.chunks, "an answer")
    sent = len(way.talk.counter.asked)
    for _ in range(50):
        way.turn()

    assert CHUNKS_AT_ONCE >= sent
    assert sent == len(way.talk.counter.asked)
    assert way.delivery.next_deadline() > time.monotonic()


def test_a_server_that_was_started_again_gets_all_once_more(way: Way) -> None:
    """It has lost its digest; nothing is missing, nothing twice."""
    way.grow(noise(3 * CHUNK_BYTES))
    way.until_here(2 * CHUNK_BYTES)
    way.restart()
    way.grow(b"and more")
    result = way.end()

    assert noise(3 * CHUNK_BYTES) + b"and more" == way.file.read_bytes()
    assert "" == result.problem


def test_a_refusal_is_waited_for(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock was wrong, and is set; the chunk and the result are sent as they were."""
    take, write = way._take, way._write
    refusals = [Refused("the clock"), Refused("the clock")]
    monkeypatch.setattr(way, "_write", lambda chunk: refusals.pop() if len(refusals) > 1 else write(chunk))
    monkeypatch.setattr(way, "_take", lambda result: refusals.pop() if refusals else take(result))
    way.grow(noise(LONG))
    way.end()

    assert noise(LONG) == way.file.read_bytes()


def test_a_claim_that_is_lost_ends_it(way: Way) -> None:
    """Another attempt may be running."""
    way.grow(noise(LONG))
    way.delivery.finish(Result())
    (asked,) = way.talk.asked(1)
    way.talk.counter.answer(asked, LOST)
    way.talk.until(lambda: bool(way.ends), "the end")

    assert [LOST] == way.ends


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(
        st.sampled_from(["grow", "turn", "turns", "restart", "forge", "shorten", "remove"]), max_size=14
    )
)
def test_whatever_happens_on_the_way_the_output_is_whole(
    talk: Talk, tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    """Restarts, changed bytes, and a server's file that becomes shorter, a few times."""
    way = Way(talk, tmp_path_factory.mktemp("way"))
    whole, lost = b"", 0
    for event in [*events, "grow"]:
        match event:
            case "grow":
                whole += noise(len(whole) % 777 + CHUNK_BYTES // 3)
                way.grow(whole[way.spool.size() :])
            case "turn":
                way.turn()
            case "turns":
                way.until_here(len(whole))
            case "restart":
                way.restart()
            case "forge":
                way.forge = lambda chunk: replace(chunk, data=bytes(chunk.data)[::-1])
                way.turn()
                way.turn()
                way.forge = lambda chunk: chunk
            case "shorten" | "remove" if way.file.exists() and lost < 3:
                lost += 1
                way.file.unlink() if event == "remove" else os.truncate(
                    way.file, way.file.stat().st_size // 2
                )
    result = way.end()
    written = way.file.read_bytes()
    way.close()

    assert whole == written
    assert "" == result.problem


# --- a worker that died --------------------------------------------------------------------


def inherit(way: Way) -> tuple[Spool, Result]:
    """What another worker finds."""
    way.delivery.stop()
    way.spool.close()
    way.spools.close()
    way.spools = SpoolFolder(way.spools.path, is_new=False)
    ((spool, kept),) = way.spools.kept()
    finished = decode(kept).message
    assert isinstance(finished, Report)
    way.spool = spool
    return spool, finished.ended[0].result


@pytest.mark.parametrize("arrived", [0, CHUNK_BYTES, 7 * CHUNK_BYTES])
def test_an_heir_goes_on_where_the_dead_worker_was(
    way: Way, monkeypatch: pytest.MonkeyPatch, arrived: int
) -> None:
    """What the server has is hashed, and not sent again."""
    whole = noise(8 * CHUNK_BYTES + 5)
    way.grow(whole[:arrived])
    way.until_here(arrived)
    way.grow(whole[arrived:])
    way.delivery.finish(Result(exit_code=3))
    way.delivery.keep()
    spool, result = inherit(way)
    sent = len(way.chunks)
    monkeypatch.setattr(delivery_module, "STREAM_EVERY_S", 1000.0)  # it waits for nothing meanwhile
    way.deliver(spool, kept=True).finish(result)
    result = way.arrive()

    assert whole == way.file.read_bytes()
    assert (3, "") == (result.exit_code, result.problem)
    assert CHUNKS_AT_ONCE >= sum(chunk.offset < arrived for chunk in way.chunks[sent:])


@pytest.mark.parametrize("size", [100, LONG, 3 * CHUNK_BYTES])
@pytest.mark.parametrize("left", [0, 10])
def test_an_heir_of_a_cut_output_brings_what_is_left_and_says_so(way: Way, size: int, left: int) -> None:
    """The job has run, and is not run again; but its result is no success."""
    way.grow(noise(size))
    way.delivery.finish(Result())
    way.delivery.keep()
    spool, result = inherit(way)
    os.truncate(spool.path, left)
    way.deliver(spool, kept=True).finish(result)
    result = way.arrive()

    said = f"goq: job 7: its output was damaged: the worker's copy has {left} bytes, and had {size}\n"
    assert noise(size)[:left] + (b"\n" if left else b"") + said.encode() == way.file.read_bytes()
    assert DAMAGED_STATUS == result.status


@pytest.mark.parametrize("size", [100, LONG])
def test_an_heir_of_a_changed_output_says_so(way: Way, size: int) -> None:
    """All of it had been read when the result was kept, and its digest was kept with it."""
    way.grow(noise(size))
    way.delivery.finish(Result(exit_code=5))
    way.delivery.keep()
    spool, result = inherit(way)
    spool.path.write_bytes(noise(size)[::-1])
    way.deliver(spool, kept=True).finish(result)
    result = way.arrive()

    assert noise(size)[::-1] == way.file.read_bytes()
    assert "its output was damaged: the worker's copy is not what it was" in result.problem
    assert 5 == result.status


def test_an_heir_who_has_less_than_the_server_leaves_a_line(way: Way) -> None:
    """Nobody can make the digest of what the server has; the result must come all the same."""
    whole = noise(12 * CHUNK_BYTES)
    way.grow(whole[: 3 * CHUNK_BYTES])
    way.until_here(3 * CHUNK_BYTES)
    way.grow(whole[3 * CHUNK_BYTES :])
    way.delivery.finish(Result())
    way.delivery.keep()
    spool, result = inherit(way)
    os.truncate(spool.path, CHUNK_BYTES)
    way.deliver(spool, kept=True).finish(result)
    result = way.arrive()

    assert DAMAGED_STATUS == result.status
    assert f"its output was damaged: the worker's copy has {CHUNK_BYTES} bytes" in result.problem
    assert way.file.read_bytes().startswith(b"goq: job 7: its output was damaged: the server has ")


# --- damage --------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES - 11])
@pytest.mark.parametrize("grown", [b"", b"more of it"])
@pytest.mark.parametrize("ended", [False, True])
def test_an_output_that_shrank_ends_with_what_the_server_has(
    way: Way, left: int, grown: bytes, ended: bool
) -> None:
    """In the issue it was sent for ever; now the result says what became of it."""
    way.grow(noise(2 * CHUNK_BYTES))
    way.until_here(2 * CHUNK_BYTES)
    if ended:
        way.restart()
        way.delivery.finish(Result(pid=1))
    way.cut(left)
    way.grow(grown)
    result = way.arrive() if ended else way.end()

    assert DAMAGED_STATUS == result.status
    assert "its output was damaged: the worker's copy" in result.problem
    assert way.file.read_bytes().endswith(f"goq: job 7: {result.problem}\n".encode())
    assert ended or way.file.read_bytes().startswith(noise(2 * CHUNK_BYTES) + b"\ngoq: ")


def test_an_output_that_was_changed_is_found_out_when_it_is_read_again(way: Way) -> None:
    """The server was started again; what is sent now does not lead to what had been sent."""
    way.grow(noise(2 * CHUNK_BYTES))
    way.until_here(2 * CHUNK_BYTES)
    with way.spool.path.open("r+b") as file:
        file.write(b"something else")
    way.restart()
    way.grow(b"the end")
    result = way.end()

    assert DAMAGED_STATUS == result.status
    assert "changed after it had been read" in result.problem
    assert way.file.read_bytes().endswith(f"\ngoq: job 7: {result.problem}\n".encode())


def test_a_damaged_output_of_a_job_that_failed_keeps_its_status(way: Way) -> None:
    """The first trouble is the job's own."""
    way.grow(noise(LONG))
    way.until_here(LONG)
    way.cut(0)
    result = way.end(exit_code=3)

    assert 3 == result.status
    assert "its output was damaged" in result.problem


def test_damage_and_a_server_that_forgot_leave_a_line(way: Way) -> None:
    """Neither end has the output; the result is there all the same."""
    way.grow(noise(LONG))
    way.until_here(LONG)
    way.cut(0)
    way.turn()
    way.restart()
    result = way.end()

    assert DAMAGED_STATUS == result.status
    assert f"goq: job 7: {result.problem}\n".encode() == way.file.read_bytes()


def test_damage_while_chunks_are_on_their_way_waits_for_them(way: Way) -> None:
    """What had been read before is the job's output."""
    way.grow(noise(6 * CHUNK_BYTES))
    way.delivery.finish(Result())
    way.cut(FIRST_BYTES)
    result = way.arrive()

    assert way.file.read_bytes().startswith(noise(CHUNKS_AT_ONCE * FIRST_BYTES) + b"\ngoq: job 7: its output")
    assert DAMAGED_STATUS == result.status


def test_last_words_are_said_once_though_the_result_is_refused(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock was wrong at that very moment."""
    take, refusals = way._take, [Refused("the clock")] * 2
    monkeypatch.setattr(way, "_take", lambda result: refusals.pop() if refusals else take(result))
    way.grow(noise(LONG))
    way.until_here(LONG)
    way.cut(0)
    way.end()

    assert 1 == way.file.read_bytes().count(b"goq: job 7")


def test_a_server_whose_file_shrinks_for_ever_gets_a_line(way: Way) -> None:
    """Somebody empties it all the time; the result is there all the same, and the worker goes on."""
    write = way._write

    def emptied(chunk: OutputChunk) -> Answer:
        answer = write(chunk)
        if way.file.exists() and way.file.stat().st_size:
            os.truncate(way.file, 0)
        return answer

    way.grow(noise(2 * CHUNK_BYTES))
    way._write = emptied  # type: ignore[method-assign]  # the server's side of this test
    result = way.end()

    assert DAMAGED_STATUS == result.status
    assert f"goq: job 7: {result.problem}\n".encode() == way.file.read_bytes()
    assert "the server's file was changed again and again" in result.problem


def test_an_output_of_which_nothing_can_be_told_leaves_a_line(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file system has gone at the moment when the job ends."""

    def stale(_fileno: int) -> os.stat_result:
        raise OSError(errno.ESTALE, "Stale file handle")

    way.grow(noise(LONG))
    with monkeypatch.context() as disk:
        disk.setattr(os, "fstat", stale)
        way.delivery.finish(Result(pid=1))
    result = way.arrive()

    assert "its output was damaged: the worker's copy cannot be read: Stale file handle" == result.problem
    assert f"goq: job 7: {result.problem}\n".encode() == way.file.read_bytes()


@pytest.mark.parametrize("size", [10, LONG])
def test_an_output_that_cannot_be_read_leaves_a_line(
    way: Way, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The worker's disk is dying; whoever waits for the job learns what became of it."""

    def dying(*_: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    way.grow(noise(size))
    monkeypatch.setattr(os, "pread", dying)
    result = way.end(exit_code=3)

    assert 3 == result.status
    assert "its output was damaged: the worker's copy cannot be read: Input/output error" == result.problem
    assert f"goq: job 7: {result.problem}\n".encode() == way.file.read_bytes()


def test_an_output_that_somebody_reads_on_in_comes_often(way: Way) -> None:
    """It was to come a second later."""
    way.grow(b"one\n")
    way.delivery.pace(0.01)
    assert way.delivery.next_deadline() <= time.monotonic() + 0.01
    way.until_here(4)
    way.grow(b"two\n")

    assert way.delivery.next_deadline() <= time.monotonic() + 0.01
    way.delivery.pace(1000.0)
    way.until_here(8)
    assert b"one\ntwo\n" == way.file.read_bytes()
    assert way.delivery.next_deadline() > time.monotonic() + 500
    assert 0 == way.end().status
    assert b"one\ntwo\n" == way.file.read_bytes()
