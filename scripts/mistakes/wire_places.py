"""Mistakes in adapters/wire/places.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/places.py"
FAULTS = [
    Fault(
        "nng gets numbers as they are",
        FILE,
        'forms = [ip] if ":" in ip else [ip, f"::ffff:{ip}"]',
        "forms = [ip]",
    ),
    Fault(
        "the IPv6 loopback has no other form",
        FILE,
        'if ip == "::1":',
        'if ip == "::2":',
    ),
    Fault(
        "of several addresses the first is taken",
        FILE,
        "    if len(ips) == 1:\n        nng_form",
        "    if ips:\n        nng_form",
    ),
    Fault(
        "a number that is none is a name",
        FILE,
        "if _IPV4_SHAPE.fullmatch(text) or not",
        "if not",
    ),
    Fault(
        "anything is a name",
        FILE,
        "or not _NAME_SHAPE.fullmatch(text):",
        "or not text:",
    ),
    Fault(
        "a zone may be anything",
        FILE,
        "if percent and not _ZONE_SHAPE.fullmatch(zone):",
        "if False:",
    ),
    Fault(
        "an IPv6 address has no brackets before its port",
        FILE,
        'return f"[{host}]" if ":" in host else host',
        "return host",
    ),
    Fault(
        "names are looked up as numbers",
        FILE,
        'return ":" in host or _IPV4_SHAPE.fullmatch(host) is not None',
        'return "." in host or ":" in host',
    ),
    Fault(
        "each address is this machine's",
        FILE,
        "    except OSError:\n        return False\n    return True",
        "    except OSError:\n        return True\n    return True",
    ),
]
