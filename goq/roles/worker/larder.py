"""What the jobs of a worker read that was taken along: each blob is fetched once, and kept while it is of use.

A blob is a private file in the worker's spool folder, which no job can change unnoticed: one that is not
what it was is fetched anew.
"""

import os
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from goq.adapters.files.spool import SpoolFolder
from goq.core.messages import Answer, BlobPiece, FetchBlob
from goq.core.values.blobs import Arriving, Blob, sha256_of, size_of
from goq.core.values.job import Claim
from goq.core.worker.rules import NEVER, RESEND_S
from goq.roles.client.calls import Call, Calls

IDLE_COUNT, IDLE_BYTES = 16, 64 * 1024 * 1024  # of those that no job here reads now
AGAIN_S = 1.0  # after an answer that was of no use

Stamp = tuple[int, int, int, int]


class Jar(Struct, eq=False):
    """One blob: so much of it is here, and when that is all, `stamp` is what the file looks like."""

    blob: Blob
    path: Path
    arriving: Arriving
    users: set[Claim] = field(default_factory=set)
    stamp: Stamp | None = None
    trouble: str = ""  # why it cannot be kept here
    call: Call | None = None
    due_s: float = NEVER


class Larder:
    """The blobs of all places of one worker."""

    def __init__(self, calls: Calls, folder: SpoolFolder) -> None:
        self._calls = calls
        self._folder = folder
        self._jars: dict[Blob, Jar] = {}  # the one that was let go last is the last

    def hold(self, claim: Claim, blobs: Iterable[Blob]) -> None:
        """The attempt will read these: what is not here is on its way from now on."""
        for blob in blobs:
            jar = self._jars.get(blob) or Jar(blob, self._folder.blob_path(blob), Arriving(blob))
            self._jars[blob] = jar
            jar.users.add(claim)
            if jar.stamp is not None and jar.stamp != _stamp(jar.path):
                self._empty(jar)
            if jar.stamp is None and jar.call is None and jar.due_s == NEVER:
                self._empty(jar)
                self._fetch(jar)

    def is_settled(self, blobs: Iterable[Blob]) -> bool:
        """All of them are here, or it is known that they cannot be."""
        jars = [self._jars[blob] for blob in blobs]
        return all(jar.stamp is not None for jar in jars) or any(jar.trouble for jar in jars)

    def trouble(self, blobs: Iterable[Blob]) -> str:
        """Why some of them cannot be here; "" when they are."""
        return next((self._jars[blob].trouble for blob in blobs if self._jars[blob].trouble), "")

    def path(self, blob: Blob) -> Path:
        """The file with one that is here."""
        return self._jars[blob].path

    def let_go(self, claim: Claim, blobs: Iterable[Blob]) -> None:
        """The attempt reads them no more."""
        for blob in blobs:
            jar = self._jars.get(blob)
            if jar is not None and claim in jar.users:
                jar.users.remove(claim)
                if not jar.users:
                    self._jars[blob] = self._jars.pop(blob)
                    self._clear()

    def turn(self) -> None:
        """Ask again where that is due."""
        for jar in [jar for jar in self._jars.values() if jar.due_s <= time.monotonic()]:
            self._fetch(jar)

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return min((jar.due_s for jar in self._jars.values()), default=NEVER)

    def _clear(self) -> None:
        """Throw away what nobody reads: what is not all here, and the oldest of what is too much."""
        idle = [jar for jar in self._jars.values() if not jar.users]
        left = sum(size_of(jar.blob) for jar in idle)
        for at, jar in enumerate(idle):
            if jar.stamp is None or len(idle) - at > IDLE_COUNT or left > IDLE_BYTES:
                self._empty(jar)
                del self._jars[jar.blob]
                left -= size_of(jar.blob)

    def _empty(self, jar: Jar) -> None:
        """Begin at the beginning."""
        if jar.call is not None:
            self._calls.cancel(jar.call)
        jar.call, jar.stamp, jar.trouble, jar.due_s = None, None, "", NEVER
        jar.arriving = Arriving(jar.blob)
        self._folder.drop_blob(jar.path)

    def _fetch(self, jar: Jar) -> None:
        jar.due_s = NEVER
        question = FetchBlob(jar.blob, jar.arriving.here)
        jar.call = self._calls.ask(question, partial(self._on_answer, jar), resend_s=RESEND_S)

    def _on_answer(self, jar: Jar, answer: Answer) -> None:
        jar.call = None
        match answer:
            case BlobPiece(jar.blob, jar.arriving.here, sha256, data) if sha256_of(data) == sha256:
                try:
                    self._put(jar, data)
                except OSError as error:
                    self._empty(jar)
                    jar.trouble = f"cannot keep what was taken along for the job: {error.strerror}"
            case (
                _
            ):  # not what was signed, or not there: then the job is not ours any more, which we shall hear
                jar.due_s = time.monotonic() + AGAIN_S

    def _put(self, jar: Jar, data: bytes | memoryview) -> None:
        if not jar.arriving.leads_on(data):
            self._empty(jar)
            jar.due_s = time.monotonic() + AGAIN_S
            return
        is_last = jar.arriving.here + len(data) == size_of(jar.blob)
        self._folder.add_to_blob(jar.path, jar.arriving.here, data, is_last=is_last)
        jar.arriving.add(data)
        if is_last:
            jar.stamp = _stamp(jar.path)
        else:
            self._fetch(jar)


def _stamp(path: Path) -> Stamp | None:
    """What is to be the same as long as the file is; None when it has gone."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode
