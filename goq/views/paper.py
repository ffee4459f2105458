"""What a view is drawn on: how wide it is, what it can show, and when it is read.

Pure: the caller asks the terminal, the locale, the environment and the clock.
"""

from typing import NamedTuple

from goq.core.values.moments import Offset

WIDE = 120  # cells; from here on there is room for sentences


def utc(_at_s: int) -> int:
    """The offset of a place whose clocks show UTC."""
    return 0


class Paper(NamedTuple):
    """The default is a pipe. `width` is in cells; it, and colours, count on a terminal only.

    `offset` says how far local clocks are ahead of UTC, in seconds, at seconds since the epoch.
    """

    width: int = 80
    is_terminal: bool = False
    has_color: bool = False
    is_ascii: bool = False
    now_ns: int = 0
    offset: Offset = utc

    @property
    def is_wide(self) -> bool:
        """There is room for whole sentences and long strips."""
        return self.width >= WIDE
