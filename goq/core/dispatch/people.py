"""What people ask: to submit, cancel, wait and look. A handler a question. Pure."""

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from goq.core.dispatch import naming
from goq.core.dispatch.copies import Copies
from goq.core.dispatch.decision import Bygone, Counts, Outcome, Past
from goq.core.dispatch.drains import hole_lines
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.refusals import Refusals
from goq.core.dispatch.snapshot import take_snapshot
from goq.core.dispatch.wishes import NOTHING, Plan, Unknown, Unmet, meant, plan_of
from goq.core.messages import (
    AckCancel,
    AckCancelEach,
    AckImmolate,
    AckReset,
    AckSubmit,
    AddBlob,
    AddItems,
    Answer,
    Cancel,
    CancelAnswer,
    CancelEach,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    Mean,
    Meant,
    Refused,
    Request,
    Snapshot,
    Submit,
)
from goq.core.messages.people import KEPT_OUTPUTS, ROWS_EACH
from goq.core.state.records import BlobsDropped, CountersReset, JobsSubmitted, RangeEnded
from goq.core.state.submissions import Live
from goq.core.values.blobs import Blob, sha256_of, size_of
from goq.core.values.cluster import NAME, STARTED
from goq.core.values.ids import JobId, Nonce, Now
from goq.core.values.job import By, owner_of
from goq.core.values.result import Ending
from goq.core.values.text import show_folder
from goq.core.values.who import Who
from goq.core.waits.parking import Parked

PARKED_JOBS_LIMIT = 100_000
PARKED_JOBS_EACH = 10_000  # with one user's key
SHOWN_FOLDERS = 3  # of those that take no outputs
NEWER = (NAME, STARTED)


class People:
    """Answers what people ask."""

    def __init__(
        self,
        moves: Moves,
        refusals: Refusals,
        gate: FreshnessGate,
        counts: Counts,
        facts: dict[str, int | str],
        outputs: bytes,
        copies: Copies,
    ) -> None:
        self._moves = moves
        self._refusals = refusals
        self._state = moves.state
        self._gate = gate
        self._counts = counts
        self._facts = facts
        self._outputs = outputs
        self.full_folders: tuple[str, ...] = ()  # below that of outputs, that take none; "" is that itself
        self._copies = copies

    def submit(self, request: Request, submit: Submit, now: Now, past: Past, outcome: Outcome) -> Answer:
        known = self._known(request.nonce, now, past)
        if known and self._is_anothers(known, submit):
            return Refused("somebody else has submitted under that nonce; submit once more")
        known = known or self._holder(submit)
        refusal = "" if known else self._refusal(submit)
        if refusal:
            return Refused(refusal)
        try:
            ack = known or self._submit(request, submit, now, past, outcome)
        except Unmet as unmet:
            return Refused(f"{unmet}; {NOTHING}")
        return replace(ack, outputs=self._folder_of(owner_of(submit.submitter)))

    def _is_anothers(self, known: AckSubmit, submit: Submit) -> bool:
        """Who listens may know a nonce before its submission is here, and be first: nobody takes that for his own."""
        live = self._state.submissions.get(known.first)
        return live is not None and submit.terms.keyed and live.origin.owner != submit.origin.owner

    def _folder_of(self, owner: str) -> bytes:
        """Where outputs of the owner are."""
        return self._below(self._state.names.layout.folder_of(owner))

    def _below(self, folder: str) -> bytes:
        return b"/".join((self._outputs, folder.encode())) if folder and self._outputs else self._outputs

    def _refusal(self, submit: Submit) -> str:
        size = sum(map(size_of, submit.origin.blobs)) + sum(map(len, submit.lines))
        size += len(submit.environment) + len(submit.argv)
        asked = (owner_of(submit.submitter), submit.terms.priority, submit.count, size)
        return self._moves.limits.refusal(*asked, keyed=submit.terms.keyed) or naming.refusal(
            self._state, submit
        )

    def _holder(self, submit: Submit) -> AckSubmit | None:
        """The live job that has the key already."""
        holder = self._state.unique_jobs.get((submit.origin.owner, submit.terms.unique))
        return AckSubmit(holder, holder, existed=True) if holder is not None else None

    def _submit(self, request: Request, submit: Submit, now: Now, past: Past, outcome: Outcome) -> AckSubmit:
        first, plan = self._state.next_job, Plan(submit.terms)
        known = past if isinstance(past, Bygone) else Bygone()
        if submit.wishes:
            plan = plan_of(self._state, submit, known)
            submit = replace(submit, terms=plan.terms)
        lacks: tuple[Blob, ...] = ()
        if submit.script or submit.stdin:
            lacks = tuple(blob for blob in submit.origin.blobs if blob not in known.blobs)
        record = JobsSubmitted(
            submit.submission(first, request.nonce, now.wall_ns), submit.lines, lacks=lacks
        )
        self._moves.submit(record, now, outcome, plan.decided(first))
        ack = AckSubmit(first, JobId(self._state.next_job - 1), to_come=submit.to_come)
        return self._wanting(ack, self._state.deliveries.get(request.nonce)) if lacks else ack

    def _wanting(self, ack: AckSubmit, delivery: Live | None) -> AckSubmit:
        """The same with the blob that is wanted next, if one is."""
        if delivery is None or not delivery.lacks:
            return ack
        blob = delivery.lacks[0]
        return replace(ack, wanted=blob, offset=self._state.blobs.arriving[blob].here)

    def _known(self, submission: Nonce, now: Now, past: Past) -> AckSubmit | None:
        """How far a submission is that has been here before."""
        known = self._state.recent_submissions.get(submission)
        known = known or (past if isinstance(past, AckSubmit) else None)
        delivery = self._state.deliveries.get(submission)
        if delivery is None:
            return known
        self._moves.expect(submission, now)
        return self._wanting(known, delivery) if known else None

    def meant(self, mean: Mean, past: Past) -> Answer:
        known = past if isinstance(past, Bygone) else Bygone()
        try:
            return Meant(meant(self._state, mean.selector, mean.owner, known))
        except Unknown as unknown:
            return JobNotKnown(unknown.job)
        except Unmet as unmet:
            return Refused(str(unmet))

    def add(self, add: AddItems | AddBlob, now: Now, past: Past, outcome: Outcome) -> Answer:
        """More of a submission: the answer says where to go on."""
        delivery, refusal = self._state.deliveries.get(add.submission), ""
        if delivery and isinstance(add, AddItems):
            refusal = self._add_items(delivery, add, now, outcome)
        elif delivery and isinstance(add, AddBlob):
            refusal = self._add_blob(delivery, add, now, outcome)
        if refusal:
            return Refused(refusal)
        known = self._known(add.submission, now, past)
        if known is None:
            return Refused("there is no such submission")
        live = self._state.submissions.get(known.first)
        return replace(known, outputs=self._folder_of(live.origin.owner) if live else self._outputs)

    def _add_items(self, delivery: Live, add: AddItems, now: Now, outcome: Outcome) -> str:
        new = add.lines[delivery.here - add.offset :] if add.offset <= delivery.here else ()
        if len(new) > delivery.to_come:
            return f"these are more lines than the {delivery.count} that were announced"
        if too_much := self._moves.limits.refusal_of_bytes(delivery.origin.owner, sum(map(len, new))):
            return too_much
        if not delivery.submission.argv and not all(line and line[0] for line in new):
            return "a command needs a program"
        if new:
            self._moves.add_items(delivery, new, now, outcome)
        return ""

    def _add_blob(self, delivery: Live, add: AddBlob, now: Now, outcome: Outcome) -> str:
        """A piece that is not the next one, or not what was signed, is dropped."""
        if add.blob not in delivery.lacks:
            return ""
        arriving = self._state.blobs.arriving[add.blob]
        if add.offset != arriving.here:
            return ""
        if sha256_of(add.data) != add.sha256:
            self._counts.dropped_bad_signatures += 1
            return ""
        if not arriving.leads_on(add.data):
            # Somebody else who is bringing the same may have sent the bytes that are wrong: all is to come anew.
            self._moves.emit(BlobsDropped((add.blob,)), outcome)
            return "what has come is not what was announced: its SHA-256 is another; submit it again"
        self._moves.add_blob(add, now, outcome)
        return ""

    def cancel_each(self, each: CancelEach, now: Now, past: Past, outcome: Outcome) -> Answer:
        return AckCancelEach(self._cancel_all(each.jobs, each.signal, each.by, now, past, outcome))

    def cancel(self, cancel: Cancel, now: Now, past: Past, outcome: Outcome) -> Answer:
        (answer,) = self._cancel_all((cancel.job,), cancel.signal, cancel.by, now, past, outcome)
        return answer

    def _cancel_all(
        self, jobs: tuple[JobId, ...], signal: int, by: By, now: Now, past: Past, outcome: Outcome
    ) -> tuple[CancelAnswer, ...]:
        # Looked up before anything ends, since each end may push the memory of an earlier one out.
        told = tuple(filter(None, [self._moves.ended(job, past) for job in jobs]))
        # A list that is not all here is one thing yet: with one of its jobs all of it goes.
        lists = [each for each in self._state.deliveries.values() if each.to_come]
        coming = [each for each in lists if any(job in each for job in jobs)]
        answers: dict[JobId, CancelAnswer] = {}
        for job in sorted(
            jobs, reverse=True
        ):  # who is behind another has the higher number, and is no victim of it
            its = next((each for each in coming if job in each), None)
            if its is None:
                answers[job] = self._cancel(Cancel(job, signal, by), now, told, outcome)
                continue
            if its.submission.nonce in self._state.deliveries:
                self._moves.end_delivery(its, Ending.CANCELLED, "", now, outcome, by)
            answers[job] = AckCancel(job, was_running=False)
        return tuple(answers[job] for job in jobs)

    def _cancel(self, cancel: Cancel, now: Now, past: Past, outcome: Outcome) -> CancelAnswer:
        job = cancel.job
        if job in self._state.waiting:
            here = ((job, JobId(job + 1)),)
            self._moves.end_waiting(RangeEnded(here, Ending.CANCELLED, "", now.wall_ns, cancel.by), outcome)
            return AckCancel(job, was_running=False)
        running = self._state.running.get(job)
        if running:
            self._moves.want_signal(running, cancel.signal, cancel.by, now, outcome)
            return AckCancel(job, was_running=True)
        known = self._moves.ended(job, past)
        if known is None:
            return JobNotKnown(job)
        if known.ending is Ending.CANCELLED:
            return AckCancel(job, was_running=False)
        return Refused(f"job {job} has already ended, with exit status {known.status}")

    def observe(self, asker: Parked, job: JobId, now: Now, past: Past) -> Answer | None:
        if not self._state.is_live(job):
            ended = self._moves.ended(job, past)
            return JobFinishedNotice(ended) if ended else JobNotKnown(job)
        observers, holder = self._moves.observers, asker.handle.who.holder
        if len(observers) >= PARKED_JOBS_LIMIT and job not in observers:
            return Refused("too many jobs are being waited for")
        if holder and observers.count_of(holder) >= PARKED_JOBS_EACH:
            return Refused("with this key too many jobs are being waited for")
        self._moves.observers.park(job, asker, now.attended_s + self._moves.rules.observe_s)
        return None

    def observe_each(self, asker: Parked, jobs: tuple[JobId, ...], now: Now, past: Past) -> Answer | None:
        """What has ended, at once; else the asker waits for the first of them, and asks for the rest then."""
        live = [job for job in jobs if self._state.is_live(job)]
        if len(live) == len(jobs):
            return self.observe(asker, min(live), now, past)
        ends = {job: self._moves.ended(job, past) for job in jobs if job not in live}
        unknown = [job for job, ended in ends.items() if ended is None]
        return JobNotKnown(unknown[0]) if unknown else JobsFinishedNotice(tuple(filter(None, ends.values())))

    def snapshot(self, max_show: int, now: Now, who: Who) -> Snapshot:
        counters: dict[str, int | str] = {
            "runQlen": len(self._state.running),
            "waitingJobs": len(self._state.waiting),
            "waitingWorkers": self._moves.idle.count(),
            "finishedJobsCount": self._state.finished_count,
            "droppedBadSigCount": self._counts.dropped_bad_signatures,
            "cancelledJobCount": self._state.cancelled_count,
            "lostJobCount": self._state.lost_count,
            "nextJobId": self._state.next_job,
            "badNonceCount": self._gate.refused_count,
            "badMessageCount": self._counts.bad_messages,
            "staleResultCount": self._counts.stale_results,
            **{key: fact for key, fact in self._facts.items() if key not in NEWER},
            "failedJobsCount": self._state.failed_count,
            "skippedJobCount": self._state.skipped_count,
            "workerCount": self._count_workers(now),
            "deniedCount": self._counts.denied,
        }
        counters |= self._moves.trouble.counters()
        counters |= {key: self._facts[key] for key in NEWER if key in self._facts}  # behind what scripts know
        max_show = min(max(0, max_show), ROWS_EACH)
        waiting = self._one_an_array(self._moves.lanes.first(max_show) + self._moves.gates.shut(max_show))[
            :max_show
        ]
        suspects = {job for job, run in self._state.running.items() if self._moves.is_suspect(run)}
        snapshot = take_snapshot(self._state, counters, suspects, waiting, max_show)
        return replace(snapshot, outputs=self._outputs, troubles=tuple(self.troubles(who)))

    def troubles(self, who: Who) -> Iterator[str]:
        """What is not as it should be, for them."""
        if self.full_folders:
            more = len(self.full_folders) - SHOWN_FOLDERS
            shown = ", ".join(
                f"'{show_folder(self._below(folder))}'" for folder in self.full_folders[:SHOWN_FOLDERS]
            )
            yield f"{KEPT_OUTPUTS} {shown}{f' and {more} others' if more > 0 else ''} takes them"
        if self._copies.trouble:
            yield self._copies.trouble
        yield from self._moves.trouble.lines(partial(self._moves.veil.reads, who))
        yield from hole_lines(self._moves)

    def odd_messages(self) -> Iterator[str]:
        """What came that should not have."""
        for number, what, key in (
            (self._counts.dropped_bad_signatures, "with another cluster's signature", "droppedBadSigCount"),
            (self._gate.refused_count, "repeated or out of time", "badNonceCount"),
            (self._counts.denied, "refused to a key that has no right to it", "deniedCount"),
            (self._counts.bad_messages, "not understood", "badMessageCount"),
        ):
            if number:
                yield f"{number} messages {what} ({key})"

    def _count_workers(self, now: Now) -> int:
        """The places that run something, and those that were spoken of within a beat; a worker is one at least."""
        places = set(self._state.jobs_of_worker)
        for voice in self._moves.voices.there(now.attended_s - self._moves.rules.heartbeat_s):
            named = {claim.worker for claim in voice.report.claims()}
            places |= named.union(place for place, _ in voice.report.wants) or {voice.report.worker.id}
        return len(places)

    def _one_an_array(self, jobs: list[JobId]) -> list[JobId]:
        """In order, of each array and each state of it the first."""
        found: dict[tuple[JobId, bool], JobId] = {}
        for job in sorted(jobs):
            live = self._state.submissions[job]
            found.setdefault((live.first if live.submission.is_array else job, job in self._state.held), job)
        return list(found.values())

    def immolate(self, now: Now) -> Answer:
        count = self._count_workers(now)
        names = {*self._moves.voices.names(), *self._moves.given}
        for name in sorted(names):
            self._moves.idle.forget(name)
            self._moves.touched[name] = None
        self._moves.leaving |= names
        return AckImmolate(count)

    def reset(self, now: Now, outcome: Outcome) -> Answer:
        self._moves.emit(CountersReset(now.wall_ns), outcome)
        return AckReset()
