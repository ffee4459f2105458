"""A place with a real shepherd, driven step by step, and a server that is played by the test."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from adapters.until import wait_until
from epochs import EPOCH

from goq.adapters.files.spool import SpoolFolder
from goq.adapters.jobs.executor import Executor
from goq.adapters.jobs.launcher import Launcher
from goq.core.messages import Answer, BlobPiece, FetchBlob, Question
from goq.core.values.blobs import FETCH_BYTES, blob_of, sha256_of
from goq.core.values.ids import Argv, Environment, JobId, WorkerId
from goq.core.values.job import Claim, Job, Origin, Worker
from goq.core.worker.agent import Agent
from goq.core.worker.events import Answered, Begin
from goq.core.worker.health import Health
from goq.core.worker.rules import Rules
from goq.core.worker.talk import DelegateToWorker, FinishedWork, Heartbeat, RequestForWork, Saying, Told
from goq.roles.worker.larder import Larder
from goq.roles.worker.places import Place
from roles.counter import Asked
from roles.talk import Talk

WORKER = Worker(WorkerId("node7-1"), "node7", 4711)
FOREVER = "exec sleep 1000"


def piece_of(data: bytes, at: int) -> BlobPiece:
    """What a server says of that part of a blob."""
    part = data[at : at + FETCH_BYTES]
    return BlobPiece(blob_of(data), at, sha256_of(part), part)


@dataclass(frozen=True)
class Spoken:
    """What a place has said of itself, as a question that its worker's conversation is to answer."""

    number: int
    question: Saying


class Bench:
    """A place, and what it has asked the server so far; what it says of itself is answered by the test."""

    def __init__(self, talk: Talk, home: Path) -> None:
        self.talk = talk
        self.home = home
        self.said: list[str] = []
        self.gave_up: list[str] = []
        self.asked: list[Asked | Spoken] = []
        self.settled_claims: list[Claim] = []
        self._seen = self._taken = 0
        self.folder = SpoolFolder(home / "spool" / "worker-1")
        rules = Rules(forever=True, timeout_s=1.0, heartbeat_s=5.0, kill_grace_s=5.0)
        self.launcher = Launcher(dict(os.environb))
        executor = Executor(self.launcher)
        self.larder = Larder(talk.calls, self.folder)
        outside = (self, talk.calls, executor, self.folder, self.larder)
        self.place = Place(Agent(WORKER, rules, Health()), *outside, self._say, self.gave_up.append)

    def ask(self, _place: WorkerId, number: int, question: Saying) -> None:
        """The place has something to say."""
        self.asked.append(Spoken(number, question))

    def drop(self, _place: WorkerId, number: int) -> None:
        """It wants no answer any more."""

    def settled(self, claim: Claim) -> None:
        """The attempt has gone to the server in another way."""
        self.settled_claims.append(claim)

    def _say(self, text: str, _event: str = "", /, **_about: int | str) -> None:
        self.said.append(text)

    def job(self, number: int, script: str, *, taken: bytes = b"", piped: bytes = b"") -> Job:
        """A shell script as a job, in the folder of this test; `taken` is one that was taken along instead.

        It reads what was `piped`.
        """
        blobs = (blob_of(taken), blob_of(piped))
        origin = Origin(bytes(self.home), Environment(b"PATH=/usr/bin:/bin"), "ann@head", b"", *blobs)
        return Job(JobId(number), Argv(b"sh\0-c\0" + script.encode()), origin, 0, 1, epoch=EPOCH)

    def turn(self) -> None:
        """One turn of the worker's loop."""
        self.talk.counter.look()
        self.talk.calls.turn()
        self.asked += self.talk.counter.asked[self._taken :]
        self._taken = len(self.talk.counter.asked)
        if events := self.place.executor.events():
            self.place.hear(events)
        self.larder.turn()
        self.place.turn()

    def until(self, claim: Callable[[], object], what: str) -> None:
        """Let the place have turns until something is true."""

        def turned() -> bool:
            self.turn()
            return bool(claim())

        wait_until(turned, what)

    def next_question(self) -> Asked | Spoken:
        """Wait for the place's next question of any kind."""
        self.until(lambda: len(self.asked) > self._seen, "a question")
        self._seen += 1
        return self.asked[self._seen - 1]

    def asks(self, kind: type[Question | Saying]) -> Asked | Spoken:
        """Wait for the place's next question, which must be of that kind; other heartbeats are left open."""
        asked = self.next_question()
        while not isinstance(asked.question, kind):
            assert isinstance(asked.question, Heartbeat), asked.question
            asked = self.next_question()
        return asked

    def tells(self) -> tuple[Asked | Spoken, FinishedWork]:
        """Wait for the place's next message about its jobs."""
        asked = self.asks(FinishedWork)
        assert isinstance(asked.question, FinishedWork)
        return asked, asked.question

    def answer(self, asked: Asked | Spoken, answer: Answer | Told) -> None:
        """Answer a question of the place."""
        if isinstance(asked, Spoken):
            self.place.tell(Answered(asked.number, cast("Told", answer)))
        else:
            self.talk.counter.answer(asked, cast("Answer", answer))

    def lend(self, data: bytes) -> None:
        """The worker fetches this blob, piece by piece."""
        for at in range(0, len(data), FETCH_BYTES):
            asked = self.asks(FetchBlob)
            assert FetchBlob(blob_of(data), at) == asked.question
            self.answer(asked, piece_of(data, at))

    def begin(self, *jobs: Job) -> None:
        """The place asks for work, and gets these jobs."""
        self.place.tell(Begin())
        self.answer(self.asks(RequestForWork), DelegateToWorker(jobs))

    def has(self, name: str) -> bool:
        """A job has made that file."""
        return (self.home / name).exists()

    def close(self) -> None:
        """End the shepherd, and close all files."""
        self.place.close()
        self.launcher.close()
        self.folder.close()
