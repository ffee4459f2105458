"""Pages of submissions and jobs, from real journals: counts, order, filters, and whoever pages while jobs come and go."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.ledgers import delegated, finished, nonce, submitted, unstarted, write
from adapters.lives import Server, Step, steps
from goq.adapters.store.archive import Archive
from goq.adapters.store.journal import Journal
from goq.core.state.records import Held, JobsSubmitted, Paused, Record
from goq.core.state.state import State
from goq.core.values.happenings import HappeningsSince
from goq.core.values.ids import Argv, JobId
from goq.core.values.items import Numbers
from goq.core.values.job import By
from goq.core.values.pages import BadCursor, Cursor, Page, Rows, cursor_of
from goq.core.values.result import Ending
from goq.core.values.selectors import selector_of
from goq.core.values.shown import Counts
from goq.core.values.states import JobState
from goq.core.values.terms import Terms

BY = By("ann", "head", 7)
EVER = 1e18  # seconds: what the tests date ended long ago
ALL = Rows(since_s=EVER, limit=1000)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def look(folder: Path, query: Rows = ALL) -> Page:
    """The page of a journal."""
    with closing(Archive(folder)) as archive:
        return archive.rows(query)


def array(first: int, *numbers: int, terms: Terms | None = None) -> JobsSubmitted:
    """An array of these numbers."""
    record = submitted(first, len(numbers), terms=terms or Terms())
    items = Numbers(tuple((number, number, 1) for number in numbers))
    submission = replace(record.submission, items=items, argv=Argv(b"run"), nonce=nonce(first))
    return JobsSubmitted(submission)


def test_the_states_of_an_array_are_counted(folder: Path) -> None:
    """Each of the nine, but skipped, in one row."""
    story: list[Record] = [array(1, *range(9)), *(delegated(job) for job in (1, 2, 3, 4))]
    story += [finished(1), finished(2, exit_code=3), Paused(JobId(3), on=True, at_ns=9)]
    story += [Held(((JobId(5), JobId(7)),), BY, 9), unstarted(7), unstarted(8, ending=Ending.LOST)]
    write(folder, story)

    (row,) = look(folder).rows
    assert Counts(1, 2, 1, 1, 1, 1, 1, 1, 0) == row.counts
    assert (9, JobState.RUNNING, True) == (row.count, row.state, row.array)


def test_what_runs_comes_first_and_what_has_ended_last(folder: Path) -> None:
    """The latest one that ended before others, and of what waits that with the higher priority."""
    story: list[Record] = [submitted(1), submitted(2, terms=Terms(held=True)), submitted(3)]
    story += [submitted(4, terms=Terms(priority=3)), submitted(5), submitted(6), submitted(7)]
    write(folder, story, [delegated(1), finished(1)], [delegated(6), finished(6)], [delegated(7)])

    assert [7, 4, 3, 5, 2, 6, 1] == [row.id for row in look(folder).rows]


def test_what_ended_long_ago_is_counted_and_shown_by_its_number_only(folder: Path) -> None:
    """A list is of what goes on, and a number means what it says."""
    write(folder, [submitted(1), submitted(2), delegated(1), finished(1)])
    page = look(folder, Rows())

    assert ([2], 1) == ([row.id for row in page.rows], page.older)
    assert [1] == [row.id for row in look(folder, Rows(selector_of(["1"]))).rows]


def test_a_single_job_tells_how_it_ended(folder: Path) -> None:
    """Where it ran, how long, what it used, and where its output is."""
    how: dict[str, Any] = {
        "exit_code": 3,
        "host": "n12",
        "started_ns": 10**9,
        "ended_ns": 13 * 10**9,
        "cpu_s": 1.5,
        "peak_kib": 2,
    }
    write(
        folder, [submitted(1), delegated(1), finished(1, output_sha256=b"\xab" * 32, output_length=7, **how)]
    )

    (row,) = look(folder).rows
    job = row.job
    assert job
    assert job.output
    assert job.used
    assert (JobState.FAILED, 3, "n12", 12.0, "node7-1") == (
        job.state,
        job.status,
        job.host,
        job.elapsed_s,
        job.worker,
    )
    assert ("out.00001", 7, "ab" * 32, 1.5, 2048) == (
        job.output.path,
        job.output.bytes,
        job.output.sha256,
        job.used.cpu_s,
        job.used.mem_peak_bytes,
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["fold"], [1]),
        (["tag:night"], [5]),
        (["user:ann"], [1, 5]),
        (["1.11"], [1]),
        (["2"], [1]),
        (["5-7"], [5]),
        (["9"], []),
        (["fold", "5"], [1, 5]),
        (["user:bob"], []),
    ],
)
def test_selectors_find_submissions(folder: Path, words: list[str], found: list[int]) -> None:
    """By number, item, name, tag and owner; names are of who asks."""
    write(
        folder,
        [array(1, 10, 11, 12, 13, terms=Terms(name="fold")), submitted(5, terms=Terms(tags=("night",)))],
    )

    query = replace(ALL, selector=selector_of(words))
    own, others = (look(folder, replace(query, owner=owner)).rows for owner in ("ann", "bob"))
    assert found == [row.id for row in own]
    assert [row for row in found if "fold" not in words or row == 5] == [row.id for row in others]


def jobs_of(folder: Path, query: Rows) -> Iterator[int]:
    """The numbers of all jobs, page by page."""
    page = look(folder, query)
    yield from (row.id for row in page.jobs)
    while page.following:
        page = look(folder, replace(query, after=page.following))
        yield from (row.id for row in page.jobs)


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ((), [1, 2, 3, 4, 5, 6, 7]),
        ((JobState.FAILED, JobState.LOST), [2, 6]),
        ((JobState.RUNNING,), [3]),
        ((JobState.HELD, JobState.CANCELLED), [4, 7]),
        ((JobState.WAITING,), [5]),
        ((JobState.DONE,), [1]),
    ],
)
def test_jobs_are_found_by_their_states(folder: Path, states: tuple[JobState, ...], found: list[int]) -> None:
    """A row a task, in the order of numbers, in pages of any size."""
    story: list[Record] = [array(1, *range(11, 18)), *(delegated(job) for job in (1, 2, 3))]
    story += [finished(1), finished(2, exit_code=1), Held(((JobId(4), JobId(5)),), BY, 9)]
    write(folder, [*story, unstarted(6, ending=Ending.LOST), unstarted(7)])

    for limit in (1, 2, 100):
        query = replace(ALL, by_job=True, states=states, limit=limit)
        assert found == list(jobs_of(folder, query))
        assert found == list(jobs_of(folder, replace(query, selector=selector_of(["1"]))))
    assert "1.11" == look(folder, replace(ALL, by_job=True)).jobs[0].shown


# --- the law of counts ------------------------------------------------------------------------------


def states_in(state: State) -> dict[int, JobState]:
    """Where the jobs are that have not ended, as the server has it."""
    found = {int(job): JobState.WAITING for part in state.waiting.ranges() for job in range(*part)}
    found |= {int(job): JobState.HELD for job in state.held}
    return found | {
        int(job): JobState.PAUSED if run.paused else JobState.RUNNING for job, run in state.running.items()
    }


@settings(max_examples=60, deadline=None)
@given(life=steps)
def test_the_counts_of_a_row_add_up_to_its_size_and_all_views_agree(life: list[Step]) -> None:
    """Rows of submissions, rows of jobs, and the server itself: after each step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in life:
                server.live(step)
                page = look(folder)
                live = states_in(server.dispatcher.state)
                by_job = {row.id: row.state for row in look(folder, replace(ALL, by_job=True)).jobs}
                assert {job: state for job, state in by_job.items() if state.is_live} == live
                for row in page.rows:
                    own = [by_job[job] for job in range(row.id, row.id + row.count)]
                    assert row.counts.size == row.count
                    assert row.counts.by_state == {state: own.count(state) for state in JobState}
        finally:
            server.journal.close()


# --- law 34 -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(before=steps, between=st.lists(steps, max_size=8), limit=st.integers(1, 4))
def test_pages_show_each_submission_that_was_there_throughout_exactly_once(
    before: list[Step], between: list[list[Step]], limit: int
) -> None:
    """Whatever begins, ends or comes while somebody turns the pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in before:
                server.live(step)
            there = [row.id for row in look(folder).rows]
            query, seen = replace(ALL, limit=limit), list[int]()
            lives = iter(between)
            while True:
                page = look(folder, query)
                seen += (row.id for row in page.rows)
                if page.following is None:
                    break
                query = replace(query, after=page.following)
                for step in next(lives, []):
                    server.live(step)
            assert sorted(there) == sorted(seen)
        finally:
            server.journal.close()


def test_a_cursor_is_read_back() -> None:
    """Programs hand it back as a word."""
    cursor = Cursor(812233, 3, 99, 14252)
    assert cursor == cursor_of(cursor.text)
    with pytest.raises(BadCursor):
        cursor_of("1.4.0.0")


# --- law 35 -----------------------------------------------------------------------------------------

MOVES = {
    "submitted": JobState.WAITING,
    "delegated": JobState.RUNNING,
    "requeued": JobState.WAITING,
    "paused": JobState.PAUSED,
    "resumed": JobState.RUNNING,
    "held": JobState.HELD,
    "released": JobState.WAITING,
}


def states_by_events(folder: Path, before: dict[int, JobState], since: int) -> dict[int, JobState]:
    """Where jobs are by what is known of them at first, and the events behind that number."""
    found = dict(before)
    with closing(Archive(folder)) as archive:
        is_all = False
        while not is_all:
            part = archive.happenings(HappeningsSince(since, 7))
            since, is_all = part.seq, part.is_all
            for event in part.rows:
                state = JobState(event.state) if event.state else MOVES.get(event.event)
                if state and event.job and event.last:
                    found |= dict.fromkeys(range(event.job, event.last + 1), state)
    return found


def states_on_pages(folder: Path) -> tuple[int, dict[int, JobState]]:
    """Where jobs are by a page of all of them, and what the latest event was then."""
    page = look(folder, replace(ALL, by_job=True))
    return page.seq, {row.id: row.state for row in page.jobs}


@settings(max_examples=60, deadline=None)
@given(before=steps, after=steps)
def test_events_behind_a_page_applied_to_it_give_the_next_page(before: list[Step], after: list[Step]) -> None:
    """So whoever lists, and then watches, misses nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in before:
                server.live(step)
            seq, states = states_on_pages(folder)
            for step in after:
                server.live(step)
            assert states_on_pages(folder)[1] == states_by_events(folder, states, seq)
        finally:
            server.journal.close()
