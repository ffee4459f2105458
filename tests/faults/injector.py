"""The faults. Each kind does one thing to the room, and puts its mending on the agenda."""

import random
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from faults.agenda import Agenda
from faults.checker import Window
from faults.machines import PACKAGE, Machine
from faults.proxy import Route
from faults.room import LEASE_S, Room

NOTICED_S = 2 * LEASE_S  # at most, until a worker has another connection; nothing mends the old one
Kind = Callable[[], str]


class Injector:
    """Does faults. A kind gives its name, or "" where it does not fit now."""

    def __init__(self, room: Room, chance: random.Random) -> None:
        self.agenda = Agenda()
        self.windows: list[Window] = []
        self._room = room
        self._random = chance

    def mixed(self) -> list[tuple[Kind, int]]:
        """All kinds that this machine allows, and how often each is to be taken."""
        kinds: list[tuple[Kind, int]] = [
            (self.kill_server, 4),
            (self.kill_server_on_answer, 5),
            (self.kill_server_on_request, 4),
            (self._kill_worker, 5),
            (self._kill_both, 2),
            (self._freeze_worker, 3),
            (self._freeze_tree, 2),
            (self._freeze_server, 2),
            (self._cut, 3),
            (self._forget, 4),
            (self._lose_answer, 6),
            (self._late_answers, 3),
            (self._partition, 3),
            (self._delay, 3),
            (self._restart_server, 2),
            (self._terminate_worker, 3),
        ]
        if self._room.disk:
            kinds.append((self._fill_disk, 3))
        if self._room.cable:
            kinds.append((self._cut_cable, 3))
        if self._room.nodes:
            kinds += [(self._lack_folder, 4), (self._lack_package, 3), (self._protect_spool, 3)]
        if self._room.server.clock:
            kinds += [(self._jump_server, 2), (self._jump_worker, 3)]
        return kinds

    def _a_worker(self) -> Machine | None:
        up = [worker for worker in self._room.workers if worker.state == "up"]
        return self._random.choice(up) if up else None

    def _server(self) -> Machine | None:
        server = self._room.server
        return server if server.state == "up" else None

    def _cut_off(self, worker: Machine, seconds: float) -> Window:
        """Note that the server will not hear from the worker for so long, or until that window is closed."""
        now_ns, up_s = time.time_ns(), time.clock_gettime(time.CLOCK_BOOTTIME)
        window = Window(worker.pid, now_ns, now_ns + int(seconds * 1e9), up_s + seconds)
        self.windows.append(window)
        return window

    def _note_on(self, route: Route, what: str) -> None:
        self._room.timeline.note(self._room.whose(route), what)

    def _later(self, seconds: float, whom: Machine, what: str, act: Callable[[], None]) -> None:
        """Mend what was done to it, and note that."""

        def mend() -> None:
            act()
            whom.note(what)

        self.agenda.later(seconds, mend)

    # --- processes -------------------------------------------------------------------------

    def _kill(self, machine: Machine | None) -> str:
        if machine is None:
            return ""
        machine.kill()
        self.agenda.later(self._random.uniform(0, 1.5), machine.start)
        return f"kill -9 {'server' if machine is self._room.server else 'worker'}"

    def kill_server(self) -> str:
        return self._kill(self._server())

    def kill_server_at_once(self) -> str:
        """And see it started again as soon as its end is noticed."""
        server = self._server()
        if server is None:
            return ""
        server.kill()
        server.state = "leaving"
        return "kill -9 server"

    def kill_server_on_answer(self) -> str:
        """At the worst moment: its word is out, and nothing after that is done."""
        server = self._server()
        if server is None or server.process is None:
            return ""
        route = self._a_busy_route()
        route.on_answer = self._end_soon(server, server.process)
        self._note_on(route, "whose next answer kills the server")
        return "kill -9 server on its answer"

    def kill_server_on_request(self) -> str:
        """Amid what it does about a submission, a result, a request for work."""
        server = self._server()
        if server is None or server.process is None:
            return ""
        kill, delay_s = self._end_soon(server, server.process), self._random.uniform(0, 0.01)
        route = self._a_busy_route()
        route.on_request = lambda: threading.Timer(delay_s, kill).start()
        self._note_on(route, "whose next request kills the server")
        return "kill -9 server on a request"

    def _a_busy_route(self) -> Route:
        """As often the users' as that of a worker."""
        routes = self._room.proxy.routes
        return self._random.choice([*routes, *routes[-1:] * (len(routes) - 2)])

    def _end_soon(self, server: Machine, process: subprocess.Popen[bytes]) -> Callable[[], None]:
        """What kills the server, at the latest in 2 s."""

        def kill() -> None:
            if process.returncode is None:
                server.note("kill -9")
            process.kill()

        server.state = "leaving"
        self.agenda.later(2.0, kill)
        return kill

    def _kill_worker(self) -> str:
        return self._kill(self._a_worker())

    def _kill_both(self) -> str:
        return "kill -9 both" if self._kill(self._server()) and self._kill(self._a_worker()) else ""

    def _freeze(self, machine: Machine | None, seconds: float, *, tree: bool = False) -> bool:
        if machine is None:
            return False
        machine.freeze(tree=tree)
        self.agenda.later(seconds, machine.thaw)
        return True

    def _freeze_worker(self, *, tree: bool = False) -> str:
        worker, seconds = self._a_worker(), LEASE_S * self._random.uniform(1.2, 2)
        if not worker:
            return ""
        window = self._cut_off(worker, seconds)
        self._freeze(worker, seconds, tree=tree)
        self.agenda.later(seconds, window.close)
        return "SIGSTOP worker"

    def _freeze_tree(self) -> str:
        return "SIGSTOP worker and its jobs" if self._freeze_worker(tree=True) else ""

    def _freeze_server(self) -> str:
        return "SIGSTOP server" if self._freeze(self._server(), self._random.uniform(0.5, 4)) else ""

    def _restart_server(self) -> str:
        return self._terminate(self._server())

    def _terminate_worker(self) -> str:
        return self._terminate(self._a_worker())

    def _terminate(self, machine: Machine | None) -> str:
        if machine is None:
            return ""
        machine.terminate()
        return f"SIGTERM {'server' if machine is self._room.server else 'worker'}"

    # --- connections -----------------------------------------------------------------------

    def _cut(self) -> str:
        for route in self._random.choice(
            (self._room.proxy.routes, [self._random.choice(self._room.proxy.routes)])
        ):
            route.cut = True
            self._note_on(route, "connections cut")
        return "connections cut"

    def _forget(self) -> str:
        """A firewall has no memory of them any more: they are dead for ever, and nobody is told."""
        routes = self._room.proxy.routes
        chosen = self._random.choice((routes, [self._random.choice(routes)]))
        for worker in self._room.workers:
            if self._room.route(worker) in chosen:
                self._cut_off(worker, NOTICED_S)
        for route in chosen:
            route.forget = True
            self._note_on(route, "connections dead in silence")
        return "connections dead in silence"

    def _lose_answer(self) -> str:
        route = self._random.choice([*self._room.proxy.routes, *self._room.proxy.routes[-1:] * 4])
        route.lose_answer = True
        self._note_on(route, "next answer lost")
        return "answer lost"

    def _late_answers(self) -> str:
        route, seconds = self._room.proxy.routes[-1], self._random.uniform(0.5, 3)
        route.late_until = time.monotonic() + seconds
        self._note_on(route, f"answers late, for {seconds:.1f} s")
        return "answers late"

    def _partition(self) -> str:
        worker, seconds = self._a_worker(), LEASE_S * self._random.uniform(0.3, 2)
        route = self._room.route(worker) if worker else None
        if not worker or not route:
            return ""
        self._cut_off(worker, seconds)
        route.still_until = time.monotonic() + seconds
        worker.note(f"connection held still, for {seconds:.2f} s")
        return "connection held still"

    def _delay(self) -> str:
        route = self._random.choice(self._room.proxy.routes)
        route.slow_s = self._random.uniform(0.02, 0.4)
        seconds = self._random.uniform(1, 3)
        route.slow_until = time.monotonic() + seconds
        self._note_on(route, f"delay of {route.slow_s:.2f} s, for {seconds:.1f} s")
        return "delay"

    def _cut_cable(self) -> str:
        """Packets vanish, and neither end is told: no worker's side, no server's side closes."""
        worker, cable, seconds = self._room.workers[-1], self._room.cable, self._random.uniform(1.1, 2)
        if cable is None or cable.is_cut:
            return ""
        window = self._cut_off(worker, LEASE_S * seconds)
        cable.cut()
        worker.note("network cut off")
        self._later(LEASE_S * seconds, worker, "network back", cable.mend)
        self.agenda.later(LEASE_S * seconds, window.close)
        return "network namespace cut off"

    # --- under the machines ------------------------------------------------------------------

    def _fill_disk(self) -> str:
        disk = self._room.disk
        if disk is None or disk.is_full:
            return ""
        disk.fill()
        self._room.server.note("disk full")
        self._later(self._random.uniform(0.3, 4), self._room.server, "room on the disk", disk.make_room)
        return "disk full under the server"

    def _lack_folder(self) -> str:
        """A mount is missing at one node; the jobs of that folder can run at the others."""
        room, at = self._room, self._random.randrange(len(self._room.projects))
        worker, seconds = self._random.choice(room.workers[at : at + 2]), self._random.uniform(0.5, 6)
        # A folder that three hosts refuse fails its jobs, so there are two that may ever lack it.
        return self._cover(worker, room.projects[at], seconds, "node without the folder")

    def _lack_package(self) -> str:
        """As while pip puts another version in its place."""
        worker = self._a_worker()
        if not worker or not worker.has_begun:
            return ""
        return self._cover(worker, PACKAGE, self._random.uniform(0.5, 2), "package gone for a second")

    def _protect_spool(self) -> str:
        worker, seconds = self._random.choice(self._room.workers), self._random.uniform(0.3, 5)
        return self._cover(worker, self._room.spool, seconds, "spool read-only")

    def _cover(self, worker: Machine, folder: Path, seconds: float, fault: str) -> str:
        """What the node of that worker has of the folder is not as it should be, for so long."""
        node = worker.node
        if node is None or not node.has(folder):
            return ""
        cover = node.write_protect if folder == self._room.spool else node.hide
        cover(folder)
        worker.note(f"{fault}: {folder.name}")
        self._later(seconds, worker, f"mended: {folder.name}", partial(node.uncover, folder))
        return fault

    def _jump_server(self) -> str:
        """For its workers it is as if they had jumped, the other way: they are not believed."""
        return self._jump([self._room.server], self._room.workers, "server")

    def _jump_worker(self) -> str:
        worker = self._a_worker()
        return self._jump([worker], [worker], "worker") if worker else ""

    def _jump(self, jumpers: list[Machine], cut_off: list[Machine], whose: str) -> str:
        wrong = [machine for machine in jumpers if machine.clock and machine.clock.is_right]
        seconds = LEASE_S * self._random.uniform(0.3, 2)
        offset_s = self._random.choice((-1, 1)) * self._random.randint(90, 600)
        if not wrong:
            return ""
        windows = [self._cut_off(worker, seconds) for worker in cut_off]
        for machine in wrong:
            assert machine.clock
            machine.clock.jump(offset_s)
            machine.note(f"clock jumps by {offset_s} s")
            self._later(seconds, machine, "clock right", machine.clock.set_right)
        for window in windows:
            self.agenda.later(seconds, window.close)
        return f"clock jump {'forward' if offset_s > 0 else 'backward'}, {whose}"
