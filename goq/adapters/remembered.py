"""What GOQ_HOME remembers of the server: its address, whether it is on this machine, and which queue it has.

No secret, and never needed: variables come before it, and a guess after it.
"""

import os
from pathlib import Path
from urllib.parse import quote, unquote, unquote_to_bytes

from msgspec import Struct

from goq.adapters.files.durable import write_private
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.wire.places import bracketed, checked_host
from goq.core.values.ids import QueueId
from goq.errors import BadSetting

SERVER_FILE = "server"
ADDRESS = "address"
_GUESSED, _LOOPBACK, _ALSO, _JOINED = "guessed", "loopback", "also", "joined"
_NO_QUEUE = QueueId(b"")
OTHERS_LIMIT = 16  # beside the latest; who begins more queues than that has given the first one up
_END = "end"  # the last line: nothing is missing
_LIMIT = 256 * 1024
_PORTS = range(1, 65536)


class Served(Struct, frozen=True, gc=False):
    """A queue, and where it was served last: the folder of its journal, and that of its outputs.

    `epoch` was its latest then, `inode` is that of the journal's file, `mount` the mount point that
    it is below, `host` the machine's name.
    """

    queue: QueueId
    epoch: int
    folder: Path
    outputs: Path
    inode: int
    mount: Path
    host: str


class Remembered(Struct, frozen=True, gc=False):
    """A server: `host` is a name or a number, as it was given.

    `guessed`: nobody has named it, the server took its machine's address. `machine` is where it
    listens on 127.0.0.1 as well, as network.machine_id has it; "" if it does not. `others` are queues that
    were served before `served`.
    """

    host: str
    port: int
    guessed: bool = False
    machine: str = ""
    served: Served | None = None
    others: tuple[Served, ...] = ()
    joined: QueueId = _NO_QUEUE

    @property
    def queues(self) -> tuple[Served, ...]:
        """All that were served with this GOQ_HOME, the latest first, as far as it remembers."""
        return (self.served, *self.others) if self.served else self.others

    def served_before(self, served: Served) -> tuple[Served, ...]:
        """What to remember beside that one."""
        return tuple(each for each in self.queues if each.queue != served.queue)[:OTHERS_LIMIT]

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
    machine, joined = words.get(_LOOPBACK, ""), _queue(words.get(_JOINED, ""))
    return Remembered(host, port, _GUESSED in words, machine, _served(words), _others(lines), joined)


def recall(home: Path) -> Remembered | None:
    """The same, for whoever can do without."""
    try:
        return read_remembered(home)
    except BadSetting:
        return None


def trouble_with(home: Path) -> str:
    """What is wrong with what GOQ_HOME remembers of queues, in words; "" for nothing."""
    path = home / SERVER_FILE
    if path.is_dir():
        return ""  # nothing can have been kept there
    try:
        known = read_remembered(home)
        lines = path.read_text("ascii", "replace").splitlines() if known else [_END]
    except BadSetting as error:
        return str(error)
    except OSError as error:
        return f"cannot read {path}: {error.strerror}"
    also = sum(line.startswith(f"{_ALSO} ") for line in lines)
    is_whole = lines[-1] == _END and (known is None or len(known.others) == also)
    has_all = (
        known is None or known.served is not None or not any(line.startswith("queue ") for line in lines)
    )
    return "" if is_whole and has_all else f"{path} is damaged"


def remember(home: Path, server: Remembered) -> None:
    """Keep it in GOQ_HOME. Raises BadSetting when that cannot be written."""
    path = make_private_folder(home) / SERVER_FILE
    lines = [f"{ADDRESS} {server.address}", *([_GUESSED] if server.guessed else [])]
    lines += [f"{_LOOPBACK} {server.machine}"] if server.machine else []
    lines += [f"{_JOINED} {server.joined.hex()}"] if server.joined else []
    lines += _lines_of(server.served) if server.served else []
    lines += [f"{_ALSO} {'; '.join(_lines_of(each))}" for each in server.others] + [_END]
    try:
        write_private(path, "".join(f"{line}\n" for line in lines).encode("ascii"))
    except OSError as error:
        raise BadSetting(f"cannot write {path}: {error.strerror}") from error


def mount_point(folder: Path) -> Path:
    """The mount point that a folder is below."""
    return next(path for path in (folder, *folder.parents) if os.path.ismount(path) or path == path.parent)


def _queue(text: str) -> QueueId:
    """None where that is nonsense: it is a help, and no condition."""
    try:
        return QueueId(bytes.fromhex(text))
    except ValueError:
        return _NO_QUEUE


def _lines_of(served: Served) -> list[str]:
    return [
        f"queue {served.queue.hex()} {served.epoch}",
        f"journal {served.inode} {_quoted(served.folder)}",
        f"outputs {_quoted(served.outputs)}",
        f"mount {_quoted(served.mount)}",
        f"host {quote(served.host)}",
    ]


def _served(words: dict[str, str]) -> Served | None:
    """None where nothing is told of it, or nonsense: it is a help, and no condition."""
    try:
        queue, epoch = words["queue"].split()
        inode, folder = words["journal"].split()
        paths = [
            Path(os.fsdecode(unquote_to_bytes(path))) for path in (folder, words["outputs"], words["mount"])
        ]
        folder_path, outputs, mount = paths
        host = unquote(words["host"])
        return Served(
            QueueId(bytes.fromhex(queue)), int(epoch), folder_path, outputs, int(inode), mount, host
        )
    except (KeyError, ValueError):
        return None


def _others(lines: list[str]) -> tuple[Served, ...]:
    told = [line.removeprefix(f"{_ALSO} ").split("; ") for line in lines if line.startswith(f"{_ALSO} ")]
    found = (
        _served({key: value for key, _, value in (part.partition(" ") for part in each)}) for each in told
    )
    return tuple(each for each in found if each)[:OTHERS_LIMIT]


def _quoted(path: Path) -> str:
    return quote(os.fsencode(path))


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of "host:port". Raises ValueError."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) in _PORTS):
        raise ValueError(f"no port: {text!r}")
    return checked_host(host), int(port)
