"""What limits are called: a kind and a name, a kind alone, or the name of a licence. Pure."""

from goq.core.values.quoted import quoted
from goq.core.values.room import OWN_NAMES
from goq.core.values.terms import is_label

ALL, USER, TAG, ARRAY, NODE = "all", "user:", "tag:", "array:", "node:"
PRIORITY, QUEUED, WEIGHT, KEPT = "priority:", "queued:", "weight:", "kept:"
HEALTH = "health"  # who drains a node that does not find itself well
BLACKHOLE = "blackhole"  # and one that swallows jobs, when that is set
HOLE_LIMIT = 1000
_OF_PEOPLE = (USER, NODE, PRIORITY, QUEUED, WEIGHT, KEPT)
_DIGITS = 16
LONGEST = 300


class BadLimit(ValueError):
    """What is no limit; says why, and shows a right one."""


def check_limit(name: str, amount: int | None) -> None:
    """The name is one of a limit, and that may be so large. Raises BadLimit."""
    kind, colon, what = name.partition(":")
    prefix = f"{kind}{colon}"
    if not colon:
        is_right = name == ALL or (is_label(name) and name not in OWN_NAMES and name != "none")
    elif prefix == ARRAY:
        is_right = what.isascii() and what.isdecimal() and len(what) < _DIGITS and not what.startswith("0")
    elif prefix == TAG:
        is_right = is_label(what)
    else:
        is_right = prefix in _OF_PEOPLE and bool(what) and len(what) <= LONGEST and _is_word(what)
    if not is_right:
        raise BadLimit(
            f"{quoted(name)} is no limit; user:ann, tag:net, array:12, node:n7, all and matlab are"
        )
    if prefix == WEIGHT and amount == 0:
        raise BadLimit(f"{quoted(name)} is a number of shares, 1 at least")
    if name == BLACKHOLE and amount is not None and not 1 <= amount <= HOLE_LIMIT:
        raise BadLimit(f"{quoted(name)} is a number of jobs in a row, 1 to {HOLE_LIMIT}; 20 is right")


def _is_word(text: str) -> bool:
    return text.isprintable() and not any(letter.isspace() for letter in text)
