"""Who gives a command."""

from goq.api.person import person, user_name

__all__ = ["person", "user_name"]
