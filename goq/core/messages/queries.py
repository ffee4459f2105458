"""Questions that a look into the journal answers, and news of it. Pure.

The server hands a Look on to its reader and the answer back, both unread: what may be asked is in
core/values/queries.py, and nothing of it is in the way of the queue.
"""

from typing import Annotated

from msgspec import Meta, Struct

from goq.core.values.logs import STANDS_LIMIT, Stand

QUERY_LIMIT = 64 * 1024  # bytes: what a pair of sockets takes in without being read
SHOWN_LIMIT = 2 * 1024 * 1024


class Look(Struct, frozen=True, gc=False):
    """A question: a query as MessagePack, of at most QUERY_LIMIT bytes. Answered by Shown, or refused."""

    query: bytes


class Shown(Struct, frozen=True, gc=False):
    """What the query found, as MessagePack, of at most SHOWN_LIMIT bytes."""

    found: bytes


class News(Struct, frozen=True, gc=False):
    """A question: is another event than that the latest? Answered when it is, or with "nothing so far" after a heartbeat.

    Who asks hears it 0.1 s after the news before, at the earliest.
    """

    since: int


class Happened(Struct, frozen=True, gc=False):
    """The number of the latest event."""

    seq: int


class Follow(Struct, frozen=True, gc=False):
    """A question: how far these jobs are with what they write.

    Answered when some stand otherwise than they do here, or with "nothing so far" after a heartbeat.
    """

    stands: Annotated[tuple[Stand, ...], Meta(min_length=1, max_length=STANDS_LIMIT)]


class Followed(Struct, frozen=True, gc=False):
    """So those stand that stand otherwise than the asker had seen."""

    stands: Annotated[tuple[Stand, ...], Meta(max_length=STANDS_LIMIT)]
