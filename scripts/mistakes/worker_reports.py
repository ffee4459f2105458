"""Mistakes in core/worker/reports.py."""

from mistakes.fault import Fault

FILE = "core/worker/reports.py"
FAULTS = [
    Fault(
        "two messages are under way",
        FILE,
        "if self.is_under_way or not (",
        "if not (",
    ),
    Fault(
        "an answer confirms what was not sent",
        FILE,
        "sent, self._sent = self._sent, []",
        "sent, self._sent, self._unsent = self._all(), [], []",
    ),
    Fault(
        "a report is sent again and again",
        FILE,
        "batch, self._unsent = self._unsent[:count], self._unsent[count:]",
        "batch = self._unsent[:count]",
    ),
    Fault(
        "what is returned is returned again and again",
        FILE,
        "self._sent_returned, self._returned = tuple(self._returned), []",
        "self._sent_returned = tuple(self._returned)",
    ),
    Fault(
        "a refused report is lost",
        FILE,
        "self._unsent = sent + self._unsent",
        "pass",
    ),
    Fault(
        "a refused report is put behind the others",
        FILE,
        "self._unsent = sent + self._unsent",
        "self._unsent = self._unsent + sent",
    ),
    Fault(
        "what was returned is lost with a refusal",
        FILE,
        "self._returned = [*returned, *self._returned]",
        "pass",
    ),
    Fault(
        "a refusal is taken for an answer",
        FILE,
        "if isinstance(answer, Refused):",
        "if False:",
    ),
    Fault(
        "a report that comes later puts the next look off",
        FILE,
        "self.next_keep_s = min(self.next_keep_s, keep_at_s)",
        "self.next_keep_s = keep_at_s",
    ),
    Fault(
        "what is confirmed still wakes the worker to be kept",
        FILE,
        "        self._find_next_keep()\n        return sent\n",
        "        return sent\n",
    ),
    Fault(
        "what is being kept wakes the worker again",
        FILE,
        "        self._find_next_keep()\n        return [ended",
        "        return [ended",
    ),
    Fault(
        "a full disk is not tried again",
        FILE,
        "now_s + REFUSED_PAUSE_S\n        self._find_next_keep()\n",
        "now_s + REFUSED_PAUSE_S\n",
    ),
    Fault(
        "a refused report is sent again at once",
        FILE,
        "self._not_before_s = now_s + REFUSED_PAUSE_S",
        "pass",
    ),
    Fault(
        "what is not sent yet is not kept",
        FILE,
        "return self._sent + self._unsent",
        "return self._sent",
    ),
    Fault(
        "what is under way is not kept",
        FILE,
        "return self._sent + self._unsent",
        "return self._unsent",
    ),
    Fault(
        "no report is kept in time",
        FILE,
        "ended.keep_at_s <= until_s",
        "False",
    ),
    Fault(
        "every report is kept at once",
        FILE,
        "ended.keep_at_s <= until_s",
        "True",
    ),
    Fault(
        "a report without a server is kept late",
        FILE,
        "KEEP_AFTER_S if connected else 0.0",
        "KEEP_AFTER_S",
    ),
    Fault(
        "a full disk is tried again at once",
        FILE,
        "NEVER if is_on_disk else now_s + REFUSED_PAUSE_S",
        "NEVER if is_on_disk else now_s",
    ),
    Fault(
        "a slot is done while a message is under way",
        FILE,
        "return not self.is_under_way and not self._unsent",
        "return not self._unsent",
    ),
    Fault(
        "a slot is done while something is to be returned",
        FILE,
        " and not self._returned",
        "",
    ),
    Fault(
        "a report waits though nothing runs",
        FILE,
        "0.0 if idle or full or",
        "0.0 if full or",
    ),
    Fault(
        "what is returned waits",
        FILE,
        "idle or full or self._returned else",
        "idle or full else",
    ),
    Fault(
        "a full message waits for company",
        FILE,
        ">= BATCH_BYTES",
        ">= BATCH_BYTES * 1000",
    ),
    Fault(
        "a message has any length",
        FILE,
        "size < BATCH_BYTES",
        "size < BATCH_BYTES * 1000",
    ),
    Fault(
        "what was sent counts as unsent",
        FILE,
        "        self._unsent_bytes -= size\n",
        "",
    ),
    Fault(
        "a report is kept twice",
        FILE,
        "if not ended.is_kept and ended",
        "if ended",
    ),
    Fault(
        "a report is asked to be kept until it is",
        FILE,
        "            ended.keep_at_s = NEVER\n",
        "            pass\n",
    ),
    Fault(
        "a full disk is never tried again",
        FILE,
        "NEVER if is_on_disk else now_s + REFUSED_PAUSE_S",
        "NEVER",
    ),
    Fault(
        "what the disk did not take is taken for kept",
        FILE,
        "ended.is_kept = is_on_disk",
        "ended.is_kept = True",
    ),
    Fault(
        "a report waits for those after it",
        FILE,
        "self._unsent[0].at_s",
        "self._unsent[-1].at_s",
    ),
]
