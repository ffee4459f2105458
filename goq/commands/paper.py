"""What a command writes on: how wide it is, and whether it takes colour and signs. The one place that decides.

`--color`, else GOQ_COLOR, else NO_COLOR, else what stands at the other end; GOQ_ASCII, else the locale.
"""

import os
import shutil
import sys
import time
from typing import TextIO

from goq.adapters.config import flag_of
from goq.adapters.settings import Settings, read_settings
from goq.commands.color import ALWAYS, AUTO, NEVER, WHEN, chosen_color
from goq.errors import BadSetting
from goq.views.paper import Paper

_WIDE_SIGNS = ("zh", "ja", "ko")  # some of the signs take two cells there
_DUMB = "dumb"


def settings_of_paper(said: Settings) -> dict[str, str | bool]:
    """The settings that count here, whatever stands at the other end. Raises BadSetting."""
    return {
        "GOQ_COLOR": _when(said),
        "GOQ_ASCII": flag_of(said, "GOQ_ASCII", default=False),
        "GOQ_HINTS": flag_of(said, "GOQ_HINTS", default=True),
    }


def paper_of(stream: TextIO) -> Paper:
    """What the standard output, or that of errors, is now. Raises BadSetting for settings that make no sense."""
    said, is_terminal = read_settings(), stream.isatty()
    return Paper(
        shutil.get_terminal_size().columns if is_terminal else Paper().width,
        is_terminal,
        has_color=_has_color(_when(said), is_able=is_terminal and not _is_dumb()),
        is_ascii=not _has_signs(stream) or flag_of(said, "GOQ_ASCII", default=False),
        now_ns=time.time_ns(),
        offset=_local,
    )


def standard_output() -> Paper:
    """Of the standard output."""
    return paper_of(sys.stdout)


def can_redraw(paper: Paper) -> bool:
    """What is there may be written over."""
    return paper.is_terminal and not _is_dumb()


def wants_hints(paper: Paper) -> bool:
    """A line on what to type next is welcome. Raises BadSetting."""
    return paper.is_terminal and flag_of(read_settings(), "GOQ_HINTS", default=True)


def _local(at_s: int) -> int:
    """How far the clocks here are ahead of UTC at that moment, in seconds."""
    return time.localtime(at_s).tm_gmtoff


def _is_dumb() -> bool:
    return os.environ.get("TERM", "") == _DUMB


def _when(said: Settings) -> str:
    if chosen := chosen_color():
        return chosen
    name = "GOQ_COLOR"
    when = said.text(name)
    if when and when not in WHEN:
        raise BadSetting(f"{said.label(name)} is {when!r}; it must be {AUTO}, {ALWAYS} or {NEVER}")
    return when or (NEVER if os.environ.get("NO_COLOR") else AUTO)


def _has_color(when: str, *, is_able: bool) -> bool:
    return is_able if when == AUTO else when == ALWAYS


def _has_signs(stream: TextIO) -> bool:
    """The locale is UTF-8, and none in which some signs are wide."""
    locales = [os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if next(filter(None, locales), "") in ("C", "POSIX") or any(
        locale.startswith(_WIDE_SIGNS) for locale in locales
    ):
        return False
    return stream.encoding.lower() in ("utf-8", "utf8")
