"""The laws of the queue, each by itself: of a record, before it is entered in the book, or of what is there after a turn.

GOQ_LAWS names those that count, as 7,13; else all do. A broken one is an AssertionError that bears its number.
"""

import os
from collections.abc import Callable
from itertools import pairwise

from book import Book, Life, numbers
from loop import picture, replayed

from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.state.records import (
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    RangeEnded,
    Record,
    ResultRefused,
)
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import JobId
from goq.core.values.job import Worker
from goq.core.values.result import Ending

OfRecord = Callable[[Book, Record], None]
OfTurn = Callable[[Book, Dispatcher, list[Record]], None]
OF_RECORDS: dict[int, list[OfRecord]] = {}
OF_TURNS: dict[int, list[OfTurn]] = {}
ASKED = {int(number) for number in os.environ.get("GOQ_LAWS", "").split(",") if number}


def of_record(number: int) -> Callable[[OfRecord], OfRecord]:
    """The law of that number."""

    def add(law: OfRecord) -> OfRecord:
        OF_RECORDS.setdefault(number, []).append(law)
        return law

    return add


def of_turn(number: int) -> Callable[[OfTurn], OfTurn]:
    """The law of that number."""

    def add(law: OfTurn) -> OfTurn:
        OF_TURNS.setdefault(number, []).append(law)
        return law

    return add


def counts(number: int) -> bool:
    """The law is not switched off."""
    return not ASKED or number in ASKED


def check_record(book: Book, record: Record) -> None:
    """All laws of what is about to be on record."""
    for number, laws in OF_RECORDS.items():
        for law in laws if counts(number) else ():
            law(book, record)


def check_turn(book: Book, dispatcher: Dispatcher, story: list[Record]) -> None:
    """All laws of what is there after a turn."""
    for number, laws in OF_TURNS.items():
        for law in laws if counts(number) else ():
            law(book, dispatcher, story)


# --- places --------------------------------------------------------------------------------


@of_record(1)
def a_number_is_given_out_once(book: Book, record: Record) -> None:
    if isinstance(record, JobsSubmitted):
        assert not book.lives.keys() & set(range(record.submission.first, record.submission.end)), "law 1"


@of_turn(1)
def a_job_is_in_one_place(book: Book, dispatcher: Dispatcher, _story: list[Record]) -> None:
    state = dispatcher.state
    assert {life.id for life in book.in_place("waiting")} == set(state.waiting), "law 1"
    assert {life.id for life in book.in_place("running")} == set(state.running), "law 1"


@of_turn(2)
def only_what_waits_is_held_or_has_other_terms_or_a_past(
    book: Book, dispatcher: Dispatcher, _story: list[Record]
) -> None:
    state = dispatcher.state
    waiting = {life.id for life in book.in_place("waiting")}
    assert set(state.held) <= waiting, "law 2"
    assert set(state.past) <= waiting, "law 2"
    altered = {JobId(job) for first, end, _ in state.parts for job in range(first, end)}
    assert altered <= {life.id for life in book.lives.values() if life.place != "ended"}, "law 2"


@of_turn(3)
def what_is_left_of_a_submission_has_not_ended(
    book: Book, dispatcher: Dispatcher, _story: list[Record]
) -> None:
    left: dict[JobId, int] = {}
    for life in book.lives.values():
        left[life.what.first] = left.get(life.what.first, 0) + (life.place != "ended")
    assert {first: n for first, n in left.items() if n} == {
        live.first: live.left for live in dispatcher.state.submissions
    }, "law 3"


@of_turn(4)
def the_records_lead_to_the_state(_book: Book, dispatcher: Dispatcher, story: list[Record]) -> None:
    assert picture(replayed(story)) == picture(dispatcher.state), "law 4"


def _lanes(dispatcher: Dispatcher) -> dict[object, list[JobId]]:
    return {key: list(lane.jobs) for key, lane in dispatcher._moves.lanes._lanes.items() if lane.jobs.first}


@of_turn(5)
def the_board_is_what_is_built_from_the_state(
    book: Book, dispatcher: Dispatcher, story: list[Record]
) -> None:
    other = Dispatcher(replayed(story), FreshnessGate(60.0, book.now), Rules(), {})
    other.resume(book.now)
    assert _lanes(dispatcher) == _lanes(other), "law 5"
    ours, theirs = dispatcher._moves, other._moves
    for name in ("all", "user:ann", "user:bob", "tag:t"):
        assert ours.placement.drawn(name) == theirs.placement.drawn(name), "law 5"
    for process, room in theirs.rooms.items():
        assert +ours.rooms[process].taken == +room.taken, "law 5"


# --- gates ---------------------------------------------------------------------------------


@of_turn(6)
def the_lanes_hold_exactly_what_is_ready(book: Book, dispatcher: Dispatcher, _story: list[Record]) -> None:
    assert [life.id for life in book.ready()] == sorted(
        job for jobs in _lanes(dispatcher).values() for job in jobs
    ), "law 6"


@of_record(7)
def nothing_starts_before_it_is_ready(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        life = book.lives[record.claim.job]
        assert not life.held, "law 7"
        assert all(book.is_met(after, life) for after in life.terms.after), "law 7"


@of_turn(8)
def whose_end_was_waited_for_has_an_effect_in_its_own_turn(
    book: Book, dispatcher: Dispatcher, _story: list[Record]
) -> None:
    lanes = {job for jobs in _lanes(dispatcher).values() for job in jobs}
    for life in book.in_place("waiting"):
        watched = [book.lives[job] for after in life.terms.after for job in numbers(after.jobs)]
        if watched and all(each.place == "ended" for each in watched):
            is_shut = life.held or life.not_before_s > book.now.attended_s
            assert is_shut or life.id in lanes, "law 8: neither ready nor skipped"


@of_record(9)
def a_job_waits_for_older_ones(_book: Book, record: Record) -> None:
    if isinstance(record, JobsSubmitted):
        ends = [end for after in record.submission.terms.after for _, end in after.jobs]
        assert all(end <= record.submission.first for end in ends), "law 9"


# --- placing -------------------------------------------------------------------------------


def _begins(book: Book, record: Record) -> tuple[Life, Worker] | None:
    """A place that had nothing begins with a job."""
    if isinstance(record, JobDelegated) and record.worker.id not in book.places():
        return book.lives[record.claim.job], record.worker
    return None


@of_record(10)
def what_runs_fits_what_is_offered(book: Book, record: Record) -> None:
    if begins := _begins(book, record):
        life, worker = begins
        assert book.fits(life, (worker.host, worker.pid)), "law 10"
    if isinstance(record, JobDelegated):
        others = [
            each
            for each in book.places().values()
            if each.worker and each.worker.host == record.worker.host and each.worker != record.worker
        ]
        taken = {gpu for each in others for gpu in each.grant.gpus}
        assert not taken & set(record.grant.gpus), "law 10: a GPU twice"
        assert book.lives[record.claim.job].terms.gpus == len(record.grant.gpus), "law 10: GPUs"


@of_record(11)
def a_start_exceeds_no_limit(book: Book, record: Record) -> None:
    if begins := _begins(book, record):
        assert book.is_allowed(begins[0], begins[1].host), "law 11"


@of_turn(12)
def nobody_waits_beside_free_room(book: Book, dispatcher: Dispatcher, _story: list[Record]) -> None:
    if dispatcher._moves.placement.reservation:
        return
    for _, worker in dispatcher._moves.idle.firsts():
        process = (worker.host, worker.pid)
        beside = [each for each in book.ready() if book.fits(each, process)]
        assert not [each for each in beside if book.is_allowed(each, worker.host)], "law 12"


def _like(life: Life) -> tuple[object, ...]:
    needs = (life.terms.cpus, life.terms.gpus, life.terms.tags)
    return (
        life.terms.priority,
        life.owner,
        life.is_harmful,
        *needs,
        life.what.first if life.what.items else 0,
    )


@of_record(13)
def of_a_lane_the_oldest_goes_first(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        life = book.lives[record.claim.job]
        older = [each for each in book.ready() if each.id < life.id and _like(each) == _like(life)]
        assert not older, f"law 13: {life.id} before {[each.id for each in older]}"


def _rivals(book: Book, life: Life, worker: Worker) -> list[Life]:
    """What could have begun there as well."""
    process = (worker.host, worker.pid)
    ready = [each for each in book.ready() if each is not life and book.fits(each, process)]
    return [each for each in ready if book.is_allowed(each, worker.host)]


@of_record(14)
def who_is_served_had_no_more(book: Book, record: Record) -> None:
    begins = _begins(book, record)
    running = {(each.worker.host, each.worker.pid) for each in book.places().values() if each.worker}
    if begins and running <= book.offers.keys():
        life, worker = begins
        rivals = [each for each in _rivals(book, life, worker) if each.terms.priority == life.terms.priority]
        less = [each.id for each in rivals if book.share(life.owner) > book.share(each.owner) + 1e-9]
        assert not less, f"law 14: {life.id} before {less}"


@of_record(15)
def a_higher_priority_that_could_goes_first(book: Book, record: Record) -> None:
    if begins := _begins(book, record):
        life, worker = begins
        rivals = _rivals(book, life, worker)
        assert all(each.terms.priority <= life.terms.priority for each in rivals), "law 15"


@of_record(17)
def equal_jobs_of_one_owner_run_in_their_order(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        ready = book.ready()
        if len({_like(each)[:2] + _like(each)[3:] for each in ready}) == 1:
            plain = [each.id for each in ready if not each.is_harmful]
            life = book.lives[record.claim.job]
            assert life.is_harmful or life.id == plain[0], f"law 17: {life.id} before {plain[0]}"


# --- attempts ------------------------------------------------------------------------------


@of_record(18)
def a_job_has_one_claim(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        assert book.lives[record.claim.job].place == "waiting", "law 18"


@of_record(19)
def attempts_grow_by_one(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        assert book.lives[record.claim.job].attempts + 1 == record.claim.attempt, "law 19"


@of_record(20)
def only_the_current_attempt_ends_a_job(book: Book, record: Record) -> None:
    if isinstance(record, JobFinished) and record.ended.attempt:
        claim = book.lives[record.ended.job].claim
        assert claim is not None, "law 20"
        assert (claim.epoch, claim.attempt) == (record.ended.epoch, record.ended.attempt), "law 20"
    if isinstance(record, JobRequeued):
        assert book.lives[record.claim.job].claim == record.claim, "law 20"


@of_record(21)
def nothing_ends_twice(book: Book, record: Record) -> None:
    ended: list[JobId] = []
    if isinstance(record, JobFinished):
        ended = [record.ended.job]
    elif isinstance(record, RangeEnded):
        ended = list(record.jobs())
    assert all(book.lives[job].place != "ended" for job in ended), "law 21"


@of_record(22)
def a_late_result_ends_nothing(book: Book, record: Record) -> None:
    if isinstance(record, ResultRefused):
        assert book.lives[record.claim.job].claim != record.claim, "law 22"


@of_turn(23)
def what_a_place_has_it_has_in_order(book: Book, dispatcher: Dispatcher, story: list[Record]) -> None:
    hands: dict[str, list[JobId]] = {}
    for life in book.in_place("running"):
        if life.worker:
            hands.setdefault(life.worker.id, []).append(life.id)
    given = [record.claim for record in story if isinstance(record, JobDelegated)]
    for place, jobs in hands.items():
        last = [claim.job for claim in given if claim.worker == place and claim.job in jobs][-len(jobs) :]
        assert all(one < other for one, other in pairwise(last)), "law 23"


@of_record(24)
def what_is_harmful_shares_no_place(book: Book, record: Record) -> None:
    if isinstance(record, JobDelegated):
        beside = [each for each in book.in_place("running") if each.worker == record.worker]
        life = book.lives[record.claim.job]
        assert not beside or not any(each.is_harmful for each in (life, *beside)), "law 24"


@of_record(25)
def what_is_tried_again_was_asked_for_and_not_too_soon(book: Book, record: Record) -> None:
    if isinstance(record, JobRequeued) and record.counts_as is CountsAs.FAILURE:
        life = book.lives[record.claim.job]
        assert life.failures < life.terms.retries, "law 25"
    if isinstance(record, JobDelegated):
        assert book.lives[record.claim.job].not_before_s <= book.now.attended_s, "law 25"
    if isinstance(record, JobFinished) and record.ended.ending is Ending.FINISHED and record.ended.status:
        life = book.lives[record.ended.job]
        is_over = life.failures >= life.terms.retries or not life.terms.requeue
        assert is_over or life.killed, "law 25: given up too soon"
