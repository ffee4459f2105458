"""Output files: exactly the job's bytes, in their place, however often they are written."""

import errno
import hashlib
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.chunks import JOB, chunk_of
from goq.adapters.files.below import Whose
from goq.adapters.files.outputs import Outputs
from goq.adapters.files.streams import REWRITES, OutputLost
from goq.core.messages import OutputChunk
from goq.core.values.ids import JobId
from goq.core.values.result import OUT, Result
from goq.errors import BadMessage


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "o"


@pytest.fixture(name="outputs")
def _outputs(folder: Path) -> Outputs:
    return Outputs(folder, {})


def streamed(output: bytes) -> Result:
    """The result of a job whose output went ahead."""
    return Result(output_length=len(output), output_sha256=hashlib.sha256(output).digest())


def put_before(folder: Path, content: bytes) -> Path:
    """A file that was there before the job."""
    folder.mkdir(exist_ok=True)
    path = folder / "out.00007"
    path.write_bytes(content)
    return path


# --- whole outputs -------------------------------------------------------------------------


@pytest.mark.parametrize(("job", "name"), [(1, "out.00001"), (99_999, "out.99999"), (100_000, "out.100000")])
def test_files_are_named_after_their_jobs(outputs: Outputs, folder: Path, job: int, name: str) -> None:
    """People find them by the number that `goq sub` printed: five digits, or more."""
    assert folder / name == outputs.path(JobId(job))


@pytest.mark.parametrize("output", [b"", b"no newline", b"\0\xff\r\n" * 1000, bytes(1 << 20)], ids=len)
def test_a_file_holds_the_job_s_bytes_and_no_others(outputs: Outputs, output: bytes) -> None:
    """Outputs are compared, unpacked, plotted: each byte counts, and an empty one is a file too."""
    outputs.write(JOB, output)
    synced = outputs.sync_some(1)

    assert [(JOB, 1, 1)] == synced
    assert output == outputs.path(JOB).read_bytes()


def test_the_folder_is_made_when_it_is_needed(tmp_path: Path) -> None:
    """With those above it; nobody has to prepare anything."""
    outputs = Outputs(tmp_path / "a" / "b" / "c", {})
    outputs.write(JOB, b"hello\n")

    assert b"hello\n" == (tmp_path / "a" / "b" / "c" / "out.00007").read_bytes()


def test_an_existing_file_is_appended_to(outputs: Outputs, folder: Path) -> None:
    """Somebody who starts again with job 1 in an old folder keeps what is in it."""
    path = put_before(folder, b"older\n")
    start = outputs.reserve(JOB)
    outputs.write(JOB, b"newer\n")

    assert 6 == start
    assert b"older\nnewer\n" == path.read_bytes()


def test_nothing_is_reserved_in_a_file_that_is_not_there(outputs: Outputs, folder: Path) -> None:
    """Only the rare case goes into the journal."""
    assert 0 == outputs.reserve(JOB)
    put_before(folder, b"")
    assert 0 == outputs.reserve(JOB)


@pytest.mark.parametrize("before", [b"", b"older\n"])
def test_a_whole_output_may_be_written_again(outputs: Outputs, folder: Path, before: bytes) -> None:
    """After a crash nobody knows whether it was; twice must be as once."""
    path = put_before(folder, before)
    outputs.reserve(JOB)
    for _ in range(3):
        outputs.write(JOB, b"newer\n")

    assert before + b"newer\n" == path.read_bytes()


@settings(max_examples=50, deadline=None)
@given(before=st.binary(max_size=50), output=st.binary(max_size=200), data=st.data())
def test_a_write_that_a_crash_cut_short_is_completed(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, output: bytes, data: st.DataObject
) -> None:
    """The next server knows where the output begins, and puts it there whatever it finds."""
    folder = tmp_path_factory.mktemp("o")
    path = put_before(folder, before)
    Outputs(folder, {}).reserve(JOB)
    written = data.draw(st.integers(0, len(output)))
    path.write_bytes(before + output[:written] + data.draw(st.binary(max_size=20)))
    Outputs(folder, {JOB: {1: len(before)}}).write(JOB, output)

    assert before + output == path.read_bytes()


def test_each_job_has_a_place_of_its_own(outputs: Outputs, folder: Path) -> None:
    """What is behind one job's file says nothing of another's."""
    put_before(folder, b"older\n")
    outputs.reserve(JOB)
    outputs.write(JobId(8), b"eight\n")
    outputs.write(JOB, b"seven\n")

    assert b"eight\n" == outputs.path(JobId(8)).read_bytes()
    assert b"older\nseven\n" == outputs.path(JOB).read_bytes()


def test_a_file_that_was_taken_away_is_no_trouble(outputs: Outputs, folder: Path) -> None:
    """Users move their outputs as soon as they see them, or the whole folder."""
    outputs.write(JOB, b"x")
    outputs.write(JobId(8), b"y")
    outputs.path(JOB).unlink()
    first = outputs.sync_some(2)
    outputs.write(JobId(8), b"y")
    outputs.path(JobId(8)).unlink()
    folder.rmdir()
    then = outputs.sync_some(2)

    assert [(JOB, 1, 1), (JobId(8), 1, 1)] == first
    assert [(JobId(8), 1, 1)] == then
    assert not folder.exists()


def test_so_many_outputs_are_synced_at_once_and_empty_ones_besides(outputs: Outputs) -> None:
    """Somebody waits for an answer meanwhile; and of an empty output there is only the name."""
    for job, output in enumerate((b"a", b"", b"", b"b", b"", b"c"), start=1):
        outputs.write(JobId(job), output)
    steps = [outputs.sync_some(2), outputs.sync_some(2), outputs.sync_some(2)]

    assert [[1, 2, 3, 4, 5], [6], []] == [[job for job, _, _ in step] for step in steps]
    assert 0 == outputs.unsynced_count


def test_others_may_read_outputs_as_the_umask_says(outputs: Outputs) -> None:
    """They belong to the user, unlike the journal."""
    old_umask = os.umask(0o027)
    try:
        outputs.write(JOB, b"x")
    finally:
        os.umask(old_umask)

    assert 0o640 == outputs.path(JOB).stat().st_mode & 0o777


# --- when the disk does not take it --------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_an_error_until_it_can(tmp_path: Path) -> None:
    """The journal keeps the output meanwhile; the same call then succeeds."""
    (tmp_path / "taken").write_text("a file where the folder should be")
    outputs = Outputs(tmp_path / "taken" / "o", {})
    for _ in range(2):
        with pytest.raises(OSError):
            outputs.write(JOB, b"hello\n")
    (tmp_path / "taken").unlink()
    outputs.write(JOB, b"hello\n")

    assert b"hello\n" == outputs.path(JOB).read_bytes()


def test_a_chunk_that_was_not_taken_is_asked_for_again(tmp_path: Path) -> None:
    """Its worker keeps it; neither the place nor the digest may have moved."""
    (tmp_path / "o").write_text("a file where the folder should be")
    outputs = Outputs(tmp_path / "o", {})
    whole = b"hello world"
    for _ in range(2):
        with pytest.raises(OSError):
            outputs.append(chunk_of(whole, 0, 6))
    (tmp_path / "o").unlink()

    assert [6, 11] == [outputs.append(chunk_of(whole, 0, 6)), outputs.append(chunk_of(whole, 6))]
    assert outputs.seal(JOB, 1, streamed(whole)) is None


def test_a_full_disk_is_an_error(folder: Path, outputs: Outputs) -> None:
    """A file that may not become longer stands for a disk that is full: the system says so of either."""
    folder.mkdir()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            outputs.write(JOB, b"hello\n")
        with pytest.raises(OSError, match="File too large"):
            outputs.append(chunk_of(b"hello\n"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    outputs.write(JOB, b"hello\n")

    assert b"hello\n" == outputs.path(JOB).read_bytes()


@pytest.mark.parametrize("job", [JOB, JobId(1_000_007)])
def test_nothing_goes_by_a_link(outputs: Outputs, folder: Path, tmp_path: Path, job: JobId) -> None:
    """Neither in place of a file that nobody named, nor of the folder that many of them have."""
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    place = outputs.path(job) if job == JOB else outputs.path(job).parent
    place.symlink_to(tmp_path / "elsewhere")
    for size in (0, 5):
        with pytest.raises(OSError):
            outputs.write(job, bytes(size))
    place.unlink()
    outputs.write(job, b"word")

    assert [] == list((tmp_path / "elsewhere").iterdir())
    assert b"word" == outputs.path(job).read_bytes()


def test_what_could_not_be_synced_is_told_and_the_others_are_safe(
    outputs: Outputs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a disk has not synced it may have dropped, so it is to be written again."""
    fsync, bad = os.fsync, JobId(8)

    def sync(fileno: int) -> None:
        if os.path.samestat(os.fstat(fileno), outputs.path(bad).stat()):
            raise OSError(errno.EIO, "Input/output error")
        fsync(fileno)

    for job in (JOB, bad, JobId(9)):
        outputs.write(job, b"word")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", sync)
        first = outputs.sync_some(9)

    assert [(JOB, 1, 1), (9, 1, 1)] == first
    assert [(bad, 1, 1)] == list(outputs.failed)
    assert 0 == outputs.unsynced_count


def test_a_name_that_could_not_be_synced_is_no_output(
    outputs: Outputs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash there would be no file; those in other folders have theirs."""
    fsync, inner = os.fsync, JobId(1_000_007)

    def sync(fileno: int) -> None:
        if os.path.samestat(os.fstat(fileno), outputs.path(inner).parent.stat()):
            raise OSError(errno.EIO, "Input/output error")
        fsync(fileno)

    for job in (JOB, inner):
        outputs.write(job, b"word")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", sync)
        first = outputs.sync_some(9)

    assert [(JOB, 1, OUT)] == first
    assert [(inner, 1, OUT)] == list(outputs.failed)


def test_a_file_is_as_open_as_its_submission_was_at_most(folder: Path) -> None:
    """Whoever submits with a umask of 077 wants no reader."""
    old_umask = os.umask(0o022)
    try:
        outputs = Outputs(folder, {}, whose=lambda job: Whose(0o077 if job == JOB else 0))
        for job in (JOB, JobId(8)):
            outputs.write(job, b"x")
    finally:
        os.umask(old_umask)

    assert [0o600, 0o644] == [outputs.path(job).stat().st_mode & 0o777 for job in (JOB, JobId(8))]


def test_a_fifo_in_its_place_is_an_error(outputs: Outputs, folder: Path) -> None:
    """Whoever opens one waits for its reader; the server would wait, and all with it."""
    folder.mkdir()
    os.mkfifo(outputs.path(JOB))
    with pytest.raises(OSError):
        outputs.write(JOB, b"hello\n")
    with pytest.raises(OSError):
        outputs.append(chunk_of(b"hello\n"))


# --- long outputs, in chunks ---------------------------------------------------------------


def test_chunks_make_a_whole(outputs: Outputs) -> None:
    """A long output grows in its file while the job runs, for people to look at."""
    asked_for = [outputs.append(chunk_of(b"abcdefg", 0, 3)), outputs.append(chunk_of(b"abcdefg", 3))]
    seen = outputs.path(JOB).read_bytes()

    assert [3, 7] == asked_for
    assert b"abcdefg" == seen
    assert outputs.seal(JOB, 1, streamed(b"abcdefg")) is None


def test_a_repeated_chunk_changes_nothing(outputs: Outputs) -> None:
    """Answers get lost, and the worker sends again."""
    asked_for = [outputs.append(chunk_of(b"abc")) for _ in range(3)]

    assert [3, 3, 3] == asked_for
    assert b"abc" == outputs.path(JOB).read_bytes()


def test_a_chunk_that_comes_too_early_is_refused(outputs: Outputs) -> None:
    """A hole in the file would look like an output."""
    outputs.append(chunk_of(b"abcdefghi", 0, 3))

    assert 3 == outputs.append(chunk_of(b"abcdefghi", 6))
    assert b"abc" == outputs.path(JOB).read_bytes()


@settings(max_examples=100, deadline=None)
@given(
    output=st.binary(min_size=1, max_size=60),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20))),
)
def test_whatever_comes_in_whatever_order_the_whole_is_right(
    tmp_path_factory: pytest.TempPathFactory, output: bytes, cuts: list[tuple[int, int]]
) -> None:
    """Duplicated, reordered, cut anew: the file ends up as the job wrote it."""
    outputs = Outputs(tmp_path_factory.mktemp("o"), {})
    for at, length in cuts:
        if output[at : at + length]:
            outputs.append(chunk_of(output, at, at + length))
    result = streamed(output)
    while (wanted := outputs.seal(JOB, 1, result)) is not None:
        outputs.append(chunk_of(output, wanted, wanted + 7))

    assert output == outputs.path(JOB).read_bytes()


def test_after_a_restart_a_stream_begins_again(folder: Path) -> None:
    """Its digest was lost; the file is written once more from the start of this job's output."""
    put_before(folder, b"older\n")
    first = Outputs(folder, {})
    start = first.reserve(JOB)
    first.append(chunk_of(b"abcdef"))
    second = Outputs(folder, {JOB: {1: start}})
    wanted = second.append(chunk_of(b"abcdefghi", 6))
    untouched = second.path(JOB).read_bytes()
    second.append(chunk_of(b"abc"))

    assert 0 == wanted
    assert b"older\nabcdef" == untouched
    assert 0 == Outputs(folder, {JOB: {1: start}}).seal(JOB, 1, streamed(b"abcdef"))
    assert b"older\nabc" == second.path(JOB).read_bytes()
    second.append(chunk_of(b"abcdef", 3))
    assert second.seal(JOB, 1, streamed(b"abcdef")) is None


def test_a_new_attempt_replaces_what_the_old_one_wrote(outputs: Outputs, folder: Path) -> None:
    """The output is that of the attempt that counts, and of no other."""
    path = put_before(folder, b"older\n")
    outputs.reserve(JOB)
    outputs.append(chunk_of(b"a long first attempt"))
    wanted = outputs.append(chunk_of(b"a long first attempt, and more", 20, attempt=2))
    outputs.append(chunk_of(b"second", attempt=2))

    assert 0 == wanted
    assert b"older\nsecond" == path.read_bytes()
    assert 0 == outputs.seal(JOB, 1, streamed(b"a long first attempt"))
    assert outputs.seal(JOB, 2, streamed(b"second")) is None


def test_a_short_output_replaces_a_stream(outputs: Outputs) -> None:
    """The attempt before may have written much, and this one little."""
    outputs.append(chunk_of(b"a long first attempt"))
    outputs.write(JOB, b"short")

    assert b"short" == outputs.path(JOB).read_bytes()
    assert 0 == outputs.come(JOB, 1, OUT)
    assert 0 == outputs.append(chunk_of(b"a long first attempt, late", 20))


def test_only_a_whole_stream_is_sealed(outputs: Outputs) -> None:
    """The worker may forget the output only when all of it is here."""
    outputs.append(chunk_of(b"abcdef", 0, 3))

    assert 3 == outputs.seal(JOB, 1, streamed(b"abcdef"))
    outputs.append(chunk_of(b"abcdef", 3))
    assert outputs.seal(JOB, 1, streamed(b"abcdef")) is None


@pytest.mark.parametrize("result", [streamed(b"ABCDEF"), streamed(b"abc"), Result(output_length=6)])
def test_a_stream_of_other_bytes_begins_again(outputs: Outputs, result: Result) -> None:
    """Length and digest must both agree with what the worker has."""
    outputs.append(chunk_of(b"abcdef"))

    assert 0 == outputs.seal(JOB, 1, result)
    assert 0 == outputs.append(chunk_of(b"abcdefmore", 6))


def test_a_stream_that_is_sent_again_after_its_seal_lies_where_it_lay(outputs: Outputs, folder: Path) -> None:
    """The answer was lost, or the report refused for its clock: what was there before must stay."""
    path = put_before(folder, b"older\n")
    outputs.reserve(JOB)
    for _ in range(2):
        outputs.append(chunk_of(b"newer"))
        assert outputs.seal(JOB, 1, streamed(b"newer")) is None

    assert b"older\nnewer" == path.read_bytes()


def test_a_very_long_stream_is_whole(outputs: Outputs) -> None:
    """It is synced on its way; that must not disturb it."""
    whole = bytes(range(256)) * 4096 * 40
    for at in range(0, len(whole), 1 << 20):
        outputs.append(chunk_of(whole, at, at + (1 << 20)))

    assert outputs.seal(JOB, 1, streamed(whole)) is None
    assert whole == outputs.path(JOB).read_bytes()


# --- chunks that are not what was signed ---------------------------------------------------


def forged(chunk: OutputChunk, data: bytes) -> OutputChunk:
    """With other bytes behind it."""
    return replace(chunk, data=data)


FORGED = {
    "another byte": forged(chunk_of(b"abcdef", 3), b"deF"),
    "a byte less": forged(chunk_of(b"abcdef", 3), b"de"),
    "a byte more": forged(chunk_of(b"abcdef", 3), b"defg"),
    "the piece before": forged(chunk_of(b"abcdef", 3), b"abc"),
    "another job's bytes": forged(chunk_of(b"abcdef", 3), b"xyz"),
    "another job's digest": replace(chunk_of(b"abcdef", 3), after=chunk_of(b"xyzdef", 3).after),
    "the digest of the piece alone": replace(chunk_of(b"abcdef", 3), after=chunk_of(b"def").after),
    "no digest": replace(chunk_of(b"abcdef", 3), after=b""),
}


@pytest.mark.parametrize("chunk", FORGED.values(), ids=FORGED)
def test_bytes_that_do_not_lead_to_their_digest_are_not_written(outputs: Outputs, chunk: OutputChunk) -> None:
    """Whoever can change what is on its way could write anything into a result."""
    outputs.append(chunk_of(b"abcdef", 0, 3))
    with pytest.raises(BadMessage):
        outputs.append(chunk)
    written = outputs.path(JOB).read_bytes()

    assert b"abc" == written
    assert 6 == outputs.append(chunk_of(b"abcdef", 3))
    assert outputs.seal(JOB, 1, streamed(b"abcdef")) is None


def test_a_first_chunk_that_is_forged_makes_no_file(outputs: Outputs) -> None:
    """Nothing at all is done before it is known whose bytes they are."""
    with pytest.raises(BadMessage):
        outputs.append(forged(chunk_of(b"abc"), b"abx"))

    assert not outputs.path(JOB).exists()


@settings(max_examples=100, deadline=None)
@given(whole=st.binary(min_size=2, max_size=60), data=st.data())
def test_no_changed_piece_is_written(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    """Whatever was bent, wherever the pieces were cut."""
    outputs = Outputs(tmp_path_factory.mktemp("o"), {})
    start = data.draw(st.integers(0, len(whole) - 1))
    if start:
        outputs.append(chunk_of(whole, 0, start))
    honest = chunk_of(whole, start, data.draw(st.integers(start + 1, len(whole))))
    other = data.draw(st.binary(min_size=1, max_size=60).filter(lambda other: other != honest.data))
    with pytest.raises(BadMessage):
        outputs.append(forged(honest, other))

    assert whole[:start] == (outputs.path(JOB).read_bytes() if start else b"")
    assert start + len(honest.data) == outputs.append(honest)


# --- files that are changed by others -------------------------------------------------------


def cut(path: Path, size: int) -> None:
    """Somebody needs the room."""
    os.truncate(path, size)


DAMAGE = {
    "emptied": lambda path: cut(path, 0),
    "cut": lambda path: cut(path, 8),
    "cut by a byte": lambda path: cut(path, 11),
    "removed": lambda path: path.unlink(),
    "moved": lambda path: path.rename(path.with_name("elsewhere")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("is_whole", [False, True])
def test_a_file_that_became_shorter_is_written_once_more(
    outputs: Outputs, folder: Path, damage: Callable[[Path], None], is_whole: bool
) -> None:
    """Its worker has all of it still; a hole, or half of it, would pass for the output."""
    path = put_before(folder, b"older\n")
    outputs.reserve(JOB)
    outputs.append(chunk_of(b"abcdefghi", 0, 6))
    if is_whole:
        outputs.append(chunk_of(b"abcdefghi", 6))
    damage(path)
    wanted = (
        outputs.seal(JOB, 1, streamed(b"abcdefghi"))
        if is_whole
        else outputs.append(chunk_of(b"abcdefghi", 6))
    )
    outputs.append(chunk_of(b"abcdefghi"))

    assert 0 == wanted
    assert outputs.seal(JOB, 1, streamed(b"abcdefghi")) is None
    assert path.read_bytes().endswith(b"abcdefghi")
    assert len(b"older\nabcdefghi") == path.stat().st_size


def test_what_stands_behind_the_output_goes(outputs: Outputs) -> None:
    """An attempt before this one wrote more; so it was always."""
    outputs.append(chunk_of(b"abcdef", 0, 3))
    with outputs.path(JOB).open("ab") as file:
        file.write(b"somebody else's words")
    outputs.append(chunk_of(b"abcdef", 3))

    assert b"abcdef" == outputs.path(JOB).read_bytes()


def test_a_file_that_becomes_shorter_again_and_again_is_given_up(outputs: Outputs) -> None:
    """Sending it for ever would help nobody; a result that says so goes in its place."""
    for _ in range(REWRITES):
        assert 3 == outputs.append(chunk_of(b"abcdef", 0, 3))
        cut(outputs.path(JOB), 2)
        assert 0 == outputs.append(chunk_of(b"abcdef", 3))
    outputs.append(chunk_of(b"abcdef"))
    cut(outputs.path(JOB), 2)
    with pytest.raises(OutputLost):
        outputs.seal(JOB, 1, streamed(b"abcdef"))
    outputs.write(JOB, b"so it was lost\n")

    assert b"so it was lost\n" == outputs.path(JOB).read_bytes()


def test_another_attempt_has_all_its_tries(outputs: Outputs) -> None:
    """What befell the one before it is no fault of its own."""
    for attempt in (1, 2):
        for _ in range(REWRITES):
            outputs.append(chunk_of(b"abcdef", 0, 3, attempt))
            cut(outputs.path(JOB), 2)
            assert 0 == outputs.append(chunk_of(b"abcdef", 3, attempt=attempt))


def test_what_follows_another_beginning_begins_again(outputs: Outputs) -> None:
    """A worker died, and what it left behind is not what the server has had from it."""
    outputs.append(chunk_of(b"abcdef", 0, 3))
    wanted = outputs.append(chunk_of(b"ABCdef", 3))

    assert 0 == wanted
    assert b"abc" == outputs.path(JOB).read_bytes()
    assert 6 == outputs.append(chunk_of(b"ABCdef"))
    assert outputs.seal(JOB, 1, streamed(b"ABCdef")) is None


def test_a_file_that_is_too_short_before_the_job_begins_is_no_damage(outputs: Outputs, folder: Path) -> None:
    """What was in it is not the job's."""
    path = put_before(folder, b"older\n")
    outputs.reserve(JOB)
    path.unlink()
    outputs.append(chunk_of(b"abcdef", 0, 3))
    outputs.append(chunk_of(b"abcdef", 3))

    assert outputs.seal(JOB, 1, streamed(b"abcdef")) is None
    assert bytes(6) + b"abcdef" == path.read_bytes()


# --- attempts --------------------------------------------------------------------------------


def test_each_attempt_writes_behind_the_one_before(outputs: Outputs) -> None:
    """Nothing that a job wrote is lost, whatever else is in the file."""
    outputs.path(JOB).parent.mkdir(exist_ok=True)
    outputs.path(JOB).write_bytes(b"older\n")
    starts = [outputs.reserve(JOB), outputs.reserve_next(JOB, 1, 4), outputs.reserve_next(JOB, 2, 4)]
    for attempt, output in ((1, b"one\n"), (2, b"two\n"), (3, b"three\n")):
        outputs.write(JOB, output, attempt)

    assert [6, 10, 14] == starts
    assert b"older\none\ntwo\nthree\n" == outputs.path(JOB).read_bytes()
    assert [(JOB, 1, 1), (JOB, 2, 1), (JOB, 3, 1)] == outputs.sync_some(9)
    assert 0 == outputs.unsynced_count


def test_what_is_written_late_leaves_what_is_behind_it(outputs: Outputs) -> None:
    """The disk was full when the first attempt ended, and is not any more."""
    outputs.reserve_next(JOB, 1, 4)
    outputs.write(JOB, b"two\n", 2)
    assert [(JOB, 2, 1)] == outputs.sync_some(9)
    outputs.write(JOB, b"one\n", 1)

    assert b"one\ntwo\n" == outputs.path(JOB).read_bytes()


def test_a_line_goes_behind_a_long_output(outputs: Outputs) -> None:
    """Which is in the file already; and the next attempt's behind the line."""
    first, second = chunk_of(b"abcdef"), chunk_of(b"xyz", attempt=2)
    outputs.append(first)
    assert outputs.seal(JOB, 1, streamed(b"abcdef")) is None
    outputs.reserve_next(JOB, 1, 6 + 6)
    outputs.write(JOB, b"\nline\n", 1)
    outputs.append(second)

    assert outputs.seal(JOB, 2, streamed(b"xyz")) is None
    assert b"abcdef\nline\nxyz" == outputs.path(JOB).read_bytes()


def test_the_next_server_knows_where_each_attempt_is(outputs: Outputs, folder: Path) -> None:
    """It writes again what may not be on the disk."""
    outputs.reserve_next(JOB, 1, 4)
    outputs.write(JOB, b"one\n", 1)
    outputs.write(JOB, b"two\n", 2)
    later = Outputs(folder, {JOB: {2: 4}})
    later.write(JOB, b"two\n", 2)
    later.write(JOB, b"one\n", 1)

    assert b"one\ntwo\n" == outputs.path(JOB).read_bytes()


def test_where_attempts_start_is_forgotten_when_all_are_safe(outputs: Outputs) -> None:
    """A server runs for years."""
    outputs.reserve_next(JOB, 1, 4)
    outputs.write(JOB, b"one\n", 1)
    outputs.write(JOB, b"two\n", 2)
    assert {JOB: {2: 4}} == outputs._starts
    outputs.sync_some(9)

    assert ({}, {}) == (outputs._starts, outputs._retried)
