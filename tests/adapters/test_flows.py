"""What went through a queue, read off its journal: each event is in one part, and in no other."""

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.ledgers import delegated, finished, submitted, unstarted, write
from goq.adapters.store import queries_flows
from goq.adapters.store.archive import Archive
from goq.core.state.records import JobRequeued, Record
from goq.core.state.submissions import CountsAs
from goq.core.values.flows import BOUNDS_S, Flow, FlowSince, Timed
from goq.core.values.result import Result

S = 10**9


def all_of(folder: Path, after: int = 0) -> tuple[Flow, int]:
    """All parts together, and how many they are."""
    flow, parts = Flow(after, is_all=False), 0
    with closing(Archive(folder)) as archive:
        while not flow.is_all:
            flow, parts = flow.plus(archive.flow(FlowSince(flow.seq))), parts + 1
    return flow, parts


def given(job: int, at_s: float, attempt: int = 1) -> Record:
    return replace(delegated(job, attempt), at_ns=round(at_s * S))


def back(job: int, attempt: int, why: str, result: Result | None = None) -> Record:
    claim = delegated(job, attempt).claim
    return JobRequeued(claim, why, CountsAs.FAILURE if result else CountsAs.CRASH, 20 * S, result)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Two submissions; a job that is tried three times, one at once, one that is cancelled before it runs, one that is killed before it begins."""
    came = submitted(1, 2)
    story = [
        replace(came, submission=replace(came.submission, at_ns=0)),
        given(1, 0.05),
        back(1, 1, "worker lost"),
        given(1, 5, 2),
        back(1, 2, "exit status 3", Result(3, started_ns=5 * S, ended_ns=8 * S, output_length=100)),
        given(1, 30, 3),
        finished(1, 3, started_ns=30 * S, ended_ns=31 * S, output_length=11),
        given(2, 700),
        finished(2, started_ns=700 * S, ended_ns=1_000_000 * S),
        submitted(3),
        unstarted(3),
        submitted(4),
        given(4, 1_000_000),
        finished(4, started_ns=0, ended_ns=1_000_001 * S, signal=9),
    ]
    write(tmp_path / "journal", story)
    return tmp_path / "journal"


@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
def test_what_went_through_is_added_up(folder: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are those of first attempts, runs those of all that ended; however many parts it takes."""
    monkeypatch.setattr(queries_flows, "EVENTS", size)
    flow, parts = all_of(folder)

    assert (4, 5, 111) == (flow.submitted, flow.attempts, flow.output_bytes)
    assert {"retry": 1, "worker_lost": 1} == flow.requeued
    assert (1, 1) == (flow.waited.counts[0], flow.waited.counts[5])
    assert Timed((0, 1, 1, 0, 0, 0, 0, 0, 0, 1), 999_304.0) == flow.ran
    assert 600.0 in BOUNDS_S
    assert parts == max(1, -(-flow.seq // size))


def test_what_lies_behind_an_event_is_counted_alone(folder: Path) -> None:
    """And nothing behind the last one."""
    latest = all_of(folder)[0].seq
    counted = [all_of(folder, after)[0] for after in range(latest + 1)]

    assert sorted((each.attempts for each in counted), reverse=True) == [each.attempts for each in counted]
    assert Flow(latest) == counted[-1]
    assert Flow(latest + 5) == all_of(folder, latest + 5)[0]
