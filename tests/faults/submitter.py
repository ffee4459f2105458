"""Users: submit and kill jobs, and repeat each command until it is answered."""

import itertools
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faults.checker import Token
from faults.room import Room

JOB = Path(__file__).with_name("job.sh")
TAG = "net"
TRACEBACK = "Traceback (most recent call last)"
# A server whose clock jumps, or was wrong when it started, says so; the user tries again.
_NOT_NOW = ("your clock is", "sent before this server started")
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Load:
    """What the users want. Weights say how many of a hundred jobs take no time, or up to so many seconds."""

    users: int
    backlog: int  # with so many live jobs they wait
    longest_s: tuple[float, ...]
    alone: tuple[int, ...]
    in_lines: tuple[int, ...]
    most_lines: int
    has_gpus: bool = False  # who asks for one may have to wait for half a minute, when its worker was killed


class Submitter(threading.Thread):
    """One user."""

    def __init__(self, room: Room, seed: int, number: int, load: Load, backlog: Callable[[], int]) -> None:
        super().__init__(name=f"submitter{number}", daemon=True)
        self.tokens: list[Token] = []
        self.complaints: list[str] = []
        self.retries = 0
        self.stopping = threading.Event()
        self._room = room
        self._load = load
        self._backlog = backlog
        self._random = random.Random(f"{seed}-{number}")
        self._names = (f"token-{number}-{at:06d}-" for at in itertools.count())

    def run(self) -> None:
        while not self.stopping.is_set():
            if self._backlog() > self._load.backlog:
                self.stopping.wait(_LOOK_EVERY_S)
            else:
                kinds = (self._submit_lines, self._submit_array, self._submit_one, self._drain)
                self._random.choices(kinds, (54, 10, 35, 1))[0]()

    def _token(self, *, requeue: bool) -> Token:
        lines = 30_000 if self._random.random() < 0.01 else self._random.choice((0, 0, 3))
        mode = "child" if self._random.random() < 0.01 else "plain"
        return Token(next(self._names), lines, requeue, mode=mode)

    def _terms(self, *tokens: Token) -> list[str]:
        """Options of one submission, and what follows from them for its jobs."""
        options = self._random.choice(([], [], ["-p", str(self._random.randint(-5, 5))]))
        if self._random.random() < 0.15:
            options += ["--tag", TAG]
        elif self._load.has_gpus and self._random.random() < 0.15:
            options += ["--gpus", "1"]
        elif tokens[0].requeue and self._random.random() < 0.3:
            options += ["--retries", "2", "--backoff", "0.2"]
            for token in self._random.sample(tokens, max(1, len(tokens) // 3)):
                token.mode = "flaky"
        for token in tokens:
            token.tag, token.has_gpu = TAG * ("--tag" in options), "--gpus" in options
        return options

    def _words(self, token: Token, weights: tuple[int, ...]) -> list[str]:
        longest_s = self._random.choices(self._load.longest_s, weights)[0]
        seconds = f"{self._random.uniform(longest_s / 30, longest_s):.2f}" if longest_s else "0"
        log = str(self._room.logs / token.name)
        return ["sh", str(JOB), token.name, log, seconds, str(token.lines), token.mode]

    def _submit_one(self) -> None:
        token = self._token(requeue=self._random.random() < 0.7)
        options = ([] if token.requeue else ["--no-requeue"]) + (
            ["--spool"] if self._random.random() < 0.1 else []
        )
        options += self._terms(token)
        options += self._random.choices(([], ["--in", "0.3"], ["--time", "10m"]), (80, 10, 10))[0]
        options += self._dependency(token) if "--spool" not in options else []
        said = self._insist("sub", *options, *self._words(token, self._load.alone))
        self.tokens.append(token)
        found = re.search(r"submitted job (\d+) to server", said)
        token.job = int(found[1]) if found else -1
        if not found and "spooled" not in said:
            self.complaints.append(f"{token.name}: not acknowledged: {said}")
        if token.job > 0 and self._random.random() < 0.15:
            self._kill(token)

    def _dependency(self, token: Token) -> list[str]:
        """Now and then it waits for the end of another one, whatever that is."""
        others = [each for each in self.tokens[-200:] if each.job > 0]
        if others and self._random.random() < 0.3:
            token.behind = self._random.choice(others)
            return ["--after", str(token.behind.job)]
        return []

    def _drain(self) -> None:
        """A node gets nothing for a while: what runs there goes on."""
        if self._room.nodes:
            node = self._random.choice(self._room.nodes).name
            self._insist("drain", node, "--why", "soak")
            self.stopping.wait(self._random.uniform(0, 2))
            self._insist("undrain", node)

    def _submit_lines(self) -> None:
        tokens = [self._token(requeue=True) for _ in range(self._random.randint(20, self._load.most_lines))]
        lines = "\n".join(" ".join(self._words(token, self._load.in_lines)) for token in tokens)
        said = self._insist("sub", "lines@", "-", stdin=lines)
        self.tokens += tokens
        found = re.search(r"submitted \d+ jobs \[(\d+) : (\d+)\]", said)
        if not found or int(found[2]) - int(found[1]) + 1 != len(tokens):
            self.complaints.append(f"{tokens[0].name}: not acknowledged: {said}")
            return
        for job, token in enumerate(tokens, start=int(found[1])):
            token.job = job
        for token in self._random.sample(tokens, 1):
            self._kill(token)

    def _submit_array(self) -> None:
        tokens = [self._token(requeue=True) for _ in range(self._random.randint(2, 30))]
        options = self._terms(*tokens)
        lines = "\n".join(" ".join(self._words(token, self._load.in_lines)[2:]) for token in tokens)
        command = ["sh", str(JOB), "{1}", "{2}", "{3}", "{4}", "{5}"]
        said = self._insist("sub", *options, "--each", "-", *command, stdin=lines)
        self.tokens += tokens
        found = re.search(r"submitted array (\d+) of (\d+) tasks", said)
        if not found or int(found[2]) != len(tokens):
            self.complaints.append(f"{tokens[0].name}: not acknowledged: {said}")
            return
        for job, token in enumerate(tokens, start=int(found[1])):
            token.job = job

    def _kill(self, token: Token) -> None:
        token.kill_asked = True
        said = self._insist("kill", *self._random.choice(([], ["--now"])), str(token.job))
        token.kill_acknowledged = "succeeded" in said

    def _insist(self, *words: str, stdin: str = "") -> str:
        """What the command says once a server has answered it."""
        deadline, folder = time.monotonic() + 90, self._random.choice(self._room.folders)
        while True:
            ended = self._room.goq(*words, folder=folder, stdin=stdin)
            said = ended.stdout + ended.stderr
            if ended.returncode not in (0, 1, 3) or TRACEBACK in said:
                self.complaints.append(f"goq {words[:2]}: exit {ended.returncode}: {said}")
            not_now = ended.returncode == 3 or any(text in said for text in _NOT_NOW)
            if not not_now or time.monotonic() > deadline:
                return said
            self.retries += 1
