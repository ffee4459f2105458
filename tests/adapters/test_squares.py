"""A map of an array counts each of its jobs once, and where lists say that it is."""

from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledgers import delegated, finished, submitted, unstarted, write
from goq.adapters.store import queries_squares
from goq.adapters.store.archive import Archive
from goq.core.state.records import Held, Paused, Record
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.pages import Rows
from goq.core.values.result import Ending
from goq.core.values.shown import Counts
from goq.core.values.squares import Squares, SquaresOf
from goq.errors import JobUnknown

BY = By("ann", "head", 7)
SIZE = 9


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A journal in which the nine jobs from 1 on are in almost all states, and one waits behind them."""
    story: list[Record] = [submitted(1, SIZE), submitted(10), *(delegated(job) for job in (1, 2, 3, 4))]
    story += [finished(1), finished(2, exit_code=3), Paused(JobId(3), on=True, at_ns=9)]
    story += [Held(((JobId(5), JobId(7)),), BY, 9), unstarted(7), unstarted(8, ending=Ending.LOST)]
    write(tmp_path / "journal", story)
    return tmp_path / "journal"


def squares(folder: Path, job: int = 1) -> Squares:
    """The map of a submission."""
    with closing(Archive(folder)) as archive:
        return archive.squares(SquaresOf(job))


def test_each_job_has_its_square(folder: Path) -> None:
    found = squares(folder)

    assert found.each == 1
    assert [each.state.value for each in found.squares] == [
        *("done", "failed", "paused", "running", "held", "held"),
        *("cancelled", "lost", "waiting"),
    ]


@pytest.mark.parametrize("most", range(1, SIZE + 1))
def test_squares_of_many_jobs_add_up_to_the_row(
    folder: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranges that lie across their bounds too."""
    monkeypatch.setattr(queries_squares, "SQUARES_LIMIT", most)
    found = squares(folder)
    with closing(Archive(folder)) as archive:
        row = next(row for row in archive.rows(Rows(since_s=1e18)).rows if row.id == 1)

    assert len(found.squares) <= most
    assert [each.size for each in found.squares[:-1]] == [found.each] * (len(found.squares) - 1)
    sums = [sum(getattr(each, name) for each in found.squares) for name in Counts.__struct_fields__]
    assert Counts(*sums) == row.counts


def test_of_too_many_there_is_no_map(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_squares, "MAPPED_LIMIT", SIZE - 1)

    assert squares(folder).squares == ()


def test_what_begins_no_submission_has_none(folder: Path) -> None:
    with pytest.raises(JobUnknown):
        squares(folder, 2)
