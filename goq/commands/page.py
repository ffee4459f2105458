"""What the standard output of a command is, as the views want it."""

import os
import shutil
import sys
import time

from goq.views.paper import Paper

_WIDE_SIGNS = ("zh", "ja", "ko")  # some of the signs take two cells there


def page() -> Paper:
    """The terminal or the pipe that it goes to, now."""
    is_terminal = sys.stdout.isatty()
    is_dumb = os.environ.get("TERM", "") == "dumb"
    return Paper(
        shutil.get_terminal_size().columns,
        is_terminal,
        is_terminal and not is_dumb and not os.environ.get("NO_COLOR"),
        _is_ascii(),
        time.time_ns(),
        lambda at_s: time.localtime(at_s).tm_gmtoff,
    )


def _is_ascii() -> bool:
    """It may not show our signs, or in two cells."""
    locales = [os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    told = next(filter(None, locales), "")
    is_wide = any(locale.startswith(_WIDE_SIGNS) for locale in locales)
    is_utf8 = sys.stdout.encoding.lower() in ("utf-8", "utf8")
    return told in ("C", "POSIX") or is_wide or not is_utf8 or os.environ.get("GOQ_ASCII") == "1"
