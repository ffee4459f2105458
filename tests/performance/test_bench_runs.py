"""The bench in its smallest form: every figure can be measured. How fast anything is, is not tested."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench import figures
from bench.figure import Goal, Judged, Row, at_least, at_most
from bench.page import BEGIN, END, put_table
from bench.results import Outcome, percentile, spread
from bench.table import shown

_ENOUGH_S = 900  # it takes 45 s of a machine of its own
ROOT = Path(__file__).resolve().parent.parent.parent


def bench(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """A bench that makes its temporary folders in this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench", "--tiny", "--repeat", "1", "--folder", str(folder), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def of_folder(folder: Path) -> list[int]:
    """The living processes whose current folder is in that one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            here = os.readlink(entry / "cwd") if entry.name.isdigit() else ""
        except OSError:
            continue  # it has ended, or is another user's
        if here.startswith(str(folder)):
            found.append(int(entry.name))
    return found


def test_every_figure_can_be_measured(tmp_path: Path) -> None:
    """A bench that nobody runs breaks unseen."""
    folder, results = tmp_path / "room", tmp_path / "results.json"
    folder.mkdir()
    with bench(folder, "--results", str(results)) as process:
        try:
            said, _ = process.communicate(timeout=_ENOUGH_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            raise

    assert 0 == process.returncode, said
    rows = json.loads(results.read_text())["rows"]
    assert [row.title.strip() for figure in figures.ALL for row in figure.rows] == [
        row["title"] for row in rows
    ]
    assert all(math.isfinite(row["number"]["median"]) for row in rows)
    assert all(row["met"] is not None for row in rows if row["goal"])
    assert [] == list(folder.iterdir())
    assert [] == of_folder(folder)


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    """Who stops a bench must not find its servers running the next day."""
    with bench(tmp_path, "--only", "commands") as process:
        assert process.stdout is not None
        while not of_folder(tmp_path):  # its server is there
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()

    assert 130 == process.returncode, said
    assert [] == list(tmp_path.iterdir())
    assert [] == of_folder(tmp_path)


@pytest.mark.parametrize(
    ("goal", "number", "is_met"),
    [
        (at_least(0.6), 0.6, True),
        (at_least(0.6), 0.59, False),
        (at_most(15), 15, True),
        (at_most(15), 15.1, False),
    ],
)
def test_a_goal_is_met_at_its_bound(goal: Goal, number: float, is_met: bool) -> None:
    """What is promised with a bound includes the bound."""
    assert is_met == goal.is_met(number)


@pytest.mark.parametrize(
    ("judged", "number"), [(Judged.ITSELF, 50.0), (Judged.RATIO, 0.5), (Judged.EXCESS, -50.0)]
)
def test_the_goal_speaks_of_the_median_over_the_repetitions(judged: Judged, number: float) -> None:
    """A ratio of two medians would mix repetitions that had nothing to do with each other."""
    row = Row("a figure", "goq", "jobs/s", "loop", "a loop", judged, at_least(1))
    readings = [{"goq": 50.0, "loop": 100.0}, {"goq": 10.0, "loop": 1000.0}, {"goq": 90.0, "loop": 100.0}]
    outcome = Outcome("one", row, readings)

    assert number == outcome.number.median
    assert outcome.is_met == (number >= 1)


def test_percentiles_and_spreads_are_those_of_the_numbers() -> None:
    """A 99th percentile of few numbers is their greatest."""
    numbers = [float(number) for number in range(1, 201)]

    assert percentile(numbers, 99) == 198
    assert percentile(numbers[:50], 99) == 50
    assert (2.0, 1.0, 9.0) == (spread([9.0, 1.0, 2.0]).median, spread([1.0]).low, spread([9.0]).high)


@pytest.mark.parametrize(
    ("number", "text"), [(0.123, "0.12"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346")]
)
def test_numbers_are_shown_with_three_figures(number: float, text: str) -> None:
    """More figures than were measured mislead."""
    assert text == shown(number)


def test_the_page_gets_the_table_between_its_marks(tmp_path: Path) -> None:
    """The rest of the page is a person's."""
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nan old table\n{END}\nafter\n")
    row = Row("a figure", "goq", "jobs/s", "loop", "a loop", Judged.RATIO, at_least(0.6))
    outcome = Outcome("one", row, [{"goq": 50.0, "loop": 100.0}])
    machine = dict.fromkeys(("cpu", "memory", "system", "python", "load"), "?")
    results = {"revision": "r", "at": "today", "machine": machine, "repetitions": 1}

    put_table(page, {**results, "rows": [outcome.as_json()]})

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "an old table" not in text
    assert "| a figure | 50.0 (50.0-50.0) jobs/s | a loop: 100 (100-100) | x 0.50" in text
    assert "**not met**" in text
