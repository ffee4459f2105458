"""Pieces of an output as a worker sends them, honest ones and others."""

import hashlib

from epochs import EPOCH

from goq.core.messages import OutputChunk
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim

JOB = JobId(7)


def claim_of(attempt: int = 1, job: JobId = JOB) -> Claim:
    """An attempt of one worker."""
    return Claim(EPOCH, job, attempt, WorkerId("w1"))


def chunk_of(whole: bytes, start: int = 0, end: int | None = None, attempt: int = 1) -> OutputChunk:
    """The piece of that output from `start` to `end`, or to the end of it all."""
    up_to = whole[:end]
    before, after = hashlib.sha256(whole[:start]).digest(), hashlib.sha256(up_to).digest()
    return OutputChunk(claim_of(attempt), start, up_to[start:], before, after)
