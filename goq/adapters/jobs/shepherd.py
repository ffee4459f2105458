"""The shepherd: a small process between a worker and the processes of its one job at a time.

It starts the job, takes what the job writes out of a pipe and into the spool, is told to kill it,
and reports the end only when no process of the job is left: as a subreaper it is the parent of
whatever the job leaves behind. Jobs that are to follow wait here, and may be withdrawn. When its
worker dies the link closes, and the shepherd kills everything below it.

Worker to shepherd: ("grace", seconds) for jobs that nobody asked to be killed,
                    ("owners", whether root's too) first of all, where each job is to run as its owner,
                    ("chores", prolog, epilog, seconds) of each job, ("epilog", more variables, status,
                    owner) of one whose shepherd has died,
                    ("scratch", path) of the folder that is the TMPDIR of each job in turn; of owners each has
                    one beside it,
                    ("environment", variables), of the jobs from now on,
                    ("start", number, argv, folder, physical folder, umask, stdin, bounds, cpus, more
                    variables, outlets, owner, files that are to be his), numbers growing,
                    ("kill", number, signal, grace_s), ("direct", number, paused, time limit),
                    ("withdraw",) what has not started, ("sign",) whether it is awake.
Shepherd to worker: ("ended", pid, started_ns, exit_code, signal, problem, ended_ns, cpu_s, peak_kib,
                    trouble, cause), the last ones only if there is anything to say of them,
                    for each job in order, ("withdrawn", numbers) of what never will start,
                    ("doomed", ...) as "ended", if we end before we can say more,
                    ("said", prolog or epilog, job, lines, problem),
                    ("here",) that it is awake.

A job that is forking when it is to be killed may do so faster than its processes can be looked up:
it goes with all that is in the shepherd's own cgroup, if it has one. The shepherd is doomed then,
and says so before.
"""

import os
import select
import signal
import time
from collections import deque

from goq.adapters.jobs.bounds import Watch
from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.chores import Chores, Housekeeper
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.link import Link, Message
from goq.adapters.jobs.mark import Mark
from goq.adapters.jobs.owners import Owners
from goq.adapters.jobs.processes import (
    descendants,
    keep_from_users,
    listeners,
    names_of,
    signal_all,
    signal_descendants,
)
from goq.adapters.jobs.reaper import Reaper
from goq.adapters.jobs.running import (
    NAMES_KEPT,
    NEVER,
    Running,
    Verdict,
    Waiting,
    killed,
    status_of,
    unstarted,
)
from goq.adapters.jobs.spawning import CannotStart, leave
from goq.adapters.jobs.starting import Starter
from goq.adapters.jobs.use import Seen, note_use
from goq.core.values.result import MEMORY
from goq.core.worker.rules import STALE_S

LEFTOVER_GRACE_S = 2.0
_KILL_AGAIN_S = 0.05
_LONGEST_NAP_S = 3600.0  # poll(2) knows no months
_Environment = dict[bytes, bytes]


class Shepherd:
    """One job at a time: start it, kill it, see to its last process, report."""

    def __init__(self, link: Link, mark: Mark, cgroup: JobCgroup | None, group: int) -> None:
        self._link = link
        self._mark = mark
        self._starter = Starter(group)
        self._poll = select.poll()
        self._cgroup = cgroup
        self._reaper = Reaper(cgroup)
        self._keeper = Housekeeper(link, self._poll, self._reaper, group)
        self._grace_s = LEFTOVER_GRACE_S
        self._waiting: deque[Waiting] = deque()
        self._job: Running | None = None
        self._listens: set[int] = set()  # the pipes of what the job writes that are listened to
        self._wanted: tuple[int, float, bool] | None = None  # of a job that has its prolog

    def run(self, child_ended: int) -> None:
        """Serve the worker until it is gone; `child_ended` is readable when a child has ended."""
        self._poll.register(self._link, select.POLLIN)
        self._poll.register(child_ended, select.POLLIN)
        link = self._link.fileno()
        while not self._link.closed:
            ready = self._wait(child_ended)
            if link in ready:
                for message in self._link.receive():
                    self._obey(message)
            if self._job and (self._listens or time.monotonic() >= self._job.look_at_s):
                self._look(self._job, ready)
            if self._job and (child_ended in ready or self._reaper.has_more or self._job.is_due()):
                self._watch(self._job)
            elif self._keeper.chore:
                self._attend(ready)
        self._leave(child_ended)
        self._starter.leave()

    def _wait(self, child_ended: int) -> set[int]:
        """Sleep until something is due or there; what is readable."""
        ready = {fileno for fileno, _ in self._poll.poll(self._patience_ms())}
        if child_ended in ready:
            os.read(child_ended, 4096)
        return ready

    def _patience_ms(self) -> float | None:
        if self._reaper.has_more:
            return 0
        due_s = min(self._job.due_s, self._job.look_at_s) if self._job else self._keeper.due_s
        return None if due_s == NEVER else min(max(0.0, due_s - time.monotonic()), _LONGEST_NAP_S) * 1000 + 1

    def _obey(self, message: Message) -> None:
        match message:
            case (
                "start",
                number,
                argv,
                folder,
                physical,
                umask,
                stdin,
                bounds,
                cpus,
                more,
                output,
                owner,
                own,
            ):
                what, how = (number, argv, folder, physical), (umask, stdin, bounds, cpus)
                variables = self._starter.environments(more, owner)
                self._waiting.append(Waiting(*what, *how, *variables, output, time.monotonic(), owner, own))
                self._go_on()
            case ("environment", variables):
                self._starter.use(variables)
            case ("owners", allow_root):
                keep_from_users()
                self._starter.owners = Owners(allow_root=allow_root)
            case ("scratch", path):
                self._starter.use_scratch(path)
            case ("kill", number, signal_number, grace_s):
                self._obey_kill(number, signal_number, grace_s)
            case ("direct", number, paused, limit_s):
                self._direct(number, limit_s, paused=paused)
            case ("withdraw",):
                self._withdraw()
            case ("grace", seconds):
                self._grace_s = seconds
            case ("chores", *chores):
                self._keeper.chores = Chores(*chores)
                self._starter.has_chores = True
            case ("epilog", more, status, owner):
                self._keeper.begin_epilog(self._starter.around(more, owner), status)
            case ("sign",):
                self._link.send(("here",))

    def _obey_kill(self, number: int, signal_number: int, grace_s: float) -> None:
        """The end of that job is wanted, which may be over by now."""
        if self._job and number == self._job.number:
            self._kill(self._job, signal_number, grace_s)
        elif (chore := self._keeper.chore) and chore.job and number == chore.job.number:
            chore.kill(signal_number, grace_s)

    def _direct(self, number: int, limit_s: float, *, paused: bool) -> None:
        """That is wanted of the job, which may be over by now, or have its prolog."""
        if chore := self._keeper.chore:
            if chore.job and number == chore.job.number:
                self._wanted = (number, limit_s, paused)
            return
        job = self._job
        if job is None or number != job.number or job.kill_at_s != NEVER:
            return
        now_s = time.monotonic()
        job.watch = job.watch or Watch((), job.started_s)
        job.watch.allow(limit_s)
        if paused != job.pause.is_on:
            job.pause.turn(now_s, on=paused)
            (job.watch.pause if paused else job.watch.go_on)(now_s)

    # --- starting ------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Start the next job if none is on; one that cannot be started has ended at once."""
        while self._waiting and not self._job and not self._keeper.chore:
            if time.monotonic() - self._waiting[0].since_s > STALE_S:
                self._withdraw()
            else:
                self._prepare(self._waiting.popleft())
        if not (self._job or self._keeper.chore):  # who comes next at once has his TMPDIR emptied
            self._starter.clear()

    def _withdraw(self) -> None:
        self._link.send(("withdrawn", [job.number for job in self._waiting]))
        self._waiting.clear()

    def _prepare(self, job: Waiting) -> None:
        """Begin the prolog if there is one, else the job."""
        self._mark.set(job.number)
        try:
            self._starter.settle(job)
        except CannotStart as error:
            self._tell_end(unstarted(error, time.time_ns()))
            return
        try:
            if self._keeper.chores.prolog:
                self._starter.be_ready()
                self._keeper.begin_prolog(job)
                return
        except CannotStart as error:
            self._conclude(job.around, unstarted(error, time.time_ns()))
            return
        self._start(job)

    def _start(self, job: Waiting) -> None:
        at_ns, limit = time.time_ns(), job.bounds[3] if job.bounds else 0
        memory = self._cgroup.bound(limit) if self._cgroup and limit else None
        try:
            drains, root = self._starter.start(job, memory)
        except CannotStart as error:
            if memory:
                memory.remove()
            self._conclude(job.around, unstarted(error, at_ns))
        else:
            self._mark.set(job.number, root, at_ns)
            now_s = time.monotonic()
            self._job = Running(job.number, job.around, drains, root, at_ns, now_s, memory=memory)
            if job.bounds:
                bounds = (*job.bounds[:3], 0 if memory else limit)
                self._job.watch = Watch(bounds, now_s)
            if self._wanted and self._wanted[0] == job.number:
                self._direct(*self._wanted[:2], paused=self._wanted[2])
        if not self._waiting:
            leave()

    # --- what it writes ------------------------------------------------------------------------

    def _look(self, job: Running, ready: set[int]) -> None:
        now_s = time.monotonic()
        for drain in job.drains:
            if drain.fileno() in ready if drain.fileno() in self._listens else now_s >= drain.look_at_s:
                drain.look(now_s)
                self._listen(drain, drain.look_at_s == NEVER)
        if job.kill_at_s == NEVER and job.trouble:
            self._kill(job, signal.SIGTERM, self._grace_s)

    def _listen(self, drain: Drain, wanted: bool) -> None:
        pipe = drain.fileno()
        if wanted and pipe not in self._listens:
            self._poll.register(pipe, select.POLLIN)
            self._listens.add(pipe)
        elif not wanted and pipe in self._listens:
            self._poll.unregister(pipe)
            self._listens.discard(pipe)

    # --- ending --------------------------------------------------------------------------------

    def _kill(self, job: Running, number: int, grace_s: float) -> None:
        if number == signal.SIGKILL:
            self._strike(job)
            return
        signal_descendants(number)
        if job.pause.is_on:  # what is stopped hears nothing
            job.pause.turn(time.monotonic(), on=False)
        job.kill_at_s = min(job.kill_at_s, time.monotonic() + grace_s)

    def _watch(self, job: Running) -> None:
        """Reap what has ended, and kill what is due."""
        if time.monotonic() >= job.kill_at_s:
            self._strike(job)
        if not self._reaper.reap(job):
            self._report(job)
            self._go_on()
            return
        if job.kill_at_s != NEVER:
            return
        job.pause.look(time.monotonic())
        if job.exit is not None:
            self._end_what_is_left(job)
        else:
            self._see(job)

    def _see(self, job: Running) -> None:
        """See what it uses, and what bounds it, if that is due: nobody wants to end it so far."""
        now_s, seen = time.monotonic(), Seen(descendants)
        if job.watch and now_s >= job.watch.due_s:
            self._bound(job, job.watch, now_s, seen)
        if job.overrun is None:
            note_use(job, self._mark, now_s, seen)

    def _bound(self, job: Running, watch: Watch, now_s: float, seen: Seen) -> None:
        if number := watch.take_warning(now_s):
            signal_all(listeners(seen(), number), number)
        job.overrun = watch.overrun(now_s, seen)
        if job.overrun is None:
            return
        if job.overrun.cause == MEMORY:  # it would have more and more in its grace
            self._strike(job)
        else:
            self._kill(job, signal.SIGTERM, self._grace_s)

    def _end_what_is_left(self, job: Running) -> None:
        """Nothing of it may disturb the next job; who started it is told."""
        found = descendants()
        job.left = names_of(found[:NAMES_KEPT])
        signal_all(found, signal.SIGTERM)
        job.kill_at_s = time.monotonic() + LEFTOVER_GRACE_S

    def _strike(self, job: Running) -> None:
        """SIGKILL to the job; where that may not be enough, to all that is in our cgroup."""
        if self._reaper.is_outrun():
            for drain in job.drains:
                drain.look(time.monotonic())
            self._link.send(("doomed", *self._verdict(job)))
            self._reaper.fall()
        found = descendants()
        if job.left is not None and len(job.left) < NAMES_KEPT:
            job.left |= names_of(found[:NAMES_KEPT])
        signal_all(found, signal.SIGKILL)
        # A process may have forked between the look and the kill: look again soon.
        job.kill_at_s = time.monotonic() + _KILL_AGAIN_S

    def _report(self, job: Running) -> None:
        for drain in job.drains:
            self._listen(drain, False)
        job.settle()
        job.finish()
        self._job = None
        self._conclude(job.around, self._verdict(job))

    def _conclude(self, around: _Environment, verdict: Verdict) -> None:
        """The job is over, or was never begun: begin the epilog if there is one, else tell the end."""
        if self._keeper.chores.epilog:
            self._link.send(("doomed", *verdict))
            if self._keeper.begin_epilog(around, status_of(verdict), verdict):
                return
        self._tell_end(verdict)

    def _tell_end(self, verdict: Verdict) -> None:
        if verdict:
            self._link.send(("ended", *verdict))

    def _verdict(self, job: Running) -> Verdict:
        return job.verdict(self._reaper.peak_kib(job))

    # --- before and after ------------------------------------------------------------------------

    def _attend(self, ready: set[int]) -> None:
        """See to a prolog or an epilog; go on with what it was for."""
        ended = self._keeper.attend(ready)
        if ended is None:
            return
        chore, trouble = ended
        if chore.job is None:
            self._tell_end(chore.verdict)
        elif chore.killed_by:
            self._conclude(chore.around, killed(chore.killed_by, time.time_ns()))
        elif trouble:
            self._conclude(chore.around, unstarted(trouble, time.time_ns()))
        else:
            self._start(chore.job)
        self._go_on()

    def _leave(self, child_ended: int) -> None:
        """The worker is gone: nothing of its job may live on, but for what the node does after it."""
        on = self._job or self._keeper.chore
        if self._job:
            for drain in self._job.drains:
                self._listen(drain, False)
        self._poll.unregister(self._link)
        self._waiting.clear()
        self._job = None
        self._keeper.drop()
        self._reaper.exterminate()
        if on and self._keeper.chores.epilog:
            self._keeper.begin_epilog(on.around, 128 + signal.SIGKILL)
        while self._keeper.chore:
            self._attend(self._wait(child_ended))


def _do_nothing(_number: int, _frame: object) -> None:
    """Be interrupted, and go on."""


def serve(link: Link, mark: Mark, cgroup: JobCgroup | None, group: int) -> None:
    """Be a shepherd, until the worker at the other end of the link is gone."""
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    Shepherd(link, mark, cgroup, group).run(wake_read)
