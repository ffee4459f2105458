"""Rows on a terminal, and in a pipe."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.states import JobState
from goq.views.fields import sign_field
from goq.views.lines import Line, line
from goq.views.numbers import percent
from goq.views.paper import Paper
from goq.views.signs import NEVER, sign_of, sign_of_failure
from goq.views.strips import strip
from goq.views.tables import Cell, Column, Row, table
from goq.views.text import cells

COLUMNS = (
    Column("ID", is_right=True),
    Column("NAME"),
    Column("USER", yields=1),
    Column("STATE", yields=3, shrinks=True),
    Column("FOR", is_right=True, yields=2),
    Column("WHERE, OR WHY NOT"),
)
FOLD = {JobState.DONE: 6412, JobState.FAILED: 37, JobState.RUNNING: 72, JobState.WAITING: 3479}


def bar(width: int) -> Line:
    return line(strip(FOLD, width), "  ", percent(6449, 10_000))


ROWS: list[Row] = [
    ["4211", "fold", "ann", Cell(bar(20), "64 %", bar(10)), "2h 37m", "✗37 ▸72 ·3,479  ≈ 1h 27m"],
    ["14853", "notebook", "bob", sign_of(JobState.RUNNING).line, "2h 04m", "n12, 4 cpus, 16 GiB"],
    ["14855", "tune8", "bob", NEVER.line, "31m", "no machine has 8 gpus"],
    [
        *("14859", "index", "bob", sign_field(sign_of_failure(0, 0, "memory"))),
        *(Cell(line("6m ago"), "2026-11-26T14:26:10Z"), "8.0 of 8 GiB, ran 3m 12s"),
    ],
]


def shown(width: int, rows: list[Row] = ROWS) -> list[str]:
    return list(table(COLUMNS, rows, Paper(width, is_terminal=True)))


def test_a_wide_table_has_everything() -> None:
    """Numbers to the right, words to the left, two blanks between."""
    assert [
        "   ID  NAME      USER  STATE                          FOR  WHERE, OR WHY NOT",
        " 4211  fold      ann   ━━━━━━━━━━━━✗▸······  64 %  2h 37m  ✗37 ▸72 ·3,479  ≈ 1h 27m",
        "14853  notebook  bob   ▸ running                   2h 04m  n12, 4 cpus, 16 GiB",
        "14855  tune8     bob   ! never                        31m  no machine has 8 gpus",
        "14859  index     bob   ✗ memory                    6m ago  8.0 of 8 GiB, ran 3m 12s",
    ] == shown(83)


def test_first_the_user_goes() -> None:
    """Most look at their own jobs."""
    assert "14853  notebook  ▸ running                   2h 04m  n12, 4 cpus, 16 GiB" == shown(82)[2]


def test_then_how_long() -> None:
    """The state is what matters."""
    assert "14853  notebook  ▸ running                   n12, 4 cpus, 16 GiB" == shown(76)[2]


def test_then_the_strip_shrinks() -> None:
    """To half its length."""
    assert " 4211  fold      ━━━━━✗▸···  64 %  ✗37 ▸72 ·3,479  ≈ 1h 27m" == shown(68)[1]


def test_last_the_last_column_is_cut() -> None:
    """And says so."""
    assert " 4211  fold      ━━━━━✗▸···  64 %  ✗37 ▸72 ·3,479…" == shown(50)[1]
    assert "14853  notebook  ▸ r…" == shown(21)[2]


def test_a_long_reason_does_not_drive_out_the_other_columns() -> None:
    """It has a short form; where it has none it is cut, once it has had its 28 cells."""
    long = line("n14 keeps room: 28 of 48 cpus must still come free")
    short = line("needs 48 cpus; n14 has 20")
    rows: list[Row] = [
        ["1", "assembly", "cy", "x", "26m", Cell(long, short=short)],
        ["2", "b", "cy", "x", "1h", long],
    ]

    assert (
        "1  assembly  cy    x      26m  n14 keeps room: 28 of 48 cpus must still come free"
        not in shown(70, rows)[1]
    )
    assert shown(70, rows)[1].endswith("  26m  needs 48 cpus; n14 has 20")
    assert shown(70, rows)[2].endswith("   1h  n14 keeps room: 28 of 48 cpus must st…")
    assert shown(120, rows)[1].endswith("n14 keeps room: 28 of 48 cpus must still come free")


def test_a_pipe_gets_all_of_it_for_programs() -> None:
    """No cut, no signs, TAB between fields, ISO 8601."""
    rows: list[Row] = [
        ROWS[0],
        ROWS[3],
        ["1", "a\tb\nc\x1b[2J", "u", Cell(NEVER.line, "never"), "", "w" * 200],
    ]

    assert [
        "ID\tNAME\tUSER\tSTATE\tFOR\tWHERE, OR WHY NOT",
        "4211\tfold\tann\t64 %\t2h 37m\t✗37 ▸72 ·3,479  ≈ 1h 27m",
        "14859\tindex\tbob\tmemory\t2026-11-26T14:26:10Z\t8.0 of 8 GiB, ran 3m 12s",
        "1\ta\\tb\\nc\\x1b[2J\tu\tnever\t\t" + "w" * 200,
    ] == list(table(COLUMNS, rows, Paper(20)))


def test_headings_are_dim_and_signs_coloured() -> None:
    """On a terminal that has colours."""
    head, *rows = table(COLUMNS, ROWS, Paper(100, is_terminal=True, has_color=True))

    assert "\x1b[2mNAME\x1b[0m" in head
    assert "\x1b[1;35m! never\x1b[0m" in rows[2].replace("!\x1b[0m\x1b[1;35m", "!")
    assert shown(100)[1:] == [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in rows]


def test_a_table_of_nothing_is_its_header() -> None:
    """And one of a single column is a list."""
    assert ["ID  NAME  USER  STATE  FOR  WHERE, OR WHY NOT"] == shown(80, [])
    assert ["  N", "1.5", "  2"] == list(
        table([Column("N", is_right=True)], [["1.5"], ["2"]], Paper(is_terminal=True))
    )


FIELD = st.text(st.sampled_from("ab 日\N{COMBINING ACUTE ACCENT}▸\t\x1b"), max_size=30)
FIELDS = st.lists(st.tuples(*[FIELD] * 6).map(list), max_size=5)


@pytest.mark.parametrize("is_ascii", [False, True])
@given(rows=FIELDS, width=st.integers(1, 90))
def test_a_row_is_a_line_and_never_wraps(is_ascii: bool, rows: list[list[str]], width: int) -> None:
    """On paper of any width, whatever stands in it."""
    lines = list(table(COLUMNS, rows, Paper(width, is_terminal=True, is_ascii=is_ascii)))

    assert 1 + len(rows) == len(lines)
    assert all(cells(each) <= width and each.isprintable() and each == each.rstrip() for each in lines)


@given(rows=FIELDS, width=st.integers(1, 120))
def test_columns_give_way_in_their_turn(rows: list[list[str]], width: int) -> None:
    """And wider paper has all columns of narrower paper."""
    narrow, wide = (next(table(COLUMNS, rows, Paper(each, is_terminal=True))) for each in (width, width + 1))

    assert "USER" not in narrow or "FOR" in narrow
    assert all(head in wide for head in ("USER", "FOR") if head in narrow)


def test_in_a_pipe_a_field_has_its_ink_where_that_is_wanted() -> None:
    """`--color always`; and where signs cannot be shown, others stand for them."""
    rows: list[Row] = [[sign_field(sign_of(JobState.FAILED)), "✗ 3"]]
    columns = (Column("STATE"), Column("WHY"))

    assert "\x1b[1;31mfailed\x1b[0m\t✗ 3" == list(table(columns, rows, Paper(has_color=True)))[1]
    assert "failed\tx 3" == list(table(columns, rows, Paper(is_ascii=True)))[1]
