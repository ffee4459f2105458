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
from goq.core.values.who import Role, Who
from goq.errors import GoqError
from goq.roles.reader.desk import Desk
from goq.roles.reader.eyes import Eyes

FOUND, REFUSED = "found", "refused"


def main() -> None:
    """Serve the link that is standard input. Its first message names the journal's folder and that of outputs, and says whether all may read all."""
    link = Link(socket.socket(fileno=os.dup(0)))
    link.flush()  # which goq this is
    poll = select.poll()
    poll.register(link.fileno(), select.POLLIN)
    desk: Desk | None = None
    is_open = False
    while not link.closed:
        poll.poll()
        for kind, *told in link.receive():
            if kind == "begin":
                *folders, is_open = told
                journal, outputs = map(Path, map(os.fsdecode, folders))
                desk = Desk(Archive(journal), outputs)
            elif desk is not None:
                query, role, name = told
                link.send(_answer(desk, query, Eyes(Who(Role(role), name), is_open)))


def _answer(desk: Desk, query: bytes, eyes: Eyes) -> tuple[str, bytes | str]:
    try:
        found = found_bytes(desk.answer(read_query(query), eyes))
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
