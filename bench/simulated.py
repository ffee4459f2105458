"""What a bench says in goq's own protocol: clients in a row, and workers that run no jobs.

Run as a program, in the interpreter of the goq that is measured; the only file of the bench
that imports goq. Prints one line of JSON at its end, where it has something to tell.
"""

import hashlib
import itertools
import json
import os
import random
import select
import sys
import time
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from goq.adapters.clusterid import require_cluster_id, scrubbed_environment
from goq.adapters.config import Config, load_config
from goq.adapters.wire.codec import Envelope, decode, encode
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import ClientSocket, ServerSocket
from goq.core.messages import (
    AckSubmit,
    Done,
    JobFinishedNotice,
    Observe,
    Orders,
    Question,
    Report,
    Submit,
    TakeSnapshot,
)
from goq.core.values.ids import NO_EPOCH, JobId, WorkerId, join_argv, join_environment
from goq.core.values.items import array_of
from goq.core.values.job import Claim, Job, Worker
from goq.core.values.result import Result
from goq.core.values.room import ANYTHING
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.values.wishes import Wish
from goq.roles.client.ask import ask_over
from goq.roles.client.calls import Calls, new_nonce

HAND = 20  # as a worker asks for whose jobs take a millisecond
_EMPTY = hashlib.sha256(b"").digest()
WINDOW = 60  # nng keeps 64 answers for a connection, and drops what is above that
LOCK_STEP_CLIENTS = 8
FILLERS = 4
SETTLE_S = 0.010
ECHOED = bytes(300)  # as long as the messages that workers and server exchange


class Peer:
    """One connection, and questions over it."""

    def __init__(self, config: Config, signer: Signer) -> None:
        self.socket = ClientSocket(config.address, config.tls_pem)
        self._signer = signer
        self._number = 0
        self._epoch = NO_EPOCH  # the queue that we talk to, once it has spoken

    def connect(self) -> None:
        """Wait for the connection."""
        while (0, True) not in [(0, connected) for _, connected in self.socket.take_news()]:
            self.socket.wait(60.0)

    def ask(self, question: Question) -> None:
        """Send a question."""
        self._number += 1
        frame = self._signer.seal(encode(question, new_nonce(), b"", time.time_ns(), self._epoch))
        while not self.socket.send(self._number, frame):
            time.sleep(0.0005)

    def answers(self) -> Iterator[Envelope]:
        """What has come."""
        while received := self.socket.receive():
            envelope = decode(self._signer.open(received[1]))
            self._epoch = envelope.epoch
            yield envelope

    def answer(self) -> Envelope:
        """Wait for the answer to the one open question."""
        while True:
            for envelope in self.answers():
                return envelope
            self.socket.wait(60.0)


class SimulatedWorker:
    """Says that it has run what it is given, at once."""

    def __init__(self, peer: Peer, number: int, patience_s: float, told: list[str] | None) -> None:
        self._peer = peer
        self._patience_s = patience_s
        self._told = told
        self._worker = Worker(WorkerId(f"simulated-{os.getpid()}-{number}"), "simulated", os.getpid())
        self._place = WorkerId(f"{self._worker.id}-0")
        self._serial = 0

    def ask_for_work(self) -> None:
        """Ask, and wait for a job."""
        self._say((), 1)

    def _say(self, ended: tuple[Done, ...], wants: int) -> None:
        self._serial += 1
        what = (ANYTHING, (), ended, (), ((self._place, wants),), self._patience_s)
        self._peer.ask(Report(self._worker, self._serial, *what))

    def turn(self) -> None:
        """Deal with the answers that are there."""
        for envelope in self._peer.answers():
            match envelope.message:
                case Orders(run=()):
                    self.ask_for_work()
                case Orders(run=batches):
                    self._report([job for batch in batches for job in batch.jobs])
                case unexpected:
                    raise SystemExit(f"unexpected: {unexpected}")

    def _report(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._tell(job.id)
        now_ns = time.time_ns()
        result = Result(0, host="simulated", pid=1, started_ns=now_ns, ended_ns=now_ns, output_sha256=_EMPTY)
        ended = tuple(Done(Claim(job.epoch, job.id, job.attempts, self._place), result) for job in jobs)
        self._say(ended, HAND)

    def _tell(self, job: JobId) -> None:
        if self._told is not None:
            self._told.append(f"{job} {time.time_ns()}")


def submission(config: Config, words: list[str]) -> Submit:
    """One command as `goq sub` would submit it here."""
    variables = scrubbed_environment(require_cluster_id(config))
    argv = join_argv([os.fsencode(word) for word in words])
    return Submit(argv, os.getcwdb(), join_environment(variables), "bench@simulated")


def submit(config: Config, signer: Signer, count: int, *words: str) -> dict[str, int]:
    """Submit the command so many times, one after the other, each once the last is accepted."""
    question = submission(config, list(words))
    with Calls(config.address, signer, config.tls_pem) as calls:
        ask_over(calls, config, TakeSnapshot(0))
        started_ns = time.monotonic_ns()
        acks = [ask_over(calls, config, question) for _ in range(count)]
        taken_ns = time.monotonic_ns() - started_ns
    jobs = [ack.first for ack in acks if isinstance(ack, AckSubmit)]
    return {"first": jobs[0], "last": jobs[-1], "taken_ns": taken_ns}


def fill(config: Config, signer: Signer, count: int, *words: str) -> dict[str, int]:
    """Submit the command so many times, separately, with many under way at once."""
    return send_all(config, signer, itertools.repeat(submission(config, list(words)), count), count)


def lanes(config: Config, signer: Signer, count: int, tasks: str) -> dict[str, int]:
    """Submit so many arrays: of ten priorities, of ten users, and of ten needs."""
    plain = replace(submission(config, ["true"]), items=array_of(f"1-{tasks}")[0])
    questions = (
        replace(
            plain,
            submitter=f"user{number // 10 % 10}@simulated",
            terms=Terms(priority=number % 10, cpus=1 + number // 100 % 10),
        )
        for number in range(count)
    )
    return send_all(config, signer, questions, count)


def stripes(config: Config, signer: Signer, count: int) -> dict[str, int]:
    """Submit so many pairs of tasks, of which every second one has a tag."""
    plain = replace(submission(config, ["true"]), items=array_of("1-2")[0])
    tagged = replace(plain, terms=Terms(tags=("second",)))
    return send_all(config, signer, (tagged if number % 2 else plain for number in range(count)), count)


def behind(config: Config, signer: Signer, count: int, job: str) -> dict[str, int]:
    """Submit so many jobs, separately, each of which waits for that one."""
    question = replace(submission(config, ["true"]), wishes=(Wish(selector_of([job])),))
    return send_all(config, signer, itertools.repeat(question, count), count)


def pulse(config: Config, signer: Signer, _count: int, told: str) -> None:
    """Ask the server for a sign of life again and again, until SIGTERM; note how long each answer took, in ms."""
    peer = Peer(config, signer)
    peer.connect()
    with open(told, "a", encoding="ascii", buffering=1) as file:
        while True:
            started = time.perf_counter()
            peer.ask(TakeSnapshot(0))
            peer.answer()
            file.write(f"{(time.perf_counter() - started) * 1000:.3f}\n")


def send_all(config: Config, signer: Signer, questions: Iterator[Submit], count: int) -> dict[str, int]:
    """Submit all of them, which are so many, with many under way at once."""
    peers, poll = connected(config, signer, FILLERS)
    for peer in peers.values():
        for question in itertools.islice(questions, WINDOW):
            peer.ask(question)
    jobs: list[JobId] = []
    while len(jobs) < count:
        for fileno, _ in poll.poll():
            acks = [each.message for each in peers[fileno].answers()]
            jobs += [ack.first for ack in acks if isinstance(ack, AckSubmit)]
            for question in itertools.islice(questions, len(acks)):
                peers[fileno].ask(question)
    return {"first": min(jobs), "last": max(jobs)}


def connected(config: Config, signer: Signer, count: int) -> tuple[dict[int, Peer], select.epoll]:
    """So many connections by their descriptors, and what tells which of them has something."""
    poll = select.epoll()
    return dict(connection(config, signer, poll) for _ in range(count)), poll


def connection(config: Config, signer: Signer, poll: select.epoll) -> tuple[int, Peer]:
    """A connection and its descriptor, in which `poll` is told to look."""
    peer = Peer(config, signer)
    peer.connect()
    fileno, _ = peer.socket.filenos()
    poll.register(fileno, select.EPOLLIN)
    return fileno, peer


def pace(config: Config, signer: Signer, count: int, *words: str) -> list[list[int]]:
    """Submit, let it start undisturbed, await its end, pause, and so on: [job, ns of the acceptance]."""
    question, peer = submission(config, list(words)), Peer(config, signer)
    peer.connect()
    accepted = []
    for _ in range(count):
        peer.ask(question)
        ack = peer.answer()
        if not isinstance(ack.message, AckSubmit):
            raise SystemExit(f"unexpected: {ack.message}")
        accepted.append([ack.message.first, ack.sent_ns])
        time.sleep(SETTLE_S)
        peer.ask(Observe(ack.message.first))
        while not isinstance(peer.answer().message, JobFinishedNotice):
            peer.ask(Observe(ack.message.first))
        time.sleep(random.uniform(0.5, 1.5) * SETTLE_S)
    return accepted


def work(config: Config, signer: Signer, count: int, patience_s: str, told: str = "") -> None:
    """Be so many workers until SIGTERM; with a file's name, note there when which job came."""
    lines: list[str] | None = [] if told else None
    workers: dict[int, SimulatedWorker] = {}
    poll = select.epoll()
    for number in range(count):
        fileno, peer = connection(config, signer, poll)
        workers[fileno] = SimulatedWorker(peer, number, float(patience_s), lines)
        workers[fileno].ask_for_work()  # at once: who only holds a connection is sent away
    while True:
        for fileno, _ in poll.poll():
            workers[fileno].turn()
        if lines:
            with open(told, "a", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
            lines.clear()


def ask(config: Config, signer: Signer, _count: int) -> dict[str, int]:
    """Ask for a snapshot without jobs: when the answer came."""
    peer = Peer(config, signer)
    peer.connect()
    peer.ask(TakeSnapshot(0))
    peer.answer()
    return {"answered_ns": time.monotonic_ns()}


def echo_server(config: Config, _signer: Signer, _count: int) -> None:
    """Answer every frame with itself, until SIGTERM."""
    with ServerSocket(config.address) as socket:
        poll = select.poll()
        poll.register(socket.filenos()[0], select.POLLIN)
        while True:
            poll.poll()
            while received := socket.receive():
                socket.send(*received)
            while not socket.flush():
                continue


def echo(config: Config, signer: Signer, count: int) -> float:
    """Round trips a second of eight lock-step clients with `echo_server`."""
    peers, poll = connected(config, signer, LOCK_STEP_CLIENTS)
    sockets = {fileno: peer.socket for fileno, peer in peers.items()}
    started = time.monotonic()
    for socket in sockets.values():
        socket.send(1, ECHOED)
    done = 0
    while done < count:
        for fileno, _ in poll.poll():
            while sockets[fileno].receive():
                done += 1
                sockets[fileno].send(1, ECHOED)
    return done / (time.monotonic() - started)


COMMANDS: dict[str, Callable[..., object]] = {
    each.__name__: each
    for each in (submit, fill, lanes, stripes, behind, pulse, pace, work, ask, echo_server, echo)
}


def main() -> None:
    """`simulated.py COMMAND COUNT [WORD]...`, with goq's settings in the environment."""
    name, count, *words = sys.argv[1:]
    config = load_config()
    told = COMMANDS[name](config, Signer(require_cluster_id(config)), int(count), *words)
    print(json.dumps(told), flush=True)
    os._exit(0)  # as goq itself ends


if __name__ == "__main__":
    main()
