"""The picture of docs/performance.md, from bench/curves.json."""

import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

_Curve = dict[str, list[float]]


def draw(curves: dict[str, Any], path: Path) -> None:
    """Three panels: over the length of the queue, the number of workers, and of simulated ones."""
    mpl.rcParams.update({"svg.hashsalt": "goq", "svg.fonttype": "none", "font.size": 9})
    figure, (queue, workers, simulated) = plt.subplots(1, 3, figsize=(10, 3.6))
    _line(queue, curves["queue"], "one worker, -j 2")
    queue.set_xscale("log")
    queue.set_xlabel("jobs that wait")
    _line(workers, curves["slots"], "one worker, -j N")
    _line(workers, curves["processes"], "N workers of one slot")
    _line(simulated, curves["simulated"], "N workers that run nothing")
    for panel, curve in ((workers, "slots"), (simulated, "simulated")):
        panel.set_xscale("log", base=2)
        panel.set_xticks([int(each) for each in curves[curve]], list(curves[curve]))
        panel.set_xlabel("N")
    for panel in (queue, workers):
        ceiling = statistics.median(curves["spawn"][""])
        panel.axhline(ceiling, color="grey", linestyle="--", label="spawn loop, 2 processes")
    for panel in (queue, workers, simulated):
        panel.set_ylim(bottom=0, top=panel.get_ylim()[1] * 1.4)
        panel.grid(alpha=0.3)
        panel.legend(loc="upper left", frameon=False)
    queue.set_ylabel("`true` jobs a second")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _line(panel: Axes, curve: _Curve, label: str) -> None:
    """The medians, with the least and the most of the repetitions as bars."""
    where = sorted(curve, key=int)
    middle = [statistics.median(curve[each]) for each in where]
    below = [median - min(curve[each]) for each, median in zip(where, middle, strict=True)]
    above = [max(curve[each]) - median for each, median in zip(where, middle, strict=True)]
    panel.errorbar([int(each) for each in where], middle, (below, above), marker="o", capsize=2, label=label)
