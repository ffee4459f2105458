"""What a server tells in parts, put together."""

from collections.abc import Callable

from msgspec.structs import replace

from goq.core.values.totals import Busy, Spent, SpentOf, Spents, Totals, TotalsOf, steps_of


def all_spent(look: Callable[[SpentOf], Spents], query: SpentOf) -> Spents:
    """What was spent, of all parts."""
    rows, busy = list[Spent](), list[Busy]()
    while True:
        part = look(query)
        rows += part.rows
        busy += part.busy
        if part.following is None:
            return Spents(part.seq, tuple(rows), tuple(busy))
        query = replace(query, after=part.following)


def all_totals(look: Callable[[TotalsOf], Totals], query: TotalsOf) -> Totals:
    """What happened, of all parts."""
    parts: list[Totals] = []
    while not parts or parts[-1].following is not None:
        parts.append(look(query))
        query = replace(query, after=parts[-1].following)
    return replace(parts[-1], steps=tuple(steps_of(parts)))
