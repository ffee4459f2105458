"""A store that keeps all in memory: what a store promises, without a disk, for tests.

It shares nothing with the tables: it keeps the state that its records lead to, and the ends and
nonces that a state forgets.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

from msgspec.structs import replace

from goq.adapters.store.port import Cleaning, asked_about, submission_asked_about
from goq.core.dispatch.again import copies_of, nonce_of
from goq.core.dispatch.decision import Asked, Bygone, Copies, Gone, Kinds, LiveEnds, Past
from goq.core.messages import AckSubmit, Request
from goq.core.state.parts import Part, Parts
from goq.core.state.records import (
    Altered,
    BlobAdded,
    BlobsDropped,
    CancelRequested,
    Checkpoint,
    HeldRestored,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    KeySet,
    LimitSet,
    OutputReserved,
    OutputSaved,
    PartRestored,
    PastRestored,
    Paused,
    RangeEnded,
    Record,
    SubmissionRestored,
)
from goq.core.state.state import State
from goq.core.values.blobs import FETCH_BYTES, PIECE_BYTES, Blob, piece_of, size_of
from goq.core.values.ids import Epoch, JobId, Nonce, QueueId
from goq.core.values.job import Submission
from goq.core.values.ranges import Ranges, common, holds, merged, runs
from goq.core.values.result import OUT, Ended, Ending, OutputKey, Reserved, Result, Starts
from goq.core.values.selectors import Named, Owned, Tagged
from goq.core.values.states import JobState


class MemoryStore:
    """Keeps what a server's records lead to, for as long as it is there itself."""

    def __init__(self, queue: QueueId) -> None:
        self._state = State()
        self._state.epoch = Epoch(queue, 0)
        self._submissions: dict[Nonce, Submission] = {}
        self._lines: dict[Nonce, list[tuple[bytes, ...]]] = {}
        self._to_come: dict[Nonce, int] = {}  # lines of each
        self._ends: dict[JobId, tuple[Ended, int]] = {}  # with the time
        self._outputs: dict[OutputKey, bytes] = {}  # that may not be in their files
        self._named: dict[OutputKey, Reserved] = {}
        self._starts: Starts = {}
        self._limits: dict[str, LimitSet] = {}
        self._keys: dict[str, KeySet] = {}
        self._blobs: dict[Blob, bytes] = {}  # so much of each as is here
        self._lacking: dict[Nonce, int] = {}  # of submissions, blobs that are not
        self._forgotten: set[Nonce] = set()
        self._again: dict[JobId, Ranges] = {}  # what submissions are again, by their first jobs
        self._altered = Parts()
        self._records = 0

    def close(self) -> None:
        """Nothing is held that another server could want."""

    def commit(self, records: Sequence[Record]) -> None:
        """Take the records, all or none. Raises ValueError when a submission is there already."""
        before = deepcopy(self.__dict__)
        try:
            for record in records:
                self._add(record)
        except BaseException:
            self.__dict__ = before
            raise

    @property
    def last_event(self) -> int:
        """How many records came."""
        return self._records

    def _add(self, record: Record) -> None:
        self._records += 1
        match record:
            case JobsSubmitted(submission):
                nonce = submission.nonce
                if submission.first < self._state.next_job or nonce in self._submissions:
                    raise ValueError(f"job {submission.first} is there already")
                self._submissions[nonce] = submission
                self._lines[nonce] = [record.lines]
                self._to_come[nonce] = record.to_come
                self._lacking[nonce] = len(record.lacks)
                if record.again:
                    self._again[submission.first] = record.again
            case ItemsAdded(nonce, _, lines):
                self._lines[nonce].append(lines)
                self._to_come[nonce] -= len(lines)
            case JobFinished(ended, at_ns):
                self._end(ended, at_ns)
            case RangeEnded():
                for job in record.jobs():
                    self._end(record.ended(job), record.at_ns)
            case Altered(ranges, terms):
                self._altered.put(ranges, terms)
            case BlobAdded(blob, _, data, whole_for):
                self._blobs[blob] = self._blobs.get(blob, b"") + data
                for first in whole_for:
                    self._lacking[self._state.submissions[first].submission.nonce] -= 1
            case BlobsDropped(blobs):
                for blob in blobs:
                    self._drop(blob)
            case KeySet(holder):
                self._keys[holder] = record
            case LimitSet(name):
                self._limits[name] = record
            case JobRequeued(claim, result=Result() as result):
                if not result.is_elsewhere:
                    self._outputs[claim.job, claim.attempt, OUT] = record.output
                self._note_ends(claim.job, claim.attempt, result, record.output_length)
            case OutputReserved(job, start, attempt, stream, path):
                if path:
                    key = (job, attempt, stream)
                    self._named[key] = Reserved(key, path, start)
                else:
                    self._starts.setdefault(job, {})[attempt] = start
            case OutputSaved(job, attempt, stream):
                self._outputs.pop((job, attempt, stream), None)
            case _:
                pass
        self._state.apply(record)

    def _end(self, ended: Ended, at_ns: int) -> None:
        result = ended.result
        if result.output_sha256 and not result.streamed:
            self._outputs[ended.job, ended.attempt, OUT] = result.output
        self._note_ends(ended.job, ended.attempt, result, result.output_length)
        self._ends[ended.job] = (replace(ended, result=result.without_bytes), at_ns)

    def _note_ends(self, job: JobId, attempt: int, result: Result, length: int) -> None:
        """How much an attempt leaves in its files that have names of their own."""
        for stream, _ in result.files:
            key = (job, attempt, stream)
            if stream == OUT:
                self._named[key] = replace(self._named[key], end=self._named[key].start + length)
            elif result.err:
                self._named[key] = replace(self._named[key], end=self._named[key].start + result.err.length)
                if not result.err.streamed:
                    self._outputs[key] = result.err.output

    def replay(self) -> Iterator[Record]:
        """Totals, then every job that has not ended."""
        state = self._state
        done = (state.finished_count, state.failed_count)
        counts = (*done, state.cancelled_count, state.lost_count, state.skipped_count)
        recent = tuple(state.recent_finished.values())
        yield Checkpoint(
            state.next_job, *counts, recent, state.epoch, state.restored, tuple(state.draws.items())
        )
        for live in sorted(state.submissions, key=lambda live: live.first):
            yield self._story_of(live.submission)
        if state.held:
            yield HeldRestored(tuple(state.held.ranges()))
        for blob in state.blobs.arriving:
            here = self._blobs.get(blob, b"")
            yield from (BlobAdded(blob, at, piece_of(here, at)) for at in range(0, len(here), PIECE_BYTES))
        yield from itertools.starmap(PartRestored, state.parts)
        yield from self._limits.values()
        yield from self._keys.values()
        for job in sorted(state.past.keys() | state.running.keys()):
            yield from self._past_of(job)

    def _story_of(self, submission: Submission) -> Record:
        jobs = _jobs_of(submission)
        ended = [job for job in jobs if job in self._ends]
        bad = [job for job in ended if not self._ends[job][0].is_good]
        pieces = tuple(self._lines[submission.nonce]) if submission.has_lines else ()
        failed = sum(self._ends[job][0].is_bad for job in ended)
        retried = common(((submission.first, submission.end),), self._retried)
        lacks = self._state.submissions[submission.first].lacks
        how = (tuple(runs(ended)), tuple(runs(bad)), failed, retried, lacks)
        return SubmissionRestored(submission, pieces, *how)

    def _past_of(self, job: JobId) -> Iterator[Record]:
        running = self._state.running.get(job)
        if running is None:
            past = self._state.past[job]
            yield PastRestored(job, past)
            return
        yield PastRestored(job, running.past)
        how = (running.delegated_ns, running.job.grant, running.files)
        yield JobDelegated(running.claim, running.worker, *how)
        if running.kill_signal:
            yield CancelRequested(job, running.kill_signal, running.delegated_ns)
        if running.paused:
            yield Paused(job, on=True, at_ns=running.delegated_ns)

    def clean(self, cleaning: Cleaning) -> bool:
        """Forget all that is old, in one step."""
        old = [each for each in self._submissions.values() if self._is_old(each, cleaning.before_ns)]
        for submission in old:
            for job in _jobs_of(submission):
                del self._ends[job]
                self._starts.pop(job, None)
                for key in [key for key in self._named if key[0] == job]:
                    del self._named[key]
                self._state.recent_finished.pop(job, None)
            self._to_come[submission.nonce] = 0
            self._lacking[submission.nonce] = 0
            self._forgotten.add(submission.nonce)
            if submission.origin.script:
                self._drop(submission.origin.script)
        cleaning.jobs += sum(submission.end - submission.first for submission in old)
        late = cleaning.nonces_before_ns
        forgotten = [
            nonce
            for nonce, each in self._submissions.items()
            if each.at_ns < late and not self._is_known(each)
        ]
        for nonce in forgotten:
            del self._submissions[nonce]
        return bool(old or forgotten)

    def _is_known(self, submission: Submission) -> bool:
        return self._state.is_live(submission.first) or submission.first in self._ends

    def _is_old(self, submission: Submission, before_ns: int) -> bool:
        if submission.at_ns >= before_ns:
            return False
        jobs, unsaved = _jobs_of(submission), {job for job, _, _ in self._outputs}
        return all(
            job in self._ends and self._ends[job][1] < before_ns and job not in unsaved for job in jobs
        )

    def recall(self, request: Request) -> Past:
        """What is known of the jobs or the submission that a request is about."""
        submission = submission_asked_about(request)
        if submission is not None:
            return self._accepted(submission)
        return tuple(ended for job in asked_about(request) if (ended := self.ended(job)))

    def _accepted(self, nonce: Nonce) -> Past:
        known = self._submissions.get(nonce)
        if known is None:
            return ()
        to_come = self._to_come[nonce]
        is_short = to_come > 0 or self._lacking[nonce] > 0
        cancelled = is_short and nonce not in self._state.deliveries
        return AckSubmit(known.first, JobId(known.end - 1), to_come=to_come, cancelled=cancelled)

    def _drop(self, blob: Blob) -> None:
        """Unless somebody needs it, or may want it again."""
        known = [each for nonce, each in self._submissions.items() if nonce not in self._forgotten]
        scripts = {each.origin.script for each in known if not self._lacking[each.nonce]}
        if blob not in scripts | {each.origin.stdin for each in self._state.submissions}:
            self._blobs.pop(blob, None)

    def _whole_blobs(self, names: Iterable[Blob]) -> frozenset[Blob]:
        return frozenset(each for each in names if len(self._blobs.get(each, b"")) == size_of(each))

    def blob_part(self, blob: Blob, offset: int) -> bytes:
        """FETCH_BYTES of a blob from there on, or what there is to its end; b"" when that is not here."""
        return self._blobs.get(blob, b"")[offset : offset + FETCH_BYTES]

    def gone(self, asked: Asked) -> Bygone:
        """What is asked of submissions that have ended, and of what has ended of others."""
        if asked.nonce and (again := tuple(self._came_of(asked.nonce))):
            return Bygone(again=again)
        known = sorted(self._submissions.values(), key=lambda each: each.first)
        whole = [each for each in known if set(_jobs_of(each)) <= self._ends.keys()]
        met = [each for each in whole if self._is_asked_about(each, asked)]
        if len(met) > asked.most:
            return Bygone(is_all=False)
        live = tuple(
            LiveEnds(first, self._kinds(first, end), self._parts(first, end), self._copies(first, end))
            for first, end in asked.live
        )
        around = tuple(map(self._gone, whole)) if asked.behind else ()
        needed = {blob for each in (*met, *(whole if asked.behind else ())) for blob in each.origin.blobs}
        here = self._whole_blobs(needed.union(asked.blobs))
        return Bygone(tuple(map(self._gone, met)), live=live, around=around, blobs=here)

    def _is_asked_about(self, what: Submission, asked: Asked) -> bool:
        if any(what.first < end and what.end > first for first, end in asked.ranges):
            return True
        latest = max(self._ends[job][1] for job in _jobs_of(what))
        return latest >= asked.since_ns and any(_fits(what, word, asked.owner) for word in asked.words)

    def _came_of(self, nonce: Nonce) -> Iterator[tuple[Submission, Ranges]]:
        at = 0
        while made := self._submissions.get(nonce_of(nonce, at)):
            if made.first in self._again:
                yield made, self._again[made.first]
            at += 1

    def _kinds(self, first: JobId, end: JobId) -> Kinds:
        found: dict[JobState, list[JobId]] = {}
        for job in map(JobId, range(first, end)):
            ended = self._ends.get(job)
            if ended and not ended[0].is_good:
                found.setdefault(_state_of(ended[0]), []).append(job)
        return tuple((state, tuple(runs(jobs))) for state, jobs in found.items())

    def _parts(self, first: JobId, end: JobId) -> tuple[Part, ...]:
        own = self._submissions_by_number(first).terms
        return tuple(part for part in self._altered.over(first, end, own) if part[2] != own)

    def _submissions_by_number(self, job: JobId) -> Submission:
        return next(each for each in self._submissions.values() if job in each)

    def _gone(self, submission: Submission) -> Gone:
        bad = [job for job in _jobs_of(submission) if not self._ends[job][0].is_good]
        worst = self._ends[bad[0]][0] if bad else None
        first, end = submission.first, submission.end
        retried = common(((first, end),), self._retried)
        kinds, parts = self._kinds(first, end), self._parts(first, end)
        return Gone(submission, tuple(runs(bad)), worst, kinds, retried, parts, self._copies(first, end))

    def _copies(self, first: JobId, end: JobId) -> Copies:
        return copies_of(self._again, first, end)

    @property
    def _retried(self) -> Ranges:
        return merged(part for old in self._again.values() for part in old)

    def lines(self, ranges: Ranges) -> dict[JobId, bytes]:
        """The lines of these jobs, as far as they are there."""
        found: dict[JobId, bytes] = {}
        for nonce, pieces in self._lines.items():
            first = self._submissions[nonce].first
            lines = [line for piece in pieces for line in piece]
            found |= {
                JobId(first + at): line for at, line in enumerate(lines) if holds(ranges, JobId(first + at))
            }
        return found

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job, if it has one."""
        return self._ends[job][0] if job in self._ends else None

    def submission_of(self, job: JobId) -> Submission | None:
        """The submission that the job is of, if it is known."""
        return next((each for each in self._submissions.values() if each.first <= job < each.end), None)

    def unsaved_outputs(self) -> list[OutputKey]:
        """The short outputs, in order, that may not be in their files yet."""
        return sorted(self._outputs)

    def output(self, job: JobId, attempt: int = 1, stream: int = OUT) -> bytes:
        """A short output that is not in its file yet."""
        return self._outputs[job, attempt, stream]

    def named_outputs(self) -> list[Reserved]:
        """The outputs in files with names of their own that are not all there yet, in the order in which they lie."""
        here = [each for each in self._named.values() if not each.path.startswith("/")]
        open_paths = {each.path for each in here if self._is_open(each)}
        found = [each for each in here if each.path in open_paths]
        return sorted(found, key=lambda each: (each.path.encode(), each.start, *each.key))

    def _is_open(self, each: Reserved) -> bool:
        job = each.key[0]
        is_live = job in self._state.running or job in self._state.past
        return each.key in self._outputs or (each.end is None and is_live)

    def output_starts(self) -> Starts:
        """Where outputs begin that were appended to a file, from which attempt on."""
        return deepcopy(self._starts)


def _jobs_of(submission: Submission) -> list[JobId]:
    return [JobId(job) for job in range(submission.first, submission.end)]


def _state_of(ended: Ended) -> JobState:
    return JobState.FAILED if ended.ending is Ending.FINISHED else JobState(ended.ending.value)


def _fits(what: Submission, word: Named | Tagged | Owned, owner: str) -> bool:
    match word:
        case Named():
            return word.meets(what.terms.name) and what.origin.owner == owner
        case Tagged(tag):
            return tag in what.terms.tags
        case Owned(user):
            return what.origin.owner == user
