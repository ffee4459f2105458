"""Runs a real cluster under random faults, and says whether a promise was broken.

One seed decides the schedule of the faults and the work. The only sleeps are those of that
schedule, and short looks while something is waited for.
"""

import heapq
import itertools
import json
import random
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faults.checker import Checker, Token, Window
from faults.machines import LEASE_S, Machine, Room

JOB = Path(__file__).with_name("job.sh")
WORKERS = 4
SUBMITTERS = 2
# How many of a hundred jobs take no time, up to 3 s, and up to 9 s: long ones outlive a lost lease.
LONG, SHORT = (40, 30, 30), (97, 2, 1)
BACKLOG_LIMIT = 400
_TRACEBACK = "Traceback (most recent call last)"
_LOOK_EVERY_S = 0.05


@dataclass
class Report:
    """What one run did and found."""

    seed: int
    faults: Counter[str]
    figures: dict[str, int]
    breaches: list[str]
    audit: str

    def text(self) -> str:
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        lines = [f"seed {self.seed}", f"faults {self.faults.total()}: {faults}", figures, self.audit]
        return "\n".join([*lines, *self.breaches[:50], f"breaches {len(self.breaches)}"])


class Submitter(threading.Thread):
    """Submits and kills jobs, each command again until it is answered."""

    def __init__(self, room: Room, seed: int, number: int, backlog: Callable[[], int]) -> None:
        super().__init__(name=f"submitter{number}", daemon=True)
        self.tokens: list[Token] = []
        self.complaints: list[str] = []
        self.retries = 0
        self.stopping = threading.Event()
        self._room = room
        self._backlog = backlog
        self._random = random.Random(f"{seed}-{number}")
        self._names = (f"token-{number}-{at:06d}-" for at in itertools.count())

    def run(self) -> None:
        while not self.stopping.is_set():
            if self._backlog() > BACKLOG_LIMIT:
                self.stopping.wait(_LOOK_EVERY_S)
            elif self._random.random() < 0.5:
                self._submit_lines()
            else:
                self._submit_one()

    def _token(self, *, requeue: bool) -> Token:
        lines = 30_000 if self._random.random() < 0.03 else self._random.choice((0, 0, 3))
        return Token(next(self._names), lines, requeue)

    def _words(self, token: Token, weights: tuple[int, int, int]) -> list[str]:
        longest_s = self._random.choices((0, 3, 9), weights)[0]
        seconds = f"{self._random.uniform(0.1, longest_s):.2f}" if longest_s else "0"
        mode = "child" if self._random.random() < 0.01 else "plain"
        log = str(self._room.logs / token.name)
        return ["sh", str(JOB), token.name, log, seconds, str(token.lines), mode]

    def _submit_one(self) -> None:
        token = self._token(requeue=self._random.random() < 0.7)
        options = ([] if token.requeue else ["--no-requeue"]) + (
            ["--spool"] if self._random.random() < 0.1 else []
        )
        said = self._insist("sub", *options, *self._words(token, LONG))
        self.tokens.append(token)
        found = re.search(r"submitted job (\d+) to server", said)
        token.job = int(found[1]) if found else -1
        if not found and "spooled" not in said:
            self.complaints.append(f"{token.name}: not acknowledged: {said}")
        if token.job > 0 and self._random.random() < 0.15:
            self._kill(token)

    def _submit_lines(self) -> None:
        tokens = [self._token(requeue=True) for _ in range(self._random.randint(20, 120))]
        lines = "\n".join(" ".join(self._words(token, SHORT)) for token in tokens)
        said = self._insist("sub", "lines@", "-", stdin=lines)
        self.tokens += tokens
        found = re.search(r"submitted \d+ jobs \[(\d+) : (\d+)\]", said)
        if not found or int(found[2]) - int(found[1]) + 1 != len(tokens):
            self.complaints.append(f"{tokens[0].name}: not acknowledged: {said}")
            return
        for job, token in enumerate(tokens, start=int(found[1])):
            token.job = job
        for token in self._random.sample(tokens, 1):
            self._kill(token)

    def _kill(self, token: Token) -> None:
        token.kill_asked = True
        said = self._insist("kill", *self._random.choice(([], ["--now"])), str(token.job))
        token.kill_acknowledged = "succeeded" in said

    def _insist(self, *words: str, stdin: str = "") -> str:
        """What the command says once a server has answered it."""
        deadline = time.monotonic() + 90
        while True:
            ended = self._room.goq(*words, stdin=stdin)
            said = ended.stdout + ended.stderr
            if ended.returncode not in (0, 1, 3) or _TRACEBACK in said:
                self.complaints.append(f"goq {words[:2]}: exit {ended.returncode}: {said}")
            if ended.returncode != 3 or time.monotonic() > deadline:
                return said
            self.retries += 1


class Driver:
    """Injects faults by a schedule, and mends each of them some time later."""

    def __init__(self, room: Room, seed: int, every_s: float) -> None:
        self._room = room
        self._every_s = every_s
        self._random = random.Random(seed)
        self._seed = seed
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._live = 0
        self._windows: list[Window] = []
        self._breaches: list[str] = []
        self.faults: Counter[str] = Counter()
        self._kinds: list[tuple[Callable[[], str], int]] = [
            (self._kill_server, 4),
            (self._kill_server_on_answer, 6),
            (self._kill_worker, 5),
            (self._kill_both, 2),
            (self._freeze_worker, 3),
            (self._freeze_tree, 2),
            (self._freeze_server, 2),
            (self._cut, 3),
            (self._lose_answer, 6),
            (self._late_answers, 3),
            (self._partition, 3),
            (self._delay, 3),
            (self._restart_server, 2),
            (self._terminate_worker, 3),
        ]

    # --- the run -------------------------------------------------------------------------

    def run(self, seconds: float) -> Report:
        room = self._room
        room.start()
        submitters = [Submitter(room, self._seed, at, lambda: self._live) for at in range(SUBMITTERS)]
        for submitter in submitters:
            submitter.start()
        self._inject(time.monotonic() + seconds)
        for submitter in submitters:
            submitter.stopping.set()
        self._mend()
        while any(submitter.is_alive() for submitter in submitters):
            self._step(_LOOK_EVERY_S)
        self._deliver_spooled()
        self._drain(60 + seconds / 5)
        return self._report(submitters)

    def _inject(self, until: float) -> None:
        kinds, weights = zip(*self._kinds, strict=True)
        while time.monotonic() < until:
            self._step(min(4 * self._every_s, self._random.expovariate(1 / self._every_s)))
            name = self._random.choices(kinds, weights)[0]()
            if name:
                self.faults[name] += 1

    def _step(self, seconds: float) -> None:
        """Let so much time pass, and do what is due in it."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            while self._agenda and self._agenda[0][0] <= now:
                heapq.heappop(self._agenda)[2]()
            self._watch()
            time.sleep(min(_LOOK_EVERY_S, max(0.0, until - time.monotonic())))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (time.monotonic() + seconds, next(self._order), act))

    def _watch(self) -> None:
        """See to those that leave, note those that should not have, and count the live jobs."""
        for machine in self._room.machines:
            if machine.state == "leaving" and machine.ended:
                machine.state = "down"
                self._later(self._random.uniform(0, 1), machine.start)
            elif machine.state == "up" and machine.ended:
                code = machine.process.returncode if machine.process else None
                self._breaches.append(
                    f"{machine.name} ended by itself, exit {code}: {machine.log.read_text()[-1500:]}"
                )
                machine.start()
        self._live = self._count_live()

    def _count_live(self) -> int:
        path = self._room.head / ".goq" / "journal.sqlite"
        try:
            db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            try:
                count: int = db.execute("SELECT count(*) FROM job WHERE live > 0").fetchone()[0]
            finally:
                db.close()
        except sqlite3.OperationalError:
            return self._live
        return count

    def _mend(self) -> None:
        """Bring all that is under a fault back."""
        self._room.proxy.heal()
        while self._agenda or any(machine.state != "up" for machine in self._room.machines):
            self._step(_LOOK_EVERY_S)

    def _deliver_spooled(self) -> None:
        outbox = self._room.folder / "home" / "outbox"
        deadline = time.monotonic() + 30
        while list(outbox.glob("*.zjob")) and time.monotonic() < deadline:
            self._step(_LOOK_EVERY_S)

    def _drain(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while self._count_live() and time.monotonic() < deadline:
            self._step(_LOOK_EVERY_S)

    def _report(self, submitters: list[Submitter]) -> Report:
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
        if left := room.left_over():
            self._breaches.append(f"processes live on: {left}")
        for machine in room.machines:
            if _TRACEBACK in machine.log.read_text("utf-8", "replace"):
                self._breaches.append(f"{machine.name} shows a traceback, in {machine.log}")
        tokens = [token for submitter in submitters for token in submitter.tokens]
        verdict = Checker(room.logs, room.head, self._windows).check(tokens)
        retries = {"retries of commands": sum(submitter.retries for submitter in submitters)}
        complaints = [text for submitter in submitters for text in submitter.complaints]
        said = f"audit exit {live.returncode} while serving, {resting.returncode} at rest"
        breaches = self._breaches + complaints + verdict.breaches
        return Report(self._seed, self.faults, verdict.figures | retries, breaches, said)

    # --- the faults; each gives its name, or "" where it does not fit now --------------------

    def _a_worker(self) -> Machine | None:
        up = [worker for worker in self._room.workers if worker.state == "up"]
        return self._random.choice(up) if up else None

    def _server(self) -> Machine | None:
        server = self._room.server
        return server if server.state == "up" else None

    def _kill(self, machine: Machine | None) -> str:
        if machine is None:
            return ""
        machine.kill()
        self._later(self._random.uniform(0, 1.5), machine.start)
        return f"kill -9 {'server' if machine is self._room.server else 'worker'}"

    def _kill_server(self) -> str:
        return self._kill(self._server())

    def _kill_server_on_answer(self) -> str:
        """At the worst moment: its word is out, and nothing after that is done."""
        server = self._server()
        if server is None or server.process is None:
            return ""
        server.state = "leaving"
        route = self._random.choice([*self._room.proxy.routes, self._room.proxy.routes[-1]])
        route.on_answer = server.process.kill
        self._later(2.0, server.process.kill)  # if none comes
        return "kill -9 server on its answer"

    def _kill_worker(self) -> str:
        return self._kill(self._a_worker())

    def _kill_both(self) -> str:
        return "kill -9 both" if self._kill(self._server()) and self._kill(self._a_worker()) else ""

    def _freeze(self, machine: Machine | None, seconds: float, *, tree: bool = False) -> bool:
        if machine is None:
            return False
        machine.freeze(tree=tree)
        self._later(seconds, machine.thaw)
        return True

    def _cut_off(self, worker: Machine, seconds: float) -> None:
        now_ns, up_s = time.time_ns(), time.clock_gettime(time.CLOCK_BOOTTIME)
        self._windows.append(Window(worker.pid, now_ns, now_ns + int(seconds * 1e9), up_s + seconds))

    def _freeze_worker(self, *, tree: bool = False) -> str:
        worker, seconds = self._a_worker(), LEASE_S * self._random.uniform(1.2, 2)
        if worker:
            self._cut_off(worker, seconds)
        return "SIGSTOP worker" if self._freeze(worker, seconds, tree=tree) else ""

    def _freeze_tree(self) -> str:
        return "SIGSTOP worker and its jobs" if self._freeze_worker(tree=True) else ""

    def _freeze_server(self) -> str:
        return "SIGSTOP server" if self._freeze(self._server(), self._random.uniform(0.5, 4)) else ""

    def _cut(self) -> str:
        for route in self._random.choice(
            (self._room.proxy.routes, [self._random.choice(self._room.proxy.routes)])
        ):
            route.cut = True
        return "connections cut"

    def _lose_answer(self) -> str:
        route = self._random.choice([*self._room.proxy.routes, *self._room.proxy.routes[-1:] * 4])
        route.lose_answer = True
        return "answer lost"

    def _late_answers(self) -> str:
        self._room.proxy.routes[-1].late_until = time.monotonic() + self._random.uniform(0.5, 3)
        return "answers late"

    def _partition(self) -> str:
        worker, seconds = self._a_worker(), LEASE_S * self._random.uniform(0.3, 2)
        if not worker:
            return ""
        self._cut_off(worker, seconds)
        self._room.route(worker).still_until = time.monotonic() + seconds
        return "partition"

    def _delay(self) -> str:
        route = self._random.choice(self._room.proxy.routes)
        route.slow_s = self._random.uniform(0.02, 0.4)
        route.slow_until = time.monotonic() + self._random.uniform(1, 3)
        return "delay"

    def _restart_server(self) -> str:
        return self._terminate(self._server())

    def _terminate_worker(self) -> str:
        return self._terminate(self._a_worker())

    def _terminate(self, machine: Machine | None) -> str:
        if machine is None:
            return ""
        machine.terminate()
        return f"SIGTERM {'server' if machine is self._room.server else 'worker'}"


def run(folder: Path, seed: int, seconds: float, every_s: float) -> Report:
    """One run in a folder of its own, a fault every so many seconds; nothing of it lives on."""
    room = Room(folder, WORKERS)
    try:
        report = Driver(room, seed, every_s).run(seconds)
    finally:
        room.close()
    (folder / "report.json").write_text(json.dumps(report.__dict__, indent=1))
    return report
