"""The page: machines above, jobs or people below, beside them the row under the cursor where there is room. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from goq.top.details import detail_lines
from goq.top.head import head_line, look_line
from goq.top.jobs import USER_COLUMNS, fields_of, user_fields
from goq.top.keys import footer
from goq.top.machines import ROOM, WIDE_ROOM, machine_lines, machines_words, scale_of
from goq.top.state import Key, State
from goq.views import marks
from goq.views.lines import Ink, Line, Span, cut_line, line, padded
from goq.views.numbers import count
from goq.views.paper import WIDE, Paper
from goq.views.rows import COLUMNS
from goq.views.stat import FIRST_JOB, FIRST_WORKER
from goq.views.tables import laid_out
from goq.views.text import cells, cut

LEAST_WIDTH, LEAST_HEIGHT = 60, 12
PANE_FROM = 140  # cells: from there on there is room for a pane
_PANE, _LEAST_PANE, _GAP = 0.39, 60, 2
_MARKER = 3  # cells before a row: the cursor, and whether it is marked
_BESIDE = 6  # lines that are neither machines nor jobs


class Place(NamedTuple):
    """What a line is about."""

    focus: str
    key: Key


class Page(NamedTuple):
    """The lines from the top, and what they are about."""

    lines: list[Line]
    places: dict[int, Place]


def page_of(state: State, width: int, height: int, paper: Paper) -> Page:
    """The whole screen, but where somebody types."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Page([line(_too_small(width, height))], {})
    paper = paper._replace(width=width, is_terminal=True)
    lines = [
        head_line(state.seen, state.is_frozen, paper),
        look_line(state.seen, state.told, state.server, paper),
    ]
    places: dict[int, Place] = {}
    _machines(state, lines, places, height, paper)
    lines.append(_rule(state, paper))
    room = height - len(lines) - 1
    _below(state, lines, places, room, paper)
    lines += [()] * (height - len(lines) - 1)
    lines.append(foot(state, paper))
    return Page(lines, places)


def has_pane(width: int) -> bool:
    """There is room for it."""
    return width >= PANE_FROM


def pane_cells(width: int) -> int:
    """How wide it is, 0 where there is no room; the list keeps what sentences need, if the pane can do with the rest."""
    if not has_pane(width):
        return 0
    share, rest = round(width * _PANE), width - WIDE - _MARKER - _GAP
    return min(share, rest) if rest >= _LEAST_PANE else share


def _too_small(width: int, height: int) -> str:
    return f"goq top needs {LEAST_WIDTH} columns and {LEAST_HEIGHT} lines; here are {width} and {height}."


def foot(state: State, paper: Paper) -> Line:
    """The last line: what is asked, what was done, or the keys."""
    if state.entry is not None:
        return cut_line(state.entry.line(paper.width), paper.width)
    if state.question is not None:
        return cut_line(line(" ", Span(state.question.text, Ink.LOOK), "  y / n"), paper.width)
    if state.note:
        return cut_line(line(f" {state.note}"), paper.width)
    return footer(state.focus, paper)


# --- machines ------------------------------------------------------------------------------------


def _machines(state: State, lines: list[Line], places: dict[int, Place], height: int, paper: Paper) -> None:
    machines = state.machines
    if not machines:
        waiting = state.seen.cluster.waiting
        jobs = f"; {count(waiting)} job{' waits' if waiting == 1 else 's wait'}" if waiting else ""
        lines.append(
            line(
                Span(f"{marks.NEVER} No machine works here{jobs}.", Ink.LOOK),
                "   ",
                Span(FIRST_WORKER, Ink.DIM),
            )
        )
        return
    is_focus = state.focus == "machines"
    share = (height - _BESIDE) * 2 // 3 if is_focus else (height - _BESIDE) // 3
    room = min(len(machines), max(2, share))
    cursor = state.cursors["machines"]
    cursor.settle([machine.name for machine in machines])
    top = cursor.window(len(machines), room)
    shown = machines[top : top + room]
    most = WIDE_ROOM if has_pane(paper.width) else ROOM
    head, *rows = machine_lines(shown, state.me, paper, scale_of(machines, most))
    lines.append(head)
    for machine, row in zip(shown, rows, strict=True):
        places[len(lines)] = Place("machines", machine.name)
        lines.append(_pointed(row) if is_focus and machine.name == cursor.key else row)
    if len(shown) < len(machines):
        lines[-len(rows) - 1] = cut_line(
            line(head, Span(f"   {_which(top, len(shown), count(len(machines)))}", Ink.DIM)), paper.width
        )


def _pointed(row: Line) -> Line:
    """A machine's line with the cursor: its mark stands one cell further left then."""
    (mark, _), *others = row
    return line(Span(">", Ink.BOLD), mark[1:], tuple(others))


def _which(top: int, shown: int, all_: str) -> str:
    return f"{top + 1}-{top + shown} of {all_}"


def _rule(state: State, paper: Paper) -> Line:
    if state.focus == "people":
        title = "people"
    else:
        order = f", by {state.sort}" if state.sort != "turn" else ""
        waits = "" if _is_answered(state) else " ..."
        title = f"{state.scope.title}{order}{waits}"
    if state.focus == "machines":
        title = f"{machines_words(state.machines)}; {title}"
    marked = f"  {len(state.marks)} marked " if state.marks else ""
    text = cut(f"{marks.RULE * 2} {title} {marked}", paper.width)
    return line(Span(text + marks.RULE * (paper.width - cells(text)), Ink.DIM))


def _is_answered(state: State) -> bool:
    return state.seen.scope.title == state.scope.title


# --- below ---------------------------------------------------------------------------------------


def _below(state: State, lines: list[Line], places: dict[int, Place], room: int, paper: Paper) -> None:
    """The list, and where there is room the pane at its right."""
    pane = pane_cells(paper.width) if state.focus != "people" else 0
    width = paper.width - (pane + _GAP if pane else 0)
    narrow = paper._replace(width=width)
    at = len(lines)
    listed, keys = _people(state, room, narrow) if state.focus == "people" else _jobs(state, room, narrow)
    focus = "people" if state.focus == "people" else "jobs"
    places.update({at + y: Place(focus, key) for y, key in keys.items()})
    row = state.row
    beside: Sequence[Line] = ()
    if pane and row is not None:
        beside = detail_lines(state.seen, row, paper._replace(width=pane), room, may_act=state.may_act)[:room]
    for y in range(room):
        left = listed[y] if y < len(listed) else ()
        right = beside[y] if y < len(beside) else ()
        lines.append(line(padded(left, width + _GAP), right) if right else left)


def _jobs(state: State, room: int, paper: Paper) -> tuple[list[Line], dict[int, Key]]:
    state.height = max(1, room - 1)
    if not state.rows:
        return [_nothing(state)], {}
    cursor = state.cursors["jobs"]
    cursor.settle([row.id for row in state.rows])
    top = cursor.window(len(state.rows), state.height)
    shown = state.rows[top : top + state.height]
    inner = paper._replace(width=paper.width - _MARKER)
    fields = [fields_of(row, state.seen.reasons.get(row.id), state.me, inner) for row in shown]
    head, *rows = laid_out(COLUMNS, fields, inner.width)
    is_focus = state.focus == "jobs"
    lines = [_counted(line(" " * _MARKER, head), state, top, len(shown), paper)]
    for row, drawn in zip(shown, rows, strict=True):
        is_here = is_focus and row.id == cursor.key
        lines.append(line(_marker(is_here=is_here, is_marked=row.id in state.marks), drawn))
    return lines, {1 + y: row.id for y, row in enumerate(shown)}


def _counted(head: Line, state: State, top: int, shown: int, paper: Paper) -> Line:
    """The header, and where there are more rows than room, which are shown."""
    page = state.seen.page
    all_ = len(state.rows) + page.more
    if shown == all_:
        return head
    # Of jobs one by one nobody counts those that are behind the page.
    is_counted = page.following is None or not state.seen.scope.query.by_job
    which = _which(top, shown, count(all_) if is_counted else f"more than {count(len(state.rows))}")
    return cut_line(line(head, Span(f"   {which}", Ink.DIM)), paper.width)


def _nothing(state: State) -> Line:
    if state.scope.is_narrow:
        return line("   None of these.   ", Span("esc: more of them", Ink.DIM))
    if state.seen.cluster.waiting or state.seen.cluster.running:
        return line("   None to show.")
    return line("   Nothing waits, nothing runs.   ", Span(FIRST_JOB, Ink.DIM))


def _people(state: State, room: int, paper: Paper) -> tuple[list[Line], dict[int, Key]]:
    users = state.seen.cluster.users
    if not users:
        return [line("   Nobody has jobs here.")], {}
    cursor = state.cursors["people"]
    cursor.settle([user.owner for user in users])
    top = cursor.window(len(users), room - 1)
    shown = users[top : top + room - 1]
    inner = paper._replace(width=paper.width - _MARKER)
    head, *rows = laid_out(USER_COLUMNS, [user_fields(user, state.me, inner) for user in shown], inner.width)
    lines = [line(" " * _MARKER, head)]
    for user, drawn in zip(shown, rows, strict=True):
        lines.append(line(_marker(is_here=user.owner == cursor.key, is_marked=False), drawn))
    if state.seen.cluster.hidden and len(lines) < room:
        lines.append(line(Span(f"   {count(state.seen.cluster.hidden)} more", Ink.DIM)))
    return lines, {1 + y: user.owner for y, user in enumerate(shown)}


def _marker(*, is_here: bool, is_marked: bool) -> Line:
    return line(Span(">" if is_here else " ", Ink.BOLD), Span("*" if is_marked else " ", Ink.LOOK), " ")
