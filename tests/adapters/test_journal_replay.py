"""Recovery: what the journal tells is the state that wrote it, after any life."""

import sqlite3
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ledgers import picture, read, replayed, request, waiting_in, write
from goq.adapters.store.journal import Journal
from goq.core.dispatch.decision import Outcome, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages import (
    Cancel,
    DelegateToWorker,
    FinishedWork,
    Goodbye,
    Observe,
    Question,
    Report,
    Request,
    RequestForWork,
    Reset,
    Returned,
    Submit,
)
from goq.core.state.records import Record
from goq.core.values.ids import Argv, Environment, JobId, Now, WorkerId
from goq.core.values.job import Worker
from goq.core.values.result import Result
from goq.core.values.terms import Terms

ENVIRONMENTS = (Environment(b""), Environment(b"A=1\0B=\xff"), Environment(b"A=2"))
NAMES = ("w1", "w2", "w3")
LEASE_S = 60.0

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "submit",
                "submit",
                "ask",
                "ask",
                "finish",
                "finish",
                "cancel",
                "goodbye",
                "lease",
                "reset",
                "restart",
            ]
        ),
        st.integers(0, 5),
        st.integers(0, 2),
    ),
    max_size=40,
)


class Server:
    """A dispatcher and its journal, without sockets; each turn's records are one batch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = Now(0.0, 1_700_000_000_000_000_000)
        self.questions = 0
        self.records: list[Record] = []
        self._begin()

    def _begin(self) -> None:
        self.journal = Journal(self.folder)
        gate = FreshnessGate(60.0, Now(0.0, 0))
        self.dispatcher = Dispatcher(replayed(self.journal), gate, Rules(lease_s=LEASE_S), {})
        self._commit(self.dispatcher.resume(self.now))

    def restart(self) -> None:
        """Stop, and begin with what the journal tells."""
        before = picture(self.dispatcher.state)
        self.journal.close()

        assert before == picture(read(self.folder))
        self._begin()

    def ask(self, question: Question) -> Outcome:
        """One turn with one question."""
        self.questions += 1
        asked = request(question, self.questions)
        asked = Request(asked.handle, asked.nonce, self.now.wall_ns, question)
        past = self.journal.recall(asked) if self.dispatcher.needs_past(asked) else ()
        outcome = self.dispatcher.handle(asked, self.now, past)
        self._commit(outcome)
        return outcome

    def _commit(self, outcome: Outcome) -> None:
        self.records += outcome.records
        self.journal.commit(outcome.records)

    def live(self, step: Step) -> None:
        """One step of a life; numbers choose among what there is."""
        what, number, which = step
        job = JobId(number + 1)
        worker = Worker(WorkerId(NAMES[which]), f"host-{which}", which)
        running = list(self.dispatcher.state.running.values())
        match what:
            case "submit":
                commands = tuple(Argv(b"run\0\xfe%d" % at) for at in range(3 * number + 1))
                terms, physical = Terms(umask=0o011 * which), b"/disk/\xff" * bool(number)
                self.ask(Submit(commands, b"/tmp/\xff", ENVIRONMENTS[which], f"user{which}", terms, physical))
            case "ask":
                self.ask(RequestForWork(worker, 5.0))
            case "finish" if running:
                self.finish(running[number % len(running)].claim.worker, number, which)
            case "cancel":
                self.ask(Cancel(running[0].job.id if running and which else job))
            case "goodbye":
                self.ask(Goodbye(worker))
            case "lease":
                self.pass_lease()
            case "reset":
                self.ask(Reset())
            case "restart":
                self.restart()
            case _:
                self.ask(Observe(job))

    def finish(self, worker: WorkerId, number: int, which: int) -> None:
        """A worker reports some of its jobs, with an output or without one, and may return the others."""
        held = [run.claim for run in self.dispatcher.state.held_by_worker(worker)]
        output = b"x" * number
        digest = bytes(32) if which else b""
        result = Result(number, 0, "", "h", 7, 1, 2, 0.5, 100, output, number + (which == 2), digest)
        count = 1 if which == 2 else number + 1
        reports = tuple(Report(claim, result) for claim in held[:count])
        returned = tuple(map(Returned, held[count:])) if number == 1 else ()
        kept = tuple(claim.job for claim in held[count:])
        self.ask(FinishedWork(worker, reports, returned, kept, wants=which * number))

    def pass_lease(self) -> None:
        """Nothing is heard of any worker for the time of a lease."""
        self.now = Now(self.now.attended_s + LEASE_S + 1, self.now.wall_ns + int(LEASE_S + 1) * 10**9)
        self._commit(self.dispatcher.tick(self.now))


@settings(max_examples=60, deadline=None)
@given(steps)
def test_a_replay_gives_the_state_that_wrote_it(life: list[Step]) -> None:
    """Recovery that drifts from live behaviour loses jobs, or runs them twice."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
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
        server = Server(Path(folder))
        try:
            for step in life:
                server.live(step)
            first, second = list(server.journal.replay()), list(server.journal.replay())
        finally:
            server.journal.close()

        assert first == second


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that a journal holds."""
    names = ("meta", "submission", "environment", "job", "event", "result", "output_start")
    with sqlite3.connect(folder / "journal.sqlite") as db:
        found = {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}
    db.close()
    return found


@settings(max_examples=40, deadline=None)
@given(life=steps, sizes=st.lists(st.integers(1, 30), max_size=30))
def test_batches_of_any_size_leave_the_same_tables(life: list[Step], sizes: list[int]) -> None:
    """A batch is written table by table; what comes of it must be what its records say in their order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder / "turns")
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
        server = Server(Path(folder))
        server.ask(Submit((Argv(b"ls"),) * 3, b"/", ENVIRONMENTS[1], "ann"))
        (reply,) = server.ask(RequestForWork(Worker(WorkerId("w1"), "h", 1), 5.0)).replies
        assert isinstance(reply.answer, DelegateToWorker)
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
        server = Server(Path(folder))
        server.ask(Submit((Argv(b"ls"),) * 21, b"/", ENVIRONMENTS[1], "ann"))
        server.ask(RequestForWork(Worker(WorkerId("w1"), "h", 1), 5.0))
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
