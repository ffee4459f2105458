"""For laws of the queue a planted mistake each, which the law finds with all others switched off.

Most are laws of tests/core/laws.py, and looked for in random histories; those of which a test by itself
speaks are in no other law's way.
"""

from typing import NamedTuple

_HISTORIES = "tests/core/test_laws.py"
_PLACING = "tests/core/test_placement.py"
_STEERING, _TRUST = "tests/core/test_steering.py", "tests/core/test_dispatch_trust.py"
_CHANGES = "tests/core/test_changing.py"


class Sought(NamedTuple):
    """A mistake by its name, and the tests that are to find it."""

    mistake: str
    tests: str = _HISTORIES


LAWS: dict[int, Sought] = {
    1: Sought("a number is given out twice"),
    2: Sought("what ended is altered for ever"),
    3: Sought("a submission stays though all its jobs have ended"),
    4: Sought("what is released is not on record"),
    5: Sought("after a restart everything is free"),
    6: Sought("what is held is ready"),
    7: Sought("who waits for a set is ready"),
    8: Sought("what is open stays shut"),
    9: Sought("a job waits for younger ones"),
    10: Sought("what is taken is free"),
    11: Sought("one job more than the limit runs"),
    12: Sought("nothing is matched after a question"),
    13: Sought("of a lane the youngest goes first"),
    14: Sought("of two owners the oldest job goes first, whatever they have"),
    15: Sought("a higher priority goes last"),
    16: Sought("no room is kept for who is first", f"{_PLACING}::test_nobody_is_passed_over_for_ever"),
    17: Sought("of a lane the second goes first"),
    18: Sought("what waits again is not on record"),
    19: Sought("all attempts have one number"),
    20: Sought("any claim finishes a job"),
    21: Sought("what has ended is cancelled"),
    22: Sought("only what was heard is wanted"),
    23: Sought("of a lane the youngest goes first"),
    24: Sought("what is harmful shares a hand"),
    25: Sought("one retry too many"),
    26: Sought(
        "who has a paused job loses the lease", f"{_STEERING}::test_a_paused_job_is_never_given_up_for_that"
    ),
    27: Sought("a report is answered twice", _TRUST),
    28: Sought("of two kills the first is ordered", _TRUST),
    29: Sought("what has come is given to its place twice", "tests/core/test_worker_conversation.py"),
    30: Sought("a worker that has vanished keeps what it had", "tests/core/test_worker_machine.py"),
    31: Sought("of what is to be held the first is", f"{_CHANGES}::test_a_change_of_many_is_that_of_each"),
    32: Sought(
        "terms that are so already are altered",
        f"{_CHANGES}::test_an_alter_to_the_same_terms_changes_nothing",
    ),
    33: Sought(
        "of what is released the first is ready", f"{_CHANGES}::test_a_hold_that_is_released_leaves_the_order"
    ),
}
