"""Scripts and piped inputs that come in pieces: what the long histories meet too seldom."""

import pytest
from ledger import Place
from msgspec.structs import replace
from rig import Rig, submission
from spokesman import Heard

from goq.core.dispatch import changing
from goq.core.messages import AckSubmit, AddBlob, Answer, Cancel, Change, FetchBlob, Refused, Retried, Retry
from goq.core.state.records import BlobsDropped
from goq.core.values.blobs import NO_BLOB, blob_of, sha256_of
from goq.core.values.changes import Kill
from goq.core.values.ids import JobId, Nonce
from goq.core.values.job import By
from goq.core.values.selectors import Jobs, Number, Selector, selector_of
from goq.core.values.terms import DEFAULT_TERMS, Terms
from goq.core.values.wishes import Wish

HOUR_S = 3600.0
DATA, OTHER = b"what was piped", b"#!/bin/sh\n"


def begin(
    rig: Rig, count: int = 1, *, script: bytes = b"", stdin: bytes = DATA
) -> tuple[Nonce, Answer | None]:
    """Somebody submits jobs with these blobs."""
    asked = replace(submission(count), script=blob_of(script), stdin=blob_of(stdin))
    request = rig.request(asked)
    return request.nonce, rig.deliver(request)


def add(rig: Rig, nonce: Nonce, data: bytes, start: int = 0, end: int | None = None) -> Heard:
    """A piece of a blob comes."""
    piece = data[start:end]
    return rig.ask(AddBlob(nonce, blob_of(data), start, sha256_of(piece), piece))


def test_a_job_runs_once_all_that_it_reads_is_there(rig: Rig) -> None:
    """And not before; the answer says what is wanted next."""
    rig.want_work("w1")
    nonce, ack = begin(rig, script=OTHER)
    assert AckSubmit(JobId(1), JobId(1), wanted=blob_of(OTHER)) == ack
    assert AckSubmit(JobId(1), JobId(1), wanted=blob_of(DATA)) == add(rig, nonce, OTHER)
    for _ in range(2):  # a piece that comes again is here already
        assert AckSubmit(JobId(1), JobId(1), wanted=blob_of(DATA), offset=4) == add(rig, nonce, DATA, 0, 4)
    assert Place.COMING is rig.where(1)
    assert AckSubmit(JobId(1), JobId(1)) == add(rig, nonce, DATA, 4)

    assert Place.RUNNING is rig.where(1)


def test_what_is_there_is_not_wanted(rig: Rig) -> None:
    """Whoever brought it: two submissions share a blob, whole or half."""
    nonce, _ = begin(rig)
    add(rig, nonce, DATA, 0, 4)
    _, half = begin(rig)
    add(rig, nonce, DATA, 4)
    _, whole = begin(rig)

    assert AckSubmit(JobId(2), JobId(2), wanted=blob_of(DATA), offset=4) == half
    assert AckSubmit(JobId(3), JobId(3)) == whole
    assert [1, 2, 3] == rig.waiting()


def test_a_piece_that_is_not_what_was_signed_is_dropped(rig: Rig) -> None:
    """It is counted, and asked for again."""
    nonce, ack = begin(rig)
    told = rig.ask(AddBlob(nonce, blob_of(DATA), 0, sha256_of(b"what"), b"That"))

    assert ack == told
    assert 1 == rig.dispatcher.counts.dropped_bad_signatures
    assert 0 == rig.state.blobs.arriving[blob_of(DATA)].here


def test_a_whole_that_is_not_what_was_announced_is_refused(rig: Rig) -> None:
    """Its last piece is not taken."""
    nonce, _ = begin(rig)
    piece = b"what was typed"
    told = rig.ask(AddBlob(nonce, blob_of(DATA), 0, sha256_of(piece), piece))

    assert isinstance(told, Refused)
    assert Place.COMING is rig.where(1)


def test_bytes_that_somebody_else_has_sent_for_a_blob_are_in_nobodys_way(rig: Rig) -> None:
    """He knew its SHA-256: what has come is thrown away when it leads elsewhere, and comes anew."""
    nonce, _ = begin(rig)
    other, _ = begin(rig)
    rig.ask(AddBlob(other, blob_of(DATA), 0, sha256_of(b"XXXX"), b"XXXX"))
    add(rig, nonce, DATA, 0, 4)
    assert isinstance(add(rig, nonce, DATA, 4), Refused)
    rig.restart()

    assert AckSubmit(JobId(1), JobId(1)) == add(rig, nonce, DATA)
    assert [1, 2] == rig.waiting()


def test_it_is_given_up_after_an_hour_without_news(rig: Rig) -> None:
    """As a list is; what came of it is kept no longer."""
    nonce, _ = begin(rig, 2)
    rig.pass_time(HOUR_S - 5)
    add(rig, nonce, DATA, 0, 4)
    rig.pass_time(HOUR_S - 5)
    assert Place.COMING is rig.where(2)
    rig.pass_time(6)

    assert "never came whole" == rig.ledger.lives[JobId(1)].ended.result.problem  # type: ignore[union-attr]
    assert BlobsDropped((blob_of(DATA),)) == rig.story[-1]
    assert AckSubmit(JobId(1), JobId(2), cancelled=True) == add(rig, nonce, DATA, 4)


def test_who_submits_hears_that_it_was_killed_meanwhile(rig: Rig) -> None:
    """Of an array when all of it was; a task that is killed alone leaves the others."""
    nonce, _ = begin(rig, 2)
    rig.ask(Cancel(JobId(2)))
    told = add(rig, nonce, DATA, 0, 4)
    assert isinstance(told, AckSubmit)
    assert not told.cancelled
    rig.ask(Cancel(JobId(1)))

    assert AckSubmit(JobId(1), JobId(2), cancelled=True) == add(rig, nonce, DATA, 4)
    assert blob_of(DATA) not in rig.state.blobs.arriving


def test_half_a_script_goes_with_the_job_that_lacks_it(rig: Rig) -> None:
    """Nobody can want the like again."""
    nonce, _ = begin(rig, script=OTHER, stdin=b"")
    add(rig, nonce, OTHER, 0, 4)
    rig.ask(Cancel(JobId(1)))

    assert BlobsDropped((blob_of(OTHER),)) == rig.story[-1]


def test_an_input_goes_with_the_last_job_that_needs_it(rig: Rig) -> None:
    """A script stays, for whoever wants the like again."""
    nonce, _ = begin(rig, script=OTHER)
    add(rig, nonce, OTHER)
    add(rig, nonce, DATA)
    begin(rig, script=OTHER)
    rig.finish(rig.delegate("w1"))
    assert not [record for record in rig.story if isinstance(record, BlobsDropped)]
    rig.finish(rig.delegate("w1"))

    assert [BlobsDropped((blob_of(DATA),))] == [each for each in rig.story if isinstance(each, BlobsDropped)]
    assert {blob_of(OTHER)} == rig.ledger.whole_blobs()


def test_tasks_may_be_skipped_one_by_one_meanwhile(rig: Rig) -> None:
    """What such a submission lacks is no line: its tasks are known."""
    rig.submit(2)
    claim = rig.delegate("w1")
    rig.finish(claim, exit_code=1)
    wish = Wish(Selector((Jobs(JobId(1), JobId(3)),)), "ok", each=True)
    asked = replace(submission(2, wishes=(wish,)), stdin=blob_of(DATA))
    request = rig.request(asked)
    rig.deliver(request)
    assert [Place.ENDED, Place.COMING] == [rig.where(3), rig.where(4)]
    rig.finish(rig.delegate("w1"))
    add(rig, request.nonce, DATA)

    assert [4] == rig.waiting()


def test_half_a_blob_survives_a_restart(rig: Rig) -> None:
    """And its digest goes on from there."""
    nonce, _ = begin(rig)
    add(rig, nonce, DATA, 0, 4)
    add(rig, nonce, DATA, 4, 8)
    rig.restart(from_checkpoint=True)
    add(rig, nonce, DATA, 8, 9)

    assert AckSubmit(JobId(1), JobId(1)) == add(rig, nonce, DATA, 9)
    assert [1] == rig.waiting()


def test_a_kill_that_is_forgotten_leaves_what_lacks_a_blob(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was under way when the server died; the jobs do not start before the blob is there."""
    monkeypatch.setattr(changing, "SLICE_RANGES", 2)
    nonce, _ = begin(rig, 5)
    rig.ask(Change(selector_of(["1", "3", "5"]), Kill(), By("ann", "head", 7)))
    assert Place.KILLED is rig.where(1)
    rig.restart()
    rig.want_work("w1")
    assert [Place.COMING, Place.COMING] == [rig.where(1), rig.where(2)]
    add(rig, nonce, DATA)

    assert [Place.RUNNING, Place.WAITING] == [rig.where(1), rig.where(2)]


def test_what_was_piped_is_not_there_for_a_retry(rig: Rig) -> None:
    """Unless somebody needs it still, or another input is named; a script is there."""
    nonce, _ = begin(rig, script=OTHER)
    for data in (OTHER, DATA):
        add(rig, nonce, data)
    rig.finish(rig.delegate("w1"), exit_code=1)
    refused = rig.ask(retry())
    assert isinstance(refused, Refused)
    assert "was kept until it had ended" in refused.reason
    assert isinstance(rig.ask(retry(Terms(stdin="input"))), Retried)
    assert (blob_of(OTHER), NO_BLOB) == (
        rig.waiting_jobs()[0].origin.script,
        rig.waiting_jobs()[0].origin.stdin,
    )
    other, _ = begin(rig)
    add(rig, other, DATA)

    assert isinstance(rig.ask(retry()), Retried)


def retry(terms: Terms = DEFAULT_TERMS) -> Retry:
    """`goq retry 1`."""
    fields = ("stdin",) if terms.stdin else ()
    return Retry(Selector((Number(JobId(1)),)), By("ann", "head", 7), fields=fields, terms=terms)


def test_a_fetch_is_passed_on(rig: Rig) -> None:
    """Whoever has the journal answers it."""
    outcome = rig.dispatcher.handle(rig.request(FetchBlob(blob_of(DATA), 0)), rig.now)

    assert [FetchBlob(blob_of(DATA), 0)] == [fetch for _, fetch in outcome.fetches]
    assert [] == outcome.replies


def test_nothing_has_no_name() -> None:
    """Who pipes nothing takes nothing along."""
    assert NO_BLOB == blob_of(b"")
