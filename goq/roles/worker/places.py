"""A place of a worker, with its shepherd and its spools: carries out what an agent says.

Decides nothing. What comes of an instruction, what shepherd and server say, the agent hears as events.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import assert_never

from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.jobs import executor
from goq.adapters.jobs.executor import Executor, Said, Withdrawn
from goq.adapters.jobs.outlets import Outlet
from goq.adapters.reasons import reason_of
from goq.core.messages import Answer, Done
from goq.core.values.job import Claim, Job
from goq.core.values.named import names_any
from goq.core.values.variables import variables_of
from goq.core.worker.agent import Agent
from goq.core.worker.conversation import Sampled
from goq.core.worker.events import (
    Collected,
    Connection,
    Delivered,
    Delivering,
    Event,
    Kept,
    Measured,
    NotStarted,
    ShepherdDied,
    Stopped,
    Tick,
    Unstarted,
)
from goq.core.worker.instructions import (
    Ask,
    Collect,
    Deliver,
    Direct,
    Drop,
    Finish,
    Forget,
    GiveUp,
    Halt,
    Instruction,
    Keep,
    Kill,
    Measure,
    Relaunch,
    Say,
    Start,
    Unkeep,
    Withdraw,
)
from goq.errors import BadSetting, CannotLaunch
from goq.roles.client.calls import Calls
from goq.roles.said import saying
from goq.roles.worker.delivery import Delivery, as_kept
from goq.roles.worker.endings import killed_before
from goq.roles.worker.larder import Larder
from goq.roles.worker.line import Line
from goq.roles.worker.run import Run, collected, outlets_of
from goq.roles.worker.taken import take_input, take_script

_TICK = Tick()


class Place:
    """One agent, and all that it needs to act."""

    def __init__(
        self,
        agent: Agent,
        line: Line,
        calls: Calls,
        executor: Executor,
        folder: SpoolFolder,
        larder: Larder,
        say: saying.Say,
        give_up: Callable[[str], None],
    ) -> None:
        self.agent = agent
        self.executor = executor
        self.has_shepherd = True  # and so there is something to wait for
        self._give_up = give_up
        self._line = line
        self._calls = calls
        self._folder = folder
        self._larder = larder
        self._say = say
        self._connected = False
        self._runs: dict[Claim, Run] = {}  # in the order of their starts
        self._held: deque[Claim] = deque()  # those that wait for what they are to read, and those behind them
        self._delivered: dict[Claim, Run] = {}  # those whose output goes apart
        self._kept: dict[Claim, Spool] = {}
        self._scratch: list[Spool] = []  # empty, for outputs to come

    # --- what the loop calls -------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Something has happened: do what the agent wants done about it."""
        self._tell_news()
        self._carry_out(event)
        self.executor.go()

    def hear(self, events: list[executor.Event]) -> None:
        """The shepherd has spoken; what it gets to do in turn it gets at once."""
        self._tell_news()
        for event in events:
            match event:
                case Stopped():
                    self._carry_out(event)
                case ShepherdDied():
                    self.has_shepherd = False
                    self._carry_out(event)
                case Withdrawn(numbers):
                    self._carry_out(Unstarted(self._claims(numbers) + self._behind()))
                case Said():
                    self._pass_on(event)
                case _:
                    assert_never(event)
        self.executor.go()

    def _pass_on(self, said: Said) -> None:
        """What prolog and epilog print belongs to the node's log, and not to the job's output."""
        of = f"{said.chore} of job {said.job}"
        for line in said.lines:
            self._say(f"{of}: {line}", "chore", chore=said.chore, job=said.job)
        if said.problem:
            self._say(
                f"{of}: {said.problem}", "chore trouble", chore=said.chore, job=said.job, problem=said.problem
            )

    def turn(self) -> None:
        """Do what is due."""
        self._tell_news()
        self._start_held()
        if time.monotonic() >= self.agent.next_deadline():
            self._carry_out(_TICK)
        self.executor.go()
        self.executor.insist()
        for run in list(self._delivered.values()):
            if run.delivery is not None:
                run.delivery.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        due_s = min(self.agent.next_deadline(), self.executor.insists_s)
        deliveries = (run.delivery for run in self._delivered.values())
        return min([due_s, *(each.next_deadline() for each in deliveries if each)])

    def keep_deliveries(self) -> None:
        """There is no time to wait for the server: leave long outputs to the next worker here."""
        for run in self._delivered.values():
            if run.delivery is not None:
                run.delivery.keep()

    def sample(self) -> Sampled | None:
        """What the job that is on has used, if it is known."""
        found = self.executor.sample()
        claims = self._claims([found[0]]) if found else ()
        if not found or not claims:
            return None
        return Sampled(claims[0], found[1].at_s, found[1].cpu_s, found[1].resident_kib)

    def close(self) -> None:
        """End the shepherd, and close all files where they are."""
        self.executor.close()
        for spool in (*self._scratch, *self._kept.values(), *(run.spool for run in self._runs.values())):
            spool.close()
        for run in self._runs.values():
            if run.err is not None:
                run.err.close()

    # --- events ----------------------------------------------------------------------------

    def _tell_news(self) -> None:
        """Tell what nobody else does: changes of the connection, and how far deliveries are."""
        if self._calls.connected is not self._connected:
            self._connected = self._calls.connected
            self._carry_out(Connection(self._connected))
        for run in list(self._delivered.values()):
            is_result = run.delivery is not None and run.delivery.is_reporting
            if is_result is not run.is_reporting:
                run.is_reporting = is_result
                self._carry_out(Delivering(run.claim, is_result))

    def _claims(self, numbers: list[int]) -> tuple[Claim, ...]:
        wanted = set(numbers)
        return tuple(run.claim for run in self._runs.values() if run.number in wanted)

    # --- instructions ----------------------------------------------------------------------

    def _carry_out(self, event: Event) -> None:
        now_s = time.monotonic()
        todo = self.agent.handle(event, now_s)
        for instruction in todo:  # which grows by what an answer brings
            answer = self._do(instruction)
            if answer is not None:
                todo += self.agent.handle(answer, now_s)

    def _do(self, instruction: Instruction) -> Event | None:
        """Carry out one instruction; what it is answered with, if with anything."""
        match instruction:
            case Say():
                self._say(instruction.text, instruction.event, **instruction.about)
            case Start():
                return self._start(instruction.claim, instruction.job)
            case Collect():
                return self._collect(instruction)
            case Forget():
                self._forget(instruction.claim)
            case Ask(number, question):
                self._line.ask(self.agent.worker.id, number, question)
            case Drop(number):
                self._line.drop(self.agent.worker.id, number)
            case Relaunch():
                return self._relaunch()
            case GiveUp(why):
                self._give_up(why)
            case Withdraw():
                self.executor.withdraw()
            case Kill(claim, number, grace_s):
                return self._kill(self._runs[claim], number, grace_s)
            case Direct(claim, paused, limit_s):
                self.executor.direct(self._runs[claim].number, limit_s, paused=paused)
            case Measure(claim):
                return Measured(claim, self._runs[claim].size())
            case Deliver(claim, every_s):
                self._deliver(self._runs[claim]).pace(every_s)
            case Finish(claim, result):
                self._deliver(self._runs[claim]).finish(result)
            case Halt(claim):
                self._halt(self._runs[claim])
            case Keep(done):
                return self._keep(done)
            case Unkeep(claim):
                self._kept.pop(claim).remove()
            case _:
                assert_never(instruction)
        return None

    def _relaunch(self) -> ShepherdDied | None:
        try:
            self.executor.relaunch()
        except CannotLaunch as error:
            return ShepherdDied(None, str(error))
        self.has_shepherd = True
        return None

    def _start(self, claim: Claim, job: Job) -> NotStarted | None:
        try:
            self._folder.check_room(time.monotonic())
            spool = self._empty_spool(claim)
        except (BadSetting, OSError) as error:
            return NotStarted(claim, reason_of(error))
        run = self._runs[claim] = Run(claim, job, spool)
        blobs = job.origin.blobs
        if blobs:
            self._larder.hold(claim, blobs)
        if self._held or not self._larder.is_settled(blobs):
            self._held.append(claim)
            return None
        return self._launch(run)

    def _start_held(self) -> None:
        """What was waited for may be here."""
        while self._held and self._larder.is_settled(self._runs[self._held[0]].job.origin.blobs):
            trouble = self._launch(self._runs[self._held.popleft()])
            if trouble:
                self._carry_out(trouble)

    def _launch(self, run: Run) -> NotStarted | None:
        """Have it started: all that it reads is here, or cannot be."""
        job, argv = run.job, run.job.argv
        origin, terms = job.origin, job.terms
        problem, stdin = self._larder.trouble(origin.blobs), terms.stdin.encode()
        if origin.blobs and not problem:
            try:
                argv = take_script(run, self._folder, self._larder) if origin.script else argv
                stdin = take_input(run, self._folder, self._larder) if origin.stdin else stdin
            except OSError as error:
                problem = f"cannot write what was taken along for the job: {error.strerror}"
        outlets: Path | tuple[Outlet, ...] = run.spool.path
        if names_any(terms) and not problem:
            try:
                outlets = outlets_of(run, self._folder, self.agent.worker.host)
            except BadSetting as error:
                problem = str(error)
        if problem:
            self._give_up_on(run)
            return NotStarted(run.claim, problem)
        extra = variables_of(job, shows_gpus=bool(self.agent.offer.gpus))
        where = (origin.folder, origin.environment, extra, outlets, origin.physical)
        how = (terms.umask, stdin, terms.bounds, job.grant.cpus)
        run.number = self.executor.start(argv, *where, *how, origin.owner, tuple(map(bytes, run.taken)))
        return None

    def _give_up_on(self, run: Run) -> None:
        """It was not started, and will not be."""
        del self._runs[run.claim]
        self._scratch.append(run.spool)
        self._clear_away(run)

    def _behind(self) -> tuple[Claim, ...]:
        """What is held behind the job that is on, which may itself be held."""
        return tuple(self._held)[0 if self.executor.has_jobs else 1 :]

    def _kill(self, run: Run, number: int, grace_s: float) -> Stopped | None:
        if run.number:
            self.executor.kill(run.number, number, grace_s)
            return None
        self._held.remove(run.claim)
        return killed_before(number, time.time_ns())

    def _clear_away(self, run: Run) -> None:
        """The files that were for this attempt."""
        for path in run.taken:
            path.unlink(missing_ok=True)
        if run.err is not None:
            run.err.remove()
        self._larder.let_go(run.claim, run.job.origin.blobs)

    def _empty_spool(self, claim: Claim) -> Spool:
        while self._scratch:
            spool = self._scratch.pop()
            if spool.is_there:
                return spool
            spool.close()
        return self._folder.scratch(f"{claim.worker}.{claim.job}.{claim.attempt}")

    def _collect(self, collect: Collect) -> Collected:
        return collected(self._runs.get(collect.claim), collect, self.agent.worker.host)

    def _deliver(self, run: Run) -> Delivery:
        if run.delivery is not None:
            return run.delivery
        with suppress(OSError):  # in a spool that is gone nobody will look for its name
            run.spool.own(run.claim)
            if run.err is not None:
                run.err.own(run.claim)
        on_end = partial(self._on_delivered, run.claim)
        run.delivery = Delivery(self._calls, run.claim, run.spool, on_end, err=run.err)
        self._delivered[run.claim] = run
        return run.delivery

    def _on_delivered(self, claim: Claim, answer: Answer) -> None:
        self._line.settled(claim)
        self.tell(Delivered(claim, answer))

    def _halt(self, run: Run) -> None:
        if run.delivery is not None:
            run.delivery.stop()

    def _forget(self, claim: Claim) -> None:
        run = self._runs.pop(claim, None)
        if run is None:
            return
        if run.claim in self._held:
            self._held.remove(run.claim)
        self._clear_away(run)
        if self._delivered.pop(run.claim, None):
            self._halt(run)
            run.spool.remove()
            return
        if not run.is_emptied:
            run.spool.clear()
        self._scratch.append(run.spool)

    def _keep(self, done: Done) -> Kept:
        try:
            self._kept[done.claim] = self._folder.keep(done.claim, done.result.output, as_kept(done))
        except OSError:
            return Kept(done.claim, is_on_disk=False)
        return Kept(done.claim, is_on_disk=True)
