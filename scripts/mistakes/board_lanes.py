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
        "whose turn it was is whose turn it is",
        FILE,
        "if lane is None or lane.jobs.first != job.id:",
        "if lane is None:",
    ),
    Fault(
        "new jobs are not counted",
        FILE,
        "self._grown(lane, stop - start, start)",
        "self._grown(lane, 1, start)",
    ),
    Fault(
        "only hosts with trouble hear of a lane",
        FILE,
        "        self._open.offer(lane)\n        for view in",
        "        for view in",
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
        "a group is closed to everybody",
        FILE,
        "return self._view(host).top(fits, share)",
        "return next(iter(self._views.values()), self._open).top(fits, share)",
    ),
    Fault(
        "only jobs that avoid nobody are taken",
        FILE,
        "if lane.key.group == group]",
        "if lane.key.group == group and not lane.key.avoid]",
    ),
    Fault(
        "what outlived workers is as all others after a restart",
        FILE,
        "tuple(self._state.endless.between(first, end)) if self._state.endless else ()",
        "()",
    ),
    Fault(
        "what outlived workers is sought among all others",
        FILE,
        " or first in self._state.endless",
        "",
    ),
    Fault(
        "of each lane one job is shown",
        FILE,
        "if behind := lane.jobs.at_or_after(self._state.submissions[job].behind(job)):",
        "if behind := JobId(0):",
    ),
    Fault(
        "of a lane the youngest goes first",
        "core/board/lanes.py",
        "        return self._state.job(lane.jobs.first)",
        "        return self._state.job(max(lane.jobs))",
    ),
    Fault(
        "of a lane the second goes first",
        "core/board/lanes.py",
        "        return self._state.job(lane.jobs.first)",
        "        return self._state.job(lane.jobs.at_or_after(JobId(lane.jobs.first + 1)) or lane.jobs.first)",
    ),
]
