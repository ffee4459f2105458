"""What the reader finds of an output: the very bytes, wherever they lie, and how its attempt stands."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from epochs import EPOCH
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from submissions import submitted_of

from goq.adapters.store.archive import Archive
from goq.adapters.store.journal import Journal
from goq.core.state.records import (
    EpochBegun,
    JobDelegated,
    JobFinished,
    JobRequeued,
    OutputReserved,
    OutputSaved,
    RangeEnded,
    Record,
)
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import Environment, JobId, Nonce, WorkerId
from goq.core.values.job import Claim, Origin, Worker
from goq.core.values.logs import GIVEN_UP, LENGTH_LIMIT, TRIED_AGAIN, AskLog, LogPart
from goq.core.values.result import ERR, OUT, Apart, Ended, Ending, Files, Result, output_name
from goq.core.values.terms import Terms
from goq.errors import JobUnknown, RequestRefused
from goq.roles.reader.eyes import Eyes
from goq.roles.reader.logs import log_part

JOB = JobId(1)
WORKER = Worker(WorkerId("w1"), "n12", 4711)
ORIGIN = Origin(b"/", Environment(b""), "ann@head")
TEXT = b"the first half and \0\xff the second half\n"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def wrote(output: bytes, *, streamed: bool = False, files: Files = (), exit_code: int = 0) -> Result:
    """A result whose output was this, which went ahead or came with it."""
    data = b"" if streamed else output
    how = Result(exit_code, host=WORKER.host, pid=1, started_ns=5, ended_ns=9, files=files)
    return replace(how, output=data, output_length=len(output), output_sha256=sha256(output))


class Past:
    """A journal with one job, and the folder of outputs beside it."""

    def __init__(self, folder: Path, terms: Terms | None = None) -> None:
        self.outputs = folder / "o"
        self.outputs.mkdir()
        self.journal = Journal(folder / "journal")
        self.archive = Archive(folder / "journal")
        submitted = submitted_of(1, Nonce(bytes(16)), (b"run",), ORIGIN, terms or Terms(name="fold"))
        self.commit(EpochBegun(EPOCH, 1), submitted)

    def commit(self, *records: Record) -> None:
        self.journal.commit(list(records))

    def claim(self, attempt: int) -> Claim:
        return Claim(EPOCH, JOB, attempt, WORKER.id)

    def begin(self, attempt: int = 1, files: Files = ()) -> None:
        self.commit(JobDelegated(self.claim(attempt), WORKER, 3, files=files))

    def finish(self, result: Result, attempt: int = 1, ending: Ending = Ending.FINISHED) -> None:
        self.commit(JobFinished(Ended(JOB, attempt, ending, result, EPOCH), 9))

    def requeue(self, attempt: int, result: Result | None = None) -> None:
        counts_as = CountsAs.FAILURE if result else CountsAs.CRASH
        self.commit(JobRequeued(self.claim(attempt), "it went wrong", counts_as, 9, result))

    def write(self, data: bytes, name: str = output_name(JOB)) -> None:
        path = self.outputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def ask(self, **words: int) -> LogPart:
        return log_part(self.archive, self.outputs, AskLog(**({"job": JOB} | words)), Eyes())

    def close(self) -> None:
        self.archive.close()
        self.journal.close()


@pytest.fixture(name="past")
def _past(tmp_path: Path) -> Iterator[Past]:
    past = Past(tmp_path)
    yield past
    past.close()


@given(st.data())
def test_any_part_is_what_was_written_wherever_it_lies(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """In the journal alone, in its file, behind something older, in both."""
    past = Past(tmp_path_factory.mktemp("past"))
    output, before = data.draw(st.binary(max_size=40)), data.draw(st.binary(max_size=9))
    where = data.draw(st.sampled_from(["journal", "file", "streamed"]))
    past.begin()
    if before:
        past.commit(OutputReserved(JOB, len(before)))
    past.finish(wrote(output, streamed=where == "streamed" and bool(output)))
    past.write(before + output if where != "journal" else before)
    if where == "file":
        past.commit(OutputSaved(JOB, 1))
    offset, limit = data.draw(st.integers(-50, 50)), data.draw(st.integers(0, 50))
    part = past.ask(offset=offset, limit=limit)
    start = max(0, len(output) + offset) if offset < 0 else offset
    past.close()

    assert (start, output[start : start + limit]) == (part.offset, part.data)
    assert (len(output), "finished", "") == (part.length, part.at.ending, part.trouble)


def test_of_a_job_that_runs_there_is_as_much_as_the_server_says(past: Past) -> None:
    """What lies behind that in its file may be of an attempt that was given up."""
    past.begin()
    past.write(TEXT)

    assert TEXT[:10] == past.ask(upto=10).data
    assert (b"", 0, "") == ((part := past.ask()).data, part.length, part.at.ending)


def test_attempts_that_are_tried_again_lie_one_behind_the_other(past: Past) -> None:
    past.begin()
    first = JobRequeued(past.claim(1), "it went wrong", CountsAs.FAILURE, 9, wrote(b"one\n", exit_code=3))
    past.commit(first, OutputReserved(JOB, first.output_length, 2))
    past.begin(2)
    past.finish(wrote(b"two\n"), 2)
    unsaved = past.ask(attempt=1), past.ask()
    past.write(first.output + b"two\n")
    past.commit(OutputSaved(JOB, 1), OutputSaved(JOB, 2))
    saved = past.ask(attempt=1), past.ask()

    assert unsaved == saved
    assert (b"one\n", TRIED_AGAIN, 3) == (saved[0].data, saved[0].at.ending, saved[0].at.exit_code)
    assert (b"two\n", 2, 2) == (saved[1].data, saved[1].at.number, saved[1].at.latest)
    assert saved[1].at.is_last
    assert not saved[0].at.is_last


def test_the_line_of_ours_behind_a_long_attempt_is_no_part_of_what_the_job_wrote(past: Past) -> None:
    past.begin()
    past.write(TEXT)
    first = JobRequeued(past.claim(1), "it went wrong", CountsAs.FAILURE, 9, wrote(TEXT, streamed=True))
    past.commit(first, OutputReserved(JOB, first.output_length, 2))

    assert TEXT == past.ask(attempt=1).data
    assert TEXT[-3:] == past.ask(attempt=1, offset=len(TEXT) - 3, limit=5).data


def test_what_a_worker_wrote_that_was_lost_is_not_taken_for_another_attempts(past: Past) -> None:
    past.begin()
    past.write(TEXT)
    past.requeue(1)
    past.begin(2)
    lost = past.ask(attempt=1)

    assert (b"", GIVEN_UP) == (lost.data, lost.at.ending)
    assert "lost" in lost.trouble
    assert b"" == past.ask(attempt=2).data


def test_of_a_job_that_is_lost_there_is_what_had_come(past: Past) -> None:
    past.begin()
    past.write(TEXT)
    past.finish(Result(signal=9, problem="its worker was lost"), ending=Ending.LOST)
    part = past.ask()

    assert (TEXT, "lost", 255) == (part.data, part.at.ending, part.at.status)


def test_errors_apart_have_a_file_of_their_own(tmp_path: Path) -> None:
    past = Past(tmp_path, Terms(out="d/o", err="d/e"))
    files = ((OUT, "d/o"), (ERR, "d/e"))
    past.begin(files=files)
    past.commit(OutputReserved(JOB, 2, 1, OUT, "d/o"), OutputReserved(JOB, 0, 1, ERR, "d/e"))
    past.finish(replace(wrote(b"out", files=files), err=Apart(b"err", 3, sha256(b"err"))))
    unsaved = past.ask().data, past.ask(stream=ERR).data
    past.write(b"--out", "d/o")
    past.write(b"err", "d/e")
    past.commit(OutputSaved(JOB, 1), OutputSaved(JOB, 1, ERR))
    saved = past.ask().data, past.ask(stream=ERR).data
    past.close()

    assert (b"out", b"err") == unsaved == saved


def test_where_errors_are_not_apart_there_are_none_to_read(past: Past) -> None:
    past.begin()

    with pytest.raises(RequestRefused, match="--err"):
        past.ask(stream=ERR)


def test_a_file_of_the_jobs_host_is_named_and_not_read(tmp_path: Path) -> None:
    """A file of that name here is another one."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"of this host")
    past = Past(tmp_path, Terms(out=str(secret)))
    files = ((OUT, str(secret)),)
    past.begin(files=files)
    past.commit(OutputReserved(JOB, 0, 1, OUT, str(secret)))
    past.finish(wrote(b"of this host", streamed=True, files=files))
    part = past.ask()
    past.close()

    assert (b"", str(secret), "n12", "") == (part.data, part.path, part.at.host, part.trouble)
    assert part.is_elsewhere


def test_no_link_is_followed(past: Past) -> None:
    """Whoever may write in the folder could have anything read."""
    secret = past.outputs.parent / "secret"
    secret.write_bytes(TEXT)
    (past.outputs / output_name(JOB)).symlink_to(secret)
    past.begin()
    past.finish(wrote(TEXT, streamed=True))
    part = past.ask()

    assert b"" == part.data
    assert "cannot be read" in part.trouble


@pytest.mark.parametrize("there", [None, b"", TEXT[:5]])
def test_a_file_that_is_gone_or_cut_is_told_of(past: Past, there: bytes | None) -> None:
    """Or whoever reads on would ask for ever."""
    past.begin()
    past.finish(wrote(TEXT, streamed=True))
    if there is not None:
        past.write(there)

    assert there or b"" == past.ask().data
    assert output_name(JOB) in past.ask(offset=len(there or b"")).trouble


def test_a_job_that_has_not_begun_has_no_attempt(past: Past) -> None:
    part = past.ask()

    assert (0, b"", "", False) == (part.at.number, part.data, part.trouble, part.at.is_last)


def test_a_job_that_ended_without_an_attempt_has_ended(past: Past) -> None:
    past.commit(RangeEnded(((JOB, JobId(2)),), Ending.CANCELLED, "", 9))
    part = past.ask()

    assert (0, "cancelled", 143, True) == (part.at.number, part.at.ending, part.at.status, part.at.is_last)


def test_a_job_that_is_killed_between_two_attempts_keeps_the_output_of_the_first(past: Past) -> None:
    past.begin()
    first = JobRequeued(past.claim(1), "it went wrong", CountsAs.FAILURE, 9, wrote(b"one\n", exit_code=3))
    past.commit(first, OutputReserved(JOB, first.output_length, 2))
    past.commit(RangeEnded(((JOB, JobId(2)),), Ending.CANCELLED, "", 9))
    part = past.ask()

    assert (b"one\n", "cancelled", 143) == (part.data, part.at.ending, part.at.status)
    assert part.at.is_last


@pytest.mark.parametrize("attempt", [2, 1000])
def test_an_attempt_that_there_never_was_is_refused(past: Past, attempt: int) -> None:
    past.begin()

    with pytest.raises(RequestRefused, match="attempts"):
        past.ask(attempt=attempt)


def test_a_job_that_there_never_was_is_refused(past: Past) -> None:
    with pytest.raises(JobUnknown):
        past.ask(job=2)


def test_what_a_server_has_forgotten_is_in_the_file_unless_it_may_be_anothers(past: Past) -> None:
    """An attempt that was lost has left its own there, where that of the next one goes."""
    past.begin()
    past.write(TEXT)
    first = past.ask(upto=LENGTH_LIMIT)
    past.requeue(1)
    past.begin(2)
    second = past.ask(upto=LENGTH_LIMIT)

    assert (TEXT, len(TEXT)) == (first.data, first.length)
    assert (b"", 0) == (second.data, second.length)
