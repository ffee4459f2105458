"""Cursors, marks, order: what a key means is what the eye saw."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.core.values.pages import Cursor as PageCursor
from goq.core.values.pages import Page
from goq.core.values.selectors import Selector
from goq.core.values.states import JobState
from goq.top.seen import PAGE, Scope, kept_in_place
from goq.top.state import IN_USE_NS, Cursor
from top.afternoon import FOLD, NOW, NS, ROWS, seen, state

numbers = st.lists(st.integers(1, 30), unique=True, max_size=12)
by_id = {row.id: row for row in ROWS}


def ids(of: object) -> list[int]:
    return [row.id for row in of.rows]  # type: ignore[attr-defined]  # a State


def test_rows_keep_their_places_while_somebody_uses_the_keys() -> None:
    shown = state()
    before = ids(shown)
    shown.used_ns = NOW
    turned = Page(2, tuple(reversed(ROWS)))

    shown.take(seen(page=turned), NOW + IN_USE_NS - 1)
    assert before == ids(shown)

    shown.refresh(NOW + IN_USE_NS)
    assert before[::-1] == ids(shown)


def test_the_cursor_stays_with_its_row_wherever_that_goes() -> None:
    shown = state()
    shown.move(2)

    shown.take(seen(page=Page(2, tuple(reversed(ROWS)))), NOW)

    assert shown.row is not None
    assert FOLD == shown.row.id


def test_when_its_row_goes_the_cursor_is_where_it_was() -> None:
    shown = state()
    shown.move(2)

    shown.take(seen(page=Page(2, ROWS[:2] + ROWS[3:])), NOW)

    assert shown.row is not None
    assert ROWS[3].id == shown.row.id


@given(before=numbers, now=numbers)
def test_rows_in_place_are_those_that_are_there_and_each_once(before: list[int], now: list[int]) -> None:
    """What stays is in its old order, what is new behind it."""
    rows = [replace(ROWS[0], id=number) for number in now]

    found = [row.id for row in kept_in_place(before, rows)]

    assert sorted(now) == sorted(found)
    stays = [number for number in before if number in now]
    assert stays == found[: len(stays)]


@given(many=st.integers(1, 50), height=st.integers(1, 20), moves=st.lists(st.integers(-60, 60), max_size=8))
def test_the_window_holds_the_cursor_and_is_full(many: int, height: int, moves: list[int]) -> None:
    cursor, keys = Cursor(), list(range(many))
    cursor.settle(keys)
    for by in moves:
        cursor.move(keys, by)
        top = cursor.window(many, height)

        assert 0 <= top <= cursor.at < top + height
        assert top + min(height, many) <= many


def test_what_is_frozen_stays_and_goes_on_where_it_is_now() -> None:
    shown = state()
    shown.freeze(NOW)
    shown.take(seen(page=Page(2, ROWS[:1])), NOW)
    assert len(ROWS) == len(shown.rows)

    shown.freeze(NOW)
    assert 1 == len(shown.rows)


def test_an_answer_to_what_was_wanted_before_comes_too_late() -> None:
    """Else a filter would be followed by rows of the page before."""
    shown = state()
    shown.only_failed()

    shown.take(seen(page=Page(2, ROWS[:1])), NOW)
    assert len(ROWS) == len(shown.rows)

    shown.take(seen(scope=Scope("ann", is_failed=True), page=Page(2, ROWS[2:3])), NOW)
    assert [FOLD] == ids(shown)


def test_a_filter_shows_its_rows_in_their_own_order_at_once() -> None:
    """Although a key was pressed just now."""
    shown = state()
    shown.used_ns = NOW
    shown.only_mine()

    shown.take(seen(scope=Scope("ann", user="ann"), page=Page(2, (ROWS[3], ROWS[0]))), NOW)

    assert [ROWS[3].id, ROWS[0].id] == ids(shown)


def test_what_is_done_is_done_to_what_is_marked_else_to_the_row_under_the_cursor() -> None:
    shown = state()
    assert [ROWS[0]] == shown.chosen

    shown.mark()
    shown.mark()
    shown.move(3)
    assert list(ROWS[:2]) == shown.chosen


def test_what_has_gone_is_marked_no_more() -> None:
    """Else it would come back with a mark that nobody remembers."""
    shown = state()
    shown.mark()

    shown.take(seen(page=Page(2, ROWS[1:])), NOW)
    shown.take(seen(), NOW)

    assert set() == shown.marks


def test_escape_takes_one_thing_after_the_other_that_narrows() -> None:
    shown = state()
    shown.filter("fold", Selector())
    shown.only_mine()
    shown.only_failed()
    shown.narrow(replace(shown.scope, tasks_of=FOLD))
    shown.turn()

    seen_so_far = []
    while shown.widen():
        scope = shown.scope
        seen_so_far.append((shown.focus, scope.tasks_of, scope.words, scope.user, scope.is_failed))

    assert [
        ("jobs", FOLD, "fold", "ann", True),
        ("jobs", 0, "fold", "ann", True),
        ("jobs", 0, "", "ann", True),
        ("jobs", 0, "", "", True),
        ("jobs", 0, "", "", False),
    ] == seen_so_far


def test_tab_goes_round_and_a_machine_or_a_person_opens_its_jobs() -> None:
    shown = state()
    shown.turn()
    shown.move(2)
    assert shown.open_place()
    assert ("n11", "") == (shown.scope.host, shown.scope.user)

    shown.turn()
    shown.turn()
    shown.move(1)
    assert shown.open_place()
    assert ("n11", "bob") == (shown.scope.host, shown.scope.user)
    assert not shown.open_place()


def test_at_the_end_of_a_page_more_rows_are_wanted() -> None:
    shown = state(page=Page(1, ROWS, following=seen().page.following))
    shown.move(100)
    assert PAGE == shown.scope.limit

    more = state(page=Page(1, ROWS, following=PageCursor(1)))
    more.move(100)
    assert len(ROWS) + PAGE == more.scope.limit


def test_jobs_are_shown_that_live_or_failed_and_by_words_all() -> None:
    """Who asks for a job by its number sees it, however it ended."""
    states = Scope("ann").query.states

    assert {JobState.DONE, JobState.CANCELLED, JobState.SKIPPED} == set(JobState) - set(states)
    assert () == Scope("ann", words="12").query.states
    assert {JobState.FAILED, JobState.LOST} == set(Scope("ann", words="12", is_failed=True).query.states)


def test_a_word_is_shown_for_a_while() -> None:
    shown = state()
    shown.say("done", NOW)
    shown.refresh(NOW + 5 * NS)
    assert "done" == shown.note

    shown.refresh(NOW + 10 * NS)
    assert "" == shown.note
