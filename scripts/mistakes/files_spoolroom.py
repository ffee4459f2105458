"""Mistakes in adapters/files/spoolroom.py."""

from mistakes.fault import Fault

FILE = "adapters/files/spoolroom.py"
FAULTS = [
    Fault(
        "another host's folders are inherited",
        FILE,
        '            if place.name.rpartition(".")[0] == self._host:\n                yield',
        '            if "." in place.name:\n                yield',
    ),
    Fault(
        "a host is known by the beginning of its name",
        FILE,
        'place.name.rpartition(".")[0] == self._host',
        "place.name.startswith(self._host)",
    ),
    Fault(
        "an earlier boot's folders are nobody's",
        FILE,
        '            if place.name.rpartition(".")[0] == self._host:',
        "            if place == self.path:",
    ),
    Fault(
        "without locks the living are inherited",
        FILE,
        "            return self._take_by_name(path) if is_earlier or _has_died(path) else None",
        "            return self._take_by_name(path)",
    ),
    Fault(
        "without locks the dead are not inherited",
        FILE,
        "            return self._take_by_name(path) if is_earlier or _has_died(path) else None",
        "            return self._take_by_name(path) if is_earlier else None",
    ),
    Fault(
        "without locks an earlier boot is not inherited",
        FILE,
        "if is_earlier or _has_died(path) else None",
        "if _has_died(path) else None",
    ),
    Fault(
        "without locks a folder has several heirs",
        FILE,
        "            path.rename(ours)\n        except OSError:\n            return None\n        return SpoolFolder(ours,",
        "            path.stat()\n        except OSError:\n            return None\n        return SpoolFolder(path,",
    ),
    Fault(
        "clusters share a room",
        FILE,
        "self._part = cluster_part(take_spool(spool), secret)",
        'self._part = cluster_part(take_spool(spool), "")',
    ),
    Fault(
        "a host's boots are one",
        FILE,
        'f"{self._host}.{boot_id()}"',
        'f"{self._host}.0"',
    ),
    Fault(
        "the unborn of the living are buried",
        FILE,
        "                if is_earlier or _has_died(path):",
        "                if path.exists():",
    ),
    Fault(
        "the unborn of the dead stay",
        FILE,
        "                if is_earlier or _has_died(path):",
        "                if is_earlier:",
    ),
    Fault(
        "places of earlier boots stay",
        FILE,
        "        if is_earlier:\n            _remove_if_empty(place)\n",
        "",
    ),
]
