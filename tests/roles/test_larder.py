"""What was taken along for jobs: it is fetched, kept and read as it was submitted, and no job starts without it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from goq.core.messages import FetchBlob, Goodbye, Refused
from goq.core.values.blobs import FETCH_BYTES, blob_of, file_name_of
from goq.core.values.ids import JobId
from goq.core.values.result import SIGTERM
from goq.core.worker.events import Leave
from goq.core.worker.rules import NEVER
from goq.core.worker.talk import AckFinished, CancelWip, FinishedWork, Heartbeat
from goq.roles.worker import larder
from roles.bench import Bench, Spoken, piece_of
from roles.counter import Asked


@pytest.fixture(name="soon")
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(larder, "AGAIN_S", 0.0)


LARGE = bytes(range(256)) * (FETCH_BYTES // 100) + b"end"  # nearly three pieces


def blobs_in(bench: Bench) -> list[Path]:
    """The files of whole ones."""
    return sorted(bench.folder.path.glob("*.blob"))


def beats(bench: Bench) -> list[Asked | Spoken]:
    """The heartbeats so far."""
    return [asked for asked in bench.asked if isinstance(asked.question, Heartbeat)]


def output(told: FinishedWork) -> bytes:
    """What the one job that is told of has written."""
    (report,) = told.reports
    return report.result.output


def test_a_job_waits_for_what_it_reads(bench: Bench) -> None:
    """And reads all of it, however many pieces it came in."""
    bench.begin(bench.job(1, "wc -c; tail -c 3 < /dev/stdin", piped=LARGE))
    asked = bench.asks(FetchBlob)
    assert [] == blobs_in(bench)
    bench.answer(asked, piece_of(LARGE, 0))
    for at in (FETCH_BYTES, 2 * FETCH_BYTES):
        asked = bench.asks(FetchBlob)
        assert FetchBlob(blob_of(LARGE), at) == asked.question
        bench.answer(asked, piece_of(LARGE, at))
    _, told = bench.tells()

    assert f"{len(LARGE)}\nend".encode() == output(told)


def test_a_blob_is_fetched_once(bench: Bench) -> None:
    """The next job reads it from its start, where it is."""
    bench.begin(bench.job(1, "cat", piped=b"one"))
    bench.lend(b"one")
    asked, first = bench.tells()
    bench.answer(asked, AckFinished(jobs=(bench.job(2, "cat", piped=b"one"),)))
    _, second = bench.tells()

    assert [b"one", b"one"] == [output(first), output(second)]
    assert 1 == len(blobs_in(bench))
    assert 1 == len([asked for asked in bench.talk.counter.asked if isinstance(asked.question, FetchBlob)])


def test_a_piece_that_was_changed_on_its_way_is_asked_for_again(bench: Bench, soon: None) -> None:
    """Nobody has signed its bytes."""
    bench.begin(bench.job(1, "tail -c 3", piped=LARGE))
    asked = bench.asks(FetchBlob)
    bench.answer(asked, replace(piece_of(LARGE, 0), data=bytes(FETCH_BYTES)))
    bench.lend(LARGE)
    _, told = bench.tells()

    assert b"end" == output(told)


def test_a_whole_that_is_not_what_was_announced_is_fetched_anew(bench: Bench, soon: None) -> None:
    """A server that signs nonsense is not believed either."""
    bench.begin(bench.job(1, "cat", piped=b"one"))
    asked = bench.asks(FetchBlob)
    bench.answer(asked, replace(piece_of(b"two", 0), blob=blob_of(b"one")))
    bench.lend(b"one")
    _, told = bench.tells()

    assert b"one" == output(told)


def test_what_is_not_there_now_is_asked_for_again(bench: Bench, soon: None) -> None:
    """Whether the job is ours still, its heartbeat will tell."""
    bench.begin(bench.job(1, "cat", piped=b"one"))
    bench.answer(bench.asks(FetchBlob), Refused("that blob is not here"))
    bench.lend(b"one")
    _, told = bench.tells()

    assert b"one" == output(told)


def test_what_a_job_did_to_the_file_the_next_one_does_not_see(bench: Bench) -> None:
    """It is fetched anew."""
    bench.begin(bench.job(1, "cat", piped=b"one"))
    bench.lend(b"one")
    asked, _ = bench.tells()
    (path,) = blobs_in(bench)
    path.chmod(0o600)
    path.write_bytes(b"two")
    bench.answer(asked, AckFinished(jobs=(bench.job(2, "cat", piped=b"one"),)))
    bench.lend(b"one")
    _, told = bench.tells()

    assert b"one" == output(told)
    assert b"one" == path.read_bytes()


def test_a_job_that_is_killed_while_it_waits_never_starts(bench: Bench) -> None:
    """And what it waited for is fetched no more."""
    bench.begin(bench.job(1, "touch ran; cat", piped=LARGE))
    bench.answer(bench.asks(FetchBlob), piece_of(LARGE, 0))
    bench.asks(FetchBlob)
    bench.until(lambda: beats(bench), "a heartbeat")
    assert [*bench.folder.path.glob("*.part")]
    bench.answer(beats(bench)[0], CancelWip(JobId(1), lost=False, signal=SIGTERM))
    asked, told = bench.tells()
    bench.answer(asked, AckFinished())
    (report,) = told.reports
    bench.until(lambda: bench.larder.next_deadline() == NEVER, "nothing due")

    assert SIGTERM == report.result.signal
    assert not bench.has("ran")
    assert [] == [*bench.folder.path.glob("*.part"), *blobs_in(bench)]


def test_a_place_that_leaves_waits_for_nothing(bench: Bench) -> None:
    """Its goodbye hands the job back."""
    bench.begin(bench.job(1, "touch ran; cat", piped=b"one"))
    bench.asks(FetchBlob)
    bench.place.tell(Leave())
    bench.asks(Goodbye)

    assert not bench.has("ran")


def test_who_is_behind_a_job_that_waits_goes_back(bench: Bench) -> None:
    """Another place may be free; and nobody overtakes it, though he reads nothing."""
    bench.begin(bench.job(1, "cat", piped=b"one"), bench.job(2, "cat", piped=b"one"))
    asked = bench.asks(FetchBlob)
    back, told = bench.tells()
    assert [JobId(2)] == [returned.claim.job for returned in told.returned]
    bench.answer(back, AckFinished(jobs=(bench.job(3, "touch three"),)))
    back, told = bench.tells()
    assert [JobId(3)] == [returned.claim.job for returned in told.returned]
    bench.answer(back, AckFinished())
    bench.answer(asked, piece_of(b"one", 0))
    _, told = bench.tells()

    assert b"one" == output(told)
    assert not bench.has("three")


def test_a_spool_that_takes_no_blob_is_trouble_of_the_node(bench: Bench) -> None:
    """Another one has the job."""
    bench.begin(bench.job(1, "cat", piped=b"one"))
    asked = bench.asks(FetchBlob)
    bench.folder.blob_path(blob_of(b"one")).with_suffix(".part").mkdir()
    bench.answer(asked, piece_of(b"one", 0))
    _, told = bench.tells()
    (returned,) = told.returned

    assert "node" == returned.trouble
    assert "cannot keep what was taken along for the job: " in returned.problem


def test_what_nobody_reads_is_kept_up_to_a_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was read last is the last to go."""
    monkeypatch.setattr(larder, "IDLE_COUNT", 2)
    bench.begin(bench.job(1, "cat", piped=b"one"))
    for number, data in enumerate([b"one", b"two", b"one", b"three", b"one"], start=1):
        if number in (1, 2, 4):
            bench.lend(data)
        asked, told = bench.tells()
        assert data == output(told)
        following = (b"two", b"one", b"three", b"one", b"")[number - 1]
        job = bench.job(number + 1, "cat", piped=following)
        bench.answer(asked, AckFinished(jobs=(job,) if following else ()))
    names = {file_name_of(blob_of(data)) for data in (b"one", b"three")}

    assert names == {path.stem for path in blobs_in(bench)}
