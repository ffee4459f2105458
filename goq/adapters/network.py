"""Which address this machine has for others: that of the interface of its default route.

Read from /proc/net and asked of the kernel. An interface without a carrier has none.
"""

import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

from goq.adapters.machine import boot_id

_PROC = Path("/proc/net")
_SIOCGIFADDR, _SIOCGIFFLAGS = 0x8915, 0x8913
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING = 0x1, 0x8, 0x40
_RTF_UP, _RTF_REJECT = 0x1, 0x200
_SCOPE_GLOBAL = "00"
_IFA_TEMPORARY, _IFA_DADFAILED, _IFA_DEPRECATED, _IFA_TENTATIVE = 0x01, 0x08, 0x20, 0x40
_IFA_UNFIT = _IFA_TEMPORARY | _IFA_DADFAILED | _IFA_DEPRECATED | _IFA_TENTATIVE


def own_address() -> str:
    """The address under which others reach this machine, as far as it can tell; else 127.0.0.1.

    IPv4 is preferred; then the interfaces without a default route, in their order.
    """
    others = [name for _, name in socket.if_nameindex()]
    for routed, address_of in ((_ipv4_routes(), _ipv4), (_ipv6_routes(), _ipv6)):
        for name in routed:
            if _is_up(name) and (ip := address_of(name)):
                return ip
    for address_of in (_ipv4, _ipv6):
        for name in others:
            if _is_up(name) and (ip := address_of(name)):
                return ip
    return "127.0.0.1"


def machine_id() -> str:
    """What tells whether 127.0.0.1 is the same here as it was there: the boot, and the network in it."""
    return f"{boot_id()}:{os.stat('/proc/self/ns/net').st_ino}"


def _ipv4_routes() -> list[str]:
    """The interfaces of the default routes, the best first."""
    routes = []
    for line in _lines("route")[1:]:
        name, destination, _, flags, _, _, metric, mask = line.split()[:8]
        if int(destination, 16) == int(mask, 16) == 0 and _is_route(int(flags, 16)):
            routes.append((int(metric), name))
    return [name for _, name in sorted(routes, key=lambda route: route[0])]


def _ipv6_routes() -> list[str]:
    routes = []
    for line in _lines("ipv6_route"):
        destination, length, _, _, _, metric, _, _, flags, name = line.split()
        if int(destination, 16) == int(length, 16) == 0 and _is_route(int(flags, 16)):
            routes.append((int(metric, 16), name))
    return [name for _, name in sorted(routes, key=lambda route: route[0])]


def _is_route(flags: int) -> bool:
    return bool(flags & _RTF_UP) and not flags & _RTF_REJECT


def _lines(name: str) -> list[str]:
    try:
        return (_PROC / name).read_text("ascii").splitlines()
    except OSError:  # a kernel without that family
        return []


def _is_up(name: str) -> bool:
    flags = _ask(name, _SIOCGIFFLAGS)
    if flags is None:
        return False
    bits = int.from_bytes(flags[16:18], sys.byteorder)
    return bits & (_IFF_UP | _IFF_RUNNING | _IFF_LOOPBACK) == _IFF_UP | _IFF_RUNNING


def _ipv4(name: str) -> str:
    answer = _ask(name, _SIOCGIFADDR)
    ip = socket.inet_ntoa(answer[20:24]) if answer else ""
    return "" if ip.startswith("127.") else ip


def _ipv6(name: str) -> str:
    for line in _lines("if_inet6"):
        digits, _, _, scope, flags, device = line.split()
        if device == name and scope == _SCOPE_GLOBAL and not int(flags, 16) & _IFA_UNFIT:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits))
    return ""


def _ask(name: str, question: int) -> bytes | None:
    """The kernel's answer about an interface; None when it has none of that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            return fcntl.ioctl(probe, question, struct.pack("256s", os.fsencode(name)[:15]))
        except OSError:
            return None
