"""Mistakes where workers are to bring at once what somebody reads on in."""

from mistakes.fault import Fault

DOOR, FOLLOWERS, WORK = "core/dispatch/door.py", "core/waits/followers.py", "core/worker/work.py"
ATTEMPTS, DELIVERY, MOVES = "core/worker/attempts.py", "roles/worker/delivery.py", "core/dispatch/moves.py"
FAULTS = [
    Fault(
        "a worker is not told that nobody reads on",
        DOOR,
        "sorted((jobs ^ before) & self.state",
        "sorted((jobs - before) & self.state",
    ),
    Fault("a job that begins is not followed", MOVES, "running.job.id in self.followed", "False"),
    Fault("who looks once has workers hurry", FOLLOWERS, " if stand.phase is not Phase.UNSEEN]", "]"),
    Fault("a job is followed for ever", FOLLOWERS, "if until_s <= now_s]", "if not until_s]"),
    Fault(
        "what a followed job writes is looked for once a second",
        WORK,
        "FOLLOWED_EVERY_S if self.course.followed else",
        "STREAM_EVERY_S if self.course.followed else",
    ),
    Fault(
        "the first look at a followed job is when it would be anyway",
        WORK,
        "            self.measure_at = min(self.measure_at, now_s)\n",
        "            pass\n",
    ),
    Fault(
        "an output on its way does not hurry",
        ATTEMPTS,
        "if work.is_delivering and before.followed != course.followed:",
        "if False:",
    ),
    Fault("a delivery goes at the pace of the others", DELIVERY, "        self._every_s = every_s\n", ""),
]
