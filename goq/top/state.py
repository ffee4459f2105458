"""What is on the screen, and what keys make of it: cursors, marks, order, what fills the screen. Pure.

Rows keep their places while somebody uses the keys, so that a key never means another row than the eye saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from goq.core.values.selectors import Selector
from goq.core.values.shown import Row, SubmissionRow
from goq.top.deeds import Question
from goq.top.entry import Entry
from goq.top.jobs import SORTS, in_order
from goq.top.keys import NEXT
from goq.top.machines import Machine, machines_of
from goq.top.seen import PAGE, Scope, Seen, Told, kept_in_place

IN_USE_NS = 2 * 10**9  # so long after a key rows keep their places
NOTE_NS = 6 * 10**9  # so long a word about what was done is shown
ROWS_MOST = 1000
Key = int | str
_HEARD = Told()


@dataclass
class Cursor:
    """Where the cursor is: at a row, or when that has gone, where it was. `top` is the first row that is shown."""

    key: Key | None = None
    at: int = 0
    top: int = 0

    def settle(self, keys: Sequence[Key]) -> None:
        """Be at one of these."""
        if self.key in keys:
            self.at = keys.index(self.key)
        elif keys:
            self.at = min(self.at, len(keys) - 1)
            self.key = keys[self.at]

    def move(self, keys: Sequence[Key], by: int) -> None:
        """So many rows further."""
        self.settle(keys)
        if keys:
            self.at = min(max(0, self.at + by), len(keys) - 1)
            self.key = keys[self.at]

    def window(self, many: int, height: int) -> int:
        """The first row that is shown of so many, when there is room for so many, with the cursor among them."""
        low, high = self.at - height + 1, min(self.at, many - height)
        self.top = max(0, min(max(self.top, low), max(high, 0) if high >= low else self.at))
        return self.top


@dataclass
class State:
    """All of it. `server` is what its machine is called; `may_act`: jobs may be steered."""

    seen: Seen
    me: str
    server: str
    may_act: bool = True
    told: Told = _HEARD
    scope: Scope = field(init=False)
    focus: str = "jobs"
    sort: str = "turn"
    is_frozen: bool = False
    marks: set[int] = field(default_factory=set)
    question: Question | None = None
    entry: Entry | None = None
    note: str = ""
    note_ns: int = 0
    used_ns: int = 0  # when a key was pressed last
    height: int = 10  # rows of the list that are on the screen
    cursors: dict[str, Cursor] = field(default_factory=lambda: {name: Cursor() for name in NEXT})

    def __post_init__(self) -> None:
        self.scope = self.seen.scope
        self.rows: list[Row] = []
        self._frozen_out: Seen | None = None
        self._place(now_ns=0)

    # --- what is there -------------------------------------------------------------------------

    @property
    def machines(self) -> list[Machine]:
        """All machines."""
        return machines_of(self.seen.workers)

    @property
    def keys(self) -> list[Key]:
        """What the rows that the cursor moves over are known by."""
        if self.focus == "machines":
            return [machine.name for machine in self.machines]
        if self.focus == "people":
            return [user.owner for user in self.seen.cluster.users]
        return [row.id for row in self.rows]

    @property
    def cursor(self) -> Cursor:
        """The one that moves now."""
        return self.cursors[self.focus]

    @property
    def row(self) -> Row | None:
        """The job, or the submission, under the cursor."""
        cursor = self.cursors["jobs"]
        cursor.settle([row.id for row in self.rows])
        return self.rows[cursor.at] if self.rows else None

    @property
    def machine(self) -> Machine | None:
        """The machine under the cursor."""
        machines, cursor = self.machines, self.cursors["machines"]
        cursor.settle([machine.name for machine in machines])
        return machines[cursor.at] if machines else None

    @property
    def chosen(self) -> list[Row]:
        """What is marked, else what is under the cursor."""
        marked = [row for row in self.rows if row.id in self.marks]
        row = self.row
        return marked or ([row] if row is not None else [])

    # --- what comes ----------------------------------------------------------------------------

    def take(self, seen: Seen, now_ns: int) -> None:
        """Show that from now on; what was asked with another scope comes too late, and what is frozen stays."""
        if replace(seen.scope, detail=0) != replace(self.scope, detail=0):
            return
        if self.is_frozen:
            self._frozen_out = seen
            return
        is_other = replace(seen.scope, detail=0, limit=0) != replace(self.seen.scope, detail=0, limit=0)
        self.seen = seen
        self._place(now_ns, is_other=is_other)

    def _place(self, now_ns: int, *, is_other: bool = False) -> None:
        rows = in_order(self.seen.rows, self.sort)
        if not is_other and now_ns - self.used_ns < IN_USE_NS:
            rows = kept_in_place([row.id for row in self.rows], rows)
        self.rows = rows
        self.marks &= {row.id for row in rows}
        for name, cursor in self.cursors.items():
            if name == "jobs":
                cursor.settle([row.id for row in rows])

    def refresh(self, now_ns: int) -> None:
        """Rows go to their places when nobody has used the keys for a while."""
        if not self.is_frozen and now_ns - self.used_ns >= IN_USE_NS:
            self._place(now_ns)
        if self.note and now_ns - self.note_ns > NOTE_NS:
            self.note = ""

    def say(self, note: str, now_ns: int) -> None:
        """Show a word on what was done, for a while."""
        self.note, self.note_ns = note, now_ns

    # --- what keys do --------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """The cursor, so many rows; near the end of the page more rows are wanted."""
        self.cursor.move(self.keys, by)
        page = self.seen.page
        if self.focus == "jobs" and page.following and self.cursor.at >= len(self.rows) - self.height:
            self.scope = replace(self.scope, limit=min(ROWS_MOST, len(self.rows) + PAGE))

    def point(self, focus: str, key: Key) -> None:
        """The cursor to that row, as a mouse does."""
        self.focus = focus
        self.cursor.key = key
        self.cursor.settle(self.keys)

    def turn(self) -> None:
        """To the machines, to the people, to the jobs."""
        self.focus = NEXT[self.focus]

    def mark(self) -> None:
        """The row under the cursor, or no more; and on to the next."""
        row = self.row
        if self.focus == "jobs" and row is not None:
            self.marks ^= {row.id}
            self.move(1)

    def next_sort(self) -> str:
        """The order after this one."""
        names = list(SORTS)
        self.sort = names[(names.index(self.sort) + 1) % len(names)]
        self.rows = in_order(self.seen.rows, self.sort)
        return self.sort

    def freeze(self, now_ns: int) -> None:
        """What is shown stays, or is as it is now again."""
        self.is_frozen = not self.is_frozen
        if not self.is_frozen and self._frozen_out is not None:
            self.take(self._frozen_out, now_ns)

    def narrow(self, scope: Scope) -> None:
        """Other jobs are wanted."""
        self.scope = replace(scope, limit=PAGE, detail=0)
        self.cursors["jobs"] = Cursor()
        self.marks.clear()
        self.focus = "jobs"
        self.is_frozen = False

    def only_mine(self) -> None:
        """My jobs only, or everybody's."""
        self.narrow(replace(self.scope, user="" if self.scope.user == self.me else self.me))

    def only_failed(self) -> None:
        """What failed only, or all."""
        self.narrow(replace(self.scope, is_failed=not self.scope.is_failed))

    def filter(self, words: str, selector: Selector) -> None:
        """Those that the words name; all without any."""
        self.narrow(replace(self.scope, words=words, selector=selector, tasks_of=0))

    def tasks(self) -> str:
        """Those of the array under the cursor; else why not."""
        row = self.row
        if not isinstance(row, SubmissionRow) or row.job is not None:
            return "this is one job; arrays have tasks"
        end = 0 if row.array else row.id + row.count
        self.narrow(replace(self.scope, tasks_of=row.id, tasks_end=end))
        return ""

    def open_place(self) -> bool:
        """The jobs of the machine or the person under the cursor; False when it is at a job."""
        self.cursor.settle(self.keys)
        key = self.cursor.key
        if self.focus == "jobs" or not self.keys or not isinstance(key, str):
            return False
        if self.focus == "machines":
            self.narrow(replace(self.scope, host=key, tasks_of=0))
        else:
            self.narrow(replace(self.scope, user=key, tasks_of=0))
        return True

    def widen(self) -> bool:
        """One thing less that narrows the list; False when there is none."""
        scope = self.scope
        if self.focus != "jobs":
            self.focus = "jobs"
        elif self.marks:
            self.marks.clear()
        elif scope.tasks_of:
            array = scope.tasks_of
            self.narrow(replace(scope, tasks_of=0, tasks_end=0))
            self.cursors["jobs"].key = array
        elif scope.words:
            self.narrow(replace(scope, words="", selector=Selector()))
        elif scope.host:
            self.narrow(replace(scope, host=""))
        elif scope.user:
            self.narrow(replace(scope, user=""))
        elif scope.is_failed:
            self.narrow(replace(scope, is_failed=False))
        else:
            return False
        return True
