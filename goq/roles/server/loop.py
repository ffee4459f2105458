"""The job server: one thread, one loop.

A turn receives what is there, decides, commits, writes outputs and only then replies. That
order never changes: whoever got an answer may rely on what it says, through any crash.
"""

import select
import time

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.config import Config
from goq.adapters.files.outputs import Outputs
from goq.adapters.files.strays import Strays
from goq.adapters.jobs.processes import reap_strangers
from goq.adapters.store.port import Store, asked_about
from goq.adapters.wire.codec import encode
from goq.adapters.wire.signing import Keyring
from goq.adapters.wire.transport import ServerSocket
from goq.core.dispatch.decision import Asked, Note, Outcome, Past
from goq.core.dispatch.door import Dispatcher
from goq.core.messages import (
    TESTIMONY,
    AckOutput,
    AddBlob,
    AddItems,
    Mean,
    OutputChunk,
    Refused,
    Reply,
    Report,
    Request,
    Retry,
    Submit,
)
from goq.core.state.records import JobFinished, RangeEnded, Record
from goq.core.values.ids import Nonce, Now
from goq.core.values.place import NO_BIRTH, Birth
from goq.core.values.who import ADMINISTRATOR, Who
from goq.core.waits.parking import Parked
from goq.errors import BadMessage, JournalFull
from goq.roles.said.complaints import Complaints
from goq.roles.said.narration import Narrator
from goq.roles.said.wakeup import StopSignals
from goq.roles.server.backlog import Backlog
from goq.roles.server.clock import AttendedClock
from goq.roles.server.doors import Doors
from goq.roles.server.files import OutputFiles
from goq.roles.server.lender import Lender
from goq.roles.server.looking import Looking
from goq.roles.server.owners import Owners
from goq.roles.server.reception import Reception
from goq.roles.server.retention import Retention

BATCH_FRAMES = 512
BATCH_BYTES = 16 * 1024 * 1024
BATCH_S = 0.02
RETRY_S = 0.5
LINGER_S = 0.5
HEARING_S = 0.01


class _Batch(Struct):
    """What one turn decided, of all its requests together."""

    records: list[Record] = []
    chunks: list[tuple[Parked, OutputChunk]] = []
    replies: list[Reply] = []
    notes: list[Note] = []

    def clear(self) -> None:
        self.records, self.chunks, self.replies, self.notes = [], [], [], []

    def add(self, outcome: Outcome) -> None:
        self.records += outcome.records
        self.chunks += outcome.chunks
        self.replies += outcome.replies
        self.notes += outcome.notes


class Server:
    """Serves until it is told to stop, by a message or by a signal."""

    def __init__(
        self,
        config: Config,
        keyring: Keyring,
        socket: ServerSocket,
        journal: Store,
        dispatcher: Dispatcher,
        narrator: Narrator,
        doors: Doors,
        on_end: bytes = b"",
    ) -> None:
        self._keyring = keyring
        self._socket = socket
        self._journal = journal
        self._dispatcher = dispatcher
        self._longest_sleep_s = config.heartbeat_s
        self._clock = AttendedClock()
        self._now = Now(0.0, 0)  # of this turn
        self._narrator = narrator
        self._complaints = Complaints(narrator)
        counts = dispatcher.counts
        self._reception = Reception(keyring, socket, counts, self._complaints, debug=config.debug)
        owners = Owners(dispatcher.state, journal)
        outputs = Outputs(
            config.output_folder, journal.output_starts(), journal.named_outputs(), owners.whose
        )
        strays = Strays(config.output_folder, dispatcher.state.is_stray)
        self._files = OutputFiles(outputs, strays, journal, narrator, self._complaints, owners)
        self._lender = Lender(journal, keyring, socket)
        self._backlog = Backlog()
        self._doors = doors
        self._retention = Retention(journal, config.journal_folder, config.keep_s, narrator.say)
        self._signals = StopSignals()
        self._stopping = False
        self._shutdown_peer: int | None = None
        self._poll = select.poll()
        self._looking = Looking(
            config,
            journal,
            dispatcher.state,
            outputs,
            narrator.say,
            self._poll,
            on_end,
            is_open=dispatcher.is_open,
            on_denied=self._count_denied,
            results=counts.looks,
        )
        for fileno in (*socket.filenos(), self._signals.fileno()):
            self._poll.register(fileno, select.POLLIN)

    def run(self, restored_after: int | None = None, birth: Birth = NO_BIRTH) -> None:
        """Serve. Returns after a clean stop, with everything on the disk.

        `restored_after`: go on with a copy; that is the latest epoch that is known to have been.
        `birth`: what tells this start from any other.
        """
        self._begin(restored_after, birth)
        while not self._stopping:
            self._narrator.flush()
            now = self._clock.read(0.0)  # a turn means to sleep not at all
            planned_s = self._sleep(now)
            self._turn(self._clock.read(planned_s))
        self._leave()

    def _begin(self, restored_after: int | None, birth: Birth) -> None:
        records = self._dispatcher.resume(self._clock.read(0.0), restored_after, birth).records
        self._commit(records)
        for record in records:
            self._narrator.tell(record)
        self._doors.note_epoch(self._dispatcher.state.epoch.number)

    def _sleep(self, now: Now) -> float:
        until_due_s = self._dispatcher.next_deadline() - now.attended_s
        if not now.has_heard:
            until_due_s = max(until_due_s, HEARING_S)  # it may be a lease, which is not judged before
        if not self._socket.flush():
            until_due_s = min(until_due_s, 0.01)
        if self._lender.is_busy or self._backlog.is_busy:
            until_due_s = 0.0
        until_due_s = min(until_due_s, self._files.next_due_s())
        due = min(
            self._retention.next_deadline(),
            self._signals.next_deadline(),
            self._socket.next_deadline(),
            self._looking.next_deadline(),
        )
        until_due_s = min(until_due_s, due - time.monotonic())
        # Not longer: a sleep is time in which a worker could have been heard, even if we were frozen.
        planned_s = min(max(0.0, until_due_s), self._longest_sleep_s)
        self._poll.poll(planned_s * 1000 + (1 if planned_s else 0))
        return planned_s

    def _turn(self, now: Now) -> None:
        self._now = now
        self._signals.look()
        self._signals.drain()
        if self._signals.take_child_ended():
            reap_strangers(self._looking.children)
        for name in self._signals.take_ignored():
            self._narrator.say(f"got {name}, which means nothing here.", "signal ignored", signal=name)
        if self._signals.count:
            self._narrator.say("jobserver exits in response to a signal.", "stopping")
            self._stopping = True
        batch = _Batch()
        received = self._receive(now, batch)
        for peer, connected in self._socket.take_news():
            if not connected:
                self._dispatcher.peer_gone(peer)
                self._looking.forget_peer(peer)
        self._socket.dismiss_silent(now.attended_s)
        self._doors.turn()
        # After the requests: a heartbeat that is here already must not come too late.
        batch.add(self._dispatcher.tick(now))
        batch.add(self._dispatcher.note_followed(self._looking.followed()))
        self._carry_out(batch)
        self._lender.turn(self._dispatcher.state.epoch)
        self._send(self._looking.turn())
        self._files.turn(idle=not received)
        self._dispatcher.note_outputs(self._files.full_folders(), self._files.folders_in_the_way())
        self._retention.turn(idle=not received)

    # --- receive, verify, decode, decide -------------------------------------------------

    def _receive(self, now: Now, batch: _Batch) -> int:
        frames = size = 0
        until_s = time.monotonic() + BATCH_S
        while frames < BATCH_FRAMES and size < BATCH_BYTES and not self._backlog.is_full:
            if time.monotonic() >= until_s:
                break
            received = self._socket.receive()
            if received is None:
                break
            handle, frame = received
            frames += 1
            size += len(frame)
            if request := self._reception.understand(handle, frame, batch.replies):
                if self._dispatcher.gate.is_fresh(request.sent_ns, now) and not request.who.is_retired:
                    self._socket.welcome(handle.peer, now.attended_s)  # however long it waits for its turn
                batch.replies += self._backlog.put(request, len(frame))
        for request in self._backlog.take():
            self._take(request, now, batch)
        return frames

    def _take(self, asked: Request, now: Now, batch: _Batch) -> None:
        handle = asked.handle
        # What is not fresh may be a recording, by anybody.
        is_fresh = self._dispatcher.gate.is_fresh(asked.sent_ns, now)
        request = self._admit(asked, now, batch)
        if request is None:
            return
        if is_fresh:
            self._examine(request, now, batch)
        if self._is_incomplete(request, batch):
            return
        if is_fresh and request.who.is_retired:  # who may do what was asked, but nothing else
            self._socket.welcome(handle.peer, now.attended_s)
        past = self._recall(request, batch, now) if self._dispatcher.needs_past(request) else ()
        outcome = self._dispatcher.handle(request, now, past)
        batch.add(outcome)
        if outcome.fetches:
            self._lender.ask(outcome.fetches)
        batch.replies += self._looking.ask(outcome.queries)
        if outcome.stop:
            self._narrator.say("jobserver exits in response to shutdown request.", "stopping")
            self._stopping = True
            self._shutdown_peer = handle.peer

    def _admit(self, request: Request, now: Now, batch: _Batch) -> Request | None:
        if request.who is ADMINISTRATOR:
            return request
        outcome = Outcome()
        admitted = self._dispatcher.admit(request, now, outcome)
        if admitted is None:
            batch.add(outcome)
        return admitted

    def _count_denied(self, who: Who, why: str) -> None:
        """The reader has refused somebody what is another's."""
        for note in self._dispatcher.denied(who, "Look", why, self._now):
            self._narrator.say(note.text, note.event, **note.about)

    def _examine(self, request: Request, now: Now, batch: _Batch) -> None:
        outcome = self._dispatcher.copies.examine(request, now)
        if outcome.notes:
            batch.add(outcome)
            self._doors.note_epoch(self._dispatcher.state.epoch.number)

    def _recall(self, request: Request, batch: _Batch, now: Now) -> Past:
        """What the journal knows of the past, or will when this batch is committed."""
        known = self._journal.recall(request)
        if not isinstance(known, tuple) or isinstance(request.question, AddItems | AddBlob):
            return known
        if isinstance(request.question, Submit | Mean | Retry):
            asked = self._dispatcher.asked(request, now)
            return self._gone(request, asked, batch) if asked else known
        ended = [each.ended for each in batch.records if isinstance(each, JobFinished)]
        jobs = asked_about(request)
        unstarted = [
            each.ended(job)
            for each in batch.records
            if isinstance(each, RangeEnded)
            for job in jobs
            if job in each
        ]
        return *known, *ended, *unstarted

    def _gone(self, request: Request, asked: Asked, batch: _Batch) -> Past:
        """What has ended of these jobs, also in this turn: so its decisions are in the journal first."""
        if batch.records:
            self._carry_out(batch)
            batch.clear()
        past = self._journal.gone(asked)
        wanted = self._dispatcher.wanted_lines(request, past)
        return replace(past, lines=self._journal.lines(wanted)) if wanted else past

    def _is_incomplete(self, request: Request, batch: _Batch) -> bool:
        """A long output must be here, and on the disk, before its job may count as finished.

        And where there is no way to what it would write, no job is accepted.
        """
        finished = request.question
        if isinstance(finished, Submit) and (why := self._refusal(request.nonce, finished)):
            batch.replies.append(Reply(request.handle, request.nonce, Refused(why)))
            return True
        if not isinstance(finished, Report) or not finished.ended:
            return False
        if refused := self._files.keep_strays(finished.ended):
            batch.replies.append(Reply(request.handle, request.nonce, refused))
            return True
        if finished.serial != TESTIMONY or len(finished.ended) != 1:
            return False
        (done,) = finished.ended  # a streamed one comes alone
        claim = done.claim
        is_known = self._dispatcher.state.held_by(claim) or self._dispatcher.state.is_stray(claim)
        if not done.result.is_long or not is_known:
            return False
        answer = self._files.seal(claim, done.result)
        if answer is None:
            return False
        batch.replies.append(Reply(request.handle, request.nonce, answer))
        return True

    def _refusal(self, nonce: Nonce, submit: Submit) -> str:
        """Why its outputs could not be written; "" when nothing is in their way, or it has been here before."""
        is_known = nonce in self._dispatcher.state.recent_submissions
        return "" if is_known else self._files.refusal(submit)

    # --- commit, write, reply -------------------------------------------------------------

    def _carry_out(self, batch: _Batch) -> None:
        batch.records += self._files.reservations(batch.records)
        self._commit(batch.records)
        for record in batch.records:
            self._narrator.tell(record)
            self._files.tell(record)
        for note in batch.notes:
            self._narrator.say(note.text, note.event, **note.about)
        for parked, chunk in batch.chunks:
            self._write_chunk(parked, chunk, batch)
        if batch.records or batch.chunks:
            self._looking.stir()
        self._send(batch.replies)

    def _send(self, replies: list[Reply]) -> None:
        epoch = self._dispatcher.state.epoch
        for reply in replies:
            payload = encode(reply.answer, b"", reply.in_reply_to, time.time_ns(), epoch)
            self._socket.send(reply.handle, self._keyring.seal(payload, reply.handle.who))

    def _commit(self, records: list[Record]) -> None:
        """Commit, however long the disk stays full: nothing has been promised before it is done."""
        while True:
            began_s = time.monotonic()
            try:
                self._journal.commit(records)
            except JournalFull as error:
                self._complaints.about("journal", f"{error}; nothing is accepted until there is room.")
                self._narrator.flush()
                self._signals.drain()
                if self._signals.count:
                    raise  # stop without an answer; clients will ask the next server
                poll = select.poll()
                poll.register(self._signals.fileno(), select.POLLIN)
                poll.poll(RETRY_S * 1000)
            else:
                if records:
                    self._dispatcher.counts.commits.note(time.monotonic() - began_s)
                return

    def _write_chunk(self, parked: Parked, chunk: OutputChunk, batch: _Batch) -> None:
        try:
            answer = self._files.append(chunk)
        except BadMessage:
            self._dispatcher.counts.dropped_bad_signatures += 1
            text = f"output of job {chunk.claim.job} arrives that is not what its worker signed."
            self._complaints.about("signature", text)
            answer = AckOutput(chunk.offset)
        batch.replies.append(parked.reply(answer))

    # --- the end ---------------------------------------------------------------------------

    def _leave(self) -> None:
        """Put what is left on the disk, and let the last answers reach their readers."""
        self._files.leave()
        self._looking.close()
        self._narrator.flush()
        deadline = time.monotonic() + LINGER_S
        waiting_for = {self._shutdown_peer} - {None}
        while time.monotonic() < deadline and (waiting_for or not self._socket.flush()):
            self._poll.poll(10)
            waiting_for -= {peer for peer, connected in self._socket.take_news() if not connected}
