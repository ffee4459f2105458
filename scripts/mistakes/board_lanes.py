"""Mistakes in core/board/lanes.py."""

from mistakes.fault import Fault

FILE = "core/board/lanes.py"
FAULTS = [
    Fault(
        "a job that comes back to a lane is not seen until the next one goes",
        FILE,
        "        if lane.jobs.first == first:\n            self._offer(lane)",
        "        if len(lane.jobs) == count:\n            self._offer(lane)",
    ),
    Fault(
        "only hosts without trouble hear of a lane",
        FILE,
        "        self._open.offer(lane)\n        for view in self._views.values():",
        "        self._open.offer(lane)\n        for view in ():",
    ),
    Fault(
        "only the next lane is looked at, and not the one behind it",
        FILE,
        "first < min(heap[1:3])[0]",
        "first < heap[1][0]",
    ),
    Fault(
        "whose turn it was is whose turn it is",
        FILE,
        "if lane is None or lane.jobs.first != job.id:",
        "if lane is None:",
    ),
    Fault(
        "new jobs are not counted",
        FILE,
        "self._grown(lane, end - first, first)",
        "self._grown(lane, 1, first)",
    ),
    Fault(
        "only hosts with trouble hear of a lane",
        FILE,
        "        self._open.offer(lane)\n        for view in",
        "        for view in",
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
        "counts = first and not (lane.hidden_from and self in lane.hidden_from)",
        "counts = first",
    ),
    Fault(
        "a group is closed to everybody",
        FILE,
        "lane = (self._views.get(host, self._open) if self._views else self._open).top()",
        "lane = next(iter(self._views.values()), self._open).top()",
    ),
    Fault(
        "a job that avoids a host goes there",
        FILE,
        "return lane.group in self.closed or self.host in lane.avoid",
        "return lane.group in self.closed",
    ),
    Fault(
        "two owners of a folder share its fate",
        FILE,
        "return origin.folder, _owner(origin.submitter)",
        'return origin.folder, ""',
    ),
    Fault(
        "two hosts of an owner are two owners",
        FILE,
        'submitter.rpartition("@")[0] or submitter',
        "submitter",
    ),
    Fault(
        "an owner with an @ in the name is another",
        FILE,
        'submitter.rpartition("@")[0] or submitter',
        'submitter.partition("@")[0]',
    ),
    Fault(
        "a lane that is opened is not offered",
        FILE,
        "                view.hidden -= len(lane.jobs)\n                view.offer(lane)",
        "                view.hidden -= len(lane.jobs)",
    ),
    Fault(
        "what is hidden is counted",
        FILE,
        "return self._count - self._view(host).hidden",
        "return self._count",
    ),
    Fault(
        "what comes into a closed lane is counted",
        FILE,
        "        for view in lane.hidden_from:\n            view.hidden += count\n",
        "",
    ),
    Fault(
        "what is taken from a closed lane stays hidden",
        FILE,
        "            for view in lane.hidden_from:\n                view.hidden -= len(jobs)\n",
        "",
    ),
    Fault(
        "only jobs that avoid nobody are taken",
        FILE,
        "avoids = {(), *self._avoiding.values()} if self._avoiding else {()}",
        "avoids: set[Avoid] = {()}",
    ),
    Fault(
        "a host whose trouble is over keeps a view of its own",
        FILE,
        "            del self._views[host]",
        "            pass",
    ),
    Fault(
        "a host that some jobs avoid is forgotten when its folder is back",
        FILE,
        "if not self._views[host].closed and not self._views[host].avoiders:",
        "if not self._views[host].closed:",
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
        "a job is shown twice",
        FILE,
        "if job == at and at not in found[-1:]:",
        "if job == at:",
    ),
]
