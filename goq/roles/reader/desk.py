"""What answers each query: the journal, or the files of outputs."""

from pathlib import Path
from typing import assert_never

from msgspec import Struct

from goq.adapters.store.archive import Archive
from goq.core.values.queries import AnyQuery, AskLatest


class Desk:
    """Finds what a query asks for."""

    def __init__(self, archive: Archive, outputs: Path) -> None:
        self._archive = archive
        self._outputs = outputs

    def answer(self, query: AnyQuery) -> Struct:
        """What is found, of the query's kind. Raises GoqError."""
        match query:
            case AskLatest():
                return self._archive.latest()
            case _:
                assert_never(query)
