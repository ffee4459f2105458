"""A place of a worker, with its shepherd and its spools: carries out what an agent says.

Decides nothing. What comes of an instruction, what the shepherd says and what the server answers
is told to the agent as events.
"""

import hashlib
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.jobs import executor
from goq.adapters.jobs.executor import Executor, Said, Withdrawn
from goq.core.messages import Answer, Report
from goq.core.values.job import Claim, Job
from goq.core.values.result import INLINE_OUTPUT_BYTES, Result
from goq.core.values.script import command_for
from goq.core.values.variables import variables_of
from goq.core.worker.agent import Agent
from goq.core.worker.events import (
    Answered,
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
from goq.core.worker.rules import NEVER
from goq.errors import BadSetting, CannotLaunch
from goq.roles.client.calls import Call, Calls
from goq.roles.said import saying
from goq.roles.worker.delivery import Delivery, as_kept

_TICK = Tick()


class Run(Struct):
    """What there is of an attempt outside the core. `number` is the executor's."""

    claim: Claim
    number: int
    spool: Spool
    script: Path | None = None  # the file of it, if one was taken along
    is_emptied: bool = False  # the spool: what was in it went with the result
    delivery: Delivery | None = None
    is_reporting: bool = False  # as the agent has heard


class Place:
    """One agent, and all that it needs to act."""

    def __init__(
        self,
        agent: Agent,
        calls: Calls,
        executor: Executor,
        folder: SpoolFolder,
        say: saying.Say,
        give_up: Callable[[str], None],
    ) -> None:
        self.agent = agent
        self.executor = executor
        self.has_shepherd = True  # and so there is something to wait for
        self._give_up = give_up
        self._calls = calls
        self._folder = folder
        self._say = say
        self._connected = False
        self._open: dict[int, Call] = {}
        self._runs: dict[Claim, Run] = {}  # in the order of their starts
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
                    self._carry_out(Unstarted(self._claims(numbers)))
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
        if time.monotonic() >= self.agent.next_deadline():
            self._carry_out(_TICK)
        self.executor.go()
        for run in list(self._delivered.values()):
            if run.delivery is not None:
                run.delivery.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        due_s = self.agent.next_deadline()
        for run in self._delivered.values():
            due_s = min(due_s, run.delivery.next_deadline() if run.delivery else NEVER)
        return due_s

    def keep_deliveries(self) -> None:
        """There is no time to wait for the server: leave long outputs to the next worker here."""
        for run in self._delivered.values():
            if run.delivery is not None:
                run.delivery.keep()

    def close(self) -> None:
        """End the shepherd, and close all files where they are."""
        self.executor.close()
        for spool in (*self._scratch, *self._kept.values(), *(run.spool for run in self._runs.values())):
            spool.close()

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

    def _on_answer(self, number: int, answer: Answer) -> None:
        self._open.pop(number, None)
        self.tell(Answered(number, answer))

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
            case Ask(number, question, resend_s, wanted):
                on_answer = partial(self._on_answer, number)
                self._open[number] = self._calls.ask(question, on_answer, resend_s=resend_s, wanted=wanted)
            case Drop(number):
                self._calls.cancel(self._open.pop(number))
            case Relaunch():
                return self._relaunch()
            case GiveUp(why):
                self._give_up(why)
            case Withdraw():
                self.executor.withdraw()
            case Kill(claim, number, grace_s):
                self.executor.kill(self._runs[claim].number, number, grace_s)
            case Direct(claim, paused, limit_s):
                self.executor.direct(self._runs[claim].number, limit_s, paused=paused)
            case Measure(claim):
                return Measured(claim, self._runs[claim].spool.size())
            case Deliver(claim):
                self._deliver(self._runs[claim])
            case Finish(claim, result):
                run = self._runs[claim]
                (run.delivery or self._deliver(run)).finish(result)
            case Halt(claim):
                self._halt(self._runs[claim])
            case Keep(report):
                return self._keep(report)
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
            return NotStarted(claim, str(error))
        argv, script = job.argv, None
        if job.origin.script:
            try:
                script = self._folder.put_script(claim, job.origin.script)
            except OSError as error:
                self._scratch.append(spool)
                return NotStarted(claim, f"cannot write the job's script: {error.strerror}")
            argv = command_for(argv, job.origin.script, bytes(script))
        origin, extra = job.origin, variables_of(job, shows_gpus=bool(self.agent.offer.gpus))
        where = (origin.folder, origin.environment, extra, spool.path, origin.physical)
        terms = job.terms
        how = (terms.umask, terms.stdin.encode(), terms.bounds, job.grant.cpus)
        number = self.executor.start(argv, *where, *how)
        self._runs[claim] = Run(claim, number, spool, script)
        return None

    def _empty_spool(self, claim: Claim) -> Spool:
        while self._scratch:
            spool = self._scratch.pop()
            if spool.is_there:
                return spool
            spool.close()
        return self._folder.scratch(f"{claim.worker}.{claim.job}.{claim.attempt}")

    def _collect(self, collect: Collect) -> Collected:
        run, line = self._runs.get(collect.claim), epitaph(collect)
        if run is None:
            result = _result(collect.how, self.agent.worker.host, os.fsencode(line) + b"\n")
            return Collected(collect.claim, result, is_long=False)
        is_there = not line or run.spool.add_line(line)
        output = None if run.delivery else run.spool.take(INLINE_OUTPUT_BYTES)
        run.is_emptied = output is not None
        if output is not None and not is_there:  # on the disk; what is short takes another way from here
            output += b"\n" * (output[-1:] not in (b"", b"\n")) + os.fsencode(line) + b"\n"
        result = _result(collect.how, self.agent.worker.host, output or b"")
        return Collected(run.claim, result, is_long=output is None)

    def _deliver(self, run: Run) -> Delivery:
        with suppress(OSError):  # in a spool that is gone nobody will look for its name
            run.spool.own(run.claim)
        run.delivery = Delivery(self._calls, run.claim, run.spool, partial(self._on_delivered, run.claim))
        self._delivered[run.claim] = run
        return run.delivery

    def _on_delivered(self, claim: Claim, answer: Answer) -> None:
        self.tell(Delivered(claim, answer))

    def _halt(self, run: Run) -> None:
        if run.delivery is not None:
            run.delivery.stop()

    def _forget(self, claim: Claim) -> None:
        run = self._runs.pop(claim, None)
        if run is None:
            return
        if run.script is not None:
            run.script.unlink(missing_ok=True)
        if self._delivered.pop(run.claim, None):
            self._halt(run)
            run.spool.remove()
            return
        if not run.is_emptied:
            run.spool.clear()
        self._scratch.append(run.spool)

    def _keep(self, report: Report) -> Kept:
        try:
            self._kept[report.claim] = self._folder.keep(report.claim, report.result.output, as_kept(report))
        except OSError:
            return Kept(report.claim, is_on_disk=False)
        return Kept(report.claim, is_on_disk=True)


def epitaph(collect: Collect) -> str:
    """The line that goes under the output of a job that did not end well; "" for one that did."""
    how = collect.how
    if how.problem:
        words = how.problem
    elif collect.told:
        words = f"cancelled, ended by {_signal_name(how.signal)}" if how.signal else "cancelled"
    elif how.signal:
        words = f"ended by {_signal_name(how.signal)}"
    elif how.exit_code:
        words = f"exit status {how.exit_code}"
    else:
        return ""
    return f"goq: {collect.name}: {words}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _result(how: Stopped, host: str, output: bytes) -> Result:
    """How the attempt ended, with an output that is short."""
    return Result(
        exit_code=how.exit_code,
        signal=how.signal,
        problem=how.problem,
        host=host,
        pid=how.pid,
        started_ns=how.started_ns,
        ended_ns=how.ended_ns,
        cpu_s=how.cpu_s,
        peak_kib=how.peak_kib,
        output=output,
        output_length=len(output),
        output_sha256=hashlib.sha256(output).digest(),
        cause=how.cause,
    )
