"""Keys of users and nodes: what administrators ask and are told. Pure.

Each travels as one value (adapters/wire/mirror.py). No key does: each follows from the cluster id, and whoever holds
that makes it himself.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from goq.core.values.job import By
from goq.core.values.stamps import At
from goq.core.values.who import NAME_LIMIT, Role

KeyName = Annotated[
    str, Meta(min_length=1, max_length=NAME_LIMIT, pattern=r"\A[A-Za-z0-9_][A-Za-z0-9_.@-]*\Z")
]
ROWS_LIMIT = 10_000


class KeyDeed(StrEnum):
    """What is done about a holder's keys."""

    ADD = "add"
    RENEW = "renew"
    REMOVE = "remove"


def _require_holders(role: Role) -> None:
    if role is Role.ADMINISTRATOR:
        raise ValueError("the cluster id is no key of anybody's")


class SetKey(Struct, frozen=True, gc=False):
    """Let a user or a node have a key, or another one, or none any more.

    What waits of a user who is removed is held; with `kill` it is cancelled, and what runs of it killed.
    Raises ValueError for another role.
    """

    role: Role
    name: KeyName
    deed: KeyDeed
    by: By
    kill: bool = False

    def __post_init__(self) -> None:
        _require_holders(self.role)


class AckKey(Struct, frozen=True, gc=False):
    """That generation of the keys counts now, or none, where the holder was removed; so many jobs were held or killed."""

    generation: int
    jobs: int = 0
    queue: str = ""  # whose keys they are, as hexadecimal digits


class ShowKeys(Struct, frozen=True, gc=False):
    """A question: which users, or nodes, are there. Raises ValueError for another role."""

    role: Role

    def __post_init__(self) -> None:
        _require_holders(self.role)


class KeyRow(Struct, frozen=True, gc=False):
    """A holder, which generation of the keys counts, and who said so when. Of a user, how many jobs have not ended."""

    name: str
    generation: int
    is_removed: bool
    by: str
    since_at: At
    live_jobs: int = 0


class KeysShown(Struct, frozen=True, gc=False):
    """All of that role that there are or were, by name."""

    rows: tuple[KeyRow, ...]
