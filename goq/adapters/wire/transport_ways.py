"""The ways from a client's socket to its server: nng's dialers. Imports pynng, as transport does.

A dialer of nng's dials again by itself, the same address for ever. Beside it another one is made
when the name has another address now, or when its connection says nothing any more. An older one
is closed when it is connected, and not before: amid a connection or its greeting nng's close
aborts now and then (nanomsg/nng#2110).
"""

from collections.abc import Callable
from typing import Any

import pynng
from msgspec import Struct

from goq.adapters.wire.lookout import Lookout
from goq.adapters.wire.places import Place, is_number

DIALS = 2  # under way at a time
STALE_MS = 60_000
_lib, _ffi = pynng.lib, pynng.ffi


class _Way(Struct):
    """One dialer, and the connection that it has made."""

    dialer: Any
    ip: str
    pipe: int = 0
    is_stale: bool = False  # there is a newer one


class Ways:
    """All dialers of one raw socket. `is_connected`: one of them has made a connection."""

    def __init__(self, raw: Any, place: Place, wake: Callable[[], None]) -> None:
        self._raw = raw
        self._place = place
        self._ways: dict[int, _Way] = {}
        self._dialer_of: dict[int, int] = {}
        self._wants_another = True
        self.is_connected = False
        self._forgotten: dict[str, int] = {}  # failures of before
        self._lookout = Lookout(place, wake)
        # A thread of nng's calls this before it passes on the news of that connection.
        raw.add_pre_pipe_connect_cb(self._note_dialer)
        self._look()

    @property
    def is_settled(self) -> bool:
        """No connection is being made."""
        return self.is_connected and all(way.pipe for way in self._ways.values())

    @property
    def lookup_trouble(self) -> str:
        """Why the host's name leads nowhere; "" when it does, or is none."""
        return self._lookout.trouble

    @property
    def is_looking(self) -> bool:
        """It is not known yet where the name leads."""
        return self._lookout.is_looking and not self._lookout.trouble and not self._ways

    def another(self) -> None:
        """Make a connection beside the one that is there, or is being made."""
        if sum(not way.pipe and not way.is_stale for way in self._ways.values()) < DIALS:
            self._wants_another = True
            self._look()

    def came(self, pipe: int) -> bool:
        """A connection is made; False when it was closed by us meanwhile. The newest is the one that stays."""
        way = self._ways.get(self._dialer_of.get(pipe, -1))
        if way is None:
            return False
        way.pipe = pipe
        self._lookout.stop()
        if way.is_stale:
            self._close(way)
        else:
            for other in [other for other in self._ways.values() if other is not way]:
                self._retire(other)
        self.is_connected = any(each.pipe for each in self._ways.values())
        return True

    def went(self, pipe: int) -> bool:
        """A connection has ended, and nng is making it anew; False when it was closed by us."""
        way = self._ways.get(self._dialer_of.pop(pipe, -1))
        if way is None:
            return False
        way.pipe = 0
        self.is_connected = any(each.pipe for each in self._ways.values())
        if not self.is_connected and not is_number(self._place.host):
            self._lookout.start()
        return True

    def turn(self) -> None:
        """Go where the name has led."""
        if self._lookout.is_looking and (found := self._lookout.take()):
            self._go_to(*found)

    def stop(self) -> None:
        """Look nothing up any more."""
        self._lookout.stop()

    def forget_failures(self) -> None:
        """Count them anew."""
        if not self.is_settled:
            self._forgotten = self._failures()

    def failures(self) -> dict[str, int]:
        """Why no connection was made, and how often, in nng's words: refused, auth, proto, other."""
        return {
            name: max(0, count - self._forgotten.get(name, 0)) for name, count in self._failures().items()
        }

    def _failures(self) -> dict[str, int]:
        found: dict[str, int] = {}
        stats = _ffi.new("nng_stat **")
        pynng.exceptions.check_err(_lib.nng_stats_get(stats))
        for way in list(self._ways.values()):
            stat = _lib.nng_stat_find_dialer(stats[0], way.dialer.dialer)
            child = _lib.nng_stat_child(stat) if stat != _ffi.NULL else _ffi.NULL
            while child != _ffi.NULL:
                name = _ffi.string(_lib.nng_stat_name(child)).decode()
                found[name] = found.get(name, 0) + _lib.nng_stat_value(child)
                child = _lib.nng_stat_next(child)
        _lib.nng_stats_free(stats[0])
        return {name: found.get(name, 0) for name in ("refused", "auth", "proto", "other")}

    def _look(self) -> None:
        host = self._place.host
        if is_number(host):
            try:
                url = self._place.url(host)
            except OSError:
                self._lookout.start()  # the machine may get an address of that family
            else:
                self._go_to(host, url)
        else:
            self._lookout.stop()
            self._lookout.start()

    def _go_to(self, ip: str, url: str) -> None:
        current = [way for way in self._ways.values() if not way.is_stale]
        if not self._wants_another and any(way.ip == ip for way in current):
            return
        self._wants_another = False
        for way in current:
            if way.ip != ip and not way.pipe:
                self._retire(way)
        dialer = self._raw.dial(url, block=False)
        self._ways[dialer.id] = _Way(dialer, ip)

    def _retire(self, way: _Way) -> None:
        if way.pipe:
            self._close(way)
            return
        way.is_stale = True
        way.dialer.reconnect_time_min = way.dialer.reconnect_time_max = STALE_MS

    def _close(self, way: _Way) -> None:
        del self._ways[way.dialer.id]
        way.dialer.close()

    def _note_dialer(self, pipe: Any) -> None:
        self._dialer_of[pipe.id] = _lib.nng_dialer_id(_lib.nng_pipe_dialer(pipe.pipe))
