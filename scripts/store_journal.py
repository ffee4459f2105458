"""Makes a journal of this version, with something of everything in it, and stores it in tests/data.

The releases that follow must open it and go on. While this version is not released its tables may change: then it is
made anew, by `make journal`, and a test says so.
"""

import gzip
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from goq.adapters.store.journal import Journal
from goq.adapters.store.tables import VERSION
from goq.core import messages as m
from goq.core.dispatch.decision import Asked, Bygone, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages.keys import KeyDeed
from goq.core.state.records import JobRequeued, OutputReserved, Record
from goq.core.state.state import State
from goq.core.values.blobs import PIECE_BYTES, blob_of, sha256_of
from goq.core.values.changes import Alter, Hold, Kill
from goq.core.values.ids import Argv, Environment, Handle, JobId, Nonce, Now, WorkerId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import By, Claim, Worker
from goq.core.values.result import Result
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.values.who import Role
from goq.core.values.wishes import Wish

STORED = Path(__file__).resolve().parent.parent / "tests" / "data" / f"journal-{VERSION}.sqlite.gz"
QUEUE = b"a stored journal"
NOW = Now(0.0, 1_790_000_000_000_000_000)
ANN = By("ann", "head", 4711)
PLACE = WorkerId("node7-1")
WORKER = Worker(WorkerId("node7"), "node7", 99)
SCRIPT, INPUT = b"#!/bin/sh\ncat\n", b"what was piped\n"
HALF = bytes(PIECE_BYTES) + b"the rest never came"
PLAIN = m.Submit(Argv(b"true"), b"/", Environment(b"PATH=/usr/bin:/bin"), "ann@head")


class Server:
    """A dispatcher and its journal."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder)
        state = State()
        for record in self._journal.replay():
            state.apply(record)
        self._dispatcher = Dispatcher(state, FreshnessGate(60.0, NOW), Rules(), {})
        self._asked = self._serial = 0
        self._commit(self._dispatcher.resume(NOW).records)

    def _commit(self, records: Iterable[Record]) -> None:
        """As a server does, which notes where the output of another attempt begins."""
        found = [*records]
        again = [each for each in found if isinstance(each, JobRequeued) and each.result]
        found += (
            OutputReserved(each.claim.job, each.output_length, each.claim.attempt + 1) for each in again
        )
        self._journal.commit(found)

    def ask(self, question: m.Question) -> tuple[m.Answer, Nonce]:
        """One turn; the answer, and the question's nonce."""
        self._asked += 1
        nonce = Nonce(b"%016d" % self._asked)
        known: Bygone | m.AckSubmit | tuple[()] = ()
        if isinstance(question, m.Submit):
            known = self._journal.gone(Asked(blobs=question.origin.blobs))
        request = m.Request(Handle(1, b""), nonce, NOW.wall_ns, question)
        outcome = self._dispatcher.handle(request, NOW, known)
        self._commit(outcome.records)
        return outcome.replies[-1].answer, nonce

    def bring(self, nonce: Nonce, data: bytes) -> None:
        """The first piece of a blob."""
        piece = data[:PIECE_BYTES]
        self.ask(m.AddBlob(nonce, blob_of(data), 0, sha256_of(piece), piece))

    def run(self, result: Result | None) -> None:
        """The next job runs, and ends so; or goes on running."""
        self._commit(self._dispatcher.tick(NOW).records)  # pauses between attempts are over
        self._serial += 1
        answer, _ = self.ask(m.Report(WORKER, self._serial, wants=((PLACE, 1),)))
        assert isinstance(answer, m.Orders)
        (batch,) = answer.run
        (job,) = batch.jobs
        if job.id == 1:
            self._commit([OutputReserved(job.id, 7)])
        if result is not None:
            claim = Claim(job.epoch, job.id, job.attempts, PLACE)
            self.ask(m.alone(m.Done(claim, result)))

    def close(self) -> None:
        """Stop."""
        self._journal.close()


def fill(server: Server) -> None:
    """Live through a little of everything; jobs that can run end well."""
    wrote = Result(host="node7", pid=12, started_ns=1, ended_ns=2, output=b"hello\n", output_length=6)
    wrote = replace(wrote, output_sha256=sha256_of(wrote.output))
    server.ask(m.SetKey(Role.USER, "ann", KeyDeed.ADD, By("root", "head", 7)))
    for terms in (Terms(), Terms(retries=1, backoff_s=0.0), Terms(retries=2, backoff_s=0.0)):
        server.ask(replace(PLAIN, terms=terms))
    server.run(wrote)
    for code in (3, 4):
        server.run(replace(wrote, exit_code=code))
    server.run(replace(wrote, exit_code=5))
    server.ask(
        replace(
            PLAIN, items=Numbers(((1, 3, 1), (10, 20, 5))), terms=Terms(name="sim", tags=("x",), at_once=2)
        )
    )
    server.run(None)
    lines = (b"one\0two"[:3], b"caf\xe9 au lait")
    server.ask(replace(PLAIN, items=EachLine(), lines=lines, terms=Terms(priority=5, umask=0o077)))
    server.ask(replace(PLAIN, argv=Argv(b""), lines=(b"true\0one", b"true\0two")))
    _, late = server.ask(replace(PLAIN, argv=Argv(b""), lines=(b"true\0one", b"true\0two"), to_come=3))
    server.ask(m.AddItems(late, 2, (b"true\0three",)))
    _, scripted = server.ask(replace(PLAIN, script=blob_of(SCRIPT), stdin=blob_of(INPUT)))
    server.bring(scripted, SCRIPT)
    server.bring(scripted, INPUT)
    _, half = server.ask(replace(PLAIN, stdin=blob_of(HALF)))
    server.bring(half, HALF)
    server.ask(replace(PLAIN, wishes=(Wish(selector_of(["sim"])),), physical=b"/proc/self/root"))
    server.ask(replace(PLAIN, terms=Terms(name="held", held=True, out="{id}.out", err="{id}.err")))
    for what, words in (
        (Hold(), ["sim"]),
        (Alter(("priority",), Terms(priority=7)), ["held"]),
        (Kill(15), ["5"]),
    ):
        server.ask(m.Change(selector_of(words), what, ANN))
    server.ask(m.SetLimit("user:ann", 100, "because", ANN))
    server.ask(m.Cancel(JobId(9), 2, ANN))


def main() -> None:
    """Make it, and put it in its place."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Journal(folder).close()
        with closing(sqlite3.connect(folder / "journal.sqlite", isolation_level=None)) as db:
            db.execute("UPDATE queue SET id = ?", (QUEUE,))
        server = Server(folder)
        fill(server)
        server.close()
        with closing(sqlite3.connect(folder / "journal.sqlite", isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("VACUUM")
        data = gzip.compress((folder / "journal.sqlite").read_bytes(), mtime=0)
    STORED.write_bytes(data)
    print(f"{STORED}: {len(data)} bytes")


if __name__ == "__main__":
    main()
