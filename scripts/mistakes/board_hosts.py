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
        "                self.leave(host)\n        return",
        "                pass\n        return",
    ),
    Fault(
        "a host that works in silence is gone",
        HOSTS,
        "return {*busy, *self._heard_s}",
        "return {*self._heard_s}",
    ),
    Fault(
        "who has left is still the first of its host",
        IDLE,
        "        workers.pop(key, None)\n",
        "",
    ),
    Fault(
        "hosts come in any order",
        IDLE,
        "sorted(firsts, key=lambda first: first[1])",
        "sorted(firsts, key=lambda first: -first[1])",
    ),
    Fault(
        "who asks again goes to the end of its host's line",
        IDLE,
        "self._at_host.setdefault(key.host, {}).setdefault(key, self._numbers)",
        "self._at_host.setdefault(key.host, {}).pop(key, 0)\n        self._at_host[key.host][key] = self._numbers",
    ),
]
