"""The settings: GOQ_* variables, and the cluster id from its file or variable.

A bad value is refused by the name of its variable, never silently replaced. Nothing else in
goq reads the environment for its own settings.
"""

import fcntl
import math
import os
import re
import secrets
import socket
import struct
from pathlib import Path

from msgspec import Struct

from goq.adapters.files.secretfile import make_private_folder, read_secret, write_secret
from goq.core.values.ids import Environment, split_environment
from goq.errors import BadSetting

ID_FILE = ".goqclusterid"
HOME_ID_FILE = "goqclusterid"
TLS_FILE = "tls.pem"
ID_VARIABLE = "GOQ_CLUSTERID"
_ID_SHAPE = re.compile(r"[0-9a-fA-F]{32,128}")
_PEM_SHAPE = re.compile(
    r"-----BEGIN EC PRIVATE KEY-----[\w+/=\s]+-----END EC PRIVATE KEY-----\s+"
    r"-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----\s*"
)
_SIOCGIFADDR = 0x8915
DAY_S = 86_400
KEEP_DAYS_LIMIT = 36_500


class Config(Struct, frozen=True, gc=False):
    """All settings of one process, checked. Times in seconds."""

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

    def __repr__(self) -> str:
        """Without the private key: tracebacks and logs may show this."""
        return f"Config({self.address}, home={self.home})"

    @property
    def address(self) -> str:
        """The server's address as nng wants it; encrypted where GOQ_HOME holds a certificate."""
        return f"{'tls+tcp' if self.tls_pem else 'tcp'}://{self.ip}:{self.port}"


def load_config() -> Config:
    """Read the settings. Raises BadSetting with the name of the first bad variable."""
    heartbeat_s = _number("GOQ_HEARTBEAT_SEC", 5.0, 0.05, 3600)
    lease_s = _number("GOQ_LEASE_SEC", 60.0, 0.1, 7 * 86400)
    if lease_s < 2 * heartbeat_s:
        raise BadSetting(
            f"GOQ_LEASE_SEC ({lease_s:g}) must be at least twice GOQ_HEARTBEAT_SEC ({heartbeat_s:g})"
        )
    home = _home()
    return Config(
        ip=_ip(),
        port=int(_number("GOQ_JSERV_PORT", 1776, 1, 65535, whole=True)),
        home=home,
        spool=_spool(),
        output_folder=Path(os.environ.get("GOQ_ODIR") or "o").absolute(),
        journal_folder=Path(os.environ.get("GOQ_JOURNAL") or ".goq").absolute(),
        timeout_s=_number("GOQ_SENDTIMEOUT_MSEC", 1000, 1, 3_600_000, whole=True) / 1000,
        heartbeat_s=heartbeat_s,
        lease_s=lease_s,
        kill_grace_s=_number("GOQ_KILL_GRACE_SEC", 5.0, 0, 3600),
        crash_limit=int(_number("GOQ_CRASH_LIMIT", 5, 1, 1_000_000, whole=True)),
        keep_s=_number("GOQ_KEEP_DAYS", 0, 0, KEEP_DAYS_LIMIT) * DAY_S,
        debug=_flag("GOQ_DEBUGMODE"),
        tls_pem=_certificate(home / TLS_FILE),
    )


def _home() -> Path:
    try:
        return Path(os.environ.get("GOQ_HOME") or Path.home() / ".goq").absolute()
    except RuntimeError as error:
        raise BadSetting("this user has no home folder; set GOQ_HOME to a folder to use") from error


def _spool() -> Path:
    return Path(os.environ.get("GOQ_SPOOL") or f"/var/tmp/goq-{os.geteuid()}").absolute()  # noqa: S108 - it is checked


def _certificate(path: Path) -> str:
    pem = read_secret(path)
    return "" if pem is None else checked_certificate(pem, path)


def checked_certificate(pem: str, place: Path | str) -> str:
    """The certificate with its key, if the text has the shape of one. Raises BadSetting."""
    if _PEM_SHAPE.fullmatch(pem):
        return pem
    raise BadSetting(f"{place} does not hold a key and a certificate; make them with 'goq init --tls'")


def _number(name: str, default: float, low: float, high: float, *, whole: bool = False) -> float:
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        value = float(int(text)) if whole else float(text)
    except (ValueError, OverflowError):
        value = math.nan
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise BadSetting(f"{name} is {text!r}; it must be {kind} from {low:g} to {high:.12g}")
    return value


def _flag(name: str) -> bool:
    text = os.environ.get(name, "")
    if text in ("true", "TRUE", "True", "1"):
        return True
    if text in ("", "false", "FALSE", "False", "0"):
        return False
    raise BadSetting(f"{name} is {text!r}; it must be true or false")


def _ip() -> str:
    text = os.environ.get("GOQ_JSERV_IP", "")
    if not text:
        return first_external_ip()
    try:
        packed = socket.inet_pton(socket.AF_INET, text)
    except OSError as error:
        raise BadSetting(f"GOQ_JSERV_IP is {text!r}; it must be an IPv4 address like 192.0.2.7") from error
    return socket.inet_ntoa(packed)


def first_external_ip() -> str:
    """The IPv4 address of the first network interface that is not the loopback; else 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, request)
            except OSError:
                continue  # the interface has no IPv4 address
            ip = socket.inet_ntoa(answer[20:24])
            if not ip.startswith("127."):
                return ip
    return "127.0.0.1"


# --- the cluster id ------------------------------------------------------------------------


def new_cluster_id() -> str:
    """A new random id: 40 hexadecimal digits."""
    return secrets.token_hex(20)


def find_cluster_id(config: Config) -> str | None:
    """The cluster id in force here: the folder's file, else GOQ_CLUSTERID, else GOQ_HOME's file.

    Raises BadSetting when the one that counts is malformed, or a file that others can read.
    """
    variable = _from_variable()  # a bad one is refused, even where another id counts
    return _from_file(Path(ID_FILE)) or variable or _from_file(config.home / HOME_ID_FILE)


def require_cluster_id(config: Config) -> str:
    """The cluster id in force. Raises BadSetting when there is none."""
    found = find_cluster_id(config)
    if found is None:
        raise BadSetting(
            f"no cluster id yet: start 'goq serve' on this machine, set {ID_VARIABLE},"
            f" or bring the cluster's id to {config.home} with 'goq init --join'"
        )
    return found


def settle_cluster_id(config: Config) -> tuple[str, str]:
    """The id for a server started here, kept where later commands find it; and a warning, or "".

    Written to the folder's file, and to GOQ_HOME unless one is there already.
    """
    cluster_id = find_cluster_id(config) or new_cluster_id()
    here = Path(ID_FILE)
    if not here.exists():
        write_secret(here, cluster_id)
    at_home = save_at_home(config, cluster_id)
    if at_home == cluster_id:
        return cluster_id, ""
    return cluster_id, (
        f"{config.home / HOME_ID_FILE} holds another cluster's id; "
        f"commands reach this server from {here.absolute().parent}, or with {ID_VARIABLE} set"
    )


def save_at_home(config: Config, cluster_id: str) -> str:
    """Keep the id in GOQ_HOME unless one is there; the id that is there afterwards."""
    path = make_private_folder(config.home) / HOME_ID_FILE
    present = _from_file(path)
    if present is None:
        write_secret(path, cluster_id)
    return present or cluster_id


def checked_cluster_id(cluster_id: str, place: Path | str) -> str:
    """The id, if it can be one. Raises BadSetting, which names the place but not the id."""
    if _ID_SHAPE.fullmatch(cluster_id):
        return cluster_id
    raise BadSetting(
        f"{place} does not hold a cluster id (40 hexadecimal digits); make one with 'goq clusterid'"
    )


def _from_file(path: Path) -> str | None:
    cluster_id = read_secret(path)
    return None if cluster_id is None else checked_cluster_id(cluster_id, path)


def _from_variable() -> str | None:
    cluster_id = os.environ.get(ID_VARIABLE)
    return checked_cluster_id(cluster_id, ID_VARIABLE) if cluster_id else None


def scrubbed_environment(cluster_id: str) -> dict[bytes, bytes]:
    """The environment without the secret: what a job may see."""
    secret = cluster_id.encode()
    return {
        name: value
        for name, value in _given_environment().items()
        if name != ID_VARIABLE.encode() and secret not in value and secret not in name
    }


def _given_environment() -> dict[bytes, bytes]:
    """The environment as we were given it: Python may have set LC_CTYPE in its own (PEP 538)."""
    variables = dict(os.environb)
    with open("/proc/self/environ", "rb") as file:
        given = split_environment(Environment(file.read()))
    variables.pop(b"LC_CTYPE", None)
    if b"LC_CTYPE" in given:
        variables[b"LC_CTYPE"] = given[b"LC_CTYPE"]
    return variables
