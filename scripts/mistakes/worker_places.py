"""Mistakes in roles/worker/places.py."""

from mistakes.fault import Fault

FILE = "roles/worker/places.py"
FAULTS = [
    Fault(
        "the copy of a script stays when its job has ended",
        FILE,
        "            path.unlink(missing_ok=True)\n",
        "            pass\n",
    ),
    Fault(
        "what is due is not done",
        FILE,
        "if time.monotonic() >= self.agent.next_deadline():",
        "if False:",
    ),
    Fault(
        "a turn tells no news when nothing is due",
        FILE,
        '"""Do what is due."""\n        self._tell_news()\n',
        '"""Do what is due."""\n',
    ),
    Fault(
        "who is behind a job that waits overtakes it",
        FILE,
        "        if self._held or not self._larder",
        "        if not self._larder",
    ),
    Fault(
        "a job that waits is never started",
        FILE,
        "        self._tell_news()\n        self._start_held()\n",
        "        self._tell_news()\n",
    ),
    Fault(
        "what waits behind a job that waits is kept",
        FILE,
        "Unstarted(self._claims(numbers) + self._behind())",
        "Unstarted(self._claims(numbers))",
    ),
    Fault(
        "the job that waits is given back with those behind it",
        FILE,
        "[0 if self.executor.has_jobs else 1 :]",
        "[:]",
    ),
    Fault(
        "nobody lets go of what was read",
        FILE,
        "        self._larder.let_go(run.claim, run.job.origin.blobs)\n",
        "",
    ),
]
