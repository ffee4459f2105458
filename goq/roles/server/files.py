"""The files of jobs' outputs, beside the loop: written behind each commit, sealed before a result counts.

What the disk does not take is tried again; the journal, or the job's worker, has it until then.
"""

import time

from goq.adapters.files.outputs import Outputs
from goq.adapters.files.strays import Strays
from goq.adapters.files.streams import OutputLost
from goq.adapters.reasons import reason_of
from goq.adapters.store.port import Store
from goq.core.messages import AckOutput, Done, OutputChunk, Refused, Submit
from goq.core.state.records import (
    JobDelegated,
    JobFinished,
    JobRequeued,
    OutputReserved,
    OutputSaved,
    RangeEnded,
    Record,
)
from goq.core.values.ids import JobId
from goq.core.values.job import Claim
from goq.core.values.named import is_absolute, names_any, sure_paths
from goq.core.values.result import ERR, OUT, OutputKey, Result
from goq.core.values.templates import BadTemplate
from goq.errors import JournalFull
from goq.roles.said.complaints import Complaints
from goq.roles.said.narration import Narrator
from goq.roles.server.owners import Owners
from goq.roles.server.unwritten import Unwritten

FAILURES_A_TURN = 16  # of outputs that are tried again: who asks something meanwhile waits for them
SYNC_FILES = 32
SYNC_EVERY_S = 0.01  # while nobody asks anything
SYNC_BACKLOG = 20_000
LEAVE_SYNC_S = 1.0


class OutputFiles:
    """Writes outputs as the records say, keeps what could not be written, and syncs when there is time."""

    def __init__(
        self,
        outputs: Outputs,
        strays: Strays,
        journal: Store,
        narrator: Narrator,
        complaints: Complaints,
        owners: Owners,
    ) -> None:
        self._outputs = outputs
        self._strays = strays
        self._journal = journal
        self._narrator = narrator
        self._complaints = complaints
        self._owners = owners
        self._unwritten = Unwritten()
        for key in journal.unsaved_outputs():
            self._unwritten.put(outputs.room(*key), key, 0.0)
        self._unwritten.hurry()
        self._saved: list[OutputKey] = []  # durable outputs that the journal still holds

    def full_folders(self) -> tuple[str, ...]:
        """Below that of outputs, "" for that itself, those that take none: the journal has them, or their workers."""
        return self._unwritten.folders(time.monotonic())

    def folders_in_the_way(self) -> frozenset[str]:
        """Those of them for which workers keep places."""
        return self._unwritten.untaken(time.monotonic())

    def next_due_s(self) -> float:
        """In so many seconds `turn` is wanted."""
        due_s = SYNC_EVERY_S if self._outputs.unsynced_count else float("inf")
        return min(due_s, max(0.0, self._unwritten.next_at_s() - time.monotonic()))

    def turn(self, *, idle: bool) -> None:
        """Write what was not taken before; sync, if nobody asks anything or there is much."""
        self._write_kept()
        if self._outputs.unsynced_count and (idle or self._outputs.unsynced_count > SYNC_BACKLOG):
            self._sync()

    def leave(self) -> None:
        """Put what is left on the disk; what is not synced in time the next server writes again."""
        self._unwritten.hurry()
        self._write_kept()
        enough_s = time.monotonic() + LEAVE_SYNC_S
        while self._outputs.unsynced_count and time.monotonic() < enough_s:
            self._sync()

    def refusal(self, submit: Submit) -> str:
        """Why outputs of such jobs could not be written; "" when nothing is in their way."""
        if not names_any(submit.terms):
            return ""
        try:
            paths = sure_paths(submit.terms)
        except BadTemplate:
            return ""  # which is said better where all of it is looked at
        folder = self._owners.folder_of(submit.origin.owner)
        below = [f"{folder}/{path}" if folder else path for path in paths]
        links = [link for path in below if (link := self._outputs.link_on_the_way(path))]
        if not links:
            return ""
        return f"'{links[0]}' is a symbolic link, by which no output goes; name another folder. Nothing was queued"

    # --- whole outputs ---------------------------------------------------------------------

    def reservations(self, records: list[Record]) -> list[Record]:
        """Where the outputs of attempts will begin, if not where those of the attempts before do, or at 0."""
        found: list[Record] = []
        for record in records:
            if isinstance(record, JobDelegated):
                self._owners.note(record.claim.job)
                if record.files:
                    found += self._reserve_named(record)
                if record.claim.attempt == 1 and not (record.files and record.files[0][0] == OUT):
                    found += self._reserve(record.claim.job)
            elif isinstance(record, JobRequeued) and record.result:
                job, attempt = record.claim.job, record.claim.attempt
                self._end_named(job, attempt, record.result, record.output_length)
                if not record.result.file():
                    start = self._outputs.reserve_next(job, attempt, record.output_length)
                    found.append(OutputReserved(job, start, attempt + 1))
            elif isinstance(record, JobFinished) and record.ended.result.files:
                result = record.ended.result
                self._end_named(record.ended.job, record.ended.attempt, result, result.output_length)
        return found

    def _reserve(self, job: JobId) -> list[Record]:
        start = self._outputs.reserve(job)
        return [OutputReserved(job, start)] if start else []

    def _reserve_named(self, record: JobDelegated) -> list[Record]:
        job, attempt = record.claim.job, record.claim.attempt
        found: list[Record] = []
        for stream, path in record.files:
            start = 0 if is_absolute(path) else self._outputs.reserve_named((job, attempt, stream), path)
            found.append(OutputReserved(job, start, attempt, stream, path))
        return found

    def _end_named(self, job: JobId, attempt: int, result: Result, length: int) -> None:
        """The attempt leaves so many bytes of output in its file, and what it wrote apart from that in another."""
        for stream, _ in result.files:
            if stream == OUT and result.output_sha256:
                self._outputs.end_named((job, attempt, OUT), length)
            elif stream == ERR and result.err:
                self._outputs.end_named((job, attempt, ERR), result.err.length)

    def tell(self, record: Record) -> None:
        """A record is in the journal: write the output that came with it."""
        if isinstance(record, JobFinished):
            result = record.ended.result
            if result.output_sha256 and not result.streamed:
                self._write(record.ended.job, result.output, record.ended.attempt)
            elif result.files:
                self._outputs.drop_named((record.ended.job, record.ended.attempt, OUT))
            if result.files:
                self._tell_apart(record.ended.job, record.ended.attempt, result)
        elif isinstance(record, JobRequeued) and record.result:
            if not record.result.is_elsewhere:
                self._write(record.claim.job, record.output, record.claim.attempt)
            if record.result.files:
                self._tell_apart(record.claim.job, record.claim.attempt, record.result)
        elif isinstance(record, RangeEnded):
            self._outputs.drop_ended(record.ranges)

    def _tell_apart(self, job: JobId, attempt: int, result: Result) -> None:
        """The same of the second stream."""
        if result.err and not result.err.streamed:
            self._write(job, result.err.output, attempt, ERR)
        else:
            self._outputs.drop_named((job, attempt, ERR))

    def _write(self, job: JobId, output: bytes, attempt: int, stream: int = OUT) -> bool:
        """Whether it was taken; it is tried again if not."""
        try:
            self._outputs.write(job, output, attempt, stream)
        except OSError as error:
            self._keep((job, attempt, stream), error)
            return False
        path = self._outputs.name(job, attempt, stream)
        text = f"wrote output for job {job} to file '{path}'."
        self._narrator.say(text, "output written", job=job, file=path)
        return True

    def _keep(self, key: OutputKey, error: OSError) -> None:
        folder = self._outputs.room(*key)
        text = f"cannot write the output of job {key[0]}: {reason_of(error)}; it is kept and tried again."
        self._complaints.about("output", text, folder)
        self._unwritten.put(folder, key, time.monotonic())

    def _write_kept(self) -> None:
        failures = 0
        while failures < FAILURES_A_TURN and (key := self._unwritten.take(time.monotonic())):
            job, attempt, stream = key
            failures += not self._write(job, self._journal.output(*key), attempt, stream)

    def _sync(self) -> None:
        try:
            self._saved += self._outputs.sync_some(SYNC_FILES)
            self._journal.commit([OutputSaved(*output) for output in self._saved])
            self._saved.clear()
        except (OSError, JournalFull) as error:
            self._complaints.about("sync", f"cannot sync job outputs: {reason_of(error)}; tried again.")
        while self._outputs.failed:
            self._keep(*self._outputs.failed.popitem())  # what a disk has not synced it may have dropped

    # --- long outputs ----------------------------------------------------------------------

    def append(self, chunk: OutputChunk) -> AckOutput:
        """Write a piece of a long output. Raises BadMessage when it is not what its worker signed."""
        job = chunk.claim.job
        try:
            length = self._outputs_of(chunk.claim).append(chunk)
            if length > chunk.offset:  # else it lacks what comes before, which the disk may not have taken
                folder = self._outputs.room(job, chunk.claim.attempt, chunk.stream)
                self._unwritten.note_piece(folder, time.monotonic(), is_taken=True)
            return AckOutput(length, stream=chunk.stream)
        except OSError as error:
            return self._not_written(error, chunk.claim, chunk.offset, chunk.stream)
        except OutputLost:
            return self._lost(job, chunk.stream)

    def seal(self, claim: Claim, result: Result) -> AckOutput | None:
        """None when all of what is long is here and on the disk; else what its worker is to be told."""
        long = {OUT: result.output_length} if result.streamed else {}
        if result.err and result.err.streamed:
            long[ERR] = result.err.length
        for stream, length in long.items():
            try:
                missing_from = self._outputs_of(claim).missing(claim.job, claim.attempt, result, stream)
            except OSError as error:
                return self._not_written(error, claim, length, stream)
            except OutputLost:
                return self._lost(claim.job, stream)
            if missing_from is not None:
                return AckOutput(missing_from, stream=stream)
        for stream in long:
            self._outputs_of(claim).forget(claim.job, stream)
        return None

    def keep_strays(self, reports: tuple[Done, ...]) -> Refused | None:
        """Have the short outputs of strays on the disk; else what their worker is to be told."""
        try:
            self._strays.keep(reports)
        except OSError as error:
            text = f"cannot write the output of a stray: {reason_of(error)}; its worker keeps it."
            self._complaints.about("output", text)
            return Refused(text)
        return None

    def _outputs_of(self, claim: Claim) -> Outputs:
        return self._strays.of(claim) if self._strays.is_one(claim) else self._outputs

    def _not_written(self, error: OSError, claim: Claim, offset: int, stream: int) -> AckOutput:
        """What is there already: the worker keeps the rest, and sends it again after a while."""
        folder = self._outputs.room(claim.job, claim.attempt, stream)
        text = f"cannot write the output of job {claim.job}: {reason_of(error)}; its worker keeps it."
        self._complaints.about("output", text, folder)
        self._unwritten.note_piece(folder, time.monotonic(), is_taken=False)
        return AckOutput(offset, stream=stream)

    def _lost(self, job: JobId, stream: int) -> AckOutput:
        self._complaints.about("output", f"the output file of job {job} loses what is written to it.")
        return AckOutput(0, damaged=True, stream=stream)
