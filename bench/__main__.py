"""`make bench`: every figure beside its ceiling or floor, one table, and results.json."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from rich.console import Console

from bench import curves, figures
from bench.compare import installed, run_alternately
from bench.figure import FULL, QUICK, TINY, Counts, Figure, Measure, Readings
from bench.lab import Build, Failed, Lab
from bench.page import put_table
from bench.results import Outcome, machine, revision
from bench.table import comparison, shown, table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
CURVES = ROOT / "bench" / "curves.json"
PICTURE = ROOT / "docs" / "throughput.svg"
PAGE = ROOT / "docs" / "performance.md"
PIPE_WIDTH = 160
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}

console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def here() -> Build:
    """The goq of this checkout, in the environment that runs this."""
    return Build(revision(ROOT), Path(sys.executable).parent, ROOT / "bench" / "simulated.py")


def say(text: str) -> None:
    """Progress, while it runs."""
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {text}", highlight=False)


def repeat(figure: Figure, measure: Measure, times: int) -> list[Readings]:
    """Measure so many times, and show each."""
    gathered = []
    for number in range(1, times + 1):
        gathered.append(measure())
        readings = ", ".join(f"{name} {shown(value)}" for name, value in gathered[-1].items())
        say(f"{figure.name} {number}/{times}: {readings}")
    return gathered


def run(lab: Lab, build: Build, chosen: list[Figure], counts: Counts, times: int) -> list[Outcome]:
    """All chosen figures of one build."""
    outcomes = []
    for number, figure in enumerate(chosen, start=1):
        with (
            console.status(f"figure {number} of {len(chosen)}: {figure.name}"),
            figure.ready(lab, build, counts) as measure,
        ):
            repetitions = repeat(figure, measure, times)
        outcomes += [Outcome(figure.name, row, repetitions) for row in figure.rows]
    return outcomes


def report(build: Build, outcomes: list[Outcome], size: str, times: int) -> dict[str, object]:
    """What results.json holds."""
    return {
        "revision": build.name,
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": machine(),
        "size": size,
        "repetitions": times,
        "rows": [outcome.as_json() for outcome in outcomes],
    }


def options() -> argparse.Namespace:
    """The command line."""
    names = [figure.name for figure in figures.ALL]
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="repetitions of each figure (5)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick", help="for a first look")
    size.add_argument("--tiny", dest="size", action="store_const", const="tiny", help="to see that all runs")
    parser.add_argument("--base", metavar="REV", help="compare with that revision")
    parser.add_argument("--curves", action="store_true", help="measure and draw docs/throughput.svg instead")
    parser.add_argument("--folder", type=Path, help="where temporary folders are made")
    parser.add_argument("--results", type=Path, help="where the results go (complete runs: bench/)")
    parser.set_defaults(size="full")
    asked = parser.parse_args()
    if asked.base == "":
        parser.error("say which revision to compare with: make bench-compare BASE=rev")
    return asked


def measure_all(lab: Lab, asked: argparse.Namespace) -> None:
    """The table, and where it is kept."""
    chosen = [figure for figure in figures.ALL if not asked.only or figure.name in asked.only]
    build = here()
    outcomes = run(lab, build, chosen, SIZES[asked.size], asked.repeat)
    console.print(table(outcomes, asked.size))
    complete = asked.size == "full" and not asked.only
    results = asked.results or (RESULTS if complete else None)
    if results is None:
        return
    told = report(build, outcomes, asked.size, asked.repeat)
    results.write_text(json.dumps(told, indent=1) + "\n")
    if results == RESULTS:
        put_table(PAGE, told)
    say(f"written to {results}")


def compare(lab: Lab, asked: argparse.Namespace) -> None:
    """Two revisions, alternately."""
    chosen = [figure for figure in figures.ALL if not asked.only or figure.name in asked.only]
    with installed(lab, ROOT, asked.base) as base:
        build = here()
        pairs = run_alternately(lab, (base, build), chosen, SIZES[asked.size], asked.repeat)
        console.print(comparison(pairs, base.name, build.name))


def draw_curves(lab: Lab, asked: argparse.Namespace) -> None:
    """The picture, from measurements of its own."""
    from bench import plots  # noqa: PLC0415 - matplotlib is needed for nothing else

    measured = curves.measure(lab, here(), SIZES[asked.size], asked.repeat)
    kept = asked.results or CURVES
    kept.write_text(json.dumps(measured, indent=1) + "\n")
    picture = PICTURE if asked.size == "full" and not asked.results else kept.with_suffix(".svg")
    plots.draw(measured, picture)
    say(f"written to {kept} and {picture}")


def stop(_number: int, _frame: FrameType | None) -> None:
    """Leave as on Ctrl-C: through all `finally`s."""
    raise KeyboardInterrupt


def main() -> int:
    asked = options()
    signal.signal(signal.SIGTERM, stop)
    act = compare if asked.base else draw_curves if asked.curves else measure_all
    try:
        with Lab(say, asked.folder) as lab:
            act(lab, asked)
    except KeyboardInterrupt:
        say("stopped; nothing is left behind")
        return 130
    except Failed as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
