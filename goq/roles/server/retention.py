"""Forgetting jobs that ended long ago: by a server in its idle turns, and by hand."""

import time
from contextlib import closing
from pathlib import Path

from goq.adapters.store import request as journal_request
from goq.adapters.store.journal import Journal
from goq.adapters.store.port import Cleaning, Store
from goq.errors import JournalError, JournalFull, JournalTaken
from goq.roles.said.saying import Say

LOOK_EVERY_S = 1.0  # for a request of `goq clean`
STEP_EVERY_S = 0.25  # of a server that is never idle
ROUND_EVERY_S = 3600.0
RETRY_S = 10.0
_ASK_EVERY_S = 0.05


class Retention:
    """Has a server's journal forget what ended longer ago than `keep_s`; 0 keeps all.

    Requests of `goq clean` lie in the folder. Works in steps of a few milliseconds in idle turns,
    and rests as long in between.
    """

    def __init__(self, journal: Store, folder: Path, keep_s: float, say: Say) -> None:
        self._journal = journal
        self._folder = folder
        self._keep_ns = int(keep_s * 1e9)
        self._say = say
        self._round_every_s = min(ROUND_EVERY_S, max(LOOK_EVERY_S, keep_s / 24))
        self._round_at = 0.0
        self._next_at = 0.0
        self._step_by = 0.0
        self._cleaning: Cleaning | None = None

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return self._next_at

    def turn(self, *, idle: bool) -> None:
        """Do a step, if there is one to do and time for it."""
        now_s = time.monotonic()
        if now_s < self._next_at or not (idle or now_s >= self._step_by):
            return
        self._cleaning = self._cleaning or self._begin(now_s)
        if self._cleaning is None:
            self._next_at = now_s + LOOK_EVERY_S
            return
        try:
            more = self._journal.clean(self._cleaning)
        except JournalFull as error:
            self._say(f"cannot forget old jobs: {error}; tried again.", "journal trouble")
            self._next_at = now_s + RETRY_S
            return
        end_s = time.monotonic()
        self._step_by = end_s + STEP_EVERY_S
        self._next_at = end_s + (end_s - now_s)  # work for half of the time at most
        if not more:
            self._end(self._cleaning)

    def _begin(self, now_s: float) -> Cleaning | None:
        now_ns = time.time_ns()
        before_ns = journal_request.find(self._folder)
        if before_ns is None and self._keep_ns and now_s >= self._round_at:
            self._round_at = now_s + self._round_every_s
            before_ns = now_ns - self._keep_ns
        return None if before_ns is None else Cleaning(before_ns, now_ns)

    def _end(self, cleaning: Cleaning) -> None:
        if cleaning.jobs:
            self._say(
                f"forgot {cleaning.jobs} jobs that had ended long ago.", "jobs forgotten", count=cleaning.jobs
            )
        journal_request.take_away(self._folder, cleaning.before_ns)
        self._cleaning = None
        self._next_at = time.monotonic() + LOOK_EVERY_S


def forget(folder: Path, before_ns: int) -> None:
    """Have a journal forget what ended before: by its server, or by us while it has none.

    Returns when that is done. Raises JournalError when the journal cannot be used.
    """
    asked = False
    try:
        while not _forget_ourselves(folder, before_ns):
            if asked and journal_request.find(folder) != before_ns:
                return
            asked = asked or journal_request.place(folder, before_ns)
            time.sleep(_ASK_EVERY_S)
    except OSError as error:
        raise JournalError(f"cannot ask the server of the journal in {folder}: {error.strerror}") from error
    finally:
        journal_request.take_away(folder, before_ns)


def _forget_ourselves(folder: Path, before_ns: int) -> bool:
    """False when a server has the journal."""
    try:
        journal = Journal(folder)
    except JournalTaken:
        return False
    with closing(journal):
        cleaning = Cleaning(before_ns, time.time_ns())
        while journal.clean(cleaning):
            continue
    return True
