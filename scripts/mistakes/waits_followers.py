"""Mistakes in core/waits/followers.py."""

from mistakes.fault import Fault

FILE = "core/waits/followers.py"
FAULTS = [
    Fault("one follows all", FILE, "holder and of_holder + len(follow.stands) > FOLLOWED_EACH", "False"),
    Fault("who asks first waits for something to happen", FILE, "        self._new.add(asker.nonce)\n", ""),
    Fault(
        "all are looked through at once, each time",
        FILE,
        "self._is_stirred and now_s >= self._next_s",
        "self._is_stirred",
    ),
    Fault(
        "they are looked through for ever once something has happened",
        FILE,
        "            self._is_stirred = False\n",
        "",
    ),
    Fault(
        "what stands as it did is told as well",
        FILE,
        "            if stand.tells_more_than(seen):\n",
        "            if stand:\n",
    ),
    Fault("any number is followed", FILE, "followed + len(follow.stands) > FOLLOWED_LIMIT", "False"),
    Fault(
        "who has gone counts for ever",
        FILE,
        "        self._lot.forget_peer(peer)\n        self._forget_gone()\n",
        "        self._lot.forget_peer(peer)\n",
    ),
    Fault(
        "who waits in vain is never told",
        FILE,
        "        replies += [parked.reply(AskAgain()) for parked in self._lot.take_due(now_s)]\n",
        "",
    ),
]
