"""What jobs took together, and how many came and went: from real journals, in parts of any size."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.ledgers import ORIGIN, delegated, finished, submitted, unstarted, write
from adapters.lives import Server, Step, steps
from goq.adapters.store import queries_totals
from goq.adapters.store.archive import Archive
from goq.adapters.store.journal import Journal
from goq.core.state.records import JobDelegated, JobFinished, Record
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.values.totals import SpentOf, Spents, Totals, TotalsOf, curve_of, steps_of

S = 10**9
EVER = 2**62


def spent(folder: Path, query: SpentOf | None = None) -> Spents:
    """All parts of it."""
    query = query or SpentOf(0, EVER)
    with closing(Archive(folder)) as archive:
        parts = [archive.spent(query)]
        while parts[-1].following is not None:
            parts.append(archive.spent(replace(query, after=parts[-1].following)))
    rows = tuple(row for part in parts for row in part.rows)
    return Spents(parts[-1].seq, rows, tuple(each for part in parts for each in part.busy))


def totals(folder: Path, query: TotalsOf | None = None) -> Totals:
    """All parts of it."""
    query = query or TotalsOf(0)
    with closing(Archive(folder)) as archive:
        parts = [archive.totals(query)]
        while parts[-1].following is not None:
            parts.append(archive.totals(replace(query, after=parts[-1].following)))
    return replace(parts[-1], steps=tuple(steps_of(parts)))


def ran(
    job: int, begin_s: float, end_s: float, host: str = "n1", **how: Any
) -> list[JobDelegated | JobFinished]:
    """It ran for that time."""
    times: dict[str, Any] = {"started_ns": int(begin_s * S), "ended_ns": int(end_s * S)}
    given = replace(delegated(job), at_ns=int(begin_s * S))
    return [given, replace(finished(job, host=host, **times, **how), at_ns=int(end_s * S))]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Two users, two machines, and two days."""
    bob = replace(ORIGIN, submitter="bob@other")
    story: list[Record] = [
        submitted(1, 2, terms=Terms(name="fold", cpus=4, memory=5000, tags=("night",))),
        submitted(3, 2, origin=bob),
    ]
    lives: list[JobDelegated | JobFinished] = [
        *ran(1, 10, 20, cpu_s=30.0, peak_kib=2),
        *ran(2, 10, 30, cpu_s=10.0, peak_kib=4, exit_code=1),
        *ran(3, 15, 25, "n2"),
        *ran(4, 86_390, 86_420, "n2"),
    ]
    lives.sort(key=lambda record: record.at_ns)  # as events are
    write(tmp_path / "journal", [*story, *lives])
    return tmp_path / "journal"


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_what_was_spent_is_added_up(folder: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By owner, name, tag, machine and day."""
    monkeypatch.setattr(queries_totals, "RESULTS", size)
    rows = spent(folder).rows
    own = [row for row in rows if row.owner == "ann"]

    assert {("fold", ("night",), "n1", 0)} == {(row.name, row.tags, row.host, row.day) for row in own}
    assert (2, 2, 1, 30, 120, 40) == tuple(
        sum(getattr(row, name) for row in own)
        for name in ("attempts", "jobs", "failed", "ran_s", "cpu_s", "used_cpu_s")
    )
    assert (5000, 4096) == (max(row.mem_asked_bytes for row in own), max(row.mem_peak_bytes for row in own))
    assert [0, 1] == sorted(row.day for row in rows if row.owner == "bob")
    assert [10, 10] == sorted(round(row.waited_s) for row in own) if size == 1 else True


@pytest.mark.parametrize(
    ("query", "jobs"),
    [
        (SpentOf(0, EVER, user="bob"), 2),
        (SpentOf(0, EVER, host="n1"), 2),
        (SpentOf(22 * S, 40 * S), 2),
        (SpentOf(0, EVER, selector_of(["2-3"])), 2),
        (SpentOf(0, EVER, selector_of(["fold"]), owner="ann"), 2),
        (SpentOf(0, EVER, selector_of(["fold"]), owner="bob"), 0),
        (SpentOf(0, 10 * S), 0),
    ],
)
def test_what_is_asked_for_is_added_up_alone(folder: Path, query: SpentOf, jobs: int) -> None:
    """Of a user, at a machine, within a span, by a selector."""
    assert jobs == sum(row.jobs for row in spent(folder, query).rows)


def test_days_begin_where_clocks_say(folder: Path) -> None:
    """A job that ended 20 seconds after midnight in UTC ended the day before, west of that."""
    assert {-1, 0} == {row.day for row in spent(folder, SpentOf(0, EVER, offset_s=-3600)).rows}


def test_busy_cpus_are_told_step_by_step(folder: Path) -> None:
    """On average: what runs half of a step counts half."""
    busy = spent(folder, SpentOf(0, 100 * S, step_s=20)).busy

    assert {
        (0, "n1", "ann"): 4.0,
        (20 * S, "n1", "ann"): 2.0,
        (0, "n2", "bob"): 0.25,
        (20 * S, "n2", "bob"): 0.25,
    } == {(each.at, each.host, each.owner): each.cpus for each in busy}
    with pytest.raises(ValueError, match="longer ones"):
        SpentOf(0, EVER, step_s=1)


def test_what_runs_has_its_cpus(tmp_path: Path) -> None:
    """Up to now, or the end of the span."""
    write(tmp_path / "journal", [submitted(1), replace(delegated(1), at_ns=30 * S)])
    busy = spent(tmp_path / "journal", SpentOf(0, 50 * S, step_s=20)).busy

    assert [(20 * S, 0.5), (40 * S, 0.5)] == [(each.at, each.cpus) for each in busy]
    assert () == spent(tmp_path / "journal").rows


def test_steps_count_what_came_and_went(folder: Path) -> None:
    """And the curve of what waited comes of that, backwards from now."""
    write(
        folder, [replace(submitted(5, 3), submission=replace(submitted(5, 3).submission, at_ns=86_500 * S))]
    )
    write(folder, [unstarted(5, at_ns=86_510 * S)])
    found = totals(folder, TotalsOf(0, 10))
    by_at = {step.at // S: step for step in found.steps}

    assert (4, 3, 2) == (
        by_at[0].submitted,
        by_at[10].started,
        sum(by_at[at].ended for at in (20, 30) if at in by_at) - 1,
    )
    assert (1, 1, 1) == (by_at[30].failed, by_at[86_420].ended, by_at[86_510].unstarted)
    assert (2, 0) == (found.waiting, found.running)
    assert [(0, 4, 0), (10, 1, 3)] == [
        (each.at // S, each.waiting, each.running) for each in curve_of(list(found.steps), 2, 0)[:2]
    ]


@settings(max_examples=40, deadline=None)
@given(life=steps, size=st.integers(1, 30))
def test_parts_of_any_size_are_the_same_in_sum(life: list[Step], size: int) -> None:
    """And the curve begins with nothing, and no job waits or runs less than never."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder))
        try:
            for step in life:
                server.live(step)
        finally:
            server.journal.close()
        whole, old = totals(folder, TotalsOf(0, 1)), queries_totals.EVENTS
        all_spent = _added(spent(folder))
        queries_totals.EVENTS = size
        results, queries_totals.RESULTS = queries_totals.RESULTS, size
        try:
            assert whole == totals(folder, TotalsOf(0, 1))
            assert all_spent == _added(spent(folder))
        finally:
            queries_totals.EVENTS, queries_totals.RESULTS = old, results
        curve = curve_of(list(whole.steps), whole.waiting, whole.running)
        assert all(each.waiting >= 0 and each.running >= 0 for each in curve)
        if whole.steps:
            first, at = whole.steps[0], curve[0]
            assert first.submitted == at.waiting + at.running + first.ended + first.unstarted


def _added(found: Spents) -> dict[tuple[object, ...], int]:
    rows: dict[tuple[object, ...], int] = {}
    for row in found.rows:
        key = (row.owner, row.host, row.day, row.name)
        rows[key] = rows.get(key, 0) + row.attempts
    return rows
