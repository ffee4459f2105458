"""Rows of submissions and jobs: as the pictures have them, and in a pipe."""

from typing import Any

import pytest
from msgspec.structs import replace

from goq.core.values.ids import JobId
from goq.core.values.reasons import Lack, Reason
from goq.core.values.shown import Counts, JobRow, Needs, ReasonRow, Row, SubmissionRow, Used
from goq.core.values.states import JobState
from goq.views.paper import Paper
from goq.views.rows import reason_of_row, rows_table

S, GIB = 10**9, 1 << 30
NOW = 1_795_703_530 * S
NARROW, WIDE = Paper(110, is_terminal=True, now_ns=NOW), Paper(120, is_terminal=True, now_ns=NOW)
PIPE = Paper(now_ns=NOW)


def ago_s(seconds: float) -> int:
    return NOW - int(seconds * S)


def array(counts: Counts, **more: Any) -> SubmissionRow:
    """The array of the pictures."""
    at = ago_s(9420)
    row = SubmissionRow(
        4211,
        counts.size,
        "ann",
        counts.state,
        counts,
        at,
        at,
        ("fold",),
        "/x",
        Needs(1),
        array=True,
        name="fold",
    )
    return replace(row, **more)


def job(state: JobState, since_s: float, **more: Any) -> JobRow:
    """A job that is so since then."""
    row = JobRow(14853, "bob", state, ago_s(since_s), ago_s(since_s), Needs(1), name="notebook")
    return replace(row, **more)


FOLD = array(Counts(waiting=3479, running=72, done=6412, failed=37), rate_per_s=41 / 60, left_s=5220)
NOTEBOOK = job(JobState.RUNNING, 7440, host="n12", attempt=1, needs=Needs(4, 16 * GIB))
WAITS = ReasonRow("room", "needs 48 cpus; n14 has 20", "14853 notebook waits for room.")
NEVER = ReasonRow("nowhere", "no machine has 8 gpus", "14853 notebook can run nowhere.")
RETRY = ReasonRow("retry", "again in 4m 10s, try 3 of 4", "14853 notebook tries again.")
MEMORY = {
    "cause": "memory",
    "status": 137,
    "elapsed_s": 192,
    "used": Used(1.0, 8 * GIB),
    "needs": Needs(1, 8 * GIB),
}


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (FOLD, "4211  fold  ann   ━━━━━✗▸···  64 %  2h 37m  ✗37 ▸72 ·3,479  ≈ 1h 27m"),
        (array(Counts(done=3, failed=1)), "4211  fold  ann   ━━━━━━━━✗✗ 100 %  2h ago  ✗1 4 jobs in 2h 37m"),
        (NOTEBOOK, "14853  notebook  bob   ▸ running  2h 04m  n12, 4 cpus, 16 GiB"),
        (
            job(JobState.RUNNING, 60, host="g21", attempt=3, retries=3, gpus=("2",)),
            "14853  notebook  bob   ▸ running   1m  try 3 of 4, g21 gpu 2",
        ),
        (
            job(JobState.WAITING, 1560, reason=WAITS),
            "14853  notebook  bob   · waiting  26m  needs 48 cpus; n14 has 20",
        ),
        (
            job(JobState.WAITING, 1560, reason=NEVER),
            "14853  notebook  bob   ! never  26m  no machine has 8 gpus",
        ),
        (
            job(JobState.WAITING, 350, attempt=2, retries=3, reason=RETRY),
            "14853  notebook  bob   · waiting  5m 50s  again in 4m 10s, try 3 of 4",
        ),
        (
            job(JobState.FAILED, 360, **MEMORY),
            "14853  notebook  bob   ✗ memory  6m ago  8.0 of 8 GiB, ran 3m 12s",
        ),
        (
            job(JobState.FAILED, 660, cause="time", host="n11", needs=Needs(1, time_s=3600), elapsed_s=3600),
            "14853  notebook  bob   ✗ time  11m ago  time limit of 1h on n11",
        ),
        (
            job(JobState.FAILED, 60, status=139, signal=11, elapsed_s=3),
            "14853  notebook  bob   ✗ SEGV  1m ago  ran 3s",
        ),
        (
            job(JobState.FAILED, 840, status=3, problem="no such file: chain_B.pdb"),
            "14853  notebook  bob   ✗ exit 3  14m ago  no such file: chain_B.pdb",
        ),
        (
            job(JobState.DONE, 900, elapsed_s=38, host="n14"),
            "14853  notebook  bob   ✓ done  15m ago  38s on n14",
        ),
    ],
)
def test_a_row_is_as_in_the_pictures(row: Row, shown: str) -> None:
    """Where it runs, or why it does not; of many jobs how far they are."""
    head, line = rows_table([row], NARROW, "cy")

    assert head.split() == ["ID", "NAME", "USER", "STATE", "FOR", "WHERE,", "OR", "WHY", "NOT"]
    assert shown.split() == line.split()


def test_wide_paper_has_totals_rates_and_sentences() -> None:
    """Without what stands in the row already."""
    _, line = rows_table([FOLD], WIDE, "cy")
    _, waits = rows_table([job(JobState.WAITING, 1560, reason=WAITS)], WIDE, "cy")

    assert line.endswith("✗37 ▸72 ·3,479 of 10,000  41/min  ≈ 1h 27m")
    assert waits.endswith("  waits for room")


def test_a_pipe_has_neither_signs_nor_cuts() -> None:
    """TAB between fields, times in ISO 8601, and a header."""
    name = "n" * 90
    lines = list(
        rows_table([FOLD, replace(NOTEBOOK, name=name), job(JobState.WAITING, 5, reason=WAITS)], PIPE, "cy")
    )

    assert "ID\tNAME\tUSER\tSTATE\tFOR\tWHERE, OR WHY NOT" == lines[0]
    assert lines[1].split("\t")[3:] == [
        "running",
        "2026-11-26T11:55:10Z",
        "waiting=3479 running=72 done=6412 failed=37",
    ]
    assert ["14853", name, "bob", "running"] == lines[2].split("\t")[:4]
    assert WAITS.text == lines[3].split("\t")[5]


def test_a_task_is_called_by_its_array() -> None:
    """As it is printed everywhere."""
    _, line = rows_table([replace(NOTEBOOK, array=14850, item=3)], NARROW, "bob")

    assert line.startswith("14850.3  notebook")


def test_a_reason_is_words_for_people_and_fields_for_programs() -> None:
    """Of an array it is said for its tasks."""
    lack = Lack("cpus", 48, 20, ("n14",))
    row = reason_of_row(Reason("room", NOW + 60 * S, ((JobId(5), JobId(8)),), lack=lack), NOTEBOOK, NARROW)

    assert ("room", NOW + 60 * S, ((5, 7),), 60.0) == (row.code, row.until_at, row.jobs, row.left_s)
    assert row.text.startswith("14853 notebook")
    assert row.short
