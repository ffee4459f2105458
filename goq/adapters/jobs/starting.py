"""All that has to be there before a job of a shepherd starts, and its start.

Where jobs run as their owners, what is here for a job is given to its owner first, and all else is
done with the rights of that account.
"""

import os
import time

from goq.adapters.accounts import Account
from goq.adapters.jobs.cgroup_memory import MemoryGroup, inside
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.keyrings import have_new_keyring
from goq.adapters.jobs.outlets import open_drains
from goq.adapters.jobs.owners import Owners
from goq.adapters.jobs.running import OWNER, Waiting
from goq.adapters.jobs.scratch import VARIABLE, Scratch
from goq.adapters.jobs.spawning import NO_FOLDER, CannotStart, give_to_owner, no_scratch, spawn
from goq.core.values.result import NODE_TROUBLE

_Environment = dict[bytes, bytes]


class Starter:
    """Starts one job after the other. `owners`: whom they run as, None for us."""

    def __init__(self, group: int) -> None:
        self.owners: Owners | None = None
        self.has_chores = False  # there may be a prolog or an epilog
        self._place = b""  # of their temporary files, b"" for none of our making
        self._scratch: Scratch | None = None  # of the last of them
        self._scratches: dict[bytes, Scratch] = {}  # of each owner
        self._last: Account | None = None
        self._group = group  # of processes, led by one that is no job
        self._environment: _Environment = {}
        self._node = dict(os.environb)  # before anything of a job is in it

    def use(self, environment: _Environment) -> None:
        """The variables of jobs from now on."""
        self._environment = environment
        if self._place:
            self._environment[VARIABLE] = self._place

    def use_scratch(self, place: bytes) -> None:
        """Jobs have their temporary files there from now on, or, as their owners, beside that."""
        self._place = place

    def environments(self, more: _Environment, owner: str) -> tuple[_Environment, _Environment]:
        """That of a job, but for what says who it is, and that of its prolog and epilog."""
        environment = self._environment | more
        return environment, environment if self.owners is None else self._of_the_node(more, owner)

    def around(self, more: _Environment, owner: str) -> _Environment:
        """That of the epilog of a job that is no more."""
        return self.environments(more, owner)[1]

    def _of_the_node(self, more: _Environment, owner: str) -> _Environment:
        """With nothing of what a submitter gave, who could have root do as he likes by that."""
        return (self._node | more | {OWNER: os.fsencode(owner)}) if self.has_chores else more

    def settle(self, job: Waiting) -> None:
        """See whose it is, and give him what was made for it. Raises CannotStart."""
        if self.owners is None:
            self._turn_to(self._place)
            return
        account = job.account = self.owners.account_of(job.owner)
        job.environment |= account.variables
        if self._place:
            job.environment[VARIABLE] = place = self._place + b".%d" % account.uid
            self._turn_to(place, account)
        try:
            if account != self._last:
                have_new_keyring()
                self._last = account
            for path in job.own:
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
        except OSError as error:
            problem = f"the worker cannot give its owner what the job is to have: {error.strerror}"
            raise CannotStart(problem, NO_FOLDER, NODE_TROUBLE) from error

    def _turn_to(self, place: bytes, account: Account | None = None) -> None:
        """The next job has its temporary files there; what another's has left elsewhere goes."""
        if self._scratch and self._scratch.path != place:
            self._scratch.clear()
        if place:
            self._scratch = self._scratches.get(place) or Scratch(place, account)
            self._scratches[place] = self._scratch

    def be_ready(self) -> None:
        """Have an empty TMPDIR for the job that was settled. Raises CannotStart."""
        try:
            if self._scratch:
                self._scratch.be_ready()
        except OSError as error:
            raise no_scratch(error) from error

    def clear(self) -> None:
        """No job is on: nothing of the last one is wanted any more."""
        if self._scratch:
            self._scratch.clear()

    def leave(self) -> None:
        """There will be no job any more."""
        for scratch in self._scratches.values():
            scratch.leave()

    def start(self, job: Waiting, memory: MemoryGroup | None) -> tuple[tuple[Drain, ...], int]:
        """What takes up what it writes, and the pid of its first process. Raises CannotStart."""
        self.be_ready()
        try:
            return self._start(job, memory)
        except CannotStart as error:
            if job.account:
                give_to_owner(error)
            raise

    def _start(self, job: Waiting, memory: MemoryGroup | None) -> tuple[tuple[Drain, ...], int]:
        account = job.account
        drains = open_drains(job.output, job.umask, account)
        entries = [drain.take_entry() for drain in drains]
        try:
            how = (job.environment, entries[0], job.physical, job.umask, self._group, job.stdin, job.cpus)
            with inside(memory):
                root = spawn(job.argv, job.folder, *how, entries[-1], account)
        except CannotStart:
            for drain in drains:
                drain.close()
            raise
        finally:
            for entry in entries:
                os.close(entry)
        now_s = time.monotonic()
        for drain in drains:
            drain.begin(now_s)
        return drains, root
