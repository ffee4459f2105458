"""What every store promises a server: the one on the disk, and the one in memory that shares nothing with it."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from epochs import EPOCH
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from submissions import submit_of

from adapters.ledgers import (
    ORIGIN,
    added,
    delegated,
    ended,
    finished,
    listed,
    nonce,
    picture,
    ran,
    replayed,
    request,
    submitted,
    unstarted,
    waiting,
)
from adapters.lives import ENVIRONMENTS, Server, Step, steps
from goq.adapters.store.journal import Journal
from goq.adapters.store.memory import MemoryStore
from goq.adapters.store.port import DAY_NS, NONCE_DAYS, Cleaning, Store
from goq.core import messages as m
from goq.core.dispatch.decision import Asked
from goq.core.state.parts import Part
from goq.core.state.records import (
    Altered,
    BlobAdded,
    BlobsDropped,
    CountersReset,
    EpochBegun,
    Held,
    JobRequeued,
    JobsSubmitted,
    KeySet,
    LimitSet,
    OutputReserved,
    OutputSaved,
    Paused,
    RangeEnded,
    Record,
    Released,
)
from goq.core.state.state import State
from goq.core.state.submissions import CountsAs, Past
from goq.core.values.blobs import FETCH_BYTES, PIECE_BYTES, Blob, blob_of
from goq.core.values.ids import Epoch, JobId, QueueId, WorkerId
from goq.core.values.job import NOBODY, By, Claim
from goq.core.values.ranges import Ranges
from goq.core.values.result import ERR, OUT, Apart, Ended, Ending, Files, Reserved, Result
from goq.core.values.selectors import Named, Owned, Tagged
from goq.core.values.states import JobState
from goq.core.values.terms import After, Terms

SHA = bytes(range(32))
QUEUE = QueueId(b"q" * 16)
LATE = 10**15  # after all that `ledgers` dates
SUBMIT = submit_of(b"ls")
Refusals = (sqlite3.IntegrityError, ValueError)

Open = Callable[[], Store]


def open_journal(folder: Path) -> Journal:
    """The journal of the queue that the stories are about."""
    is_new = not folder.exists()
    journal = Journal(folder)
    if is_new:
        journal.close()
        with closing(sqlite3.connect(folder / "journal.sqlite", isolation_level=None)) as db:
            db.execute("UPDATE queue SET id = ?", (QUEUE,))
        journal = Journal(folder)
    return journal


class Place:
    """Where a store is kept; each server opens it anew, as after a crash."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._memory = MemoryStore(QUEUE)
        self._open: Store | None = None

    def open(self) -> Store:
        """The store as the next server finds it."""
        self.close()
        self._open = open_journal(self._folder) if self.kind == "journal" else self._memory
        return self._open

    def close(self) -> None:
        if self._open:
            self._open.close()
        self._open = None


@pytest.fixture(name="place", params=["journal", "memory"])
def _place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = Place(request.param, tmp_path / "store")
    yield place
    place.close()


def clean(store: Store, before_ns: int = LATE, now_ns: int = LATE) -> int:
    """Forget all that is to be forgotten; how many jobs that were."""
    cleaning = Cleaning(before_ns, now_ns)
    while store.clean(cleaning):
        continue
    return cleaning.jobs


def story(store: Store) -> list[Record]:
    """Some of everything: 1 ran, 2 runs, 3 waits; 4 to 6 failed, 7 was cancelled; 8 is another's."""
    epoch = Epoch(replayed(store).epoch.queue, 1)
    return [
        EpochBegun(epoch, 1),
        submitted(1, 5),
        submitted(6, 3),
        delegated(1),
        delegated(2),
        OutputReserved(JobId(1), 7),
        finished(1, output=b"hello", output_length=5, output_sha256=SHA),
        unstarted(4, 6, Ending.FINISHED, "no such folder", 5_000),
        unstarted(7),
    ]


def test_a_new_store_tells_of_nothing(place: Place) -> None:
    """The first job of a new server is number 1."""
    state = replayed(place.open())

    assert (1, 0, [], {}) == (state.next_job, state.epoch.number, list(state.waiting), state.running)


def test_what_was_committed_is_told_to_the_next_server(place: Place) -> None:
    """Each job is where it was."""
    store = place.open()
    store.commit(story(store))
    state = replayed(place.open())

    assert ([3, 8], [2], 9, 1) == (waiting(state), list(state.running), state.next_job, state.epoch.number)
    assert [1, 4, 5, 6, 7] == list(state.recent_finished)
    assert (4, 3, 1) == (state.finished_count, state.failed_count, state.cancelled_count)
    assert [125] * 3 == [state.recent_finished[JobId(job)].ended.status for job in (4, 5, 6)]


def test_what_was_held_and_altered_is_told(place: Place) -> None:
    """Ranges that are cut in the middle, put over one another, and end."""
    store = place.open()
    by, one, other = By("ann", "head", 7), Terms(name="one"), Terms(priority=4, tags=("t",))
    before = State()
    records: list[Record] = [
        submitted(1, 9),
        Held(_ranges(2, 8), by, 5),
        Released(_ranges(4, 5, 6, 7), by, 6),
        Altered(_ranges(1, 6, 7, 9), one, by, 7),
        Altered(_ranges(3, 4, 5, 8), other, by, 8),
        unstarted(2),
        delegated(9),
    ]
    for record in records:
        before.apply(record)
    store.commit(records)
    state = replayed(place.open())

    assert [3, 5, 7] == list(before.held) == list(state.held)
    assert list(before.parts) == list(state.parts)
    assert ["one", "", "one", ""] == [state.job(JobId(job)).terms.name for job in (1, 3, 4, 5)]


@pytest.mark.parametrize("place", ["journal"], indirect=True)
def test_what_is_forgotten_takes_no_terms_of_others_along(place: Place) -> None:
    """A range of altered jobs goes across submissions."""
    store = place.open()
    by = By("ann", "head", 7)
    store.commit([submitted(1, 2), submitted(3, 2), Altered(_ranges(1, 5), Terms(name="n"), by, 7)])
    store.commit([unstarted(1, 2)])
    assert 2 == clean(store)
    state = replayed(place.open())

    assert ["n", "n"] == [state.job(JobId(job)).terms.name for job in (3, 4)]


def _ranges(*edges: int) -> Ranges:
    return tuple(zip(map(JobId, edges[::2]), map(JobId, edges[1::2]), strict=True))


def test_reading_changes_nothing(place: Place) -> None:
    """A server may crash again before its first commit."""
    store = place.open()
    store.commit(story(store))

    assert list(store.replay()) == list(store.replay()) == list(place.open().replay())


@pytest.mark.parametrize("at", range(5))
def test_a_batch_is_taken_as_a_whole_or_not_at_all(place: Place, at: int) -> None:
    """Half a batch would be a state that no dispatcher was ever in; the good half may come again."""
    store = place.open()
    store.commit([submitted(1, 2)])
    before = picture(replayed(store))
    good: list[Record] = [delegated(1), finished(1), submitted(3), OutputReserved(JobId(2), 3)]
    with pytest.raises(Refusals):
        store.commit([*good[:at], submitted(1), *good[at:]])

    assert before == picture(replayed(store))
    assert ([], {}, None) == (store.unsaved_outputs(), store.output_starts(), store.ended(JobId(1)))
    store.commit(good)

    assert [2, 3] == waiting(replayed(place.open()))


def test_a_submission_is_taken_once(place: Place) -> None:
    """A server that crashed before it could answer is asked again, and finds what it has."""
    store = place.open()
    store.commit([submitted(1, 3)])
    with pytest.raises(Refusals):
        store.commit([submitted(1, 3)])
    store = place.open()

    assert [m.AckSubmit(JobId(1), JobId(3)), ()] == [store.recall(request(SUBMIT, at)) for at in (1, 2)]
    assert [1, 2, 3] == waiting(replayed(store))


def test_a_list_comes_in_pieces(place: Place) -> None:
    """Whoever brings it hears after any crash how far it is; when all is here its jobs are like others."""
    store = place.open()
    store.commit([listed(1, 2, 5), submitted(8)])
    store.commit([added(1, 3, 2)])
    store = place.open()
    asked = [request(m.AddItems(nonce(1), 0, (b"ls",)), 99), request(SUBMIT, 1)]

    assert [m.AckSubmit(JobId(1), JobId(7), to_come=3)] * 2 == [store.recall(each) for each in asked]
    state = replayed(store)
    assert ([8], 9, [4]) == (
        waiting(state),
        state.next_job,
        [each.here for each in state.deliveries.values()],
    )
    store.commit([added(1, 5, 2)])
    store.commit([added(1, 7, 1), delegated(7)])
    store = place.open()
    state = replayed(store)
    assert ({}, [1, 2, 3, 4, 5, 6, 8], [7]) == (state.deliveries, waiting(state), list(state.running))
    assert submitted(1, 7).lines[6] == state.running[JobId(7)].job.argv
    assert m.AckSubmit(JobId(1), JobId(7)) == store.recall(asked[0])


def test_a_list_that_never_comes_whole_ends_as_one(place: Place) -> None:
    """Also the jobs whose commands nobody knows have ended; whoever brought it is told."""
    store = place.open()
    store.commit([listed(1, 2, 2), unstarted(1, 4, reason="never came whole")])
    store = place.open()
    state = replayed(store)

    assert ({}, [], [1, 2], 4) == (
        state.deliveries,
        waiting(state),
        list(state.recent_finished),
        state.cancelled_count,
    )
    told = store.recall(request(SUBMIT, 1))
    assert m.AckSubmit(JobId(1), JobId(4), to_come=2, cancelled=True) == told
    ended = store.ended(JobId(4))
    assert ended
    assert ("never came whole", Ending.CANCELLED) == (ended.result.problem, ended.ending)
    assert 4 == clean(store)
    assert m.AckSubmit(JobId(1), JobId(4)) == store.recall(request(SUBMIT, 1))


def test_ends_are_recalled(place: Place) -> None:
    """`goq wait` may come a year later; a report may come again after the answer was lost."""
    store = place.open()
    store.commit(story(store))
    store.commit([CountersReset(9)])
    store = place.open()
    jobs = tuple(map(JobId, (7, 1, 3, 5, 2, 99)))
    told = store.recall(request(m.ObserveEach(jobs)))

    assert isinstance(told, tuple)
    assert [7, 1, 5] == [each.job for each in told]
    assert [143, 0, 125] == [each.status for each in told]
    assert ended(1, output_length=5, output_sha256=SHA) == store.ended(JobId(1))
    assert store.ended(JobId(3)) is None


def test_submissions_that_have_ended_are_told_by_their_numbers(place: Place) -> None:
    """Somebody is to wait for them: which jobs they had, and which of these ended badly."""
    store = place.open()
    store.commit(story(store))
    store.commit(
        [*ran(9), *ran(10, exit_code=3), submitted(11, 3), delegated(12), finished(12), unstarted(11)]
    )
    store.commit([unstarted(13), *ran(14), submitted(15)])

    def told(*ranges: tuple[int, int]) -> list[tuple[object, ...]]:
        found = store.gone(Asked(tuple((JobId(first), JobId(end)) for first, end in ranges)))
        assert found.is_all
        return [(each.submission.first, each.bad, each.worst and each.worst.job) for each in found.gone]

    assert [] == told((1, 9), (15, 99))
    assert [(9, (), None), (10, ((10, 11),), 10)] == told((9, 11))
    assert [(11, ((11, 12), (13, 14)), 11)] == told((12, 13))
    assert [(9, (), None), (14, (), None)] == told((9, 10), (14, 15))


def test_too_many_submissions_are_not_told(place: Place) -> None:
    """Whoever names a million of them keeps nobody waiting."""
    store = place.open()
    store.commit([record for job in range(1, 6) for record in ran(job)])

    assert not store.gone(Asked(((JobId(1), JobId(5)),), most=3)).is_all
    assert 3 == len(store.gone(Asked(((JobId(2), JobId(5)),), most=3)).gone)


def test_an_end_before_the_start_is_told_as_it_was(place: Place) -> None:
    """Whichever way it was: failed, cancelled, or lost since nobody knows whether it was started."""
    lost = Ended(JobId(2), 0, Ending.LOST, Result(signal=9, problem="may have started", ended_ns=7_000))
    store = place.open()
    store.commit(
        [
            submitted(1, 3),
            unstarted(1, 1, Ending.FINISHED, "gone", 5_000),
            unstarted(2, 2, Ending.LOST, "may have started", 7_000),
        ]
    )
    before = picture(replayed(store))
    store = place.open()

    assert lost == store.ended(JobId(2)) == replayed(store).recent_finished[JobId(2)].ended
    assert before == picture(replayed(store))


def test_a_short_output_is_kept_until_its_file_is_safe(place: Place) -> None:
    """The worker has forgotten it; that it is safe may be told again after a crash."""
    store = place.open()
    store.commit(story(store))
    store = place.open()
    kept = [(job, store.output(*job)) for job in store.unsaved_outputs()]
    store.commit([OutputSaved(JobId(1))])
    store = place.open()
    store.commit([OutputSaved(JobId(1))])

    assert [((1, 1, 1), b"hello")] == kept
    assert ([], {1: {1: 7}}) == (store.unsaved_outputs(), store.output_starts())


def test_what_ended_long_ago_is_forgotten_but_not_its_number_or_nonce(place: Place) -> None:
    """What lives keeps all of its submission; what is forgotten leaves nothing to be found."""
    store = place.open()
    store.commit([*ran(1), submitted(2, 2), delegated(2), finished(2), *ran(4, host="node7")])
    store.commit([unstarted(3, 3, Ending.FINISHED, "gone", LATE)])

    assert 2 == clean(store)
    assert [None, None] == [store.ended(JobId(job)) for job in (1, 4)]
    assert [2, 3] == list(replayed(place.open()).recent_finished)
    store = place.open()
    assert 5 == replayed(store).next_job
    assert m.AckSubmit(JobId(4), JobId(4)) == store.recall(request(SUBMIT, 4))
    clean(store, 0, NONCE_DAYS * DAY_NS + 10**9)
    assert () == store.recall(request(SUBMIT, 4))
    assert m.AckSubmit(JobId(2), JobId(3)) == store.recall(request(SUBMIT, 2))


@settings(max_examples=60, deadline=None)
@given(life=steps, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_any_story_told_to_any_store_leads_to_the_same_state(life: list[Step], sizes: list[int]) -> None:
    """However it is cut into turns, and whenever a server began anew."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        queue = MemoryStore(QUEUE)
        server = Server(lambda: queue)
        for step in life:
            server.live(step)
        told = picture(server.dispatcher.state)
        for place in (Place(kind, Path(name, kind)) for kind in ("journal", "memory")):
            stack.callback(place.close)
            place.open()
            records = list(server.records)
            for size in sizes:
                place.open().commit(records[:size])
                del records[:size]
            place.open().commit(records)

            assert told == picture(replayed(place.open()))


def test_a_life_in_which_hosts_refuse_a_folder_fails_jobs() -> None:
    """The property above would hold of lives in which no range ever ends."""
    queue = MemoryStore(QUEUE)
    server = Server(lambda: queue)
    server.ask(submit_of(*[b"ls"] * 5, folder=b"/tmp/\xff", environment=ENVIRONMENTS[1]))
    server.live(("ask", 0, 0))
    (run,) = server.dispatcher.state.running.values()
    server.refuse(run.claim)

    assert [] == waiting(server.dispatcher.state)
    assert 5 == sum(record.count for record in server.records if isinstance(record, RangeEnded))


def test_what_a_job_has_behind_it_adds_up(place: Place) -> None:
    """Each attempt counts as what it was, and leaves an output of its own."""
    store = place.open()
    store.commit([submitted(1)])
    kinds = (
        CountsAs.FAILURE,
        CountsAs.RERUN,
        CountsAs.FAILURE,
        CountsAs.RERUN,
        CountsAs.OUTLIVED,
        CountsAs.OUTLIVED,
    )
    for attempt, kind in enumerate(kinds, start=1):
        store.commit([delegated(1, attempt)])
        its = Claim(EPOCH, JobId(1), attempt, WorkerId("node7-1"))
        result = None if kind is CountsAs.OUTLIVED else Result(1)
        store.commit([JobRequeued(its, "why", kind, 9, result, 10)])
    store.commit([OutputSaved(JobId(1), 2)])
    store = place.open()

    assert {1: Past(6, 0, 2, 2, 10, 9, 2)} == replayed(store).past
    assert [(1, 1, 1), (1, 3, 1), (1, 4, 1)] == store.unsaved_outputs()


def test_what_words_mean_is_told_by_when_it_ended(place: Place) -> None:
    """The latest of those that have ended since a time; names are of one owner's."""
    store = place.open()
    store.commit(story(store))
    terms = (Terms(name="fold"), Terms(name="fold", tags=("night",)), Terms(tags=("night",)), Terms(name="x"))
    store.commit([submitted(10 + at, terms=each) for at, each in enumerate(terms)])
    store.commit([submitted(14, 2, terms=Terms(name="fold"))])
    store.commit([unstarted(job) for job in (10, 11, 12, 13, 14)])
    owner = ORIGIN.owner

    def told(*words: Named | Tagged | Owned, since_ns: int = 0, whose: str = owner) -> list[int]:
        found = store.gone(Asked(words=words, owner=whose, since_ns=since_ns)).gone
        return sorted(each.submission.first for each in found if each.submission.first >= 10)

    assert [10, 11] == told(Named("fold"))
    assert [11] == told(Named("fold"), since_ns=3_011)
    assert [] == told(Named("fold"), since_ns=3_012)
    assert [] == told(Named("fold"), whose="somebody")
    assert [11, 12] == told(Tagged("night"), whose="somebody")
    assert [10, 11, 12, 13] == told(Owned(owner)) == told(Named("*"))
    assert [12, 13] == told(Owned(owner), since_ns=3_012)
    assert [10, 11, 13] == told(Named("x"), Named("fold*"))


def test_what_is_to_be_had_again_is_told_with_how_it_ended(place: Place) -> None:
    """By kinds, with the terms that it had, its lines, what is behind it, and what came of it before."""
    store = place.open()
    store.commit(story(store))
    night = Terms(priority=7)
    store.commit([submitted(10, 4)])
    store.commit([Altered(((JobId(11), JobId(13)),), night, NOBODY, 1)])
    store.commit([delegated(10), finished(10, exit_code=3), delegated(11), finished(11)])
    store.commit([unstarted(12, ending=Ending.LOST)])
    asked = Asked(live=((JobId(10), JobId(14)),))
    (live,) = store.gone(asked).live
    assert {JobState.FAILED: ((10, 11),), JobState.LOST: ((12, 13),)} == dict(live.kinds)
    assert [(11, 13, night)] == joined(live.parts)
    store.commit([unstarted(13), submitted(14, terms=Terms(after=(After(((JobId(10), JobId(14)),)),)))])
    store.commit([unstarted(14, ending=Ending.SKIPPED), submitted(15)])

    told = store.gone(Asked(((JobId(11), JobId(12)),), behind=True))
    (gone,) = told.gone
    assert ((JobState.CANCELLED, ((13, 14),))) in gone.kinds
    assert [(11, 13, night)] == joined(gone.parts)
    assert 14 in [each.submission.first for each in told.around]
    assert {10: b"run\0\xff10", 13: b"run\0\xff13"} == store.lines(
        ((JobId(10), JobId(11)), (JobId(13), JobId(14)))
    )

    again = replace(submitted(16, 2), again=((JobId(10), JobId(11)), (JobId(12), JobId(13))))
    store.commit([again])
    (gone,) = store.gone(Asked(((JobId(11), JobId(12)),))).gone
    assert ((10, 11), (12, 13)) == gone.retried
    assert ((again.submission.first, again.again),) == tuple(
        (what.first, old) for what, old in store.gone(Asked(nonce=again.submission.nonce)).again
    )
    assert () == store.gone(Asked(nonce=nonce(15))).again


def joined(parts: tuple[Part, ...]) -> list[Part]:
    """Those that touch, and are of the same terms, as one."""
    found: list[Part] = []
    for first, end, terms in parts:
        if found and found[-1][1] == first and found[-1][2] == terms:
            found[-1] = (found[-1][0], end, terms)
        else:
            found.append((first, end, terms))
    return found


def test_what_is_paused_and_what_is_drained_at_once_is_told(place: Place) -> None:
    """To the next server; a pause is over with its attempt."""
    store = place.open()
    store.commit(story(store))
    drain = LimitSet("node:n", 0, "", NOBODY, 9, now=True)
    store.commit([submitted(20, 2), delegated(20), Paused(JobId(20), on=True, at_ns=9), delegated(21), drain])
    store.commit([Paused(JobId(21), on=True, at_ns=9)])
    store.commit([Paused(JobId(21), on=False, at_ns=9)])
    state = replayed(store)
    assert [True, False] == [state.running[JobId(job)].paused for job in (20, 21)]
    assert state.is_drained_at_once("n")


def test_a_blob_is_handed_out_in_parts(place: Place) -> None:
    """Smaller ones than those in which it came; of what is not there is none."""
    data = bytes(range(256)) * (PIECE_BYTES // 256) + b"the end" * 50_000
    blob, store = blob_of(data), place.open()
    what = submitted(1)
    origin = replace(what.submission.origin, stdin=blob)
    store.commit([replace(what, submission=replace(what.submission, origin=origin), lacks=(blob,))])
    store.commit([BlobAdded(blob, 0, data[:PIECE_BYTES])])
    assert frozenset() == store.gone(Asked(blobs=(blob,))).blobs
    store.commit([BlobAdded(blob, PIECE_BYTES, data[PIECE_BYTES:], (JobId(1),))])
    parts = [store.blob_part(blob, at) for at in range(0, len(data), FETCH_BYTES)]

    assert data == b"".join(parts)
    assert {FETCH_BYTES} == {len(part) for part in parts[:-1]}
    assert {blob} == store.gone(Asked(blobs=(blob,))).blobs
    assert b"" == store.blob_part(blob_of(b"another"), 0)


def test_an_input_goes_when_nobody_needs_it_and_a_script_stays(place: Place) -> None:
    """Whoever wants the like of an ended job again needs its script, and names another input."""
    store, blob, script = place.open(), blob_of(b"input"), blob_of(b"script")

    def asked_for(first: int, *, lacks: bool, is_script: bool = False) -> JobsSubmitted:
        what = submitted(first)
        name = script if is_script else blob
        origin = replace(what.submission.origin, **{"script" if is_script else "stdin": name})
        lacking = (name,) if lacks else ()
        return replace(what, submission=replace(what.submission, origin=origin), lacks=lacking)

    def here() -> frozenset[Blob]:
        return store.gone(Asked(blobs=(blob, script))).blobs

    store.commit(
        [asked_for(1, lacks=True), BlobAdded(blob, 0, b"input", (JobId(1),)), asked_for(2, lacks=False)]
    )
    store.commit([delegated(1), finished(1), BlobsDropped((blob,))])
    assert {blob} == here()
    store.commit([delegated(2), finished(2), BlobsDropped((blob,))])
    assert frozenset() == here()
    store.commit([asked_for(3, lacks=True, is_script=True), BlobAdded(script, 0, b"script", (JobId(3),))])
    store.commit([delegated(3), finished(3), BlobsDropped((script,))])

    assert {script} == here()


def test_a_blob_comes_again_in_the_batch_in_which_it_went(place: Place) -> None:
    """Half of it is here; who lacks it is killed, and the next who submits it sends it from its beginning."""
    data = b"input"
    blob = blob_of(data)

    def asked_for(first: int) -> JobsSubmitted:
        what = submitted(first)
        submission = replace(what.submission, origin=replace(what.submission.origin, stdin=blob))
        return replace(what, submission=submission, lacks=(blob,))

    killed: list[Record] = [unstarted(1), BlobsDropped((blob,))]
    story: list[Record] = [asked_for(1), BlobAdded(blob, 0, data[:2], ()), *killed, asked_for(2)]
    story.append(BlobAdded(blob, 0, data[:3], ()))
    place.open().commit(story)
    store, told = place.open(), State()
    for record in story:
        told.apply(record)

    assert picture(told)["blobs"] == picture(replayed(store))["blobs"]
    store.commit([BlobAdded(blob, 3, data[3:], (JobId(2),))])
    assert {blob} == store.gone(Asked(blobs=(blob,))).blobs


# --- files with names --------------------------------------------------------------------------------

FILES = ((OUT, "a/x"), (ERR, "/var/e"))
BOTH = ((OUT, "x"), (ERR, "y"))


def begun(job: int, attempt: int, files: Files) -> list[Record]:
    """The attempt begins, and where its outputs do is on the record."""
    return [
        replace(delegated(job, attempt), files=files),
        *(OutputReserved(JobId(job), 7, attempt, stream, path) for stream, path in files),
    ]


def test_a_running_job_has_its_files_after_a_restart(place: Place) -> None:
    """Who ends it writes there, whoever that is."""
    store = place.open()
    store.commit([submitted(1, 2), *begun(1, 1, FILES), *begun(2, 1, ())])
    store = place.open()
    state = replayed(store)

    assert [FILES, ()] == [state.running[JobId(job)].files for job in (1, 2)]
    assert {"a/x": 1} == state.names.in_use
    assert [Reserved((JobId(1), 1, OUT), "a/x", 7)] == store.named_outputs()
    assert {} == store.output_starts()


def test_what_was_written_apart_is_kept_until_its_file_is_safe(place: Place) -> None:
    """Each stream by itself."""
    store = place.open()
    what: dict[str, Any] = {"output": b"out", "output_length": 3, "output_sha256": SHA, "files": BOTH}
    ended = finished(1, err=Apart(b"err\0", 4, SHA), **what)
    store.commit([submitted(1), *begun(1, 1, BOTH), ended])
    store = place.open()
    kept = [(key, store.output(*key)) for key in store.unsaved_outputs()]
    named = store.named_outputs()
    store.commit([OutputSaved(JobId(1), 1, ERR)])
    left, again = store.unsaved_outputs(), place.open()
    again.commit([OutputSaved(JobId(1))])

    assert [((1, 1, OUT), b"out"), ((1, 1, ERR), b"err\0")] == kept
    assert [Reserved((JobId(1), 1, OUT), "x", 7, 10), Reserved((JobId(1), 1, ERR), "y", 7, 11)] == named
    assert [(1, 1, OUT)] == left
    assert ([], []) == (again.unsaved_outputs(), again.named_outputs())
    told = again.ended(JobId(1))
    assert told
    assert (BOTH, Apart(b"", 4, SHA)) == (told.result.files, told.result.err)
    assert told == replayed(again).recent_finished[JobId(1)].ended


def test_what_lies_behind_an_unwritten_output_is_told_with_it(place: Place) -> None:
    """Or that would be cut off when it is written."""
    store = place.open()
    x = ((OUT, "x"),)
    what: dict[str, Any] = {"output": b"out", "output_length": 3, "output_sha256": SHA, "files": x}
    behind: list[Record] = [
        OutputReserved(JobId(2), 10, 1, OUT, "x"),
        replace(delegated(2), files=x),
        finished(2, **what),
    ]
    store.commit([submitted(1, 2), *begun(1, 1, x), finished(1, **what), *behind])
    store.commit([OutputSaved(JobId(2))])

    wanted = [Reserved((JobId(1), 1, OUT), "x", 7, 10), Reserved((JobId(2), 1, OUT), "x", 10, 13)]
    assert wanted == place.open().named_outputs()


def test_what_a_lost_attempt_left_is_known_while_its_job_lives(place: Place) -> None:
    """The next one writes over it."""
    store = place.open()
    x = ((OUT, "x"),)
    lost = JobRequeued(Claim(EPOCH, JobId(1), 1, WorkerId("node7-1")), "lost", CountsAs.CRASH, 9)
    store.commit([submitted(1), *begun(1, 1, x), lost])
    known = place.open().named_outputs()
    store = place.open()
    store.commit([*begun(1, 2, x), finished(1, 2, files=x)])

    assert [Reserved((JobId(1), 1, OUT), "x", 7)] == known
    assert [] == place.open().named_outputs()


def test_a_retried_attempt_leaves_its_line_too(place: Place) -> None:
    """So the next one begins behind that; nothing at all is left where its output is elsewhere."""
    store = place.open()
    for job, path in ((1, "x"), (2, "/x")):
        files = ((OUT, path),)
        out = {"output": b"out", "output_length": 3, "output_sha256": SHA} if job == 1 else {}
        its = Claim(EPOCH, JobId(job), 1, WorkerId("node7-1"))
        again = JobRequeued(its, "why", CountsAs.FAILURE, 9, Result(1, files=files, **out), 10)  # type: ignore[arg-type]  # by name
        store.commit([submitted(job), *begun(job, 1, files), again])
    store = place.open()
    (kept,) = store.unsaved_outputs()
    (named,) = store.named_outputs()

    assert (1, 1, OUT) == kept == named.key
    assert store.output(*kept).startswith(b"out\ngoq: job 1: ")
    assert named.end == 7 + len(store.output(*kept))


def test_what_is_forgotten_has_no_files(place: Place) -> None:
    """And what is not written yet is not forgotten."""
    store = place.open()
    ended = finished(1, files=BOTH, err=Apart(b"err", 3, SHA))
    store.commit([submitted(1), *begun(1, 1, BOTH), ended])
    assert 0 == clean(store)
    store.commit([OutputSaved(JobId(1), 1, ERR)])
    assert 1 == clean(store)

    assert [] == store.named_outputs()
    assert store.ended(JobId(1)) is None


def test_keys_are_told(place: Place) -> None:
    """To the next server: also of whom was removed, or the same key would count again when he is added."""
    store = place.open()
    store.commit([KeySet("user:ann", 1, False, NOBODY, 5), KeySet("node:n1", 1, False, NOBODY, 6)])
    store.commit([KeySet("user:ann", 2, False, NOBODY, 7), KeySet("node:n1", 1, True, NOBODY, 8)])
    state = replayed(store)
    assert (2, 0) == (state.keys.generation_of("user:ann"), state.keys.generation_of("node:n1"))
    assert KeySet("node:n1", 1, True, NOBODY, 8) == state.keys["node:n1"]
