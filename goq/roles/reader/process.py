"""The reader's loop: a query at a time, from the server's link, until that is closed.

Whatever a query does here, it is not in the way of the queue: the server starts another reader when this
one ends, and kills it when it takes too long.
"""

import os
import select
import socket
from pathlib import Path

from msgspec import DecodeError

from goq.adapters.jobs.link import Link
from goq.adapters.store.archive import Archive
from goq.core.messages.queries import SHOWN_LIMIT
from goq.core.values.queries import found_bytes, read_query
from goq.core.values.text import printable
from goq.errors import GoqError
from goq.roles.reader.desk import Desk

FOUND, REFUSED = "found", "refused"


def main() -> None:
    """Serve the link that is standard input. Its first message names the journal's folder and that of outputs."""
    link = Link(socket.socket(fileno=os.dup(0)))
    link.flush()  # which goq this is
    poll = select.poll()
    poll.register(link.fileno(), select.POLLIN)
    desk: Desk | None = None
    while not link.closed:
        poll.poll()
        for kind, *told in link.receive():
            if kind == "begin":
                journal, outputs = map(Path, map(os.fsdecode, told))
                desk = Desk(Archive(journal), outputs)
            elif desk is not None:
                link.send(_answer(desk, told[0]))


def _answer(desk: Desk, query: bytes) -> tuple[str, bytes | str]:
    try:
        found = found_bytes(desk.answer(read_query(query)))
    except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return (
            REFUSED,
            f"this server knows no such query ({printable(str(error))}); is one of the two goq older?",
        )
    except GoqError as error:
        return REFUSED, str(error)
    if len(found) > SHOWN_LIMIT:
        return REFUSED, "that is more than fits into an answer; ask for less"
    return FOUND, found
