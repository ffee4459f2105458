"""What there is of an attempt outside the core: its spools, and what becomes of them at its end."""

import hashlib
import os
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from goq.adapters.files.spool import ERR as ERR_SUFFIX
from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.jobs.outlets import Outlet
from goq.core.values.job import Claim, Job
from goq.core.values.named import files_of, is_absolute
from goq.core.values.result import ERR, INLINE_OUTPUT_BYTES, OUT, Apart
from goq.core.worker.events import Collected
from goq.core.worker.instructions import Collect
from goq.roles.worker.delivery import Delivery
from goq.roles.worker.endings import epitaph, result_of


class Run(Struct):
    """What there is of an attempt outside the core. `number` is the executor's, 0 before it has the job."""

    claim: Claim
    job: Job
    spool: Spool
    number: int = 0
    err: Spool | None = None  # where its errors are apart, and go to the server
    writes_lines: bool = True  # of goq's own, below what it wrote: not into a file of the submitter's
    is_emptied: bool = False  # the spool: what was in it went with the result
    delivery: Delivery | None = None
    is_reporting: bool = False  # as the agent has heard
    taken: list[Path] = field(default_factory=list)  # files that were made for it to read

    def size(self) -> int:
        """Bytes that the server is to have, so far."""
        return self.spool.size() + (self.err.size() if self.err is not None else 0)

    def is_longer_than(self, limit: int) -> bool:
        """Some of its streams is."""
        return self.spool.size() > limit or (self.err is not None and self.err.size() > limit)


def outlets_of(run: Run, folder: SpoolFolder, host: str) -> tuple[Outlet, ...]:
    """Where what the job writes goes that has files with names. Raises BadSetting."""
    claim = run.claim
    own = {
        stream: (path.encode(), True)
        for stream, path in files_of(run.job, claim.attempt, host)
        if is_absolute(path)
    }
    outlets = [own.get(OUT, (bytes(run.spool.path), False))]
    if ERR in own:
        outlets.append(own[ERR])
    elif run.job.terms.err:
        run.err = folder.scratch(f"{claim.worker}.{claim.job}.{claim.attempt}", ERR_SUFFIX)
        outlets.append((bytes(run.err.path), False))
    run.writes_lines = not outlets[-1][1]
    return tuple(outlets)


def collected(run: Run | None, collect: Collect, host: str) -> Collected:
    """How the attempt ended, with what it wrote if that is short; and a line of our own below that.

    Of an attempt that is forgotten already that line is all there is.
    """
    line = epitaph(collect)
    if run is None:
        return Collected(
            collect.claim, result_of(collect.how, host, os.fsencode(line) + b"\n"), is_long=False
        )
    if run.err is not None or not run.writes_lines:
        return _collected_apart(run, collect, host, line)
    is_there = not line or run.spool.add_line(line)
    output = None if run.delivery else run.spool.take(INLINE_OUTPUT_BYTES)
    run.is_emptied = output is not None
    if output is not None and not is_there:  # on the disk; what is short takes another way from here
        output = with_line(output, line)
    result = result_of(collect.how, host, output or b"")
    return Collected(run.claim, result, is_long=output is None)


def _collected_apart(run: Run, collect: Collect, host: str, line: str) -> Collected:
    """The same where the errors are apart, with our own lines among them, or are in the submitter's file."""
    is_there = not line or run.err is None or run.err.add_line(line)
    nothing = result_of(collect.how, host, b"")
    is_long = run.delivery is not None or run.is_longer_than(INLINE_OUTPUT_BYTES)
    output = None if is_long else run.spool.take(INLINE_OUTPUT_BYTES)
    if output is None:
        return Collected(run.claim, nothing, is_long=True)
    if run.err is None:
        run.is_emptied = True
        return Collected(run.claim, result_of(collect.how, host, output), is_long=False)
    errors = run.err.take(INLINE_OUTPUT_BYTES)
    if errors is None:  # it cannot be read: who delivers it says so
        run.spool.fill(output)
        return Collected(run.claim, nothing, is_long=True)
    run.is_emptied = True
    if not is_there:
        errors = with_line(errors, line)
    apart = Apart(errors, len(errors), hashlib.sha256(errors).digest())
    return Collected(run.claim, replace(result_of(collect.how, host, output), err=apart), is_long=False)


def with_line(output: bytes, line: str) -> bytes:
    """The output with a line of our own behind it, on a line of its own."""
    return output + b"\n" * (output[-1:] not in (b"", b"\n")) + os.fsencode(line) + b"\n"
