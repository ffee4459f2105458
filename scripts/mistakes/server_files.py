"""Mistakes in roles/server/files.py: what becomes of a long output."""

from mistakes.fault import Fault

FILE = "roles/server/files.py"
FAULTS = [
    Fault(
        "a piece that was not written is acknowledged",
        FILE,
        "return self._not_written(error, job, chunk.offset, chunk.stream)",
        "return self._not_written(error, job, chunk.offset + len(chunk.data), chunk.stream)",
    ),
    Fault(
        "a full disk stops the server at a piece",
        FILE,
        "        except OSError as error:\n            return self._not_written(error, job",
        "        except ZeroDivisionError as error:\n            return self._not_written(error, job",
    ),
    Fault(
        "a full disk stops the server at the result",
        FILE,
        "            except OSError as error:\n                return self._not_written(error, claim",
        "            except ZeroDivisionError as error:\n                return self._not_written(error, claim",
    ),
    Fault(
        "an output that is not synced counts",
        FILE,
        "                return self._not_written(error, claim.job, length, stream)\n",
        "            return None\n",
    ),
    Fault(
        "a file that is cut for ever stops the server at a piece",
        FILE,
        "        except OutputLost:\n            return self._lost(job, chunk.stream)\n",
        "        except ZeroDivisionError:\n            return self._lost(job, chunk.stream)\n",
    ),
    Fault(
        "a file that is cut for ever stops the server at the result",
        FILE,
        "            except OutputLost:\n                return self._lost(claim.job, stream)\n",
        "            except ZeroDivisionError:\n                return self._lost(claim.job, stream)\n",
    ),
    Fault(
        "the worker does not hear that the file is lost",
        FILE,
        "        return AckOutput(0, damaged=True, stream=stream)\n",
        "        return AckOutput(0, stream=stream)\n",
    ),
    Fault(
        "a result counts though some of its output is missing",
        FILE,
        "            if missing_from is not None:\n",
        "            if length < 0:\n",
    ),
    Fault(
        "a stray writes over what is known",
        FILE,
        "return self._strays.of(claim) if self._strays.is_one(claim) else self._outputs",
        "return self._outputs",
    ),
    Fault(
        "the short output of a stray is thrown away",
        FILE,
        "            self._strays.keep(reports)\n",
        "            pass\n",
    ),
    Fault(
        "no room is kept for what a failed attempt wrote",
        FILE,
        "                found.append(OutputReserved(job, start, attempt + 1))\n",
        "                pass\n",
    ),
    Fault(
        "what a failed attempt wrote is not in its file",
        FILE,
        "            self._write(record.claim.job, record.output, record.claim.attempt)\n",
        "            pass\n",
    ),
]
