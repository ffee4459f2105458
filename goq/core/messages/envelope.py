"""All that may be asked and said, and one question or answer on its way. Pure.

`Question` is all that a server may be asked, `Answer` all that it may say; both unions are
closed, so that a new message makes mypy point at every place that must handle it.
"""

from msgspec import Struct

from goq.core.messages.again import Retried, Retry
from goq.core.messages.blobs import AddBlob, BlobPiece, FetchBlob
from goq.core.messages.keys import AckKey, KeysShown, SetKey, ShowKeys
from goq.core.messages.looks import (
    AckLimit,
    AskReasons,
    AskWhy,
    ClusterShown,
    LimitsShown,
    Mean,
    Meant,
    ReasonsShown,
    SetLimit,
    ShowCluster,
    ShowLimits,
    ShowWorkers,
    Why,
    WorkersShown,
)
from goq.core.messages.people import (
    AckCancel,
    AckCancelEach,
    AckChange,
    AckImmolate,
    AckReset,
    AckShutdownServer,
    AckSubmit,
    AddItems,
    Cancel,
    CancelEach,
    Change,
    ImmolateWorkers,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    Observe,
    ObserveEach,
    Refused,
    Reset,
    ShutdownServer,
    Snapshot,
    Submit,
    TakeSnapshot,
)
from goq.core.messages.queries import Follow, Followed, Happened, Look, News, Shown
from goq.core.messages.workers import (
    AckGoodbye,
    AckOutput,
    AskAgain,
    Goodbye,
    Orders,
    OutputChunk,
    Report,
)
from goq.core.values.ids import NO_EPOCH, Epoch, Handle, Nonce
from goq.core.values.who import Who


class RejectBadSignature(Struct, frozen=True, gc=False):
    """You do not know the cluster id. Sent in debug mode only; otherwise there is no answer."""


Question = (
    Submit
    | AddItems
    | AddBlob
    | Report
    | OutputChunk
    | FetchBlob
    | Goodbye
    | Cancel
    | CancelEach
    | Change
    | Observe
    | ObserveEach
    | TakeSnapshot
    | ShutdownServer
    | ImmolateWorkers
    | Reset
    | SetLimit
    | SetKey
    | ShowKeys
    | ShowLimits
    | ShowWorkers
    | AskWhy
    | AskReasons
    | ShowCluster
    | Mean
    | Retry
    | Look
    | News
    | Follow
)

Answer = (
    AckSubmit
    | Orders
    | AskAgain
    | AckOutput
    | BlobPiece
    | AckGoodbye
    | AckCancel
    | AckCancelEach
    | AckChange
    | JobFinishedNotice
    | JobsFinishedNotice
    | JobNotKnown
    | Snapshot
    | AckShutdownServer
    | AckImmolate
    | AckReset
    | AckLimit
    | AckKey
    | KeysShown
    | LimitsShown
    | WorkersShown
    | Why
    | ReasonsShown
    | ClusterShown
    | Meant
    | Retried
    | Shown
    | Happened
    | Followed
    | RejectBadSignature
    | Refused
)


class Request(Struct, frozen=True, gc=False):
    """One question as the server got it: verified and decoded, not yet judged for freshness.

    `epoch` names the queue that is asked, and its latest epoch that the asker knows of;
    NO_EPOCH asks whoever answers.
    """

    handle: Handle
    nonce: Nonce
    sent_ns: int
    question: Question
    epoch: Epoch = NO_EPOCH

    @property
    def who(self) -> Who:
        """Whose key has signed it."""
        return self.handle.who


class Reply(Struct, frozen=True, gc=False):
    """One answer on its way: to whom, and to which request."""

    handle: Handle
    in_reply_to: Nonce
    answer: Answer
