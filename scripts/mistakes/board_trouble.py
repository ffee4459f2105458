"""Mistakes in core/board/trouble.py."""

from mistakes.fault import Fault

FILE = "core/board/trouble.py"
FAULTS = [
    Fault(
        "a paused host gets jobs",
        FILE,
        "return pause is not None and pause.is_closed",
        "return False",
    ),
    Fault(
        "all places of a host try at once",
        FILE,
        "return not self.is_over or self.probe != NOBODY",
        "return not self.is_over",
    ),
    Fault(
        "a folder is tried by all places of a host at once",
        FILE,
        "            shut[host].probe = job.id\n            self._lanes.close(group, host)\n",
        "            pass\n",
    ),
    Fault(
        "a trial that came to nothing is never repeated",
        FILE,
        "            shut.probe = NOBODY\n            if shut.is_over:",
        "            if shut.is_over:",
    ),
    Fault(
        "a host stays paused when its trial comes back",
        FILE,
        "        if pause and pause.probe == job:\n            pause.probe = NOBODY\n",
        "        if pause and pause.probe == job:\n            pass\n",
    ),
    Fault(
        "any start opens a host, however old",
        FILE,
        "        if host in shut and shut[host].probe == job:\n            self._forget(Shut(group, host))\n        self._see",
        "        if host in shut:\n            self._forget(Shut(group, host))\n        self._see",
    ),
    Fault(
        "that a folder is somewhere does not count",
        FILE,
        "                other.below = NOBODY\n",
        "                other.below = other.below\n",
    ),
    Fault(
        "the refusals of jobs that ran together each double the time",
        FILE,
        "        if known and known.probe != job.id:\n            self.released(job.id)\n            return 0.0\n",
        "",
    ),
    Fault(
        "the time does not grow",
        FILE,
        "min(SHUT_LIMIT_S, max(SHUT_S, 2 * known.pause_s)) if known else SHUT_S",
        "SHUT_S",
    ),
    Fault(
        "the time grows without end",
        FILE,
        "min(SHUT_LIMIT_S, max(SHUT_S, 2 * known.pause_s)) if known else SHUT_S",
        "2 * known.pause_s if known else SHUT_S",
    ),
    Fault(
        "a pause does not grow",
        FILE,
        "min(PAUSE_LIMIT_S, max(PAUSE_S, 2 * known.pause_s)) if known else PAUSE_S",
        "PAUSE_S",
    ),
    Fault(
        "a job that a host could not start is its next trial",
        FILE,
        "        self._avoid[job.id] = tuple(sorted({*self.avoided_by(job.id), host}))\n",
        "",
    ),
    Fault(
        "a job avoids a host for ever",
        FILE,
        "        self._lanes.move(job, avoid)",
        "        self._avoid[job] = (*avoid, host)",
    ),
    Fault(
        "two hosts speak for all",
        FILE,
        "HOSTS_ENOUGH = 3",
        "HOSTS_ENOUGH = 2",
    ),
    Fault(
        "four hosts must refuse",
        FILE,
        "HOSTS_ENOUGH = 3",
        "HOSTS_ENOUGH = 4",
    ),
    Fault(
        "one host speaks for all that are there",
        FILE,
        "return max(enough, min(everywhere, default=NOBODY))",
        "return max(enough, max(everywhere, default=NOBODY))",
    ),
    Fault(
        "all that are there do not suffice",
        FILE,
        "return max(enough, min(everywhere, default=NOBODY))",
        "return enough",
    ),
    Fault(
        "a new submission waits for the clock",
        FILE,
        "fresh_s = max(now_s, refusal.refused_s + FRESH_S)",
        "fresh_s = self._due.when(place)",
    ),
    Fault(
        "an end does not shorten a pause",
        FILE,
        "            self._due.set(Paused(host), min(now_s + PAUSE_S, self._due.when(Paused(host))))\n",
        "",
    ),
    Fault(
        "a folder stays shut when its time is over",
        FILE,
        "            if isinstance(place, Shut):\n                self._lanes.open(place.group, place.host)\n",
        "",
    ),
    Fault(
        "hosts that nobody tries are remembered for ever",
        FILE,
        "        if refusal.is_over and not refusal.probe:\n            self._forget(place)\n            return\n",
        "",
    ),
    Fault(
        "whatever seems to be on has started",
        FILE,
        "LAST_S = 1.0",
        "LAST_S = 0.0",
    ),
    Fault(
        "only an end is a start",
        FILE,
        "        for job in self._lasting.pop_due(now_s):\n            self.started(job)\n",
        "",
    ),
    Fault(
        "a folder is not seen where a job is on in it",
        FILE,
        "            self._lasting.set(job, now_s + LAST_S)\n        self._see(group, host)\n",
        "            self._lasting.set(job, now_s + LAST_S)\n",
    ),
]
