"""Recovery: what the journal tells is the state that wrote it, after any life."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import asks, jobs_in
from submissions import submit_of

from adapters.ledgers import delegated, finished, replayed, submitted, waiting_in, write
from adapters.lives import ENVIRONMENTS, Server, Step, steps
from goq.adapters.store import journal as journal_module
from goq.adapters.store.journal import Journal
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker


@settings(max_examples=60, deadline=None)
@given(steps)
def test_a_replay_gives_the_state_that_wrote_it(life: list[Step]) -> None:
    """Recovery that drifts from live behaviour loses jobs, or runs them twice."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(lambda: Journal(Path(folder)))
        try:
            for step in life:
                server.live(step)
            server.restart()
        finally:
            server.journal.close()


@settings(max_examples=30, deadline=None)
@given(steps)
def test_a_journal_that_is_read_twice_tells_the_same(life: list[Step]) -> None:
    """Reading changes nothing: a server may crash again before its first commit."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(lambda: Journal(Path(folder)))
        try:
            for step in life:
                server.live(step)
            first, second = list(server.journal.replay()), list(server.journal.replay())
        finally:
            server.journal.close()

        assert first == second


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that a journal holds."""
    names = (
        "meta",
        "submission",
        "item",
        "environment",
        "terms",
        "blob",
        "piece",
        "live",
        "event",
        "result",
        "ended",
        "output",
    )
    with sqlite3.connect(folder / "journal.sqlite") as db:
        found = {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}
    db.close()
    # With which event a submission began and ended is told by batches, all else to the event.
    found["submission"] = [(*row[:-4], *(each is None for each in row[-4:])) for row in found["submission"]]
    return found


@settings(max_examples=40, deadline=None)
@given(life=steps, sizes=st.lists(st.integers(1, 30), max_size=30))
def test_batches_of_any_size_leave_the_same_tables(life: list[Step], sizes: list[int]) -> None:
    """A batch is written table by table; what comes of it must be what its records say in their order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(lambda: Journal(folder / "turns"))
        try:
            for step in life:
                if step[0] != "restart":
                    server.live(step)
        finally:
            server.journal.close()
        records = server.records
        write(folder / "ones", *([record] for record in records))
        write(folder / "batches", *(records[sum(sizes[:at]) :][:size] for at, size in enumerate(sizes)))
        write(folder / "batches", records[sum(sizes) :])

        assert tables(folder / "ones") == tables(folder / "turns") == tables(folder / "batches")


def test_a_life_of_many_turns_runs_jobs() -> None:
    """The property above would hold of lives in which nothing happens."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(lambda: Journal(Path(folder)))
        server.ask(submit_of(*[b"ls"] * 3, environment=ENVIRONMENTS[1]))
        (reply,) = server.ask(asks(Worker(WorkerId("w1"), "h", 1))).replies
        assert jobs_in(reply.answer)
        server.finish(WorkerId("w1"), 3, 1)
        server.pass_lease()
        server.restart()
        state = replayed(server.journal)
        server.journal.close()

        assert (1, [2, 3]) == (state.finished_count, [job.id for job in waiting_in(state)])
        assert 1 == waiting_in(state)[0].attempts


def test_a_hand_is_replayed() -> None:
    """Several jobs of one worker, each with its own attempt; what was returned waits."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(lambda: Journal(Path(folder)))
        server.ask(submit_of(*[b"ls"] * 21, environment=ENVIRONMENTS[1]))
        server.ask(asks(Worker(WorkerId("w1"), "h", 1)))
        server.finish(WorkerId("w1"), 4, 1)
        server.restart()
        held = [run.claim for run in server.dispatcher.state.held_by_worker(WorkerId("w1"))]
        assert [2, 3, 4, 5] == [claim.job for claim in held]
        server.finish(WorkerId("w1"), 1, 0)
        server.restart()
        state = server.dispatcher.state
        server.journal.close()

        assert (3, {}, {}) == (state.finished_count, state.running, state.jobs_of_worker)
        assert [(4, 1), (5, 1), (6, 0)] == [(job.id, job.attempts) for job in waiting_in(state)[:3]]


@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)))
@settings(max_examples=60, deadline=None)
def test_whatever_has_ended_does_not_come_back(ran: set[int], failed: set[int]) -> None:
    """Ends are found by counting, in halves, where they do not stand in a row."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "_LOOKED_AT", 2)
        journal = Journal(Path(folder))
        journal.commit([submitted(1, 12)])
        for job in sorted(ran):
            journal.commit([delegated(job), finished(job, exit_code=int(job in failed))])
        state = replayed(journal)
        journal.close()

    assert sorted(set(range(1, 13)) - ran) == list(state.waiting)
    bad = [job for live in state.submissions for job in live.bad or ()]
    assert bad == (sorted(ran & failed) if len(ran) < 12 else [])
