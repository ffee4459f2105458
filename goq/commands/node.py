"""`goq node`."""

from goq.commands.keys import commands_of
from goq.core.values.who import Role

command = commands_of(Role.NODE)
