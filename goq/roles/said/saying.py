"""How the roles say a line about themselves; `narration` is who listens."""

from typing import Protocol

NOTE = "note"


class Say(Protocol):
    """Takes a sentence for people, the kind of event in plain words, and what it is about for programs."""

    def __call__(self, text: str, event: str = NOTE, /, **about: int | str) -> None: ...
