"""Both halves of the protocol against each other, in long random histories.

The laws live in ledger.py and desk.py (the server's), place.py (a worker's) and world.py (what one
half may rely on of the other). Here is only what can happen.
"""

import sys
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from place import Played
from world import Site, World

from goq.core.board import hands
from goq.core.state import state
from goq.core.values.ids import JobId
from goq.core.values.result import FOLDER_TROUBLE, NODE_TROUBLE, SIGKILL, SIGTERM
from goq.core.values.terms import Terms
from goq.core.worker import attempts

pytestmark = pytest.mark.timeout(3600)  # the long profile's

PICKS = st.integers(0, 1000)
SIGNALS = st.sampled_from([SIGTERM, 2, SIGKILL])
SECONDS = st.sampled_from([0.02, 0.06, 0.3, 1.2, 6.0, 16.0])
LIMITS = [(state, "RECENT_FINISHED", 4), (hands, "HAND_LIMIT", 6), (attempts, "SHEPHERD_JOBS", 3)]


class WorkerMachine(RuleBasedStateMachine):
    """Submitters, killers, workers, an unreliable network, and mortals on both ends of it."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        for module, name, limit in LIMITS:
            self.patch.setattr(module, name, limit)
        self.world = World()

    def teardown(self) -> None:
        """Whatever happened: with a network that is healed every job ends, and nothing was lost."""
        try:
            if sys.exc_info()[0] is None:  # else a law is broken already
                self.world.settle()
        finally:
            self.patch.undo()

    @property
    def sites(self) -> list[Site]:
        return self.world.sites

    @property
    def places(self) -> list[Played]:
        return [place for site in self.sites for place in site.places]

    @property
    def running(self) -> list[Played]:
        return [place for place in self.places if place.runs]

    # --- people --------------------------------------------------------------------------------

    @initialize(counts=st.lists(st.integers(1, 3), min_size=1, max_size=2), jobs=st.integers(0, 12))
    def begin(self, counts: list[int], jobs: int) -> None:
        """Some workers, and mostly something to do."""
        for count in counts:
            self.world.join(count)
        if jobs:
            self.world.submit(jobs, Terms())
        self.world.flow()

    @rule(count=st.integers(1, 9), requeue=st.sampled_from([True, True, True, False]))
    def submit(self, count: int, requeue: bool) -> None:
        """`goq sub`."""
        self.world.submit(count, Terms(requeue=requeue))

    @precondition(lambda self: self.world.loop.ledger.lives)
    @rule(pick=PICKS, signal=SIGNALS)
    def cancel(self, pick: int, signal: int) -> None:
        """`goq kill`, mostly of a job that runs."""
        ledger = self.world.loop.ledger
        jobs = ledger.running if ledger.running and pick % 4 else list(ledger.lives)
        self.world.cancel(JobId(jobs[pick % len(jobs)]), signal)

    # --- jobs and shepherds --------------------------------------------------------------------

    @precondition(lambda self: self.running)
    @rule(
        pick=PICKS,
        count=st.integers(1, 4),
        code=st.integers(0, 1),
        signal=st.sampled_from([0, 0, 0, SIGTERM]),
        heard=st.booleans(),
    )
    def end(self, pick: int, count: int, code: int, signal: int, heard: bool) -> None:
        """Jobs end, one after the other."""
        place = self.running[pick % len(self.running)]
        for _ in range(count):
            if place.runs:
                place.end(code, signal)
        if heard:
            self.turn()

    @rule(rounds=st.integers(1, 30))
    def work(self, rounds: int) -> None:
        """Short jobs end as fast as they can be given, and all goes well."""
        for _ in range(rounds):
            for place in self.running:
                place.now_s = self.world.now_s
                place.end()
            self.world.pass_time(0.016, flowing=True)

    @precondition(lambda self: any(place.runs and place.runs[0].signals for place in self.places))
    @rule()
    def be_killed(self) -> None:
        """Jobs that were sent a signal end by it."""
        for place in self.running:
            if place.runs[0].signals:
                place.now_s = self.world.now_s
                place.end(signal=place.runs[0].signals[-1])

    @precondition(lambda self: self.places)
    @rule(pick=PICKS, unread=st.booleans())
    def lose_shepherd(self, pick: int, unread: bool) -> None:
        """`kill -9` of a shepherd, maybe before it has come to its job."""
        self.places[pick % len(self.places)].die(unread=unread)

    @precondition(lambda self: self.running)
    @rule(pick=PICKS, trouble=st.sampled_from([FOLDER_TROUBLE, NODE_TROUBLE]))
    def fail(self, pick: int, trouble: str) -> None:
        """A job cannot be started on that host."""
        place = self.running[pick % len(self.running)]
        if not place.runs[0].signals and place.runs[0].begun_s == self.world.now_s:
            place.fail(trouble, "no luck")

    @rule(has_output=st.booleans(), is_long=st.booleans(), full=st.booleans())
    def write(self, has_output: bool, is_long: bool, full: bool) -> None:
        """From now on jobs write so much, and the disks of workers are full or not."""
        for place in self.places:
            place.has_output, place.is_long, place.disk_is_full = has_output, is_long, full

    @rule(no_spool=st.booleans(), no_launches=st.booleans())
    def fall_ill(self, no_spool: bool, no_launches: bool) -> None:
        """From now on hosts have no room for an output, or for a shepherd; or they have again."""
        for place in self.places:
            place.spool_is_broken, place.no_launches = no_spool, no_launches

    # --- the network ---------------------------------------------------------------------------

    @rule()
    def flow(self) -> None:
        """All that is on its way arrives."""
        self.world.flow()

    @precondition(lambda self: self.world.up)
    @rule(pick=PICKS, keep=st.booleans())
    def deliver(self, pick: int, keep: bool) -> None:
        """A question arrives, before older ones or after; maybe not for the last time."""
        self.world.deliver(pick % len(self.world.up), keep=keep)

    @precondition(lambda self: self.world.up)
    @rule(pick=PICKS)
    def be_asked_as_another_queue(self, pick: int) -> None:
        """A server in the wrong folder is at the address, and says the worst; nobody obeys it."""
        self.world.usurp(pick % len(self.world.up))

    @precondition(lambda self: self.world.down)
    @rule(pick=PICKS, keep=st.booleans())
    def bring(self, pick: int, keep: bool) -> None:
        """An answer arrives."""
        self.world.bring(pick % len(self.world.down), keep=keep)

    @precondition(lambda self: self.world.up or self.world.down)
    @rule(pick=PICKS, count=st.integers(1, 4))
    def lose(self, pick: int, count: int) -> None:
        """Something on its way is lost."""
        for _ in range(count):
            for letters in (self.world.up, self.world.down):
                if letters:
                    letters.pop(pick % len(letters))

    @precondition(lambda self: self.sites)
    @rule(pick=PICKS, is_up=st.booleans())
    def connect(self, pick: int, is_up: bool) -> None:
        """A connection breaks, or is made anew."""
        site = self.sites[pick % len(self.sites)]
        if is_up:
            site.connect(is_up=True)
        elif site.is_up:
            self.world.cut(site)

    # --- workers -------------------------------------------------------------------------------

    @precondition(lambda self: len(self.sites) < 3)
    @rule(places=st.integers(1, 3))
    def join(self, places: int) -> None:
        """`goq work forever`, which may inherit."""
        self.world.join(places)
        for report in self.world.left:
            self.sites[-1].inherit(report)
        self.world.left.clear()

    @precondition(lambda self: self.sites)
    @rule(pick=PICKS, how=st.sampled_from(["stop", "stop", "crash", "close"]))
    def leave(self, pick: int, how: str) -> None:
        """A worker is told to stop, is killed, or has had no time."""
        site = self.sites[pick % len(self.sites)]
        ways: dict[str, Callable[[Site], None]] = {
            "stop": self.world.stop,
            "crash": self.world.crash,
            "close": self.world.close,
        }
        ways[how](site)

    @rule()
    def turn(self) -> None:
        """The workers' loops turn; who is done goes."""
        for site in list(self.sites):
            site.turn()
            if site.is_gone:
                self.world.close(site)

    # --- time and death --------------------------------------------------------------------------

    @rule(seconds=SECONDS, flowing=st.booleans())
    def pass_time(self, seconds: float, flowing: bool) -> None:
        """Time passes."""
        self.world.pass_time(seconds, flowing=flowing)

    @precondition(lambda self: self.sites)
    @rule(pick=PICKS, seconds=SECONDS)
    def freeze(self, pick: int, seconds: float) -> None:
        """A worker process is stopped for a while."""
        self.world.pass_time(seconds, frozen=self.sites[pick % len(self.sites)])

    @rule(downtime_s=st.sampled_from([0.0, 2.0, 30.0]))
    def restart(self, downtime_s: float) -> None:
        """`kill -9` of the server, and a new one."""
        self.world.restart(downtime_s)


TestWorkerMachine = WorkerMachine.TestCase
# A step here is many turns, and both halves are judged in each.
TestWorkerMachine.settings = settings(max_examples=settings().max_examples // 3)
