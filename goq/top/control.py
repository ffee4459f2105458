"""What keys and the mouse mean: on the page, on what fills the screen, in a line that is typed, at a question.

What takes a while is given to hands that do it elsewhere, and say here what came of it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec.structs import replace

from goq.core.values.selectors import BadSelector, Selector, selector_of
from goq.core.values.shown import Row, SubmissionRow
from goq.top import opened
from goq.top.deeds import Question, deed, drain
from goq.top.details import detail_lines
from goq.top.entry import Entry
from goq.top.head import away_words
from goq.top.keys import help_lines
from goq.top.page import Page, Place, has_pane, page_of
from goq.top.seen import Scope, is_away
from goq.top.sheets import Log, Sheet
from goq.top.state import State
from goq.views.lines import Line
from goq.views.paper import Paper

if TYPE_CHECKING:
    from goq.api.client import Client

T = TypeVar("T")
_FAR = 1 << 30
CAPITALS = "XHPRUD"


class Hands(Protocol):
    """Who does what takes a while."""

    def ask(self, question: "Callable[[Client], T]", then: Callable[[T], object]) -> None:
        """Ask that elsewhere, and then do that here; what goes wrong is said."""

    def follow(self, job: int, log: Log) -> Callable[[], None]:
        """Have the log follow what the job writes; what ends that."""

    def look(self) -> None:
        """Look at once."""

    def leave(self) -> None:
        """It is over."""


class Control:
    """Everything but the terminal and the threads. `paper` says what the terminal can show."""

    def __init__(self, state: State, paper: Paper, hands: Hands) -> None:
        self.state = state
        self.sheets: list[Sheet] = []
        self._paper, self._hands = paper, hands
        self._places: Mapping[int, Place] = {}
        self._end_log: Callable[[], None] = lambda: None
        self._now_ns = 0

    def lines(self, width: int, height: int, now_ns: int) -> list[Line]:
        """The screen as it is now."""
        self._now_ns = now_ns
        state, paper = self.state, self._paper._replace(now_ns=now_ns)
        state.refresh(now_ns)
        page = page_of(state, width, height, paper)
        if self.sheets and page.places is not None and len(page.lines) > 1:
            sheet = self.sheets[-1].page(width, height, state.note, paper)
            page = Page([*sheet[:-1], state.entry.line(width)] if state.entry else sheet, {})
        self._places = page.places
        return page.lines

    def wanted(self, width: int) -> Scope:
        """What is to be seen, with the row that is looked at more closely."""
        row = self.state.row
        looks = has_pane(width) or any(sheet.is_live for sheet in self.sheets)
        return replace(self.state.scope, detail=row.id if row is not None and looks else 0)

    def close(self) -> None:
        """Nothing is followed any more."""
        self._end_log()

    # --- keys and the mouse --------------------------------------------------------------------

    def press(self, key: str, now_ns: int) -> None:
        """What a key does; a printable one by itself, others by their names, as `up`."""
        self._now_ns = self.state.used_ns = now_ns
        if key == "ctrl+c":
            self._hands.leave()
        elif self.state.entry is not None:
            self._press_in_entry(key, self.state.entry)
        elif self.state.question is not None:
            self._answer(key, self.state.question)
        elif self.sheets:
            self._press_on_sheet(key, self.sheets[-1])
        else:
            self._press_on_page(key)

    def paste(self, text: str, now_ns: int) -> None:
        """Text comes in one piece: into the line that is typed, else nowhere."""
        self._now_ns = self.state.used_ns = now_ns
        if self.state.entry is not None:
            self.state.entry.type(text)

    def click(self, y: int, now_ns: int, *, is_double: bool) -> None:
        """The cursor goes where the mouse is; a second click opens."""
        place = self._places.get(y)
        if place is None or self.state.entry or self.state.question:
            return
        self._now_ns = self.state.used_ns = now_ns
        self.state.point(*place)
        if is_double:
            self.open()

    def wheel(self, by: int, now_ns: int) -> None:
        """So many lines further."""
        self.state.used_ns = now_ns
        if self.sheets:
            self.sheets[-1].scroll(by)
        elif not self.state.question:
            self.state.move(by)

    def _press_in_entry(self, key: str, entry: Entry) -> None:
        if key == "escape":
            self.state.entry = None
        elif key == "enter":
            self.state.entry = None
            entry.then(entry.text.strip())
        else:
            entry.press(key)

    def _answer(self, key: str, question: Question) -> None:
        self.state.question = None
        if key == "y":
            self._do(question, "")
        else:
            self._say("nothing was done")

    def _press_on_page(self, key: str) -> None:
        by = _steps(key, self.state.height)
        if by is not None:
            self.state.move(by)
        elif len(key) == 1 and key in CAPITALS:
            self._act(key)
        elif key in _KEYS:
            _KEYS[key](self)

    def _press_on_sheet(self, key: str, sheet: Sheet) -> None:
        by = _steps(key, sheet.height)
        if by is not None:
            sheet.scroll(by)
        elif key in ("escape", "left", "q"):
            self._close_sheet()
        elif key == "G":
            sheet.end()
        elif isinstance(sheet, Log):
            if key == "/":
                self._enter("search: ", "", self._search)
            elif key == "n":
                self._search(sheet.sought)
        elif key in ("l", "w", "t"):
            self._close_sheet()
            _KEYS[key](self)

    # --- what opens ----------------------------------------------------------------------------

    def open(self) -> None:
        """The row under the cursor."""
        state = self.state
        row = None if state.open_place() else state.row
        if row is None:
            return

        def lines(paper: Paper, height: int) -> list[Line]:
            now = next((each for each in state.rows if each.id == row.id), row)
            return detail_lines(state.seen, now, paper, height, may_act=state.may_act)

        self.sheets.append(Sheet(_called(row), lines, is_live=True))

    def leave(self) -> None:
        """It is over."""
        self._hands.leave()

    def help(self) -> None:
        """All keys."""

        def lines(paper: Paper, _height: int) -> list[Line]:
            return help_lines(paper, may_act=self.state.may_act)

        self.sheets.append(Sheet("keys", lines))

    def _row(self) -> Row | None:
        """The job, or the submission, under the cursor."""
        if self.state.focus != "jobs":
            self._say("that is for jobs; tab goes to them")
            return None
        return self.state.row

    def why(self) -> None:
        """Why the row under the cursor waits, or how it failed."""
        row = self._row()
        if row is not None:
            self._hands.ask(
                lambda client: opened.why_of(client, row),
                lambda lines: self.sheets.append(Sheet(f"why {_called(row)}", lines)),
            )

    def log(self) -> None:
        """What it writes."""
        row = self._row()
        if row is not None:
            self._hands.ask(lambda client: opened.log_job(client, row), self._open_log)

    def _open_log(self, found: tuple[int, str]) -> None:
        job, title = found
        log = Log(title)
        self.sheets.append(log)
        self._end_log()
        self._end_log = self._hands.follow(job, log)

    def _close_sheet(self) -> None:
        if isinstance(self.sheets.pop(), Log):
            self._end_log()

    def _search(self, word: str) -> None:
        sheet = self.sheets[-1] if self.sheets else None
        if isinstance(sheet, Log) and word and not sheet.search(word):
            self._say(f"'{word}' is in no line that is here")

    # --- what narrows --------------------------------------------------------------------------

    def filter(self) -> None:
        """Only those that a selector means."""
        self._enter("filter: ", self.state.scope.words, self._filtered)

    def _filtered(self, words: str) -> None:
        try:
            selector = selector_of(words.split()) if words else Selector()
        except BadSelector as error:
            self._say(str(error))
        else:
            self.state.filter(" ".join(words.split()), selector)

    def tasks(self) -> None:
        """Those of the array under the cursor."""
        if self._row() is not None and (said := self.state.tasks()):
            self._say(said)

    # --- what is changed -----------------------------------------------------------------------

    def _act(self, key: str) -> None:
        state = self.state
        if not state.may_act:
            self._say("nothing can be changed here: this is goq top --view")
            return
        if is_away(state.told, self._now_ns):
            paper = self._paper._replace(now_ns=self._now_ns)
            self._say(f"nothing was asked: {away_words(state.seen, state.told, state.server, paper)[2:]}")
            return
        question = self._question(key)
        if isinstance(question, str):
            self._say(question)
        elif question.entry is None:
            state.question = question
        else:
            self._enter(question.text, question.entry, lambda said: self._do(question, said))

    def _question(self, key: str) -> Question | str:
        state = self.state
        if key == "D":
            machine = state.machine if state.focus == "machines" else None
            if machine is None:
                return "D drains the machine under the cursor; tab goes to the machines"
            return drain(machine.name, is_drained=machine.is_out)
        if state.focus != "jobs":
            return "that is for jobs; tab goes to them"
        return deed(key, state.chosen)

    def _do(self, question: Question, said: str) -> None:
        self.state.marks.clear()
        self._say("...")
        self._hands.ask(lambda client: question.do(client, said), self._done)

    def _done(self, said: str) -> None:
        self._say(said)
        self._hands.look()

    def _enter(self, asked: str, begin: str, then: Callable[[str], None]) -> None:
        self.state.entry = Entry(asked, then, begin, len(begin))

    def _say(self, said: str) -> None:
        self.state.say(said, self._now_ns)


def _steps(key: str, page: int) -> int | None:
    """How many rows a key goes on; None for another."""
    by_one, by_page = {"up": -1, "k": -1, "down": 1, "j": 1}, {"pageup": -page, "pagedown": page}
    return (by_one | by_page | {"home": -_FAR, "g": -_FAR, "end": _FAR}).get(key)


_KEYS: Mapping[str, Callable[[Control], object]] = {
    "enter": Control.open,
    "right": Control.open,
    "?": Control.help,
    "w": Control.why,
    "l": Control.log,
    "t": Control.tasks,
    "/": Control.filter,
    "o": lambda control: control.state.only_mine(),
    "f": lambda control: control.state.only_failed(),
    "s": lambda control: control.state.next_sort(),
    "z": lambda control: control.state.freeze(control.state.used_ns),
    " ": lambda control: control.state.mark(),
    "tab": lambda control: control.state.turn(),
    "escape": lambda control: control.state.widen(),
    "left": lambda control: control.state.widen(),
    "q": Control.leave,
}


def _called(row: Row) -> str:
    shown = str(row.id) if isinstance(row, SubmissionRow) else row.shown
    return f"{shown} {row.name or ''}".rstrip()
