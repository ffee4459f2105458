"""Who speaks: whoever holds the cluster id, a user, or a node, each with a key of its own. Pure.

A key is called ROLE:NAME:GENERATION. It follows from the cluster id and that (adapters/wire/keys.py), so
nobody keeps a table of secrets; which generation counts the journal says.
"""

import re
from enum import StrEnum

from msgspec import Struct

NAME_LIMIT = 64
FIRST_GENERATION = 1
GENERATIONS_LIMIT = 2**31 - 1
_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.@-]{{0,{NAME_LIMIT - 1}}}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


class Role(StrEnum):
    """What a key is for."""

    ADMINISTRATOR = "administrator"  # whoever holds the cluster id
    USER = "user"
    NODE = "node"


class Who(Struct, frozen=True, gc=False):
    """Whose key has signed a message. An administrator has no name here: it is the one that he tells.

    `is_retired`: the key counts no more, since it was renewed, or its holder removed.
    """

    role: Role = Role.ADMINISTRATOR
    name: str = ""
    generation: int = 0
    is_retired: bool = False

    @property
    def is_administrator(self) -> bool:
        """The cluster id has signed it."""
        return self.role == Role.ADMINISTRATOR

    @property
    def key(self) -> str:
        """What the key is called; "" for the cluster id."""
        return "" if self.is_administrator else f"{self.role}:{self.name}:{self.generation}"

    def host(self, host: str) -> str:
        """What the server calls a machine of that name where a worker has this key: a node by its key.

        A user's is another one than its administrator's, whatever his worker says of it.
        """
        if self.is_administrator:
            return host
        return self.name if self.role is Role.NODE else f"{self.name}@{host}"

    @property
    def holder(self) -> str:
        """Whose it is, through all its generations; "" for the cluster id."""
        return "" if self.is_administrator else f"{self.role}:{self.name}"


ADMINISTRATOR = Who()


def is_name(text: str) -> bool:
    """A user or a node may be called so."""
    return _NAME.fullmatch(text) is not None


def read_key_name(text: str) -> Who:
    """Whose key that is, by what it is called. Raises ValueError when no key is called so."""
    role, _, rest = text.partition(":")
    name, _, number = rest.rpartition(":")
    if role not in (Role.USER, Role.NODE) or not is_name(name) or not _NUMBER.fullmatch(number):
        raise ValueError("no key is called so")
    if (generation := int(number)) > GENERATIONS_LIMIT:
        raise ValueError("no key has so high a number")
    return Who(Role(role), name, generation)
