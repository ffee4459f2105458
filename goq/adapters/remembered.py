"""What GOQ_HOME remembers of the server: its address, and whether it is on this machine.

No secret, and never needed: variables come before it, and a guess after it.
"""

from pathlib import Path

from msgspec import Struct

from goq.adapters.files.durable import write_private
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.wire.places import bracketed, checked_host
from goq.errors import BadSetting

SERVER_FILE = "server"
ADDRESS = "address"
_GUESSED, _LOOPBACK = "guessed", "loopback"
_LIMIT = 4096
_PORTS = range(1, 65536)


class Remembered(Struct, frozen=True, gc=False):
    """A server: `host` is a name or a number, as it was given.

    `guessed`: nobody has named it, the server took its machine's address. `machine` is where it
    listens on 127.0.0.1 as well, as network.machine_id has it; "" if it does not.
    """

    host: str
    port: int
    guessed: bool = False
    machine: str = ""

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"{bracketed(self.host)}:{self.port}"


def read_remembered(home: Path) -> Remembered | None:
    """The server that GOQ_HOME remembers, if any. Raises BadSetting when that makes no sense."""
    path = home / SERVER_FILE
    try:
        with path.open("rb") as file:
            lines = file.read(_LIMIT).decode("ascii", "replace").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from error
    words = {key: value.strip() for key, _, value in (line.partition(" ") for line in lines)}
    try:
        host, port = parse_address(words.get(ADDRESS, ""))
    except ValueError as error:
        raise BadSetting(f"{path} does not name a server; remove it, or set GOQ_JSERV_IP") from error
    return Remembered(host, port, _GUESSED in words, words.get(_LOOPBACK, ""))


def remember(home: Path, server: Remembered) -> None:
    """Keep it in GOQ_HOME. Raises BadSetting when that cannot be written."""
    path = make_private_folder(home) / SERVER_FILE
    lines = [f"{ADDRESS} {server.address}", *([_GUESSED] if server.guessed else [])]
    lines += [f"{_LOOPBACK} {server.machine}"] if server.machine else []
    try:
        write_private(path, "".join(f"{line}\n" for line in lines).encode("ascii"))
    except OSError as error:
        raise BadSetting(f"cannot write {path}: {error.strerror}") from error


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of "host:port". Raises ValueError."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) in _PORTS):
        raise ValueError(f"no port: {text!r}")
    return checked_host(host), int(port)
