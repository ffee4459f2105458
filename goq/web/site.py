"""Where the page is, under which names, and what who uses it may do. Pure."""

import re
from hashlib import sha256

from msgspec import Struct

LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "[::1]"))
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?").fullmatch


class Site(Struct, frozen=True):
    """One page of one server.

    `names` are its names beside those of this machine itself. Behind a proxy who asks for one of
    them speaks TLS with the proxy; with a certificate of ours (`has_tls`) everybody speaks TLS with us.
    """

    door: str  # what a code is good for: a port, or the path of a socket
    url: str  # for who sits at this machine; ends in "/"
    base: str = ""  # what all paths begin with, as "/goq"
    names: frozenset[str] = frozenset()
    has_tls: bool = False
    may_act: bool = True
    link_command: str = "goq web --link"

    @property
    def cookie(self) -> str:
        """The name of our cookie: browsers keep those of all ports of a host in one place."""
        return f"goq-{sha256(self.door.encode()).hexdigest()[:8]}"

    def knows(self, host: str) -> bool:
        """A request with that Host is for us: a page of a stranger, whose name leads to this machine, is not."""
        name = name_of(host)
        return name in LOOPBACK_NAMES or name in self.names

    def is_secure(self, host: str) -> bool:
        """Who asked for that Host speaks TLS."""
        return self.has_tls or name_of(host) in self.names

    def origin(self, host: str) -> str:
        """What a browser says of our own pages, when it asked for that Host. The port is part of it."""
        return f"{'https' if self.is_secure(host) else 'http'}://{host.lower()}"

    def path(self, text: str) -> str:
        """The address of one of our pages on this host; `text` begins with "/"."""
        return self.base + text


def name_of(host: str) -> str:
    """The name in a Host, in small letters, without its port; "" for nonsense."""
    found = _HOST(host)
    return found[1].lower() if found else ""


def base_of(text: str) -> str:
    """A base as people write it, as we need it: "" or "/goq". Raises ValueError."""
    base = "/" + text.strip("/") if text.strip("/") else ""
    if not re.fullmatch(r"(?:/[A-Za-z0-9_.~-]+)*", base) or ".." in base:
        raise ValueError(f"--base {text!r} is no path; /goq is one")
    return base
