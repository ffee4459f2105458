"""Mistakes in adapters/network.py."""

from mistakes.fault import Fault

FILE = "adapters/network.py"
FAULTS = [
    Fault(
        "the first interface is taken",
        FILE,
        "(_ipv4_routes(), _ipv4), (_ipv6_routes(), _ipv6)",
        "([], _ipv4), ([], _ipv6)",
    ),
    Fault(
        "the worst route is taken",
        FILE,
        "    return [name for _, name in sorted(routes, key=lambda route: route[0])]\n\n\ndef _ipv6_routes",
        "    return [name for _, name in sorted(routes, key=lambda route: -route[0])]\n\n\ndef _ipv6_routes",
    ),
    Fault(
        "a link without a carrier is as good",
        FILE,
        "== _IFF_UP | _IFF_RUNNING",
        "in (_IFF_UP | _IFF_RUNNING, _IFF_UP)",
    ),
    Fault(
        "IPv6 is forgotten",
        FILE,
        "    for address_of in (_ipv4, _ipv6):",
        "    for address_of in (_ipv4,):",
    ),
    Fault(
        "link-local addresses are as good",
        FILE,
        "scope == _SCOPE_GLOBAL and",
        "scope and",
    ),
    Fault(
        "addresses that are being given up are as good",
        FILE,
        "_SCOPE_GLOBAL and not int(flags, 16) & _IFA_UNFIT:",
        "_SCOPE_GLOBAL:",
    ),
    Fault(
        "all networks of a machine are one",
        FILE,
        ":{os.stat('/proc/self/ns/net').st_ino}",
        "",
    ),
]
