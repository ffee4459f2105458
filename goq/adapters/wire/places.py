"""Where a server is: names, the addresses behind them, and the form in which nng takes those.

Host names are looked up here and not by nng, which takes the first address of several, and refuses
even numbers of a family of which the machine has no address but loopback (AI_ADDRCONFIG).
"""

import re
import socket

from msgspec import Struct

LOOPBACK = "127.0.0.1"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what it means is what is asked
TRY_S = 1.0  # to connect to one of several addresses
_IPV4_SHAPE = re.compile(r"[\d.]+")
_ZONE_SHAPE = re.compile(r"[\w.-]+", re.ASCII)
_NAME_SHAPE = re.compile(
    r"(?=.{1,253}\.?$)(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d])?\.)*"
    r"[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d])?\.?",
    re.ASCII | re.IGNORECASE,
)
_ADDRESS_SHAPE = re.compile(r"([a-z+]+)://(?:\[([^\]]+)\]|([^:\[\]]+)):(\d+)")


class Place(Struct, frozen=True, gc=False):
    """A host, by name or number and without brackets, and a port there."""

    scheme: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """As people write it."""
        return f"{self.scheme}://{bracketed(self.host)}:{self.port}"

    def url(self, ip: str) -> str:
        """As nng takes it, of one of the host's addresses. Raises OSError when it takes none."""
        return f"{self.scheme}://{bracketed(nng_form(ip))}:{self.port}"


def place_of(address: str) -> Place:
    """The place that an address like tcp://[::1]:1776 names. Raises ValueError."""
    found = _ADDRESS_SHAPE.fullmatch(address)
    if found is None:
        raise ValueError(f"no address: {address!r}")
    return Place(found[1], found[2] or found[3], int(found[4]))


def bracketed(host: str) -> str:
    """The host as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def checked_host(text: str) -> str:
    """The host that a person has written, an IPv6 address without its brackets. Raises ValueError."""
    if text.startswith("[") and text.endswith("]") and ":" in text:
        text = text[1:-1]
    if ":" in text:
        return _checked_ipv6(text)
    try:
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, text))
    except OSError:
        if _IPV4_SHAPE.fullmatch(text) or not _NAME_SHAPE.fullmatch(text):
            raise ValueError(f"no host: {text!r}") from None
        return text.lower()


def _checked_ipv6(text: str) -> str:
    number, percent, zone = text.partition("%")
    try:
        ip = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, number))
    except OSError:
        raise ValueError(f"no IPv6 address: {text!r}") from None
    if percent and not _ZONE_SHAPE.fullmatch(zone):
        raise ValueError(f"no zone: {text!r}")
    return f"{ip}{percent}{zone}"


def is_number(host: str) -> bool:
    """It need not be looked up."""
    return ":" in host or _IPV4_SHAPE.fullmatch(host) is not None


def is_loopback(ip: str) -> bool:
    """It means this machine on every machine."""
    return ip.startswith("127.") or ip == "::1"


def addresses_of(host: str) -> list[str]:
    """The numeric addresses of the host, the likeliest first. Raises OSError."""
    if is_number(host):
        return [host]
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(_with_zone(entry[4]) for entry in found))


def _with_zone(sockaddr: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> str:
    ip = str(sockaddr[0])
    return f"{ip}%{sockaddr[3]}" if len(sockaddr) == 4 and sockaddr[3] and "%" not in ip else ip


def reachable_address(host: str, port: int) -> str:
    """The address to connect to: the first that anybody answers at, or the only one.

    Raises OSError when there is none, nng does not take it, or nobody answers at any of several.
    """
    ips = addresses_of(host)
    if len(ips) == 1:
        nng_form(ips[0])
        return ips[0]
    for at, ip in enumerate(ips):
        try:
            nng_form(ip)
            socket.create_connection((ip, port), TRY_S).close()
        except OSError:
            if at == len(ips) - 1:
                raise
        else:
            return ip
    raise AssertionError("a host without addresses is an OSError")


def nng_form(ip: str) -> str:
    """The address as nng's own look-up takes it on this machine as it is now. Raises OSError."""
    forms = [ip] if ":" in ip else [ip, f"::ffff:{ip}"]
    if ip == "::1":
        forms.append(LOOPBACK)  # where a server listens as well
    for at, form in enumerate(forms):
        try:
            socket.getaddrinfo(
                form,
                None,
                0,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                socket.AI_ADDRCONFIG | socket.AI_NUMERICHOST,
            )
        except OSError:
            if at == len(forms) - 1:
                raise
        else:
            return form
    raise AssertionError("there is a form at least")


def is_here(ip: str) -> bool:
    """One can listen on the address on this machine."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(socket.getaddrinfo(ip, 0, family, socket.SOCK_STREAM)[0][4])
    except OSError:
        return False
    return True
