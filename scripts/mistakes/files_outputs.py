"""Mistakes in adapters/files/outputs.py."""

from mistakes.fault import Fault

FILE = "adapters/files/outputs.py"
FAULTS = [
    Fault(
        "every file is as open as the server's umask makes it",
        FILE,
        "os.O_WRONLY | os.O_CREAT | more_flags, self._whose(job))",
        "os.O_WRONLY | os.O_CREAT | more_flags)",
    ),
    Fault(
        "what was not synced is not written again",
        FILE,
        "        self.failed |= bad\n",
        "        pass\n",
    ),
    Fault(
        "what was not synced is forgotten by the journal",
        FILE,
        "        outputs = [output for output in outputs if output not in bad]\n",
        "        pass\n",
    ),
    Fault(
        "a name that was not synced counts",
        FILE,
        "                bad |= dict.fromkeys(its, error)\n",
        "                pass\n",
    ),
    Fault(
        "a short output leaves the stream before it",
        FILE,
        "        self._streams.forget(job, stream)\n        part",
        "        part",
    ),
    Fault(
        "the next attempt's output covers what was written",
        FILE,
        "        start = self.start(job, attempt) + length\n",
        "        start = self.start(job, attempt)\n",
    ),
    Fault(
        "what was written late cuts off the next attempt's output",
        FILE,
        "                write_all(fileno, next_start - len(output), output)\n",
        "                write_at(fileno, next_start - len(output), output)\n",
    ),
    Fault(
        "a line is written over a long output",
        FILE,
        "next_start - len(output), output",
        "start, output",
    ),
    Fault(
        "where outputs start is forgotten while one is not safe",
        FILE,
        "        elif max(starts) == 1 or self._retried.get(job) == 0:\n",
        "        else:\n",
    ),
    Fault(
        "where outputs start is never forgotten",
        FILE,
        "        elif max(starts) == 1 or self._retried.get(job) == 0:\n",
        "        elif max(starts) == 1:\n",
    ),
]
