"""Mistakes in adapters/files/outputs.py."""

from mistakes.fault import Fault

FILE = "adapters/files/outputs.py"
FAULTS = [
    Fault(
        "bytes are written whatever was signed",
        FILE,
        "        if digest.digest() != chunk.after:\n",
        "        if not chunk.after:\n",
    ),
    Fault(
        "the digest of a forged piece is kept",
        FILE,
        "        digest = stream.digest.copy()\n",
        "        digest = stream.digest\n",
    ),
    Fault(
        "a piece is written before it is compared",
        FILE,
        "        digest = stream.digest.copy()\n",
        "        digest = stream.digest.copy()\n        os.close(self._open(job))\n",
    ),
    Fault(
        "the digest does not move on",
        FILE,
        "            stream.digest = digest\n",
        "",
    ),
    Fault(
        "what follows another beginning is taken for forged",
        FILE,
        "        if chunk.before != stream.digest.digest():\n",
        "        if not chunk.before:\n",
    ),
    Fault(
        "a piece is written wherever it says",
        FILE,
        "        if chunk.offset != stream.offset:\n",
        "        if chunk.offset < stream.offset:\n",
    ),
    Fault(
        "a repeated piece is written again",
        FILE,
        "        if chunk.offset != stream.offset:\n",
        "        if chunk.offset > stream.offset:\n",
    ),
    Fault(
        "a hole is left where the file was cut",
        FILE,
        "            if chunk.offset and os.fstat(fileno).st_size < start:\n",
        "            if False:\n",
    ),
    Fault(
        "what was not there before the job is missed",
        FILE,
        "            if chunk.offset and os.fstat(fileno).st_size < start:\n",
        "            if os.fstat(fileno).st_size < start:\n",
    ),
    Fault(
        "the last bytes may be missing",
        FILE,
        "            if os.fstat(fileno).st_size < self._start(job, attempt) + stream.offset:\n",
        "            if False:\n",
    ),
    Fault(
        "what was there before counts as the job's",
        FILE,
        "            if os.fstat(fileno).st_size < self._start(job, attempt) + stream.offset:\n",
        "            if os.fstat(fileno).st_size < stream.offset:\n",
    ),
    Fault(
        "a file that is cut for ever is written for ever",
        FILE,
        "_Stream(stream.attempt, stream.rewrites + 1)",
        "_Stream(stream.attempt, stream.rewrites)",
    ),
    Fault(
        "a file that was cut once is given up",
        FILE,
        "        if stream.rewrites == REWRITES:\n",
        "        if stream.rewrites < REWRITES:\n",
    ),
    Fault(
        "another attempt pays for the one before it",
        FILE,
        "            stream = self._streams[job] = _Stream(attempt)\n",
        "            stream = self._streams[job] = _Stream(attempt, stream.rewrites if stream else 0)\n",
    ),
    Fault(
        "a new attempt goes on with the old one's bytes",
        FILE,
        "        stream = self._streams.get(job)\n        if stream is None or stream.attempt != attempt:\n            stream =",
        "        stream = self._streams.get(job)\n        if stream is None:\n            stream =",
    ),
    Fault(
        "a stream is sealed whatever its digest",
        FILE,
        "        if stream.offset > result.output_length or stream.digest.digest() != result.output_sha256:\n",
        "        if stream.offset > result.output_length:\n",
    ),
    Fault(
        "a stream is sealed before it is whole",
        FILE,
        "        if stream.offset < result.output_length:\n            return stream.offset\n",
        "",
    ),
    Fault(
        "a fifo holds up the server",
        FILE,
        "os.O_CLOEXEC | os.O_NONBLOCK | more_flags",
        "os.O_CLOEXEC | more_flags",
    ),
    Fault(
        "what stands behind the output stays",
        FILE,
        "            os.ftruncate(fileno, at)\n",
        "            pass\n",
    ),
    Fault(
        "a short output leaves the stream before it",
        FILE,
        "        self._streams.pop(job, None)\n",
        "",
    ),
    Fault(
        "what is sent again after its seal begins elsewhere",
        FILE,
        "        del self._streams[job]  # but not its start: what is refused now comes again\n",
        "        del self._streams[job]\n        self._starts.pop(job, None)\n",
    ),
    Fault(
        "the next attempt's output covers what was written",
        FILE,
        "        start = self._start(job, attempt) + length\n",
        "        start = self._start(job, attempt)\n",
    ),
    Fault(
        "what was written late cuts off the next attempt's output",
        FILE,
        "                _write_all(fileno, next_start - len(output), output)\n",
        "                self._write_at(fileno, next_start - len(output), output)\n",
    ),
    Fault(
        "a line is written over a long output",
        FILE,
        "next_start - len(output), output",
        "start, output",
    ),
    Fault(
        "an earlier attempt's output is where the last one's is",
        FILE,
        "if begun <= attempt), default=0)",
        "), default=0)",
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
