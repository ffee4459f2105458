"""Mistakes in roles/server/files.py: what becomes of a long output."""

from mistakes.fault import Fault

FILE = "roles/server/files.py"
FAULTS = [
    Fault(
        "a piece that was not written is acknowledged",
        FILE,
        "return self._not_written(error, chunk.claim, chunk.offset, chunk.stream)",
        "return self._not_written(error, chunk.claim, chunk.offset + len(chunk.data), chunk.stream)",
    ),
    Fault(
        "a full disk stops the server at a piece",
        FILE,
        "        except OSError as error:\n            return self._not_written(error, chunk",
        "        except ZeroDivisionError as error:\n            return self._not_written(error, chunk",
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
        "                return self._not_written(error, claim, length, stream)\n",
        "                return None\n",
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
    Fault(
        "one stream is forgotten while another is missing",
        FILE,
        "self._outputs_of(claim).missing(claim.job",
        "self._outputs_of(claim).seal(claim.job",
    ),
    Fault(
        "an output at its own host has a place at the server",
        FILE,
        "start = 0 if is_absolute(path) else self._outputs.reserve_named",
        "start = self._outputs.reserve_named",
    ),
    Fault(
        "where an output ends is not noted",
        FILE,
        "                self._outputs.end_named((job, attempt, OUT), length)\n",
        "                pass\n",
    ),
    Fault(
        "an output beside named errors is not reserved",
        FILE,
        "if record.claim.attempt == 1 and not (record.files and record.files[0][0] == OUT):",
        "if record.claim.attempt == 1 and not record.files:",
    ),
    Fault(
        "links are found when the job has ended",
        FILE,
        "        links = [link for path in below if",
        "        links = [link for path in below[:0] if",
    ),
    Fault(
        "a piece that lacks what comes before is taken",
        FILE,
        "            if length > chunk.offset:",
        "            if length >= 0:",
    ),
]
