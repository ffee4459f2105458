"""A server's counter for tests: takes questions over a real socket, and answers what it is told to."""

from dataclasses import dataclass

from epochs import EPOCH

from goq.adapters.wire.codec import behind, decode, encode
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import ServerSocket
from goq.core.messages import Answer, Question
from goq.core.values.ids import Epoch, Handle, Nonce

ID, OTHER_ID = "a" * 40, "b" * 40


@dataclass(frozen=True)
class Asked:
    """A question as it came in."""

    handle: Handle
    nonce: Nonce
    sent_ns: int
    question: Question | Answer
    epoch: Epoch


class Counter:
    """Listens on an address, and remembers all that it was asked."""

    def __init__(self, address: str) -> None:
        self.asked: list[Asked] = []
        self._signer = Signer(ID)
        self._socket = ServerSocket(address)

    def look(self) -> list[Asked]:
        """Take in what has come; all that was asked so far."""
        while received := self._socket.receive():
            handle, frame = received
            envelope = decode(*self._signer.open_both(frame))
            self.asked.append(
                Asked(handle, envelope.nonce, envelope.sent_ns, envelope.message, envelope.epoch)
            )
        return self.asked

    def answer(self, asked: Asked, answer: Answer, speaker: Epoch = EPOCH) -> None:
        """Answer a question as a server does."""
        payload, data = encode(answer, b"", asked.nonce, 1, speaker), behind(answer)
        frame = self._signer.seal_head(payload, len(data)) + data if data else self._signer.seal(payload)
        self.send(asked, frame)

    def send(self, asked: Asked, frame: bytes) -> None:
        """Answer a question with any bytes."""
        self._socket.send(asked.handle, frame)
        assert self._socket.flush()

    def close(self) -> None:
        """The server is gone."""
        self._socket.close()
