"""Keys and the mouse: what each does, what asks first, and what asks nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from goq.core.values.ids import JobId
from goq.core.values.pages import Page
from goq.core.values.selectors import Jobs
from goq.core.values.shown import Counts, JobRow, Needs
from goq.core.values.states import JobState
from goq.top.control import CAPITALS, Control
from goq.top.deeds import word_of
from goq.top.seen import Told
from goq.top.sheets import Log
from top.afternoon import FOLD, NOW, NS, PAPER, ROWS, array, single, state


class Changed:
    """What a change met."""

    changed, same, running, ended, waiting = 3479, 0, 72, 0, 0


class Server:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def tell(*words: Any, **more: Any) -> Any:
            self.told.append((name, *words, *more.items()))
            return {"drain": 3, "retry": [1] * 37}.get(name, Changed())

        return tell


class Desk:
    """Does at once what takes a while."""

    def __init__(self) -> None:
        self.server = Server()
        self.followed: list[int] = []
        self.ended: list[int] = []
        self.looks, self.has_left = 0, False

    def ask(self, question: Callable[[Any], Any], then: Callable[[Any], object]) -> None:
        then(question(self.server))

    def follow(self, job: int, log: Log) -> Callable[[], None]:
        self.followed.append(job)
        return lambda: self.ended.append(job)

    def look(self) -> None:
        self.looks += 1

    def leave(self) -> None:
        self.has_left = True


class Screen:
    """A page with keys."""

    def __init__(self, *, may_act: bool = True, **changes: object) -> None:
        self.state = state(**changes)
        self.state.may_act = may_act
        self.desk = Desk()
        self.control = Control(self.state, PAPER, self.desk)

    def press(self, *keys: str) -> list[str]:
        for key in keys:
            self.control.press(key, NOW)
        return self.text()

    def text(self, width: int = 80) -> list[str]:
        lines = self.control.lines(width, 24, NOW)
        return ["".join(span.text for span in line) for line in lines]


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_a_kill_asks_first_and_says_what_it_meets(screen: Screen) -> None:
    assert " Kill 4211 fold: 72 running, 3,479 waiting?  y / n" == screen.press("j", "j", "X")[-1]
    assert [] == screen.desk.server.told

    assert " 3,479 will not run, 72 are being killed" == screen.press("y")[-1]
    assert [("kill", "4211")] == screen.desk.server.told
    assert 1 == screen.desk.looks


@pytest.mark.parametrize("key", ["n", "N", "Y", "enter", "escape", "X", " ", "q", "down"])
def test_everything_but_y_is_no(screen: Screen, key: str) -> None:
    """Also the key that asked, pressed twice."""
    screen.press("X", key)

    assert [] == screen.desk.server.told
    assert screen.state.question is None
    assert not screen.desk.has_left


@pytest.mark.parametrize("key", CAPITALS)
def test_where_one_may_only_look_no_key_changes_anything(key: str) -> None:
    screen = Screen(may_act=False)

    for focus in range(3):
        screen.press(key, "y", *["tab"] * (focus < 2))

    assert [] == screen.desk.server.told
    assert "nothing can be changed here: this is goq top --view" in screen.press(key)[-1]


@pytest.mark.parametrize("key", CAPITALS)
def test_while_the_server_is_away_nothing_is_asked(screen: Screen, key: str) -> None:
    screen.state.told = Told(NOW - 12 * NS, is_gone=True)

    assert "nothing was asked: no word from head for 12s" in screen.press(key, "y")[-1]
    assert [] == screen.desk.server.told


def test_no_small_letter_changes_anything(screen: Screen) -> None:
    """One key beside a harmless one has killed many a job."""
    for key in "abcdefghijkmnoprsuvxyz0123456789":
        screen.press(key, "y")

    assert [] == screen.desk.server.told


@pytest.mark.parametrize(
    ("at", "key", "asks", "told"),
    [
        (6, "H", "Release 14856 clean?", ("release", "14856")),
        (4, "H", "Hold 14252 assembly?", ("hold", "14252")),
        (3, "P", "Pause 14853 notebook?", ("pause", "14853")),
        (2, "R", "Submit the 37 failed of 4211 fold: 72 running, 3,479 waiting again?", ("retry", "4211")),
    ],
)
def test_each_capital_does_to_a_row_what_its_state_allows(
    screen: Screen, at: int, key: str, asks: str, told: tuple[str, ...]
) -> None:
    assert asks in screen.press(*["j"] * at, key)[-1]

    screen.press("y")
    assert told == screen.desk.server.told[0][:2]


def test_what_is_paused_goes_on() -> None:
    screen = Screen(page=Page(1, (single(7, "a", "ann", JobState.PAUSED, NOW),)))

    screen.press("P", "y")

    assert ("resume", "7") == screen.desk.server.told[0]


def test_what_cannot_be_done_says_why(screen: Screen) -> None:
    assert "14853 notebook does not wait; there is nothing to hold" in screen.press("j", "j", "j", "H")[-1]
    assert "14858 convert has ended; there is nothing to kill" in screen.press("end", "X")[-1]


def test_a_priority_is_typed(screen: Screen) -> None:
    assert " Priority of 14252 assembly: 0_" == screen.press(*"jjjj", "U")[-1]
    screen.press("backspace", "7", "enter")

    assert [("alter", "14252", ("priority", 7))] == screen.desk.server.told


def test_a_machine_is_drained_with_a_reason_and_gets_jobs_again(screen: Screen) -> None:
    screen.press("tab", "D", *"disk", "enter")
    assert [("drain", "g21", ("why", "disk"))] == screen.desk.server.told

    assert "Give n13 jobs again?" in screen.press("tab", "tab", "tab", *"jjjj", "D")[-1]
    screen.press("y")
    assert ("undrain", "n13") == screen.desk.server.told[-1]


def test_a_capital_means_what_is_marked(screen: Screen) -> None:
    assert "Kill 2 rows: 48 running, 368 waiting?" in screen.press(" ", " ", "j", "X")[-1]
    screen.press("y")

    assert [("kill", "14253", "14211")] == screen.desk.server.told
    assert set() == screen.state.marks


def test_a_task_is_named_as_one_and_not_as_its_array() -> None:
    """The first task has the number of its array."""
    task = JobRow(FOLD, "ann", JobState.RUNNING, NOW, NOW, Needs(1), array=FOLD, item=1, name="fold")

    assert "4211.1" == word_of(task)
    assert "4211" == word_of(ROWS[2])
    assert "14858" == word_of(ROWS[-1])
    assert "20-22" == word_of(replace(array(20, "list", "ann", NOW, Counts(waiting=3)), array=False))


def test_a_filter_is_typed_and_a_bad_one_says_what_is_right(screen: Screen) -> None:
    screen.press("/", *"user:bob", "enter")
    assert "user:bob" == screen.state.scope.words

    assert "'12-' is no number of jobs" in screen.press("/", *["backspace"] * 8, *"12-", "enter")[-1]
    assert "user:bob" == screen.state.scope.words


def test_escape_leaves_a_line_without_doing_anything(screen: Screen) -> None:
    screen.press("/", *"fold", "escape")

    assert "" == screen.state.scope.words


def test_letters_in_a_line_are_letters(screen: Screen) -> None:
    """q does not leave while somebody types a name with it."""
    screen.press("/", "q", "X", "?")

    assert not screen.desk.has_left
    assert screen.state.entry is not None
    assert "qX?" == screen.state.entry.text


def test_ctrl_c_leaves_from_everywhere(screen: Screen) -> None:
    screen.press("/", "ctrl+c")

    assert screen.desk.has_left


def test_open_shows_a_row_as_it_is_now_and_escape_goes_back(screen: Screen) -> None:
    screen.press("j", "j", "enter")
    assert "4211 fold" == screen.text()[0].split("  ")[0].rstrip()
    assert FOLD == screen.control.wanted(80).detail

    assert screen.press("escape")[0].startswith("goq top")
    assert 0 == screen.control.wanted(80).detail
    assert FOLD == screen.control.wanted(200).detail


def test_a_log_is_followed_until_it_is_closed(screen: Screen) -> None:
    screen.press("j", "j", "j", "l")
    assert [14853] == screen.desk.followed
    assert "log of 14853 notebook" == screen.text()[0].rstrip()

    screen.press("escape")
    assert [14853] == screen.desk.ended


def test_the_keys_are_on_a_page_and_capitals_only_where_they_work(screen: Screen) -> None:
    assert any(line.startswith("X ") for line in screen.press("?"))

    assert not any(line.startswith("X ") for line in Screen(may_act=False).press("?"))


def test_a_click_moves_the_cursor_and_two_open(screen: Screen) -> None:
    y = next(
        y
        for y, line in enumerate(screen.text())
        if " fold  " in line and "4211" in line and "failed in" not in line
    )
    screen.control.click(y, NOW, is_double=False)
    assert screen.state.row is not None
    assert FOLD == screen.state.row.id

    screen.control.click(y, NOW, is_double=True)
    assert 1 == len(screen.control.sheets)


def test_a_click_answers_no_question(screen: Screen) -> None:
    screen.text()
    screen.press("X")
    screen.control.click(13, NOW, is_double=True)

    assert screen.state.question is not None
    assert ROWS[0] == screen.state.row


def test_t_shows_tasks_of_arrays_alone(screen: Screen) -> None:
    assert "this is one job; arrays have tasks" in screen.press("end", "t")[-1]

    screen.press("home", "j", "j", "t")
    assert FOLD == screen.state.scope.tasks_of
    assert screen.state.scope.query.by_job


def test_jobs_of_a_list_are_shown_one_by_one_too() -> None:
    """They are no tasks: nothing but their numbers says which they are."""
    rows = (replace(array(20, "list", "ann", NOW, Counts(waiting=3)), array=False),)
    screen = Screen(page=Page(1, rows))
    screen.press("t")

    assert (Jobs(JobId(20), JobId(23)),) == screen.state.scope.query.selector.parts
    assert screen.state.scope.query.by_job
    screen.press("escape")
    assert not screen.state.scope.query.by_job


def test_what_is_for_jobs_does_nothing_to_a_job_that_has_no_cursor(screen: Screen) -> None:
    """While it is at the machines, nobody knows which job would be meant."""
    for key in ("l", "w", "t", "X"):
        assert "tab goes to them" in screen.press("tab", key, "tab", "tab")[-1]
    assert [] == screen.desk.server.told


def test_rows_are_sorted_by_what_people_ask(screen: Screen) -> None:
    screen.press("s", "s")
    assert "name" == screen.state.sort
    names = [row.name for row in screen.state.rows]
    assert sorted(names, key=str) == names

    screen.press("s", "s", "s")
    assert [row.id for row in ROWS] == [row.id for row in screen.state.rows]
