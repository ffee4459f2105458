"""The addresses that a server listens on: its own, and 127.0.0.1 for whoever is on its machine.

A name, or a guess, may mean another address after a while; the server then listens there as well.
"""

import time

from msgspec.structs import replace

from goq.adapters.config import Config
from goq.adapters.errand import Errand
from goq.adapters.network import machine_id, own_address
from goq.adapters.remembered import Remembered, Served, recall, remember
from goq.adapters.wire.places import ANYWHERE, LOOPBACK, Place, addresses_of, is_here, is_loopback, is_number
from goq.adapters.wire.transport import ServerSocket
from goq.errors import AddressTaken, BadSetting
from goq.roles.said.saying import Say

LOOK_EVERY_S = 10.0
_LOCAL_NAME = "localhost"


class Doors:
    """Opens them, and opens more when the machine's address has changed."""

    def __init__(self, socket: ServerSocket, config: Config, say: Say) -> None:
        self._socket = socket
        self._config = config
        self._say = say
        self._host = config.ip
        self._open: set[str] = set()
        self._is_near = False
        self._served: Served | None = None
        self._changes = config.guessed or not is_number(config.ip)
        self._errand = Errand(self._look, socket.wake)
        self._look_at = time.monotonic() + LOOK_EVERY_S

    def open(self) -> None:
        """Listen. Raises AddressTaken, and BadSetting when the host is not this machine."""
        ips = self._ips()
        if not ips:
            raise BadSetting(
                f"cannot listen on {self._config.address}: that is not an address of this machine;"
                " set GOQ_JSERV_IP to one"
            )
        for ip in ips:
            self._listen(ip)
        self._is_near = not {LOOPBACK, *ANYWHERE}.isdisjoint(ips)
        if not self._is_near and not all(map(is_loopback, ips)):
            self._open_near()

    def leave_address(self, served: Served) -> None:
        """Have it remembered in GOQ_HOME, with the queue, where commands and the next server look for them."""
        self._served = served
        config, guessed = self._config, self._config.guessed or self._host in ANYWHERE
        host = own_address() if guessed else self._host
        server = Remembered(host, config.port, guessed, machine_id() if self._is_near else "", served)
        before = recall(config.home)
        if before:
            server = replace(server, others=before.served_before(served))
        if server == before:
            return
        try:
            remember(config.home, server)
        except BadSetting as error:
            if before and replace(before, served=served, others=server.others) == server:
                return  # where it is, is known; of the queue a later server knows less
            self._say(f"{error}; commands need GOQ_JSERV_IP to find this server.", "address trouble")
            return
        if before is not None and before.address != server.address:
            text = (
                f"commands with this GOQ_HOME ask {server.address} now; they asked {before.address} before."
            )
            self._say(text, "address changed", address=server.address)

    def note_epoch(self, number: int) -> None:
        """The server has begun that epoch: what has another one is an old copy from now on."""
        known = recall(self._config.home)
        if self._served and known and known.served:
            self.leave_address(replace(self._served, epoch=number))

    def turn(self) -> None:
        """See now and then whether there is a new address."""
        if not self._changes:
            return
        for ips in self._errand.take():
            self._follow(ips)
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            self._errand.start()

    def _look(self) -> list[str]:
        try:
            return self._ips()
        except BadSetting:
            return []  # the name cannot be looked up just now

    def _ips(self) -> list[str]:
        """The addresses of this machine that are meant. Raises BadSetting when there is no such name."""
        host = self._config.ip
        if self._config.guessed:
            return [own_address()]
        if is_number(host):
            return [host]
        try:
            ips = addresses_of(host)
        except OSError as error:
            raise BadSetting(
                f"GOQ_JSERV_IP is {host!r}, which cannot be looked up ({error.strerror or error})"
            ) from error
        ours = list(filter(is_here, ips))
        if ours and all(map(is_loopback, ours)) and host != _LOCAL_NAME:
            ours.append(own_address())  # a machine often knows itself as 127.0.1.1 only
        return ours

    def _follow(self, ips: list[str]) -> None:
        for ip in ips:
            if ip in self._open:
                continue
            try:
                self._listen(ip)
            except (AddressTaken, BadSetting) as error:
                self._say(f"{error}.", "address trouble")
                self._open.add(ip)  # said once
                continue
            address = self._place(ip).address
            self._say(f"listening on {address} as well.", "address changed", address=address)
            if self._config.guessed and self._served:
                self.leave_address(self._served)

    def _open_near(self) -> None:
        try:
            self._listen(LOOPBACK)
            self._is_near = True
        except AddressTaken:
            self._say(
                f"note: {LOOPBACK}:{self._config.port} is taken by another program;"
                f" commands on this machine reach this server at {self._config.address} only.",
                "address trouble",
            )

    def _listen(self, ip: str) -> None:
        self._socket.listen(self._place(ip))
        self._open.add(ip)

    def _place(self, ip: str) -> Place:
        return replace(self._config.place, host=ip)
