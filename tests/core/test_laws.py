"""The laws of the queue, each checked by itself at every record and after every turn of a random history."""

import pytest
from book import Book
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from laws import check_record, check_turn, counts
from msgspec.structs import replace
from plain import Plain
from spokesman import Asked, Heard
from submissions import submit_of

from goq.core.messages import AckSubmit, CancelEach, Change, SetLimit, Submit
from goq.core.values.changes import Alter, Hold, Kill, Release, What
from goq.core.values.ids import JobId
from goq.core.values.items import Numbers
from goq.core.values.job import By, Claim
from goq.core.values.room import Offer
from goq.core.values.selectors import Jobs, Number, Selector
from goq.core.values.terms import Terms, When
from goq.core.values.wishes import Wish
from goq.core.worker.talk import FinishedWork

pytestmark = pytest.mark.timeout(3600)  # the long profile's
EVERYBODY = By("root", "head", 1)
OFFERS = {"a": Offer(cpus=2, gpus=("g0",)), "b": Offer(cpus=3), "c": Offer(cpus=1, gpus=("g0", "g1"))}
PLACES = [f"{worker}/{number}" for worker in OFFERS for number in range(3)]
LEASE_S = 61.0
STEP_S = (
    0.125  # as all others here exact in binary: what is over by the wall clock is over by the attended one
)

owners = st.sampled_from(["ann", "bob"])
terms = st.builds(
    Terms,
    requeue=st.booleans(),
    tags=st.sampled_from([(), ("t",)]),
    priority=st.sampled_from([0, 0, 1]),
    cpus=st.sampled_from([1, 1, 2]),
    gpus=st.sampled_from([0, 0, 1]),
    held=st.sampled_from([False, False, False, True]),
    retries=st.integers(0, 2),
    backoff_s=st.sampled_from([0.5, 3.0]),
)
whens: st.SearchStrategy[When] = st.sampled_from(["any", "ok", "fail"])
changes: st.SearchStrategy[What] = st.sampled_from(
    [Hold(), Release(), Kill(), Alter(("priority",), Terms(priority=1)), Alter(("cpus",), Terms(cpus=2))]
)
limits = st.sampled_from(
    ["all", "user:ann", "tag:t", "node:host-of-a", "node:host-of-b", "weight:ann", "array:1"]
)


class Lawful(Plain):
    """A server whose every record and turn is looked at."""

    def __init__(self) -> None:
        self.book = Book()
        self._seen = 1  # what it begins with says nothing of jobs
        super().__init__()

    def restart(self) -> None:
        self.book.offers.clear()
        super().restart()
        self.settle()

    def ask(self, asked: Asked) -> Heard:
        self.book.now = self.now
        if isinstance(asked, FinishedWork):  # each report says what its worker has
            name = asked.worker.partition("/")[0]
            self.book.offers[f"host-of-{name}", 1] = OFFERS[name]
        answer = super().ask(asked)
        self.settle()
        return answer

    def pass_time(self, seconds: float) -> None:
        self.book.now = replace(self.now, attended_s=self.now.attended_s + seconds)
        super().pass_time(seconds)
        self.settle()

    def settle(self) -> None:
        """What is due has been done, as by a loop that looks at the deadline."""
        while self.dispatcher.next_deadline() <= self.now.attended_s:
            self.story += self.dispatcher.tick(self.now).records
        self.look()

    def look(self) -> None:
        """Go through the new records, and look at what is there."""
        self.book.now = self.now
        for record in self.story[self._seen :]:
            check_record(self.book, record)
            self.book.enter(record)
        self._seen = len(self.story)
        check_turn(self.book, self.dispatcher, self.story)


class LawsMachine(RuleBasedStateMachine):
    """People submit, change and limit; places ask, tell, and die; the server is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Lawful()
        self.old: list[Claim] = []

    def submit(self, submit: Submit) -> None:
        self.server.ask(submit)

    @rule(owner=owners, asked=terms, count=st.integers(1, 4), at_once=st.sampled_from([0, 0, 1]))
    def submit_some(self, owner: str, asked: Terms, count: int, at_once: int) -> None:
        """One job, or an array."""
        plain = submit_of(b"run", folder=b"/home", environment=b"A=1", submitter=f"{owner}@head", terms=asked)
        if count == 1:
            self.submit(plain)
        else:
            array = replace(asked, at_once=at_once)
            self.submit(replace(plain, items=Numbers(((1, count, 1),)), terms=array))

    @rule(
        owner=owners,
        asked=terms,
        when=whens,
        pick=st.randoms(use_true_random=False),
        each=st.booleans(),
        wide=st.sampled_from([1, 1, 1, 3]),
    )
    def submit_behind(
        self, owner: str, asked: Terms, when: When, pick: object, each: bool, wide: int
    ) -> None:
        """A job that waits for others that live, or an array that waits for another task by task."""
        live = [life for life in self.server.book.lives.values() if life.place != "ended"]
        if not live:
            return
        target = pick.choice(live)  # type: ignore[attr-defined]  # hypothesis names no type
        plain = submit_of(b"run", folder=b"/home", environment=b"A=1", submitter=f"{owner}@head", terms=asked)
        if each and when != "fail" and target.what.count > 1:
            wish = Wish(Selector((Number(target.what.first),)), when, each=True)
            items = Numbers(((1, target.what.count, 1),))
            answer = self.server.ask(replace(plain, items=items, wishes=(wish,)))
        else:
            wish = Wish(Selector((Jobs(target.id, JobId(target.id + wide)),)), when)
            answer = self.server.ask(replace(plain, wishes=(wish,)))
        is_whole = all(life.place != "ended" for life in self.server.book.lives.values()) and wide == 1
        assert isinstance(answer, AckSubmit) or not is_whole, answer

    @rule(place=st.sampled_from(PLACES))
    def ask_for_work(self, place: str) -> None:
        """A place is free, and says what its worker has."""
        name = place.partition("/")[0]
        self.server.book.offers[f"host-of-{name}", 1] = OFFERS[name]
        claim = self.server.offer(place, OFFERS[name])
        if claim:
            self.old.append(claim)

    @rule(
        pick=st.randoms(use_true_random=False),
        exit_code=st.sampled_from([0, 0, 0, 1]),
        wants=st.sampled_from([0, 3]),
    )
    def finish(self, pick: object, exit_code: int, wants: int) -> None:
        """A job that runs has ended, and its place may have more."""
        running = [life.claim for life in self.server.book.in_place("running") if life.claim]
        if running:
            claim = pick.choice(running)  # type: ignore[attr-defined]
            self.old.append(claim)
            self.server.finish(claim, exit_code, wants)

    @rule(pick=st.randoms(use_true_random=False))
    def finish_late(self, pick: object) -> None:
        """Somebody tells again, or late, how an attempt ended."""
        if self.old:
            lives = self.server.book.lives
            others = [claim for claim in self.old if lives[claim.job].claim not in (None, claim)]
            claim = pick.choice(others or self.old)  # type: ignore[attr-defined]
            current = lives[claim.job].claim
            self.server.finish_again(claim)
            still = lives[claim.job].claim
            assert not counts(20) or current in (None, claim, still), "law 20: another attempt ended it"

    @rule(first=st.integers(1, 12), count=st.integers(1, 3))
    def cancel(self, first: int, count: int) -> None:
        """`goq kill` of numbers, some of which never were."""
        self.server.ask(CancelEach(tuple(JobId(first + at) for at in range(count)), 15, EVERYBODY))

    @rule(seconds=st.sampled_from([0.5, 3.0, LEASE_S]))
    def pass_time(self, seconds: float) -> None:
        """Backoffs end; who says nothing for a lease has lost what it had."""
        self.server.pass_time(seconds)

    @rule(what=changes, first=st.integers(1, 12), count=st.integers(1, 4))
    def change(self, what: What, first: int, count: int) -> None:
        """Somebody steers what waits, or kills."""
        jobs = Selector((Jobs(JobId(first), JobId(first + count)),))
        self.server.ask(Change(jobs, what, EVERYBODY))
        self.server.pass_time(STEP_S)

    @rule(name=limits, amount=st.sampled_from([0, 1, 2, None]))
    def limit(self, name: str, amount: int | None) -> None:
        """Somebody limits, drains, or gives more."""
        if name.startswith("weight:") and amount == 0:
            return
        self.server.ask(SetLimit(name, amount, "", EVERYBODY))

    @rule()
    def restart(self) -> None:
        """`kill -9` of the server, and a new one."""
        self.server.restart()


TestLaws = LawsMachine.TestCase
