"""Runs a real cluster under random faults, and says whether a promise was broken.

One seed decides the schedule of the faults and the work. The only sleeps are those of that
schedule, and short looks while something is waited for.
"""

import json
import random
import shutil
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from faults.checker import Checker
from faults.injector import Injector
from faults.machines import Machine
from faults.moments import Moments
from faults.profiles import Profile
from faults.room import Room
from faults.stays import LIMIT
from faults.submitter import TAG, TRACEBACK, Submitter

WORKERS = 4
_LOOK_EVERY_S = 0.05
_NOT_STARTED = (  # who may end at its start, with which words
    ("server", "No space left on device", "a server did not start on a full disk"),
    ("worker", "Read-only file system", "a worker did not start with a read-only spool"),
)
_WORK = 10  # so many jobs begun or ended show that the server is at work


@dataclass
class Report:
    """What one run did and found."""

    profile: str
    seed: int
    seconds: float
    faults: dict[str, int]
    left_out: list[str]
    figures: dict[str, int]
    breaches: list[str]
    audit: str

    @property
    def fault_count(self) -> int:
        return sum(self.faults.values())

    def text(self) -> str:
        faults = [f"  {count:5d}  {kind}" for kind, count in sorted(self.faults.items())]
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        return "\n".join(
            [
                f"{self.profile}, seed {self.seed}, {self.seconds:.0f} s",
                f"faults {self.fault_count}:",
                *faults,
                *(f"left out: {text}" for text in self.left_out),
                figures,
                self.audit,
                *self.breaches[:50],
                f"breaches {len(self.breaches)}",
            ]
        )


class Driver:
    """Injects faults by a schedule, sees to it that each is mended, and judges."""

    def __init__(self, room: Room, seed: int, profile: Profile) -> None:
        self._room = room
        self._seed = seed
        self._profile = profile
        self._random = random.Random(seed)
        self._injector = Injector(room, self._random)
        self._moments = Moments()
        self._live = self._last_work = 0
        self._breaches: list[str] = []
        self._faults: Counter[str] = Counter()

    # --- the run -------------------------------------------------------------------------

    def run(self) -> Report:
        room, began = self._room, time.monotonic()
        room.start()
        room.limit(f"tag:{TAG}", LIMIT)
        submitters = [
            Submitter(room, self._seed, at, self._profile.load, lambda: self._live)
            for at in range(self._profile.load.users)
        ]
        for submitter in submitters:
            submitter.start()
        self._inject()
        for submitter in submitters:
            submitter.stopping.set()
        self._mend()
        while any(submitter.is_alive() for submitter in submitters):
            self._step(_LOOK_EVERY_S)
        self._deliver_spooled()
        self._drain(60 + (time.monotonic() - began) / 5)
        return self._report(submitters, time.monotonic() - began)

    def _inject(self) -> None:
        profile = self._profile
        kinds, weights = zip(*profile.kinds(self._injector), strict=True)
        until = time.monotonic() + profile.seconds
        while time.monotonic() < until and self._faults.total() < profile.count:
            if profile.busy_from:
                self._await_work(until)
            self._step(profile.pause_s(self._random))
            at_ns = time.time_ns()
            name = self._random.choices(kinds, weights)[0]()
            if name:
                self._room.timeline.note("fault", name)
                self._faults[name] += 1
                self._moments.note(name, at_ns)

    def _await_work(self, until: float) -> None:
        """Wait until there is much to do, and the server has begun with it since the last fault."""
        while time.monotonic() < until:
            self._step(_LOOK_EVERY_S)
            done = self._room.last_work()
            if done >= self._last_work + _WORK and self._live >= self._profile.busy_from:
                self._last_work = done
                return

    def _step(self, seconds: float) -> None:
        """Let so much time pass, and do what is due in it."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            self._injector.agenda.do_due()
            self._watch()
            time.sleep(min(_LOOK_EVERY_S, max(0.0, until - now)))

    def _watch(self) -> None:
        """See to those that leave, note those that should not have, and count the live jobs."""
        for machine in self._room.machines:
            if machine.state == "leaving" and machine.ended:
                machine.state = "down"
                machine.note("has ended")
                self._start_again(machine)
            elif machine.state == "up" and machine.ended:
                self._note_end(machine)
        live = self._room.count_live()
        self._live = self._live if live is None else live

    def _start_again(self, machine: Machine) -> None:
        self._injector.agenda.later(self._random.uniform(0, self._profile.away_s), machine.start)

    def _note_end(self, machine: Machine) -> None:
        """It has ended by itself, which it may do only at its start, and for a disk that takes nothing."""
        machine.note("has ended by itself")
        said = machine.said()
        last = (said.splitlines() or [""])[-1]
        for name, words, fault in _NOT_STARTED:
            if machine.name.startswith(name) and words in last and not machine.has_begun:
                machine.state = "down"
                self._faults[fault] += 1
                self._start_again(machine)
                return
        code = machine.process.returncode if machine.process else None
        self._breaches.append(f"{machine.name} ended by itself, exit {code}: {said[-1500:]}")
        machine.start()

    def _mend(self) -> None:
        """Bring all that is under a fault back."""
        while self._injector.agenda or any(machine.state != "up" for machine in self._room.machines):
            self._step(_LOOK_EVERY_S)
        self._room.heal()

    def _deliver_spooled(self) -> None:
        deadline = time.monotonic() + 30
        while list(self._room.spool.glob("*/outbox/*.zjob")) and time.monotonic() < deadline:
            self._step(_LOOK_EVERY_S)

    def _drain(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while self._room.count_live() != 0 and time.monotonic() < deadline:
            self._step(_LOOK_EVERY_S)

    # --- the verdict -----------------------------------------------------------------------

    def _report(self, submitters: list[Submitter], seconds: float) -> Report:
        room = self._room
        audits = self._audit_and_stop()
        if left := room.left_over():
            self._breaches.append(f"processes live on: {left}")
        for machine in room.machines:
            if TRACEBACK in machine.log.read_text("utf-8", "replace"):
                self._breaches.append(f"{machine.name} shows a traceback, in {machine.log}")
        tokens = [token for submitter in submitters for token in submitter.tokens]
        skews = room.server.clock.skews if room.server.clock else []
        checker = Checker(room.logs, room.head, self._injector.windows, skews, room.server.stops)
        verdict = checker.check(tokens)
        figures = verdict.figures | {"retries of commands": sum(each.retries for each in submitters)}
        if self._profile.busy_from:
            figures |= self._moments.hits(room.journal)
        complaints = [text for submitter in submitters for text in submitter.complaints]
        return Report(
            profile=self._profile.name,
            seed=self._seed,
            seconds=seconds,
            faults=dict(self._faults),
            left_out=room.left_out if self._profile.name == "mixed" else [],
            figures=figures,
            breaches=self._breaches + complaints + verdict.breaches,
            audit=audits,
        )

    def _audit_and_stop(self) -> str:
        room = self._room
        live = room.audit()
        for machine in [*room.workers, room.server]:
            machine.terminate()
            if not machine.wait(20):
                self._breaches.append(f"{machine.name} does not leave when told to")
                machine.kill()
        resting = room.audit()
        for audit in (live, resting):
            if audit.returncode != 0:
                self._breaches.append(f"goq audit: exit {audit.returncode}\n{audit.stdout}{audit.stderr}")
        return f"audit exit {live.returncode} while serving, {resting.returncode} at rest"


def run(folder: Path, seed: int, profile: Profile) -> Report:
    """One run in a folder of its own; nothing of it lives on but, after a breach, what there is to read."""
    room = Room(folder, WORKERS)
    try:
        report = Driver(room, seed, profile).run()
        (folder / "report.json").write_text(json.dumps(asdict(report), indent=1))
        if report.breaches and room.disk:
            shutil.copytree(room.head, folder / "head-kept", ignore_dangling_symlinks=True)
    finally:
        room.close()
    return report
