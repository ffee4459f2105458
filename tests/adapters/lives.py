"""Lives of a server and its store, of any steps."""

from collections.abc import Callable

from hypothesis import strategies as st
from msgspec.structs import replace
from reports import asks, tells
from submissions import submit_of

from adapters.ledgers import picture, replayed, request
from goq.adapters.store.port import Store
from goq.core.board.hosts import SETTLE_S
from goq.core.dispatch.decision import Asked, Outcome, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages import (
    AddBlob,
    AddItems,
    Cancel,
    Done,
    Goodbye,
    Held,
    Observe,
    Question,
    Request,
    Reset,
    Returned,
    Submit,
)
from goq.core.state.records import JobsSubmitted, Record
from goq.core.values.blobs import blob_of, sha256_of
from goq.core.values.ids import Argv, Environment, JobId, Now, WorkerId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import Claim, Worker
from goq.core.values.result import FOLDER_TROUBLE, Result
from goq.core.values.terms import Terms

ENVIRONMENTS = (Environment(b""), Environment(b"A=1\0B=\xff"), Environment(b"A=2"))
TAKEN = (b"#!/bin/sh\n\xff", b"echo one two", b"what was piped")
NAMES = ("w1", "w2", "w3")
LEASE_S = 60.0

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "submit",
                "submit",
                "begin",
                "array",
                "add",
                "add",
                "bring",
                "bring",
                "ask",
                "ask",
                "finish",
                "finish",
                "cancel",
                "goodbye",
                "refuse",
                "refuse",
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
    """A dispatcher and its store, without sockets; each turn's records are one batch."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self.open_store = open_store
        self.now = Now(0.0, 1_700_000_000_000_000_000)
        self.questions = 0
        self.records: list[Record] = []
        self._begin()

    def _begin(self, before: dict[str, object] | None = None) -> None:
        self.journal = self.open_store()
        gate = FreshnessGate(60.0, Now(0.0, 0))
        state = replayed(self.journal)
        assert before in (None, picture(state))
        self.dispatcher = Dispatcher(state, gate, Rules(lease_s=LEASE_S), {})
        self._commit(self.dispatcher.resume(self.now))

    def restart(self) -> None:
        """Stop, and begin with what the journal tells."""
        before = picture(self.dispatcher.state)
        self.journal.close()

        self._begin(before)

    def ask(self, question: Question) -> Outcome:
        """One turn with one question."""
        self.questions += 1
        asked = request(question, self.questions)
        asked = Request(asked.handle, asked.nonce, self.now.wall_ns, question)
        past = self.journal.recall(asked) if self.dispatcher.needs_past(asked) else ()
        if isinstance(question, Submit) and not past:
            past = self.journal.gone(Asked(blobs=question.origin.blobs))
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
                self.ask(self.submission(number, which))
            case "begin":
                lines = (b"run\0begin%d" % at for at in range(number + 1))
                begun = submit_of(*lines, environment=ENVIRONMENTS[which], to_come=2 * number + 1)
                self.ask(replace(begun, argv=Argv(b"run\0{}"), items=EachLine()) if number % 2 else begun)
            case "array":
                numbers = Numbers(((which, which + number, 1), (99, 99, 1)))
                self.ask(
                    replace(
                        submit_of(b"run"),
                        items=numbers,
                        terms=Terms(priority=which, retries=which, backoff_s=0.0, max_fails=2),
                    )
                )
            case "add":
                self.add(number, which)
            case "bring":
                self.bring(number)
            case "ask":
                self._commit(self.dispatcher.tick(self.now))
                self.ask(asks(worker))
            case "finish" if running:
                self.finish(running[number % len(running)].claim.worker, number, which)
            case "refuse" if running:
                self.refuse(running[number % len(running)].claim)
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

    def submission(self, number: int, which: int) -> Submit:
        """Commands of one of some users."""
        commands = (b"run\0\xfe%d" % at for at in range(3 * number + 1))
        who, terms = f"user{which}", Terms(umask=0o011 * which)
        if which == 2:
            terms = Terms(retries=2, backoff_s=90.0, retry_on=(3, 4, 5), rerun_codes=(2,), hold_codes=(5,))
        submit = submit_of(
            *commands, folder=b"/tmp/\xff", environment=ENVIRONMENTS[which], submitter=who, terms=terms
        )
        submit = replace(submit, physical=b"/disk/\xff" * bool(number))
        if which % 2:
            submit = replace(submit, script=blob_of(TAKEN[number % 2]))
        return replace(submit, stdin=blob_of(TAKEN[number % 3])) if number > which else submit

    def bring(self, number: int) -> None:
        """The next piece of a blob that is lacking comes, whole or half of it."""
        lacking = [live for live in self.dispatcher.state.deliveries.values() if live.lacks]
        if lacking:
            live = lacking[number % len(lacking)]
            blob = live.lacks[number % len(live.lacks)]
            whole = next(data for data in TAKEN if blob_of(data) == blob)
            here = self.dispatcher.state.blobs.arriving[blob].here
            data = whole[here : here + (7 if number % 3 else len(whole))]
            self.ask(AddBlob(live.submission.nonce, blob, here, sha256_of(data), data))

    def add(self, number: int, which: int) -> None:
        """More of a list comes, some of it once more; sometimes of one that is whole, or is no more."""
        begun = [each for each in self.records if isinstance(each, JobsSubmitted) and each.to_come]
        if begun:
            nonce = begun[-1 - which % len(begun)].submission.nonce
            known = self.dispatcher.state.deliveries.get(nonce)
            here = known.here if known else 1
            lines = tuple(b"run\0add%d" % at for at in range(number + 1))
            self.ask(AddItems(nonce, max(0, here - which), lines))

    def finish(self, worker: WorkerId, number: int, which: int) -> None:
        """A worker reports some of its jobs, with an output or without one, and may return the others."""
        held = [run.claim for run in self.dispatcher.state.held_by_worker(worker)]
        output = b"x" * number
        digest = bytes(32) if which else b""
        result = Result(number, 0, "", "h", 7, 1, 2, 0.5, 100, output, number + (which == 2), digest)
        count = 1 if which == 2 else number + 1
        reports = tuple(Done(claim, result) for claim in held[:count])
        returned = tuple(map(Returned, held[count:])) if number == 1 else ()
        kept = () if returned else tuple(map(Held, held[count:]))
        self.ask(tells(worker, reports, returned, kept, wants=which * number))

    def refuse(self, claim: Claim) -> None:
        """The host of an attempt lacks its folder; those that no host can start are failed."""
        problem = "no such folder: '/tmp'"
        where = self.dispatcher.state.running[claim.job].worker
        told = tells(claim.worker, (), (Returned(claim, FOLDER_TROUBLE, problem),))
        self.ask(replace(told, worker=replace(where, id=told.worker.id)))
        for _ in range(int(SETTLE_S) + 2):
            self.now = Now(self.now.attended_s + 1, self.now.wall_ns + 10**9)
            self._commit(self.dispatcher.tick(self.now))

    def pass_lease(self) -> None:
        """Nothing is heard of any worker for the time of a lease."""
        self.now = Now(self.now.attended_s + LEASE_S + 1, self.now.wall_ns + int(LEASE_S + 1) * 10**9)
        self._commit(self.dispatcher.tick(self.now))
