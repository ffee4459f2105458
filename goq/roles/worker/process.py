"""The worker: places around one connection and one loop.

A job runs on when the server is away; the worker keeps asking until it is back. On SIGTERM or
Ctrl-C the worker hands its jobs back and exits; a second signal lets it go at once.
"""

import os
import select
import time

from msgspec.structs import replace

from goq.adapters.clusterid import find_secret, scrubbed_environment
from goq.adapters.config import Config, load_config
from goq.adapters.files.outbox import Outbox
from goq.adapters.files.spool import SpoolFolder
from goq.adapters.files.spoolroom import SpoolRoom
from goq.adapters.files.spoolroot import take_spool
from goq.adapters.jobs.cgroups import WorkerCgroup, kill_left_behind
from goq.adapters.jobs.checks import Check
from goq.adapters.jobs.chores import Chores
from goq.adapters.jobs.executor import NO_CHORES, Executor
from goq.adapters.jobs.insistence import LATE_S
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.owners import take_identity
from goq.adapters.jobs.processes import allow_many_files, keep_freed_memory
from goq.adapters.machine import host_file_name, host_name
from goq.adapters.wire.keys import who_of
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, Refused, TakeSnapshot
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker
from goq.core.values.quantities import show_duration
from goq.core.values.room import Offer
from goq.core.values.who import Role, Who
from goq.core.waits.allegiance import Allegiance
from goq.core.worker.agent import Agent, Phase
from goq.core.worker.attempts import SHEPHERD_JOBS
from goq.core.worker.events import Begin, Leave, NoTime
from goq.core.worker.health import Health
from goq.core.worker.rules import NEVER, Rules
from goq.errors import BadSetting, ServerUnreachable, WorkerFailed
from goq.roles.client.ask import connect, secret_in_time
from goq.roles.client.contact import Contact, Patience, advice, require_server
from goq.roles.client.submission import Deliverer
from goq.roles.said.narration import Narrator
from goq.roles.said.queues import tell
from goq.roles.said.saying import NOTE
from goq.roles.said.wakeup import StopSignals
from goq.roles.worker.checkup import Checkup
from goq.roles.worker.conversation import Conversation
from goq.roles.worker.heir import Heir
from goq.roles.worker.larder import Larder
from goq.roles.worker.places import Place

LEAVE_SLACK_S = LATE_S + 2.0  # for a job whose shepherd is stopped, and for handing back
HURRY_S = 2.0  # for handing back, after a second word to stop
NAP_S = 0.003
DELIVER_EVERY_S = 5.0
FILES_BASE, FILES_A_SLOT = 32, SHEPHERD_JOBS + 4  # so many open files are needed


class WorkerProcess:
    """Runs up to `slots` jobs at once, until there is no work or, `forever`, until it is stopped.

    When `lifetime_s` have gone by it ends in any case.
    """

    def __init__(
        self,
        config: Config,
        slots: int,
        narrator: Narrator,
        *,
        forever: bool,
        offer: Offer,
        chores: Chores = NO_CHORES,
        lifetime_s: float = NEVER,
        health: bytes = b"",
        allow_root: bool = False,
    ) -> None:
        self._lifetime_s, self._over_at = lifetime_s, time.monotonic() + lifetime_s
        self._narrator, self._chores = narrator, chores
        take_spool(config.spool)  # who cannot have it hears so at once, and not when there is an id
        secret = secret_in_time(config, config.timeout_s) if not forever else find_secret(config)
        if secret is None:
            secret, config = self._await_secret(config)
        if not forever:
            require_server(config)
        who = self._be(who_of(secret), offer, allow_root=allow_root)
        self._launcher = Launcher(environment := scrubbed_environment(secret))
        _allow_files_for(slots)
        keep_freed_memory()
        self._config, self._forever = config, forever
        self._signals = StopSignals()
        name = f"{host_file_name()}-{os.getpid()}-{os.urandom(6).hex()}"
        self._signer = Signer(secret)
        inherited = self._open_spool(SpoolRoom(config.spool, secret))
        self._places: list[Place] = []
        allegiance = Allegiance(lambda: any(place.agent.is_bound for place in self._places))
        self._calls = connect(config, self._signer, allegiance)
        self._contact = Contact(self._calls, config, self._say, config.timeout_s)
        self._patience = Patience(self._calls, config)
        self._heir = Heir(inherited, self._calls, self._say)
        kill_left_behind()
        self._cgroup = WorkerCgroup.make(name)
        self._health = Health()
        self._larder = Larder(self._calls, self._folder)
        self._failure = ""
        # A worker is called by its key: the server believes nobody else about what it runs.
        self._make_places(WorkerId(f"{who.holder}:{name}" if who.holder else name), slots)
        self._deliverer = Deliverer(Outbox(config.spool, secret), self._calls, self._signer, self._say)
        self._checkup = self._make_checkup(health, environment)
        self._poll = self._watch()
        self._deliver_at = NEVER
        self._greeted = self._has_begun = self._is_hurried = False
        self._silent_at = NEVER if forever else time.monotonic() + config.timeout_s
        self._gone_by = self._lost_at = NEVER

    def _be(self, who: Who, offer: Offer, *, allow_root: bool) -> Who:
        """Who we are for the server, who for our jobs, and what we offer as that. Raises BadSetting."""
        self._who = who
        self._identity = take_identity(is_node=who.role is Role.NODE, allow_root=allow_root)
        self._host = who.host(host_name())
        self._offer = _with_rights(offer, who)
        return who

    def _open_spool(self, room: SpoolRoom) -> list[SpoolFolder]:
        """Have a folder of our own; those that dead workers have left."""
        left = room.left_behind()  # first: what goes with them makes room
        self._folder = room.new_folder()
        self._temporary = self._folder.make_temporary(is_shared=self._identity.as_owner)
        if not self._folder.is_locked:
            where = str(room.path)
            text = f"the file system of '{where}' has no locks; dead workers are known by their process ids"
            self._say(text, "spool trouble", file=where)
        return left

    def run(self) -> None:
        """Work. Raises ServerUnreachable when not `forever` and no server speaks to us, or WorkerFailed."""
        if self._forever:
            whose = f" of user '{self._who.name}' only" if self._who.role is Role.USER else ""
            whose = ", each job as its owner" if self._identity.as_owner else whose
            self._say(f"looping forever, looking for work{whose}.", "looking for work")
        try:
            self._calls.ask(TakeSnapshot(0), self._on_greeting, resend_s=self._config.timeout_s)
            while not self._is_over():
                self._narrator.flush()
                self._turn(self._wait())
        finally:
            self._see_what_is_left()
            self._clean_up()
        if self._is_hurried and self._failure:
            raise WorkerFailed(self._failure)
        if self._failure:
            raise WorkerFailed(
                f"cannot go on: {self._failure}; see that goq is installed here, and start it again"
            )

    def _see_what_is_left(self) -> None:
        """There may have been no time to hand back what ran; told to stop once, that is nobody's mistake."""
        if not any(place.agent.is_bound for place in self._places):
            return
        left = (
            "ended before the server had taken back all that was here; it goes on with those jobs when"
            f" their leases end, {self._config.lease_s:g} s at most from here"
        )
        if self._is_hurried:
            self._failure = left
        else:
            self._say(f"{left}.", "not handed back")

    def _make_places(self, name: WorkerId, slots: int) -> None:
        names = [WorkerId(f"{name}-{number}") for number in range(slots)]
        worker = Worker(name, host_name(), os.getpid())
        self._line = Conversation(self._calls, worker, names, self._offer, self._config.heartbeat_s)
        self._places = [self._make_place(place, number) for number, place in enumerate(names)]
        self._line.begin(self._places)

    def _make_place(self, name: WorkerId, number: int) -> Place:
        worker = Worker(name, host_name(), os.getpid())
        config = self._config
        rules = Rules(self._forever, config.timeout_s, config.heartbeat_s, config.kill_grace_s)
        group = self._cgroup.slot(number) if self._cgroup else None
        how = (group, self._launcher.kill_strays, config.kill_grace_s)
        around = (self._temporary / str(number), self._chores, self._identity)
        executor = Executor(self._launcher, *how, *around)
        agent = Agent(worker, rules, self._health, self._offer)
        outside = (self._line, self._calls, executor, self._folder, self._larder, self._say, self._give_up)
        return Place(agent, *outside)

    def _make_checkup(self, health: bytes, environment: dict[bytes, bytes]) -> Checkup | None:
        check = Check(health, self._launcher, environment)
        return Checkup(check, self._calls, self._say, self._host) if health else None

    def _give_up(self, why: str) -> None:
        """Stop as soon as this turn is over, and fail."""
        self._failure = self._failure or why

    def _is_over(self) -> bool:
        if self._signals.count > 2 or time.monotonic() > self._gone_by:
            return True
        return self._heir.is_done and self._line.is_over

    def _watch(self) -> select.poll:
        """What wakes the loop; made anew when a shepherd is."""
        poll = select.poll()
        for fileno in (*self._calls.filenos(), self._signals.fileno()):
            poll.register(fileno, select.POLLIN)
        self._watched = self._shepherds()
        for fileno in self._watched:
            poll.register(fileno, select.POLLIN)
        return poll

    def _shepherds(self) -> list[int]:
        """What they and the check of the health have to say comes from there."""
        checks = self._checkup.filenos() if self._checkup else []
        return [place.executor.fileno() for place in self._places if place.has_shepherd] + checks

    def _wait(self) -> set[int]:
        """Sleep until something is due or there; the file numbers of what is there, or may be.

        What a shepherd says wakes us only if it needs more to do: short jobs end often, and
        several of their ends are cheaper to take at once.
        """
        supplied = [place.executor.fileno() for place in self._places if place.agent.is_supplied]
        due = min(self._deliver_at, *(place.next_deadline() for place in self._places))
        due = min(due, self._line.next_deadline())
        due = min(due, self._heir.next_deadline(), self._calls.next_deadline(), self._larder.next_deadline())
        if self._failure and self._gone_by == NEVER:
            due = 0.0
        due = min(due, self._gone_by, self._silent_at, self._lost_at, self._signals.next_deadline())
        due = min(due, self._over_at, self._checkup.next_deadline() if self._checkup else NEVER)
        if self._can_begin():
            due = 0.0
        if self._forever:
            due = min(due, self._contact.next_deadline())
        patience_s = min(max(0.0, due - time.monotonic()), NAP_S if supplied else 3600.0)
        for fileno in supplied:
            self._poll.modify(fileno, 0)
        ready = {fileno for fileno, _ in self._poll.poll(patience_s * 1000 + (1 if patience_s else 0))}
        for fileno in supplied:
            self._poll.modify(fileno, select.POLLIN)
        return ready.union(supplied)

    def _turn(self, ready: set[int]) -> None:
        self._signals.look()
        if self._signals.fileno() in ready:
            self._signals.drain()
        is_over = time.monotonic() >= self._over_at
        if (self._signals.count or self._failure or is_over) and self._gone_by == NEVER:
            self._leave(outlived=is_over)
        if self._signals.count > 1 and not self._is_hurried:
            self._hurry()
        for name in self._signals.take_ignored():
            self._say(f"got {name}, which means nothing here.", "signal ignored", signal=name)
        if not ready.isdisjoint(self._calls.filenos()) or time.monotonic() >= self._calls.next_deadline():
            self._calls.turn()
        self._larder.turn()
        if self._signals.take_child_ended():
            self._launcher.reap_strangers()
        if self._checkup:
            self._checkup.turn()
        if self._can_begin():
            self._has_begun = True
            for place in self._places:
                place.tell(Begin())
        for place in self._places:
            if place.has_shepherd and place.executor.fileno() in ready:
                place.hear(place.executor.events())
            place.turn()
        self._line.turn()
        if self._watched != self._shepherds():
            self._poll = self._watch()
        for news in self._calls.allegiance.take_news():
            tell(news, self._config.address, self._say)
        self._heir.turn()
        if time.monotonic() >= self._deliver_at:
            self._deliver_at = time.monotonic() + DELIVER_EVERY_S
            self._deliverer.start()
        self._notice_silence()
        self._notice_loss()
        if self._forever:
            self._contact.turn()

    def _can_begin(self) -> bool:
        """To ask for work: once the server knows how this node is, if that is checked."""
        return not self._has_begun and (self._checkup is None or self._checkup.is_known)

    def _leave(self, *, outlived: bool) -> None:
        why = f"cannot go on: {self._failure}" if self._failure else "told to stop"
        if outlived:
            why = f"its lifetime of {show_duration(self._lifetime_s)} is over"
        self._over_at = NEVER
        self._say(f"{why}; handing back what runs.", "stopping")
        self._gone_by = time.monotonic() + self._config.kill_grace_s + self._config.timeout_s + LEAVE_SLACK_S
        for place in self._places:
            place.tell(Leave(outlived))

    def _hurry(self) -> None:
        """Told so again: kill at once, and leave no more time than it takes to hand back."""
        self._is_hurried = True
        self._say("told to stop again; killing what runs at once.", "stopping")
        self._gone_by = min(self._gone_by, time.monotonic() + HURRY_S)
        for place in self._places:
            place.executor.hurry()

    def _on_greeting(self, answer: Answer) -> None:
        self._greeted = True
        self._deliver_at = 0.0
        self._silent_at = NEVER
        if isinstance(answer, Refused):
            self._say(f"the server refused: {answer.reason}", "refused", reason=answer.reason)

    def _notice_silence(self) -> None:
        """Give up when there is no word from the server in all this time."""
        if not self._greeted and time.monotonic() >= self._silent_at:
            self._silent_at = time.monotonic() + self._patience.left_s()

    def _notice_loss(self) -> None:
        """Without 'forever', a server that goes away while nothing runs here ends the work."""
        if self._forever or self._calls.connected or not self._greeted or not self._is_idle():
            self._lost_at = NEVER
        elif self._lost_at == NEVER:
            self._lost_at = time.monotonic() + self._config.timeout_s
        elif time.monotonic() >= self._lost_at:
            raise ServerUnreachable(
                f"the job server at {self._config.address} has gone{advice(self._config)}"
            )

    def _is_idle(self) -> bool:
        return all(place.agent.phase in (Phase.ASKING, Phase.GONE) for place in self._places)

    def _say(self, text: str, event: str = NOTE, /, **about: int | str) -> None:
        """One line about ourselves, written at the end of the turn."""
        self._narrator.say(text, event, **about)

    def _await_secret(self, config: Config) -> tuple[str, Config]:
        """The id, however long it takes until a server here, or a person, has put it in its place.

        With it come the server's address and the certificate.
        """
        where = config.home
        self._say(
            f"no cluster id yet in {where}; waiting for 'goq serve' or 'goq init --join'", "no cluster id"
        )
        self._narrator.flush()
        secret, config = secret_in_time(config, NEVER), load_config()
        self._say(f"there is a cluster id now; the job server is at {config.address}.")
        return secret, config

    def _clean_up(self) -> None:
        for place in self._places:
            place.tell(NoTime())
            place.keep_deliveries()
            place.close()
        if self._checkup:
            self._checkup.close()
        self._launcher.close()
        self._launcher.kill_strays()
        if self._cgroup:
            self._cgroup.remove()
        self._calls.close()
        self._folder.close()
        self._heir.close()
        self._narrator.flush()


def _with_rights(offer: Offer, who: Who) -> Offer:
    """What it offers as whom: root with the cluster id runs nothing that came with a user's key."""
    return replace(offer, is_root=who.is_administrator and os.geteuid() == 0)


def _allow_files_for(slots: int) -> None:
    """Raises BadSetting when this process may not have as many files open as so many slots need."""
    needed, allowed = FILES_BASE + FILES_A_SLOT * slots, allow_many_files()
    if allowed < needed:
        raise BadSetting(
            f"-j {slots} needs up to {needed} open files, and here a process may have {allowed} (ulimit -Hn);"
            " run fewer jobs at once, or raise that limit"
        )
