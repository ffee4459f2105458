"""Mistakes in core/board/placement.py."""

from mistakes.fault import Fault

FILE = "core/board/placement.py"
FAULTS = [
    Fault(
        "no room is kept for who is first",
        FILE,
        "        self._reserve(first)\n",
        "",
    ),
    Fault(
        "who can run nowhere is waited for",
        FILE,
        "        if not self._could_run(first.key.owner, first.key.need):",
        "        if False:",
    ),
    Fault(
        "what could run is asked once for all",
        FILE,
        "            self._possible, self._possible_at = {}, at\n",
        "            pass\n",
    ),
    Fault(
        "what a drained host could hold is waited for",
        FILE,
        ' and self._limits.bound(f"{NODE}{host}")\n',
        "\n",
    ),
    Fault(
        "room is kept anew at each look",
        FILE,
        "        if kept and kept.key == key and self._may_be_kept(kept.process, key):\n            return\n",
        "",
    ),
    Fault(
        "room is kept where it lacks most",
        FILE,
        "process = min(processes",
        "process = max(processes",
    ),
    Fault(
        "room is kept at a drained host",
        FILE,
        "            self.is_full(host) or host in key.avoid\n",
        "            False\n",
    ),
    Fault(
        "all of a worker is kept",
        FILE,
        "spare = {name: room.holds(name) - amount for name, amount in taken_by(key.need)}",
        "spare = {name: 0.0 for name, _ in taken_by(key.need)}",
    ),
    Fault(
        "guests take what they like",
        FILE,
        "            kept.lend(worker.id, place.need)\n",
        "            pass\n",
    ),
    Fault(
        "cpus are kept by their worker alone",
        FILE,
        "if other is None or (other is not room and other.pinned is not room.pinned):",
        "if other is not room:",
    ),
    Fault(
        "who pins beside a worker is no guest there",
        FILE,
        "            kept.lend(worker.id, pinned)\n",
        "            pass\n",
    ),
    Fault(
        "guests never leave",
        FILE,
        "            self.reservation.take_back(worker)\n",
        "            pass\n",
    ),
    Fault(
        "a drained host gets jobs",
        FILE,
        'return self._at_node[host] >= self._limits.bound(f"{NODE}{host}")',
        "return False",
    ),
    Fault(
        "what a place has taken is taken for ever",
        FILE,
        "        self._rooms.give_back(place.worker)\n",
        "",
    ),
    Fault(
        "what a place has drawn is drawn for ever",
        FILE,
        "        self._limits.give_back(place.draws)\n        self._lanes.redraw(place.draws)\n        if",
        "        if",
    ),
    Fault(
        "lanes are not told that a limit has room",
        FILE,
        "        self._lanes.redraw(place.draws)\n        if",
        "        if",
    ),
    Fault(
        "a share grows for ever",
        FILE,
        "        self._used[place.owner].subtract(dict(place.need))\n",
        "",
    ),
    Fault(
        "a share is of cpus alone",
        FILE,
        "for name in (CPUS, MEMORY, GPUS))",
        "for name in (CPUS,))",
    ),
    Fault(
        "a weight makes a share larger",
        FILE,
        "max(parts) / (1",
        "max(parts) * (1",
    ),
    Fault(
        "what runs when a limit is set draws nothing of it",
        FILE,
        "            self._limits.take(draws)\n            self._places",
        "            self._places",
    ),
    Fault(
        "after a restart everything is free",
        FILE,
        "        for running in state.running.values():\n            self._occupy(running.worker, running.job)\n",
        "",
    ),
    Fault(
        "jobs whose outputs find no room start",
        FILE,
        "return bool(self._full_folders) and self._state",
        "return False and self._state",
    ),
    Fault(
        "room is kept for whoever has none for outputs",
        FILE,
        "if self.reservation and self.has_no_room(self.reservation.key.owner):",
        "if False:",
    ),
    Fault("nobody hears that there is room for outputs", FILE, "return bool(opened)", "return False"),
    Fault(
        "the folder of all is everybody's",
        FILE,
        'self._full_folders = folders - {""}',
        "self._full_folders = folders",
    ),
]
