"""Mistakes in adapters/files/streams.py."""

from mistakes.fault import Fault

FILE = "adapters/files/streams.py"
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
        "        digest = flow.digest.copy()\n",
        "        digest = flow.digest\n",
    ),
    Fault(
        "a piece is written before it is compared",
        FILE,
        "        digest = flow.digest.copy()\n",
        "        digest = flow.digest.copy()\n        os.close(self._open(job, attempt, stream))\n",
    ),
    Fault(
        "the digest does not move on",
        FILE,
        "            flow.digest = digest\n",
        "",
    ),
    Fault(
        "what follows another beginning is taken for forged",
        FILE,
        "        if chunk.before != flow.digest.digest():\n",
        "        if not chunk.before:\n",
    ),
    Fault(
        "a piece is written wherever it says",
        FILE,
        "        if chunk.offset != flow.offset:\n",
        "        if chunk.offset < flow.offset:\n",
    ),
    Fault(
        "a repeated piece is written again",
        FILE,
        "        if chunk.offset != flow.offset:\n",
        "        if chunk.offset > flow.offset:\n",
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
        "            if os.fstat(fileno).st_size < self._start(job, attempt, stream) + flow.offset:\n",
        "            if False:\n",
    ),
    Fault(
        "what was there before counts as the job's",
        FILE,
        "            if os.fstat(fileno).st_size < self._start(job, attempt, stream) + flow.offset:\n",
        "            if os.fstat(fileno).st_size < flow.offset:\n",
    ),
    Fault(
        "a file that is cut for ever is written for ever",
        FILE,
        "_Flow(flow.attempt, flow.rewrites + 1)",
        "_Flow(flow.attempt, flow.rewrites)",
    ),
    Fault(
        "a file that was cut once is given up",
        FILE,
        "        if flow.rewrites == REWRITES:\n",
        "        if flow.rewrites < REWRITES:\n",
    ),
    Fault(
        "another attempt pays for the one before it",
        FILE,
        "            flow = self._flows[job, stream] = _Flow(attempt)\n",
        "            flow = self._flows[job, stream] = _Flow(attempt, flow.rewrites if flow else 0)\n",
    ),
    Fault(
        "a new attempt goes on with the old one's bytes",
        FILE,
        "        flow = self._flows.get((job, stream))\n        if flow is None or flow.attempt != attempt:\n            flow =",
        "        flow = self._flows.get((job, stream))\n        if flow is None:\n            flow =",
    ),
    Fault(
        "a stream is sealed whatever its digest",
        FILE,
        "        if flow.offset > length or flow.digest.digest() != sha256:\n",
        "        if flow.offset > length:\n",
    ),
    Fault(
        "a stream is sealed before it is whole",
        FILE,
        "        if flow.offset < length:\n            return flow.offset\n",
        "",
    ),
    Fault(
        "what stands behind the output stays",
        FILE,
        "        os.ftruncate(fileno, at)\n",
        "        pass\n",
    ),
]
