"""The page beside its picture: 80 columns, wider, narrower, and what it says when there is nothing."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.core.values.cluster import Cluster, NeedsLook, Parts
from goq.core.values.pages import Page
from goq.core.values.shown import Counts
from goq.top.page import LEAST_HEIGHT, LEAST_WIDTH, page_of
from goq.top.seen import Scope, Told
from goq.top.state import State
from goq.views.lines import line_cells
from goq.views.marks import TIMES
from goq.views.paper import Paper
from top.afternoon import CLUSTER, FAILURES, FOLD, NOW, NS, PAPER, ROWS, array, seen, state

# With * for the sign of times.
PICTURE = """\
goq top  lab  ▸121 ·3,853 ✓6,637 ✗40  cpus ━━━━━━━━━━━━━━╍╍/// 156/176  gpus 8/8
? g22 silent for 42s   ! 14855 can run nowhere   ✗ 37 failed in 4211 fold
MACHINE  CPUS, 2 a cell                    GPU   WHAT RUNS
  g21    train▪▪▪▪▪ff                      ■■■■  train *4, fold *4
? g22    train▪▪▪▪▪ss                      ■■■■  silent for 42s, given up in 18s
  n11    fold▪▪▪▪▪▪▪▪▪▪▪▪                        fold *32
  n12    nnfffsweep▪▪▪▪▪▪                        notebook, fold *6, sweep *22
/ n13    ////////////////                        by ann, 13:58: disk swap
  n14    fold▪▪▪▪▪▪▪▪▪▪▪sweep▪▪╍╍╍╍╍╍╍╍╍╍        keeps room for 14252
── jobs: all users, alive or failed ────────────────────────────────────────────
      ID  NAME      USER  STATE                 FOR  WHERE, OR WHY NOT
   14253  sweep     cy    ━━━▸······  35 %      48m  ▸40 ·348  ≈ 30m
   14211  train     bob   ━━━▸▸·····  30 %   5h 12m  ▸8 ·20  ≈ 7h 36m
>   4211  fold      ann   ━━━━━✗▸···  64 %   2h 37m  ✗37 ▸72 ·3,479  ≈ 1h 27m
   14853  notebook  bob   ▸ running          2h 04m  n12, 4 cpus, 16 GiB
   14252  assembly  cy    · waiting             26m  needs 48 cpus; n14 has 20
   14855  tune8     bob   ! never               31m  no machine has 8 gpus
   14856  clean     cy    ‖ held                18m  by cy
   14858  convert   bob   ✗ exit 3          14m ago  ran 12s on n12




 ↑↓ move  ⏎ open  l log  w why  / filter  f failed  tab machines  ? keys  q quit""".replace("*", TIMES)


def text(of: State, width: int = 80, height: int = 24, paper: Paper = PAPER) -> list[str]:
    return ["".join(span.text for span in line).rstrip() for line in page_of(of, width, height, paper).lines]


def test_a_page_of_80_columns_is_as_its_picture() -> None:
    shown = state()
    shown.move(2)

    assert PICTURE.splitlines() == text(shown)


def test_a_wide_page_has_a_pane_with_what_failed_of_an_array() -> None:
    """From 140 columns on; the list keeps what sentences need."""
    shown = state(failures=FAILURES, scope=Scope("ann", detail=FOLD))
    shown.move(2)

    lines = "\n".join(text(shown, 200, 30))

    assert "4211 fold  ann  64 %" in lines
    assert "✓6,412  ✗37  ▸72  ·3,479   41/min  till ≈ 15:59" in lines
    assert "31 ✗ memory  [6188-6340]  used 2.0 of 2 GiB asked" in lines
    assert " 4 ✗ exit 1  [12,77]      ValueError: no chain" in lines
    assert "R retry 37 failed" in lines
    assert "✗37 ▸72 ·3,479 of 10,000  41/min  ≈ 1h 27m" in lines
    assert "is held by cy since 14:14" in lines


def test_what_may_not_be_done_is_not_offered_in_the_pane() -> None:
    shown = state()
    shown.may_act = False
    shown.move(2)

    assert "R retry" not in "\n".join(text(shown, 200, 30))


@given(
    width=st.integers(1, 260),
    height=st.integers(1, 60),
    focus=st.sampled_from(["jobs", "machines", "people"]),
)
def test_no_line_is_wider_and_no_page_longer_than_the_screen(width: int, height: int, focus: str) -> None:
    shown = state()
    shown.focus = focus

    lines = page_of(shown, width, height, PAPER).lines

    if width >= LEAST_WIDTH and height >= LEAST_HEIGHT:
        assert height == len(lines)
        assert all(line_cells(line) <= width for line in lines)
    else:
        assert (
            f"goq top needs 60 columns and 12 lines; here are {width} and {height}."
            == text(shown, width, height)[0]
        )


@given(at=st.integers(0, 99), height=st.integers(LEAST_HEIGHT, 40))
def test_the_cursor_is_always_on_the_screen(at: int, height: int) -> None:
    """However far it moves in a list that is longer than the screen."""
    rows = tuple(array(number, "a", "ann", NOW, Counts(running=1, waiting=1)) for number in range(1, 101))
    shown = state(page=Page(1, rows, more=7))
    shown.move(at)

    lines = text(shown, height=height)

    assert 1 == sum(
        line.startswith(f"> {rows[at].id:>6}"[:2]) and f" {rows[at].id} " in f"{line} " for line in lines
    )
    assert any(" of 107" in line for line in lines)


def test_a_server_that_is_away_is_told_before_all_else() -> None:
    shown = state()
    shown.told = Told(heard_ns=NOW - 12 * NS, asked_ns=NOW - 12 * NS)
    shown.seen = replace(shown.seen, at_ns=NOW - 12 * NS)

    assert "? no word from head for 12s; what you see is of 14:31:58" == text(shown)[1]


def test_one_thing_to_look_at_that_is_long_is_cut() -> None:
    """A sentence of the server's may be of any length."""
    shown = state(cluster=replace(CLUSTER, look=(NeedsLook("trouble", text="x" * 300),)))

    assert 80 == len(text(shown)[1])


def test_a_question_that_is_young_is_no_silence() -> None:
    shown = state()
    shown.told = Told(heard_ns=NOW - 2 * NS, asked_ns=NOW - 2 * NS)

    assert "no word" not in text(shown)[1]


def test_what_the_server_says_instead_of_an_answer_is_shown() -> None:
    shown = state()
    shown.told = Told(heard_ns=NOW, trouble="the reader is busy")

    assert "! the reader is busy" == text(shown)[1]


NONE = Parts()
EMPTY = Cluster("lab", "tcp://head:1776", NOW, 0, 0, 0, 0, 0, NONE, NONE, NONE)


def test_no_worker_is_said_and_what_to_do() -> None:
    """A black screen would be a riddle."""
    shown = state(workers=(), cluster=replace(EMPTY, waiting=5), page=Page(1, ROWS[4:5]))

    assert "! No machine works here; 5 jobs wait.   goq work forever -j 8" == text(shown)[2]


def test_an_empty_queue_is_said_and_what_to_do() -> None:
    shown = state(cluster=EMPTY, page=Page(1))

    assert "   Nothing waits, nothing runs.   goq sub bash -c 'echo hello'" in text(shown)


def test_an_empty_list_of_some_jobs_is_no_empty_queue() -> None:
    shown = state(page=Page(1), scope=Scope("ann", is_failed=True))

    assert "   None of these.   esc: more of them" in text(shown)


def test_machines_take_no_more_than_a_third_unless_they_are_looked_at() -> None:
    """A hundred machines leave room for jobs."""
    workers = tuple(replace(seen().workers[2], host=f"n{number:03}") for number in range(100))
    shown = state(workers=workers)

    assert 8 == sum(" n0" in line for line in text(shown, height=30))
    assert any("1-8 of 100" in line for line in text(shown, height=30))
    shown.focus = "machines"
    shown.move(99)
    assert any(line.startswith("> n099") for line in text(shown, height=30))


def test_where_there_is_only_ascii_keys_are_named_in_words() -> None:
    shown = text(state(), paper=PAPER._replace(is_ascii=True))

    assert " j k move  enter open  l log  w why  / filter  f failed  tab machines  ? keys" == shown[-1]
