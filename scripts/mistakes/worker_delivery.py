"""Mistakes in roles/worker/delivery.py."""

from mistakes.fault import Fault

FILE = "roles/worker/delivery.py"
FAULTS = [
    Fault(
        "what the server has is not believed",
        FILE,
        "                self._go_on(offset, ASKED_AGAIN",
        "                self._go_on(0, ASKED_AGAIN",
    ),
    Fault(
        "a server that takes nothing is asked all the time",
        FILE,
        "ASKED_AGAIN_PAUSE_S if offset == self._offset else 0.0",
        "0.0",
    ),
    Fault(
        "chunks on their way go on though the server wants others",
        FILE,
        "    def _on_answer(self, answer: Answer) -> None:\n        self._recall()\n",
        "    def _on_answer(self, answer: Answer) -> None:\n",
    ),
    Fault(
        "the result goes before the last chunks",
        FILE,
        "        if self._result is not None and not self._chunks:\n            self._send_report(self._result, None)",
        "        if self._result is not None:\n            self._send_report(self._result, None)",
    ),
    Fault(
        "one chunk is on its way at a time",
        FILE,
        "while len(self._chunks) < CHUNKS_AT_ONCE and",
        "while not self._chunks and",
    ),
    Fault(
        "all chunks are on their way at once",
        FILE,
        "while len(self._chunks) < CHUNKS_AT_ONCE and",
        "while",
    ),
    Fault(
        "a short output goes ahead as well",
        FILE,
        "and self._pieces.size() <= INLINE_OUTPUT_BYTES:",
        "and self._pieces.size() < 0:",
    ),
    Fault(
        "a long output goes with its result",
        FILE,
        "and not self._pieces.at and self._pieces.size() <= INLINE_OUTPUT_BYTES:",
        "and not self._pieces.at:",
    ),
    Fault(
        "chunks stay long on a slow line",
        FILE,
        "            self._chunk_bytes = max(self._chunk_bytes // 2, LEAST_BYTES)\n",
        "            pass\n",
    ),
    Fault(
        "chunks stay short on a quick line",
        FILE,
        "            self._chunk_bytes = min(self._chunk_bytes * 2, CHUNK_BYTES)\n",
        "            pass\n",
    ),
    Fault(
        "damage stops the worker",
        FILE,
        "        except Damaged as damage:\n            self._damage = self._damage or str(damage)\n            self._send()\n",
        "        except ZeroDivisionError as damage:\n            self._damage = self._damage or str(damage)\n            self._send()\n",
    ),
    Fault(
        "damage that the result finds stops the worker",
        FILE,
        "        try:\n            self._compare_length(self._result)\n        except Damaged as damage:\n",
        "        try:\n            self._compare_length(self._result)\n        except ZeroDivisionError as damage:\n",
    ),
    Fault(
        "damage that going back finds stops the worker",
        FILE,
        "        except Damaged as damage:\n            self._damage = str(damage)\n",
        "        except ZeroDivisionError as damage:\n            self._damage = str(damage)\n",
    ),
    Fault(
        "a damaged output passes for the job's",
        FILE,
        "            self._result = damaged(result, self._damage)\n",
        "            self._result = result\n",
    ),
    Fault(
        "an heir brings a cut output as the job's",
        FILE,
        "            result = replace(damaged(result, how), output_length=0)\n",
        "            result = replace(result, output_length=0)\n",
    ),
    Fault(
        "an heir does not look how long the output was",
        FILE,
        "        if result.output_length not in (0, size):\n",
        "        if size < 0:\n",
    ),
    Fault(
        "an heir does not say in the output that it was cut",
        FILE,
        "            self._spool.add_line(self._line(how))\n",
        "",
    ),
    Fault(
        "an heir brings other bytes as the job's",
        FILE,
        '        if result.output_sha256 not in (b"", sha256):\n',
        "        if False:\n",
    ),
    Fault(
        "the digest is not kept with the result",
        FILE,
        "        return replace(result, output_sha256=self._pieces.sha256) if is_read else result\n",
        "        return result\n",
    ),
    Fault(
        "the digest of a part is kept as that of the whole",
        FILE,
        "        is_read = self._pieces.at == result.output_length and not result.output_sha256\n",
        "        is_read = not result.output_sha256\n",
    ),
    Fault(
        "last words do not wait for what is on its way",
        FILE,
        "            elif self._result is not None and not self._chunks:\n",
        "            elif self._result is not None:\n",
    ),
    Fault(
        "last words are not told where nothing is known",
        FILE,
        "            except Damaged:\n                self._pieces.end_with(0, words)\n",
        "            except Damaged:\n                self._recall()\n",
    ),
    Fault(
        "last words are said again when the result is refused",
        FILE,
        "        self._is_ending &= offset == self._pieces.at\n",
        "        self._is_ending = False\n",
    ),
    Fault(
        "last words are not said again to a server that forgot",
        FILE,
        "        self._is_ending &= offset == self._pieces.at\n",
        "",
    ),
    Fault(
        "a server whose file is lost is asked for ever",
        FILE,
        "                if is_damaged:\n",
        "                if not is_damaged and offset < 0:\n",
    ),
    Fault(
        "places that the server has are kept",
        FILE,
        "                self._pieces.settle(offset)\n",
        "",
    ),
    Fault(
        "what the server has already holds up the others",
        FILE,
        "            self._due_at = 0.0\n            return\n",
        "            return\n",
    ),
]
