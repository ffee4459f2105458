"""The one table of a run, on a terminal."""

from rich.table import Table

from bench.figure import Judged
from bench.results import Outcome, Spread

_SIGNS = {Judged.RATIO: "x ", Judged.EXCESS: "+"}


def shown(number: float) -> str:
    """Three figures that count."""
    size = abs(number)
    if size >= 1000:
        return f"{number:,.0f}"
    return f"{number:.0f}" if size >= 100 else f"{number:.1f}" if size >= 10 else f"{number:.2f}"


def shown_spread(numbers: Spread) -> str:
    """The median, and the ends in brackets."""
    return f"{shown(numbers.median)} [dim]({shown(numbers.low)}-{shown(numbers.high)})[/dim]"


def judged_text(outcome: Outcome) -> str:
    """What the goal speaks of, with its sign; empty where that is the value itself."""
    if outcome.row.judged is Judged.ITSELF:
        return ""
    return f"{_SIGNS[outcome.row.judged]}{shown_spread(outcome.number)}"


def verdict(outcome: Outcome) -> str:
    """Met or not."""
    if outcome.is_met is None:
        return ""
    return "[green]met[/green]" if outcome.is_met else "[red]not met[/red]"


def table(outcomes: list[Outcome], size: str) -> Table:
    """A line a row: median (least-most)."""
    smaller = "" if size == "full" else f"; {size}: with smaller counts than the titles say"
    made = Table(title=f"goq, median (least-most) of the repetitions{smaller}", title_justify="left")
    for name in ("figure", "goq", "beside it", "judged", "goal", ""):
        made.add_column(name, overflow="fold")
    for outcome in outcomes:
        row, beside = outcome.row, outcome.beside
        made.add_row(
            row.title,
            f"{shown_spread(outcome.value)} {row.unit}",
            "" if beside is None else f"{row.beside_title}: {shown_spread(beside)}",
            judged_text(outcome),
            "" if row.goal is None else str(row.goal),
            verdict(outcome),
        )
    return made


def comparison(outcomes: list[tuple[Outcome, Outcome]], base: str, here: str) -> Table:
    """A line a row: both revisions, and the ratio of their medians."""
    made = Table(title=f"{base} and {here}, alternately", title_justify="left")
    for name in ("figure", base, here, "ratio"):
        made.add_column(name, overflow="fold")
    for old, new in outcomes:
        ratio = new.value.median / old.value.median if old.value.median else float("nan")
        unit = new.row.unit
        made.add_row(
            new.row.title,
            f"{shown_spread(old.value)} {unit}",
            f"{shown_spread(new.value)} {unit}",
            f"{ratio:.2f}",
        )
    return made
