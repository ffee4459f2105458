"""Mistakes in core/board/views.py."""

from mistakes.fault import Fault

FILE = "core/board/views.py"
FAULTS = [
    Fault(
        "only the next lane is looked at, and not the one behind it",
        FILE,
        "first < min(heap[1:3])[0]",
        "first < heap[1][0]",
    ),
    Fault(
        "a lane whose oldest job has gone is forgotten",
        FILE,
        "                if counts:\n                    self.offer(lane)\n",
        "",
    ),
    Fault(
        "entries are trusted",
        FILE,
        " and (first == at or len(heap) == 1 or first < min(heap[1:3])[0]):",
        ":",
    ),
    Fault(
        "a lane that was closed is met again",
        FILE,
        "counts = first and not lane.closed and not (lane.hidden_from and view in lane.hidden_from)",
        "counts = first and not lane.closed",
    ),
    Fault(
        "a job that avoids a host goes there",
        FILE,
        "return lane.key.group in self.closed or self.host in lane.key.avoid",
        "return lane.key.group in self.closed",
    ),
    Fault(
        "two owners of a folder share its fate",
        FILE,
        "return _folders(origin.folder, terms), origin.owner",
        'return _folders(origin.folder, terms), ""',
    ),
    Fault(
        "two hosts of an owner are two owners",
        "core/values/job.py",
        'submitter.rpartition("@")[0] or submitter',
        "submitter",
    ),
    Fault(
        "an owner with an @ in the name is another",
        "core/values/job.py",
        'submitter.rpartition("@")[0] or submitter',
        'submitter.partition("@")[0]',
    ),
    Fault(
        "lanes that came and went pile up",
        FILE,
        "            if len(self._heap) > self._tidy_at:\n                self._tidy()\n",
        "",
    ),
    Fault(
        "tidying forgets what is there",
        FILE,
        "if entry[2].jobs.first and (entry[1], entry[0]) in counts]",
        "if not entry[2].jobs.first]",
    ),
    Fault(
        "a higher priority goes last",
        FILE,
        "            self._priorities = sorted(self._turns, reverse=True)\n        needs",
        "            self._priorities = sorted(self._turns)\n        needs",
    ),
    Fault(
        "of two owners the oldest job goes first, whatever they have",
        FILE,
        "rank = (share(owner) if len(owners) > 1 else 0.0, lane.jobs.first, lane)",
        "rank = (0.0, lane.jobs.first, lane)",
    ),
    Fault(
        "who has most goes first",
        FILE,
        "rank[:2] < best[:2]",
        "rank[:2] > best[:2]",
    ),
    Fault(
        "what does not fit is given out",
        FILE,
        "            if fits is not None and not fits(owner, need):\n                continue\n",
        "",
    ),
    Fault(
        "of an owner's needs the last is looked at only",
        FILE,
        "elif oldest is None or lane.jobs.first < oldest.jobs.first:",
        "else:",
    ),
]
