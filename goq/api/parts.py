"""What a server tells in parts, put together."""

from collections.abc import Callable
from itertools import count

from msgspec.structs import replace

from goq.core.values.totals import Busy, Spent, SpentOf, Spents, Totals, TotalsOf, steps_of


def all_spent(look: Callable[[SpentOf], Spents], query: SpentOf, most: int | None = None) -> Spents:
    """What was spent, of all parts, or of the first so many: then the last of them may say that another follows."""
    rows, busy = list[Spent](), list[Busy]()
    for number in count(1):
        part = look(query)
        rows += part.rows
        busy += part.busy
        if part.following is None or number == most:
            break
        query = replace(query, after=part.following)
    return Spents(part.seq, tuple(rows), tuple(busy), part.following)


def all_totals(look: Callable[[TotalsOf], Totals], query: TotalsOf) -> Totals:
    """What happened, of all parts."""
    parts: list[Totals] = []
    while not parts or parts[-1].following is not None:
        parts.append(look(query))
        query = replace(query, after=parts[-1].following)
    return replace(parts[-1], steps=tuple(steps_of(parts)))
