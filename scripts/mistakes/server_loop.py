"""Mistakes in roles/server/loop.py: what becomes of a piece of output, and of its job's result."""

from mistakes.fault import Fault

FILE = "roles/server/loop.py"
FAULTS = [
    Fault(
        "who waits for his turn is a stranger",
        FILE,
        "                    self._socket.welcome(handle.peer, now.attended_s)  # however long it waits for its turn\n",
        "                    pass\n",
    ),
    Fault(
        "whoever has an old key is no stranger",
        FILE,
        "is_fresh(request.sent_ns, now) and not request.who.is_retired:",
        "is_fresh(request.sent_ns, now):",
    ),
    Fault(
        "forged bytes stop the server",
        FILE,
        "        except BadMessage:\n            self._dispatcher.counts.dropped_bad_signatures += 1\n",
        "        except ZeroDivisionError:\n            self._dispatcher.counts.dropped_bad_signatures += 1\n",
    ),
    Fault(
        "forged bytes are not counted",
        FILE,
        "            self._dispatcher.counts.dropped_bad_signatures += 1\n            text =",
        "            text =",
    ),
    Fault(
        "forged bytes are not asked for again",
        FILE,
        "            answer = AckOutput(chunk.offset)\n",
        "            answer = AckOutput(chunk.offset + len(chunk.data))\n",
    ),
    Fault(
        "a result counts before its output is here",
        FILE,
        "        if answer is None:\n            return False\n",
        "        if answer is None or True:\n            return False\n",
    ),
    Fault(
        "what lies behind a message is not read",
        "roles/server/reception.py",
        "            envelope = decode(payload, behind)\n",
        "            envelope = decode(payload)\n",
    ),
    Fault(
        "what ended in this turn is not known to who is to wait for it",
        "roles/server/loop.py",
        "        if batch.records:\n            self._carry_out(batch)\n            batch.clear()\n",
        "",
    ),
]
