"""A long output, and errors that are apart: each finds its way, and the result comes behind both."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.adapters.files.spool import ERR as ERR_SUFFIX
from goq.adapters.files.spool import Spool
from goq.adapters.files.streams import OutputLost
from goq.adapters.wire.codec import decode
from goq.core.messages import AckOutput, Answer, Orders, Report
from goq.core.values.result import DAMAGED_STATUS, ERR, INLINE_OUTPUT_BYTES, OUT, Result
from goq.roles.worker.delivery import Delivery
from roles.talk import Talk
from roles.test_delivery import CLAIM, JOB, Way, _in_haste

__all__ = ["_in_haste"]

LONG = INLINE_OUTPUT_BYTES + 1


class Both(Way):
    """A spool for each stream."""

    def deliver(self, spool: Spool, *, kept: bool = False) -> Delivery:
        """Have them brought to the server."""
        if not kept:
            self.errors = self.spools.scratch("worker-1.7.1", ERR_SUFFIX)
            self.errors.own(CLAIM)
        calls = self.talk.calls
        self.delivery = Delivery(calls, CLAIM, spool, self.ends.append, kept=kept, err=self.errors)
        return self.delivery

    def fail(self, data: bytes) -> None:
        """What the job does."""
        with self.errors.path.open("ab") as file:
            file.write(data)

    def _take(self, result: Result) -> Answer:
        assert result.err
        for stream, is_long, data in (
            (OUT, result.streamed, result.output),
            (ERR, result.err.streamed, result.err.output),
        ):
            try:
                wanted = self.outputs.seal(JOB, 1, result, stream) if is_long else None
            except OutputLost:
                return AckOutput(0, damaged=True, stream=stream)
            if wanted is not None:
                return AckOutput(wanted, stream=stream)
            if not is_long:
                self.outputs.write(JOB, data, 1, stream)
        self.result = result
        return Orders(CLAIM.worker)

    def arrive(self) -> Result:
        """The result, once it has arrived; it says of the files what is in them."""
        self.until(lambda: self.ends, "the end of the delivery")
        assert self.result
        assert self.result.err
        for stream, length, sha256 in (
            (OUT, self.result.output_length, self.result.output_sha256),
            (ERR, self.result.err.length, self.result.err.sha256),
        ):
            data = self.outputs.path(JOB, stream).read_bytes()
            assert (len(data), hashlib.sha256(data).digest()) == (length, sha256)
        return self.result


@pytest.fixture(name="both")
def _both(talk: Talk, tmp_path: Path) -> Iterator[Both]:
    way = Both(talk, tmp_path)
    yield way
    way.spools.close()


def read(both: Both) -> tuple[bytes, bytes]:
    """What the server has."""
    return both.outputs.path(JOB).read_bytes(), both.outputs.path(JOB, ERR).read_bytes()


@pytest.mark.parametrize(
    ("out", "err"), [(0, 0), (5, 7), (LONG, 7), (7, LONG), (LONG * 9, LONG * 5), (0, LONG), (LONG, 0)]
)
def test_both_are_there_when_the_result_is(both: Both, out: int, err: int) -> None:
    """Short ones with it, long ones before."""
    both.grow(b"o" * out)
    both.fail(b"e" * err)
    result = both.end(3)

    assert (b"o" * out, b"e" * err) == read(both)
    assert 3 == result.exit_code
    longs = {stream for stream, length in ((OUT, out), (ERR, err)) if length >= LONG}
    assert longs == {chunk.stream for chunk in both.chunks}


def test_both_grow_while_the_job_runs(both: Both) -> None:
    """And what was small once is not sent again."""
    both.fail(b"early\n")
    both.until(lambda: both.delivery._flows[ERR].offset == 6, "the first errors")
    both.grow(b"out\n")
    both.until_here(4)
    both.fail(b"late\n")
    both.end()

    assert (b"out\n", b"early\nlate\n") == read(both)


def test_a_server_that_has_forgotten_one_of_them_is_sent_it_again(both: Both) -> None:
    """It asks for the errors, and the output is not mistaken for them."""
    both.grow(b"o" * LONG * 4)
    both.fail(b"e" * LONG * 3)
    both.until(lambda: both.delivery._flows[ERR].offset == LONG * 3, "the errors")
    both.until_here(LONG * 4)
    both.outputs._streams.forget(JOB, ERR)
    both.end()

    assert (b"o" * LONG * 4, b"e" * LONG * 3) == read(both)


def test_a_server_that_was_started_anew_is_sent_all_again(both: Both) -> None:
    """It has forgotten both."""
    both.grow(b"o" * LONG * 4)
    both.fail(b"e" * LONG * 3)
    both.until_here(LONG * 4)
    both.restart()
    both.end()

    assert (b"o" * LONG * 4, b"e" * LONG * 3) == read(both)


def test_damage_of_one_is_told_in_that(both: Both) -> None:
    """And the other is whole."""
    both.grow(b"o" * LONG)
    both.fail(b"e" * LONG)
    both.until(lambda: both.delivery._flows[ERR].offset == LONG, "the errors")
    with both.errors.path.open("r+b") as file:
        file.truncate(10)
    result = both.end()
    out, err = read(both)

    assert b"o" * LONG == out
    assert err.endswith(b"its output was damaged: the worker's copy shrank from 65537 to 10 bytes\n")
    assert DAMAGED_STATUS == result.status


def test_an_heir_brings_both(both: Both) -> None:
    """The worker was killed when all was read, and nothing was taken."""
    both.grow(b"o" * LONG)
    both.fail(b"e" * LONG)
    both.delivery.finish(Result(3, pid=4711))
    both.delivery.keep()
    both.delivery.stop()
    ((spool, kept),) = both.spools.kept()
    errors = both.spools.open_errors(f"{CLAIM.job}.{CLAIM.attempt}")
    assert errors
    both.errors.close()
    both.errors = errors
    finished = decode(kept).message
    assert isinstance(finished, Report)
    both.deliver(spool, kept=True).finish(finished.ended[0].result)
    result = both.arrive()

    assert (b"o" * LONG, b"e" * LONG) == read(both)
    assert 3 == result.exit_code
    spool.remove()
    errors.remove()
    assert not both.spools.tidy()


def test_an_heir_sees_that_errors_were_cut(both: Both) -> None:
    """So the job has failed, and a line says why."""
    both.fail(b"e" * LONG)
    both.delivery.finish(Result(pid=4711))
    both.delivery.keep()
    both.delivery.stop()
    ((spool, kept),) = both.spools.kept()
    with both.errors.path.open("r+b") as file:
        file.truncate(10)
    finished = decode(kept).message
    assert isinstance(finished, Report)
    both.deliver(spool, kept=True).finish(finished.ended[0].result)
    result = both.arrive()

    assert DAMAGED_STATUS == result.status
    assert read(both)[1].startswith(b"e" * 10 + b"\ngoq: job 7: its output was damaged: ")
