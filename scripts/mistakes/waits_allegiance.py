"""Mistakes in core/waits/allegiance.py."""

from mistakes.fault import Fault

FILE = "core/waits/allegiance.py"
FAULTS = [
    Fault("a copy of this epoch is obeyed", FILE, " or speaker.differs(latest) or speaker", " or speaker"),
    Fault("a copy of the claim's epoch is obeyed", FILE, " or speaker.differs(wanted):", ":"),
    Fault(
        "another queue ends what is not its own",
        FILE,
        "return speaker.queue == (wanted.queue or self.queue) and asked.queue in (",
        "return asked.queue in (",
    ),
    Fault(
        "a refusal by the queue that was not asked counts",
        FILE,
        "            NO_EPOCH.queue,\n            speaker.queue,\n",
        "            NO_EPOCH.queue,\n            asked.queue,\n",
    ),
    Fault(
        "an old copy of the journal is obeyed",
        FILE,
        "if speaker.number < latest.number or",
        "if",
    ),
    Fault(
        "a claim tells nothing of its epoch",
        FILE,
        "            latest = wanted\n",
        "            pass\n",
    ),
    Fault(
        "who holds something goes over",
        FILE,
        "elif self._is_bound():",
        "elif not self.queue:",
    ),
    Fault(
        "who holds nothing stays",
        FILE,
        "elif self._is_bound():",
        "elif self.queue:",
    ),
    Fault(
        "each answer of another queue is told",
        FILE,
        "if news == self._told or now_s < self._quiet_until_s:",
        "if now_s < self._quiet_until_s:",
    ),
    Fault(
        "two queues by turns are a storm",
        FILE,
        "if news == self._told or now_s < self._quiet_until_s:",
        "if news == self._told:",
    ),
    Fault(
        "that our own is back is not told",
        FILE,
        "            if self._told is not None:\n",
        "            if self._told is None:\n",
    ),
    Fault(
        "news are told again",
        FILE,
        "news, self._news = self._news, []",
        "news = list(self._news)",
    ),
    Fault(
        "questions are for nobody",
        FILE,
        "queue = wanted.queue or self.queue\n",
        "queue = wanted.queue\n",
    ),
]
