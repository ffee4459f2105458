"""Mistakes in roles/worker/delivery.py."""

from mistakes.fault import Fault

FILE = "roles/worker/delivery.py"
FAULTS = [
    Fault(
        "what the server has is not believed",
        FILE,
        "                flow.offset = offset\n",
        "                flow.offset = 0\n",
    ),
    Fault(
        "a server that takes nothing is asked all the time",
        FILE,
        "ASKED_AGAIN_PAUSE_S if offset == flow.offset else 0.0",
        "0.0",
    ),
    Fault(
        "chunks on their way go on though the server wants others",
        FILE,
        "    def _on_answer(self, flow: Flow, answer: Answer) -> None:\n        self._recall()\n",
        "    def _on_answer(self, flow: Flow, answer: Answer) -> None:\n",
    ),
    Fault(
        "the result goes before the last chunks",
        FILE,
        "        return not flow.chunks\n",
        "        return True\n",
    ),
    Fault(
        "one chunk is on its way at a time",
        FILE,
        "while len(flow.chunks) < CHUNKS_AT_ONCE and",
        "while not flow.chunks and",
    ),
    Fault(
        "all chunks are on their way at once",
        FILE,
        "while len(flow.chunks) < CHUNKS_AT_ONCE and",
        "while",
    ),
    Fault(
        "damage stops the worker",
        FILE,
        "            return self._send_chunks(flow)\n        except Damaged as damage:\n",
        "            return self._send_chunks(flow)\n        except ZeroDivisionError as damage:\n",
    ),
    Fault(
        "damage that the result finds stops the worker",
        FILE,
        "            except Damaged as damage:\n",
        "            except ZeroDivisionError as damage:\n",
    ),
    Fault(
        "a damaged output passes for the job's",
        FILE,
        "                self._result = damaged(self._result, flow.damage)\n",
        "",
    ),
    Fault(
        "an heir brings a cut output as the job's",
        FILE,
        "                    self._result = damaged(self._result, how)\n",
        "",
    ),
    Fault(
        "an heir does not say in the output that it was cut",
        FILE,
        "                    flow.spool.add_line(self._line(how))\n",
        "",
    ),
    Fault(
        "an heir brings other bytes as the job's",
        FILE,
        '            if flow.sha256 not in (b"", flow.pieces.sha256):\n',
        "            if flow.chunks:\n",
    ),
    Fault(
        "last words do not wait for what is on its way",
        FILE,
        "            if self._result is None or flow.chunks:\n",
        "            if self._result is None:\n",
    ),
    Fault(
        "a server whose file is lost is asked for ever",
        FILE,
        "                if is_damaged:\n",
        "                if not is_damaged and offset < 0:\n",
    ),
    Fault(
        "what the server has already holds up the others",
        FILE,
        "            self._due_at = 0.0\n            return False\n",
        "            return False\n",
    ),
]
