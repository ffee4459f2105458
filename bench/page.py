"""The table in docs/performance.md, from what bench/results.json holds."""

from pathlib import Path
from typing import Any

from bench.table import shown

BEGIN, END = "<!-- the table: make bench -->", "<!-- the end of the table -->"
_SIGNS = {"itself": "", "ratio to what stands beside it": "x ", "excess over what stands beside it": "+"}


def put_table(page: Path, results: dict[str, Any]) -> None:
    """Replace the table of the page."""
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}")


def markdown(results: dict[str, Any]) -> str:
    """The machine, and a line a row."""
    machine = results["machine"]
    lines = [
        f"goq {results['revision']}, {results['at']}, {results['repetitions']} repetitions.",
        f"{machine['cpu']}, {machine['memory']}, {machine['system']}, Python {machine['python']},",
        f"load {machine['load']}.",
        "",
        "| figure | goq | beside it | judged | goal | |",
        "|---|---|---|---|---|---|",
        *(_line(row) for row in results["rows"]),
    ]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    beside = row["beside"]
    cells = (
        row["title"],
        f"{_spread(row['value'])} {row['unit']}",
        f"{beside['title']}: {_spread(beside)}" if beside else "",
        f"{_SIGNS[row['judged']]}{_spread(row['number'])}" if _SIGNS[row["judged"]] else "",
        row["goal"] or "",
        {True: "met", False: "**not met**", None: ""}[row["met"]],
    )
    return f"| {' | '.join(cells)} |"


def _spread(numbers: dict[str, float]) -> str:
    return f"{shown(numbers['median'])} ({shown(numbers['min'])}-{shown(numbers['max'])})"
