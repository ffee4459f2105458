"""A word that somebody wrote, as the sentence shows it that refuses it. Pure."""

from goq.core.values.text import show_text

_SHOWN = 60  # bytes of it


def quoted(word: str | bytes) -> str:
    """The word in quotes: one line, no control characters, not too long."""
    data = word if isinstance(word, bytes) else word.encode("utf-8", "backslashreplace")
    return f"'{show_text(data, _SHOWN)}'"
