"""Tells a command of the owner's what has ended, a submission at a time: `goq serve --on-end`.

A process beside the server, which says when there is news. What has ended is read from the journal; how far it has been
told is on the disk after each. So over a restart it goes on where it was: what was told when the machine crashed may be
told once more. When the server leaves, the command that is on is let finish.
"""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from goq.adapters.files.told import Told
from goq.adapters.jobs.checks import LIMIT_S, Check
from goq.adapters.jobs.link import Link
from goq.adapters.reasons import reason_of
from goq.adapters.store.archive import Archive
from goq.core.values.documents import iso
from goq.core.values.happenings import EndedRow
from goq.errors import GoqError
from goq.roles.said.saying import Say

WAITING_LIMIT = 1000  # one more, and the first is left out
PAGE = 500
TROUBLE = "hook trouble"


class Teller:
    """Has one command run after the other; times are monotonic seconds."""

    def __init__(
        self,
        archive: Archive,
        told: Told,
        latest: int,
        command: bytes,
        environment: dict[bytes, bytes],
        say: Say,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._archive = archive
        self._told = told
        self._command = command
        self._environment = environment
        self._say = say
        self._limit_s = limit_s
        self._read_to = told.begin(latest)
        self._waiting: deque[EndedRow] = deque()
        self._row: EndedRow | None = None  # which is being told
        self._check: Check | None = None
        self._problem = ""

    @property
    def is_on(self) -> bool:
        """The command runs."""
        return self._check is not None

    def look(self) -> None:
        """There is news: take in what has ended."""
        left_out = 0
        for row in self._ended():
            self._waiting.append(row)
            if len(self._waiting) > WAITING_LIMIT:
                self._waiting.popleft()
                left_out += 1
        if left_out:
            self._say(
                f"{left_out} submissions that ended are not told to the command of --on-end:"
                f" more than {WAITING_LIMIT} waited for it.",
                TROUBLE,
                left_out=left_out,
            )

    def _ended(self) -> Iterator[EndedRow]:
        while page := self._archive.ended(self._read_to, PAGE):
            self._read_to = (page[-1].seq, page[-1].id)
            yield from page
            if len(page) < PAGE:
                return

    def turn(self, *, goes_on: bool = True) -> None:
        """See how the command fares, and begin the next one if it is to go on."""
        if self._check is not None and (verdict := self._check.look()) is not None:
            self._over(verdict.problem)
        if self._check is None and self._waiting and goes_on:
            self._row = self._waiting.popleft()
            self._check = Check(self._command, None, self._environment | facts(self._row), self._limit_s)
            verdict = self._check.start()
            if verdict is not None:
                self._over(verdict.problem)

    def filenos(self) -> list[int]:
        """Readable when `turn` has something to do."""
        return self._check.filenos() if self._check else []

    def next_deadline(self) -> float:
        """When `turn` is wanted in any case."""
        if self._check is None:
            return 0.0 if self._waiting else float("inf")
        return self._check.next_deadline()

    def _over(self, problem: str) -> None:
        row, self._row, self._check = self._row, None, None
        if row is None:
            return
        if problem and problem != self._problem:
            self._say(f"the command of --on-end for job {row.id}: {problem}", TROUBLE, job=row.id)
        self._problem = problem
        try:
            self._told.write((row.seq, row.id))
        except OSError as error:
            self._say(
                f"cannot keep how far the command of --on-end was told what ended ({reason_of(error)}):"
                " after a restart it may hear some of it again.",
                TROUBLE,
            )


def facts(row: EndedRow) -> dict[bytes, bytes]:
    """What the command is told in its environment."""
    said = {
        "GOQ_EVENT_SEQ": row.seq,
        "GOQ_JOB_ID": row.id,
        "GOQ_JOB_COUNT": row.count,
        "GOQ_JOB_NAME": row.name,
        "GOQ_JOB_OWNER": row.owner,
        "GOQ_JOB_ENDED_AT": iso(row.ended_at),
        "GOQ_JOB_DONE": row.done,
        "GOQ_JOB_FAILED": row.failed,
        "GOQ_JOB_CANCELLED": row.cancelled,
        "GOQ_JOB_LOST": row.lost,
        "GOQ_JOB_SKIPPED": row.skipped,
        "GOQ_EXIT_STATUS": row.status,
    }
    return {name.encode(): os.fsencode(str(value)) for name, value in said.items()}


def main() -> None:
    """Serve the link that is standard input. Its first message names the folder, the command and the latest event."""
    link = Link(socket.socket(fileno=os.dup(0)))
    link.flush()  # which goq this is

    def say(text: str, event: str = TROUBLE, /, **about: int | str) -> None:
        link.send(("say", text, event, about))

    try:
        _serve(link, say)
    except (OSError, GoqError) as error:
        what = reason_of(error) if isinstance(error, OSError) else str(error)
        say(f"cannot tell what ends to the command of --on-end: {what}")


def _serve(link: Link, say: Say) -> None:
    folder, command, latest = _begin(link)
    archive = Archive(folder)
    with Told(folder, archive.queue()) as told:
        teller = Teller(archive, told, latest, command, dict(os.environb), say)
        has_news = True
        while True:
            if has_news:
                teller.look()
                link.send(("heard",))
            teller.turn(goes_on=not link.closed)
            if link.closed and not teller.is_on:
                return  # before a sleep from which nothing would wake it
            _sleep(link, teller)
            has_news = not link.closed and bool(link.receive())


def _begin(link: Link) -> tuple[Path, bytes, int]:
    poll = select.poll()
    poll.register(link.fileno(), select.POLLIN)
    while not link.closed:
        poll.poll()
        for _, folder, command, latest in link.receive():
            return Path(os.fsdecode(folder)), command, latest
    raise GoqError("the server has ended")


def _sleep(link: Link, teller: Teller) -> None:
    poll = select.poll()
    for fileno in [*([] if link.closed else [link.fileno()]), *teller.filenos()]:
        poll.register(fileno, select.POLLIN)
    left_s = teller.next_deadline() - time.monotonic()
    poll.poll(None if left_s == float("inf") else max(0.0, left_s) * 1000)
