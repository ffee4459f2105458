"""The files of jobs' outputs, beside the loop: written behind each commit, sealed before a result counts.

What the disk does not take is tried again; the journal, or the job's worker, has it until then.
"""

import time
from collections import deque

from goq.adapters.files.outputs import OutputLost, Outputs
from goq.adapters.files.strays import Strays
from goq.adapters.store.port import Store
from goq.core.messages import AckOutput, OutputChunk, Refused, Report
from goq.core.state.records import JobDelegated, JobFinished, JobRequeued, OutputReserved, OutputSaved, Record
from goq.core.values.ids import JobId
from goq.core.values.job import Claim
from goq.core.values.result import Result
from goq.errors import JournalFull
from goq.roles.said.complaints import Complaints
from goq.roles.said.narration import Narrator

RETRY_S = 0.5
SYNC_FILES = 32
SYNC_EVERY_S = 0.01  # while nobody asks anything
SYNC_BACKLOG = 20_000
LEAVE_SYNC_S = 1.0


class OutputFiles:
    """Writes outputs as the records say, keeps what could not be written, and syncs when there is time."""

    def __init__(
        self, outputs: Outputs, strays: Strays, journal: Store, narrator: Narrator, complaints: Complaints
    ) -> None:
        self._outputs = outputs
        self._strays = strays
        self._journal = journal
        self._narrator = narrator
        self._complaints = complaints
        self._unwritten: deque[tuple[JobId, int]] = deque(journal.unsaved_outputs())
        self._saved: list[tuple[JobId, int]] = []  # durable outputs that the journal still holds
        self._retry_at = 0.0

    def next_due_s(self) -> float:
        """In so many seconds `turn` is wanted."""
        due_s = SYNC_EVERY_S if self._outputs.unsynced_count else float("inf")
        if self._unwritten:
            due_s = min(due_s, max(0.0, self._retry_at - time.monotonic()))
        return due_s

    def turn(self, *, idle: bool) -> None:
        """Write what was not taken before; sync, if nobody asks anything or there is much."""
        self._write_kept()
        if self._outputs.unsynced_count and (idle or self._outputs.unsynced_count > SYNC_BACKLOG):
            self._sync()

    def leave(self) -> None:
        """Put what is left on the disk; what is not synced in time the next server writes again."""
        self._retry_at = 0.0
        self._write_kept()
        enough_s = time.monotonic() + LEAVE_SYNC_S
        while self._outputs.unsynced_count and time.monotonic() < enough_s:
            self._sync()

    # --- whole outputs ---------------------------------------------------------------------

    def reservations(self, records: list[Record]) -> list[Record]:
        """Where the outputs of attempts will begin, if not where those of the attempts before do, or at 0."""
        found: list[Record] = []
        for record in records:
            if isinstance(record, JobDelegated) and record.claim.attempt == 1:
                if start := self._outputs.reserve(record.claim.job):
                    found.append(OutputReserved(record.claim.job, start))
            elif isinstance(record, JobRequeued) and record.result:
                job, attempt = record.claim.job, record.claim.attempt
                start = self._outputs.reserve_next(job, attempt, record.output_length)
                found.append(OutputReserved(job, start, attempt + 1))
        return found

    def tell(self, record: Record) -> None:
        """A record is in the journal: write the output that came with it."""
        if isinstance(record, JobFinished):
            result = record.ended.result
            if result.output_sha256 and not result.streamed:
                self._write(record.ended.job, result.output, record.ended.attempt)
        elif isinstance(record, JobRequeued) and record.result:
            self._write(record.claim.job, record.output, record.claim.attempt)

    def _write(self, job: JobId, output: bytes, attempt: int) -> None:
        try:
            self._outputs.write(job, output, attempt)
        except OSError as error:
            text = f"cannot write the output of job {job}: {error}; it is kept and tried again."
            self._complaints.about("output", text)
            self._unwritten.append((job, attempt))
            self._retry_at = time.monotonic() + RETRY_S
            return
        path = self._outputs.name(job)
        text = f"wrote output for job {job} to file '{path}'."
        self._narrator.say(text, "output written", job=job, file=path)

    def _write_kept(self) -> None:
        while self._unwritten and time.monotonic() >= self._retry_at:
            job, attempt = self._unwritten.popleft()
            self._write(job, self._journal.output(job, attempt), attempt)

    def _sync(self) -> None:
        try:
            self._saved += self._outputs.sync_some(SYNC_FILES)
            self._journal.commit([OutputSaved(*output) for output in self._saved])
            self._saved.clear()
        except (OSError, JournalFull) as error:
            self._complaints.about("sync", f"cannot sync job outputs: {error}; tried again.")

    # --- long outputs ----------------------------------------------------------------------

    def append(self, chunk: OutputChunk) -> AckOutput:
        """Write a piece of a long output. Raises BadMessage when it is not what its worker signed."""
        job = chunk.claim.job
        try:
            return AckOutput(self._outputs_of(chunk.claim).append(chunk))
        except OSError as error:
            return self._not_written(error, job, chunk.offset)
        except OutputLost:
            return self._lost(job)

    def seal(self, claim: Claim, result: Result) -> AckOutput | None:
        """None when all of a long output is here and on the disk; else what its worker is to be told."""
        try:
            missing_from = self._outputs_of(claim).seal(claim.job, claim.attempt, result)
        except OSError as error:
            return self._not_written(error, claim.job, result.output_length)
        except OutputLost:
            return self._lost(claim.job)
        return None if missing_from is None else AckOutput(missing_from)

    def keep_strays(self, reports: tuple[Report, ...]) -> Refused | None:
        """Have the short outputs of strays on the disk; else what their worker is to be told."""
        try:
            self._strays.keep(reports)
        except OSError as error:
            text = f"cannot write the output of a stray: {error}; its worker keeps it."
            self._complaints.about("output", text)
            return Refused(text)
        return None

    def _outputs_of(self, claim: Claim) -> Outputs:
        return self._strays.of(claim) if self._strays.is_one(claim) else self._outputs

    def _not_written(self, error: OSError, job: JobId, offset: int) -> AckOutput:
        """What is there already: the worker keeps the rest, and sends it again after a while."""
        text = f"cannot write the output of job {job}: {error}; its worker keeps it."
        self._complaints.about("output", text)
        return AckOutput(offset)

    def _lost(self, job: JobId) -> AckOutput:
        self._complaints.about("output", f"the output file of job {job} loses what is written to it.")
        return AckOutput(0, damaged=True)
