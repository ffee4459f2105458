"""What a frame says, and who: verified before a byte of it is parsed. Of strangers and of nonsense it is counted how often they come."""

from msgspec.structs import replace

from goq.adapters.wire.codec import decode
from goq.adapters.wire.signing import Keyring
from goq.adapters.wire.transport import ServerSocket
from goq.core.dispatch.decision import Counts
from goq.core.messages import Question, Refused, RejectBadSignature, Reply, Request
from goq.core.values.ids import Handle, Nonce
from goq.errors import BadMessage, NotUnderstood
from goq.roles.said.complaints import Complaints


class Reception:
    """Makes requests of frames. In `debug` mode strangers are told that they are."""

    def __init__(
        self, keyring: Keyring, socket: ServerSocket, counts: Counts, complaints: Complaints, *, debug: bool
    ) -> None:
        self._keyring = keyring
        self._socket = socket
        self._counts = counts
        self._complaints = complaints
        self._debug = debug

    def understand(self, handle: Handle, frame: bytes, replies: list[Reply]) -> Request | None:
        """The request, with whose key has signed it; None when it is none, which may be answered in `replies`."""
        try:
            who, payload, behind = self._keyring.open_both(frame)
        except BadMessage:
            self._drop_unsigned(handle, replies)
            return None
        handle = handle if who.is_administrator else replace(handle, who=who)
        try:
            envelope = decode(payload, behind)
        except NotUnderstood as error:
            self._counts.bad_messages += 1
            replies.append(Reply(handle, Nonce(error.nonce), Refused(str(error))))
            return None
        except BadMessage:
            self._counts.bad_messages += 1
            return None
        if not isinstance(envelope.message, Question):
            self._counts.bad_messages += 1
            replies.append(Reply(handle, envelope.nonce, Refused("that is not a question")))
            return None
        return Request(handle, envelope.nonce, envelope.sent_ns, envelope.message, envelope.epoch)

    def _drop_unsigned(self, handle: Handle, replies: list[Reply]) -> None:
        self._counts.dropped_bad_signatures += 1
        self._socket.suspect(handle.peer)
        self._complaints.about(
            "signature", "messages arrive that are not signed with this cluster's id; they are dropped."
        )
        if self._debug:
            replies.append(Reply(handle, Nonce(bytes(16)), RejectBadSignature()))
