"""The settings: GOQ_* variables, and below them files of the user's and the host's (see settings).

A bad value is refused by the name of its variable, never silently replaced. Nothing else in
goq reads the environment for its own settings, but for the cluster id (see clusterid).
"""

import math
import os
import re
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.certificate import read_certificate
from goq.adapters.machine import host_name
from goq.adapters.network import machine_id, own_address
from goq.adapters.remembered import Remembered, read_remembered, recall
from goq.adapters.settings import Settings, read_settings
from goq.adapters.wire.places import LOOPBACK, Place, checked_host
from goq.errors import BadSetting

JOURNAL_FILE = "journal.sqlite"
_WITH_PORT = re.compile(r"[^:\[\]\s]+:\d{1,5}|\[[^\]\s]+\]:\d{1,5}")
_WITHOUT_ZONE = re.compile(r"\[?fe[89ab][0-9a-f]:[0-9a-f:.]*\]?", re.IGNORECASE)
DEFAULT_PORT = 1776
DAY_S = 86_400
_UNITS_S = {"MSEC": 0.001, "SEC": 1.0, "DAYS": float(DAY_S)}  # by the end of a setting's name
KEEP_DAYS_LIMIT = 36_500


class Config(Struct, frozen=True, gc=False):
    """All settings of one process, checked. Times in seconds.

    `ip` may be a name. `guessed`: nobody has told us where the server is. `near`: it is on this
    machine, and listens on 127.0.0.1 as well. `tls_pem` is the certificate by which one knows it, "" without
    encryption; its private key is read by 'goq serve' alone (see certificate).
    """

    ip: str
    port: int
    home: Path
    spool: Path
    output_folder: Path
    journal_folder: Path
    timeout_s: float
    heartbeat_s: float
    lease_s: float
    kill_grace_s: float
    crash_limit: int
    keep_s: float
    debug: bool
    tls_pem: str = ""
    guessed: bool = False
    near: bool = False

    def __repr__(self) -> str:
        """In short: tracebacks and logs may show this."""
        return f"Config({self.address}, home={self.home})"

    @property
    def address(self) -> str:
        """The server's address for people; encrypted where GOQ_HOME holds a certificate."""
        return self.place.address

    @property
    def place(self) -> Place:
        """The same in its parts."""
        return Place("tls+tcp" if self.tls_pem else "tcp", self.ip, self.port)

    @property
    def way(self) -> Place:
        """Where to connect to: what is near is reached through any change of the network."""
        return replace(self.place, host=LOOPBACK) if self.near else self.place

    @property
    def hint(self) -> str:
        """What to say behind the address when nobody is there."""
        return "; GOQ_JSERV_IP is not set; tried this machine's address" if self.guessed else ""


def load_config(*, serving: bool = False, reading: bool = False) -> Config:
    """Read the settings, of a server or of all others; `reading`: of who reads the journal.

    Raises BadSetting with the name of the first bad one.
    """
    said = read_settings()
    heartbeat_s = _number(said, "GOQ_HEARTBEAT_SEC", 5.0, 0.05, 3600)
    lease_s = _number(said, "GOQ_LEASE_SEC", 60.0, 0.1, 7 * 86400)
    if lease_s < 2 * heartbeat_s:
        raise BadSetting(
            f"GOQ_LEASE_SEC ({lease_s:g}) must be at least twice GOQ_HEARTBEAT_SEC ({heartbeat_s:g})"
        )
    home = _home(said)
    server = _server(said, home, serving=serving)
    journal, outputs = _folders(said, home, server) if reading else _own_folders(said)
    return Config(
        ip=server.host,
        port=server.port,
        home=home,
        spool=_spool(said),
        output_folder=outputs,
        journal_folder=journal,
        timeout_s=_number(said, "GOQ_SENDTIMEOUT_MSEC", 1000, 1, 3_600_000, whole=True) / 1000,
        heartbeat_s=heartbeat_s,
        lease_s=lease_s,
        kill_grace_s=_number(said, "GOQ_KILL_GRACE_SEC", 5.0, 0, 3600),
        crash_limit=int(_number(said, "GOQ_CRASH_LIMIT", 5, 1, 1_000_000, whole=True)),
        keep_s=_number(said, "GOQ_KEEP_DAYS", 0, 0, KEEP_DAYS_LIMIT) * DAY_S,
        debug=flag_of(said, "GOQ_DEBUGMODE", default=False),
        tls_pem=read_certificate(home),
        guessed=server.guessed,
        near=server.near,
    )


class Sending(Struct, frozen=True):
    """What of a submitter's environment goes to jobs unless he says otherwise.

    `never`: variables of these names, or that these patterns meet, do not. `is_clean`: only those that any job needs do.
    """

    never: tuple[str, ...] = ()
    is_clean: bool = False


def sending_of(said: Settings) -> Sending:
    """The same by the settings: what host, user and variable never send adds up. Raises BadSetting."""
    name = "GOQ_NEVER_SEND"
    patterns = dict.fromkeys(
        pattern for text in said.all_texts(name) for pattern in text.replace(",", " ").split()
    )
    bad = next((pattern for pattern in patterns if "=" in pattern), "")
    if bad:
        raise BadSetting(f"{name} has {bad!r}; it takes names of variables, * and ? in them, as AWS_*")
    return Sending(tuple(patterns), flag_of(said, "GOQ_CLEAN_ENV", default=False))


def _home(said: Settings) -> Path:
    try:
        return Path(said.text("GOQ_HOME") or Path.home() / ".goq").absolute()
    except RuntimeError as error:
        raise BadSetting("this user has no home folder; set GOQ_HOME to a folder to use") from error


def _own_folders(said: Settings) -> tuple[Path, Path]:
    """Of the journal and of outputs, for a server."""
    journal, outputs = said.text("GOQ_JOURNAL") or ".goq", said.text("GOQ_ODIR") or "o"
    return Path(journal).absolute(), Path(outputs).absolute()


def _folders(said: Settings, home: Path, server: "_Server") -> tuple[Path, Path]:
    """The same for a reader: the variable, what is here, else what GOQ_HOME remembers. Raises BadSetting."""
    journal, outputs = _own_folders(said)
    if said.text("GOQ_JOURNAL") or (journal / JOURNAL_FILE).exists():
        return journal, outputs
    known = recall(home)
    if known is None or known.served is None:
        if server.guessed or server.near or known is None:
            return journal, outputs
        raise BadSetting(
            f"no journal in {journal}, and the server is at {known.address}: go to that machine, into the"
            " folder of 'goq serve', or set GOQ_JOURNAL"
        )
    served = known.served
    if served.host != host_name():
        raise BadSetting(
            f"no journal in {journal}; it is on {served.host}, in {served.folder}: go there, or set GOQ_JOURNAL"
        )
    if not (served.folder / JOURNAL_FILE).exists():
        raise BadSetting(
            f"no journal in {journal}, nor in {served.folder}, where it was: is that disk mounted?"
            " Go to the folder of 'goq serve', or set GOQ_JOURNAL"
        )
    return served.folder, outputs if said.text("GOQ_ODIR") else served.outputs


def _spool(said: Settings) -> Path:
    return Path(said.text("GOQ_SPOOL") or f"/var/tmp/goq-{os.geteuid()}").absolute()  # noqa: S108 - it is checked


def _number(
    said: Settings, name: str, default: float, low: float, high: float, *, whole: bool = False
) -> float:
    text = said.text(name)
    if not text:
        return default
    try:
        value = float(int(text)) if whole else float(text)
    except (ValueError, OverflowError):
        value = _in_its_unit(name, text, whole=whole)
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise BadSetting(f"{said.label(name)} is {text!r}; it must be {kind} from {low:g} to {high:.12g}")
    return value


def _in_its_unit(name: str, text: str, *, whole: bool) -> float:
    """What is said with a unit, as `2m`, in that which the setting's name ends with; else NaN."""
    unit_s = _UNITS_S.get(name.rpartition("_")[2])
    if unit_s is None or not text[-1].isalpha():
        return math.nan
    from goq.core.values.quantities import BadQuantity, duration_s  # noqa: PLC0415 - few write units

    try:
        value = duration_s(text) / unit_s
    except BadQuantity:
        return math.nan
    return (
        float(round(value)) if whole and math.isclose(value, round(value)) else math.nan if whole else value
    )


def flag_of(said: Settings, name: str, *, default: bool) -> bool:
    """A setting that is true or false. Raises BadSetting for anything else."""
    text = said.text(name)
    if not text:
        return default
    if text in ("true", "TRUE", "True", "1"):
        return True
    if text in ("false", "FALSE", "False", "0"):
        return False
    raise BadSetting(f"{said.label(name)} is {text!r}; it must be true or false")


def _host(said: Settings) -> str:
    """The host that GOQ_JSERV_IP names; "" when it names none."""
    name = "GOQ_JSERV_IP"
    text = said.text(name)
    if _WITH_PORT.fullmatch(text):
        raise BadSetting(
            f"{said.label(name)} is {text!r}; it must be a host alone: the port goes into GOQ_JSERV_PORT"
        )
    if _WITHOUT_ZONE.fullmatch(text):
        raise BadSetting(
            f"{said.label(name)} is {text!r}, which each link has: it must name the interface too, as 'fe80::1%eth0'"
        )
    try:
        return checked_host(text) if text else ""
    except ValueError as error:
        raise BadSetting(
            f"{said.label(name)} is {text!r}; it must be a host name, or an address like 192.0.2.7 or fd00::7"
        ) from error


class _Server(Struct):
    """Where the server is, and how we know."""

    host: str
    port: int
    guessed: bool
    near: bool


def _server(said: Settings, home: Path, *, serving: bool) -> _Server:
    """The variables win; then what GOQ_HOME remembers; then a guess.

    A server that has guessed before guesses anew: its machine may have another address by now.
    """
    named = _host(said)
    port = int(_number(said, "GOQ_JSERV_PORT", 0, 1, 65535, whole=True))
    known = _remembered(home, needed=not named)
    host = named or (known.host if known and not (serving and known.guessed) else "")
    guessed = not host
    host = host or own_address()
    if known is None or (host != known.host and not (serving and known.guessed and guessed)):
        return _Server(host, port or DEFAULT_PORT, guessed, near=False)
    port = port or known.port
    near = (host, port) == (known.host, known.port) and bool(known.machine) and known.machine == machine_id()
    return _Server(host, port, guessed, near)


def _remembered(home: Path, *, needed: bool) -> Remembered | None:
    return read_remembered(home) if needed else recall(home)
