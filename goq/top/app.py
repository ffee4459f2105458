"""`goq top` on a terminal, by textual: keys and the mouse in, lines out, and threads for what takes a while."""

import asyncio
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.message import Message

from goq.adapters.config import Config
from goq.errors import GoqError
from goq.top.canvas import Canvas
from goq.top.control import Control
from goq.top.opened import follow
from goq.top.seen import Scope, Seen, Told
from goq.top.sheets import Log
from goq.top.source import Source
from goq.top.state import State
from goq.views.paper import Paper

if TYPE_CHECKING:
    from goq.api.client import Client

T = TypeVar("T")
TICK_S = 1.0
WINDOW_S = 1.0  # between two looks whether the terminal is there
SHOWN_IN_S = 1.0  # a page that has ended shows nothing
_WHEEL = 3  # lines


class Came(Message):
    """Something to see, or how the server answers."""

    def __init__(self, what: Seen | Told) -> None:
        super().__init__()
        self.what = what


class Due(Message):
    """Something to be done where the page is, and whether it is done."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.then = then
        self.done = threading.Event()


class Top(App[None], inherit_bindings=False):
    """The whole of it. `seen` is what there is to see at first; `paper` says what the terminal can show."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen, Canvas { background: ansi_default; color: ansi_default; } Canvas { height: 1fr; width: 1fr; }"

    def __init__(
        self, config: Config, seen: Seen, paper: Paper, *, server: str, may_act: bool = True
    ) -> None:
        super().__init__(ansi_color=True)
        self.state = State(seen, seen.scope.owner, server, may_act)
        self.control = Control(self.state, paper, self)
        self.canvas = Canvas(has_color=paper.has_color, is_ascii=paper.is_ascii)
        self._source = Source(config, seen.scope, self._tell)
        self._asked: Scope = seen.scope

    # --- from start to end ---------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """One thing fills the screen."""
        yield self.canvas

    def on_mount(self) -> None:
        """Begin."""
        self.set_interval(TICK_S, self.draw)
        self.set_interval(WINDOW_S, self._see_window)
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, self.exit
        )  # the terminal is as it was then
        self._source.begin(self.state.seen.page.seq)

    def _see_window(self) -> None:
        """Nobody looks any more: the window has gone, and SIGHUP, which says so, may be ignored (nohup)."""
        poll = select.poll()
        poll.register(0, 0)
        if poll.poll(0):
            self.exit()

    def on_unmount(self) -> None:
        """All questions end."""
        self.control.close()
        self._source.end()

    def _tell(self, what: Seen | Told) -> None:
        self.post_message(Came(what))

    def on_came(self, message: Came) -> None:
        """Show what came."""
        if isinstance(message.what, Told):
            self.state.told = message.what
        else:
            self.state.take(message.what, time.time_ns())
            self.draw()

    def draw(self) -> None:
        """The screen as it is now; and ask for what else is to be seen."""
        self.canvas.show(self.control.lines(self.size.width, self.size.height, time.time_ns()))
        wanted = self.control.wanted(self.size.width)
        if wanted != self._asked:
            self._asked = self.state.scope = wanted
            self._source.want(wanted)

    # --- keys and the mouse --------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """A key."""
        event.stop()
        is_printable = event.character is not None and event.character.isprintable()
        self.control.press(event.character if event.character and is_printable else event.key, time.time_ns())
        self.draw()

    def on_paste(self, event: events.Paste) -> None:
        """Text that comes in one piece."""
        self.control.paste(event.text, time.time_ns())
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """The mouse was clicked."""
        self.control.click(event.y, time.time_ns(), is_double=event.chain > 1)
        self.draw()

    def on_mouse_scroll_down(self) -> None:
        """Its wheel was turned."""
        self.control.wheel(_WHEEL, time.time_ns())
        self.draw()

    def on_mouse_scroll_up(self) -> None:
        """The other way."""
        self.control.wheel(-_WHEEL, time.time_ns())
        self.draw()

    def on_resize(self) -> None:
        """There is more room, or less."""
        self.draw()

    # --- hands ---------------------------------------------------------------------------------

    def ask(self, question: "Callable[[Client], T]", then: Callable[[T], object]) -> None:
        """In a thread; what the server refuses is said below the page."""

        def work() -> None:
            try:
                found = question(self._source.client)
            except GoqError as error:
                said = str(error)
                self.post_message(Due(lambda: self.state.say(said, time.time_ns())))
            else:
                self.post_message(Due(lambda: then(found)))

        self.run_worker(work, thread=True)

    def follow(self, job: int, log: Log) -> Callable[[], None]:
        """In a thread, which reads on when what it read is shown."""

        def tell(then: Callable[[], object]) -> None:
            due = Due(then)
            if self.post_message(due):
                due.done.wait(SHOWN_IN_S)

        return follow(
            self._source.client,
            job,
            lambda text: tell(lambda: log.add(text)),
            lambda text: tell(lambda: log.say(text)),
        )

    def on_due(self, message: Due) -> None:
        """Do what is due, and show what came of it."""
        message.then()
        self.draw()
        message.done.set()

    def look(self) -> None:
        """At once."""
        self._source.want(self._asked)

    def leave(self) -> None:
        """It is over."""
        self.exit()
