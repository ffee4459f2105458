"""What answers each query: the journal, or the files of outputs."""

from pathlib import Path
from typing import assert_never

from msgspec import Struct

from goq.adapters.store.archive import Archive
from goq.core.values.asides import AsidesOf, AskToday
from goq.core.values.failures import FailuresOf, MediansOf
from goq.core.values.flows import FlowSince
from goq.core.values.happenings import HappeningsSince
from goq.core.values.lives import LifeOf
from goq.core.values.logs import AskLog
from goq.core.values.pages import Rows
from goq.core.values.queries import AnyQuery, AskLatest
from goq.core.values.squares import SquaresOf
from goq.core.values.totals import SpentOf, TotalsOf
from goq.roles.reader.eyes import Eyes
from goq.roles.reader.logs import log_part
from goq.roles.reader.words import failures_of, happenings_of, life_of


class Desk:
    """Finds what a query asks for."""

    def __init__(self, archive: Archive, outputs: Path) -> None:
        self._archive = archive
        self._outputs = outputs

    def answer(self, query: AnyQuery, eyes: Eyes) -> Struct:
        """What is found, of the query's kind, for these eyes. Raises GoqError."""
        match query:
            case AskLatest():
                return self._archive.latest()
            case LifeOf():
                return life_of(self._archive, self._outputs, query, eyes)
            case FailuresOf():
                return failures_of(self._archive, self._outputs, query, eyes)
            case AsidesOf():
                return self._archive.asides(query)
            case AskToday():
                return self._archive.today(query)
            case MediansOf():
                return self._archive.medians(query)
            case SpentOf():
                return self._archive.spent(query)
            case TotalsOf():
                return self._archive.totals(query)
            case Rows():
                return eyes.page(self._archive.rows(query))
            case FlowSince():
                return self._archive.flow(query)
            case HappeningsSince():
                return happenings_of(self._archive, query, eyes)
            case SquaresOf():
                return self._archive.squares(query)
            case AskLog():
                return log_part(self._archive, self._outputs, query, eyes)
            case _:
                assert_never(query)
