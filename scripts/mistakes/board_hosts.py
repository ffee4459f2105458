"""Mistakes in core/board/hosts.py and core/board/idle.py."""

from mistakes.fault import Fault

HOSTS, IDLE = "core/board/hosts.py", "core/board/idle.py"
FAULTS = [
    Fault(
        "a host that is heard again is new",
        HOSTS,
        "        if host not in self._heard_s:\n            self._since_s[host] = now_s",
        "        self._since_s[host] = now_s",
    ),
    Fault(
        "a host is there for ever",
        HOSTS,
        "                del self._heard_s[host], self._since_s[host], self._owners[host]\n",
        "                pass\n",
    ),
    Fault(
        "a host that works in silence is gone",
        HOSTS,
        "for host in (*busy, *self._heard_s) if",
        "for host in self._heard_s if",
    ),
    Fault(
        "a host is gone with the last word of its worker",
        "core/dispatch/workers.py",
        '        self._moves.hosts.hear(worker.host, now.attended_s, room.offer.owner if room else "")\n',
        "        self._moves.hosts._heard_s.pop(worker.host, None)\n",
    ),
]
