"""What the codec refuses: messages that are well signed and well formed, but make no sense."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from epochs import EPOCH, QUEUE
from msgspec import msgpack
from msgspec.structs import replace

from adapters.strategies import CLAIM, JOB, ORIGIN, RESULT, SUBMIT, WORKER
from goq.adapters.wire import codec_schema, zjob, zjob_report, zjob_submit
from goq.adapters.wire.codec import behind, decode, encode
from goq.adapters.wire.transport import FRAME_LIMIT
from goq.core import messages as m
from goq.core.board.hands import HAND_BYTES, HAND_LIMIT
from goq.core.dispatch.steering import RUN_BYTES
from goq.core.values.blobs import BLOB_LIMIT, FETCH_BYTES, NO_BLOB, PIECE_BYTES, Blob
from goq.core.values.changes import Alter, Hold, Kill
from goq.core.values.ids import NO_EPOCH, Argv, Environment, Epoch, JobId, Nonce, QueueId, WorkerId, worker_of
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import Claim, Course, Job, Origin, Worker
from goq.core.values.result import CAUSES, INLINE_OUTPUT_BYTES, Ended, Ending
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.terms import LABEL_LIMIT, MOMENT_LIMIT_NS, NAME_LIMIT, PATH_LIMIT, TAGS_LIMIT, Terms
from goq.core.worker.conversation import NEWS_BYTES
from goq.core.worker.reports import BATCH_BYTES
from goq.errors import BadMessage, NotUnderstood

NONCE = Nonce(bytes(range(16)))
PROCESS = replace(WORKER, id=worker_of(WORKER.id))
BACK = m.Returned(CLAIM)
HELD = m.Held(replace(CLAIM, job=JobId(6)))
OTHER_BACK = m.Returned(replace(CLAIM, job=JobId(6)), "folder", "the folder '/x' is not there")
INT64_MAX = 2**63 - 1


def finished(**changes: Any) -> m.Report:
    """A report with a result that is bent somewhere."""
    return telling(ended=(m.Done(CLAIM, replace(RESULT, **changes)),))


def telling(**changes: Any) -> m.Report:
    """What a worker says, bent somewhere."""
    return replace(
        m.Report(PROCESS, 3, held=(HELD,), returned=(BACK,), wants=((CLAIM.worker, 2),)), **changes
    )


def holding(**changes: Any) -> m.Report:
    """A worker that has one attempt, which is bent somewhere."""
    return telling(held=(m.Held(replace(CLAIM, **changes)),))


def ordering(*jobs: Job, **changes: Any) -> m.Orders:
    """Orders that are bent somewhere."""
    return replace(m.Orders(PROCESS.id, run=(m.Batch(CLAIM.worker, jobs),)), **changes)


def blob(size: int) -> Blob:
    """The name of a blob of that size."""
    return Blob(bytes(32) + size.to_bytes(8))


def chunk(**changes: Any) -> m.OutputChunk:
    """A piece of output that is bent somewhere."""
    return replace(m.OutputChunk(CLAIM, 0, b"x", bytes(32), bytes(32)), **changes)


def asking(**changes: Any) -> m.Report:
    """A worker that is bent somewhere."""
    return m.Report(replace(WORKER, **changes), 1)


ITEMS = m.AddItems(NONCE, 3, (b"ls",))
ONE = replace(SUBMIT, argv=Argv(b"ls"), lines=())
ARRAY = replace(ONE, items=Numbers(((1, 9, 1),)))
EACH = replace(SUBMIT, argv=Argv(b"ls\0{}"), items=EachLine())
STREAMED = m.Done(CLAIM, replace(RESULT, output_length=10**6))
OTHER = m.Done(replace(CLAIM, job=JobId(9)), RESULT)

NONSENSE: dict[str, m.Question] = {
    "no commands": replace(SUBMIT, lines=()),
    "too many commands": replace(SUBMIT, lines=(b"x",) * (zjob.COMMANDS_LIMIT + 1)),
    "an empty command": replace(SUBMIT, lines=(b"ls", b"")),
    "an empty program": replace(ONE, argv=Argv(b"\0-l")),
    "a command that no frame takes to a worker": replace(ONE, argv=Argv(b"x" * zjob_submit.JOB_LIMIT)),
    "a job that waits for ever": replace(ONE, terms=Terms(not_before_ns=10**300)),
    "a moment that no clock will show": replace(ONE, terms=Terms(not_before_ns=MOMENT_LIMIT_NS + 1)),
    "a change to such a moment": m.Change(
        Selector(), Alter(("not_before_ns",), Terms(not_before_ns=MOMENT_LIMIT_NS + 1))
    ),
    "a result from before all clocks": finished(started_ns=-1),
    "a result after all clocks": finished(ended_ns=MOMENT_LIMIT_NS + 1),
    "a result of less memory than none": finished(peak_kib=-1),
    "a result of all memory that there ever was": finished(peak_kib=2**50 + 1),
    "a result of all time that there ever was": finished(cpu_s=1.7e308),
    "a result of no process": finished(pid=-1),
    "a list of too many": replace(SUBMIT, to_come=zjob.LIST_LIMIT - 1),
    "a list with less than nothing to come": replace(SUBMIT, to_come=-1),
    "a list with one unique key": replace(SUBMIT, lines=(b"x",), to_come=1, terms=Terms(unique="k")),
    "a list whose environment is too long": replace(
        SUBMIT, environment=Environment(b"x" * (zjob_submit.JOB_LIMIT - 1000)), to_come=1
    ),
    "a kill of less than nothing": m.Change(Selector(), Kill(), at_most=-1),
    "a kill with no signal": m.Change(Selector(), Kill(0)),
    "a selector of too much": m.Change(Selector((Jobs(JobId(1), JobId(2)),) * 999, (), "x" * 999), Hold()),
    "items of no list": replace(ITEMS, submission=Nonce(b"short")),
    "items before the first": replace(ITEMS, offset=-1),
    "a list whose beginning has not come": replace(SUBMIT, lines=(), to_come=3),
    "an array with lines": replace(ARRAY, lines=(b"x",)),
    "an array with lines to come": replace(ARRAY, to_come=1),
    "an array of nothing": replace(ARRAY, argv=Argv(b"")),
    "an array with one unique key": replace(ARRAY, terms=Terms(unique="k")),
    "lines for no command": replace(EACH, argv=Argv(b"")),
    "a command for no lines": replace(EACH, lines=()),
    "lines that make too long a command": replace(
        EACH, argv=Argv(b"ls" + b"{}" * 100), lines=(b"x" * (zjob_submit.JOB_LIMIT // 100),)
    ),
    "no items": replace(ITEMS, lines=()),
    "too long an item": replace(ITEMS, lines=(b"x" * (zjob_submit.LINE_LIMIT + 1),)),
    "no folder": replace(SUBMIT, folder=b""),
    "a relative folder": replace(SUBMIT, folder=b"home/ann"),
    "a NUL in the folder": replace(SUBMIT, folder=b"/home\0/ann"),
    "too long a folder": replace(SUBMIT, folder=b"/" + b"x" * zjob.FOLDER_LIMIT),
    "too long a submitter": replace(SUBMIT, submitter="x" * 257),
    "no worker id": asking(id=WorkerId("")),
    "too long a worker id": asking(id=WorkerId("x" * 257)),
    "too long a host": asking(host="x" * 257),
    "goodbye of nobody": m.Goodbye(replace(WORKER, id=WorkerId(""))),
    "infinite patience": telling(patience_s=math.inf),
    "patience that is no number": telling(patience_s=math.nan),
    "negative patience": telling(patience_s=-0.5),
    "a negative load": telling(load=-0.5),
    "a negative serial": telling(serial=-1),
    "a goodbye with a negative serial": m.Goodbye(WORKER, serial=-1),
    "attempt 0": holding(attempt=0),
    "a negative attempt": holding(attempt=-1),
    "a claim on job 0": holding(job=JobId(0)),
    "an attempt of epoch 0": holding(epoch=Epoch(QUEUE, 0)),
    "an attempt of a negative epoch": holding(epoch=Epoch(QUEUE, -1)),
    "an epoch with a draw below nothing": holding(epoch=Epoch(QUEUE, 1, -1)),
    "a signal that is none": telling(held=(m.Held(CLAIM, told=128),)),
    "less than no time": telling(held=(m.Held(CLAIM, course=Course(time_limit_s=-1.0)),)),
    "a report of epoch 0": telling(ended=(m.Done(replace(CLAIM, epoch=Epoch(QUEUE, 0)), RESULT),)),
    "epoch 0 returned": telling(returned=(m.Returned(replace(CLAIM, epoch=Epoch(QUEUE, 0))),)),
    "cancelling job 0": m.Cancel(JobId(0)),
    "cancelling a negative job": m.Cancel(JobId(-3)),
    "observing a negative job": m.Observe(JobId(-INT64_MAX - 1)),
    "a relative physical folder": replace(SUBMIT, physical=b"home/ann"),
    "NUL in a physical folder": replace(SUBMIT, physical=b"/home\0"),
    "too long a physical folder": replace(SUBMIT, physical=b"/" + b"x" * zjob.FOLDER_LIMIT),
    "too long a unique key": replace(ONE, terms=Terms(unique="k" * (NAME_LIMIT + 1))),
    "a script that has no name": replace(SUBMIT, script=Blob(b"x" * 39)),
    "a script of nothing": replace(SUBMIT, script=Blob(b"x" * 32 + bytes(8))),
    "too long a script": replace(SUBMIT, script=blob(BLOB_LIMIT + 1)),
    "too long an input": replace(SUBMIT, stdin=blob(BLOB_LIMIT + 1)),
    "an input that is piped, and a file": replace(ONE, stdin=blob(1), terms=Terms(stdin="x")),
    "a piece of nothing": m.AddBlob(NONCE, NO_BLOB, 0, bytes(32), b"x"),
    "a piece for no submission": m.AddBlob(Nonce(b"short"), blob(1), 0, bytes(32), b"x"),
    "a piece with half a digest": m.AddBlob(NONCE, blob(1), 0, bytes(16), b"x"),
    "too short a piece": m.AddBlob(NONCE, blob(9), 0, bytes(32), b"x"),
    "too long a piece": m.AddBlob(NONCE, blob(BLOB_LIMIT), 0, bytes(32), bytes(PIECE_BYTES + 1)),
    "a piece in between": m.AddBlob(NONCE, blob(BLOB_LIMIT), 1, bytes(32), bytes(PIECE_BYTES)),
    "a piece behind the end": m.AddBlob(NONCE, blob(PIECE_BYTES), PIECE_BYTES, bytes(32), b"x"),
    "a fetch of nothing": m.FetchBlob(NO_BLOB, 0),
    "a fetch from between": m.FetchBlob(blob(BLOB_LIMIT), 1),
    "a fetch from behind the end": m.FetchBlob(blob(FETCH_BYTES), FETCH_BYTES),
    "a fetch from before the start": m.FetchBlob(blob(9), -FETCH_BYTES),
    "a negative umask": replace(SUBMIT, terms=Terms(umask=-1)),
    "a umask with a bit too many": replace(SUBMIT, terms=Terms(umask=0o1000)),
    "an empty chunk": chunk(data=b""),
    "too long a chunk": chunk(data=bytes((1 << 20) + 1)),
    "a chunk before the start": chunk(offset=-1),
    "a chunk that leads from nowhere": chunk(before=b""),
    "a chunk that leads from too short a digest": chunk(before=bytes(31)),
    "a chunk that leads nowhere": chunk(after=b""),
    "a chunk that leads to too long a digest": chunk(after=bytes(33)),
    "a chunk of nobody": chunk(claim=replace(CLAIM, worker=WorkerId(""))),
    "exit status 256": finished(exit_code=256),
    "exit status -1": finished(exit_code=-1),
    "signal 128": finished(signal=128),
    "a negative signal": finished(signal=-9),
    "a digest of 31 bytes": finished(output_sha256=bytes(31)),
    "a digest of 33 bytes": finished(output_sha256=bytes(33)),
    "an output longer than its length": finished(output=b"hello\nx"),
    "a negative output length": finished(output=b"", output_length=-1),
    "cpu time that is no number": finished(cpu_s=math.nan),
    "infinite cpu time": finished(cpu_s=math.inf),
    "negative cpu time": finished(cpu_s=-1.0),
    "too long a problem": finished(problem="x" * 4097),
    "a result from too long a host": finished(host="x" * 257),
    "a report of nobody": telling(worker=replace(PROCESS, id=WorkerId("")), held=(), returned=(), wants=()),
    "a place with too long an id": telling(wants=((WorkerId(PROCESS.id + "x" * 256), 1),)),
    "a report of job 0": telling(ended=(m.Done(replace(CLAIM, job=JobId(0)), RESULT),)),
    "a report of attempt 0": telling(ended=(m.Done(replace(CLAIM, attempt=0), RESULT),)),
    "job 0 returned": telling(returned=(m.Returned(replace(CLAIM, job=JobId(0))),)),
    "attempt 0 returned": telling(returned=(m.Returned(replace(CLAIM, attempt=0)),)),
    "too many reports": telling(ended=(OTHER,) * (zjob.ROWS_LIMIT + 1)),
    "a problem without trouble": telling(returned=(m.Returned(CLAIM, "", "it rains"),)),
    "too long a word about trouble": telling(returned=(m.Returned(CLAIM, "node", "x" * 4097),)),
    "too much returned": telling(returned=(BACK,) * (zjob.ROWS_LIMIT + 1)),
    "too much reported and returned": telling(ended=(OTHER,), returned=(BACK,) * zjob.ROWS_LIMIT),
    "too much held": telling(held=(HELD,) * (zjob_report.HELD_LIMIT + 1)),
    "too many places": telling(
        wants=tuple((WorkerId(f"{PROCESS.id}-{at}"), 1) for at in range(zjob_report.PLACES_LIMIT + 1))
    ),
    "too many wanted": telling(wants=((CLAIM.worker, zjob.ROWS_LIMIT + 1),)),
    "a negative number wanted": telling(wants=((CLAIM.worker, -1),)),
    "memory below nothing": telling(used=(m.Used(CLAIM, 1.0, -1),)),
    "a streamed result among what else there is": telling(ended=(STREAMED,)),
    "a streamed result before another": m.Report(PROCESS, 0, ended=(STREAMED, OTHER)),
    "a streamed result behind another": m.Report(PROCESS, 0, ended=(OTHER, OTHER, STREAMED)),
    "a testimony about nothing": m.Report(PROCESS, 0),
    "a testimony that holds something": m.Report(PROCESS, 0, held=(HELD,), ended=(OTHER,)),
    "a testimony that returns something": m.Report(PROCESS, 0, returned=(BACK,), ended=(OTHER,)),
    "a testimony that wants something": m.Report(PROCESS, 0, ended=(OTHER,), wants=((CLAIM.worker, 1),)),
    "an output that is too long for its row": finished(output=bytes(1 << 20), output_length=1 << 20),
}


@pytest.mark.parametrize("question", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_not_understood(question: m.Question) -> None:
    """The dispatcher trusts what it is given; and the peer learns, by its nonce, that it was refused."""
    with pytest.raises(NotUnderstood) as refusal:
        decode(encode(question, NONCE, b"", 1, EPOCH), behind(question))

    assert NONCE == refusal.value.nonce
    assert str(refusal.value).startswith("malformed ")


AT_THE_BOUNDS: dict[str, m.Question] = {
    "the largest ids": telling(
        held=(m.Held(Claim(EPOCH, JobId(INT64_MAX), INT64_MAX, WorkerId(PROCESS.id + "x" * 246))),)
    ),
    "the longest folder": replace(SUBMIT, folder=b"/" + b"x" * (zjob.FOLDER_LIMIT - 1)),
    "the longest physical folder": replace(SUBMIT, physical=b"/" + b"x" * (zjob.FOLDER_LIMIT - 1)),
    "the longest unique key": replace(ONE, terms=Terms(unique="k" * NAME_LIMIT)),
    "the narrowest umask": replace(SUBMIT, terms=Terms(umask=0o777)),
    "the widest umask": replace(SUBMIT, terms=Terms(umask=0)),
    "the longest command": replace(ONE, argv=Argv(b"x" * (zjob_submit.JOB_LIMIT - len(SUBMIT.environment)))),
    "an array": ARRAY,
    "lines that go into a command": EACH,
    "one line that goes into a command": replace(EACH, lines=(b"x",)),
    "no patience": m.Report(Worker(WorkerId("w"), "", -1), 1, patience_s=0.0),
    "exit status 255, signal 127": finished(exit_code=255, signal=127),
    "the most that a job may have used": finished(
        started_ns=0, ended_ns=MOMENT_LIMIT_NS, peak_kib=2**50, cpu_s=1e12
    ),
    "the latest moment": replace(ONE, terms=Terms(not_before_ns=MOMENT_LIMIT_NS)),
    "no digest": finished(output=b"", output_length=0, output_sha256=b""),
    "a message that says nothing": m.Report(PROCESS, 1),
    "as many reports as may be": telling(ended=(OTHER,) * zjob.ROWS_LIMIT, returned=()),
    "as much returned as may be": telling(returned=(BACK,) * zjob.ROWS_LIMIT),
    "the longest word about trouble": telling(returned=(m.Returned(CLAIM, "node", "x" * 4096),)),
    "as much held and wanted as may be": telling(
        held=(HELD,) * zjob_report.HELD_LIMIT, wants=((CLAIM.worker, zjob.ROWS_LIMIT),)
    ),
    "a streamed result by itself": m.Report(PROCESS, 0, ended=(STREAMED,)),
    "a chunk of one byte at the end of the world": chunk(offset=INT64_MAX),
    "the longest chunk": chunk(data=bytes(1 << 20)),
    "the largest blob": replace(SUBMIT, script=blob(BLOB_LIMIT), stdin=blob(BLOB_LIMIT)),
    "the last piece of it": m.AddBlob(
        NONCE, blob(BLOB_LIMIT), BLOB_LIMIT - PIECE_BYTES, bytes(32), bytes(PIECE_BYTES)
    ),
    "a fetch of its end": m.FetchBlob(blob(BLOB_LIMIT), BLOB_LIMIT - FETCH_BYTES),
    "an empty environment": replace(SUBMIT, environment=Environment(b"")),
}


@pytest.mark.parametrize("question", AT_THE_BOUNDS.values(), ids=AT_THE_BOUNDS)
def test_what_is_just_within_the_bounds_is_understood(question: m.Question) -> None:
    """A bound that is one too tight refuses somebody's job."""
    assert question == decode(encode(question, NONCE, b"", 1, EPOCH), behind(question)).message


def test_the_longest_job_fits_a_frame() -> None:
    """Else it could be queued, and its worker would never get it, nor anything else."""
    wide = "\U0001f525" * zjob.NAME_LIMIT  # four bytes a character
    folder = b"/" + b"x" * (zjob.FOLDER_LIMIT - 1)
    origin = Origin(folder, Environment(b"x" * zjob_submit.JOB_LIMIT), wide, folder)
    job = Job(JobId(1), Argv(b"x"), origin, 1, 1, 0, Terms(unique=wide[:NAME_LIMIT]))

    assert len(encode(ordering(replace(job, epoch=EPOCH)), b"", NONCE, 1, EPOCH)) < FRAME_LIMIT - 1000


BAD_ANSWERS: dict[str, m.Answer] = {
    "a batch of nothing": ordering(),
    "a job without a command": ordering(JOB, replace(JOB, argv=Argv(b""))),
    "a job in a relative folder": ordering(replace(JOB, origin=replace(ORIGIN, folder=b"."))),
    "job 0 to be run": ordering(replace(JOB, id=JobId(0))),
    "attempt 0 to be run": ordering(JOB, replace(JOB, attempts=0)),
    "an attempt of epoch 0 to be run": ordering(replace(JOB, epoch=NO_EPOCH)),
    "an attempt of epoch -1 to be run": ordering(replace(JOB, epoch=Epoch(QUEUE, -1))),
    "orders to nobody": m.Orders(WorkerId("")),
    "too many refused": ordering(JOB, refused=(CLAIM,) * (zjob.ROWS_LIMIT + 1)),
    "job 0 refused": ordering(JOB, refused=(replace(CLAIM, job=JobId(0)),)),
    "no such signal": ordering(JOB, signals=(m.Signal(CLAIM, 128),)),
    "less than no time to run": ordering(JOB, steer=(m.Steer(CLAIM, Course(time_limit_s=-1.0)),)),
    "job number 0": m.AckSubmit(JobId(0), JobId(0)),
    "the end of job 0": m.JobFinishedNotice(Ended(JobId(0), 1, Ending.FINISHED, RESULT)),
    "an end in a negative attempt": m.JobFinishedNotice(Ended(JobId(1), -1, Ending.FINISHED, RESULT)),
    "outputs in a relative folder": m.AckSubmit(JobId(1), JobId(1), outputs=b"o"),
    "a snapshot of outputs in a relative folder": m.Snapshot(outputs=b"o"),
    "a job with no such umask": ordering(replace(JOB, terms=Terms(umask=0o1000))),
    "too long a reason": m.Refused("x" * 4097),
    "output up to before its start": m.AckOutput(-1),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_nonsensical_answer_is_not_understood(answer: m.Answer) -> None:
    """A worker must not start what is not a command, nor a client report what cannot be."""
    with pytest.raises(NotUnderstood):
        decode(encode(answer, b"", NONCE, 1, EPOCH))


# --- rows ----------------------------------------------------------------------------------------


def rows_of(z: Any, **changes: Any) -> None:
    """A report's rows, some of them changed by hand."""
    zjob_report.write_report(z, telling(ended=(OTHER,)))
    names = zjob_report._Report.__struct_fields__
    rows = msgpack.decode(z.value)
    for name, value in changes.items():
        rows[names.index(name)] = value
    z.value = msgpack.encode(rows)


BENT_ROWS: dict[str, dict[str, Any]] = {
    "a place that is not there": {"held": [[7, 1, 1, 0, False]]},
    "an epoch that is not there": {"held": [[0, 1, 1, 7, False]]},
    "more of what is not held": {"told": [[7, 9, [False, False, 0.0, False]]]},
    "a reason that is not known": {
        "ended": [[[0, 1, 1, 0], [0, 0, "", "", 1, 1, 1, 0.0, 1, b"", 0, b"", len(CAUSES), b""]]]
    },
    "a trouble that is not known": {"returned": [[[0, 1, 1, 0], 99, ""]]},
    "a number too large": {"held": [[0, 1 << 63, 1, 0, False]]},
    "a word for a number": {"serial": "1"},
}


@pytest.mark.parametrize("changes", BENT_ROWS.values(), ids=BENT_ROWS)
def test_rows_that_make_no_sense_are_not_understood(changes: dict[str, Any]) -> None:
    """Whatever a peer puts there, it is one that was refused."""

    def bend(z: Any) -> None:
        z.msg = "report"
        rows_of(z, **changes)

    with pytest.raises(NotUnderstood):
        decode(bent(bend))


def test_rows_that_are_cut_are_not_understood() -> None:
    """Nor those of another kind."""
    for value in (b"", b"\xc1", msgpack.encode([1]), msgpack.encode({"serial": 1}), b"\x91" * 10_000):

        def bend(z: Any, value: bytes = value) -> None:
            z.msg = "report"
            z.value = value

        with pytest.raises(NotUnderstood):
            decode(bent(bend))


def test_jobs_of_one_answer_share_one_origin() -> None:
    """It travels once, however many jobs there are, and is one object for all of them."""
    rich = replace(ORIGIN, environment=Environment(b"SECRET=" + b"x" * 5000))
    jobs = tuple(replace(JOB, id=JobId(number), origin=rich) for number in range(1, 41))
    answer = ordering(*jobs)
    frame = encode(answer, b"", NONCE, 1, EPOCH)
    read = decode(frame).message

    assert answer == read
    assert 1 == frame.count(b"SECRET=")
    assert isinstance(read, m.Orders)
    assert 1 == len({id(job.origin) for batch in read.run for job in batch.jobs})


def test_the_fullest_answer_fits_a_frame() -> None:
    """A worker that cannot receive what it is given asks for it for ever."""
    folder = b"/" + b"f" * (zjob.FOLDER_LIMIT - 1)
    origin = replace(ORIGIN, folder=folder, physical=folder)
    label = "日" * LABEL_LIMIT
    terms = Terms(unique="日" * NAME_LIMIT, name=label, tags=(label,) * TAGS_LIMIT, stdin="日" * PATH_LIMIT)
    argv = Argv(b"x" * (HAND_BYTES // HAND_LIMIT))
    jobs = tuple(replace(JOB, id=JobId(at), argv=argv, origin=origin, terms=terms) for at in range(1, 65))
    refused = tuple(replace(CLAIM, job=JobId(at)) for at in range(1, zjob.ROWS_LIMIT + 1))

    assert HAND_LIMIT == len(jobs)
    full = len(encode(ordering(*jobs, refused=refused), b"", NONCE, 1, EPOCH))
    assert FRAME_LIMIT // 2 > full + RUN_BYTES


def test_the_fullest_report_fits_a_frame() -> None:
    """Outputs come together until they are so many bytes, and a last one behind them."""
    short = replace(RESULT, output=bytes(INLINE_OUTPUT_BYTES), output_length=INLINE_OUTPUT_BYTES)
    count = (BATCH_BYTES + NEWS_BYTES) // INLINE_OUTPUT_BYTES + 2
    full = telling(ended=tuple(m.Done(replace(CLAIM, job=JobId(at + 1)), short) for at in range(count)))

    assert full == decode(encode(full, NONCE, b"", 1, EPOCH)).message
    assert FRAME_LIMIT // 2 > len(encode(full, NONCE, b"", 1, EPOCH))


# --- the envelope ----------------------------------------------------------------------------


def bent(change: Callable[[Any], object]) -> bytes:
    """A report whose Zjob was changed by hand."""
    z = codec_schema.SCHEMA.Zjob.new_message()
    z.msg = "report"
    z.nonce = NONCE
    z.queue = EPOCH.queue + bytes(8)
    zjob_report.write_report(z, telling())
    change(z)
    return bytes(z.to_bytes())


def test_a_term_that_is_not_known_is_refused_by_its_name() -> None:
    """A newer goq asked for something: a server that passed over it would run another job than was wanted."""

    def newer(z: Any) -> None:
        z.msg = "initialsubmit"
        z.commands = list(SUBMIT.lines)
        zjob.write_origin(z, SUBMIT.origin)
        z.terms = b'{"requeue":false,"after\\u001b":[1,2]}'

    with pytest.raises(NotUnderstood) as refusal:
        decode(bent(newer))

    said = "this server does not know the term 'after\\x1b'; leave it out, or upgrade the server"
    assert said == str(refusal.value)
    assert NONCE == refusal.value.nonce


def test_the_bent_message_is_a_good_one_unbent() -> None:
    """Else the tests below would show nothing."""
    assert telling() == decode(bent(lambda _: None)).message


NO_QUEUES = [b"", bytes(15), bytes(17), bytes(1000)]


@pytest.mark.parametrize("queue", NO_QUEUES, ids=len)
@pytest.mark.parametrize("name", ["report", "outputchunk"])
def test_a_claim_names_its_queue(queue: bytes, name: str) -> None:
    """A claim on another queue's job 5 must never pass for one on ours."""

    def nameless(z: Any) -> None:
        z.msg = name
        z.sha256Before = z.outputSha256 = bytes(32)
        z.queue = queue

    with pytest.raises(NotUnderstood, match="not the id of a queue"):
        decode(bent(nameless))


@pytest.mark.parametrize("queue", NO_QUEUES, ids=len)
def test_an_answer_says_whose_queue_speaks(queue: bytes) -> None:
    """A worker obeys its own queue alone, so it must know which one it hears."""
    with pytest.raises(NotUnderstood):
        decode(encode(m.AckGoodbye(), b"", NONCE, 1, Epoch(QueueId(queue), 1)))


@pytest.mark.parametrize("number", [0, -1, -INT64_MAX])
def test_an_answer_says_in_which_epoch_it_is_given(number: int) -> None:
    """A worker refuses one below what it has seen, so it must know that too."""
    with pytest.raises(NotUnderstood, match="epochs count from 1"):
        decode(encode(m.AckGoodbye(), b"", NONCE, 1, Epoch(QUEUE, number)))


def test_a_question_may_name_a_queue_of_which_it_knows_no_epoch() -> None:
    """The first question of whoever inherits a result."""
    read = decode(encode(m.Observe(JobId(1)), NONCE, b"", 1, Epoch(QUEUE, 0)))

    assert Epoch(QUEUE, 0) == read.epoch
    with pytest.raises(NotUnderstood):
        decode(encode(m.Observe(JobId(1)), NONCE, b"", 1, Epoch(QUEUE, -1)))


def test_a_question_for_whoever_answers_names_no_queue() -> None:
    """People ask the server that they find."""
    read = decode(encode(m.Observe(JobId(1)), NONCE, b"", 1))

    assert NO_EPOCH == read.epoch


@pytest.mark.parametrize("name", ["ackcancelwip", "resubmitnoack", "requestforwork", "finishedwork", "steer"])
def test_a_message_without_a_use_is_not_understood(name: str) -> None:
    """The original's enumerants keep their numbers, even those that nobody sends here."""
    with pytest.raises(NotUnderstood, match="is not known here") as refusal:
        decode(bent(lambda z: setattr(z, "msg", name)))

    assert NONCE == refusal.value.nonce


@pytest.mark.parametrize("ordinal", [len(codec_schema.ORDINALS), 999, 65535])
def test_a_message_of_a_later_release_is_not_understood(ordinal: int) -> None:
    """An old server tells a new client that it does not know the question, and lives on."""
    with pytest.raises(NotUnderstood, match=f"message {ordinal} is not known here") as refusal:
        decode(bent(lambda z: setattr(z, "msg", ordinal)))

    assert NONCE == refusal.value.nonce


@pytest.mark.parametrize(
    ("nonce", "in_reply_to"),
    [
        (b"", b""),
        (bytes(15), b""),
        (bytes(17), b""),
        (b"", bytes(15)),
        (bytes(16), bytes(16)),
        (b"", bytes(16)),  # a question that answers something
        (bytes(1000), bytes(16)),
    ],
)
def test_a_question_bears_one_nonce_and_answers_nothing(nonce: bytes, in_reply_to: bytes) -> None:
    """The nonce makes a request happen once; one that is empty or endless would be kept as well."""
    with pytest.raises(BadMessage):
        decode(encode(m.Reset(), nonce, in_reply_to, 1, EPOCH))


def test_an_answer_names_its_question() -> None:
    """One that names none could belong to any."""
    with pytest.raises(BadMessage):
        decode(encode(m.AckReset(), b"", b"", 1, EPOCH))


def test_text_that_is_not_utf8_is_refused() -> None:
    """Text fields hold names for people; whatever else a peer puts there is its own fault."""
    payload = bent(lambda z: setattr(z, "workerId", "worker-MARK"))

    with pytest.raises(BadMessage):
        decode(payload.replace(b"MARK", b"\xff\xfe\xfd\xfc"))
