"""Mistakes in roles/server/loop.py: what becomes of a long output."""

from mistakes.fault import Fault

FILE = "roles/server/loop.py"
FAULTS = [
    Fault(
        "forged bytes stop the server",
        FILE,
        "        except BadMessage:\n            self._dispatcher.counts.dropped_bad_signatures += 1\n",
        "        except ZeroDivisionError:\n            self._dispatcher.counts.dropped_bad_signatures += 1\n",
    ),
    Fault(
        "forged bytes are not counted",
        FILE,
        '            self._dispatcher.counts.dropped_bad_signatures += 1\n            self._complain("signature", f"output',
        '            self._complain("signature", f"output',
    ),
    Fault(
        "forged bytes are not asked for again",
        FILE,
        "            answer = AckOutput(chunk.offset)\n",
        "            answer = AckOutput(chunk.offset + len(chunk.data))\n",
    ),
    Fault(
        "a piece that was not written is acknowledged",
        FILE,
        "            answer = self._unwritten_output(error, job, chunk.offset)\n",
        "            answer = self._unwritten_output(error, job, chunk.offset + len(chunk.data))\n",
    ),
    Fault(
        "a full disk stops the server at a piece",
        FILE,
        "        except OSError as error:\n            answer = self._unwritten_output(error, job, chunk.offset)\n",
        "        except ZeroDivisionError as error:\n"
        "            answer = self._unwritten_output(error, job, chunk.offset)\n",
    ),
    Fault(
        "a full disk stops the server at the result",
        FILE,
        "        except OSError as error:\n            answer = self._unwritten_output(error, claim",
        "        except ZeroDivisionError as error:\n            answer = self._unwritten_output(error, claim",
    ),
    Fault(
        "an output that is not synced counts",
        FILE,
        "            answer = self._unwritten_output(error, claim.job, report.result.output_length)\n",
        "            return False\n",
    ),
    Fault(
        "a file that is cut for ever stops the server at a piece",
        FILE,
        "        except OutputLost:\n            answer = self._lost_output(job)\n",
        "        except ZeroDivisionError:\n            answer = self._lost_output(job)\n",
    ),
    Fault(
        "a file that is cut for ever stops the server at the result",
        FILE,
        "        except OutputLost:\n            answer = self._lost_output(claim.job)\n",
        "        except ZeroDivisionError:\n            answer = self._lost_output(claim.job)\n",
    ),
    Fault(
        "the worker does not hear that the file is lost",
        FILE,
        "        return AckOutput(0, damaged=True)\n",
        "        return AckOutput(0)\n",
    ),
    Fault(
        "a result counts before its output is here",
        FILE,
        "            if missing_from is None:\n                return False\n",
        "            if missing_from is None or True:\n                return False\n",
    ),
    Fault(
        "what lies behind a message is not read",
        FILE,
        "            envelope = decode(payload, behind)\n",
        "            envelope = decode(payload)\n",
    ),
    Fault(
        "a stray writes over what is known",
        FILE,
        "return self._strays.of(claim) if self._dispatcher.state.is_stray(claim) else self._outputs",
        "return self._outputs",
    ),
    Fault(
        "the short output of a stray is thrown away",
        FILE,
        "            self._strays.keep(finished.reports)\n",
        "            pass\n",
    ),
]
