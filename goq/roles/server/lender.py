"""Hands workers the blobs of their jobs, a piece a question, beside the decisions.

Only what is in the journal is handed out, and in one turn no more than others can wait for.
"""

import time
from collections.abc import Iterable

from goq.adapters.store.port import Store
from goq.adapters.wire.codec import encode
from goq.adapters.wire.signing import Keyring
from goq.adapters.wire.transport import ServerSocket
from goq.core.messages import NO_BLOB_HERE, BlobPiece, FetchBlob, Refused
from goq.core.values.blobs import sha256_of
from goq.core.values.ids import Epoch
from goq.core.waits.parking import Parked
from goq.core.waits.turns import Turns

PIECES_A_TURN = 16  # 4 MiB
WAITING_LIMIT = 10_000  # workers ask again
WAITING_EACH = 2000  # with one user's, or node's, key


class Lender:
    """Answers those who fetch, in turn."""

    def __init__(self, journal: Store, keyring: Keyring, socket: ServerSocket) -> None:
        self._journal = journal
        self._keyring = keyring
        self._socket = socket
        self._waiting: Turns[tuple[Parked, FetchBlob]] = Turns(WAITING_LIMIT, WAITING_EACH)

    @property
    def is_busy(self) -> bool:
        """Somebody waits for the next turn."""
        return bool(self._waiting)

    def ask(self, fetches: Iterable[tuple[Parked, FetchBlob]]) -> None:
        """These want pieces; whom there is no room for asks again."""
        for asker, fetch in fetches:
            self._waiting.put(asker.handle.who.holder, (asker, fetch))

    def turn(self, epoch: Epoch) -> None:
        """Answer some of them."""
        for _ in range(min(PIECES_A_TURN, len(self._waiting))):
            self._answer(*self._waiting.take(), epoch)

    def _answer(self, asker: Parked, fetch: FetchBlob, epoch: Epoch) -> None:
        data = self._journal.blob_part(fetch.blob, fetch.offset)
        answer: BlobPiece | Refused = Refused(NO_BLOB_HERE)
        if data:
            answer = BlobPiece(fetch.blob, fetch.offset, sha256_of(data))
        reply = asker.reply(answer)
        payload = encode(answer, b"", reply.in_reply_to, time.time_ns(), epoch)
        who = reply.handle.who
        head = self._keyring.seal_head(payload, len(data), who) if data else self._keyring.seal(payload, who)
        self._socket.send(reply.handle, head + data)
