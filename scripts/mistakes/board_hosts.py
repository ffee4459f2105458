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
        "                del self._heard_s[host], self._since_s[host]\n        return",
        "                pass\n        return",
    ),
    Fault(
        "a host that works in silence is gone",
        HOSTS,
        "return {*busy, *self._heard_s}",
        "return {*self._heard_s}",
    ),
    Fault(
        "a host is gone with the last word of its worker",
        "core/dispatch/workers.py",
        "        self._moves.hosts.hear(worker.host, now.attended_s)\n        self._moves.rooms.leave",
        "        self._moves.hosts._heard_s.pop(worker.host, None)\n        self._moves.rooms.leave",
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
        "self._of_process.setdefault(process_of(key), {}).setdefault(key, self._numbers)",
        "self._of_process.setdefault(process_of(key), {}).pop(key, 0)\n        self._of_process[process_of(key)][key] = self._numbers",
    ),
    Fault(
        "a worker that was heard once is there for ever",
        HOSTS,
        "if now_s - heard_s <= self._beat_s:",
        "if now_s >= heard_s:",
    ),
    Fault(
        "a worker is there for as long as others speak",
        HOSTS,
        "        self._heard.move_to_end(worker)\n        self._forget_silent(now_s)\n",
        "        self._heard = OrderedDict((each, (peer, now_s)) for each in self._heard)\n",
    ),
    Fault(
        "a worker that speaks is silent for as long as before",
        HOSTS,
        "        self._heard[worker] = peer, now_s\n        self._heard.move_to_end(worker)\n",
        "        self._heard.setdefault(worker, (peer, now_s))\n",
    ),
    Fault(
        "a worker that said goodbye is there",
        HOSTS,
        "        self._heard.pop(worker, None)\n",
        "",
    ),
    Fault(
        "a worker without a connection is there",
        HOSTS,
        "if its_peer == peer]:",
        "if its_peer != its_peer]:",
    ),
]
