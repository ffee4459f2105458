"""Long random histories, with all laws checked after every step.

The laws live in ledger.py (records), desk.py (answers) and rig.py (replay, leases, deadlines);
the right answer to each request comes from oracle.py. Here is only what can happen.
"""

import sys

import pytest
from epochs import EPOCH
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ledger import Place
from msgspec.structs import replace
from oracle import Oracle
from rig import Rig, submission, worker
from spokesman import Asked

from goq.core.board import hands
from goq.core.dispatch import changing, moves, refusals
from goq.core.dispatch.decision import Rules
from goq.core.messages import (
    AckCancelEach,
    AckChange,
    AddBlob,
    AddItems,
    Answer,
    Cancel,
    CancelEach,
    Change,
    Done,
    Goodbye,
    ImmolateWorkers,
    Observe,
    ObserveEach,
    OutputChunk,
    Question,
    Refused,
    Request,
    Reset,
    Returned,
    ShutdownServer,
    TakeSnapshot,
)
from goq.core.state import state
from goq.core.values.blobs import blob_of, sha256_of
from goq.core.values.changes import Alter, Hold, Kill, Release, What
from goq.core.values.ids import JobId, Nonce, WorkerId
from goq.core.values.job import By, Claim
from goq.core.values.result import SIGKILL, SIGTERM, Result
from goq.core.values.selectors import Jobs, Named, Number, Part, Selector
from goq.core.values.states import JobState
from goq.core.values.terms import Terms, When
from goq.core.values.wishes import Wish
from goq.core.worker.talk import FinishedWork, Heartbeat, RequestForWork

pytestmark = pytest.mark.timeout(3600)  # the long profile's

NAMES = st.sampled_from(["w1", "w2", "w3", "w4", "w1/2"])
PEERS = st.integers(1, 3)
PICKS = st.integers(0, 1000)
SIGINT = 2
SIGNALS = st.sampled_from([SIGTERM, SIGINT, SIGKILL])
KEYS = st.sampled_from(["nightly", "weekly"])
WANTS = st.sampled_from([0, 1, 2, 3, 9])
# So small that old facts are looked up in the journal, that observers push each other out, and
# that hands are filled in all ways.
LIMITS = [
    (state, "RECENT_FINISHED", 4),
    (state, "RECENT_SUBMISSIONS", 3),
    (moves, "OBSERVERS_EACH_JOB", 3),
    (refusals, "SLICE_JOBS", 2),
    (changing, "SLICE_RANGES", 2),
    (hands, "HAND_LIMIT", 4),
    (hands, "HAND_BYTES", 3 * len(b"run\0000") + len(b"A=1")),
]
ANN = By("ann", "head", 7)
CHANGES = st.one_of(
    st.builds(Kill, SIGNALS),
    st.sampled_from([Hold(), Release(), Hold(), Release()]),
    st.sampled_from([1, 2]).map(lambda at: Alter(("name",), Terms(name=f"n{at}"))),
    st.just(Alter(("tags", "name"), Terms(tags=("t",)))),
)
FATE = st.sampled_from(
    ["reported", "reported", "reported", "kept", "kept", "returned", "lacking", "no folder", "no node"]
)
TROUBLES = st.sampled_from(["folder", "folder", "node"])
FATES = st.lists(FATE, min_size=1, max_size=6)
EXIT_CODES = st.lists(st.sampled_from([1, 1, 2, 3, 0]), min_size=1, max_size=6)
RETRIED = st.builds(
    Terms,
    requeue=st.sampled_from([True, True, True, False]),
    retries=st.integers(0, 3),
    backoff_s=st.sampled_from([1.0, 0.0, 0.3, 7.0]),
    retry_on=st.sampled_from([(), (), (1,)]),
    rerun_codes=st.sampled_from([(), (), (2,)]),
    hold_codes=st.sampled_from([(), (), (3,)]),
)
BLOBS = [b"", b"#!/bin/sh\n", b"some input", b"another input"]
FOLDERS = st.sampled_from([b"/home/ann", b"/home/ann", b"/home/ann/data"])


class DispatchMachine(RuleBasedStateMachine):
    """Submitters, workers, killers, observers, an unreliable network and a mortal server."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        for module, name, limit in LIMITS:
            self.patch.setattr(module, name, limit)
        # A lease shorter than the window, so that late messages of lost workers are still fresh;
        # and than a worker's patience, so that workers wait when leases end.
        self.rig = Rig(Rules(heartbeat_s=5, lease_s=15, observe_s=12, crash_limit=2, delivery_s=18))
        self.oracle = Oracle(self.rig)
        self.sent: list[Request] = []
        self.held_up: list[Request] = []

    def teardown(self) -> None:
        """Whatever happened: silence ends every lease, and answers everybody who waits."""
        try:
            if sys.exc_info()[0] is None:  # else what is broken already would be hidden
                self.fall_silent()
        finally:
            self.patch.undo()

    def fall_silent(self) -> None:
        """Nobody says anything any more."""
        self.rig.pass_time(20)  # the last waiting workers are sent away, or get a job,
        self.rig.pass_time(15)  # which they lose

        assert [] == self.rig.ledger.running
        assert [] == self.rig.desk.all()
        assert [] == self.rig.ledger.in_place(Place.KILLED), "what was killed has ended"
        assert {} == self.rig.warden.doomed, "what no host can start has failed"

    def deliver(self, request: Request) -> None:
        """Deliver a request, and compare what happens with what must."""
        foreseen = self.oracle.foresee(request)
        answer = self.rig.turn(request)
        if request not in self.sent:
            self.sent.append(request)

        assert _shown(foreseen) == _shown(answer), f"{_shown(foreseen)} {_shown(answer)}"
        self.oracle.check_done(request, answer)

    def ask(self, question: Asked, peer: int) -> None:
        """A question arrives as soon as it is sent."""
        self.deliver(self.rig.request(question, peer))

    def a_claim(self, pick: int) -> Claim:
        """Mostly one of a running job; else any that was given out at some time, or never was."""
        running = self.rig.ledger.running
        if running and pick % 4:
            return self.rig.ledger.claim(running[pick % len(running)])
        borrowed = [replace(self.rig.ledger.claim(job), worker=WorkerId("w0")) for job in running]
        claims = [*self.rig.ledger.claims, *borrowed, Claim(EPOCH, JobId(99), 1, WorkerId("w1"))]
        return claims[-1 - pick % len(claims)]

    def a_message(self, pick: int, fates: list[str], wants: int) -> FinishedWork:
        """What a worker says of the latest claims that it was given, held or not."""
        busy = sorted(self.rig.ledger.busy) or [WorkerId("w1")]
        return self.a_message_of(busy[pick % len(busy)], fates, wants)

    def a_message_of(self, name: WorkerId, fates: list[str], wants: int) -> FinishedWork:
        its = [claim for claim in self.rig.ledger.claims if claim.worker == name][: -len(fates) - 1 : -1]
        told = list(zip(its, fates, strict=False))
        ended = tuple(Done(claim, Result()) for claim, fate in told if fate == "reported")
        troubles = {"returned": "", "no folder": "folder", "no node": "node"}
        returned = tuple(Returned(claim, troubles[fate], fate) for claim, fate in told if fate in troubles)
        silent = {claim.job for claim, fate in told if fate != "kept"}
        kept = (job for job in self.rig.ledger.held_by_worker(name) if job not in silent)
        return FinishedWork(name, ended, returned, tuple(kept), wants)

    def a_job(self, pick: int) -> JobId:
        """Mostly a running job; else any that is there, or that may come to be."""
        running = self.rig.ledger.running
        if running and pick % 4:
            return running[pick % len(running)]
        return JobId(pick % (len(self.rig.ledger.lives) + 2) + 1)

    # --- what people do ----------------------------------------------------------------

    @initialize(names=st.sets(NAMES), count=st.integers(0, 5))
    def begin(self, names: set[str], count: int) -> None:
        """Some histories start with jobs, others with idle workers, most with both."""
        for name in sorted(names):
            self.ask(RequestForWork(worker(name), 20), 1)
        if count:
            self.ask(submission(count), 3)

    @rule(count=st.integers(1, 9), folder=FOLDERS, peer=PEERS)
    def submit(self, count: int, folder: bytes, peer: int) -> None:
        """`goq sub`, from one folder or another."""
        self.ask(submission(count, folder=folder), peer)

    @rule(count=st.integers(1, 3), to_come=st.integers(1, 5), folder=FOLDERS, peer=PEERS)
    def begin_list(self, count: int, to_come: int, folder: bytes, peer: int) -> None:
        """`goq sub lines@` of a long list: its beginning."""
        self.ask(submission(count, folder=folder, to_come=to_come), peer)

    @rule(pick=PICKS, shift=st.sampled_from([0, 0, 0, -1, -2, 1]), count=st.integers(1, 5), peer=PEERS)
    def add(self, pick: int, shift: int, count: int, peer: int) -> None:
        """More of a list: what comes next, or what has come before, or too early, or too much."""
        self.ask(self.more(pick, shift, count), peer)

    def more(self, pick: int, shift: int, count: int) -> AddItems:
        """Mostly of a list that is expected."""
        ledger = self.rig.ledger
        nonces = ledger.coming if ledger.coming and pick % 4 else [*ledger.acks, Nonce(b"never submitted!")]
        nonce = nonces[-1 - pick % len(nonces)]
        here = ledger.here(nonce) if nonce in ledger.acks else 0
        lines = tuple(b"run\0item%d" % (pick + at) for at in range(count))
        return AddItems(nonce, max(0, here + shift), lines)

    @rule(
        script=st.sampled_from(BLOBS),
        stdin=st.sampled_from(BLOBS),
        count=st.integers(1, 3),
        to_come=st.sampled_from([0, 0, 2]),
        peer=PEERS,
    )
    def submit_with_blobs(self, script: bytes, stdin: bytes, count: int, to_come: int, peer: int) -> None:
        """`goq sub --script`, and `-i -`."""
        asked = submission(count, to_come=to_come)
        self.ask(replace(asked, script=blob_of(script), stdin=blob_of(stdin)), peer)

    @rule(pick=PICKS, size=st.integers(1, 9), shift=st.sampled_from([0, 0, 0, 0, -1, 1]), peer=PEERS)
    def add_blob(self, pick: int, size: int, shift: int, peer: int) -> None:
        """A piece of a blob: mostly what is wanted next; now and then with another byte in it, signed or not."""
        self.ask(self.a_piece(pick, size, shift), peer)

    def a_piece(self, pick: int, size: int, shift: int) -> AddBlob:
        ledger = self.rig.ledger
        nonces = [nonce for nonce in ledger.coming if ledger.lacks[nonce]] or [*ledger.acks]
        nonce = (nonces or [Nonce(b"never submitted!")])[-1 - pick % (len(nonces) or 1)]
        wanted = (ledger.lacks.get(nonce) or [blob_of(BLOBS[1 + pick % 2])])[-1 if pick % 5 == 0 else 0]
        whole = next(data for data in BLOBS if blob_of(data) == wanted)
        offset = max(0, len(ledger.blobs.get(wanted, b"")) + shift)
        data = whole[offset : offset + size] or b"x"
        sent = data if pick % 7 else b"?" + data[1:]
        return AddBlob(nonce, wanted, offset, sha256_of(data if pick % 2 else sent), sent)

    @rule(requeue=st.booleans(), peer=PEERS)
    def submit_fragile(self, requeue: bool, peer: int) -> None:
        """`goq sub --no-requeue`, which some use for some of their jobs."""
        self.ask(submission(2, Terms(requeue=requeue)), peer)

    @rule(
        picks=st.lists(PICKS, min_size=1, max_size=2),
        wide=st.integers(0, 3),
        when=st.sampled_from(["any", "ok", "ok", "fail"]),
        keep=st.booleans(),
        maybe=st.booleans(),
        count=st.integers(1, 3),
        to_come=st.sampled_from([0, 0, 0, 2]),
        peer=PEERS,
    )
    def submit_behind(
        self,
        picks: list[int],
        wide: int,
        when: When,
        keep: bool,
        maybe: bool,
        count: int,
        to_come: int,
        peer: int,
    ) -> None:
        """`goq sub --after`, of jobs that wait, run, have ended or never were."""
        parts = tuple(self.a_part(pick, wide) for pick in picks)
        wish = Wish(Selector(parts), when, maybe=maybe)
        self.ask(submission(count, Terms(keep=keep), to_come=to_come, wishes=(wish,)), peer)

    @rule(pick=PICKS, ok=st.booleans(), keep=st.booleans(), first=st.booleans(), peer=PEERS)
    def submit_each_behind(
        self,
        pick: int,
        ok: bool,
        keep: bool,
        first: bool,
        peer: int,
    ) -> None:
        """`goq sub --after-each`, mostly of as many."""
        lives = self.rig.ledger.submissions
        if not lives:
            return
        what = lives[sorted(lives)[-1 - pick % len(lives)]]
        jobs = Jobs(what.first, JobId(what.first + 1) if first else what.end)
        wishes = (Wish(Selector((jobs,)), "ok" if ok else "any", each=True),)
        self.ask(submission(what.count, Terms(keep=keep), wishes=wishes), peer)

    def a_part(self, pick: int, wide: int) -> Part:
        """One of the latest jobs, or some in a row; now and then one that never was."""
        last = len(self.rig.ledger.lives)
        job = JobId(max(1, last + 1 - pick % (last + 2) if pick % 5 else last - pick % 4))
        return Jobs(job, JobId(job + wide)) if wide else Number(job)

    @rule(terms=RETRIED, count=st.integers(1, 3), peer=PEERS)
    def submit_retried(self, terms: Terms, count: int, peer: int) -> None:
        """`goq sub --retries`, and what else says when a job is tried again."""
        self.ask(submission(count, terms), peer)

    @rule(terms=RETRIED, names=st.permutations(["w1", "w2", "w3"]), exit_codes=EXIT_CODES, peer=PEERS)
    def fail_again(self, terms: Terms, names: list[str], exit_codes: list[int], peer: int) -> None:
        """A job ends again and again, at whichever worker, as soon as it is tried again."""
        self.ask(submission(1, terms), peer)
        for exit_code, name in zip(exit_codes, names * 2, strict=False):
            for job in self.rig.ledger.held_by_worker(WorkerId(name)):
                claim = self.rig.ledger.claim(job)
                report = Done(claim, Result(exit_code=exit_code, output=b"short", output_length=5))
                self.ask(FinishedWork(claim.worker, (report,), (), (), 1), peer)
            self.rig.pass_time(2)
            if WorkerId(name) not in self.rig.ledger.busy:
                self.ask(RequestForWork(worker(name), 20), peer)

    @rule(requeue=st.booleans(), key=KEYS, peer=PEERS)
    def submit_unique(self, requeue: bool, key: str, peer: int) -> None:
        """`goq sub --unique`, over and over as cron does."""
        self.ask(submission(1, Terms(requeue, key)), peer)

    @rule(pick=PICKS, signal=SIGNALS, peer=PEERS)
    def cancel(self, pick: int, signal: int, peer: int) -> None:
        """`goq kill` of a waiting, running, ended or unknown job."""
        self.ask(Cancel(self.a_job(pick), signal), peer)

    @rule(picks=st.lists(PICKS, min_size=1, max_size=4), signal=SIGNALS, peer=PEERS)
    def cancel_several(self, picks: list[int], signal: int, peer: int) -> None:
        """`goq kill` of several at once."""
        jobs = dict.fromkeys(map(self.a_job, picks))
        self.ask(CancelEach(tuple(jobs), signal), peer)

    @rule(
        picks=st.lists(PICKS, max_size=6, unique=True),
        narrowed=st.booleans(),
        states=st.sampled_from([(), (), (JobState.HELD,), (JobState.WAITING,), (JobState.RUNNING,)]),
        what=CHANGES,
        most=st.sampled_from([0, 0, 0, 3]),
        peer=PEERS,
    )
    def change(
        self,
        picks: list[int],
        narrowed: bool,
        states: tuple[JobState, ...],
        what: What,
        most: int,
        peer: int,
    ) -> None:
        """`goq kill`, `hold`, `release` and `alter` of ranges, or of all that is somebody's."""
        edges = sorted(dict.fromkeys(pick % (len(self.rig.ledger.lives) + 5) + 1 for pick in picks))
        ranges = zip(map(JobId, edges[::2]), map(JobId, edges[1::2]), strict=False)
        parts = tuple(Jobs(first, end) for first, end in ranges) or (Named("*"),)
        self.ask(Change(Selector(parts, states, "ann" if narrowed else ""), what, ANN, most), peer)

    @rule(picks=st.lists(PICKS, min_size=1, max_size=4), peer=PEERS)
    def observe_several(self, picks: list[int], peer: int) -> None:
        """`goq wait` for several."""
        jobs = dict.fromkeys(map(self.a_job, picks))
        self.ask(ObserveEach(tuple(jobs)), peer)

    @rule(pick=PICKS, peer=PEERS)
    def observe(self, pick: int, peer: int) -> None:
        """`goq wait`."""
        self.ask(Observe(self.a_job(pick)), peer)

    # --- what workers do ---------------------------------------------------------------

    @rule(name=NAMES, patience_s=st.sampled_from([50.0, 20.0, 3.0, 0.0]), peer=PEERS)
    def want_work(self, name: str, patience_s: float, peer: int) -> None:
        """A worker asks: for the first time, again, or because an answer was lost."""
        self.ask(RequestForWork(worker(name), patience_s), peer)

    @rule(names=st.permutations(["w1", "w2", "w3", "w4"]), count=st.integers(2, 4), peer=PEERS)
    def begin_shift(self, names: list[str], count: int, peer: int) -> None:
        """Several workers of one node ask, one after the other."""
        for name in names[:count]:
            self.ask(RequestForWork(worker(name), 20), peer)

    @rule(pick=PICKS, exit_code=st.integers(0, 2), wants=WANTS, peer=PEERS)
    def finish(self, pick: int, exit_code: int, wants: int, peer: int) -> None:
        """A worker reports the end of an attempt, which may have been given up meanwhile."""
        claim = self.a_claim(pick)
        result = Result(exit_code=exit_code, output=b"short", output_length=5)
        kept = tuple(job for job in self.rig.ledger.held_by_worker(claim.worker) if job != claim.job)
        self.ask(FinishedWork(claim.worker, (Done(claim, result),), (), kept, wants), peer)

    @rule(pick=PICKS, fates=FATES, wants=WANTS, peer=PEERS)
    def tell(self, pick: int, fates: list[str], wants: int, peer: int) -> None:
        """A worker tells what became of its latest jobs: ended, returned, kept, or never seen."""
        self.ask(self.a_message(pick, fates, wants), peer)

    @rule(name=NAMES, hands=st.lists(FATES, min_size=1, max_size=3), wants=WANTS, peer=PEERS)
    def work_off(self, name: str, hands: list[list[str]], wants: int, peer: int) -> None:
        """Many short jobs come, and a worker fills its hand with them, over and over."""
        self.ask(submission(8), peer)
        if WorkerId(name) not in self.rig.ledger.busy:
            self.ask(RequestForWork(worker(name), 20), peer)
        for fates in hands:
            self.ask(self.a_message_of(WorkerId(name), fates, wants), peer)

    @rule(folder=FOLDERS, trouble=TROUBLES, count=st.integers(1, 4), peer=PEERS)
    def lack(self, folder: bytes, trouble: str, count: int, peer: int) -> None:
        """Hosts of which each cannot start what it is given."""
        self.ask(submission(count, folder=folder), peer)
        for name in ("w1", "w2", "w3", "w4")[:count]:
            if WorkerId(name) not in self.rig.ledger.busy:
                self.ask(RequestForWork(worker(name), 20), peer)
            self.refuse(WorkerId(name), trouble, peer)

    @rule(name=NAMES, trouble=TROUBLES, peer=PEERS)
    def cannot(self, name: str, trouble: str, peer: int) -> None:
        """A worker cannot start the first that it has."""
        self.refuse(WorkerId(name), trouble, peer)

    def refuse(self, name: WorkerId, trouble: str, peer: int) -> None:
        held = self.rig.ledger.held_by_worker(name)
        if held:
            returned = (Returned(self.rig.ledger.claim(held[0]), trouble, "it cannot"),)
            self.ask(FinishedWork(name, (), returned, tuple(held[1:]), 0), peer)

    @rule(name=NAMES, wants=WANTS, peer=PEERS)
    def lose_answer(self, name: str, wants: int, peer: int) -> None:
        """A worker says that it has nothing, has nothing to tell, and wants jobs."""
        self.ask(FinishedWork(WorkerId(name), (), (), (), wants), peer)

    @rule(pick=PICKS, told=st.just(0) | SIGNALS, peer=PEERS)
    def beat(self, pick: int, told: int, peer: int) -> None:
        """A worker still runs its job, or what was its job; it may have been told to kill it."""
        self.ask(Heartbeat(self.a_claim(pick), told), peer)

    @rule(pick=PICKS, peer=PEERS)
    def send_output(self, pick: int, peer: int) -> None:
        """A worker sends a piece of output."""
        self.ask(OutputChunk(self.a_claim(pick), 3, b"bytes", bytes(32), bytes(32)), peer)

    @rule(name=NAMES, outlived=st.booleans(), peer=PEERS)
    def goodbye(self, name: str, outlived: bool, peer: int) -> None:
        """A worker leaves, idle or with a job in its hands; its lifetime may be over."""
        self.ask(Goodbye(worker(name), outlived), peer)

    # --- what the network does ---------------------------------------------------------

    @precondition(lambda self: self.sent)
    @rule(pick=PICKS, peer=st.none() | PEERS)
    def repeat(self, pick: int, peer: int | None) -> None:
        """An old request arrives once more, over its own connection or another."""
        request = self.sent[-1 - pick % len(self.sent)]
        self.deliver(self.rig.copy(request, peer) if peer else request)

    @rule(name=NAMES, pick=PICKS, kind=st.integers(0, 12), fates=FATES, peer=PEERS)
    def hold_up(self, name: str, pick: int, kind: int, fates: list[str], peer: int) -> None:
        """A request is sent now and arrives later, perhaps never."""
        questions: list[Asked] = [
            submission(1),
            RequestForWork(worker(name), 20),
            Goodbye(worker(name)),
            self.a_message(pick, fates, 3),
            Heartbeat(self.a_claim(pick)),
            Cancel(self.a_job(pick)),
            Observe(self.a_job(pick)),
            submission(1, Terms(unique="nightly")),
            Cancel(self.a_job(pick), SIGKILL),
            self.more(pick, 0, 2),
            submission(1, to_come=2),
            self.a_piece(pick, 4, 0),
            replace(submission(1), stdin=blob_of(BLOBS[2])),
        ]
        self.held_up.append(self.rig.request(questions[kind], peer))

    @precondition(lambda self: self.held_up)
    @rule(pick=PICKS)
    def arrive(self, pick: int) -> None:
        """A request that was held up arrives, behind younger ones."""
        self.deliver(self.held_up.pop(pick % len(self.held_up)))

    @rule(peer=PEERS)
    def peer_gone(self, peer: int) -> None:
        """A connection closes, with all that was asked over it."""
        self.rig.peer_gone(peer)
        self.look(3)

    # --- time and death ----------------------------------------------------------------

    @rule(seconds=st.sampled_from([5.0, 11.0, 1.0, 16.0, 0.0]))
    def pass_time(self, seconds: float) -> None:
        """The loop sleeps and wakes up as it is told."""
        self.rig.pass_time(seconds)

    @rule(seconds=st.sampled_from([5.0, 14.0, 0.5, 61.0]))
    def jump(self, seconds: float) -> None:
        """The loop comes back late."""
        self.rig.jump(seconds)

    @rule(downtime_s=st.sampled_from([0.0, 2.0, 100.0]), from_checkpoint=st.booleans())
    def restart(self, downtime_s: float, from_checkpoint: bool) -> None:
        """`kill -9` of the server, and a new one."""
        self.oracle.forget()
        self.rig.restart(downtime_s, from_checkpoint=from_checkpoint)

    @rule(question=st.sampled_from([TakeSnapshot(3), ImmolateWorkers(), Reset(), ShutdownServer()]))
    def administer(self, question: Question) -> None:
        """`goq stat`, `immolateworkers`, `reset`, and a `shutdown` that the loop has not acted on yet."""
        if isinstance(question, TakeSnapshot):
            self.look(question.max_show)
        else:
            self.ask(question, 3)

    def look(self, max_show: int) -> None:
        """`goq stat`."""
        self.oracle.check_snapshot(self.rig.snapshot(max_show), max_show)


def _shown(answer: Answer | None) -> Answer | None:
    """The answer without its words for people: other tests read those."""
    match answer:
        case Refused():
            return Refused("")
        case AckChange():
            return replace(answer, left=0)
        case AckCancelEach(answers):
            return AckCancelEach(
                tuple(Refused("") if isinstance(each, Refused) else each for each in answers)
            )
        case _:
            return answer


def test_a_repeated_result_is_no_late_one_whatever_ends_with_its_report() -> None:
    """What never came to the worker ends as it reports, and pushes the memory of the repeated job out."""
    machine = DispatchMachine()
    machine.begin(names=set(), count=0)
    machine.work_off(hands=[["reported"], ["reported"]], name="w1", peer=1, wants=1)
    machine.tell(fates=["reported"], peer=1, pick=0, wants=0)
    machine.cancel_several(peer=1, picks=[3], signal=SIGTERM)
    machine.want_work(name="w1", patience_s=50.0, peer=1)
    machine.cancel_several(peer=1, picks=[1], signal=SIGTERM)
    assert 4 == len(machine.rig.ledger.finished), "as many as are remembered"

    machine.tell(fates=["lacking", "reported", "reported", "reported"], peer=1, pick=0, wants=0)

    assert 5 == len(machine.rig.ledger.finished)
    machine.teardown()


TestDispatchMachine = DispatchMachine.TestCase
