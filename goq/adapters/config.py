"""The settings: GOQ_* variables.

A bad value is refused by the name of its variable, never silently replaced. Nothing else in
goq reads the environment for its own settings, but for the cluster id (see clusterid).
"""

import fcntl
import math
import os
import re
import socket
import struct
from pathlib import Path

from msgspec import Struct

from goq.adapters.files.secretfile import read_secret
from goq.errors import BadSetting

TLS_FILE = "tls.pem"
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
