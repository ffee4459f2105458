"""What the system says when it does not do as it is told, for people: without its number."""

import os

from goq.core.values.text import show_text


def reason_of(error: Exception) -> str:
    """The words of an error, with the file if it names one; on one line."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    name = error.filename
    if not isinstance(name, str | bytes):
        return error.strerror
    return f"{error.strerror}: '{show_text(os.fsencode(name))}'"
