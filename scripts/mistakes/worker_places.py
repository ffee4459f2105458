"""Mistakes in roles/worker/places.py."""

from mistakes.fault import Fault

FILE = "roles/worker/places.py"
FAULTS = [
    Fault(
        "the copy of a script stays when its job has ended",
        FILE,
        "            run.script.unlink(missing_ok=True)\n",
        "            pass\n",
    ),
    Fault(
        "a script is run by its name",
        FILE,
        "argv = command_for(argv, job.origin.script, bytes(script))",
        "command_for(argv, job.origin.script, bytes(script))",
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
]
