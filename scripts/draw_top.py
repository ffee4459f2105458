"""Draws the picture of `goq top` in the README: docs/top.svg, of the afternoon that its tests have.

.venv/bin/python scripts/draw_top.py
"""

import asyncio
import re
import sys
from pathlib import Path

from textual.app import App, ComposeResult

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from top.afternoon import FAILURES, FOLD, PAPER, state  # noqa: E402

from goq.top.canvas import Canvas  # noqa: E402 - the path to the tests comes first
from goq.top.page import page_of  # noqa: E402
from goq.top.seen import Scope  # noqa: E402

SIZE = (160, 24)


class Picture(App[None]):
    """A page that stands still."""

    CSS = "Screen, Canvas { background: ansi_default; color: ansi_default; }"

    def __init__(self) -> None:
        super().__init__(ansi_color=True)
        self._canvas = Canvas(has_color=True, is_ascii=False)

    def compose(self) -> ComposeResult:
        """One thing fills the screen."""
        yield self._canvas

    def on_mount(self) -> None:
        """Draw it."""
        shown = state(failures=FAILURES, scope=Scope("ann", detail=FOLD))
        shown.move(2)
        self._canvas.show(page_of(shown, *SIZE, PAPER).lines)


async def drawn() -> str:
    """The picture."""
    app = Picture()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        shown = app.export_screenshot(title="goq top")
    # Nothing is fetched from elsewhere: whoever looks has a font of his own.
    shown = re.sub(r"<!--.*?-->|@font-face \{.*?\}", "", shown, flags=re.DOTALL).replace("Fira Code, ", "")
    return "\n".join(line.rstrip() for line in shown.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "top.svg").write_text(asyncio.run(drawn()), encoding="utf-8")
