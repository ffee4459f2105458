"""The worker: slots around one connection and one loop.

A job runs on when the server is away; the worker keeps asking until it is back. On SIGTERM or
Ctrl-C the worker hands its jobs back and exits; a second signal lets it go at once.
"""

import os
import select
import socket
import time

from goq.adapters.clusterid import find_cluster_id, scrubbed_environment
from goq.adapters.config import Config
from goq.adapters.files.spool import SpoolFolder
from goq.adapters.jobs.cgroups import WorkerCgroup, kill_left_behind
from goq.adapters.jobs.executor import Executor, ShepherdDied
from goq.adapters.jobs.processes import become_subreaper, keep_freed_memory, kill_strays
from goq.adapters.wire.signing import Signer
from goq.core.messages import Answer, Refused, TakeSnapshot
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker
from goq.errors import ServerUnreachable
from goq.roles.client.ask import cluster_id_in_time, connect
from goq.roles.client.contact import Contact, Patience, require_server
from goq.roles.client.submission import Deliverer
from goq.roles.said.narration import Narrator
from goq.roles.said.saying import NOTE
from goq.roles.said.wakeup import StopSignals
from goq.roles.worker.delivery import NEVER
from goq.roles.worker.heir import Heir
from goq.roles.worker.slot import Phase, Slot

LEAVE_SLACK_S = 2.0
NAP_S = 0.003
DELIVER_EVERY_S = 5.0


class WorkerProcess:
    """Runs up to `slots` jobs at once, until there is no work or, `forever`, until it is stopped."""

    def __init__(self, config: Config, slots: int, narrator: Narrator, *, forever: bool) -> None:
        self._narrator = narrator
        cluster_id = (
            self._await_cluster_id(config) if forever else cluster_id_in_time(config, config.timeout_s)
        )
        if not forever:
            require_server(config)
        become_subreaper()
        keep_freed_memory()
        self._config = config
        self._forever = forever
        self._signals = StopSignals()
        name = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(6).hex()}"
        self._signer = Signer(cluster_id)
        self._calls = connect(config, self._signer)
        self._contact = Contact(self._calls, config, self._say)
        self._patience = Patience(self._calls, config)
        self._heir = Heir(config.home, self._calls, self._say)
        self._folder = SpoolFolder(config.home / "spool" / name)
        kill_left_behind()
        self._cgroup = WorkerCgroup.make(name)
        environment = scrubbed_environment(cluster_id)
        self._slots = [self._make_slot(f"{name}-{number}", number, environment) for number in range(slots)]
        self._deliverer = Deliverer(config, self._calls, self._signer, self._say)
        self._poll = self._watch()
        self._deliver_at = NEVER
        self._greeted = False
        self._silent_at = NEVER if forever else time.monotonic() + config.timeout_s
        self._gone_by = NEVER
        self._lost_at = NEVER

    def run(self) -> None:
        """Work. Raises ServerUnreachable when not `forever` and no server speaks to us."""
        if self._forever:
            self._say("looping forever, looking for work.", "looking for work")
        try:
            self._calls.ask(TakeSnapshot(0), self._on_greeting, resend_s=self._config.timeout_s)
            for slot in self._slots:
                slot.ask_for_work()
            while not self._is_over():
                self._narrator.flush()
                self._turn(self._wait())
        finally:
            self._clean_up()

    def _make_slot(self, name: str, number: int, environment: dict[bytes, bytes]) -> Slot:
        worker = Worker(WorkerId(name), socket.gethostname(), os.getpid())
        group = self._cgroup.slot(number) if self._cgroup else None
        executor = Executor(environment, group, self._kill_strays)
        return Slot(
            worker, self._config, self._calls, executor, self._folder, self._say, forever=self._forever
        )

    def _kill_strays(self) -> None:
        """A shepherd was killed, and what it herded is ours now: it goes too."""
        kill_strays(keep={slot.executor.pid for slot in self._slots})

    def _is_over(self) -> bool:
        if self._signals.count > 1 or time.monotonic() > self._gone_by:
            return True
        return self._heir.is_done and all(slot.phase is Phase.GONE for slot in self._slots)

    def _watch(self) -> select.poll:
        """What wakes the loop; made anew when a shepherd is."""
        poll = select.poll()
        for fileno in (*self._calls.filenos(), self._signals.fileno()):
            poll.register(fileno, select.POLLIN)
        for slot in self._slots:
            poll.register(slot.executor, select.POLLIN)
        return poll

    def _wait(self) -> set[int]:
        """Sleep until something is due or there; the file numbers of what is there, or may be.

        What a shepherd says wakes us only if it needs more to do: short jobs end often, and
        several of their ends are cheaper to take at once.
        """
        supplied = [slot.executor.fileno() for slot in self._slots if slot.is_supplied]
        due = min(self._deliver_at, *(slot.next_deadline() for slot in self._slots))
        due = min(due, self._heir.next_deadline(), self._calls.next_deadline())
        due = min(due, self._gone_by, self._silent_at, self._lost_at)
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
        if self._signals.fileno() in ready:
            self._signals.drain()
            if self._signals.count and self._gone_by == NEVER:
                self._leave()
        if not ready.isdisjoint(self._calls.filenos()) or time.monotonic() >= self._calls.next_deadline():
            self._calls.turn()
        for slot in self._slots:
            if slot.executor.fileno() in ready:
                self._hear(slot)
            slot.turn()
        self._heir.turn()
        if time.monotonic() >= self._deliver_at:
            self._deliver_at = time.monotonic() + DELIVER_EVERY_S
            self._deliverer.start()
        self._notice_silence()
        self._notice_loss()
        if self._forever:
            self._contact.turn()

    def _hear(self, slot: Slot) -> None:
        events = slot.executor.events()
        if any(isinstance(event, ShepherdDied) for event in events):
            self._poll = self._watch()
        slot.executor_news(events)

    def _leave(self) -> None:
        self._say("told to stop; handing back what runs.", "stopping")
        self._gone_by = time.monotonic() + self._config.kill_grace_s + self._config.timeout_s + LEAVE_SLACK_S
        for slot in self._slots:
            slot.leave()

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
        idle = all(slot.phase in (Phase.ASKING, Phase.GONE) for slot in self._slots)
        if self._forever or self._calls.connected or not self._greeted or not idle:
            self._lost_at = NEVER
        elif self._lost_at == NEVER:
            self._lost_at = time.monotonic() + self._config.timeout_s
        elif time.monotonic() >= self._lost_at:
            raise ServerUnreachable(
                f"the job server at {self._config.address} has gone; start it with 'goq serve'"
            )

    def _say(self, text: str, event: str = NOTE, /, **about: int | str) -> None:
        """One line about ourselves, written at the end of the turn."""
        self._narrator.say(text, event, **about)

    def _await_cluster_id(self, config: Config) -> str:
        """The id, however long it takes until a server here, or a person, has put it in its place."""
        if find_cluster_id(config) is None:
            where = config.home
            self._say(
                f"no cluster id yet in {where}; waiting for 'goq serve' or 'goq init --join'", "no cluster id"
            )
            self._narrator.flush()
        return cluster_id_in_time(config, NEVER)

    def _clean_up(self) -> None:
        for slot in self._slots:
            slot.keep_result()
            slot.executor.close()
        kill_strays(keep=set())
        if self._cgroup:
            self._cgroup.remove()
        self._calls.close()
        self._folder.close()
        self._heir.close()
        self._narrator.flush()
