"""One turn of the server takes many requests: a later one sees what the earlier ones did."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from adapters.ledgers import replayed
from adapters.until import wait_until
from msgspec.structs import replace
from ports import free_address
from reports import asks, jobs_in
from submissions import submit_of

from goq.adapters.config import Config
from goq.adapters.files.log import StandardOutput
from goq.adapters.store.journal import Journal
from goq.adapters.wire import peers
from goq.adapters.wire.codec import encode
from goq.adapters.wire.keys import derive, secret_of
from goq.adapters.wire.signing import Keyring, Signer
from goq.adapters.wire.transport import ClientSocket, ServerSocket
from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.messages import (
    AckCancel,
    AckSubmit,
    Answer,
    Cancel,
    Done,
    JobFinishedNotice,
    Observe,
    Orders,
    Question,
    Refused,
    Report,
    TakeSnapshot,
    alone,
)
from goq.core.state import state as state_module
from goq.core.values.ids import Handle, JobId, Now, WorkerId
from goq.core.values.job import Claim, Worker
from goq.core.values.result import Result
from goq.core.values.selectors import selector_of
from goq.core.values.who import Role, Who
from goq.core.values.wishes import Wish
from goq.roles.client.calls import new_nonce
from goq.roles.said.narration import Narrator, server_voice
from goq.roles.server import backlog
from goq.roles.server.doors import Doors
from goq.roles.server.loop import Server, _Batch
from roles.counter import ID

OTHER_ID, BOB = "b" * 40, Who(Role.USER, "bob", 1)
NAMES = ("w1", "w2", "w3")


class Turns:
    """A server whose turns are made of the frames that a test gives it."""

    def __init__(self, home: Path) -> None:
        self.address = address = free_address()
        config = Config(
            ip="127.0.0.1",
            port=int(address.rpartition(":")[2]),
            home=home,
            spool=home / "spool",
            output_folder=home / "o",
            journal_folder=home / "journal",
            timeout_s=1.0,
            heartbeat_s=5.0,
            lease_s=60.0,
            kill_grace_s=5.0,
            crash_limit=5,
            keep_s=0.0,
            debug=False,
        )
        self.socket = ServerSocket(address)
        self.journal = Journal(config.journal_folder)
        dispatcher = Dispatcher(replayed(self.journal), FreshnessGate(60.0, Now(0.0, 0)), Rules(), {})
        narrator = Narrator(server_voice(), StandardOutput())
        self._signer = Signer(ID)
        doors = Doors(self.socket, config, narrator.say)
        keyring = Keyring(ID, dispatcher.state.keys.generation_of)
        self.server = Server(config, keyring, self.socket, self.journal, dispatcher, narrator, doors)
        self.server._commit(dispatcher.resume(Now(0.0, 0)).records)
        self.epoch = dispatcher.state.epoch

    def frame(self, question: Question, now: Now, signer: Signer | None = None) -> bytes:
        """What a client sends that asks this now."""
        return (signer or self._signer).seal(encode(question, new_nonce(), b"", now.wall_ns, self.epoch))

    def gone(self) -> set[int]:
        """The connections that have ended since this was asked last."""
        return {peer for peer, connected in self.socket.take_news() if not connected}

    def turn(self, *questions: Question) -> list[Answer]:
        """All these in one turn; the answers that are given in it."""
        now = Now(100.0, time.time_ns())
        batch = _Batch()
        for number, question in enumerate(questions):
            frame = self.frame(question, now)
            request = self.server._reception.understand(Handle(1, b"%d" % number), frame, batch.replies)
            if request is not None:
                self.server._take(request, now, batch)
        self.server._commit(batch.records)
        return [reply.answer for reply in batch.replies]

    def close(self) -> None:
        """The server is gone."""
        self.journal.close()
        self.socket.close()


@pytest.fixture(name="turns")
def _turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    """A server that remembers one end, and that has given each of three workers a job."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    monkeypatch.setattr(state_module, "RECENT_FINISHED", 1)
    turns = Turns(tmp_path)
    turns.turn(submit_of(*[b"true"] * 3))
    answers = turns.turn(*(asks(Worker(WorkerId(name), "h", 1)) for name in NAMES))
    assert all(map(jobs_in, answers))
    yield turns
    turns.close()
    signal.set_wakeup_fd(-1)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def finished(turns: Turns, job: int) -> Report:
    """The job's worker reports its end."""
    claim = Claim(turns.epoch, JobId(job), 1, WorkerId(NAMES[job - 1]))
    return alone(Done(claim, Result()))


def test_a_result_that_comes_again_in_the_same_turn_is_known(turns: Turns) -> None:
    """A disk that was slow for seconds makes all workers send again, and both sendings wait together."""
    assert [Orders(WorkerId(name)) for name in NAMES] * 2 == turns.turn(
        *(finished(turns, job) for job in (1, 2, 3, 1, 2, 3))
    )
    assert 0 == turns.server._dispatcher.counts.stale_results


def test_a_job_that_ended_in_the_same_turn_is_known(turns: Turns) -> None:
    """To whoever waits for it, or comes too late to kill it."""
    *_, observed, cancelled = turns.turn(
        finished(turns, 1),
        Cancel(JobId(2)),
        finished(turns, 2),
        finished(turns, 3),
        Observe(JobId(1)),
        Cancel(JobId(2)),
    )

    assert isinstance(observed, JobFinishedNotice)
    assert AckCancel(JobId(2), was_running=False) == cancelled


def test_what_was_committed_before_is_known_as_well(turns: Turns) -> None:
    """The journal's word comes first."""
    turns.turn(finished(turns, 1), finished(turns, 2))

    assert [Orders(WorkerId(NAMES[at])) for at in (2, 0, 1)] == turns.turn(
        finished(turns, 3), finished(turns, 1), finished(turns, 2)
    )


def test_what_ended_in_this_turn_is_known_to_who_is_to_wait_for_it(turns: Turns) -> None:
    """It is in the journal before that is asked."""
    claim = Claim(turns.epoch, JobId(2), 1, WorkerId(NAMES[1]))
    failed = alone(Done(claim, Result(exit_code=3)))
    well = replace(submit_of(b"true"), wishes=(Wish(selector_of(["2"]), "ok"),))
    bad = replace(well, wishes=(Wish(selector_of(["2"]), "fail"),))
    *_, refused, accepted = turns.turn(finished(turns, 1), failed, finished(turns, 3), well, bad)

    why = "job 2 failed with exit status 3, and --after-ok waits for a good end; nothing was queued"
    assert Refused(why) == refused
    assert isinstance(accepted, AckSubmit)


@pytest.mark.parametrize(
    "key", [OTHER_ID, secret_of(BOB, derive(ID, BOB))], ids=["another cluster", "removed"]
)
def test_who_waits_for_his_turn_is_no_stranger(
    turns: Turns, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """However long the questions take that came before: he has shown that he is one of ours.

    Somebody with another cluster's id has not, nor a user who was removed.
    """
    monkeypatch.setattr(backlog, "DECIDING_S", 0.0)
    server, now, batch = turns.server, Now(100.0, time.time_ns()), _Batch()
    with closing(ClientSocket(turns.address)) as ours, closing(ClientSocket(turns.address)) as stranger:
        wait_until(lambda: ours.send(1, turns.frame(TakeSnapshot(0), now)), "room for a question")
        wait_until(
            lambda: stranger.send(1, turns.frame(TakeSnapshot(0), now, Signer(key))), "room for another"
        )
        received = 0
        while received < 2:
            before = server._reception.understand(Handle(1, b"0"), turns.frame(TakeSnapshot(0), now), [])
            assert before
            server._backlog.put(before, 1)  # he is always behind somebody else
            received += server._receive(now, batch)

        monkeypatch.setattr(peers, "STRANGER_S", 0.0)
        monkeypatch.setattr(peers, "FORGER_S", 0.0)
        gone = wait_until(turns.gone, "the end of a stranger's connection")
        wait_until(lambda: server._receive(now, batch) or not server._backlog.is_busy, "his turn")
        server._send([reply for reply in batch.replies if reply.handle.peer not in gone])
        assert wait_until(ours.receive, "an answer")
        assert 1 == len(gone | turns.gone())
