"""What happened, page by page, from real journals: nothing lost, nothing twice, and what it did to the states of jobs."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ledgers import delegated, finished, submitted, unstarted, write
from adapters.lives import Server, Step, steps
from goq.adapters.store.archive import Archive
from goq.adapters.store.journal import Journal
from goq.core.state.records import Held, JobsSubmitted, LimitSet, Record
from goq.core.values.happenings import EndedRow, Happening, HappeningsSince
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.pages import Rows
from goq.core.values.result import Ending
from goq.core.values.terms import Terms

BY = By("ann", "head", 7)


@contextmanager
def looking(folder: Path) -> Iterator[Archive]:
    """The journal, to look into."""
    with closing(Archive(folder)) as archive:
        yield archive


def since(archive: Archive, number: int, limit: int = 1000) -> tuple[list[Happening], int]:
    """All that happened behind that number, and where to go on."""
    rows: list[Happening] = []
    while True:
        page = archive.happenings(HappeningsSince(number, limit))
        assert len(page.rows) <= limit
        rows += page.rows
        number = page.seq
        if page.is_all:
            return rows, number


def ended(archive: Archive, limit: int = 1000) -> list[EndedRow]:
    """All submissions that have ended, page by page."""
    found: list[EndedRow] = []
    mark = (0, 0)
    while page := archive.ended(mark, limit):
        assert len(page) <= limit
        found += page
        mark = (page[-1].seq, page[-1].id)
    return found


@settings(max_examples=60, deadline=None)
@given(before=steps, between=st.lists(steps, max_size=6), limit=st.integers(1, 4))
def test_who_goes_on_from_where_he_was_misses_nothing_and_hears_nothing_twice(
    before: list[Step], between: list[list[Step]], limit: int
) -> None:
    """In pages of any size, while the server goes on and starts again; and `is_all` says that it is so."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in before:
                server.live(step)
            with looking(folder) as archive:
                heard, number = list[Happening](), 0
                for lives in [*between, []]:
                    page = archive.happenings(HappeningsSince(number, limit))
                    heard += page.rows
                    number = page.seq
                    for step in lives:
                        server.live(step)
                more, number = since(archive, number, limit)
                heard += more

                assert since(archive, 0)[0] == heard
                assert archive.latest().seq == number
                assert [row.seq for row in heard] == sorted({row.seq for row in heard})
                assert server.journal.last_event == number
        finally:
            server.journal.close()


@settings(max_examples=60, deadline=None)
@given(life=steps, limit=st.integers(1, 3))
def test_what_happened_tells_how_each_job_ended(life: list[Step], limit: int) -> None:
    """The ends among the events are those that lists show, and whose submissions have ended is told once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in life:
                server.live(step)
            with looking(folder) as archive:
                page = archive.rows(Rows(by_job=True, since_s=1e18, limit=1000))
                shown = {row.id: (row.state.value, row.status) for row in page.jobs if not row.state.is_live}
                heard = {
                    job: (row.state, row.status)
                    for row in since(archive, 0)[0]
                    if row.state and row.job is not None and row.last is not None
                    for job in range(row.job, row.last + 1)
                }
                assert shown == heard

                over = {
                    row.id: row
                    for row in archive.rows(Rows(since_s=1e18, limit=1000)).rows
                    if not row.counts.live
                }
                rows = ended(archive, limit)
                assert sorted(over) == sorted(row.id for row in rows)
                for row in rows:
                    counts = over[row.id].counts
                    assert counts.size == row.count
                    assert (counts.done, counts.failed) == (row.done, row.failed)
                    assert (counts.cancelled, counts.lost, counts.skipped) == (
                        row.cancelled,
                        row.lost,
                        row.skipped,
                    )
                    own = [shown[job][1] for job in range(row.id, row.id + row.count)]
                    assert next((status for status in own if status), 0) == row.status
        finally:
            server.journal.close()


def test_what_is_told_of_each(tmp_path: Path) -> None:
    """Who submitted what as what, where it ran, how it ended; of ranges both ends; of limits the amount."""
    folder = tmp_path / "journal"
    story: list[Record] = [submitted(1, 3, terms=Terms(name="fold")), delegated(1), finished(1, exit_code=3)]
    story += [Held(((JobId(2), JobId(4)),), BY, 9), LimitSet("user:ann", 4, "new", BY, 10)]
    write(folder, story, [unstarted(2, 3)])

    with looking(folder) as archive:
        came, began, failed, held, limited, cancelled = since(archive, 0)[0]
    assert ("submitted", 1, 3, "fold", "ann") == (came.event, came.job, came.last, came.name, came.owner)
    assert ("delegated", 1, 1, 1, "node7") == (began.event, began.job, began.last, began.attempt, began.host)
    assert ("finished", "failed", 3, None) == (failed.event, failed.state, failed.status, failed.cause)
    assert ("held", 2, 3, "ann") == (held.event, held.job, held.last, held.by)
    assert ("limit set", "user:ann", 4, "new", "ann") == (
        limited.event,
        limited.name,
        limited.amount,
        limited.text,
        limited.by,
    )
    assert ("cancelled", "cancelled", 143, 2, 3) == (
        cancelled.event,
        cancelled.state,
        cancelled.status,
        cancelled.job,
        cancelled.last,
    )
    assert [1, 2, 3, 5, 6, 8] == [each.seq for each in (came, began, failed, held, limited, cancelled)], (
        "a range takes as many numbers as it has jobs"
    )


@pytest.mark.parametrize("ending", [Ending.CANCELLED, Ending.SKIPPED, Ending.LOST])
def test_the_worst_that_counts_is_the_first(tmp_path: Path, ending: Ending) -> None:
    """The status of the lowest number, whether it ran or not, and whether a range has more than these."""
    folder = tmp_path / "journal"
    write(
        folder,
        [submitted(1, 2), submitted(3, 3), delegated(4), finished(4, exit_code=7), delegated(3), finished(3)],
        [unstarted(1, 2, ending=ending), unstarted(5, ending=ending)],
    )
    status = 143 if ending is Ending.CANCELLED else 255

    with looking(folder) as archive:
        assert [(1, status), (3, 7)] == [(row.id, row.status) for row in ended(archive)]


def test_one_that_never_ran_may_be_the_first(tmp_path: Path) -> None:
    """Before one that ran and failed; and of those that ended with one event each is found, however small the page."""
    folder = tmp_path / "journal"
    write(
        folder,
        [submitted(1, 2), delegated(2), submitted(3), submitted(4)],
        [finished(2, exit_code=9), unstarted(1), unstarted(3), unstarted(4, ending=Ending.LOST)],
    )

    with looking(folder) as archive:
        assert [(1, 143), (3, 143), (4, 255)] == [(row.id, row.status) for row in ended(archive, 1)]


def test_a_page_has_a_bound_in_bytes(tmp_path: Path) -> None:
    """Sentences may be long; what does not fit comes with the next page."""
    folder = tmp_path / "journal"
    with looking_at_long_ones(folder) as archive:
        page = archive.happenings(HappeningsSince(0))
        rows, _ = since(archive, 0)

    assert not page.is_all
    assert 40 == len(rows)


@contextmanager
def looking_at_long_ones(folder: Path) -> Iterator[Archive]:
    """A journal whose limits were set with very long words."""
    limits = [LimitSet(f"user:u{at}", at, "x" * 100_000, BY, 10) for at in range(40)]
    write(folder, limits)
    with looking(folder) as archive:
        yield archive


def test_where_nothing_is_nothing_happened(tmp_path: Path) -> None:
    """An empty journal, and a number that is yet to come."""
    folder = tmp_path / "journal"
    write(folder, [])
    with looking(folder) as archive:
        assert ([], 0) == since(archive, 0)
        assert ([], 0) == since(archive, 99)
        assert [] == ended(archive)


def test_a_journal_of_only_submissions(tmp_path: Path) -> None:
    """They are found by halves."""
    folder = tmp_path / "journal"
    story: list[JobsSubmitted] = [submitted(first, 2) for first in range(1, 41, 2)]
    write(folder, story)

    with looking(folder) as archive:
        for number in range(21):
            assert [2 * at + 1 for at in range(number, 20)] == [row.job for row in since(archive, number)[0]]
